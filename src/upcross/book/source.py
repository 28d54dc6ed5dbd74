"""Sources as streams of text: CSV, Parquet, JSON lines, DuckDB; every cell as it is written, with its line.

Nothing is guessed and nothing is lost here: cells stay text, rows with too few or too many cells are handed over
with their line, and a file that cannot be read is an issue that says what to do.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from upcross.book import jsonlines, warehouse
from upcross.book.text import SOURCE_ENCODING, Broken, CheckedBytes, Lines, RaggedRow, open_quote, sequence
from upcross.errors import Issue, Place, Report, Severity, issue_code

LINE = "upcross:line"
"""Name of the column that says on which line of its file a row begins (Parquet: which row it is)."""

_MAX_ROW = 10_000_000
_MAX_COLUMNS = 2_000
_DELIMITERS = ",;\t|"
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}

SOURCE_UNREADABLE = issue_code("source-unreadable", Severity.ERROR, "A source file cannot be read.")
SOURCE_EMPTY = issue_code("source-empty", Severity.ERROR, "A source file is empty: it lacks even a header.")
SOURCE_WITHOUT_ROWS = issue_code("source-without-rows", Severity.WARNING, "A source file has a header and no rows.")
HEADER_DUPLICATE = issue_code("header-duplicate", Severity.ERROR, "A source file has two columns of one name.")
SOURCE_TOO_WIDE = issue_code("source-too-wide", Severity.ERROR, "A source has more than 2,000 columns.")
DELIMITER_SNIFFED = issue_code(
    "delimiter-sniffed", Severity.NOTE, "A file is read with a delimiter taken from its header."
)
ROW_TOO_LONG = issue_code("row-too-long", Severity.ERROR, "A row of a source file is longer than 10 MB.")
QUOTE_UNCLOSED = issue_code(
    "quote-unclosed", Severity.ERROR, "A quotation mark is never closed, so that the rest of a file is one cell."
)


@dataclass(slots=True)
class SourceFile:
    """One file of a source: its header, and its rows as a stream of text."""

    path: Path
    shown: str
    """The file's name as people are told it."""
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    header_lines: int = 1
    statement: str = ""
    """The query that reads a DuckDB file."""
    wordless: dict[str, str] = field(default_factory=dict)
    """Columns of Parquet and DuckDB files that cannot be read as text, such as lists, with their types."""
    garbled: dict[str, int] = field(default_factory=dict)
    """Parquet columns of bytes that are not UTF-8, with the first such row; those cells are read as empty."""
    ragged: list[RaggedRow] = field(default_factory=list)
    fault: Issue | None = None
    """Why reading broke off, where it did."""

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet."""
        return self.path.name.lower().endswith((".parquet", ".pq"))

    @property
    def is_json(self) -> bool:
        """Whether the file is JSON lines."""
        return self.path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))

    @property
    def is_warehouse(self) -> bool:
        """Whether the file is a DuckDB file."""
        return self.path.name.lower().endswith((".duckdb", ".ddb"))

    def rows(self) -> pa.RecordBatchReader:
        """All rows: one text column a header column, and ``LINE``; to be read once.

        Ragged rows go into ``ragged``. Where reading breaks off, the reader raises and ``fault`` says why.
        """
        return pa.RecordBatchReader.from_batches(self.schema(), self.batches())

    def schema(self) -> pa.Schema:
        """What ``rows`` have."""
        return pa.schema([(name, pa.string()) for name in self.columns] + [(LINE, pa.int64())])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """``rows``, some at a time."""
        if self.is_json:
            parts = self._json_rows()
        elif self.is_parquet or self.is_warehouse:
            parts = self._typed_rows()
        else:
            parts = self._csv_rows()
        return self._guarded(parts, self.schema())

    def forget(self) -> None:
        """Be as if nothing had been read yet."""
        self.ragged, self.garbled, self.fault = [], {}, None

    def _guarded(self, parts: Iterator[list[Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            for columns in parts:
                yield pa.RecordBatch.from_arrays(columns, schema=schema)
        except Broken as broken:
            self.fault = broken.issue
            raise
        except (OSError, EOFError, zlib.error, pa.ArrowException, duckdb.Error) as error:
            self.fault = _unreadable(self, error)
            raise

    def _typed_rows(self) -> Iterator[list[Any]]:
        line = 1
        for batch in self._batches():
            texts = [self._text(name, batch.column(name), line) for name in self.columns]
            yield [*texts, sequence(line, batch.num_rows)]
            line += batch.num_rows

    def _batches(self) -> Iterator[Any]:
        if self.is_warehouse:
            yield from warehouse.read_batches(self.path, self.statement, self.shown)
            return
        with pa.parquet.ParquetFile(self.path) as file:
            yield from file.iter_batches(columns=list(self.columns))

    def _json_rows(self) -> Iterator[list[Any]]:
        with open_bytes(self.path) as raw:
            yield from jsonlines.read_rows(raw, self.shown, self.columns, self.ragged)

    def _text(self, name: str, column: Any, line: int) -> Any:
        try:
            return _as_text(column)
        except pa.ArrowInvalid:
            texts = [_decoded(value) for value in column.to_pylist()]
            bad = next(
                (row for row, (text, value) in enumerate(zip(texts, column, strict=True), line)
                 if text is None and value.is_valid), None,
            )  # fmt: skip
            if bad is None:
                raise
            self.garbled.setdefault(name, bad)
            return pa.array(texts, pa.string())

    def _csv_rows(self) -> Iterator[list[Any]]:
        broken: list[pa.csv.InvalidRow] = []

        def keep_ragged(row: pa.csv.InvalidRow) -> str:
            broken.append(row)
            return "skip"

        with open_bytes(self.path) as raw:
            checked = CheckedBytes(raw, self.shown)
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
            lines = Lines(self.header_lines)
            last: tuple[int, list[str]] = (0, [])
            try:
                for batch in reader:
                    columns = list(batch.columns)
                    starts, ragged = lines.number(columns, batch.num_rows, broken)
                    self.ragged.extend(ragged)
                    if batch.num_rows:
                        last = starts[-1].as_py(), [str(column[-1].as_py() or "") for column in columns]
                    yield [*columns, starts]
            except pa.ArrowInvalid as error:
                raise self._too_long(error, checked) from error
            self.ragged.extend(lines.remaining(broken))
            self._refuse_open_quote(last, checked)

    def _refuse_open_quote(self, last: tuple[int, list[str]], checked: CheckedBytes) -> None:
        """Break off where the last row, whole or ragged, ends inside a quotation: it has swallowed what follows."""
        row, cells = last
        if self.ragged and self.ragged[-1].line > row:
            opened = open_quote(self.ragged[-1].text, self.delimiter)
            line = self.ragged[-1].line + (self.ragged[-1].text.count("\n", 0, opened) if opened is not None else 0)
        else:
            # A cell with a line break is quoted, and the file then ends with the mark that closes it: "" closes none.
            end = checked.tail.rstrip(b"\r\n")
            marks = len(end) - len(end.rstrip(b'"'))
            opened = 0 if end and cells and "\n" in cells[-1] and marks % 2 == 0 else None
            line = row + sum(cell.count("\n") for cell in cells[:-1])
        if opened is not None:
            raise Broken(
                QUOTE_UNCLOSED.at(
                    Place(self.shown, line), f"a quotation mark opened in line {line:,} is never closed: the file from"
                    f" there to line {checked.last_line:,} is one cell",
                    hint="close it, or double a quotation mark that belongs to the text",
                )
            )  # fmt: skip

    def _too_long(self, error: Exception, checked: CheckedBytes) -> Exception:
        if "straddling" not in str(error):
            return error
        return Broken(
            ROW_TOO_LONG.at(Place(self.shown), f"a row before line {checked.line:,} is longer than 10 MB",
                            hint="look for a quotation mark that is opened and never closed")
        )  # fmt: skip


def _as_text(column: Any) -> Any:
    texts = column.cast(pa.string())
    if pa.types.is_floating(column.type) and pc.any(pc.match_substring(texts, "e")).as_py():
        # 1e-05 is no plain number; its digits are the same.
        plain = [None if text is None else format(Decimal(text), "f") for text in texts.to_pylist()]
        return pa.array(plain, pa.string())
    return texts


def _decoded(value: object) -> str | None:
    try:
        return value.decode() if isinstance(value, bytes) else None if value is None else str(value)
    except UnicodeDecodeError:
        return None


def open_bytes(path: Path) -> BinaryIO:
    """A file's bytes, unpacked where its name ends in .gz."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.name.lower().endswith(".gz") else path.open("rb")


