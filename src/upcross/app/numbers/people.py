"""Whom retention is credited to: the book as each CSM held it at the start, and never a quota of bookings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from upcross.ledger.histories import histories
from upcross.ledger.models import Opportunity, Person
from upcross.motions import Motion
from upcross.opportunities.handovers import handovers


def names() -> dict[str, str]:
    """What our people are called, by id."""
    return dict(Person.objects.values_list("person_id", "name"))


def credit(facts: Any, to: Callable[[str], str]) -> dict[str, Any]:
    """Each person's retention, what stands apart and why, and what was qualified, taken and given back."""
    called = names()
    first, last = (date.fromisoformat(f"{facts[name]}-01") for name in ("from", "to"))
    found = {one.person_id: one for one in handovers(histories(Opportunity.objects.all()), first, last)}
    rows = {
        one["person_id"]: {
            "retention": {name: {"value": one["retention"][name]["value"], "reason": one["retention"][name]["reason"],
                                 "marks": one["retention"][name]["marks"]}
                          for name in ("nrr", "nrr_without_price", "grr")},
            "count": one["retention"]["nrr"]["count"], "start": one["retention"]["nrr"]["denominator"],
            "href": to(f"credit.{one['person_id']}"),
            "apart": [
                {"account_id": account, "name": facts["names"].get(account, account), "why": why}
                for account, why in (one["apart"]["why"] if one["apart"] else {}).items()
            ],
            "apart_href": to(f"apart.{one['person_id']}") if one["apart"] else None,
        }
        for one in facts["csm_credit"]
    }  # fmt: skip
    listed = [
        {
            "person_id": person, "name": called.get(person, person), **rows.get(person, {"retention": None}),
            "qualified": {
                motion.value: {"taken": own.taken[motion] if own else 0, "returned": own.returned[motion] if own else 0}
                for motion in Motion
            },
        }
        for person in sorted({*rows, *found}, key=lambda one: str(called.get(one, one)).casefold())
        for own in (found.get(person),)
    ]  # fmt: skip
    return {"people": listed}
