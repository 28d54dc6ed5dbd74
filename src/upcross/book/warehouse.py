"""A DuckDB file as a source: one of its tables, or one query over it, opened for reading only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa

from upcross.book.text import Broken
from upcross.errors import Place, Severity, issue_code, suggest

WAREHOUSE_REFUSED = issue_code(
    "warehouse-refused", Severity.ERROR, "A table or query of a DuckDB file cannot be read, or is no query."
)

_ROWS = 50_000


def read_schema(path: Path, statement: str, shown: str) -> pa.Schema:
    """The columns of a statement over the file."""
    with closing(_open(path, shown)) as connection:
        _check(connection, statement, shown)
        return _stream(connection, f"SELECT * FROM ({statement}) LIMIT 0", shown).schema


def read_batches(path: Path, statement: str, shown: str) -> Iterator[pa.RecordBatch]:
    """The rows of a statement over the file, batch by batch."""
    with closing(_open(path, shown)) as connection:
        yield from _stream(connection, statement, shown)


def _open(path: Path, shown: str) -> duckdb.DuckDBPyConnection:
    try:
        # Other files, extensions that would be fetched and variables of ours are out of reach of a mapping's query.
        return duckdb.connect(
            str(path),
            read_only=True,
            config={"enable_external_access": "false", "python_enable_replacements": "false"},
        )
    except duckdb.Error as error:
        raise Broken(
            WAREHOUSE_REFUSED.at(Place(shown), f"cannot be opened: {_first_line(error)}", expected="a DuckDB file",
                                 hint="close the program that writes it, or read a copy")
        ) from error  # fmt: skip


def _check(connection: duckdb.DuckDBPyConnection, statement: str, shown: str) -> None:
    try:
        statements = connection.extract_statements(statement)
    except duckdb.Error as error:
        raise _refused(shown, error, "") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise Broken(WAREHOUSE_REFUSED.at(Place(shown), "the query is more than one SELECT",
                                          expected="one query that selects rows"))  # fmt: skip


def _stream(connection: duckdb.DuckDBPyConnection, statement: str, shown: str) -> pa.RecordBatchReader:
    try:
        return connection.sql(statement).to_arrow_reader(_ROWS)
    except duckdb.Error as error:
        known = [name for (name,) in connection.execute("SELECT table_name FROM information_schema.tables"
                                                        " ORDER BY 1").fetchall()]  # fmt: skip
        absent = re.search(r"Table with name (\S+) does not exist", str(error))
        hint = suggest(absent[1], known) if absent else ""
        hint = hint or (f"the file has: {', '.join(known[:12])}" if known else "")
        raise _refused(shown, error, hint) from error


def _refused(shown: str, error: duckdb.Error, hint: str) -> Broken:
    return Broken(WAREHOUSE_REFUSED.at(Place(shown), f"cannot be read: {_first_line(error)}", hint=hint))


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