def read_header(file: SourceFile, delimiter: str | None, report: Report) -> bool:
    """Fill a file's columns and delimiter from its header; False, with an issue, where it has none to read."""
    before = len(report.errors)
    try:
        if file.is_parquet:
            _read_schema(file, pa.parquet.read_schema(file.path))
        elif file.is_warehouse:
            _read_schema(file, warehouse.read_schema(file.path, file.statement, file.shown))
        elif file.is_json:
            _read_keys(file)
        else:
            _read_csv_header(file, delimiter, report)
    except Broken as broken:
        report.add(broken.issue)
    except (OSError, EOFError, zlib.error, csv.Error, pa.ArrowException) as error:
        report.add(_unreadable(file, error))
    if len(report.errors) > before:
        return False
    return _check_names(file, report)


def _read_schema(file: SourceFile, schema: pa.Schema) -> None:
    file.wordless = {field.name: str(field.type) for field in schema if not _has_text(field.type)}
    file.columns = tuple(field.name for field in schema if field.name not in file.wordless)


def _read_keys(file: SourceFile) -> None:
    with open_bytes(file.path) as raw:
        file.columns = jsonlines.read_columns(raw, file.shown)
    if not file.columns:
        raise Broken(
            SOURCE_EMPTY.at(Place(file.shown), "the file holds no object", expected="one JSON object a line",
                            hint="write JSON lines, not one JSON document: jq -c '.[]' old.json")
        )  # fmt: skip


