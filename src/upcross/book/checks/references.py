"""Checks of what points where: ids of other tables, business units, and chains of parents that close in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from upcross.book.checks.check import Check
from upcross.contract import TABLES
from upcross.errors import Severity, issue_code

REFERENCE_MISSING = issue_code(
    "reference-missing", Severity.ERROR, "Rows point at something that its own table does not hold."
)
OWNER_UNKNOWN = issue_code("owner-unknown", Severity.WARNING, "People are named who are not in the team.")
UNIT_UNKNOWN = issue_code("unit-unknown", Severity.WARNING, "Rows name a business unit that the account does not have.")
PARENT_CIRCLE = issue_code("parent-circle", Severity.ERROR, "Parents lead in a circle back to where they began.")

_GRAVE = ("accounts", "products", "pricing_plans", "metrics")
_COSTS = {
    "accounts": "they count for no account that anybody knows",
    "products": "they have no name, no domain and no place in white space",
    "pricing_plans": "they have no seat price, no limit and no next tier",
    "metrics": "their use is compared with no limit",
    "team": "they count for nobody: the fallback queue gets what is theirs",
    "contacts": "who said or did it cannot be tied to a person",
}


def reference_checks() -> Iterator[Check]:
    """What rows point at is there, and does not lead back to them."""
    for table in TABLES.values():
        for column in table.columns:
            if not column.references:
                continue
            target, key = column.references.split(".")
            to_team = target == "team"
            account = ", t.account_id" if table.has("account_id") else ""
            yield Check(
                OWNER_UNKNOWN if to_team else REFERENCE_MISSING,
                (table.name, target),
                column.name,
                f"SELECT t.{column.name} AS example, t.source_row{account} FROM current.{table.name} t"
                f" WHERE t.{column.name} <> '' AND t.{column.name} NOT IN (SELECT {key} FROM current.{target})",
                f"name something that is not in {column.references}",
                f"add them to {target}, or correct the ids",
                Severity.WARNING if to_team or target not in _GRAVE else None,
                costs=_COSTS.get(target, "the link between the two is not followed"),
            )
    for table in TABLES.values():
        if table.name != "business_units" and table.has("business_unit"):
            yield Check(
                UNIT_UNKNOWN, (table.name, "business_units"), "business_unit",
                f"SELECT t.account_id || ' ' || t.business_unit AS example, t.source_row, t.account_id"
                f" FROM current.{table.name} t WHERE t.business_unit <> '' AND NOT EXISTS (SELECT 1 FROM"
                " current.business_units b WHERE b.account_id = t.account_id AND b.business_unit = t.business_unit)",
                "name a business unit that is not in business_units",
                "add the unit to business_units, or correct its id",
                costs="they meet no line, no seat and no need of the account's units",
            )  # fmt: skip
    for table in TABLES.values():
        for column in table.columns:
            if table.key == (key := column.references.removeprefix(f"{table.name}."),):
                yield _circle(table.name, key, column.name)


def _circle(table: str, key: str, parent: str) -> Check:
    account = f", {key} AS account_id" if table == "accounts" else ""
    # A row has one parent, and its way up ends after fifty steps: there is nothing to make distinct.
    return Check(
        PARENT_CIRCLE, (table,), parent,
        f"WITH RECURSIVE up(start, parent, steps) AS (SELECT {key}, {parent}, 1 FROM current.{table}"
        f" WHERE {parent} <> '' UNION ALL SELECT start, t.{parent}, steps + 1 FROM up JOIN current.{table} t"
        f" ON t.{key} = up.parent WHERE t.{parent} <> '' AND up.parent <> up.start AND steps < 50)"
        f" SELECT {key} AS example, source_row{account} FROM current.{table}"
        f" WHERE {key} IN (SELECT start FROM up WHERE parent = start)",
        f"lead by {parent} back to themselves", "correct one of them: somebody is at the top",
        costs="there is no ultimate parent to count them under" if account else "the chain above them is not followed",
    )  # fmt: skip
