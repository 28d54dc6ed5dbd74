"""The manifest: what one load stored of each table, and what it found, as one small text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from upcross.book.typed import JUDGED, NOTHING, Typed
from upcross.contract import TABLES, Coverage
from upcross.errors import Issue

FORMAT = 3

ORIGIN_STEP = 1 << 40
"""By what the number of a file is multiplied in ``source_row``; the rest is the line."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One loaded table: its files, how many rows it has and lost, and the span that it covers."""

    name: str
    files: tuple[str, ...]
    """Parquet files, relative to the store's folder."""
    rows: int
    set_aside: int
    left_out: int
    complete_from: date | None
    complete_through: date | None
    max_lag_days: int
    every_account: bool
    """Inside the covered span, no row of an account is a true zero."""
    corrected: bool
    """Some key has more than one recorded_at."""
    columns: tuple[str, ...]
    """The contract columns that a source or the catalogue really gives."""
    sources: tuple[str, ...]
    assumed_from: bool = False
    """The span's first day is that of its rows: nobody declared it."""
    assumed_through: bool = False
    """The span's last day is that of its rows: nobody declared it."""
    loaded: bool = True
    """False: nothing is loaded of it, and what it holds was typed by people."""
    relation: str = ""
    """Where the book lies in an engine: the SELECT, in DuckDB's dialect, by which the table is read there."""
    away: bool = False
    """Its rows stay in the engine: it has no files here."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one load stored, and everything that it found wrong."""

    load_id: str
    loaded_on: date
    reporting_currency: str
    rates_on: date | None
    tables: Mapping[str, StoredTable]
    issues: tuple[Issue, ...]
    newest: date | None = None
    files: tuple[str, ...] = ()
    """The source files, as people are told them, in the order in which they count."""
    numbers: tuple[int, ...] = ()
    """The number of each in stored rows; empty: its place among ``files``."""
    typed: Typed = NOTHING
    """What people typed beside what is loaded; no load stores it."""

    def without_typed(self) -> Manifest:
        """The load alone."""
        tables = {
            name: replace(table, rows=table.rows - len(self.typed.rows.get(name, ())))
            for name, table in self.tables.items()
            if table.loaded
        }
        return replace(self, tables=tables, typed=NOTHING)

    def with_typed(self, typed: Typed) -> Manifest:
        """The same load with what people typed. It tells of no time: the spans that tables cover stay as they are."""
        tables = dict(self.tables)
        for name, rows in typed.rows.items():
            table = tables.get(name) or _only_typed(name)
            if rows:
                tables[name] = replace(
                    table, rows=table.rows + len(rows), corrected=table.corrected or (name in JUDGED and table.loaded)
                )
        return replace(self, tables=tables, typed=typed)

    def source_of(self, source_row: int) -> str:
        """Where a stored row came from, as file:line."""
        number, line = divmod(source_row, ORIGIN_STEP)
        return f"{self.files[number]}:{line}"

    def place_of(self, number: str) -> str:
        """SQL of a file's place among ``files`` from that of its number in stored rows."""
        if not self.numbers:
            return number
        places = dict(zip(self.numbers, range(len(self.numbers)), strict=True))
        listed = ", ".join(str(places.get(known, -1)) for known in range(max(self.numbers) + 1))
        return f"CAST(list_extract([{listed}], {number} + 1) AS BIGINT)"

    def newest_day(self) -> date | None:
        """The newest day, up to the day of the load, that any feed reports: the default as-of day.

        ``None`` where no loaded table reports days.
        """
        return self.newest


def _only_typed(name: str) -> StoredTable:
    """A table of which nothing is loaded."""
    table = TABLES[name]
    return StoredTable(
        name, (), 0, 0, 0, None, None, table.max_lag_days, table.coverage is Coverage.EVERY_ACCOUNT, False,
        tuple(table.names), (), loaded=False,
    )  # fmt: skip


def fingerprint() -> str:
    """A short hash of the contract's tables, columns and types: a book stored under another one is not read."""
    shape = [(table.name, [(column.name, column.type.value) for column in table.columns]) for table in TABLES.values()]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16]


def to_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as plain values."""
    return {
        "format": FORMAT,
        "contract": fingerprint(),
        "load_id": manifest.load_id,
        "loaded_on": manifest.loaded_on.isoformat(),
        "reporting_currency": manifest.reporting_currency,
        "rates_on": _day_text(manifest.rates_on),
        "newest_day": _day_text(manifest.newest),
        "files": list(manifest.files),
        "numbers": list(manifest.numbers),
        "tables": [
            asdict(table)
            | {"complete_from": _day_text(table.complete_from), "complete_through": _day_text(table.complete_through)}
            for table in manifest.tables.values()
        ],
        "issues": [issue.to_dict() for issue in manifest.issues],
    }


def from_json(facts: Mapping[str, Any]) -> Manifest:
    """The manifest from plain values; ``KeyError``, ``TypeError`` or ``ValueError`` where these are others."""
    tables = [
        StoredTable(
            name=table["name"],
            files=tuple(table["files"]),
            rows=table["rows"],
            set_aside=table["set_aside"],
            left_out=table["left_out"],
            complete_from=_day(table["complete_from"]),
            complete_through=_day(table["complete_through"]),
            max_lag_days=table["max_lag_days"],
            every_account=table["every_account"],
            corrected=table["corrected"],
            columns=tuple(table["columns"]),
            sources=tuple(table["sources"]),
            assumed_from=table["assumed_from"],
            assumed_through=table["assumed_through"],
            relation=table.get("relation", ""),
            away=table.get("away", False),
        )
        for table in facts["tables"]
    ]
    return Manifest(
        load_id=facts["load_id"],
        loaded_on=date.fromisoformat(facts["loaded_on"]),
        reporting_currency=facts["reporting_currency"],
        rates_on=_day(facts["rates_on"]),
        tables={table.name: table for table in tables},
        issues=tuple(Issue.from_dict(fact) for fact in facts["issues"]),
        newest=_day(facts["newest_day"]),
        files=tuple(facts["files"]),
        numbers=tuple(facts.get("numbers", ())),
    )


def _day_text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
