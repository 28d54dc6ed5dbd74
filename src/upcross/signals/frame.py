"""One statement per scope: every signal of the scope as a column of one wide relation, inside the engine.

A scope's frame names its rows; each model is joined to it by the scope's keys. A signal that counts events is zero
where its table covers the window and no row is there; where the table does not cover it, a count that is positive is a
lower bound and stands, and none is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from upcross.book.snapshot import BUILT_IN, Missing, Snapshot
from upcross.contract import TABLES
from upcross.engine.compile import compose
from upcross.signals.model import Scope, Signal
from upcross.signals.registry import DESCRIBED, Model, Registry


@dataclass(frozen=True, slots=True)
class Frame:
    """A registry over a snapshot: it compiles scopes and tells why a signal is unknown."""

    registry: Registry
    snapshot: Snapshot

    def statement(self, scope: Scope, models: Iterable[Model] | None = None, held: Collection[str] = ()) -> str:
        """The statement that gives a scope's rows: keys, joining columns, then every signal in order of names.

        With ``models``, of that scope, the signals of these alone, with the same values. Relations that are ``held``
        are tables already.
        """
        models = list(self.registry.of(scope) if models is None else models)
        return self._composed(self._joined(scope, models), _entries(scope, models), held)

    def shared(self) -> dict[str, str]:
        """The models that signals of several scopes are made from, each as a statement over those before it.

        Made once as tables and given to ``statement`` as held, they need not be made again for every scope.
        """
        scopes: dict[str, set[Scope]] = {}
        ordered: dict[str, None] = {}  # each behind all that it reads

        def visit(name: str, scope: Scope) -> None:
            if scope not in scopes.setdefault(name, set()):
                scopes[name].add(scope)
                for inner in self._reads(name):
                    visit(inner, scope)
                ordered.setdefault(name)

        for scope in Scope:
            for name in _entries(scope, self.registry.of(scope)):
                visit(name, scope)
        made: dict[str, str] = {}
        for name in ordered:
            if len(scopes[name]) > 1 and name in self.registry.models:
                made[name] = self._composed(f"SELECT * FROM {name}", [name], made)
        return made

    def _composed(self, sql: str, names: Iterable[str], held: Collection[str]) -> str:
        reads = [name for name in names if name not in held]
        return compose(sql, reads, lambda name: [n for n in self._reads(name) if n not in held], self._relation)

    def model_statement(self, name: str) -> str:
        """One model alone, with all that it reads."""
        return compose(f"SELECT * FROM {name}", [name], self._reads, self._relation)

    def why_unknown(self, signal: Signal) -> list[Missing]:
        """The tables whose absence or age makes a signal unknown for every row; none where only rows are lacking."""
        tables = dict.fromkeys((*signal.needs, *([signal.counts] if signal.counts else [])))
        found = [self.snapshot.missing(table, signal.window if table == signal.counts else None) for table in tables]
        return [missing for missing in found if missing is not None]

    def _joined(self, scope: Scope, models: Iterable[Model]) -> str:
        cells: dict[str, str] = {}
        joins = []
        for model in models:
            alias = f"m_{model.name}"
            on = " AND ".join(f"{alias}.{key} = f.{key}" for key in scope.keys)
            joins.append(f"LEFT JOIN {model.name} AS {alias} ON {on}")
            cells |= {signal.name: self._cell(signal, alias) for signal in model.signals}
        selected = [f"f.{name}" for name in (*scope.keys, *scope.extras)]
        selected += [f"{cell} AS {name}" for name, cell in sorted(cells.items())]
        return "\n".join(
            [f"SELECT\n  {(',' + chr(10) + '  ').join(selected)}", f"FROM {scope.value}_frame AS f", *joins]
        )

    def _cell(self, signal: Signal, alias: str) -> str:
        value = f"CAST({alias}.{signal.name} AS {signal.unit.sql})"
        if not signal.counts:
            return value
        if self.snapshot.missing(signal.counts, signal.window) is None:
            # No row is zero; a model that has a row and leaves the count null does not know it.
            return f"CASE WHEN {alias}.account_id IS NULL THEN 0 ELSE {value} END"
        return f"NULLIF({value}, 0)"

    def _reads(self, name: str) -> Iterable[str]:
        if name == DESCRIBED:
            return [f"{Scope.ACCOUNT.value}_frame", *[m.name for m in self._described_models()]]
        return self.registry.models[name].reads if name in self.registry.models else ()

    def _relation(self, name: str) -> str:
        if name == DESCRIBED:
            return self._joined(Scope.ACCOUNT, self._described_models())
        if name in TABLES or name in BUILT_IN:
            return self.snapshot.relation(name)
        return self.registry.models[name].text(self.snapshot.as_of)

    def _described_models(self) -> list[Model]:
        return [model for model in self.registry.of(Scope.ACCOUNT) if DESCRIBED not in model.reads]


def _entries(scope: Scope, models: Iterable[Model]) -> list[str]:
    """What a scope's statement reads by itself."""
    return [f"{scope.value}_frame", *[model.name for model in models]]


DAY = "as_of"
"""The column that names the day of a kept row, where rows of several days stand together."""


def wide_relation(frame: Frame, scope: Scope, kept: Mapping[Scope, str], *, by_day: bool = False) -> str:
    """A scope's kept rows joined to the coarser rows that they inherit: what plays are judged on.

    ``kept`` names the relation in which each scope's rows are kept. White space takes the subscription signals of its
    anchor. With ``by_day`` the kept rows are of several days, named by ``as_of``, and each inherits from its own day.
    """
    dated = (DAY,) if by_day else ()
    aliases = {scope: "s0", **{coarser: f"s{index}" for index, coarser in enumerate(scope.inherits, 1)}}
    columns = [f"s0.{name}" for name in (*dated, *scope.keys, *(e for e in scope.extras if e != "account_segment"))]
    columns.append(f"{aliases[Scope.ACCOUNT]}.account_segment")
    columns += [f"{aliases[s.scope]}.{name}" for name, s in sorted(frame.registry.visible_in(scope).items())]
    joins = []
    for coarser in scope.inherits:
        alias = aliases[coarser]
        keys = {key: _inherited_key(scope, coarser, key) for key in coarser.keys} | {day: day for day in dated}
        on = " AND ".join(f"{alias}.{key} = s0.{own}" for key, own in keys.items())
        joins.append(f"LEFT JOIN {kept[coarser]} AS {alias} ON {on}")
    return "\n".join([f"SELECT {', '.join(columns)}", f"FROM {kept[scope]} AS s0", *joins])


def _inherited_key(scope: Scope, coarser: Scope, key: str) -> str:
    anchored = scope is Scope.WHITE_SPACE and coarser is Scope.SUBSCRIPTION
    return f"anchor_{key}" if anchored and key != "account_id" else key