def _has_text(kind: Any) -> bool:
    try:
        pa.array([], kind).cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, pa.ArrowTypeError):
        return False
    return True


def _read_csv_header(file: SourceFile, delimiter: str | None, report: Report) -> None:
    with open_bytes(file.path) as raw:
        start = raw.read(1 << 20)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or start[:64].count(0) > len(start[:64]) // 3:
        raise Broken(
            SOURCE_ENCODING.at(Place(file.shown, 1), "the file is UTF-16", expected="UTF-8 text",
                               hint="save it as 'CSV UTF-8', or convert it: iconv -f UTF-16 -t UTF-8 old.csv > new.csv")
        )  # fmt: skip
    CheckedBytes(io.BytesIO(start[: start.rfind(b"\n") + 1] or start), file.shown).read()
    text = start.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise Broken(
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
    if len(file.columns) > _MAX_COLUMNS:
        report.add(SOURCE_TOO_WIDE.at(Place(file.shown, 1), f"the file has {len(file.columns):,} columns",
                                      expected=f"at most {_MAX_COLUMNS:,}",
                                      hint="keys that are data belong into rows: one row a key"))  # fmt: skip
        return False
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


def unreadable(shown: str, error: BaseException, expected: str) -> Issue:
    """The issue of a file or folder that cannot be read, with what the system says of it."""
    told = getattr(error, "strerror", None) or str(error).splitlines()[0] if str(error) else type(error).__name__
    return SOURCE_UNREADABLE.at(Place(shown), f"cannot be read: {told}", expected=expected,
                                hint="check permissions, and that the file was copied whole")  # fmt: skip


def _unreadable(file: SourceFile, error: BaseException) -> Issue:
    packed = file.path.name.lower().endswith(".gz")
    kind = (
        "a Parquet file"
        if file.is_parquet
        else "JSON lines"
        if file.is_json and not packed
        else "a whole gzip file"
        if packed
        else "a CSV file"
    )
    return unreadable(file.shown, error, kind)
