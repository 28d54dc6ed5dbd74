"""A copy of the ledger while people work, and the ledger back from a copy; both checked entry by entry."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from upcross.errors import UpcrossError, UsageError
from upcross.ledger.place import Place, connect
from upcross.ledger.sqlite.build import Database


class BackupError(UpcrossError):
    """The copy was not made, or is not one that the ledger can come back from; what was there is untouched."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy, or a ledger that came back from one: where, how many entries, and the hash of the last."""

    file: Path
    entries: int
    head: str
    set_aside: Path | None = None
    """Where the ledger that stood there before now is."""


def back_up(place: Place, to: Path) -> Copied:
    """Copy the ledger into a file, as of one moment, while others work; the copy is verified before it counts.

    SQLite's own online copy, or ``pg_dump`` for PostgreSQL. Raises ``UsageError`` where the file exists already, and
    ``BackupError`` where the copy could not be made.
    """
    if to.exists():
        raise UsageError(f"{to} exists already: give another name, so that no backup is overwritten")
    if not to.parent.is_dir():
        raise UsageError(f"there is no folder {to.parent}: make it, or mount what should be there")
    unfinished = to.with_name(f"{to.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        if place.url:
            connect(place)
            _dump(place, unfinished)
            told = _verified_here()
        else:
            _copy_sqlite(place.file, unfinished)
            told = _verified(unfinished)
        unfinished.chmod(0o600)  # as the ledger itself: names, addresses, the hashes of passwords
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(to)
    finally:
        unfinished.unlink(missing_ok=True)
        connect(place, migrated=False)
    return Copied(to, *told)


def restore(place: Place, source: Path, *, replace: bool = False) -> Copied:
    """Make the ledger what a copy holds, once the copy is verified; the one that stood there is set aside, not deleted.

    Raises ``UsageError`` where there is a ledger and ``replace`` was not asked for, or where one is being served;
    ``BackupError`` for a file that is no whole copy.
    """
    if not source.exists():
        raise UsageError(f"there is no file {source}")
    if place.url:
        return _restore_postgres(place, source, replace=replace)
    if place.file.exists():
        if not replace:
            raise UsageError(f"there is a ledger at {place.file} already: say --replace to set it aside")
        _refuse_while_served(place)
    place.file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.file.with_name(f"{place.file.name}.restoring")
    unfinished.unlink(missing_ok=True)
    try:
        _copy_sqlite(source, unfinished)
        told = _verified(unfinished)
        aside = _set_aside(place.file)
        unfinished.rename(place.file)
    finally:
        unfinished.unlink(missing_ok=True)
        connect(place, migrated=False)
    return Copied(place.file, *told, aside)


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with (
            closing(Database.connect(f"file:{source.resolve()}?mode=ro", uri=True)) as old,
            closing(Database.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
            [answer] = new.execute("PRAGMA integrity_check").fetchone()
    except Database.DatabaseError as error:
        raise BackupError(f"{source} cannot be read as a ledger: {error}") from error
    if answer != "ok":
        raise BackupError(f"{source} is damaged: {answer}")


def _verified(file: Path) -> tuple[int, str]:
    """The entries and last hash of a copy; it is looked at as any ledger is."""
    from django.db import connection

    connect(Place(file), migrated=False)
    try:
        return _verified_here()
    finally:
        connection.close()


def _verified_here() -> tuple[int, str]:
    from django.db import DatabaseError

    from upcross.ledger.verifying import verify

    try:
        told = verify()
    except DatabaseError as error:
        raise BackupError(f"the copy is no ledger of this version: {error}") from error
    if told.fault:
        raise BackupError(f"the record is not whole: {told.fault}. Nothing was replaced")
    return told.entries, told.head


def _set_aside(file: Path) -> Path | None:
    if not file.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = file.with_name(f"{file.name}.before-{stamp}")
    for suffix in ("-wal", "-shm", ""):
        part = file.with_name(f"{file.name}{suffix}")
        if part.exists():
            part.rename(aside.with_name(f"{aside.name}{suffix}"))
    return aside


def _refuse_while_served(place: Place) -> None:
    from django.db import connection

    from upcross.ledger.models import Lease

    connect(place, migrated=False)
    try:
        held = Lease.objects.filter(name="worker", until__gt=datetime.now(UTC)).first()
    finally:
        connection.close()
    if held:
        raise UsageError("the ledger is being served: stop `upcross serve` first, then restore")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(f"{name} is not installed: install PostgreSQL's client programs, or use your own backups")
    return found


def _dump(place: Place, to: Path) -> None:
    _run(place, [_program("pg_dump"), "--format=custom", "--no-owner", "--file", str(to), place.without_password])


def _restore_postgres(place: Place, source: Path, *, replace: bool) -> Copied:
    from django.db import connection

    connect(place, migrated=False)
    if connection.introspection.table_names():
        if not replace:
            raise UsageError(f"{place} holds a ledger already: say --replace to drop it, or name an empty database")
        _refuse_while_served(place)
    connection.close()
    clean = ["--clean", "--if-exists"] if replace else []
    _run(place, [_program("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner", *clean,
                 "--dbname", place.without_password, str(source)])  # fmt: skip
    return Copied(source, *_verified_here())


def _run(place: Place, command: list[str]) -> None:
    """A program of PostgreSQL's; the password goes by the environment, where no list of processes shows it."""
    environment = {**os.environ, "PGPASSWORD": place.database()["PASSWORD"]}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}")
