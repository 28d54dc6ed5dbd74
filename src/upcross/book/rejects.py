"""Rejects: the rows that a load set aside, as files that people can correct and send back to where they came from."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from upcross.book.files import find_sources
from upcross.book.mapping import TableMapping
from upcross.book.source import LINE, SourceFile, read_header
from upcross.book.store import Store
from upcross.errors import LoadError, Place, Report, Severity, issue_code

REJECTS_CHANGED = issue_code(
    "rejects-changed", Severity.WARNING, "A source file is not as it was loaded, so that its rejects are not all found."
)
REJECTS_UNWRITABLE = issue_code("rejects-unwritable", Severity.ERROR, "The folder for rejects cannot be written.")

WHY = ("upcross_file", "upcross_line", "upcross_reason")
"""The columns that stand before the source's own: where the row stood, and why it was set aside."""


@dataclass(frozen=True, slots=True)
class Rejects:
    """The file of one table's rejects."""

    table: str
    file: Path
    rows: int


def write_rejects(store: Store, mappings: Sequence[TableMapping], folder: Path, report: Report) -> list[Rejects]:
    """One CSV file a table with the rows that the last load set aside: their cells as written, and why.

    Sources are read again, row by row; a row that has not as many cells as its header has its text in the first
    column. Columns of sources with different headers stand side by side. Raises ``LoadError`` where the folder cannot
    be written.
    """
    reasons = _reasons(store)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for table in dict.fromkeys(table for table, _ in reasons):
            sources = [
                (file, reasons.pop((table, file.shown)))
                for mapping in mappings if mapping.table.name == table
                for file in find_sources(mapping, report)
                if (table, file.shown) in reasons and read_header(file, mapping.source.delimiter, Report())
            ]  # fmt: skip
            if sources:
                written.append(_write(table, sources, folder / f"{table}.csv", report))
    except OSError as error:
        raise LoadError(
            REJECTS_UNWRITABLE.at(Place(str(folder)), f"cannot be written: {error.strerror}",
                                  hint="give a folder that may be written")
        ) from error  # fmt: skip
    for table, file in reasons:
        if not file.endswith((".yaml", ".yml")):
            report.add(REJECTS_CHANGED.at(Place(file, table=table), "is not there any more, or is mapped otherwise",
                                          hint="run `upcross load` again, then ask for the rejects"))  # fmt: skip
    return written


def _reasons(store: Store) -> dict[tuple[str, str], dict[int, str]]:
    """Why rows were set aside, by table and file, then line."""
    found: dict[tuple[str, str], dict[int, str]] = {}
    aside = pa.parquet.read_table(store.set_aside_file(store.manifest()))
    for cell in aside.to_pylist():
        lines = found.setdefault((cell["table"], cell["file"]), {})
        spot = f"{cell['column']}: " if cell["column"] else ""
        reason = f"{spot}expected {cell['expected']}"
        lines[cell["row"]] = f"{lines[cell['row']]}; {reason}" if cell["row"] in lines else reason
    return found


def _write(table: str, sources: Sequence[tuple[SourceFile, Mapping[int, str]]], path: Path, report: Report) -> Rejects:
    names = list(dict.fromkeys(name for file, _ in sources for name in file.columns))
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*WHY, *("" if name.startswith("upcross:blank_") else name for name in names)])
        for file, reasons in sources:
            before = count
            for line, cells in _rows(file, reasons):
                writer.writerow([file.shown, line, reasons[line], *(cells.get(name, "") for name in names)])
                count += 1
            if count - before < len(reasons):
                report.add(REJECTS_CHANGED.at(Place(file.shown, table=table),
                                              f"{len(reasons) - count + before} of its rejects are not there any more",
                                              hint="run `upcross load` again, then ask for the rejects"))  # fmt: skip
    return Rejects(table, path, count)


def _rows(file: SourceFile, wanted: Mapping[int, str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    lines = pa.array(list(wanted), pa.int64())
    for batch in file.rows():
        for row in batch.filter(pc.is_in(batch.column(LINE), value_set=lines)).to_pylist():
            yield row[LINE], {name: row[name] or "" for name in file.columns}
    for ragged in file.ragged:
        if ragged.line in wanted:
            yield ragged.line, {file.columns[0]: ragged.text}
