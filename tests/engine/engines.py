"""The engines on which a statement is really run: each takes the same book and gives rows as Python values."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sliced import Book

from upcross.contract import TABLES
from upcross.engine.dialects import render

Rows = tuple[list[str], list[tuple[Any, ...]]]
"""The names of the columns, and the rows, in no order."""

Answer = Rows | Exception
"""Rows, or the fault for which there are none."""


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

    def answers(self, statements: Mapping[str, str]) -> dict[str, Answer]:
        """The rows of each of several statements, by its name, or the fault for which there are none."""
        found: dict[str, Answer] = {}
        for name, statement in statements.items():
            try:
                found[name] = self.rows(statement)
            except Exception as error:  # whatever an engine raises is what its test tells
                found[name] = error
        return found

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
        self.connection = psycopg.connect(
            address, autocommit=True, options="-c enable_nestloop=off"
        )  # as the product does

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
    """Spark in this process's own Java, as its session says: views over rows in memory, as few statements as will do."""

    name = "spark"
    dialect = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session

    def show(self, book: Book, folder: Path) -> None:
        for held in self.session.sql("SHOW VIEWS").collect():
            self.session.catalog.dropTempView(held["viewName"])
        for name, table in book.tables.items():
            self._hold(f"book.{name}", table)

    def run(self, printed: str) -> Rows:
        found = self.session.sql(_one_word(printed))
        return found.columns, [tuple(row) for row in found.collect()]

    def answers(self, statements: Mapping[str, str]) -> dict[str, Answer]:
        named: dict[tuple[str, ...], list[str]] = {}
        for name, text in statements.items():
            named.setdefault(tuple(sqlglot.parse_one(text, read="duckdb").named_selects), []).append(name)
        # Of types too: put together, another type would become the common one, and nobody would see the difference.
        alike: dict[tuple[tuple[str, ...], str], list[str]] = {}
        for columns, names in named.items():
            for name in names:
                types = statements[name] if "*" in columns else self._types(statements[name]) if len(names) > 1 else ""
                alike.setdefault((columns, types), []).append(name)
        found: dict[str, Answer] = {}
        for (columns, _), names in alike.items():
            for begin in range(0, len(names), TOGETHER):
                together = {name: statements[name] for name in names[begin : begin + TOGETHER]}
                found |= self._together(together, columns)
        return {name: found[name] for name in statements}

    def _types(self, statement: str) -> str:
        try:
            schema = self.session.sql(_one_word(render(statement, self.dialect))).schema
        except Exception:
            return statement  # alone: its fault is its own
        return ", ".join(field.dataType.simpleString() for field in schema.fields)

    def _together(self, statements: Mapping[str, str], columns: tuple[str, ...]) -> dict[str, Answer]:
        """Statements of the same columns as one, each row with the number of its own; halved where that has a fault."""
        if len(statements) == 1:
            return super().answers(statements)
        listed = ", ".join(columns)
        printed = " UNION ALL ".join(
            f"SELECT {number} AS asked, {listed} FROM ({render(text, self.dialect)}) AS asked_{number}"
            for number, text in enumerate(statements.values())
        )
        try:
            _, rows = self.run(printed)
        except Exception:
            half = len(statements) // 2
            first, second = dict(list(statements.items())[:half]), dict(list(statements.items())[half:])
            return self._together(first, columns) | self._together(second, columns)
        of: list[list[tuple[Any, ...]]] = [[] for _ in statements]
        for number, *cells in rows:
            of[number].append(tuple(cells))
        return {name: (list(columns), of[number]) for number, name in enumerate(statements)}

    def keep(self, name: str, statement: str) -> None:
        # Few rows, held in memory: planning over files would take longer than reading them.
        self._hold(name, self.session.sql(_one_word(render(statement, self.dialect))).toArrow())

    view = keep

    def execute(self, printed: str) -> None:
        self.session.sql(_one_word(printed))

    def _hold(self, name: str, rows: pa.Table) -> None:
        self.session.createDataFrame(rows).createOrReplaceTempView(_one_word(name))


TOGETHER = 20
"""So many statements of few rows are one for Spark, which takes as long to begin one as to answer it."""


def _one_word(printed: str) -> str:
    """Views of a session belong to no schema: ``book.usage`` is ``book_usage``, as the product calls it there, too."""
    return re.sub(r"\b(book|current)\.(\w+)", r"\1_\2", printed)


def write(book: Book, folder: Path) -> None:
    """A book's tables as Parquet, which every engine but PostgreSQL reads."""
    for name, table in book.tables.items():
        pq.write_table(table, folder / f"{name}.parquet")


__all__ = ["Answer", "DuckDB", "Engine", "OtherDuckDB", "PostgreSQL", "Rows", "Spark", "closing", "write"]
