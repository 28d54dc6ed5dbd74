"""The same statement gives identical rows on DuckDB and on a real PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest
from rich_book import rich_book

from upcross.engine.dialects import render
from upcross.plays.library import load_library
from upcross.runs import Evaluation
from upcross.signals.model import Scope

AS_OF = date(2026, 3, 31)


def _postgres_rows(connection: str, scope: Scope) -> list[dict[str, Any]]:
    book = rich_book()
    with psycopg.connect(connection) as pg:
        pg.execute("DROP SCHEMA IF EXISTS book CASCADE")
        pg.execute("CREATE SCHEMA book")
        for statement in book.statements():
            pg.execute(statement)  # type: ignore[arg-type]
        cursor = pg.execute(render(book.frame(AS_OF).statement(scope), "postgres"))  # type: ignore[arg-type]
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return sorted(rows, key=lambda row: tuple(row[key] for key in scope.keys))


@pytest.mark.parametrize("scope", list(Scope), ids=str)
def test_identical_rows(postgres: str, scope: Scope) -> None:
    expected = rich_book().every_signal(scope, AS_OF)
    assert expected, "the book must have rows in every scope for this to say anything"
    got = _postgres_rows(postgres, scope)
    assert [list(row) for row in got] == [list(row) for row in expected]
    for mine, theirs in zip(expected, got, strict=True):
        for name, value in mine.items():
            assert theirs[name] == value, f"{name} at {[mine[key] for key in scope.keys]}"
            assert type(theirs[name]) is type(value), name


def test_verdicts_are_identical_too(postgres: str) -> None:
    """The four verdict statements over the kept signals of the same book: the same words, bit by bit."""
    book = rich_book()
    frame = book.frame(AS_OF)
    evaluation = Evaluation(frame, load_library(frame.registry.signals, tests=False), ())
    duck = book.connect()
    with psycopg.connect(postgres) as pg:
        pg.execute("DROP SCHEMA IF EXISTS book CASCADE")
        pg.execute("CREATE SCHEMA book")
        for statement in book.statements():
            pg.execute(statement)  # type: ignore[arg-type]
        for scope in Scope:
            table = f"signals_{scope.value}"
            duck.execute(f"CREATE TABLE {table} AS {evaluation.signals_statement(scope)}")
            pg.execute(f"DROP TABLE IF EXISTS {table}")  # type: ignore[arg-type]
            pg.execute(f"CREATE TABLE {table} AS {render(evaluation.signals_statement(scope), 'postgres')}")  # type: ignore[arg-type]
            statement = evaluation.verdicts_statement(scope)
            mine = sorted(duck.execute(statement).fetchall())
            theirs = sorted(pg.execute(render(statement, "postgres")).fetchall())  # type: ignore[arg-type]
            assert mine == theirs, scope
            assert mine, scope
