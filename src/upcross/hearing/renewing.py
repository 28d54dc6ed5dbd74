"""The signals of a few accounts as they are now: kept ones, and those made anew that depend on what changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb

from upcross.engine.compile import text_literal
from upcross.kept_signals import RECORD, kept_folder, loaded_key
from upcross.signals.frame import Frame
from upcross.signals.model import Scope
from upcross.signals.registry import Model


def nearest_kept(frame: Frame, runs: Path) -> tuple[Path, frozenset[str]] | None:
    """Kept signals of the day that differ least by what was typed, and the tables in which they do.

    None where nothing is kept of this load and these models for the day. Of those that differ alike, the newest.
    """
    now, found = frame.snapshot.manifest.typed.keys(), list[tuple[int, float, Path, frozenset[str]]]()
    for record in kept_folder(frame, runs).parent.glob(f"signals-*/{RECORD}"):
        try:
            facts, changed_at = json.loads(record.read_text("utf-8")), record.stat().st_mtime
        except (OSError, ValueError):
            continue  # being removed, or written by hand
        if (facts.get("loaded"), facts.get("known_at")) == (loaded_key(frame), str(frame.snapshot.known_at)):
            then = facts.get("typed", {})
            differ = frozenset(name for name in {*now, *then} if now.get(name) != then.get(name))
            found.append((len(differ), -changed_at, record.parent, differ))
    if not found:
        return None
    _, _, folder, differ = min(found)
    return folder, differ


def renew(
    connection: duckdb.DuckDBPyConnection, frame: Frame, kept: Path, changed: Collection[str], accounts: Iterable[str]
) -> None:
    """Make tables ``signals_<scope>`` of some accounts on a connection that shows the book as it is now.

    Models that read none of the changed tables, directly or through others, are taken as kept.
    """
    listed = ", ".join(text_literal(account) for account in sorted(accounts)) or "''"
    stale = frame.registry.reading(changed)
    for scope in Scope:
        name, file = f"signals_{scope.value}", str(kept / f"signals_{scope.value}.parquet")
        before = f"SELECT * FROM read_parquet({text_literal(file)}) WHERE account_id IN ({listed})"
        models = [model for model in frame.registry.of(scope) if model.name in stale]
        if not models and f"{scope.value}_frame" not in stale:
            connection.execute(f"CREATE TEMP TABLE {name} AS {before}")
            continue
        others = [model for model in frame.registry.of(scope) if model.name not in stale]
        connection.execute(f"CREATE TEMP TABLE kept AS {before}")
        _make(connection, "fresh", frame.statement(scope, models), listed)
        if others and _new_rows(connection, scope):
            _make(connection, "fresh", frame.statement(scope), listed)
            others = []
        connection.execute(f"CREATE TEMP TABLE {name} AS {_joined(scope, others)}")
        connection.execute("DROP TABLE kept; DROP TABLE fresh")


def _make(connection: duckdb.DuckDBPyConnection, name: str, statement: str, listed: str) -> None:
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM ({statement}) AS s WHERE account_id IN ({listed})"
    )


def _new_rows(connection: duckdb.DuckDBPyConnection, scope: Scope) -> bool:
    """Whether some row was not there before, so that nothing of it is kept."""
    found = connection.execute(f"SELECT 1 FROM fresh AS f ANTI JOIN kept AS k ON {_same(scope)} LIMIT 1").fetchone()
    return found is not None


def _joined(scope: Scope, others: Iterable[Model]) -> str:
    """Rows and signals made anew, beside the kept signals of the other models."""
    columns = "".join(f", k.{signal.name}" for model in others for signal in model.signals)
    return f"SELECT f.*{columns} FROM fresh AS f LEFT JOIN kept AS k ON {_same(scope)}"


def _same(scope: Scope) -> str:
    return " AND ".join(f"k.{key} = f.{key}" for key in scope.keys)
