"""A book of a few rows, written in the test that needs it: contract types, money in currency units."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from upcross.book.snapshot import Snapshot
from upcross.book.store import Manifest, StoredTable
from upcross.contract import TABLES, Coverage, Type
from upcross.money import quantise
from upcross.signals.frame import Frame
from upcross.signals.model import Scope
from upcross.signals.registry import Registry, build, shipped_models
from upcross.signals.scorecard import Levels, Part, Scorecard, Step, health_model

SCORECARD = Scorecard(
    minimum_confidence="50%",
    levels=Levels(red_below=40, amber_below=60),
    parts=[
        Part(name="adoption", signal="account_adoption", weight=60,
             points=[Step.model_validate({"from": "25%", "points": 50}), Step.model_validate({"from": "50%", "points": 100})]),
        Part(name="escalations", signal="escalations_open", weight=40,
             points=[Step.model_validate({"from": "0", "points": 100}), Step.model_validate({"from": "1", "points": 0})]),
    ],
)  # fmt: skip


def registry(given_within: int | None = None) -> Registry:
    """The shipped models with a small scorecard."""
    plain = build((), shipped_models())
    return build((), (*shipped_models(), health_model(SCORECARD, plain.signals, given_within)))


@dataclass
class SmallBook:
    """Rows by table, and what is declared of each table's span."""

    rows: dict[str, list[dict[str, Any]]]
    spans: dict[str, tuple[date, date]] = field(default_factory=dict)
    lags: dict[str, int] = field(default_factory=dict)
    complete: tuple[str, ...] = ()
    currency: str = "EUR"
    rates_on: date | None = None

    def manifest(self) -> Manifest:
        return Manifest("small", date(2026, 6, 30), self.currency, self.rates_on,
                        {name: self._stored(name) for name in self.rows}, ())  # fmt: skip

    def _stored(self, name: str) -> StoredTable:
        table = TABLES[name]
        start, through = self.spans.get(name, (date(2024, 1, 1), date(2026, 12, 31)))
        return StoredTable(
            name=name, files=(), rows=len(self.rows[name]), set_aside=0, left_out=0, complete_from=start,
            complete_through=through, max_lag_days=self.lags.get(name, table.max_lag_days),
            every_account=table.coverage is Coverage.EVERY_ACCOUNT or name in self.complete,
            corrected=any(row.get("recorded_at") for row in self.rows[name]),
            columns=tuple(table.names), sources=(),
        )  # fmt: skip

    def connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": 1})
        connection.execute("CREATE SCHEMA book")
        for statement in self.statements():
            connection.execute(statement)
        return connection

    def statements(self) -> list[str]:
        """CREATE and INSERT statements that DuckDB and PostgreSQL both take."""
        made = []
        for name, rows in self.rows.items():
            table = TABLES[name]
            cells = ", ".join(f"{c.name} {c.type.sql}" for c in table.columns)
            made.append(f"CREATE TABLE book.{name} ({cells})")
            for row in rows:
                unknown = set(row) - set(table.names)
                assert not unknown, f"{name} has no column {unknown}"
                values = ", ".join(_literal(row.get(c.name, c.default), c.type) for c in table.columns)
                made.append(f"INSERT INTO book.{name} VALUES ({values})")
        return made

    def snapshot(self, as_of: date, known_at: date | None = None) -> Snapshot:
        return Snapshot(self.manifest(), as_of, known_at or as_of)

    def frame(self, as_of: date, known_at: date | None = None) -> Frame:
        given = TABLES["health_scores"].max_lag_days if "health_scores" in self.rows else None
        return Frame(registry(given), self.snapshot(as_of, known_at))

    def signals(self, scope: Scope, as_of: date, known_at: date | None = None) -> list[Row]:
        """The rows of a scope as the book is now, sorted by key; a signal is computed when a test asks for it."""
        asked = Asked(self.frame(as_of, known_at), scope, self.connect())
        return [Row(asked, key) for key in sorted(asked.column(scope.keys[-1]))]

    def every_signal(self, scope: Scope, as_of: date, known_at: date | None = None) -> list[dict[str, Any]]:
        """The rows of a scope with all their signals, which takes a while, sorted by key."""
        sql = self.frame(as_of, known_at).statement(scope)
        table = self.connect().sql(sql).to_arrow_table()
        rows = table.to_pylist()
        return sorted(rows, key=lambda row: tuple(row[key] for key in scope.keys))


@dataclass
class Asked:
    """The statement of one scope, for the signals of those models that tests ask about."""

    frame: Frame
    scope: Scope
    connection: duckdb.DuckDBPyConnection
    columns: dict[str, dict[tuple[Any, ...], Any]] = field(default_factory=dict)

    def column(self, name: str) -> dict[tuple[Any, ...], Any]:
        """Each row's value, by the row's key."""
        if name not in self.columns:
            signal = self.frame.registry.signals.get(name)
            models = [] if signal is None else [self.frame.registry.models[signal.model]]
            assert all(model.scope is self.scope for model in models), f"{name} is no signal of {self.scope}"
            # execute() rather than sql(): a relation would be bound once more than it is run.
            result = self.connection.execute(self.frame.statement(self.scope, models))
            names = [column[0] for column in result.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
            for cell in names:
                self.columns[cell] = {tuple(row[key] for key in self.scope.keys): row[cell] for row in rows}
        return self.columns[name]


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a scope; compared by its signals, never as a whole."""

    asked: Asked
    key: tuple[Any, ...]

    def __getitem__(self, name: str) -> Any:
        return self.asked.column(name)[self.key]


def _literal(value: Any, kind: Type) -> str:
    if value is None:
        return "NULL"
    if kind is Type.MONEY:
        return str(quantise(str(value)))
    if kind is Type.DATE:
        return f"DATE '{value}'"
    if kind is Type.BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind is Type.TEXT:
        return "'" + str(value).replace("'", "''") + "'"
    return str(value)


def month(start: str) -> dict[str, str]:
    """The period of a whole month given as its first day."""
    first = date.fromisoformat(start)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return {"period_start": start, "period_end": str(after)}
