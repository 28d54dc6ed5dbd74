"""One set of published results: facts by part and key in one file that is written once, and then only read.

The file is made beside the others and named by one rename; ``current`` names the newest by another. A reader that has
an older one open reads on in it. Facts are plain values (JSON): amounts as exact decimal text in currency units a
month, null where unknown, days as ISO text.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = "published"
_CURRENT = "current"
_KEPT = 3
"""Publications that are kept: who reads an older one is given time to finish."""
_SCHEMA = "CREATE TABLE fact (part TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (part, key))"

Fact = tuple[str, str, Any]
"""A part, a key within it, and what is published under them."""


class Publication:
    """The published results of one run. ``part`` is what kind of facts; '' is the key of what there is once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._local = threading.local()
        self._whole: dict[tuple[str, str], Any] = {}

    @cached_property
    def about(self) -> dict[str, Any]:
        """Which run it is: as-of day, run, currency, and what else every page says of its data."""
        found: dict[str, Any] = self.get("about") or {}
        return found

    def get(self, part: str, key: str = "") -> Any:
        """What is published under a part and key, made anew at each call; None where there is nothing."""
        row = self._connection().execute("SELECT body FROM fact WHERE part = ? AND key = ?", (part, key)).fetchone()
        return _read(row[0]) if row else None

    def some(self, part: str, keys: Iterable[str]) -> dict[str, Any]:
        """What is published under some keys of a part, by key; keys without anything are left out."""
        wanted, found = list(keys), {}
        for start in range(0, len(wanted), 500):
            here = wanted[start : start + 500]
            marks = ",".join("?" * len(here))
            query = f"SELECT key, body FROM fact WHERE part = ? AND key IN ({marks})"
            found.update({key: _read(body) for key, body in self._connection().execute(query, (part, *here))})
        return found

    def all(self, part: str) -> Iterator[tuple[str, Any]]:
        """Everything of a part, in order of keys."""
        for key, body in self._connection().execute("SELECT key, body FROM fact WHERE part = ? ORDER BY key", (part,)):
            yield key, _read(body)

    def kept(self, part: str, key: str = "") -> Any:
        """The same as ``get``, read once as long as the process lives and shared by all that ask: not to be changed."""
        found = self._whole.get((part, key))
        if (
            found is None and (found := self.get(part, key)) is not None
        ):  # what is not there is not kept: keys are typed
            self._whole[part, key] = found
        return found

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(f"{self.file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
            self._local.connection = found
        return found


_opened: dict[Path, Publication] = {}
_turn = threading.Lock()


def newest(folder: Path) -> Publication | None:
    """The newest publication of a project's own folder (``.upcross``); None where nothing was published."""
    try:
        name = (folder / FOLDER / _CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    file = folder / FOLDER / name
    with _turn:
        found = _opened.get(file.parent)
        if found is None or found.file != file:
            found = _opened[file.parent] = Publication(file)
        return found


def write(folder: Path, name: str, facts: Iterable[Fact]) -> Path:
    """Write a publication and make it the newest: all of it, or nothing. A name that is there already is replaced.

    Older ones but the last few are removed.
    """
    home = folder / FOLDER
    home.mkdir(parents=True, exist_ok=True)
    unfinished = home / f".{name}.{os.getpid()}.tmp"
    unfinished.unlink(missing_ok=True)
    number = 1 + max((_number(old) for old in home.glob("*.sqlite3")), default=0)
    try:
        with closing(sqlite3.connect(unfinished)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute(_SCHEMA)
            connection.executemany("INSERT INTO fact VALUES (?, ?, ?)", ((p, k, _written(b)) for p, k, b in facts))
            connection.commit()
        file = unfinished.rename(home / f"{number:06d}-{name}.sqlite3")
    finally:
        unfinished.unlink(missing_ok=True)
    pointer = home / f".{_CURRENT}.{os.getpid()}.tmp"
    pointer.write_text(file.name, "utf-8")
    pointer.rename(home / _CURRENT)
    for old in sorted(home.glob("*.sqlite3"), key=_number)[:-_KEPT]:
        with suppress(FileNotFoundError):
            old.unlink()
    return file


def _number(file: Path) -> int:
    head = file.name.split("-")[0]
    return int(head) if head.isdigit() else 0


def _written(body: Any) -> bytes:
    return zlib.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def _read(body: bytes) -> Any:
    return json.loads(zlib.decompress(body))
