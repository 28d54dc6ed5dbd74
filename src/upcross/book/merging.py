"""Merging: staged rows of several sources become one table, with the catalogue, one row a key, and MRR completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from upcross.book import cells
from upcross.book.catalog import Catalog, CatalogRow
from upcross.book.mapping import ColumnMapping
from upcross.book.origins import VALUE_INVALID, Origin
from upcross.book.source import LINE
from upcross.book.staging import Staging
from upcross.contract import TABLES, Column, Table, Type
from upcross.errors import Place, Report, Severity, issue_code
from upcross.money import to_decimal

CATALOG_CONFLICT = issue_code(
    "catalog-conflict", Severity.ERROR, "A mapped table and the catalogue give one cell two different values."
)
KEY_DUPLICATE = issue_code("key-duplicate", Severity.ERROR, "Rows were set aside: an earlier row has the same key.")
ROW_REPEATED = issue_code("row-repeated", Severity.NOTE, "Rows that repeat an earlier row in every column count once.")
MRR_COMPLETED = issue_code(
    "mrr-completed", Severity.NOTE, "MRR that the source does not give was computed from other columns of the line."
)


def merge_catalog(staging: Staging, catalog: Catalog, report: Report) -> None:
    """Add the catalogue's rows to the staged tables, and fill cells that those leave empty.

    A cell that both give with different values goes into ``report``, as does a cell that is not of its kind.
    """
    for name, rows in catalog.rows.items():
        table = TABLES[name]
        staging.create(table)
        _stage_catalog(staging, table, rows)
        _report_invalid(staging, table, rows, report)
        _report_conflicts(staging, table, rows, report)
        _insert_catalog(staging, table, rows)


def _stage_catalog(staging: Staging, table: Table, rows: Sequence[CatalogRow]) -> None:
    number = len(staging.files)
    staging.files.append(rows[0].place.file or "the catalogue")
    staging.sources.setdefault(table.name, []).append(number)
    named = [
        column
        for column in table.columns
        if any(column.name in row.cells or column.name in row.assumed for row in rows)
    ]
    staging.mapped.setdefault(table.name, set()).update(column.name for column in named)
    texts = {
        column.name: pa.array([row.cells.get(column.name, row.assumed.get(column.name)) for row in rows], pa.string())
        for column in named
    }
    lines = pa.array(range(len(rows)), pa.int64())  # an index into rows, until they are inserted
    staging.connection.register(
        "catalog_text", pa.table({**texts, LINE: lines, "upcross:file_no": pa.array([number] * len(rows))})
    )
    origins = [
        Origin(column, ColumnMapping.model_validate({"from": column.name}), cells.name(column.name),
               cells.name(column.name), column.name)
        for column in named
    ]  # fmt: skip
    staging.connection.execute("DROP TABLE IF EXISTS catalog_rows")
    staging.type_rows(table, "catalog_text", origins, "catalog_rows")
    staging.connection.unregister("catalog_text")


def _report_invalid(staging: Staging, table: Table, rows: Sequence[CatalogRow], report: Report) -> None:
    faults = staging.connection.execute(
        "SELECT line, fault.field, fault.value, fault.expected FROM (SELECT line, unnest(faults) AS fault"
        " FROM catalog_rows WHERE faults IS NOT NULL) WHERE fault IS NOT NULL ORDER BY line"
    ).fetchall()
    for index, field, value, expected in faults:
        place = rows[index].place
        report.add(VALUE_INVALID.at(Place(place.file, place.line, place.column, table.name, field),
                                    f"{field} is '{value or ''}'", expected=expected))  # fmt: skip


def _report_conflicts(staging: Staging, table: Table, rows: Sequence[CatalogRow], report: Report) -> None:
    free = [column for column in table.columns if column.name not in table.key]
    pairs = "".join(f", staged.{column.name}, ours.{column.name}" for column in free)
    both = staging.connection.execute(
        f"SELECT staged.file_no, staged.line, ours.line{pairs} FROM stage.{table.name} staged"
        f" JOIN catalog_rows ours ON {_same_key(table)} ORDER BY ours.line, staged.line"
    ).fetchall()
    for file_no, line, index, *values in both:
        row = rows[index]
        for column, theirs, ours in zip(free, values[::2], values[1::2], strict=True):
            if column.name in row.cells and theirs is not None and theirs != ours:
                where = Place(staging.files[file_no], line)
                report.add(
                    CATALOG_CONFLICT.at(
                        Place(row.place.file, row.place.line, row.place.column, table.name, column.name),
                        f"{_key_text(table, row)}: {column.name} is {_shown(column, ours)} here and"
                        f" {_shown(column, theirs)} in {where}",
                        hint="leave it out of the catalogue, or correct one of the two",
                    )
                )


def _insert_catalog(staging: Staging, table: Table, rows: Sequence[CatalogRow]) -> None:
    free = [column.name for column in table.columns if column.name not in table.key]
    if free:
        filled = ", ".join(f"{name} = coalesce(staged.{name}, ours.{name})" for name in free)
        staging.connection.execute(
            f"UPDATE stage.{table.name} AS staged SET {filled} FROM catalog_rows ours WHERE {_same_key(table)}"
        )
    lines = ", ".join(str(row.place.line or 0) for row in rows)
    staging.connection.execute(
        f"INSERT INTO stage.{table.name} SELECT * REPLACE (list_extract([{lines}], line + 1) AS line)"
        f" FROM catalog_rows ours WHERE NOT EXISTS (SELECT 1 FROM stage.{table.name} staged WHERE {_same_key(table)})"
    )


def _same_key(table: Table) -> str:
    return " AND ".join(
        f"{_key(table.column(name), 'staged')} IS NOT DISTINCT FROM {_key(table.column(name), 'ours')}"
        for name in table.key
    )


def _key(column: Column, side: str) -> str:
    return (
        f"coalesce({side}.{column.name}, '{column.default}')"
        if isinstance(column.default, str)
        else f"{side}.{column.name}"
    )


def _key_text(table: Table, row: CatalogRow) -> str:
    return " ".join(row.cells[name] for name in table.key if name in row.cells)


def _shown(column: Column, value: object) -> str:
    return str(to_decimal(value)) if column.type is Type.MONEY and isinstance(value, int) else f"{value!s}"


def set_later_aside(staging: Staging, table: Table, part: str) -> None:
    """Keep one row of each key and recorded_at: the others go to ``later.<table>``.

    Those that do not repeat the first in every column are set aside, under the part that the SQL ``part`` gives.
    """
    key = ", ".join(key_value(table.column(name)) for name in (*table.key, "recorded_at"))
    staged, later = f"stage.{table.name}", f"later.{table.name}"
    staging.connection.execute(
        f"CREATE SCHEMA IF NOT EXISTS later; CREATE TABLE {later} AS SELECT *, false AS repeats FROM {staged} LIMIT 0"
    )
    # The whole table is grouped once; only where a key stands twice is it looked at row by row.
    if not staging.connection.execute(f"SELECT 1 FROM {staged} GROUP BY {key} HAVING count(*) > 1 LIMIT 1").fetchall():
        return
    row = ", ".join(cells.stored(column) for column in table.columns)
    staging.connection.execute(
        f"INSERT INTO {later} SELECT *, row({row}) IS NOT DISTINCT FROM first_value(row({row})) OVER same AS repeats"
        f" FROM {staged} WINDOW same AS (PARTITION BY {key} ORDER BY file_no, line) QUALIFY row_number() OVER same > 1"
    )
    named = ", ".join(table.key)
    told = " || ' ' || ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in table.key)
    staging.connection.execute(
        f"INSERT INTO aside SELECT '{table.name}', file_no, line, '{table.key[0]}', '{named}', left({told}, 200),"
        f" 'one row a key: {named}', '{KEY_DUPLICATE.name}',"
        f" 'remove the row, or give recorded_at to keep both versions', {part} FROM {later} WHERE NOT repeats"
    )
    staging.connection.execute(f"DELETE FROM {staged} WHERE (file_no, line) IN (SELECT (file_no, line) FROM {later})")


def report_repeats(table: Table, repeats: int, total: int, report: Report) -> None:
    """Tell how many rows of a table repeat an earlier one in every column."""
    if repeats:
        report.add(
            ROW_REPEATED.at(Place(table=table.name), f"{repeats:,} of {total:,} rows repeat an earlier one",
                            count=repeats, total=total)
        )  # fmt: skip


def key_value(column: Column) -> str:
    """SQL of a column of a key, with the contract's default where it is empty."""
    return f"coalesce({column.name}, '{column.default}')" if isinstance(column.default, str) else column.name


