"""What accounts and products are called, and who serves which account on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from upcross.book.snapshot import Snapshot
from upcross.engine.compile import text_literal
from upcross.engine.rows import rows
from upcross.opportunities import People, Person
from upcross.runs import Run


@dataclass(frozen=True, slots=True)
class Names:
    """What accounts and products are called, and who serves whom."""

    accounts: Mapping[str, str]
    products: Mapping[str, str]
    people: People
    excludes: Mapping[str, frozenset[str]]
    """For each product those of which a customer can have only one, it or them; products without any are left out."""
    segments: Mapping[str, str]
    """The segment of each account, '' where it has none."""


def known_names(run: Run, accounts: set[str]) -> Names:
    """Names and people of the accounts concerned, as known on the run's day."""
    with run.book() as connection:
        return names_at(connection, run.evaluation.frame.snapshot, accounts)


def names_at(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, accounts: set[str] | None) -> Names:
    """Names and people of the accounts concerned (None: of all), as known at a snapshot of the connection's book."""
    listed = ", ".join(text_literal(account) for account in sorted(accounts or ())) or "''"
    concerned = "TRUE" if accounts is None else f"account_id IN ({listed})"
    found = rows(connection, f"SELECT * FROM ({snapshot.relation('accounts')}) AS a WHERE {concerned}")
    team = rows(connection, snapshot.relation("team"))
    persons = {
        row["person_id"]: Person(
            row["person_id"], row["name"] or row["person_id"], row["role"] or "", row["left_on"],
            row["product_id"] or "",
        )
        for row in team
    }  # fmt: skip
    assigned = served_accounts(connection, snapshot, found)
    return Names(
        {row["account_id"]: row["name"] for row in found},
        {row["product_id"]: row["name"] for row in rows(connection, snapshot.relation("products"))},
        People(assigned, persons),
        _exclusive(connection, snapshot),
        {row["account_id"]: row["segment"] or "" for row in found},
    )


def served_accounts(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, accounts: list[dict[str, Any]]
) -> dict[str, dict[str, str]]:
    """For each account given, as rows of the book, the person in each role on the snapshot's day."""
    roles = ("csm", "account_manager", "ae", "renewals_manager", "partner")
    served = _assigned(connection, snapshot, accounts)
    return {
        row["account_id"]: {role: row[role] for role in roles if row[role]} | served.get(row["account_id"], {})
        for row in accounts
    }


def _exclusive(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> dict[str, frozenset[str]]:
    relation = snapshot.relation("product_relations")
    found: dict[str, set[str]] = {}
    for row in rows(connection, f"SELECT * FROM ({relation}) AS r WHERE relation = 'exclusive_with'"):
        one, other = row["product_id"], row["other_product_id"]
        if one != other:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {product: frozenset(others) for product, others in found.items()}


def _assigned(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, accounts: list[dict[str, Any]]
) -> dict[str, dict[str, str]]:
    """Who serves each account by ``account_assignments``: outweighs the account's columns; account before segment."""
    valid = [
        row
        for row in rows(connection, snapshot.relation("account_assignments"))
        if row["valid_until"] is None or row["valid_until"] > snapshot.as_of
    ]
    valid.sort(key=lambda row: (bool(row["account_id"]), row["valid_from"]))
    found: dict[str, dict[str, str]] = {}
    for account in accounts:
        for row in valid:
            if row["account_id"] == account["account_id"] or (
                not row["account_id"] and row["segment"] == account["segment"]
            ):
                found.setdefault(account["account_id"], {})[row["role"]] = row["person_id"]
    return found
