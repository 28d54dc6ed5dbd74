"""What a load takes over from the one before it: files that nobody wrote since, and the rows that they gave."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from upcross.book.files import find_sources
from upcross.book.mapping import TableMapping
from upcross.book.origins import Origin
from upcross.book.reading import (
    Facts,
    Part,
    ReadFile,
    Reading,
    as_facts,
    as_issues,
    content_hash,
    file_key,
    lasting,
    look,
    read_record,
    tells_by_itself,
)
from upcross.book.source import SourceFile, read_header, unreadable
from upcross.errors import Report

_SOURCE_KIND = "a file that may be read"


class Before:
    """The load before, as far as it was made by the same reader; ``folder`` holds its files under their names."""

    def __init__(self, folder: Path, reader: str) -> None:
        self.folder = folder
        found = read_record(folder)
        self.reading: Reading | None = found if found is not None and found.reader == reader else None

    def files(self, table: str) -> tuple[ReadFile, ...]:
        """The remembered files of a table, in the order in which they count."""
        return self.reading.files.get(table, ()) if self.reading else ()

    def parts(self, table: str) -> dict[str, Part]:
        """The remembered parts of a table by their names."""
        return dict(self.reading.parts.get(table, {})) if self.reading else {}


@dataclass(slots=True)
class Source:
    """One file of one mapping, to be read or, where ``before`` tells of it, taken over."""

    mapping: TableMapping
    file: SourceFile
    key: str
    before: ReadFile | None = None
    origins: Sequence[Origin] = ()
    header_issues: Facts = ()
    seen: tuple[int, ...] = ()
    hash: str = ""
    _moment: int = field(default_factory=time.time_ns)

    @property
    def table(self) -> str:
        """The name of the table."""
        return self.mapping.table.name

    def compare(self, before: ReadFile | None) -> None:
        """Tell by the file's times, and by its content where these differ, whether it is as it was before.

        Raises ``OSError`` where it cannot be read.
        """
        if not tells_by_itself(self.mapping, self.file):
            return
        self.seen = look(self.file.path)
        if before is not None and before.hash and before.seen == self.seen:
            self.before, self.hash = before, before.hash
            return
        self.hash = content_hash(self.file.path)
        if before is not None and before.hash == self.hash:
            self.before = before

    def read_as_it_was(self, found: Report) -> ReadFile:
        """What is to be remembered of it once it was read; its number, rows and parts are still to be told."""
        self._settle()
        return ReadFile(
            self.key, -1, self.lasting, self.hash, self.file.columns, self.file.wordless,
            tuple(origin.column.name for origin in self.origins), 0, 0, self.header_issues, as_facts(found), (),
        )  # fmt: skip

    def _settle(self) -> None:
        """Forget how it looked where it was written meanwhile, so that it is read the next time."""
        try:
            unmoved = bool(self.hash) and look(self.file.path) == self.seen
        except OSError:
            unmoved = False
        if not unmoved:
            self.seen, self.hash = (), ""

    @property
    def lasting(self) -> tuple[int, ...]:
        """How it looks as long as nobody writes it; empty where that cannot be told by its looks."""
        return lasting(self.seen, self._moment) if self.seen else ()


def find_all(
    mappings: Sequence[TableMapping], before: Before, anew: Collection[str],
    plan: Callable[[TableMapping, SourceFile, Report], Sequence[Origin]], report: Report,
) -> list[Source]:  # fmt: skip
    """All files of all mappings in their order, those of the tables ``anew`` to be read, others where they changed.

    Every fault of a file to be read, and of its mapping, goes into ``report``.
    """
    found = _found(mappings, before, anew, report)
    _keep_order(found, before)
    whole = []
    for source in found:
        noted = Report()
        if source.before is not None:
            source.header_issues = source.before.header_issues
            report.extend(as_issues(source.header_issues))
            source.file.columns, source.file.wordless = source.before.columns, dict(source.before.wordless)
            whole.append(source)
        elif read_header(source.file, source.mapping.source.delimiter, noted):
            source.origins = plan(source.mapping, source.file, noted)
            whole.append(source)
        if source.before is None:
            source.header_issues = as_facts(noted)
            report.extend(noted)
    return whole


def _found(
    mappings: Sequence[TableMapping], before: Before, anew: Collection[str], report: Report
) -> list[Source]:  # fmt: skip
    known = {(table, file.key): file for table in _tables(before) for file in before.files(table)}
    times: Counter[str] = Counter()
    found = []
    for mapping in mappings:
        for file in find_sources(mapping, report):
            key = file_key(mapping, file)
            times[key] += 1
            source = Source(mapping, file, f"{key}-{times[key]}")
            try:
                source.compare(None if source.table in anew else known.get((source.table, source.key)))
            except OSError as error:
                report.add(unreadable(file.shown, error, _SOURCE_KIND))
                continue
            found.append(source)
    return found


def _tables(before: Before) -> list[str]:
    return list(before.reading.files) if before.reading else []


def _keep_order(found: Sequence[Source], before: Before) -> None:
    """Read all files of a table anew where those that stay count in another order: of equal keys the first stays."""
    for table in _tables(before):
        place = {file.number: place for place, file in enumerate(before.files(table))}
        staying = [source for source in found if source.table == table and source.before]
        places = [place[source.before.number] for source in staying if source.before]
        if places != sorted(places):
            for source in staying:
                source.before = None
