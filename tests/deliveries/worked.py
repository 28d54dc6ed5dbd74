"""A small ledger to tell of: Cleo owns what Acme is asked, Ann closes it, Max manages both."""

from __future__ import annotations

from datetime import date
from typing import Any

from opportunities.opportunity_builders import AS_OF, SETTINGS, finding, team
from upcross.deliveries.settings import Deliveries, Destination, MemoryDestination
from upcross.ledger.actor import Actor
from upcross.ledger.acts import act
from upcross.ledger.applying import apply_plan
from upcross.ledger.company import Company, PersonFacts
from upcross.ledger.given import Given
from upcross.ledger.models import Opportunity
from upcross.ledger.remembering import remember
from upcross.ledger.step import Step
from upcross.opportunities import People, merge, plan_changes

CLEO = Actor("user:1", "cleo", "csm")
ANN = Actor("user:2", "ann", "account_manager")
PEOPLE = (
    PersonFacts("cleo", "Cleo Marsh", "cleo@example.com", "csm", "max", "", None),
    PersonFacts("ann", "Ann Roth", "ann@example.com", "account_manager", "max", "", None),
    PersonFacts("max", "Max Berg", "max@example.com", "manager", "", "", None),
    PersonFacts("rita", "Rita Ray", "rita@example.com", "revops", "", "", None),
)
CONTEXT = {"need": "Dana Fox wants seats", "goal": "unknown", "buyer": "Dana Fox", "budget_owner": "unknown"}
SERVED = People(
    {account: {"csm": "cleo", "account_manager": "ann"} for account in ("acme", "beta", "coda")}, team().persons
)


def apply(*found: Any, day: date = AS_OF, served: Any = None) -> None:
    """Apply the plan of a day; what the first one opens is the backlog."""
    people = People(served, team().persons) if served else SERVED
    changes = plan_changes(merge(found), remember(day), people, day, SETTINGS)
    apply_plan(changes, Company((), PEOPLE))


def row(account: str = "acme") -> Opportunity:
    return Opportunity.objects.get(account_id=account)


def hand_off(account: str = "acme", day: date = AS_OF) -> None:
    act(row(account).id, Step.QUALIFY, CLEO, Given(context=CONTEXT), today=day)
    act(row(account).id, Step.HAND_OFF, CLEO, Given(text="Dana Fox said yes"), today=day)


def to(*destinations: Destination, **more: Any) -> Deliveries:
    return Deliveries(destinations=destinations, **more)


def memory(name: str = "memory", **more: Any) -> MemoryDestination:
    return MemoryDestination(
        name=name, kind="memory", **{"topics": ("opportunity.*",), "alerts": (), "digest": False, **more}
    )


__all__ = ["AS_OF", "finding"]
