"""How the columns of a table are read from a source file: what a mapping says, held against what the file has."""

from __future__ import annotations

import duckdb

from upcross.book import cells
from upcross.book.expressions import attempt, columns_used, enclosed, misuse, shown_cells, with_numbers
from upcross.book.mapping import ColumnMapping, TableMapping
from upcross.book.origins import EXPRESSION_INVALID, Origin
from upcross.book.source import LINE, SourceFile
from upcross.contract import Column, Table, Type
from upcross.engine.compile import text_literal
from upcross.errors import Place, Report, Severity, issue_code, suggest

SOURCE_COLUMN_MISSING = issue_code(
    "source-column-missing", Severity.ERROR, "A source file lacks a column that the mapping or the contract needs."
)
SOURCE_COLUMN_WORDLESS = issue_code(
    "source-column-wordless", Severity.ERROR, "A Parquet column that is needed holds lists, structs or other no text."
)
CONSTANT_INVALID = issue_code("constant-invalid", Severity.ERROR, "A constant does not fit its column.")
FORMAT_INVALID = issue_code("format-invalid", Severity.ERROR, "A date format cannot be read.")


class Fitting:
    """Mappings held against files, in the engine that will compute their expressions."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def origins(self, mapping: TableMapping, file: SourceFile, report: Report) -> list[Origin]:
        """How each column is read from a file; every fault of the mapping against the file goes into ``report``."""
        self._create_probe(file)
        origins: list[Origin] = []
        for column in mapping.table.columns:
            chosen = mapping.source.columns.get(column.name)
            if chosen is None and column.name in file.columns:
                chosen = ColumnMapping.model_validate({"from": column.name})
            wordless = (chosen.from_ or "") if chosen else column.name
            if wordless in file.wordless:
                self._report_wordless(mapping, file, column, wordless, report)
                continue
            if chosen is None or chosen.left_out:
                if column.required:
                    self._report_unmapped(mapping, file, column, report)
                continue
            origin = self._origin(mapping, file, column, chosen, report)
            if origin is not None:
                origins.append(origin)
        if mapping.source.where is not None:
            self._check_where(mapping, mapping.source.where, file, report)
        return origins

    def _origin(
        self, mapping: TableMapping, file: SourceFile, column: Column, chosen: ColumnMapping, report: Report
    ) -> Origin | None:
        place = mapping.place("columns", column.name)
        if chosen.format and not self._works(f"strftime(DATE '2001-02-03', {text_literal(chosen.format)})"):
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
            what = f"columns.{column.name}"
            if not self._check_expression(mapping, chosen.expr, file, place, what, report):
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
        text = text_literal(given.strip()) if given is not None and given.strip() else "CAST(NULL AS VARCHAR)"
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

    def _check_where(self, mapping: TableMapping, where: str, file: SourceFile, report: Report) -> None:
        place = mapping.place("where")
        if self._check_expression(mapping, where, file, place, "where", report):
            kind = self._kind(where)
            if kind != "BOOLEAN":
                report.add(EXPRESSION_INVALID.at(place, f"where: '{where}' is {_KINDS.get(kind, kind)}",
                                                 expected="a condition that is true or false",
                                                 hint=f"compare it, for example: {where} = 'active'"))  # fmt: skip

    def _check_expression(
        self, mapping: TableMapping, expression: str, file: SourceFile, place: Place, what: str, report: Report
    ) -> bool:
        """Whether an expression gives one value a row; the engine's message becomes an issue where it does not."""
        message = misuse(expression)
        if not message:
            try:
                self.connection.execute(f"SELECT {cells.name(LINE)}, {attempt(enclosed(expression))} FROM probe")
                return True
            except duckdb.Error as error:
                message = first_line(error)
        report.add(EXPRESSION_INVALID.at(place, f"{what}: {message}",
                                         hint=self._expression_hint(mapping.table, expression, file),
                                         expected="an SQL expression over the columns of the source"))  # fmt: skip
        return False

    def _expression_hint(self, table: Table, expression: str, file: SourceFile) -> str:
        whole = {column.name for column in table.columns if column.type is Type.INTEGER}
        reckoned = with_numbers(expression, whole)
        if reckoned != expression and self._binds(reckoned):
            return f"cells are text; to reckon with them: {reckoned}"
        unread = [f"'{name}' is of type {file.wordless[name]}" for name in columns_used(expression, file.wordless)]
        known = f"{file.shown} has the columns: {', '.join(_visible(file))}"
        return "; ".join([f"{', '.join(unread)} and cannot be read", known] if unread else [known])

    def _binds(self, expression: str) -> bool:
        try:
            self._kind(expression)
        except duckdb.Error:
            return False
        return True

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

    def _report_wordless(
        self, mapping: TableMapping, file: SourceFile, column: Column, name: str, report: Report
    ) -> None:
        report.add(
            SOURCE_COLUMN_WORDLESS.at(
                mapping.place("columns", column.name, "from"),
                f"column '{name}' of {file.shown} is of type {file.wordless[name]} and cannot be read",
                expected=f"one value a cell, for {mapping.table.name}.{column.name}",
                hint="write it as text where the file is made"
                + ("" if column.required else f", or take nothing: {column.name}: null"),
            )
        )


_KINDS = {"VARCHAR": "a text", "DATE": "a date", "INTEGER": "a number", "BIGINT": "a number"}


def _visible(file: SourceFile) -> list[str]:
    return [column for column in file.columns if not column.startswith("upcross:")]


def _delimiter_hint(file: SourceFile) -> str:
    if len(file.columns) == 1 and any(sign in file.columns[0] for sign in ",;\t|"):
        return "the header has one column: check 'delimiter:'"
    return ""


def first_line(error: duckdb.Error) -> str:
    """What the engine says, without its drawing of the place."""
    return str(error).splitlines()[0]
