"""Staging: one source file after another becomes typed rows, and rows that break the contract are set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from upcross.book import cells
from upcross.book.expressions import attempt, columns_used, enclosed, shown_cells
from upcross.book.fitting import Fitting, first_line
from upcross.book.mapping import TableMapping
from upcross.book.origins import EXPRESSION_INVALID, FILE_NO, KEPT, SHOWN, WHERE_FAILED, Origin, typed_rows
from upcross.book.source import SOURCE_WITHOUT_ROWS, SourceFile
from upcross.book.text import SOURCE_ENCODING
from upcross.contract import Table
from upcross.engine.compile import text_literal
from upcross.errors import Place, Report, Severity, issue_code

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
        self._fitting = Fitting(connection)
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
        origins = self._fitting.origins(mapping, file, noted)
        report.extend(noted)
        if not noted:
            self._plans[alike] = origins
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
                or EXPRESSION_INVALID.at(mapping.place(), f"{file.shown} cannot be computed: {first_line(error)}",
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
