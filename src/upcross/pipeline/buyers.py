"""Who could sign for a deal: the economic buyer or decision maker named for it, and whether that still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from upcross.engine.rows import rows
from upcross.pipeline.deals import Deal
from upcross.runs import Run

BUYING = ("economic_buyer", "decision_maker")
"""The roles that make somebody a buyer."""
STALE_DAYS = 180
"""A role that nobody confirmed for so long is doubtful."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is known of a deal's buyer: there is one, there is none (False), or nobody recorded roles (None)."""

    known: bool | None
    told: str


class Buyers:
    """The buying roles of the book, as known on the run's day."""

    def __init__(self, run: Run) -> None:
        snapshot = run.evaluation.frame.snapshot
        self._as_of = run.as_of
        self._missing = snapshot.missing("contact_roles") or snapshot.missing("contacts")
        self._roles: dict[str, list[dict[str, Any]]] = {}
        if self._missing is None:
            listed = ", ".join(f"'{role}'" for role in BUYING)
            with run.book() as book:
                found = rows(
                    book,
                    "SELECT c.account_id, c.business_unit, c.name, c.contact_id, c.left_on, c.do_not_contact, r.role,"
                    " COALESCE(r.product_id, '') AS product_id, COALESCE(r.crm_opportunity_id, '') AS deal,"
                    f" r.confirmed_on FROM ({snapshot.relation('contact_roles')}) AS r"
                    f" JOIN ({snapshot.relation('contacts')}) AS c ON c.contact_id = r.contact_id"
                    f" WHERE r.role IN ({listed}) ORDER BY ALL",
                )
            for row in found:
                self._roles.setdefault(row["account_id"], []).append(row)

    def of(self, deal: Deal, products: tuple[str, ...], wider: bool) -> Buyer:
        """The buyer of a deal: named for it or for its product; of an upsell the account's own buyer speaks too.

        The buyer of a second product may be somebody else than today's, so a general role is none for a cross-sell.
        """
        if self._missing is not None:
            return Buyer(None, f"not known: {self._missing}")
        named = [row for row in self._roles.get(deal.account_id, ()) if self._speaks(row, deal, products, wider)]
        if not named:
            return Buyer(False, "nobody is named economic buyer or decision maker")
        here = [row for row in named if row["left_on"] is None or row["left_on"] > self._as_of]
        if not here:
            return Buyer(False, f"{_names(named)} left on {max(row['left_on'] for row in named)}")
        fresh = [row for row in here if not self._stale(row["confirmed_on"])]
        if not fresh:
            return Buyer(True, f"{_names(here)}, not confirmed for {STALE_DAYS} days")
        reachable = [row for row in fresh if not row["do_not_contact"]]
        return Buyer(True, _names(reachable) if reachable else f"{_names(fresh)}, who asked not to be contacted")

    def _speaks(self, row: dict[str, Any], deal: Deal, products: tuple[str, ...], wider: bool) -> bool:
        if row["deal"]:
            return bool(row["deal"] == deal.deal_id)
        if row["product_id"]:
            return row["product_id"] in products and deal.meets(row["business_unit"] or "")
        return not wider and deal.meets(row["business_unit"] or "")

    def _stale(self, confirmed: date | None) -> bool:
        return confirmed is None or (self._as_of - confirmed).days > STALE_DAYS


def _names(rows: Iterable[dict[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(f"{row['name'] or row['contact_id']} ({row['role'].replace('_', ' ')})"
                                   for row in rows))  # fmt: skip
