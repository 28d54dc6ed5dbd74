"""The stored book: Parquet files by load, and a manifest that is swapped in one atomic step."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import duckdb

from upcross.book.in_place.staying import routed, stay
from upcross.book.typed import JUDGED, NOTHING, Typed
from upcross.contract import TABLES, Coverage
from upcross.engine.compile import text_literal
from upcross.engine.connections import Connection
from upcross.engine.embedded import open_engine
from upcross.errors import Issue, LoadError, Place, ProjectError, Severity, issue_code

NOTHING_LOADED = issue_code("nothing-loaded", Severity.ERROR, "The project has no loaded book yet.")
STORE_DAMAGED = issue_code(
    "store-damaged", Severity.ERROR, "The stored book is incomplete, or was written by another version."
)
STORE_BUSY = issue_code("store-busy", Severity.ERROR, "Another load is being published and does not end.")

_FORMAT = 3
FILE, LINE = '"upcross:file"', '"upcross:line"'
"""What stored rows carry beside the contract's columns: the number of their file in the manifest, and its line."""

ORIGIN_STEP = 1 << 40
"""By what the number of a file is multiplied in ``source_row``; the rest is the line."""
_LEFTOVER_AGE = 24 * 3600
_LOCK_TRIES = 300
_LOCK_PAUSE = 0.1


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
    """The source files, as people are told them, by their numbers in stored rows."""
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

    def newest_day(self) -> date | None:
        """The newest day, up to the day of the load, that any feed reports: the default as-of day.

        ``None`` where no loaded table reports days.
        """
        return self.newest


