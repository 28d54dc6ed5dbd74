"""One statement per scope: every signal of the scope as a column of one wide relation, inside the engine.

A scope's frame names its rows; each model is joined to it by the scope's keys. A signal that counts events is zero
where its table covers the window and no row is there; where the table does not cover it, a count that is positive is a
lower bound and stands, and none is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from upcross.book.snapshot import BUILT_IN, Missing, Snapshot
from upcross.contract import TABLES
from upcross.engine.compile import compose
from upcross.signals.model import Scope, Signal
from upcross.signals.registry import DESCRIBED, Model, Registry

_ALIAS = "f"


@dataclass(frozen=True, slots=True)
class Frame:
    """A registry over a snapshot: it compiles scopes and tells why a signal is unknown."""

    registry: Registry
    snapshot: Snapshot

    def statement(self, scope: Scope) -> exp.Select:
        """The statement that gives a scope's rows: keys, joining columns, then every signal in order of names."""
        return compose(self._joined(scope, self.registry.of(scope)), self._reads, self._relation)

    def columns(self, scope: Scope) -> list[str]:
        """The columns of a scope's rows in order."""
        signals = [signal.name for model in self.registry.of(scope) for signal in model.signals]
        return [*scope.keys, *scope.extras, *sorted(signals)]

    def model_statement(self, name: str) -> exp.Select:
        """One model alone, with all that it reads."""
        query = exp.select("*").from_(name)
        return compose(query, self._reads, self._relation)

    def why_unknown(self, signal: Signal) -> list[Missing]:
        """The tables whose absence or age makes a signal unknown for every row; none where only rows are lacking."""
        tables = dict.fromkeys((*signal.needs, *([signal.counts] if signal.counts else [])))
        found = [self.snapshot.missing(table, signal.window if table == signal.counts else None) for table in tables]
        return [missing for missing in found if missing is not None]

    def _joined(self, scope: Scope, models: Iterable[Model]) -> exp.Select:
        frame = f"{scope.value}_frame"
        query = exp.select(*[exp.column(name, table=_ALIAS) for name in (*scope.keys, *scope.extras)])
        query = query.from_(exp.alias_(exp.to_table(frame), _ALIAS, table=True))
        cells: list[tuple[str, exp.Expression]] = []
        for model in models:
            alias = f"m_{model.name}"
            on = exp.and_(*[exp.column(key, table=alias).eq(exp.column(key, table=_ALIAS)) for key in scope.keys])
            query = query.join(exp.alias_(exp.to_table(model.name), alias, table=True), on=on, join_type="left")
            cells.extend((signal.name, self._cell(signal, alias)) for signal in model.signals)
        return query.select(*[exp.alias_(cell, name) for name, cell in sorted(cells, key=lambda item: item[0])])

    def _cell(self, signal: Signal, alias: str) -> exp.Expression:
        value: exp.Expression = exp.cast(exp.column(signal.name, table=alias), signal.unit.sql)
        if not signal.counts:
            return value
        if self.snapshot.missing(signal.counts, signal.window) is None:
            return exp.Coalesce(this=value, expressions=[exp.cast(exp.Literal.number(0), signal.unit.sql)])
        return exp.Nullif(this=value, expression=exp.Literal.number(0))

    def _reads(self, name: str) -> Iterable[str]:
        if name == DESCRIBED:
            return [f"{Scope.ACCOUNT.value}_frame", *[m.name for m in self._described_models()]]
        return self.registry.models[name].reads if name in self.registry.models else ()

    def _relation(self, name: str) -> exp.Query:
        if name == DESCRIBED:
            return self._joined(Scope.ACCOUNT, self._described_models())
        if name in TABLES or name in BUILT_IN:
            return self.snapshot.relation(name)
        return self.registry.models[name].query(self.snapshot.as_of)

    def _described_models(self) -> list[Model]:
        return [model for model in self.registry.of(Scope.ACCOUNT) if DESCRIBED not in model.reads]


def wide_relation(frame: Frame, scope: Scope, kept: dict[Scope, str]) -> exp.Select:
    """A scope's kept rows joined to the coarser rows that they inherit: what plays are judged on.

    ``kept`` names the relation in which each scope's rows are kept. White space takes the subscription signals of its
    anchor.
    """
    aliases = {scope: "s0", **{coarser: f"s{index}" for index, coarser in enumerate(scope.inherits, 1)}}
    query = exp.select(*[exp.column(name, table="s0") for name in scope.keys])
    query = query.from_(exp.alias_(exp.to_table(kept[scope]), "s0", table=True))
    for coarser in scope.inherits:
        on = [
            exp.column(key, table=aliases[coarser]).eq(exp.column(_inherited_key(scope, coarser, key), table="s0"))
            for key in coarser.keys
        ]
        query = query.join(exp.alias_(exp.to_table(kept[coarser]), aliases[coarser], table=True),
                           on=exp.and_(*on), join_type="left")  # fmt: skip
    query = query.select(exp.column("account_segment", table=aliases[Scope.ACCOUNT]))
    for name, signal in sorted(frame.registry.visible_in(scope).items()):
        query = query.select(exp.column(name, table=aliases[signal.scope]))
    return query


def _inherited_key(scope: Scope, coarser: Scope, key: str) -> str:
    anchored = scope is Scope.WHITE_SPACE and coarser is Scope.SUBSCRIPTION
    return f"anchor_{key}" if anchored and key != "account_id" else key


