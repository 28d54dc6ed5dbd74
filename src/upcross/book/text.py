"""CSV text as it is read: known to be UTF-8, its rows numbered by line, its quotation marks closed."""

from __future__ import annotations

import codecs
import io
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from upcross.errors import Issue, Place, Severity, issue_code

SOURCE_ENCODING = issue_code("source-encoding", Severity.ERROR, "A source file is not UTF-8 text.")

_PART = 1 << 23
_TAIL = 1 << 10


@dataclass(frozen=True, slots=True)
class RaggedRow:
    """A row that has not as many cells as its header."""

    line: int
    cells: int
    expected: int
    text: str


class Broken(Exception):
    """Reading cannot go on; ``issue`` says why."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(str(issue))
        self.issue = issue


class CheckedBytes(io.RawIOBase):
    """A byte stream that is known to be UTF-8 text without NUL as far as it has been read."""

    def __init__(self, raw: BinaryIO, shown: str) -> None:
        self._raw = raw
        self._shown = shown
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.line = 1
        self.tail = b""
        """The last bytes read."""

    @property
    def last_line(self) -> int:
        """The last line read."""
        return self.line - self.tail.endswith(b"\n")

    def readable(self) -> bool:
        """True, as of any stream that is read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes; ``Broken`` names the line where they are no text."""
        part = self._raw.read(min(size, _PART) if size and size > 0 else _PART)
        at = part.find(b"\0")
        if at >= 0:
            raise Broken(
                SOURCE_ENCODING.at(self._place(part, at), "a NUL byte stands in the file", expected="UTF-8 text",
                                   hint="export the file again as CSV UTF-8, or remove the NUL bytes")
            )  # fmt: skip
        pending = self._decoder.getstate()[0]
        try:
            self._decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            at = max(error.start - len(pending), 0)
            byte = (pending + part)[error.start]
            raise Broken(
                SOURCE_ENCODING.at(
                    self._place(part, at), f"byte {byte:#04x} is not UTF-8; the file may be Latin-1 or Windows-1252",
                    expected="UTF-8 text",
                    hint="save it as 'CSV UTF-8', or convert it: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv",
                )
            ) from error  # fmt: skip
        self.line += part.count(b"\n")
        self.tail = (self.tail + part[-_TAIL:])[-_TAIL:]
        return part

    def _place(self, part: bytes, at: int) -> Place:
        return Place(self._shown, self.line + part.count(b"\n", 0, at))


class Lines:
    """Numbers rows by the line on which each begins, past ragged rows and quoted line breaks."""

    def __init__(self, header_lines: int) -> None:
        self._record = header_lines + 1  # the next row, were each row one line
        self._extra = 0  # line breaks inside quotes so far
        self._seen = 0  # ragged rows handed out so far

    def number(self, columns: list[Any], rows: int, broken: list[Any]) -> tuple[Any, list[RaggedRow]]:
        """The lines of the next ``rows`` whole rows, and the ragged rows that stand among them."""
        breaks = [pc.count_substring(column, "\n") for column in columns]
        has_breaks = any(pc.sum(count).as_py() for count in breaks)
        among = self._seen < len(broken) and broken[self._seen].number < self._record + rows
        if not has_breaks and not among:
            starts = sequence(self._record + self._extra, rows)
            self._record += rows
            return starts, []
        extra = [sum(counts) for counts in zip(*(count.to_pylist() for count in breaks), strict=True)]
        lines: list[int] = []
        ragged: list[RaggedRow] = []
        for index in range(rows):
            ragged.extend(self._ragged_here(broken))
            lines.append(self._record + self._extra)
            self._record += 1
            self._extra += extra[index]
        return pa.array(lines, pa.int64()), ragged

    def remaining(self, broken: list[Any]) -> list[RaggedRow]:
        """The ragged rows after the last whole row."""
        return list(self._ragged_here(broken))

    def _ragged_here(self, broken: list[Any]) -> Iterator[RaggedRow]:
        while self._seen < len(broken) and broken[self._seen].number <= self._record:
            row = broken[self._seen]
            yield RaggedRow(self._record + self._extra, row.actual_columns, row.expected_columns, row.text)
            self._seen += 1
            self._record += 1
            self._extra += row.text.count("\n")


def sequence(start: int, count: int) -> Any:
    """The whole numbers from ``start`` on, as an Arrow array."""
    numbers = array("q", range(start, start + count))
    return pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(numbers)])


def open_quote(text: str, delimiter: str) -> int | None:
    """Where a quotation mark stands in a row that no other closes."""
    at = 0
    while at < len(text):
        if text[at] == '"':
            opened, at = at, at + 1
            while (at := text.find('"', at)) >= 0 and text[at + 1 : at + 2] == '"':
                at += 2
            if at < 0:
                return opened
        at = text.find(delimiter, at)
        if at < 0:
            return None
        at += 1
    return None
