"""What each table covered as known on a past day: what a load on that day would have found, and no later row tells.

A load takes the span of a table from its rows where the mapping does not declare it. Seen from a past day, rows that
came later would say that the feed was fresh on it, and that no row meant zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from upcross.book.store import Manifest, Store, StoredTable
from upcross.contract import TABLES, Coverage, Table
from upcross.engine.compile import text_literal


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


def read_spans(store: Store, manifest: Manifest) -> Spans:
    """The spans of a load's tables; ``ProjectError`` where a file of it is gone, like ``Store.connect``.

    What a stored file tells is kept beside the load, so that each is read once as long as loads take it over. What was
    typed, and what lies in an engine, is asked each time.
    """
    if store.in_engine:
        stored, asked = [], list(manifest.tables)
    else:
        asked = [name for name in manifest.tables if manifest.typed.rows.get(name)]
        stored = [name for name in manifest.tables if name not in asked]
    store.require_files(manifest)
    found = _of_files(store, manifest, stored)
    if asked:
        with closing(store.connect(manifest)) as connection:
            for name in asked:
                found[name] = [row for _, row in _grouped(connection, TABLES[name], f"book.{name}", "''")]
    return Spans(manifest, {name: tuple(found[name]) for name in manifest.tables})


_File = tuple[str, str]
"""A stored file within its load, and by what another of that name, or another reading of it, is told from it."""


def _of_files(store: Store, manifest: Manifest, names: Iterable[str]) -> dict[str, list[_Rows]]:
    """The rows of tables that are files alone: those that are not known yet are read, and kept."""
    files = {name: {file: _mark(store, TABLES[name], file) for file in manifest.tables[name].files} for name in names}
    wanted = {mark for marks in files.values() for mark in marks.values()}
    own = store.folder / manifest.load_id / KEPT
    known = _kept(own)
    if lacking := wanted - known.keys():
        for before in store.folder.glob(f"*/{KEPT}"):
            known |= {mark: rows for mark, rows in _kept(before).items() if mark in lacking}
        _read_lacking(store, manifest, files, known)
        _keep(own, {mark: rows for mark, rows in known.items() if mark in wanted})
    return {name: [row for mark in marks.values() for row in known[mark]] for name, marks in files.items()}


def _mark(store: Store, table: Table, file: str) -> _File:
    stat = (store.folder / file).stat()
    by = f"{version('upcross')} {table.happened_on} {table.known_on} {table.exclusive}"
    return file.partition("/")[2], f"{stat.st_size} {stat.st_mtime_ns} {by}"


def _read_lacking(
    store: Store, manifest: Manifest, files: Mapping[str, Mapping[str, _File]], known: dict[_File, list[_Rows]]
) -> None:
    with closing(store.connect(manifest)) as connection:
        for name, marks in files.items():
            paths = {str(store.folder / file): mark for file, mark in marks.items() if mark not in known}
            known |= {mark: [] for mark in paths.values()}
            if paths:
                listed = ", ".join(text_literal(path) for path in paths)
                relation = f"read_parquet([{listed}], filename='file_read')"
                for path, row in _grouped(connection, TABLES[name], relation, "file_read"):
                    known[paths[path]].append(row)


def _grouped(
    connection: duckdb.DuckDBPyConnection, table: Table, relation: str, file: str
) -> Iterator[tuple[str, _Rows]]:
    known = f"COALESCE({', '.join((*table.known_on, 'NULL'))})"
    happened = first = last = "CAST(NULL AS DATE)"
    if table.happened_on is not None:
        happened = f"{table.happened_on} - 1" if table.exclusive else table.happened_on
        if table.coverage is not Coverage.STATE:
            first, last = ("period_start" if table.exclusive else happened), happened
    where = f"{table.happened_on} IS NOT NULL" if table.happened_on else "TRUE"
    rows = connection.execute(
        f"SELECT file, happened, known, COUNT(*), MIN(first), MAX(last) FROM (SELECT {file} AS file,"
        f" CAST({happened} AS DATE) AS happened, CAST({known} AS DATE) AS known, CAST({first} AS DATE) AS first,"
        f" CAST({last} AS DATE) AS last FROM {relation} WHERE {where}) AS r GROUP BY file, happened, known"
    ).fetchall()
    return ((path, _Rows(*row)) for path, *row in rows)


def _kept(file: Path) -> dict[_File, list[_Rows]]:
    """What is kept of files; nothing where it cannot be read: reading them again is always right."""
    try:
        columns = [column.to_pylist() for column in pq.read_table(file, schema=_KEPT_AS).columns]
    except (OSError, pa.ArrowException):
        return {}
    kept: dict[_File, list[_Rows]] = {}
    for name, mark, happened, known, rows, first, last in zip(*columns, strict=True):
        of_file = kept.setdefault((name, mark), [])
        if rows:
            of_file.append(_Rows(happened, known, rows, first, last))
    return kept


def _keep(file: Path, known: Mapping[_File, list[_Rows]]) -> None:
    nothing = _Rows(None, None, 0, None, None)  # that a file tells nothing is known, too
    lines = [(*mark, *row) for mark, rows in known.items() for row in rows or [nothing]]
    columns = [pa.array(column, field.type) for column, field in zip(zip(*lines, strict=True), _KEPT_AS, strict=True)]
    unfinished = file.with_name(f".{file.stem}-{uuid4().hex[:8]}.parquet")
    with suppress(OSError):  # a store that cannot be written is read each time
        pq.write_table(pa.Table.from_arrays(columns, schema=_KEPT_AS), unfinished)
        unfinished.replace(file)


KEPT = "spans.parquet"
"""The file beside a load's own that keeps what they tell of days."""

_KEPT_AS = pa.schema(
    {"file": pa.string(), "mark": pa.string(), "happened": pa.date32(), "known": pa.date32(), "rows": pa.int64(),
     "first": pa.date32(), "last": pa.date32()}
)  # fmt: skip
