"""The stored book: Parquet files by load, and a manifest that is swapped in one atomic step."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

import duckdb

from upcross.book.in_place.staying import routed, stay
from upcross.book.manifest import FORMAT, ORIGIN_STEP, Manifest, StoredTable, fingerprint, from_json, to_json
from upcross.contract import TABLES
from upcross.engine.compile import text_literal
from upcross.engine.connections import Connection
from upcross.engine.embedded import open_engine
from upcross.engine.resources import DEFAULT, Resources
from upcross.errors import Issue, LoadError, Place, ProjectError, Severity, issue_code

NOTHING_LOADED = issue_code("nothing-loaded", Severity.ERROR, "The project has no loaded book yet.")
STORE_DAMAGED = issue_code(
    "store-damaged", Severity.ERROR, "The stored book is incomplete, or was written by another version."
)
STORE_BUSY = issue_code("store-busy", Severity.ERROR, "Another load is being published and does not end.")

FILE, LINE = '"upcross:file"', '"upcross:line"'
"""What stored rows carry beside the contract's columns: the number of their file in the manifest, and its line."""

BEFORE = "before"
"""Where a load under way has the files of the load that it follows."""

_UNDER_WAY, _ALIVE = ".loading-", ".alive-"
"""How the folder of a load under way begins, and the file beside it whose lock is held as long as the load lives."""

_LOCK_TRIES = 300
_LOCK_PAUSE = 0.1


class Store:
    """The stored book under one folder (``.upcross/book``)."""

    def __init__(
        self, folder: Path, engine: Callable[[], Connection] | None = None, resources: Resources = DEFAULT
    ) -> None:
        self.folder = folder
        self.resources = resources
        """What whoever computes over the book in this process may take of the machine."""
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
        if not isinstance(facts, dict) or (facts.get("format"), facts.get("contract")) != (FORMAT, fingerprint()):
            raise self._damaged("the book was stored by another version of Upcross")
        try:
            return from_json(facts)
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
        self.require_files(manifest, current)
        connection = open_engine(self.resources)
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
                columns += f", {manifest.place_of(FILE)} * {ORIGIN_STEP} + {LINE} AS source_row"
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
        self.require_files(manifest, current=True)
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

    def require_files(self, manifest: Manifest, current: bool = False) -> None:
        """Raise ``ProjectError`` where a file of a load is gone, as those of all but the last two loads are."""
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
    def loading(self, anew: bool = False) -> Iterator[tuple[str, Path]]:
        """A fresh load id and a folder of its own for it, which is gone afterwards unless it was published.

        Unless all is to be read ``anew``, the folder ``BEFORE`` in it has the files of the current load, whatever is
        published meanwhile. What loads that were killed left behind is removed.
        """
        load_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:6]}"
        folder = self.folder / f"{_UNDER_WAY}{load_id}"
        self.folder.mkdir(parents=True, exist_ok=True)
        alive = None
        try:
            # Whoever cleans up must find no folder whose lock is not taken yet.
            with self._publishing():
                self._remove_leftovers()
                alive = _alive(folder).open("a")
                _lock(alive)
                folder.mkdir()
                if not anew:
                    self._link_current(folder / BEFORE)
            yield load_id, folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if alive is not None:
                alive.close()
                _alive(folder).unlink(missing_ok=True)

    def publish(self, manifest: Manifest, folder: Path) -> None:
        """Make a finished load the current book, in one step; the load that it replaces is kept, older ones go.

        Loads may overlap: they publish one after the other, and the last to publish is the book. Raises
        ``LoadError`` where another one does not let go within half a minute.
        """
        shutil.rmtree(folder / BEFORE, ignore_errors=True)
        for written in [*folder.rglob("*.parquet"), folder]:
            _to_disk(written)
        with self._publishing():
            self._swap(manifest, folder)

    def _swap(self, manifest: Manifest, folder: Path) -> None:
        # Which load came before is a matter of what was published last, not of names: clocks go back.
        previous = self._current_load()
        folder.rename(self.folder / manifest.load_id)
        swap = self.folder / f".manifest-{manifest.load_id}.json"
        with swap.open("w", encoding="utf-8") as file:
            json.dump(to_json(manifest), file, ensure_ascii=False, indent=1)
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
        """Remove what killed loads left behind; the lock of a load that runs is taken."""
        for unfinished in self.folder.glob(".manifest-*.json"):
            unfinished.unlink(missing_ok=True)
        for folder in self.folder.glob(f"{_UNDER_WAY}*"):
            if folder.is_dir() and not _alive(folder).exists():
                shutil.rmtree(folder, ignore_errors=True)
        for lock in self.folder.glob(f"{_ALIVE}*"):
            with suppress(OSError), lock.open("a") as file:
                _lock(file)
                shutil.rmtree(self.folder / (_UNDER_WAY + lock.name.removeprefix(_ALIVE)), ignore_errors=True)
                lock.unlink(missing_ok=True)

    def _link_current(self, folder: Path) -> None:
        """Put the files of the current load into a folder, as links where the disk has them."""
        current = self._current_load()
        if current is None or not (self.folder / current).is_dir():
            return
        for file in (self.folder / current).rglob("*"):
            if file.is_file() and file.suffix in (".parquet", ".json") and not file.name.startswith((".", "checks-")):
                link = folder / file.relative_to(self.folder / current)
                link.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(file, link)
                except OSError:
                    shutil.copyfile(file, link)

    def _damaged(self, message: str, hint: str = "run `upcross load`") -> ProjectError:
        return ProjectError(STORE_DAMAGED.at(Place(str(self._manifest_file)), message, hint=hint))


def _lock(file: IO[str]) -> None:
    """Take the lock of an open file for as long as it is open; ``OSError`` where another process has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _alive(folder: Path) -> Path:
    """The file whose lock tells that the load of a folder lives."""
    return folder.with_name(_ALIVE + folder.name.removeprefix(_UNDER_WAY))


def _to_disk(path: Path) -> None:
    """Have a file or folder stand on the disk before anything refers to it."""
    if sys.platform != "win32":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


__all__ = ["BEFORE", "FILE", "LINE", "ORIGIN_STEP", "Manifest", "Store", "StoredTable", "fingerprint"]
