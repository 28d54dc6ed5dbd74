"""How fast anybody may ask: so many requests a minute, counted for each user and token over all worker processes.

The counts lie in a small file of their own beside the project's state, and not in the ledger: reading must not wait for
whoever writes there, nor write itself. They are worth nothing a minute later, so nothing makes sure that they survive.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LOOK, CHANGE = "look", "change"
A_MINUTE = {LOOK: 600, CHANGE: 120}
"""Requests a minute of those that only look, and of those that change something."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS asked (who TEXT, minute INTEGER, count INTEGER, PRIMARY KEY (who, minute))"
_COUNT = "INSERT INTO asked VALUES (?, ?, 1) ON CONFLICT (who, minute) DO UPDATE SET count = count + 1 RETURNING count"
_open = threading.local()


@dataclass(frozen=True, slots=True)
class Pace:
    """How one caller stands in this minute: requests allowed, those left, and the seconds until it is over."""

    limit: int
    left: int
    seconds: int

    @property
    def is_over(self) -> bool:
        """Whether this request is one too many."""
        return self.left < 0

    def headers(self) -> dict[str, str]:
        """The headers that tell it."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.left, 0)),
            "RateLimit-Reset": str(self.seconds),
        }
        return {**told, "Retry-After": str(self.seconds)} if self.is_over else told


def counted(file: Path, who: str, kind: str, *, limit: int | None = None, now: float | None = None) -> Pace:
    """Count one request of somebody, and say how they stand.

    Where the file cannot be written nobody is held up for it: the counts protect the server, and are no promise.
    """
    moment = time.time() if now is None else now
    allowed = A_MINUTE[kind] if limit is None else limit
    minute = int(moment // 60)
    count = 0
    with suppress(sqlite3.Error, OSError):
        connection = _connection(file)
        [count] = connection.execute(_COUNT, [f"{kind} {who}", minute]).fetchone()
        if count == 1:
            connection.execute("DELETE FROM asked WHERE minute < ?", [minute - 1])
    return Pace(allowed, allowed - count, 60 - int(moment % 60))


def _connection(file: Path) -> sqlite3.Connection:
    known: dict[tuple[int, Path], sqlite3.Connection] = _open.__dict__.setdefault("files", {})
    mine = (os.getpid(), file)
    if mine not in known or not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        connection = sqlite3.connect(file, timeout=1, isolation_level=None)
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute(_SCHEMA)
        known[mine] = connection
    return known[mine]
