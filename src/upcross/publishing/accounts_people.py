"""The people of each account: who reports to whom, which part they play, how strong the relationship is, who lacks.

Names stand under ``contact_name`` and texts under ``quote``, so that who may see neither gets neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import duckdb

from upcross.engine.rows import rows
from upcross.opportunities.evidence import plain
from upcross.publishing.accounts_rows import Cards, by_account, table

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned

PARTS = (
    ("recency", "how lately", 30),
    ("frequency", "how often", 30),
    ("two_way", "both ways", 25),
    ("seniority", "how senior", 15),
)
"""The parts of a relationship's strength, in words, with the points that each can earn."""
WANTED = {
    "champion": ("champion",),
    "economic_buyer": ("economic_buyer", "decision_maker"),
    "executive_sponsor": ("executive_sponsor",),
    "technical_lead": ("technical_lead",),
    "user_lead": ("user_lead",),
}
"""The parts that somebody at every account should play, each with the roles that count as it."""


def people_of(planned: Planned, book: duckdb.DuckDBPyConnection) -> Cards:
    """``people`` of each account, ``roles_missing`` of the account, and ``roles_missing_of`` by product."""
    frame, day = planned.run.evaluation.frame, planned.run.as_of
    snapshot = frame.snapshot
    contacts = table(book, snapshot, "contacts", "contact_id")
    strength = by_account(rows(book, frame.model_statement("contact_strength")))
    parts = by_account(rows(book, f"SELECT * FROM ({frame.model_statement('roles')}) AS r ORDER BY ALL"))
    touched = by_account(
        rows(
            book,
            "SELECT account_id, contact_id, happened_on AS last_on, kind, person_id FROM (SELECT account_id,"
            " contact_id, happened_on, kind, person_id, ROW_NUMBER() OVER (PARTITION BY account_id, contact_id"
            f" ORDER BY happened_on DESC, activity_id) AS place FROM ({snapshot.relation('activities')}) AS a"
            " WHERE contact_id IS NOT NULL AND (kind IS NULL OR kind <> 'note')) AS touched WHERE place = 1",
        )
    )
    team = {row["person_id"]: row["name"] or row["person_id"] for row in rows(book, snapshot.relation("team"))}
    lacking = by_account(
        rows(book, "SELECT account_id, product_id, roles_missing FROM signals_white_space"
                   " WHERE roles_missing <> 'none' ORDER BY ALL")
    )  # fmt: skip

    def make(account: str) -> dict[str, Any]:
        strengths = {row["contact_id"]: row for row in strength[account]}
        last = {row["contact_id"]: row for row in touched[account]}
        roles: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in parts[account]:
            roles[row["contact_id"]].append(_role(row, planned.run.products))
        people = [
            _person(row, strengths.get(row["contact_id"], {}), roles[row["contact_id"]],
                    last.get(row["contact_id"], {}), team, bool(row["left_on"] and row["left_on"] <= day))
            for row in contacts[account]
        ]  # fmt: skip
        return {
            "people": people,
            "roles_missing": missing_roles(people) if people else None,
            "roles_missing_of": {row["product_id"]: row["roles_missing"] for row in lacking[account]},
        }

    return Cards(make)


def missing_roles(people: Iterable[Mapping[str, Any]]) -> list[str]:
    """The wanted parts that nobody plays who is still there."""
    played = {role["role"] for one in people if not one["has_left"] for role in one["roles"]}
    return [part for part, roles in WANTED.items() if played.isdisjoint(roles)]


def _person(row: Mapping[str, Any], strength: Mapping[str, Any], roles: list[dict[str, Any]], last: Mapping[str, Any],
            team: Mapping[str, str], has_left: bool) -> dict[str, Any]:  # fmt: skip
    points = strength.get("strength")
    return {
        "contact_id": row["contact_id"], "contact_name": row["name"] or row["contact_id"], "title": row["title"] or "",
        "seniority": row["seniority"] or "", "department": row["department"] or "", "unit": row["business_unit"],
        "reports_to": row["reports_to"] or "", "do_not_contact": bool(row["do_not_contact"]),
        "has_left": has_left, "left_on": plain(row["left_on"]), "strength": points,
        "strength_parts": None if points is None else {name: strength[f"{name}_points"] for name, *_ in PARTS},
        "contacts_90d": strength.get("activities_90d"), "last_on": plain(last.get("last_on")),
        "last_kind": last.get("kind") or "",
        "last_by": team.get(last.get("person_id") or "", last.get("person_id") or ""), "roles": roles,
    }  # fmt: skip


def _role(row: Mapping[str, Any], products: Mapping[str, str]) -> dict[str, Any]:
    return {
        "role": row["role"], "stance": row["stance"] or "unknown", "product_id": row["product_id"],
        "product": products.get(row["product_id"], row["product_id"]), "confirmed_on": plain(row["confirmed_on"]),
        "fresh": row["fresh"],
    }  # fmt: skip
