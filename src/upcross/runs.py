"""Runs: the book judged on one day, kept as Parquet, and read back without judging it again.

A run keeps its verdict words under ``.upcross/runs/<as-of>/<key>/``, beside the signals of the day that they were made
from. Its key is a hash of all that it depends on: the load, the models, the plays, gates, scorecard and attestations,
and the two days. The same inputs are the same run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from upcross.book.store import Store
from upcross.book.typed import Typed
from upcross.engine.compile import beneath, text_literal
from upcross.engine.dialects import render
from upcross.engine.embedded import open_engine
from upcross.engine.routed import holds, make_table
from upcross.engine.rows import rows
from upcross.kept_signals import (
    RECORD,
    Progress,
    copy,
    in_memory,
    is_kept,
    keep_signals,
    kept_folder,
    loaded_key,
    making,
    models_key,
    show,
    view_signals,
)
from upcross.plays.attestation import Attestation
from upcross.plays.exemption import Exemption
from upcross.plays.judgement import CompiledJudgement, Judgement, compile_judgement
from upcross.plays.library import Library
from upcross.plays.play import Play
from upcross.plays.verdicts import (
    WORD,
    Bits,
    CompiledVerdicts,
    VerdictStatus,
    compile_verdicts,
    decode,
    kept_open,
)
from upcross.signals.frame import Frame, wide_relation
from upcross.signals.model import Scope


@dataclass(frozen=True)
class Evaluation:
    """All that a run is made from: the framed book, the library, the attestations and the exemptions."""

    frame: Frame
    library: Library
    attestations: tuple[Attestation, ...]
    exemptions: tuple[Exemption, ...] = ()

    @property
    def as_of(self) -> date:
        """The day whose end the run speaks of."""
        return self.frame.snapshot.as_of

    def with_typed(self, typed: Typed) -> Evaluation:
        """The same over a book in which people typed something, in place of what they had typed before."""
        snapshot = self.frame.snapshot
        loaded = snapshot.manifest.without_typed()
        return replace(self, frame=replace(self.frame, snapshot=replace(snapshot, manifest=loaded.with_typed(typed))))

    def key(self) -> str:
        """A hash of everything that the results depend on."""
        facts = {
            "models": models_key(self.frame),
            "as_of": str(self.as_of),
            "known_at": str(self.frame.snapshot.known_at),
            "plays": {play.id: play.version for play in self.library.running},
            "gates": {gate.id: repr(gate.conditions) + repr(sorted(gate.params.items(), key=str)) + repr(gate.holds)
                      for gate in self.library.gates.values()},
            "attestations": [repr(attestation) for attestation in self.attestations],
            "exemptions": [repr(exemption) for exemption in self.exemptions],
        }  # fmt: skip
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]

    def signals_statement(self, scope: Scope) -> str:
        """The statement that gives a scope's signals."""
        return self.frame.statement(scope)

    def verdicts_statement(self, scope: Scope) -> str:
        """The statement that judges a scope's kept signals: keys and verdict words."""
        return beneath("wide", self.wide(scope), render(self._compiled[scope].select))

    def wide(self, scope: Scope) -> str:
        """A scope's kept signals beside those that it inherits."""
        return wide_relation(self.frame, scope, {scope: f"signals_{scope.value}" for scope in Scope})

    def bits(self, scope: Scope) -> Bits:
        """Which play and gate each bit of the scope's words stands for."""
        return self._compiled[scope].bits

    def judgement(self, scope: Scope) -> tuple[CompiledJudgement, str]:
        """The statement that judges rows of the relation ``chosen`` in the open, compiled once, and its text."""
        if scope not in self._judgements:
            compiled = compile_judgement(
                scope, self.library.running, self.attestations, self.as_of, CHOSEN, exemptions=self.exemptions
            )
            self._judgements[scope] = compiled, render(compiled.select)
        return self._judgements[scope]

    @cached_property
    def _judgements(self) -> dict[Scope, tuple[CompiledJudgement, str]]:
        return {}

    @cached_property
    def _compiled(self) -> Mapping[Scope, CompiledVerdicts]:
        running = self.library.running
        return {
            scope: compile_verdicts(scope, running, self.attestations, self.as_of, "wide", exemptions=self.exemptions)
            for scope in Scope
        }


