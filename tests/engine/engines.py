"""The engines on which a statement is really run: each takes the same book and gives rows as Python values."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow.parquet as pq
from sliced import Book

from upcross.contract import TABLES
from upcross.engine.dialects import render

Rows = tuple[list[str], list[tuple[Any, ...]]]
"""The names of the columns, and the rows, in no order."""


SCHEMAS = ("book", "current", "kept")
"""The stored tables; the views that checks read; what is made from them."""


class Engine(ABC):
    """One engine: it shows a book as schema ``book``, keeps results as tables, and gives rows."""

    name: str
    dialect: str

    @abstractmethod
    def show(self, book: Book, folder: Path) -> None:
        """Show a book, and nothing that was shown or kept before it."""

    @abstractmethod
    def run(self, printed: str) -> Rows:
        """The rows of a statement in the engine's own dialect."""

    @abstractmethod
    def execute(self, printed: str) -> None:
        """Run a statement that gives no rows."""

    def rows(self, statement: str) -> Rows:
        """The rows of a statement written in DuckDB's dialect."""
        return self.run(render(statement, self.dialect))

    def keep(self, name: str, statement: str) -> None:
        """Keep a statement's rows as a table."""
        self.execute(f"CREATE TABLE {name} AS {render(statement, self.dialect)}")

    def view(self, name: str, statement: str) -> None:
        """Show a statement as a view."""
        self.execute(f"CREATE VIEW {name} AS {render(statement, self.dialect)}")

    def close(self) -> None:  # noqa: B027 - not every engine holds something
        """Let go of it."""


class DuckDB(Engine):
    """DuckDB inside this process."""

    name = "duckdb"
    dialect = "duckdb"
    connection: duckdb.DuckDBPyConnection

    def show(self, book: Book, folder: Path) -> None:
        self.connection = duckdb.connect(config={"threads": 2})
        self.connection.execute("CREATE SCHEMA book; CREATE SCHEMA current")
        for name in book.tables:
            self.connection.execute(f"CREATE VIEW book.{name} AS FROM read_parquet('{folder}/{name}.parquet')")

    def run(self, printed: str) -> Rows:
        found = self.connection.execute(printed)
        return [column[0] for column in found.description or ()], found.fetchall()

    def execute(self, printed: str) -> None:
        self.connection.execute(printed)


class OtherDuckDB(Engine):
    """Another version of DuckDB, in a process of its own."""

    name = "duckdb-1.5"
    dialect = "duckdb"

    def __init__(self, packages: Path) -> None:
        path = os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("other_duckdb.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        self.version = self._ask(None)

    def show(self, book: Book, folder: Path) -> None:
        self._ask({name: f"{folder}/{name}.parquet" for name in book.tables})

    def run(self, printed: str) -> Rows:
        return self._ask(printed)

    def execute(self, printed: str) -> None:
        self._ask(printed)

    def _ask(self, what: object) -> Any:
        assert self.process.stdin and self.process.stdout
        pickle.dump(what, self.process.stdin)
        self.process.stdin.flush()
        answer = pickle.load(self.process.stdout)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.process.communicate()


class PostgreSQL(Engine):
    """A real PostgreSQL server."""

    name = "postgres"
    dialect = "postgres"

    def __init__(self, address: str) -> None:
        self.connection = psycopg.connect(address, autocommit=True)

    def show(self, book: Book, folder: Path) -> None:
        for schema in SCHEMAS:
            self.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            self.execute(f"CREATE SCHEMA {schema}")
        self.execute("SET search_path = kept")
        for name, table in book.tables.items():
            types = {column.name: column.type.sql for column in TABLES[name].columns}
            cells = ", ".join(f"{column} {types.get(column, 'BIGINT')}" for column in table.column_names)
            self.execute(f"CREATE TABLE book.{name} ({cells})")
            with self.connection.cursor() as cursor, cursor.copy(f"COPY book.{name} FROM STDIN") as copy:
                for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                    copy.write_row(row)
        self.execute("ANALYZE")

    def run(self, printed: str) -> Rows:
        cursor = self.connection.execute(printed)
        return [column.name for column in cursor.description or ()], cursor.fetchall()

    def execute(self, printed: str) -> None:
        self.connection.execute(printed)

    def close(self) -> None:
        self.connection.close()


class Spark(Engine):
    """Spark in this process's own Java, as its session says."""

    name = "spark"
    dialect = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session

    def show(self, book: Book, folder: Path) -> None:
        for schema in SCHEMAS:
            self.execute(f"DROP DATABASE IF EXISTS {schema} CASCADE")
            self.execute(f"CREATE DATABASE {schema}")
        self.execute("USE kept")
        for name in book.tables:
            self.execute(f"CREATE TABLE book.{name} USING parquet LOCATION '{folder}/{name}.parquet'")

    def run(self, printed: str) -> Rows:
        found = self.session.sql(printed)
        return found.columns, [tuple(row) for row in found.collect()]

    def keep(self, name: str, statement: str) -> None:
        # Few rows, held in memory: planning over files would take longer than reading them.
        rows = self.session.sql(render(statement, self.dialect)).toArrow()
        self.session.createDataFrame(rows).createOrReplaceTempView(name)

    def execute(self, printed: str) -> None:
        self.session.sql(printed)


def write(book: Book, folder: Path) -> None:
    """A book's tables as Parquet, which every engine but PostgreSQL reads."""
    for name, table in book.tables.items():
        pq.write_table(table, folder / f"{name}.parquet")


__all__ = ["DuckDB", "Engine", "OtherDuckDB", "PostgreSQL", "Rows", "Spark", "closing", "write"]
