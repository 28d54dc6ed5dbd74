"""The dialects in which a statement can be printed, and how: one tree, many texts."""

from __future__ import annotations

from sqlglot import exp

from upcross.errors import UsageError, suggest

DIALECTS = ("duckdb", "postgres")
"""Dialects whose printed statements are executed in tests."""


def render(statement: exp.Expression, dialect: str = "duckdb", *, pretty: bool = False) -> str:
    """A statement as text in a dialect; ``UsageError`` for a dialect that is not known.

    The statement is rendered as it stands; nothing is optimised, so that what a person reads is what runs.
    """
    if dialect not in DIALECTS:
        raise UsageError(f"unknown dialect '{dialect}'; known: {', '.join(DIALECTS)}. {suggest(dialect, DIALECTS)}")
    return statement.sql(dialect=dialect, pretty=pretty)
