"""The rows of a statement as Python objects."""

from __future__ import annotations

from typing import Any

import duckdb


def rows(connection: duckdb.DuckDBPyConnection, statement: str) -> list[dict[str, Any]]:
    """Every row that a statement gives, as values by column name; null is None, a list is a list.

    The engine resolves the statement once: asking it for a relation (``sql``) resolves it twice, which for statements
    of a thousand columns costs more than running them.
    """
    found = connection.execute(statement)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
