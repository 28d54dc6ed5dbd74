"""Showing a book that stays in its engine: each table as the engine reads it, with what people typed beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import duckdb

from upcross.book.typed import JUDGED, Typed
from upcross.contract import TABLES
from upcross.engine.compile import values_relation
from upcross.engine.connections import Connection
from upcross.engine.routed import Routed


def routed(
    local: duckdb.DuckDBPyConnection, engine: Callable[[], Connection], kept: Path | None
) -> duckdb.DuckDBPyConnection:
    """A connection to what was brought that runs a statement in the engine where one of its tables stayed there.

    What the engine answers is kept in a folder of the load, where one is given.
    """
    return cast(duckdb.DuckDBPyConnection, Routed(local, engine, kept))


def stay(
    connection: duckdb.DuckDBPyConnection, name: str, relation: str, typed: Typed, *, away: bool, origins: bool
) -> str:
    """Let the engine read a table by its relation and what was typed; the SELECT that stands for it here, '' for none.

    A table that is away is empty here: it gives names and types to the statements that are sent to the engine.
    """
    table = TABLES[name]
    shown = relation
    if typed.rows.get(name) and not origins:
        shown = _with_typed(typed, name, relation)
    if origins and shown:
        shown = f"SELECT {', '.join(table.names)}, CAST(NULL AS BIGINT) AS source_row FROM ({shown}) AS r"
    if isinstance(connection, Routed) and shown:
        connection.show(name, shown, away=away)
    if not away:
        return ""
    cells = ", ".join(f"CAST(NULL AS {column.type.sql}) AS {column.name}" for column in table.columns)
    return f"SELECT {cells}{', CAST(NULL AS BIGINT) AS source_row' if origins else ''} WHERE false"


def _with_typed(typed: Typed, name: str, relation: str) -> str:
    """The rows of a relation, and of the typed ones those that no row of it stands against."""
    table = TABLES[name]
    kinds = {column.name: column.type.sql for column in table.columns}
    columns = ", ".join(table.names)
    rows = values_relation(
        kinds, [tuple(row.get(column.name, column.default) for column in table.columns) for row in typed.rows[name]]
    )
    if not relation:
        return rows
    same = " AND ".join(f"t.{key} = l.{key}" for key in table.key)
    later = f" AND l.{JUDGED[name]} > t.{JUDGED[name]}" if name in JUDGED else ""
    return (
        f"SELECT {columns} FROM ({relation}) AS r UNION ALL SELECT {columns} FROM ({rows}) AS t"
        f" WHERE NOT EXISTS (SELECT 1 FROM ({relation}) AS l WHERE {same}{later})"
    )
