"""Staging: one source file after another becomes typed rows, and rows that break the contract are set aside."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from upcross.book import cells
from upcross.book.expressions import attempt, enclosed, misuse, shown_cells
from upcross.book.mapping import ColumnMapping, TableMapping
from upcross.book.origins import FILE_NO, KEPT, SHOWN, WHERE_FAILED, Origin, typed_rows
from upcross.book.source import LINE, SOURCE_WITHOUT_ROWS, SourceFile
from upcross.contract import Column, Table
from upcross.errors import Place, Report, Severity, issue_code, suggest

SOURCE_COLUMN_MISSING = issue_code(
    "source-column-missing", Severity.ERROR, "A source file lacks a column that the mapping or the contract needs."
)
EXPRESSION_INVALID = issue_code(
    "expression-invalid", Severity.ERROR, "An SQL expression of a mapping cannot be read or computed."
)
CONSTANT_INVALID = issue_code("constant-invalid", Severity.ERROR, "A constant does not fit its column.")
FORMAT_INVALID = issue_code("format-invalid", Severity.ERROR, "A date format cannot be read.")
ROW_RAGGED = issue_code("row-ragged", Severity.ERROR, "Rows were set aside: they have not as many cells as the header.")


class Staging:
    """Typed rows of all tables, in the engine, with the file and the line that each came from.

    ``stage.<table>`` has the contract's columns, ``file_no``, ``line``, ``kept`` (``where`` holds) and ``faults``.
    Empty cells are NULL, except in keys and currencies, where the contract's default stands at once.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, reporting_currency: str) -> None:
        self.connection = connection
        self.reporting_currency = reporting_currency
        self.files: list[str] = []
        self.ragged: dict[str, int] = {}
        self.mapped: dict[str, set[str]] = {}
        self.sources: dict[str, list[int]] = {}
        connection.execute("CREATE SCHEMA stage")
        connection.execute(
            "CREATE TABLE aside (table_name VARCHAR, file_no INTEGER, line BIGINT, field VARCHAR, source VARCHAR,"
            " value VARCHAR, expected VARCHAR, code VARCHAR, hint VARCHAR)"
        )

    def plan(self, mapping: TableMapping, file: SourceFile, report: Report) -> list[Origin]:
        """How each column is read from a file; every fault of the mapping against the file goes into ``report``."""
        self._create_probe(file)
        origins: list[Origin] = []
        for column in mapping.table.columns:
            chosen = mapping.source.columns.get(column.name)
            if chosen is None and column.name in file.columns:
                chosen = ColumnMapping.model_validate({"from": column.name})
            if chosen is None or chosen.left_out:
                if column.required:
                    self._report_unmapped(mapping, file, column, report)
                continue
            origin = self._origin(mapping, file, column, chosen, report)
            if origin is not None:
                origins.append(origin)
        if mapping.source.where is not None:
            self._check_expression(mapping.source.where, file, mapping.place("where"), "where", report)
        return origins

    def read(self, mapping: TableMapping, file: SourceFile, origins: Sequence[Origin], report: Report) -> None:
        """Read a file's rows into ``stage.<table>``; a fault that ends the reading goes into ``report``."""
        table = mapping.table
        self.create(table)
        self.mapped.setdefault(table.name, set()).update(origin.column.name for origin in origins)
        number = len(self.files)
        self.files.append(file.shown)
        self.sources.setdefault(table.name, []).append(number)
        self.connection.register("incoming", file.rows())
        try:
            rows = self._incoming(number, mapping.source.where, file)
            select = typed_rows(table, origins, rows, self.reporting_currency, mapping.source.where)
            count = self._insert(f"stage.{table.name}", select)
        except duckdb.Error as error:
            # The stream says why it broke off; otherwise an expression failed in a way that TRY does not catch.
            report.add(
                file.fault
                or EXPRESSION_INVALID.at(mapping.place(), f"{file.shown} cannot be computed: {_first_line(error)}",
                                         hint="check the expressions of this mapping")
            )  # fmt: skip
            return
        finally:
            self.connection.unregister("incoming")
        self._set_ragged_aside(table, number, file)
        if count == 0 and not file.ragged:
            report.add(SOURCE_WITHOUT_ROWS.at(Place(file.shown, table=table.name), "has a header and no rows",
                                              hint="check the export; the table is loaded without it"))  # fmt: skip

    def type_rows(self, table: Table, relation: str, origins: Sequence[Origin], into: str) -> None:
        """Type a relation of text cells (with ``LINE`` and ``FILE_NO``) into a new relation, shaped as staged."""
        self.create(table, into)
        rows = f"SELECT *, true AS {KEPT}, false AS {WHERE_FAILED} FROM {relation}"
        self._insert(into, typed_rows(table, origins, rows, self.reporting_currency))

    def create(self, table: Table, name: str | None = None) -> None:
        """Create an empty staged relation of a table, if it is not there yet."""
        columns = ", ".join(f"{cells.name(column.name)} {column.type.sql}" for column in table.columns)
        self.connection.execute(
            f"CREATE TABLE IF NOT EXISTS {name or 'stage.' + table.name} (file_no INTEGER, line BIGINT, kept BOOLEAN,"
            f" faults {_FAULTS}, {columns})"
        )

    def sift(self, table: Table) -> int:
        """Move faults to ``aside`` and remove the rows that have any, or that ``where`` leaves out; their number."""
        staged = f"stage.{table.name}"
        self.connection.execute(
            f"INSERT INTO aside SELECT '{table.name}', file_no, line, fault.field, fault.source, fault.value,"
            f" fault.expected, fault.code, fault.hint FROM (SELECT file_no, line, unnest(faults) AS fault"
            f" FROM {staged} WHERE kept AND faults IS NOT NULL) WHERE fault IS NOT NULL"
        )
        counted = self.connection.execute(f"SELECT count(*) FROM {staged} WHERE NOT kept").fetchall()
        self.connection.execute(f"DELETE FROM {staged} WHERE NOT kept OR faults IS NOT NULL")
        return int(counted[0][0])

    def _insert(self, into: str, select: str) -> int:
        return int(self.connection.execute(f"INSERT INTO {into} {select}").fetchall()[0][0])

    def _incoming(self, number: int, where: str | None, file: SourceFile) -> str:
        kept, failed = "true", "false"
        if where is not None:
            guarded = attempt(f"coalesce({enclosed(where)}, false)")
            kept, failed = f"coalesce({guarded} = 'true', true)", f"({guarded}) IS NULL"
        # Rows without any cell are blank lines, not rows.
        filled = " OR ".join(f"{cells.name(column)} <> ''" for column in file.columns)
        flags = f"{number} AS {FILE_NO}, {kept} AS {KEPT}, {failed} AS {WHERE_FAILED}"
        return f"SELECT *, {flags} FROM incoming WHERE {filled}"

    def _origin(
        self, mapping: TableMapping, file: SourceFile, column: Column, chosen: ColumnMapping, report: Report
    ) -> Origin | None:
        place = mapping.place("columns", column.name)
        if chosen.format and not self._works(f"strftime(DATE '2001-02-03', {cells.quote(chosen.format)})"):
            report.add(
                FORMAT_INVALID.at(
                    mapping.place("columns", column.name, "format"),
                    f"'{chosen.format}' is not a date format",
                    expected="such as %d.%m.%Y",
                )
            )
            return None
        if chosen.expr is not None:
            place = mapping.place("columns", column.name, "expr")
            if not self._check_expression(chosen.expr, file, place, f"columns.{column.name}", report):
                return None
            guarded = attempt(enclosed(chosen.expr), self._kind(chosen.expr))
            shown = shown_cells(chosen.expr, file.columns)
            return Origin(column, chosen, guarded, shown, column.name, computed=True)
        if chosen.from_ is not None:
            if chosen.from_ not in file.columns:
                report.add(
                    SOURCE_COLUMN_MISSING.at(
                        mapping.place("columns", column.name, "from"),
                        f"{file.shown} has no column '{chosen.from_}'",
                        expected=f"one of: {', '.join(_visible(file))}",
                        hint=suggest(chosen.from_, file.columns) or _delimiter_hint(file),
                    )
                )
                return None
            source = cells.name(chosen.from_)
            return Origin(column, chosen, source, source, chosen.from_)
        given = cells.literal(chosen.value)
        text = cells.quote(given.strip()) if given is not None and given.strip() else "CAST(NULL AS VARCHAR)"
        if given is not None and given.strip() and not self._works(cells.typed(column, text)):
            report.add(CONSTANT_INVALID.at(mapping.place("columns", column.name, "value"),
                                           f"'{given}' does not fit {mapping.table.name}.{column.name}",
                                           expected=cells.expected(column)))  # fmt: skip
            return None
        return Origin(column, chosen, text, text, column.name)

    def _works(self, expression: str) -> bool:
        try:
            return self.connection.execute(f"SELECT {expression}").fetchall()[0][0] is not None
        except duckdb.Error:
            return False

    def _create_probe(self, file: SourceFile) -> None:
        columns = ", ".join(f"{cells.name(column)} VARCHAR" for column in file.columns)
        self.connection.execute(f"CREATE OR REPLACE TABLE probe ({cells.name(LINE)} BIGINT, {columns})")

    def _kind(self, expression: str) -> str:
        described = self.connection.execute(f"DESCRIBE SELECT {enclosed(expression)} FROM probe").fetchall()
        return str(described[0][1])

    def _check_expression(self, expression: str, file: SourceFile, place: Place, what: str, report: Report) -> bool:
        """Whether an expression gives one value a row; the engine's message becomes an issue where it does not."""
        message = misuse(expression)
        if not message:
            try:
                self.connection.execute(f"SELECT {cells.name(LINE)}, {attempt(enclosed(expression))} FROM probe")
                return True
            except duckdb.Error as error:
                message = _first_line(error)
        known = ", ".join(_visible(file))
        report.add(EXPRESSION_INVALID.at(place, f"{what}: {message}", hint=f"{file.shown} has the columns: {known}",
                                         expected="an SQL expression over the columns of the source"))  # fmt: skip
        return False

    def _report_unmapped(self, mapping: TableMapping, file: SourceFile, column: Column, report: Report) -> None:
        table = mapping.table.name
        near = suggest(column.name, _visible(file))
        hint = f"{near} " if near else ""
        report.add(
            SOURCE_COLUMN_MISSING.at(
                mapping.place("columns"),
                f"{file.shown} gives nothing for {table}.{column.name}, which every row needs",
                expected=f"{column.meaning} The file has: {', '.join(_visible(file))}",
                hint=f"{hint}map it: {column.name}: <source column>"
                + (_delimiter_hint(file) and f"; {_delimiter_hint(file)}"),
            )
        )

    def _set_ragged_aside(self, table: Table, number: int, file: SourceFile) -> None:
        hint = "quote cells that hold the delimiter or a line break"
        rows = [
            (table.name, number, row.line, "", "", row.text[:SHOWN],
             f"{row.expected} cells as in the header, not {row.cells}", ROW_RAGGED.name, hint)
            for row in file.ragged
        ]  # fmt: skip
        if rows:
            self.connection.executemany("INSERT INTO aside VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self.ragged[table.name] = self.ragged.get(table.name, 0) + len(rows)


_FAULTS = "STRUCT(field VARCHAR, source VARCHAR, value VARCHAR, expected VARCHAR, code VARCHAR, hint VARCHAR)[]"


_FAULTS = "STRUCT(field VARCHAR, source VARCHAR, value VARCHAR, expected VARCHAR, code VARCHAR, hint VARCHAR)[]"


def _visible(file: SourceFile) -> list[str]:
    return [column for column in file.columns if not column.startswith("upcross:")]


def _delimiter_hint(file: SourceFile) -> str:
    if len(file.columns) == 1 and any(sign in file.columns[0] for sign in ",;\t|"):
        return "the header has one column: check 'delimiter:'"
    return ""


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
