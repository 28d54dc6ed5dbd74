"""Engines that speak through a cursor of Python's database interface: PostgreSQL, and the warehouses by drivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from importlib import import_module
from types import ModuleType
from typing import Any

import pyarrow as pa
from sqlglot import exp

from upcross.engine.connections.address import Address
from upcross.engine.connections.connection import (
    ROWS,
    Kind,
    Statement,
    batches,
    guessed,
    kind_of,
    refused,
    unreachable,
    without_driver,
)
from upcross.engine.connections.filling import creation, insertions, table_of
from upcross.engine.dialects import render
from upcross.errors import EngineError


class CursorConnection:
    """A connection through a driver that has cursors; each engine says how it is opened and where its schema is."""

    package = ""
    """What is installed."""
    module = ""
    """What is imported."""
    extra = ""
    hint = "check host, user, password and network; secrets come from the environment: ${NAME} in the address"
    collation = ""
    capitals = False
    """Whether names that nobody quotes are read in capitals."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._driver = self._import()
        try:
            self._open = self._connect()
        except Exception as error:
            raise unreachable(address, error, self.hint) from error

    @property
    def dialect(self) -> str:
        """The dialect in which statements are printed."""
        return self.address.dialect

    def _import(self) -> ModuleType:
        try:
            return import_module(self.module)
        except ImportError as error:
            raise without_driver(self.address, self.package, self.extra) from error

    def _connect(self) -> Any:
        raise NotImplementedError

    def _schema(self) -> tuple[str, ...]:
        """The schema in which the contract's tables lie, behind its catalogue where the engine has such."""
        raise NotImplementedError

    def execute(self, statement: Statement) -> None:
        """Run a statement; ``EngineError`` where the engine refuses it."""
        self._run(render(statement, self.dialect))

    def rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        return self._all(render(statement, self.dialect))

    def arrow(self, statement: Statement, schema: pa.Schema | None = None) -> pa.RecordBatchReader:
        """The rows of a result, a part at a time."""
        cursor = self._cursor()
        try:
            cursor.execute(render(statement, self.dialect))
            described = self._described(cursor)
        except Exception as error:
            cursor.close()
            raise refused(self.address, error) from error
        schema = schema or guessed(list(described), described)
        return pa.RecordBatchReader.from_batches(schema, batches(self._parts(cursor), schema))

    def create(self, name: str, select: Statement) -> None:
        """Keep the rows of a SELECT as a temporary table."""
        self._run(f"CREATE TEMPORARY TABLE {name} AS {render(select, self.dialect)}")

    def drop(self, name: str) -> None:
        """Remove a temporary table, if it is there."""
        self._run(f"DROP TABLE IF EXISTS {name}")

    def may_create(self) -> bool:
        """Whether temporary tables may be created."""
        try:
            self.create("upcross_probe", "SELECT 1 AS one")
            self.drop("upcross_probe")
        except EngineError:
            return False
        return True

    def tables(self) -> dict[str, str]:
        """What can be read in the schema."""
        *catalog, schema = self._schema()
        home = ".".join((*catalog, "information_schema"))
        found = self._all(
            f"SELECT table_name FROM {home}.tables WHERE LOWER(table_schema) = '{schema.lower()}'"  # names of ours
        )
        return {name.lower(): self._written(name) for (name,) in found}

    def columns(self, relation: str) -> dict[str, Kind]:
        """The columns of a table, or of a SELECT in brackets."""
        text = render(f"SELECT * FROM {relation} AS t LIMIT 0", self.dialect)
        try:
            with closing(self._plain_cursor()) as cursor:
                cursor.execute(text)
                return self._described(cursor)
        except Exception as error:
            raise refused(self.address, error) from error

    def keeps_tables(self) -> bool:
        """Whether a table that is written outlives the connection."""
        return True

    def write(self, name: str, rows: pa.Table) -> None:
        """Make a table of the schema with these rows; one of this name is replaced."""
        table = self._table(name)
        self.execute(f"DROP TABLE IF EXISTS {table.sql(dialect='duckdb')}")
        self.execute(creation(table, rows.schema, capitals=self.capitals))
        for statement in insertions(table, rows):
            self.execute(statement)

    def replace(self, name: str, by: str) -> None:
        """Put the rows of a table of the schema in the place of another, and drop the first."""
        new, old = (self._table(one).sql(dialect="duckdb") for one in (by, name))
        for statement in (
            f"DROP TABLE IF EXISTS {old}",
            f"CREATE TABLE {old} AS SELECT * FROM {new}",
            f"DROP TABLE {new}",
        ):
            self.execute(statement)

    def _table(self, name: str) -> exp.Table:
        parts = (*self._schema(), name)
        return table_of([part.upper() for part in parts] if self.capitals else parts)

    def close(self) -> None:
        """Let go of the engine."""
        with suppress(Exception):
            self._open.close()

    def _written(self, name: str) -> str:
        return ".".join(f'"{part}"' for part in (*self._schema(), name))

    def _cursor(self) -> Any:
        return self._open.cursor()

    def _plain_cursor(self) -> Any:
        return self._open.cursor()

    def _run(self, text: str) -> None:
        try:
            with closing(self._plain_cursor()) as cursor:
                cursor.execute(text)
        except Exception as error:
            raise refused(self.address, error) from error

    def _all(self, text: str) -> list[tuple[Any, ...]]:
        try:
            with closing(self._plain_cursor()) as cursor:
                cursor.execute(text)
                return [tuple(row) for row in cursor.fetchall()]
        except Exception as error:
            raise refused(self.address, error) from error

    def _described(self, cursor: Any) -> dict[str, Kind]:
        return {column[0]: self._kind(column[1]) for column in cursor.description or ()}

    def _kind(self, code: Any) -> Kind:
        return kind_of(str(code))

    def _parts(self, cursor: Any) -> Iterator[list[Any]]:
        try:
            while rows := cursor.fetchmany(ROWS):
                yield rows
        except Exception as error:
            raise refused(self.address, error) from error
        finally:
            cursor.close()


def only(options: Mapping[str, str], *names: str) -> dict[str, str]:
    """Some of an address's options, those that are given."""
    return {name: options[name] for name in names if name in options}
