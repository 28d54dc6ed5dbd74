"""What a load remembers of its reading: each source file as it was, and each part of the stored tables.

A part is what is written as one file: a month of a table stored by month, else the whole table. Files of tables whose
stored rows are not theirs alone (the catalogue fills cells of some) are not remembered, so that they are read anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from upcross.book.mapping import TableMapping
from upcross.book.source import SourceFile
from upcross.contract import TABLES
from upcross.errors import Issue

RECORD = "read.json"
ASIDE = "aside.parquet"
LATER = ".later.parquet"
"""How the file ends that keeps a part's rows which gave way to an earlier one of the same key."""

_MOMENT = 2_000_000_000
"""Nanoseconds within which a file can be written again without its times telling."""

_CLOCK = re.compile(
    r"\b(now|today|age|random|setseed|uuid\w*|gen_random_uuid|nextval|currval|setval|transaction_timestamp|txid_current"
    r"|getvariable|in_search_path|getenv|local\w*|current_\w*|get_current_\w*)\b",
    re.IGNORECASE,
)
"""What gives another value on another day, or by chance."""


Facts = tuple[Mapping[str, Any], ...]
"""Issues as ``Issue.to_dict`` gives them."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One source file as one mapping read it."""

    key: str
    number: int
    """What stands in its stored rows."""
    seen: tuple[int, ...]
    """Size, times and inode as they were; empty where these do not tell whether it was written since."""
    hash: str
    """Of its content; empty where it is to be read each time."""
    columns: tuple[str, ...]
    """The columns of the source."""
    wordless: Mapping[str, str]
    mapped: tuple[str, ...]
    """The contract's columns that it gives."""
    rows: int
    left_out: int
    header_issues: Facts
    issues: Facts
    parts: tuple[str, ...]
    """In which parts of its table it has rows."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stored file of a table, and the rows that gave way in it."""

    rows: int
    later: int
    repeats: int
    """How many of the later rows repeat the one that stands in every column."""
    corrected: bool
    first: date | None
    last: date | None
    """The span of its rows up to the day of the load."""
    ahead: bool
    """Whether rows lie beyond that day."""
    issues: Facts = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Its files in the load's folder, in bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a load remembers, by table; ``reader`` is what read it."""

    reader: str
    loaded_on: date
    files: Mapping[str, tuple[ReadFile, ...]]
    """In the order in which they count."""
    parts: Mapping[str, Mapping[str, Part]]

    def to_json(self) -> str:
        """The record as text."""
        return json.dumps(_plain(self), default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    raise TypeError(f"{value!r} has no place in a record")


def read_record(folder: Path) -> Reading | None:
    """What the load in a folder remembers; None where there is no telling, or a file that it tells of is another."""
    try:
        facts = json.loads((folder / RECORD).read_text("utf-8"))
        reading = Reading(
            facts["reader"],
            date.fromisoformat(facts["loaded_on"]),
            {table: tuple(_file(one) for one in files) for table, files in facts["files"].items()},
            {table: {name: _part(one) for name, one in parts.items()} for table, parts in facts["parts"].items()},
        )
        sizes = [size for parts in reading.parts.values() for part in parts.values() for size in part.sizes.items()]
        whole = all((folder / name).stat().st_size == size for name, size in sizes) and (folder / ASIDE).is_file()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return reading if whole else None


def _file(facts: Mapping[str, Any]) -> ReadFile:
    lists = ("seen", "columns", "mapped", "header_issues", "issues", "parts")
    return ReadFile(**{**facts, **{name: tuple(facts[name]) for name in lists}})


def _part(facts: Mapping[str, Any]) -> Part:
    days = {name: date.fromisoformat(facts[name]) if facts[name] else None for name in ("first", "last")}
    return Part(**{**facts, **days, "issues": tuple(facts["issues"])})


def as_facts(issues: Iterable[Issue]) -> Facts:
    """Issues as they are remembered."""
    return tuple(issue.to_dict() for issue in issues)


def as_issues(facts: Facts) -> list[Issue]:
    """Issues as they were told."""
    return [Issue.from_dict(fact) for fact in facts]


def reader(reporting_currency: str) -> str:
    """A hash of all but mapping and file that stored rows are made by: the code, its libraries, the contract."""
    code = [file.read_text("utf-8") for file in sorted(Path(__file__).parent.glob("*.py"))]
    versions = [version("upcross"), duckdb.__version__, pa.__version__]
    return _hash([versions, code, repr(list(TABLES.values())), reporting_currency, time.tzname])


def file_key(mapping: TableMapping, file: SourceFile) -> str:
    """A hash of how a mapping reads a file, and of its name; where the folder lies is no matter."""
    how = mapping.source.model_dump_json(exclude_unset=True, exclude={"file", "coverage"})
    return _hash([mapping.table.name, how, file.shown])


def tells_by_itself(mapping: TableMapping, file: SourceFile) -> bool:
    """Whether the same file gives the same rows on every day: no clock and no chance in the mapping, no query."""
    written = [mapping.source.where, *(column.expr for column in mapping.source.columns.values())]
    return not file.is_warehouse and not any(text and _CLOCK.search(text) for text in written)


def look(path: Path) -> tuple[int, ...]:
    """A file's size, times and inode: alike as long as nobody writes or replaces it."""
    now = path.stat()
    return now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino


def lasting(seen: tuple[int, ...], moment: int) -> tuple[int, ...]:
    """What was seen at a moment; empty where the file was written so shortly before that it can be again unseen."""
    return seen if max(seen[1], seen[2]) < moment - _MOMENT else ()


def content_hash(path: Path) -> str:
    """A hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]
