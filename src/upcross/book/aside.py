"""Rows set aside: what a person is told of them, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from upcross.book import notation
from upcross.book.notation import Unread
from upcross.book.origins import EXPRESSION_INVALID, VALUE_INVALID, VALUE_MISSING, WHERE
from upcross.book.staging import ROW_MALFORMED, ROW_RAGGED, Staging
from upcross.errors import Issue, Place, Report, Severity

_WHY = {
    VALUE_INVALID.name: "a cell is not of its column's kind",
    VALUE_MISSING.name: "a cell that must be filled is empty",
    ROW_MALFORMED.name: "a line is not one JSON object",
    ROW_RAGGED.name: "not as many cells as the header",
    EXPRESSION_INVALID.name: "the condition cannot be computed",
    "key-duplicate": "another row has the same key",
}


def report_aside(staging: Staging, totals: Mapping[str, int], report: Report) -> None:
    """Add one issue for each kind of fault of each column, with three examples, of ``totals`` rows of each table.

    Numbers that cannot be read are told apart by how they are written, ragged rows by their file.
    """
    staging.connection.execute(
        "CREATE TABLE told AS SELECT *, dense_rank() OVER (ORDER BY table_name, field, code, source, expected, hint,"
        f" CASE WHEN code IN ('{ROW_RAGGED.name}', '{ROW_MALFORMED.name}') THEN file_no END, shape) AS kind"
        f" FROM (SELECT *, CASE WHEN hint = '' THEN {notation.shape('value')} END AS shape FROM aside)"
    )
    groups = staging.connection.execute(
        "SELECT kind, any_value(table_name), any_value(field), any_value(code), any_value(expected), any_value(hint),"
        " any_value(shape), count(*), min(file_no) AS file_no, arg_min(line, (file_no, line)) AS line FROM told"
        " GROUP BY kind ORDER BY 2, file_no, line, kind"
    ).fetchall()
    for kind, table, field, code, expected, hint, shape, count, file_no, line in groups:
        cells = staging.connection.execute(
            "SELECT file_no, line, source, value FROM told WHERE kind = ? ORDER BY file_no, line LIMIT 3", [kind]
        ).fetchall()
        total = totals.get(table, 0)
        place = Place(staging.files[file_no], line, table=table, field=field or None)
        if field == WHERE:
            place = replace(staging.read_as(file_no)[0].place(WHERE), table=table)
        report.add(
            Issue(
                code,
                Severity.ERROR,
                f"{count:,} of {total:,} rows set aside: {_WHY[code]}",
                place,
                expected,
                hint or _advice(staging, file_no, field, str(cells[0][3]), shape),
                count,
                total,
                tuple(_shown(staging.files[number], *cell) for number, *cell in cells),
            )
        )


def _advice(staging: Staging, file_no: int, field: str, value: str, shape: str) -> str:
    mapping, origins = staging.read_as(file_no)
    origin = next(origin for origin in origins if origin.column.name == field)
    return Unread(mapping.table, origin.column, origin.source, origin.mapping, value, shape).advise()


def _shown(file: str, line: int, source: str, value: str | None) -> str:
    spot = ":".join(part for part in (file, str(line), source) if part)
    first, cut, _ = (value or "").partition("\n")
    return f"{spot} '{first}{'…' if cut else ''}'" if value else f"{spot} empty"


def written_aside(staging: Staging) -> str:
    """The query of all cells for which rows were set aside: table, file, row, column, value, expected."""
    names = pa.table(
        {"file_no": pa.array(range(len(staging.files)), pa.int32()), "file": pa.array(staging.files, pa.string())}
    )
    staging.connection.register("file_names", names)
    return (
        'SELECT table_name AS "table", file, line AS "row", source AS "column", value, expected FROM aside'
        " JOIN file_names USING (file_no) ORDER BY table_name, file_no, line"
    )


__all__ = ["report_aside", "written_aside"]
