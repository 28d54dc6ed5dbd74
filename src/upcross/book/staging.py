"""Staging: one source file after another becomes typed rows, and rows that break the contract are set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from upcross.book import cells
from upcross.book.expressions import attempt, columns_used, enclosed, misuse, shown_cells, with_numbers
from upcross.book.mapping import ColumnMapping, TableMapping
from upcross.book.origins import EXPRESSION_INVALID, FILE_NO, KEPT, SHOWN, WHERE_FAILED, Origin, typed_rows
from upcross.book.source import LINE, SOURCE_WITHOUT_ROWS, SourceFile
from upcross.book.text import SOURCE_ENCODING
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
ROW_MALFORMED = issue_code("row-malformed", Severity.ERROR, "Rows were set aside: a line is not one JSON object.")
ROW_RAGGED = issue_code("row-ragged", Severity.ERROR, "Rows were set aside: they have not as many cells as the header.")

_FAULTS = "STRUCT(field VARCHAR, source VARCHAR, value VARCHAR, expected VARCHAR, code VARCHAR, hint VARCHAR)[]"


Begin = Callable[[SourceFile], None]
_NUMBER = "upcross:number"


class Staging:
    """Typed rows of all tables, in the engine, with the file and the line that each came from.

    ``stage.<table>`` has the contract's columns, ``file_no``, ``line``, ``kept`` (``where`` holds) and ``faults``.
    Empty cells are NULL, except in keys and currencies, where the contract's default stands at once.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, reporting_currency: str) -> None:
        self.connection = connection
        self.reporting_currency = reporting_currency
        self.files: list[str] = []
        self.ragged: dict[int, int] = {}
        """How many ragged rows a file has, by its number in ``files``."""
        self.mapped: dict[str, set[str]] = {}
        self.sources: dict[str, list[int]] = {}
        self._plans: dict[tuple[int, tuple[str, ...], tuple[str, ...]], list[Origin]] = {}
        self._read_as: dict[int, tuple[TableMapping, Sequence[Origin]]] = {}
        self._taken: dict[int, tuple[TableMapping, SourceFile]] = {}
        connection.execute("CREATE SCHEMA stage")
        connection.execute(
            "CREATE TABLE aside (table_name VARCHAR, file_no INTEGER, line BIGINT, field VARCHAR, source VARCHAR,"
            " value VARCHAR, expected VARCHAR, code VARCHAR, hint VARCHAR, part VARCHAR)"
        )

    def plan(self, mapping: TableMapping, file: SourceFile, report: Report) -> list[Origin]:
        """How each column is read from a file; every fault of the mapping against the file goes into ``report``.

        Files of one mapping with one header are read alike, which is found out once.
        """
        alike = (id(mapping), file.columns, tuple(file.wordless))
        if alike in self._plans:
            return self._plans[alike]
        noted = Report()
        origins = self._plan(mapping, file, noted)
        report.extend(noted)
        if not noted:
            self._plans[alike] = origins
        return origins

    def _plan(self, mapping: TableMapping, file: SourceFile, report: Report) -> list[Origin]:
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

    def gives(self, table: str, column: str) -> bool:
        """Whether a source or the catalogue gives a column."""
        return column in self.mapped.get(table, ())

    def read_as(self, number: int) -> tuple[TableMapping, Sequence[Origin]]:
        """How a file that a mapping names is read, by its number in ``files``."""
        if number not in self._read_as:
            mapping, file = self._taken[number]
            self._read_as[number] = mapping, self.plan(mapping, file, Report())
        return self._read_as[number]

    def take(self, mapping: TableMapping, file: SourceFile, mapped: Sequence[str]) -> int:
        """Count a file among the sources without reading it: it gave these columns before; its number."""
        table = mapping.table
        if table.name not in self.sources:
            self.create(table)
        self.mapped.setdefault(table.name, set()).update(mapped)
        number = len(self.files)
        self.files.append(file.shown)
        self._taken[number] = (mapping, file)
        self.sources.setdefault(table.name, []).append(number)
        return number

    def read(self, numbers: Sequence[int], origins: Sequence[Origin], begin: Begin) -> dict[int, Report]:
        """Read files that were taken, alike in mapping and header, into ``stage.<table>``; for each what was found.

        An error is a fault that ends the reading of its file. ``begin`` is called with each file.
        """
        mapping, file = self._taken[numbers[0]]
        table = mapping.table
        files = {number: self._taken[number][1] for number in numbers}
        found = {number: Report() for number in numbers}
        self._read_as.update((number, (mapping, origins)) for number in numbers)
        schema = file.schema().append(pa.field(_NUMBER, pa.int32()))
        self.connection.register("incoming", pa.RecordBatchReader.from_batches(schema, _numbered(files, schema, begin)))
        where = mapping.source.where
        try:
            where_shown = shown_cells(where, file.columns) if where is not None else ""
            select = typed_rows(table, origins, self._incoming(where, file), self.reporting_currency, where_shown)
            self.insert(f"stage.{table.name}", select)
        except duckdb.Error as error:
            fault = next((one.fault for one in files.values() if one.fault), None)
            if fault is None and isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
                raise  # the store's disk or memory, not the source
            if len(files) > 1:  # nothing of any is in: each tells its own faults
                for one in files.values():
                    one.forget()
                return {number: self.read([number], origins, begin)[number] for number in numbers}
            # The stream says why it broke off; otherwise an expression failed in a way that TRY does not catch.
            found[numbers[0]].add(
                fault
                or EXPRESSION_INVALID.at(mapping.place(), f"{file.shown} cannot be computed: {_first_line(error)}",
                                         hint="check the expressions of this mapping")
            )  # fmt: skip
            return found
        finally:
            self.connection.unregister("incoming")
        filled = {
            number for (number,) in self.connection.execute(
                f"SELECT DISTINCT file_no FROM stage.{table.name} WHERE file_no >= {min(numbers)}"
            ).fetchall()
        }  # fmt: skip
        for number, one in files.items():
            self._set_ragged_aside(table, number, one)
            self._report_garbled(mapping, one, origins, found[number])
            if number not in filled and not one.ragged:
                found[number].add(
                    SOURCE_WITHOUT_ROWS.at(Place(one.shown, table=table.name), "has a header and no rows",
                                           hint="check the export; the table is loaded without it")
                )  # fmt: skip
        return found

    def type_rows(self, table: Table, relation: str, origins: Sequence[Origin], into: str) -> None:
        """Type a relation of text cells (with ``LINE`` and ``FILE_NO``) into a new relation, shaped as staged."""
        self.create(table, into)
        rows = f"SELECT *, true AS {KEPT}, false AS {WHERE_FAILED} FROM {relation}"
        self.insert(into, typed_rows(table, origins, rows, self.reporting_currency))

    def create(self, table: Table, name: str | None = None) -> None:
        """Create an empty staged relation of a table, if it is not there yet."""
        columns = ", ".join(f"{cells.name(column.name)} {column.type.sql}" for column in table.columns)
        self.connection.execute(
            f"CREATE TABLE IF NOT EXISTS {name or 'stage.' + table.name} (file_no INTEGER, line BIGINT, kept BOOLEAN,"
            f" faults {_FAULTS}, {columns})"
        )

    def sift(self, table: Table) -> dict[int, tuple[int, int]]:
        """Move faults to ``aside`` and remove the rows that have any, or that ``where`` leaves out.

        For each file how many rows it has, and how many of them are left out.
        """
        staged = f"stage.{table.name}"
        self.connection.execute(
            f"INSERT INTO aside SELECT '{table.name}', file_no, line, fault.field, fault.source, fault.value,"
            f" fault.expected, fault.code, fault.hint, NULL FROM (SELECT file_no, line, unnest(faults) AS fault"
            f" FROM {staged} WHERE kept AND faults IS NOT NULL) WHERE fault IS NOT NULL"
        )
        counted = self.connection.execute(
            f"SELECT file_no, count(*), count(*) FILTER (NOT kept) FROM {staged} GROUP BY file_no"
        ).fetchall()
        self.connection.execute(f"DELETE FROM {staged} WHERE NOT kept OR faults IS NOT NULL")
        return {number: (rows, left_out) for number, rows, left_out in counted}

    def insert(self, into: str, select: str) -> int:
        """Add the rows of a SELECT to a relation; how many."""
        return int(self.connection.execute(f"INSERT INTO {into} {select}").fetchall()[0][0])

    def _incoming(self, where: str | None, file: SourceFile) -> str:
        kept, failed = "true", "false"
        if where is not None:
            guarded = attempt(f"coalesce({enclosed(where)}, false)")
            kept, failed = f"coalesce({guarded} = 'true', true)", f"({guarded}) IS NULL"
        # Rows without any cell are blank lines, not rows.
        filled = " OR ".join(f"{cells.name(column)} <> ''" for column in file.columns)
        flags = f"{cells.name(_NUMBER)} AS {FILE_NO}, {kept} AS {KEPT}, {failed} AS {WHERE_FAILED}"
        return f"SELECT *, {flags} FROM incoming WHERE {filled}"

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
                message = _first_line(error)
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

    def _report_garbled(
        self, mapping: TableMapping, file: SourceFile, origins: Sequence[Origin], report: Report
    ) -> None:
        """Bytes that are no text spoil the file where the mapping reads them, and nothing where it does not."""
        used = {origin.mapping.from_ for origin in origins}
        for expression in [mapping.source.where, *(origin.mapping.expr for origin in origins)]:
            used.update(columns_used(expression, file.columns) if expression else [])
        for name, row in file.garbled.items():
            if name in used:
                report.add(
                    SOURCE_ENCODING.at(
                        Place(file.shown, row), f"column '{name}' holds bytes that are not UTF-8",
                        expected="UTF-8 text",
                        hint="write it as text where the file is made, or leave it out of the mapping",
                    )
                )  # fmt: skip

    def _set_ragged_aside(self, table: Table, number: int, file: SourceFile) -> None:
        if not file.ragged:
            return
        # One kind of fault a file, whatever the number of cells.
        if file.is_json:
            code, told = ROW_MALFORMED.name, [row.text[:SHOWN] for row in file.ragged]
            expected, hint = "one JSON object", "write each object on one line, and each key once"
        else:
            code = ROW_RAGGED.name
            told = [f"{row.cells} cell{'s'[: row.cells != 1]}: {row.text}"[:SHOWN] for row in file.ragged]
            expected = f"{file.ragged[0].expected} cells as in the header"
            hint = "quote cells that hold the delimiter or a line break"
        self.connection.register("ragged", pa.table({"line": [row.line for row in file.ragged], "value": told}))
        self.connection.execute(
            f"INSERT INTO aside SELECT '{table.name}', {number}, line, '', '', value, {text_literal(expected)},"
            f" '{code}', {text_literal(hint)}, NULL FROM ragged"
        )
        self.connection.unregister("ragged")
        self.ragged[number] = len(file.ragged)


def _numbered(files: Mapping[int, SourceFile], schema: pa.Schema, begin: Begin) -> Iterator[pa.RecordBatch]:
    """The rows of one file after the other, each with the number of its file."""
    for number, file in files.items():
        begin(file)
        for batch in file.batches():
            numbers = pa.repeat(pa.scalar(number, pa.int32()), batch.num_rows)
            yield pa.RecordBatch.from_arrays([*batch.columns, numbers], schema=schema)


_KINDS = {"VARCHAR": "a text", "DATE": "a date", "INTEGER": "a number", "BIGINT": "a number"}


def _visible(file: SourceFile) -> list[str]:
    return [column for column in file.columns if not column.startswith("upcross:")]


def _delimiter_hint(file: SourceFile) -> str:
    if len(file.columns) == 1 and any(sign in file.columns[0] for sign in ",;\t|"):
        return "the header has one column: check 'delimiter:'"
    return ""


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
