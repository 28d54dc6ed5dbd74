"""The dialects in which a statement can be printed: one text, written in DuckDB's, and SQLGlot for the others."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from upcross.errors import UsageError, suggest

DIALECTS = ("duckdb", "postgres")
"""Dialects whose printed statements are executed in tests."""


def render(statement: str | exp.Expr, dialect: str = "duckdb", *, pretty: bool = False) -> str:
    """A statement as text in a dialect; ``UsageError`` for a dialect that is not known.

    Nothing is optimised: text in DuckDB's dialect comes back as it stands.
    """
    if dialect not in DIALECTS:
        raise UsageError(f"unknown dialect '{dialect}'; known: {', '.join(DIALECTS)}. {suggest(dialect, DIALECTS)}")
    if isinstance(statement, exp.Expr):
        return statement.sql(dialect=dialect, pretty=pretty)
    if dialect == "duckdb":
        return statement
    return sqlglot.transpile(statement, read="duckdb", write=dialect, pretty=pretty)[0]
