"""What each table covered as known on a past day: what a load on that day would have found, and no later row tells.

A load takes the span of a table from its rows where the mapping does not declare it. Seen from a past day, rows that
came later would say that the feed was fresh on it, and that no row meant zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import duckdb

from upcross.book.store import Manifest, StoredTable
from upcross.contract import TABLES, Coverage, Table


class _Rows(NamedTuple):
    """The rows of a table that became visible alike: of one day, known from one day on."""

    happened_on: date | None
    known_on: date | None
    rows: int
    first: date | None
    last: date | None

    def seen(self, as_of: date, known_at: date) -> bool:
        """Whether a snapshot shows them."""
        return (self.happened_on is None or self.happened_on <= min(as_of, known_at)) and (
            self.known_on is None or self.known_on <= known_at
        )


@dataclass(frozen=True, slots=True)
class Spans:
    """When the rows of every table happened and became known: enough to tell any past day's spans."""

    manifest: Manifest
    by_table: Mapping[str, tuple[_Rows, ...]]

    def on(self, as_of: date, known_at: date) -> Manifest:
        """The manifest with the rows and spans that a load would have found; what is declared stands."""
        seen = {name: [r for r in rows if r.seen(as_of, known_at)] for name, rows in self.by_table.items()}
        # As in a load, what lies beyond its own day says nothing about what a feed covers.
        told = {name: [r for r in rows if r.last and r.last <= self.manifest.loaded_on] for name, rows in seen.items()}
        firsts = {name: min((r.first for r in rows if r.first), default=None) for name, rows in told.items()}
        lasts = {name: max((r.last for r in rows if r.last), default=None) for name, rows in told.items()}
        stored = self.manifest.tables
        oldest = min((day for name, day in firsts.items() if day and stored[name].every_account), default=None)
        newest = max((day for day in lasts.values() if day), default=None)
        tables = {}
        for name, table in stored.items():
            spans = (oldest, newest) if table.every_account else (firsts[name], lasts[name])
            tables[name] = _known(table, sum(r.rows for r in seen[name]), *spans)
        return replace(self.manifest, tables=tables, newest=newest)


def _known(table: StoredTable, rows: int, first: date | None, last: date | None) -> StoredTable:
    return replace(
        table,
        rows=rows,
        complete_from=first if table.assumed_from else table.complete_from,
        complete_through=last if table.assumed_through else table.complete_through,
    )


def read_spans(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> Spans:
    """The spans of a load's tables, from a connection that shows it."""
    return Spans(manifest, {name: tuple(_read(connection, TABLES[name])) for name in manifest.tables})


def _read(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[_Rows]:
    known = f"COALESCE({', '.join((*table.known_on, 'NULL'))})"
    happened = first = last = "CAST(NULL AS DATE)"
    if table.happened_on is not None:
        happened = f"{table.happened_on} - 1" if table.exclusive else table.happened_on
        if table.coverage is not Coverage.STATE:
            first, last = ("period_start" if table.exclusive else happened), happened
    where = f"{table.happened_on} IS NOT NULL" if table.happened_on else "TRUE"
    rows = connection.execute(
        f"SELECT happened, known, COUNT(*), MIN(first), MAX(last) FROM (SELECT CAST({happened} AS DATE) AS happened,"
        f" CAST({known} AS DATE) AS known, CAST({first} AS DATE) AS first, CAST({last} AS DATE) AS last"
        f" FROM book.{table.name} WHERE {where}) AS r GROUP BY happened, known"
    ).fetchall()
    return (_Rows(*row) for row in rows)
