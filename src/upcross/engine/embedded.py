"""The embedded engine: DuckDB in this process's memory, set as statements of hundreds of relations want it."""

from __future__ import annotations

import duckdb

from upcross.engine.resources import DEFAULT, Resources

_COSTLY = frozenset({"projection_pullup"})
"""Optimisers that cost more than they save on statements of a thousand operators: looking for projections to pull up
took a quarter of a run's signals on a book of forty accounts, a tenth on one of five thousand, and gained nothing."""


def open_engine(resources: Resources = DEFAULT) -> duckdb.DuckDBPyConnection:
    """An in-memory connection without the optimisers that do not pay; versions that lack one are left as they are."""
    connection = duckdb.connect()
    resources.grant(connection)
    connection.execute("SET enable_progress_bar = false")  # where statements take long it would be drawn over logs
    known = {name for (name,) in connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()}
    if off := sorted(_COSTLY & known):
        connection.execute(f"SET disabled_optimizers = '{','.join(off)}'")
    return connection
