"""Rows of the book by their account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import duckdb

from upcross.book.snapshot import Snapshot
from upcross.engine.rows import rows

ByAccount = defaultdict[str, list[dict[str, Any]]]


def by_account(found: Iterable[dict[str, Any]]) -> ByAccount:
    """Rows of a table by their account, in their order."""
    grouped: ByAccount = defaultdict(list)
    for row in found:
        grouped[row["account_id"]].append(row)
    return grouped


def table(book: duckdb.DuckDBPyConnection, snapshot: Snapshot, name: str, order: str, where: str = "TRUE") -> ByAccount:
    """A table of the book as known at a snapshot, by account; empty where it is not loaded."""
    return by_account(rows(book, f"SELECT * FROM ({snapshot.relation(name)}) AS t WHERE {where} ORDER BY {order}"))


class Cards(dict[str, dict[str, Any]]):
    """A part of each account's card, made when it is asked for."""

    def __init__(self, make: Callable[[str], dict[str, Any]]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, account: str) -> dict[str, Any]:
        return self._make(account)