CHOSEN = "chosen"
"""The relation of the rows that are judged in the open."""
JudgedRow = tuple[Mapping[str, Any], tuple[Judgement, ...]]
"""A row of a scope's wide relation, and what plays say of it."""


class Run:
    """One kept run: its signals and verdicts as Arrow tables, and the judgements behind them."""

    def __init__(self, evaluation: Evaluation, folder: Path, store: Store, signals: Path | None = None) -> None:
        self.evaluation = evaluation
        self._signals = signals or kept_folder(evaluation.frame, folder.parent.parent)
        self.folder = folder
        self._store = store
        self._connection: duckdb.DuckDBPyConnection | None = None

    @property
    def as_of(self) -> date:
        """The day whose end the run speaks of."""
        return self.evaluation.as_of

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """What the book's accounts are called, by id, as known on the day; '' where a name is not recorded."""
        return self._names("account_id", "accounts")

    @cached_property
    def products(self) -> Mapping[str, str]:
        """What we sell, by id: its name, or the id where it has none."""
        return {key: name or key for key, name in self._names("product_id", "products").items()}

    def _names(self, key: str, table: str) -> dict[str, str]:
        relation = self.evaluation.frame.snapshot.relation(table)
        with self.book() as book:
            found = book.execute(f"SELECT {key}, name FROM ({relation}) AS t").fetchall()
        return {one: name or "" for one, name in found}

    @contextmanager
    def book(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the stored book that the run was made from, with the kept results as views beside it."""
        with closing(self._store.connect(self.evaluation.frame.snapshot.manifest)) as connection:
            self._view(connection)
            yield connection

    def connect(self) -> duckdb.DuckDBPyConnection:
        """An in-memory connection with ``signals_<scope>`` and ``verdicts_<scope>`` as views of the kept files."""
        if self._connection is None:
            self._connection = open_engine(self._store.resources)
            self._view(self._connection)
        return self._connection

    def _view(self, connection: duckdb.DuckDBPyConnection) -> None:
        view_signals(connection, self._signals)
        for scope in Scope:
            show(connection, f"verdicts_{scope.value}", self.folder)

    def signals(self, scope: Scope | str) -> pa.Table:
        """A scope's signals: one row a key, null where unknown, money in ten-thousandths."""
        return self._arrow(f"SELECT * FROM signals_{Scope(scope).value} ORDER BY ALL")

    def sql(self, scope: Scope | str, dialect: str = "duckdb", *, verdicts: bool = False) -> str:
        """The statement that made a scope's signals, or its verdicts, as text in a dialect."""
        scope = Scope(scope)
        evaluation = self.evaluation
        statement = evaluation.verdicts_statement(scope) if verdicts else evaluation.signals_statement(scope)
        return render(statement, dialect, pretty=True)

    def verdicts(self) -> pa.Table:
        """Every verdict that is not quiet: scope, keys, play, status, and its gates.

        One row a play and row; gates that are false, unknown, attested and exempt are lists of ids.
        """
        found: list[dict[str, Any]] = []
        for scope in Scope:
            bits = self.evaluation.bits(scope)
            table = self._arrow(f"SELECT * FROM verdicts_{scope.value} ORDER BY ALL")
            for row in table.to_pylist():
                keys = {name: row.get(name) for name in Scope.METER.keys}
                found.extend(
                    {"scope": scope.value, **keys, "play": verdict.play_id, "status": verdict.status.value,
                     "gates_false": list(verdict.gates_false), "gates_unknown": list(verdict.gates_unknown),
                     "gates_attested": list(verdict.gates_attested), "gates_exempt": list(verdict.gates_exempt)}
                    for verdict in decode(bits, row)
                )  # fmt: skip
        return pa.Table.from_pylist(found, schema=_VERDICTS)

    def judged(
        self, scope: Scope, where: str, parameters: Sequence[object] = (),
        statuses: Collection[VerdictStatus] = frozenset(VerdictStatus),
    ) -> list[JudgedRow]:  # fmt: skip
        """The rows of a scope's wide relation that meet a condition over verdict words (v), judged by all plays.

        With ``statuses`` only the judgements of those, which is all that a plan reads.
        """
        keys = ", ".join(f"w.{key}" for key in scope.keys)
        on = " AND ".join(f"v.{key} = w.{key}" for key in scope.keys)
        wide = self.evaluation.wide(scope)
        chosen = f"SELECT w.* FROM ({wide}) AS w JOIN verdicts_{scope.value} AS v ON {on} WHERE {where} ORDER BY {keys}"
        return judge(self.connect(), self.evaluation, scope, chosen, parameters, statuses)

    def candidates(self, scope: Scope) -> list[JudgedRow]:
        """The rows on which any play fired or is held, judged by those plays."""
        return self.judged(scope, self._any_word(scope, "fired", "held"), statuses=_OPEN)

    def kept_open(self, scope: Scope, accounts: Collection[str]) -> list[tuple[Mapping[str, Any], frozenset[str]]]:
        """The rows of some accounts, with the plays whose ``keep_open_while`` is not false there."""
        if not accounts:
            return []
        listed = ", ".join(text_literal(account) for account in sorted(accounts))
        found = rows(self.connect(), f"SELECT * FROM verdicts_{scope.value} WHERE account_id IN ({listed})")
        return [(row, kept_open(self.evaluation.bits(scope), row)) for row in found]

    def unknown_at(self, scope: Scope, play: Play) -> list[tuple[str, int, int | None, int | None, int | None]]:
        """Where one play could not be judged: accounts, each with its rows and their potential as far as it is known.

        Floor, expected and ceiling are in ten-thousandths; None where no row has one.
        """
        index = list(self.evaluation.bits(scope).plays).index(play.id)
        sums = [f"CAST(SUM(w.{signal}) AS BIGINT)" for signal in play.potential_signals()] or ["NULL"] * 3
        on = " AND ".join(f"v.{key} = w.{key}" for key in scope.keys)
        return self.connect().execute(
            f"SELECT v.account_id, COUNT(*), {', '.join(sums)} FROM verdicts_{scope.value} AS v"
            f" JOIN ({self.evaluation.wide(scope)}) AS w ON {on}"
            f" WHERE (v.unknown_{index // WORD} & {1 << index % WORD}) <> 0 GROUP BY 1 ORDER BY 1"
        ).fetchall()  # fmt: skip

    def _any_word(self, scope: Scope, *words: str) -> str:
        count = len(self.evaluation.bits(scope).plays)
        numbers = range(0, max(count, 1), WORD)
        return " OR ".join(f"v.{word}_{start // WORD} <> 0" for word in words for start in numbers)

    def _arrow(self, sql: str) -> pa.Table:
        return self.connect().sql(sql).to_arrow_table()


_OPEN = frozenset({VerdictStatus.FIRED, VerdictStatus.HELD})

_VERDICTS = pa.schema(
    [
        *((name, pa.string()) for name in ("scope", *Scope.METER.keys, "play", "status")),
        *((name, pa.list_(pa.string())) for name in ("gates_false", "gates_unknown", "gates_attested", "gates_exempt")),
    ]
)


def evaluate(evaluation: Evaluation, store: Store, runs: Path, progress: Progress | None = None) -> Run:
    """The run of an evaluation: the kept one where there is one, else made now, all of it or nothing.

    Signals that are kept for the day, whatever plays they were judged by, are judged and not made again.
    """
    folder = runs / str(evaluation.as_of) / evaluation.key()
    if not (folder / "run.json").exists() or not is_kept(kept_folder(evaluation.frame, runs)):
        _make(evaluation, store, runs, folder, progress or (lambda *_: None))
    return Run(evaluation, folder, store)


def judge(
    connection: duckdb.DuckDBPyConnection, evaluation: Evaluation, scope: Scope, chosen: str,
    parameters: Sequence[object] = (), statuses: Collection[VerdictStatus] = frozenset(VerdictStatus),
) -> list[JudgedRow]:  # fmt: skip
    """The rows of a SELECT from a scope's wide relation, judged by all plays; only the judgements of some statuses."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {CHOSEN} AS {chosen}", list(parameters))
    found = rows(connection, f"SELECT * FROM {CHOSEN} ORDER BY ALL")
    if not found:
        return []
    compiled, text = evaluation.judgement(scope)
    details = rows(connection, text)
    by_key = {tuple(detail[key] for key in scope.keys): detail for detail in details}
    return [(row, compiled.read(by_key[tuple(row[key] for key in scope.keys)], statuses)) for row in found]


def find_kept(evaluation: Evaluation, store: Store, runs: Path) -> Run | None:
    """The run of an evaluation where it is kept; nothing is computed."""
    folder = runs / str(evaluation.as_of) / evaluation.key()
    kept = (folder / "run.json").exists() and is_kept(kept_folder(evaluation.frame, runs))
    return Run(evaluation, folder, store) if kept else None


def newest_kept(evaluation: Evaluation, store: Store, runs: Path) -> Run | None:
    """The last run kept of an evaluation's load, models and plays, whatever was typed since; nothing is computed."""
    exact = find_kept(evaluation, store, runs)
    if exact is not None:
        return exact
    frame, found = evaluation.frame, list[tuple[float, Path, Path]]()
    bits = [evaluation.bits(scope).to_dict() for scope in Scope]
    for file in (runs / str(evaluation.as_of)).glob("*/run.json"):
        with suppress(OSError, ValueError):  # being removed, or written by hand
            facts, changed_at = json.loads(file.read_text("utf-8")), file.stat().st_mtime
            signals = file.parent.parent / str(facts["signals"])
            of = json.loads((signals / RECORD).read_text("utf-8"))
            same = facts["known_at"] == str(frame.snapshot.known_at) and facts["bits"] == bits
            if same and of.get("loaded") == loaded_key(frame):
                found.append((changed_at, file.parent, signals))
    if not found:
        return None
    _, folder, signals = max(found)
    return Run(evaluation, folder, store, signals)


def _make(evaluation: Evaluation, store: Store, runs: Path, folder: Path, progress: Progress) -> None:
    scopes, frame = list(Scope), evaluation.frame

    def further(told: str, done: int, _: int) -> None:
        progress(told, done, 2 * len(scopes))

    with making(folder) as unfinished, ExitStack() as opened:
        book = opened.enter_context(closing(store.connect(frame.snapshot.manifest))) if store.in_engine else None
        signals = keep_signals(frame, store, runs, further, book)
        if book is not None and holds(book, [f"signals_{scope.value}" for scope in scopes]):
            connection = book
        else:
            connection = opened.enter_context(closing(open_engine(store.resources)))
            view_signals(connection, signals)
        _judge(evaluation, connection, unfinished, progress)
        record = {
            "as_of": str(evaluation.as_of),
            "known_at": str(frame.snapshot.known_at),
            "load": frame.snapshot.manifest.load_id,
            "signals": signals.name,
            "plays": {play.id: play.version for play in evaluation.library.running},
            "bits": [evaluation.bits(scope).to_dict() for scope in scopes],
        }
        (unfinished / "run.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def _judge(evaluation: Evaluation, connection: duckdb.DuckDBPyConnection, folder: Path, progress: Progress) -> None:
    scopes = list(Scope)
    for done, scope in enumerate(scopes, len(scopes)):
        progress(f"verdicts by {scope.value.replace('_', ' ')}", done, 2 * len(scopes))
        name = f"verdicts_{scope.value}"
        with in_memory(name):
            make_table(connection, name, evaluation.verdicts_statement(scope))
            copy(connection, name, folder)
    progress("run kept", 2 * len(scopes), 2 * len(scopes))