_WHOLE, _REST = "(abs(amount) // period_months)", "(abs(amount) % period_months)"
MRR_RULE = (
    "CASE WHEN mrr IS NOT NULL THEN 'given' WHEN amount IS NOT NULL AND period_months > 0 THEN 'amount'"
    " WHEN unit_price IS NOT NULL THEN 'quantity' ELSE 'unknown' END"
)
FINISHED_MRR = (
    f"CASE {MRR_RULE} WHEN 'amount' THEN CAST(sign(amount) * ({_WHOLE} + CASE WHEN {_REST} * 2 > period_months"
    f" OR ({_REST} * 2 = period_months AND {_WHOLE} % 2 = 1) THEN 1 ELSE 0 END) AS BIGINT)"
    " WHEN 'quantity' THEN TRY_CAST(CAST(coalesce(quantity, 1) AS HUGEINT) * unit_price AS BIGINT) ELSE mrr END"
)
"""SQL of a line's MRR: as given; else amount ÷ period_months, half-even; else quantity × unit price; else unknown."""


def report_mrr(connection: duckdb.DuckDBPyConnection, report: Report) -> None:
    """Tell where MRR comes from, unless every line gives it."""
    counted = dict(connection.execute(f"SELECT {MRR_RULE}, count(*) FROM stage.subscriptions GROUP BY 1").fetchall())
    tell_mrr(counted, report)


def tell_mrr(counted: Mapping[str, int], report: Report) -> None:
    """Say by which rule MRR was found, where not all of it is as given: ``counted`` gives rows by ``MRR_RULE``."""
    if set(counted) - {"given"}:
        told = ", ".join(f"{counted[rule]:,} {text}" for rule, text in _RULES.items() if rule in counted)
        report.add(
            MRR_COMPLETED.at(Place(table="subscriptions", field="mrr"), f"MRR is {told}", total=sum(counted.values()),
                             hint="lines without MRR need mrr, or amount and period_months, or unit_price"
                             if "unknown" in counted else "")
        )  # fmt: skip


_RULES = {
    "given": "as given",
    "amount": "amount ÷ period_months",
    "quantity": "quantity × unit_price",
    "unknown": "unknown",
}

__all__ = [
    "FINISHED_MRR", "MRR_RULE", "key_value", "merge_catalog", "report_mrr", "report_repeats", "set_later_aside",
    "tell_mrr",
]  # fmt: skip
