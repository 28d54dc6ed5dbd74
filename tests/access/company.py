"""A company small enough to see at a glance: who is above whom, who serves whom, and who works on what."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

from upcross.ledger.models import Account, Assignment, Opportunity, Person

NAMES = UUID(int=0)
MOMENT = datetime(2026, 6, 30, 12, tzinfo=UTC)


def person(person_id: str, manager: str = "", email: str = "") -> Person:
    return Person.objects.create(
        person_id=person_id, name=person_id.title(), manager_id=manager, email=email or f"{person_id}@vendor.example"
    )


def account(account_id: str, **served_by: str) -> Account:
    row = Account.objects.create(account_id=account_id, name=f"Customer {account_id}")
    for role, who in served_by.items():
        Assignment.objects.create(account=row, role=role, person_id=who)
    return row


def opportunity(
    account_id: str,
    owner: str,
    *,
    product: str = "crm",
    closer: str = "",
    handed_to: str = "",
    expected: int | None = None,
) -> Opportunity:
    episode = Opportunity.objects.filter(account_id=account_id, product_id=product).count() + 1
    return Opportunity.objects.create(
        id=uuid5(NAMES, f"{account_id} {product} {episode}"), account_id=account_id, product_id=product,
        mechanism="seats", motion="upsell", episode=episode, kind="ask", version=1, updated_at=MOMENT, stage="surfaced",
        owner=owner, closer=closer, handed_to=handed_to, potential_expected=expected,
    )  # fmt: skip
