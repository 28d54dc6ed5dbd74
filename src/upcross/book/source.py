"""Source files as streams of text: CSV and Parquet, every cell as it is written, with the line it stands on.

Nothing is guessed and nothing is lost here: cells stay text, rows with too few or too many cells are handed over
with their line, and a file that cannot be read is an issue that says what to do.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from upcross.errors import Issue, Place, Report, Severity, issue_code, suggest

LINE = "upcross:line"
"""Name of the column that says on which line of its file a row begins (Parquet: which row it is)."""

_MAX_ROW = 10_000_000
_PART = 1 << 23
_DELIMITERS = ",;\t|"
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}

SOURCE_MISSING = issue_code("source-missing", Severity.ERROR, "No source file has the name that the mapping gives.")
SOURCE_UNREADABLE = issue_code("source-unreadable", Severity.ERROR, "A source file cannot be read.")
SOURCE_ENCODING = issue_code("source-encoding", Severity.ERROR, "A source file is not UTF-8 text.")
SOURCE_EMPTY = issue_code("source-empty", Severity.ERROR, "A source file is empty: it lacks even a header.")
SOURCE_WITHOUT_ROWS = issue_code("source-without-rows", Severity.WARNING, "A source file has a header and no rows.")
HEADER_DUPLICATE = issue_code("header-duplicate", Severity.ERROR, "A source file has two columns of one name.")
DELIMITER_SNIFFED = issue_code(
    "delimiter-sniffed", Severity.NOTE, "A file is read with a delimiter taken from its header."
)
ROW_TOO_LONG = issue_code("row-too-long", Severity.ERROR, "A row of a source file is longer than 10 MB.")


@dataclass(frozen=True, slots=True)
class RaggedRow:
    """A row that has not as many cells as its header."""

    line: int
    cells: int
    expected: int
    text: str


@dataclass(slots=True)
class SourceFile:
    """One file of a source: its header, and its rows as a stream of text."""

    path: Path
    shown: str
    """The file's name as people are told it."""
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    header_lines: int = 1
    ragged: list[RaggedRow] = field(default_factory=list)
    fault: Issue | None = None
    """Why reading broke off, where it did."""

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet."""
        return self.path.name.lower().endswith((".parquet", ".pq"))

    def rows(self) -> pa.RecordBatchReader:
        """All rows: one text column a header column, and ``LINE``; to be read once.

        Ragged rows go into ``ragged``. Where reading breaks off, the reader raises and ``fault`` says why.
        """
        schema = pa.schema([(name, pa.string()) for name in self.columns] + [(LINE, pa.int64())])
        parts = self._parquet_rows() if self.is_parquet else self._csv_rows()
        return pa.RecordBatchReader.from_batches(schema, self._guarded(parts, schema))

    def _guarded(self, parts: Iterator[list[Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            for columns in parts:
                yield pa.RecordBatch.from_arrays(columns, schema=schema)
        except _Broken as broken:
            self.fault = broken.issue
            raise
        except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
            self.fault = _unreadable(self, error)
            raise

    def _parquet_rows(self) -> Iterator[list[Any]]:
        with pa.parquet.ParquetFile(self.path) as file:
            line = 1
            for batch in file.iter_batches(columns=list(self.columns)):
                texts = [_as_text(batch.column(name)) for name in self.columns]
                yield [*texts, _sequence(line, batch.num_rows)]
                line += batch.num_rows

    def _csv_rows(self) -> Iterator[list[Any]]:
        broken: list[pa.csv.InvalidRow] = []

        def keep_ragged(row: pa.csv.InvalidRow) -> str:
            broken.append(row)
            return "skip"

        with open_bytes(self.path) as raw:
            checked = _CheckedBytes(raw, self.shown)
            try:
                reader = pa.csv.open_csv(
                    checked,
                    pa.csv.ReadOptions(use_threads=False, block_size=_MAX_ROW, skip_rows=self.header_lines,
                                       column_names=list(self.columns)),
                    pa.csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True,
                                        ignore_empty_lines=False, invalid_row_handler=keep_ragged),
                    pa.csv.ConvertOptions(column_types={name: pa.string() for name in self.columns},
                                          strings_can_be_null=False, check_utf8=False),
                )  # fmt: skip
            except pa.ArrowInvalid as error:
                if "Could not skip" in str(error) or "Empty CSV" in str(error):
                    return  # a header and nothing after it
                raise self._too_long(error, checked) from error
            lines = _Lines(self.header_lines)
            try:
                for batch in reader:
                    columns = list(batch.columns)
                    starts, ragged = lines.number(columns, batch.num_rows, broken)
                    self.ragged.extend(ragged)
                    yield [*columns, starts]
            except pa.ArrowInvalid as error:
                raise self._too_long(error, checked) from error
            self.ragged.extend(lines.remaining(broken))

    def _too_long(self, error: Exception, checked: _CheckedBytes) -> Exception:
        if "straddling" not in str(error):
            return error
        return _Broken(
            ROW_TOO_LONG.at(Place(self.shown), f"a row before line {checked.line:,} is longer than 10 MB",
                            hint="look for a quotation mark that is opened and never closed")
        )  # fmt: skip


class _Broken(Exception):
    """Reading cannot go on; ``issue`` says why."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(str(issue))
        self.issue = issue