class Store:
    """The stored book under one folder (``.upcross/book``)."""

    def __init__(self, folder: Path, engine: Callable[[], Connection] | None = None) -> None:
        self.folder = folder
        self._engine = engine
        """Opens the engine in which the book lies, where it does."""

    @property
    def in_engine(self) -> bool:
        """Whether the book lies in a company's engine, and not in files here."""
        return self._engine is not None

    @property
    def _manifest_file(self) -> Path:
        return self.folder / "manifest.json"

    def manifest(self) -> Manifest:
        """The manifest of the last good load; ``ProjectError`` where nothing was loaded or the store is damaged."""
        try:
            facts = json.loads(self._manifest_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ProjectError(NOTHING_LOADED.at(None, "nothing is loaded yet", hint="run `upcross load`")) from None
        except (OSError, ValueError) as error:
            raise self._damaged(f"the manifest cannot be read: {error}") from error
        if not isinstance(facts, dict) or (facts.get("format"), facts.get("contract")) != (_FORMAT, fingerprint()):
            raise self._damaged("the book was stored by another version of Upcross")
        try:
            return _from_json(facts)
        except (KeyError, TypeError, ValueError) as error:
            raise self._damaged(f"the manifest lacks or garbles {error}") from error

    def connect(self, manifest: Manifest | None = None, *, origins: bool = False) -> duckdb.DuckDBPyConnection:
        """An in-memory connection whose schema ``book`` has one view a loaded table.

        It shows the load of the manifest given, whatever was loaded since, else the current one. Each view has all
        contract columns in the contract's order and types; money is in ten-thousandths. Tables that were not loaded
        have no view; what the manifest knows to be typed stands with what is loaded. With ``origins`` each view has
        the column ``source_row`` too, which ``Manifest.source_of`` tells, and loaded rows alone. Raises
        ``ProjectError`` like ``manifest``, or where a file is gone, as those of all loads but the current and the one
        before it are.
        """
        current = manifest is None
        manifest = manifest or self.manifest()
        self._require_files(manifest, current)
        connection = open_engine()
        connection.execute("CREATE SCHEMA book")
        if self._engine is not None:
            # What was typed may have to be forgotten: no answer that it has part in is kept.
            kept = None if manifest.typed else self.folder / manifest.load_id / "answers"
            connection = routed(connection, self._engine, kept)
        self.show(connection, manifest, manifest.tables, origins=origins)
        return connection

    def show(
        self, connection: duckdb.DuckDBPyConnection, manifest: Manifest, names: Iterable[str], *, origins: bool = False
    ) -> None:
        """Show some tables on a connection as ``connect`` does, in place of what it showed of them."""
        for name in names:
            table = manifest.tables[name]
            listed = ", ".join(text_literal(str(self.folder / file)) for file in table.files)
            columns = ", ".join(f'"{name}"' for name in TABLES[table.name].names)
            if origins:
                columns += f", {FILE} * {ORIGIN_STEP} + {LINE} AS source_row"
            shown = f"SELECT {columns} FROM read_parquet([{listed}])" if table.files else ""
            if self._engine is not None:
                stays = stay(connection, name, table.relation, manifest.typed, away=table.away, origins=origins)
                shown = stays or shown
            if manifest.typed.rows.get(table.name) and not origins and not table.away:
                shown = manifest.typed.show(connection, table.name, shown)
            if shown:
                connection.execute(f"CREATE OR REPLACE VIEW book.{table.name} AS {shown}")

    def kept_checks(self, manifest: Manifest, key: str) -> list[Issue] | None:
        """What the checks of a key found in a load, where that is kept; None where it is not.

        Raises ``ProjectError`` where a file of the load is gone, like ``connect``.
        """
        self._require_files(manifest, current=True)
        try:
            return [Issue.from_dict(facts) for facts in json.loads(self._checks_file(manifest, key).read_text("utf-8"))]
        except (OSError, KeyError, TypeError, ValueError):
            return None  # not kept, or not to be read: checking again is always right

    def keep_checks(self, manifest: Manifest, key: str, found: Iterable[Issue]) -> None:
        """Keep what the checks of a key found beside the load; a store that cannot be written is checked each time."""
        file = self._checks_file(manifest, key)
        unfinished = file.with_name(f".{file.name}-{uuid4().hex[:8]}")
        facts = [issue.to_dict() for issue in found]
        with suppress(OSError):
            unfinished.write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
            unfinished.replace(file)

    def _checks_file(self, manifest: Manifest, key: str) -> Path:
        return self.folder / manifest.load_id / f"checks-{key}.json"

    def _require_files(self, manifest: Manifest, current: bool) -> None:
        for table in manifest.tables.values():
            gone = [Path(file).name for file in table.files if not (self.folder / file).is_file()]
            if gone:
                raise self._damaged(
                    f"{', '.join(gone)} of table '{table.name}' is gone",
                    "run `upcross load`"
                    if current
                    else "newer loads replaced it: run `upcross plan` again, or `upcross load`",
                )

    def set_aside_file(self, manifest: Manifest) -> Path:
        """The Parquet file of all cells for which rows were set aside: table, file, row, column, value, expected."""
        return self.folder / manifest.load_id / "set_aside.parquet"

    @contextmanager
    def loading(self) -> Iterator[tuple[str, Path]]:
        """A fresh load id and a folder of its own for it, which is gone afterwards unless it was published."""
        load_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:6]}"
        self._remove_leftovers()
        folder = self.folder / f".loading-{load_id}"
        folder.mkdir(parents=True)
        try:
            yield load_id, folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, manifest: Manifest, folder: Path) -> None:
        """Make a finished load the current book, in one step; the load that it replaces is kept, older ones go.

        Loads may overlap: they publish one after the other, and the last to publish is the book. Raises
        ``LoadError`` where another one does not let go within half a minute.
        """
        with self._publishing():
            self._swap(manifest, folder)

    def _swap(self, manifest: Manifest, folder: Path) -> None:
        # Which load came before is a matter of what was published last, not of names: clocks go back.
        previous = self._current_load()
        folder.rename(self.folder / manifest.load_id)
        swap = self.folder / f".manifest-{manifest.load_id}.json"
        with swap.open("w", encoding="utf-8") as file:
            json.dump(_to_json(manifest), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        swap.replace(self._manifest_file)
        kept = {manifest.load_id, previous}
        for entry in self.folder.iterdir() if previous else ():
            if entry.is_dir() and not entry.name.startswith(".") and entry.name not in kept:
                shutil.rmtree(entry, ignore_errors=True)

    def _current_load(self) -> str | None:
        """The load that the manifest names, even one of another version; None where there is no telling."""
        try:
            load_id = json.loads(self._manifest_file.read_text(encoding="utf-8"))["load_id"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return load_id if isinstance(load_id, str) else None

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        """One load at a time; the system lets go of the lock of a process that dies."""
        with (self.folder / ".lock").open("a") as file:
            for left in range(_LOCK_TRIES, -1, -1):
                try:
                    _lock(file)
                    break
                except OSError as error:
                    if not left:
                        raise LoadError(
                            STORE_BUSY.at(Place(str(self.folder)), "another load is being published; the last good"
                                          " book stays", hint="load again when the other load has ended")
                        ) from error  # fmt: skip
                    time.sleep(_LOCK_PAUSE)
            yield

    def _remove_leftovers(self) -> None:
        # A load that was killed leaves its folder behind; a young one may belong to a load that still runs.
        if self.folder.is_dir():
            for entry in self.folder.glob(".loading-*"):
                if time.time() - entry.stat().st_mtime > _LEFTOVER_AGE:
                    shutil.rmtree(entry, ignore_errors=True)

    def _damaged(self, message: str, hint: str = "run `upcross load`") -> ProjectError:
        return ProjectError(STORE_DAMAGED.at(Place(str(self._manifest_file)), message, hint=hint))


def _only_typed(name: str) -> StoredTable:
    """A table of which nothing is loaded."""
    table = TABLES[name]
    return StoredTable(
        name, (), 0, 0, 0, None, None, table.max_lag_days, table.coverage is Coverage.EVERY_ACCOUNT, False,
        tuple(table.names), (), loaded=False,
    )  # fmt: skip


def _lock(file: IO[str]) -> None:
    """Take the lock of an open file for as long as it is open; ``OSError`` where another process has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def fingerprint() -> str:
    """A short hash of the contract's tables, columns and types: a book stored under another one is not read."""
    shape = [(table.name, [(column.name, column.type.value) for column in table.columns]) for table in TABLES.values()]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16]


def _to_json(manifest: Manifest) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "contract": fingerprint(),
        "load_id": manifest.load_id,
        "loaded_on": manifest.loaded_on.isoformat(),
        "reporting_currency": manifest.reporting_currency,
        "rates_on": _day_text(manifest.rates_on),
        "newest_day": _day_text(manifest.newest),
        "files": list(manifest.files),
        "tables": [
            asdict(table)
            | {"complete_from": _day_text(table.complete_from), "complete_through": _day_text(table.complete_through)}
            for table in manifest.tables.values()
        ],
        "issues": [issue.to_dict() for issue in manifest.issues],
    }


def _from_json(facts: Mapping[str, Any]) -> Manifest:
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
    )


def _day_text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
