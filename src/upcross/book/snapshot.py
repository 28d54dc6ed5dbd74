"""The book as it was known: the only place where time travel happens.

``Snapshot(as_of, known_at)`` turns every stored table into a relation that shows what had happened by the end of
``as_of`` and had become known by the end of ``known_at``: later rows are cut, the latest correction known wins, and
cells that were not known yet are null. Signal models read these relations and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from upcross.book.store import Manifest, StoredTable
from upcross.contract import TABLES, Coverage, Table
from upcross.engine.compile import text_literal, values_relation
from upcross.periods import days_before, months_until

SCHEMA = "book"
MONTHS_BACK = 36

BUILT_IN: Mapping[str, str] = {
    "months": "Whole months that ended by the as-of day: month_start, month_end (exclusive), months_ago (0 = latest).",
    "feeds": "Days by which each loaded table lies behind the as-of day: table_name, days_behind.",
    "complete_tables": "Tables whose missing rows are zeros in the 125 days to the as-of day: table_name.",
    "constant_rates": "One constant rate per currency into the reporting currency: currency, rate.",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a table cannot tell: it is not there, begins too late, or ended too early."""

    table: str
    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The book as known at one moment."""

    manifest: Manifest
    as_of: date
    known_at: date
    schema: str = SCHEMA

    @property
    def _bound(self) -> date:
        return min(self.as_of, self.known_at)

    def stored(self, table: str) -> StoredTable | None:
        """What is stored of a table; None where it is not loaded or holds no row."""
        stored = self.manifest.tables.get(table)
        return stored if stored is not None and stored.rows else None

    def missing(self, table: str, window: int | None = None) -> Missing | None:
        """Why a table cannot speak for the last ``window`` days, or None where it covers them.

        Without a window only the table's presence and its end matter. A feed may lie behind by its ``max_lag_days``.
        """
        stored = self.manifest.tables.get(table)
        if stored is None:
            return Missing(table, f"no table `{table}` is loaded")
        declared = TABLES[table]
        if not stored.loaded and declared.coverage is not Coverage.STATE:
            return Missing(table, f"no table `{table}` is loaded")
        if declared.coverage is Coverage.STATE or declared.happened_on is None:
            return None if stored.rows else Missing(table, f"`{table}` is empty")
        through, start = stored.complete_through, stored.complete_from
        if through is None or start is None:
            return Missing(table, f"`{table}` is empty and its span is not declared")
        if start > self.as_of:
            return Missing(table, f"`{table}` begins {start}, after {self.as_of}")
        if through < days_before(self.as_of, stored.max_lag_days):
            behind = (self.as_of - through).days
            return Missing(
                table, f"`{table}` ends {through}, {behind} days before {self.as_of} ({stored.max_lag_days} allowed)"
            )
        if window is not None and start > days_before(self.as_of, window - 1):
            return Missing(table, f"`{table}` begins {start}, too late for the {window} days to {self.as_of}")
        return None

    def relation(self, name: str) -> str:
        """A contract table, or a built-in relation, as known at this moment; an absent table is an empty relation."""
        match name:
            case "months":
                return self._months()
            case "feeds":
                return values_relation({"table_name": "VARCHAR", "days_behind": "BIGINT"}, self._behind())
            case "complete_tables":
                complete = [
                    (t,) for t, s in self.manifest.tables.items() if s.every_account and not self.missing(t, 125)
                ]
                return values_relation({"table_name": "VARCHAR"}, sorted(complete))
            case "constant_rates":
                return self._constant_rates()
        table = TABLES[name]
        stored = self.manifest.tables.get(name)
        if stored is None:
            return values_relation({column.name: column.type.sql for column in table.columns}, ())
        cells = ", ".join(self._cell(table, column.name) for column in table.columns)
        query = f"SELECT {cells} FROM {self.schema}.{name} WHERE {' AND '.join(self._visible(table))}"
        return _latest_known(query, table) if stored.corrected else query

    def _behind(self) -> list[tuple[str, int]]:
        """How many days each table's span ends before the as-of day; 0 where it reaches that day."""
        ends = {name: stored.complete_through for name, stored in self.manifest.tables.items()}
        return sorted((name, max((self.as_of - end).days, 0)) for name, end in ends.items() if end is not None)

    def _cell(self, table: Table, name: str) -> str:
        known_from = table.column(name).known_from
        if not known_from:
            return name
        return f"CASE WHEN {known_from} > {_day(self._bound)} THEN NULL ELSE {name} END AS {name}"

    def _visible(self, table: Table) -> list[str]:
        conditions = []
        if table.happened_on is not None:
            last = self._bound + timedelta(days=1 if table.exclusive else 0)
            conditions.append(f"{table.happened_on} <= {_day(last)}")
        known = table.known_on[0] if len(table.known_on) == 1 else f"COALESCE({', '.join(table.known_on)})"
        conditions.append(f"({known} IS NULL OR {known} <= {_day(self.known_at)})")
        return conditions

    def _months(self) -> str:
        months = months_until(self.as_of, MONTHS_BACK)
        rows = [(start, end, len(months) - 1 - index) for index, (start, end) in enumerate(months)]
        return values_relation({"month_start": "DATE", "month_end": "DATE", "months_ago": "BIGINT"}, rows)

    def _constant_rates(self) -> str:
        own = ("", self.manifest.reporting_currency)
        rates = values_relation({"currency": "VARCHAR", "rate": "DECIMAL(18, 8)"}, [(currency, 1) for currency in own])
        if self.stored("exchange_rates") is None:
            return rates
        listed = ", ".join(text_literal(currency) for currency in own)
        return (
            f"{rates}\nUNION ALL\nSELECT currency, rate FROM ("
            "SELECT currency, rate, ROW_NUMBER() OVER (PARTITION BY currency ORDER BY valid_from DESC) AS place"
            f" FROM {self.schema}.exchange_rates"
            f" WHERE valid_from <= {_day(self.manifest.rates_on or self._bound)} AND currency NOT IN ({listed})"
            ") AS dated WHERE place = 1"
        )


def _latest_known(query: str, table: Table) -> str:
    columns = ", ".join(table.names)
    return (
        f"SELECT {columns} FROM (SELECT known.*, ROW_NUMBER() OVER (PARTITION BY {', '.join(table.key)}"
        f" ORDER BY recorded_at DESC NULLS LAST) AS correction FROM ({query}) AS known) AS corrections"
        " WHERE correction = 1"
    )


def _day(day: date) -> str:
    return f"DATE '{day}'"