class _CheckedBytes(io.RawIOBase):
    """A byte stream that is known to be UTF-8 text without NUL as far as it has been read."""

    def __init__(self, raw: BinaryIO, shown: str) -> None:
        self._raw = raw
        self._shown = shown
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.line = 1

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        part = self._raw.read(min(size, _PART) if size and size > 0 else _PART)
        at = part.find(b"\0")
        if at >= 0:
            raise _Broken(
                SOURCE_ENCODING.at(self._place(part, at), "a NUL byte stands in the file", expected="UTF-8 text",
                                   hint="export the file again as CSV UTF-8, or remove the NUL bytes")
            )  # fmt: skip
        pending = self._decoder.getstate()[0]
        try:
            self._decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            at = max(error.start - len(pending), 0)
            byte = (pending + part)[error.start]
            raise _Broken(
                SOURCE_ENCODING.at(
                    self._place(part, at), f"byte {byte:#04x} is not UTF-8; the file may be Latin-1 or Windows-1252",
                    expected="UTF-8 text",
                    hint="save it as 'CSV UTF-8', or convert it: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv",
                )
            ) from error  # fmt: skip
        self.line += part.count(b"\n")
        return part

    def _place(self, part: bytes, at: int) -> Place:
        return Place(self._shown, self.line + part.count(b"\n", 0, at))


class _Lines:
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
            starts = _sequence(self._record + self._extra, rows)
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


def _sequence(start: int, count: int) -> Any:
    numbers = array("q", range(start, start + count))
    return pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(numbers)])


def _as_text(column: Any) -> Any:
    texts = column.cast(pa.string())
    if pa.types.is_floating(column.type) and pc.any(pc.match_substring(texts, "e")).as_py():
        # 1e-05 is no plain number; its digits are the same.
        plain = [None if text is None else format(Decimal(text), "f") for text in texts.to_pylist()]
        return pa.array(plain, pa.string())
    return texts


def open_bytes(path: Path) -> BinaryIO:
    """A file's bytes, unpacked where its name ends in .gz."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.name.lower().endswith(".gz") else path.open("rb")


def find_files(folder: Path, pattern: str, place: Place, report: Report) -> list[SourceFile]:
    """The files that a mapping's ``file`` names, in the order of their names; none is an issue."""
    wanted = folder / pattern
    if any(sign in pattern for sign in "*?["):
        base = Path(wanted.anchor) if Path(pattern).is_absolute() else folder
        relative = str(wanted.relative_to(base))
        paths = sorted(path for path in base.glob(relative) if path.is_file())
    else:
        paths = [wanted] if wanted.is_file() else []
    if not paths:
        nearby = sorted(path.name for path in wanted.parent.iterdir()) if wanted.parent.is_dir() else []
        hint = suggest(wanted.name, nearby) if nearby else f"the folder {wanted.parent} does not exist or is empty"
        report.add(SOURCE_MISSING.at(place, f"no file matches '{pattern}' in {folder}",
                                     hint=hint or f"the folder has: {', '.join(nearby[:8])}"))  # fmt: skip
    shown = {path: str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path) for path in paths}
    return [SourceFile(path, shown[path]) for path in paths]


