"""Which build of SQLite the ledger runs on: one without the fault by which a checkpoint could lose what was written.

Until 3.51.3 two connections that wrote and checkpointed at the same moment could reset the write-ahead log under each
other (sqlite.org/wal.html, "the WAL-reset bug"); 3.44.6 and 3.50.7 carry the mend back.
"""

from __future__ import annotations

import importlib
import sqlite3
from contextlib import suppress
from types import ModuleType
from typing import Any

from upcross.errors import UpcrossError

Version = tuple[int, int, int]

MENDED: Version = (3, 51, 3)
MENDED_BEFORE: tuple[Version, ...] = ((3, 44, 6), (3, 50, 7))


class UnsoundError(UpcrossError):
    """No build of SQLite at hand can be trusted with the ledger."""


def is_sound(version: Version) -> bool:
    """Whether a version of SQLite keeps what was acknowledged while several connections write."""
    return version >= MENDED or any(version[:2] == mended[:2] and version >= mended for mended in MENDED_BEFORE)


def choose(builds: list[Any]) -> Any:
    """The first sound build; ``UnsoundError`` with the versions found where there is none."""
    for build in builds:
        if is_sound(build.sqlite_version_info):
            return build
    found = ", ".join(build.sqlite_version for build in builds)
    raise UnsoundError(
        f"SQLite {found} can lose what was written while several connections write; expected 3.51.3 or newer"
        " (or 3.50.7, 3.44.6). Install the package pysqlite3, which brings a sound build, or give the ledger a"
        " PostgreSQL database: UPCROSS_DATABASE=postgresql:///upcross"
    )


def builds() -> list[ModuleType]:
    """Python's own SQLite, and that of pysqlite3 where it is installed."""
    found: list[ModuleType] = [sqlite3.dbapi2]
    with suppress(ImportError):  # an optional dependency: `choose` tells what to do where it is needed
        found.append(importlib.import_module("pysqlite3.dbapi2"))
    return found


Database: Any = choose(builds())