def read_header(file: SourceFile, delimiter: str | None, report: Report) -> bool:
    """Fill a file's columns and delimiter from its header; False, with an issue, where it has none to read."""
    before = len(report.errors)
    try:
        if file.is_parquet:
            file.columns = _parquet_columns(file.path)
        else:
            _read_csv_header(file, delimiter, report)
    except _Broken as broken:
        report.add(broken.issue)
    except (OSError, EOFError, zlib.error, csv.Error, pa.ArrowException) as error:
        report.add(_unreadable(file, error))
    if len(report.errors) > before:
        return False
    return _check_names(file, report)


def _parquet_columns(path: Path) -> tuple[str, ...]:
    schema = pa.parquet.read_schema(path)
    plain = [field for field in schema if not (pa.types.is_nested(field.type) or pa.types.is_binary(field.type))]
    return tuple(field.name for field in plain)


def _read_csv_header(file: SourceFile, delimiter: str | None, report: Report) -> None:
    with open_bytes(file.path) as raw:
        start = raw.read(1 << 20)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or start[:64].count(0) > len(start[:64]) // 3:
        raise _Broken(
            SOURCE_ENCODING.at(Place(file.shown, 1), "the file is UTF-16", expected="UTF-8 text",
                               hint="save it as 'CSV UTF-8', or convert it: iconv -f UTF-16 -t UTF-8 old.csv > new.csv")
        )  # fmt: skip
    _CheckedBytes(io.BytesIO(start[: start.rfind(b"\n") + 1] or start), file.shown).read()
    text = start.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise _Broken(
            SOURCE_EMPTY.at(Place(file.shown), "the file is empty", expected="a header line with column names",
                            hint="export it again, or leave it out of the mapping")
        )  # fmt: skip
    blank = len(text) - len(text.lstrip("\r\n"))
    body = text[blank:]
    file.delimiter = delimiter or _sniff(file, body)
    if delimiter is None and file.delimiter != ("\t" if ".tsv" in file.path.name.lower() else ","):
        report.add(DELIMITER_SNIFFED.at(Place(file.shown, 1), f"is read with {_NAMES[file.delimiter]} as delimiter",
                                        hint="set 'delimiter:' in the mapping if that is wrong"))  # fmt: skip
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=file.delimiter)
    names = [cell.strip() for cell in next(reader)]
    file.header_lines = reader.line_num + text[:blank].count("\n")
    file.columns = tuple(cell or f"upcross:blank_{index}" for index, cell in enumerate(names, 1))


def _sniff(file: SourceFile, body: str) -> str:
    """The delimiter that stands most often in the header, outside quotes; a comma where there is none."""
    bare = "".join(body.split('"')[::2])
    line = bare.splitlines()[0] if bare.splitlines() else ""
    best = max(_DELIMITERS, key=line.count)
    return best if line.count(best) else "\t" if ".tsv" in file.path.name.lower() else ","


def _check_names(file: SourceFile, report: Report) -> bool:
    # Names that differ only in case are one name to the engine.
    seen: dict[str, int] = {}
    whole = True
    for index, column in enumerate(file.columns, 1):
        first = seen.setdefault(column.casefold(), index)
        if first != index:
            whole = False
            report.add(HEADER_DUPLICATE.at(Place(file.shown, 1), f"columns {first} and {index} are both '{column}'",
                                           expected="one column a name", hint="rename one of them"))  # fmt: skip
    return whole


def _unreadable(file: SourceFile, error: BaseException) -> Issue:
    packed = file.path.name.lower().endswith(".gz")
    kind = "a Parquet file" if file.is_parquet else "a whole gzip file" if packed else "a CSV file"
    told = getattr(error, "strerror", None) or str(error).splitlines()[0] if str(error) else type(error).__name__
    return SOURCE_UNREADABLE.at(Place(file.shown), f"cannot be read: {told}", expected=kind,
                                hint="check permissions, and that the file was copied whole")  # fmt: skip
