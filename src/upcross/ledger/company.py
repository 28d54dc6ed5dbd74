"""Who the customers are and who serves them: copied from the book with every plan applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from upcross.ledger.models import Account, Assignment, Person, StandIn


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A customer as the book has it; '' where it says nothing. ``served_by`` gives the person in each role."""

    account_id: str
    name: str
    segment: str = ""
    region: str = ""
    parent_id: str = ""
    served_by: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One of our people as the book has them; ``left_on`` None: still with us."""

    person_id: str
    name: str
    email: str = ""
    role: str = ""
    manager_id: str = ""
    product_id: str = ""
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """All customers and all of our people on a day."""

    accounts: tuple[AccountFacts, ...] = ()
    people: tuple[PersonFacts, ...] = ()


def refresh_company(company: Company) -> bool:
    """Make the ledger's copy equal to the book's, and say whether anything was otherwise.

    An account that the book no longer lists stays, served by nobody.
    """
    accounts = [
        Account(account_id=a.account_id, name=a.name, segment=a.segment, region=a.region, parent_id=a.parent_id)
        for a in company.accounts
    ]
    moved = _upsert(Account, accounts, "account_id", ["name", "segment", "region", "parent_id"])
    people = [
        Person(person_id=p.person_id, name=p.name, email=p.email, role=p.role, manager_id=p.manager_id,
               product_id=p.product_id, left_on=p.left_on)
        for p in company.people
    ]  # fmt: skip
    moved |= _upsert(Person, people, "person_id", ["name", "email", "role", "manager_id", "product_id", "left_on"])
    wanted = {(a.account_id, role): person for a in company.accounts for role, person in a.served_by.items()}
    for one in StandIn.objects.all():
        key = (one.account_id, one.role)
        if wanted.get(key) == one.from_person:
            wanted[key] = one.to_person
        else:
            one.delete()  # the company's own systems name somebody else by now
            moved = True
    known = {(row.account_id, row.role): row for row in Assignment.objects.all()}
    gone = [row.pk for key, row in known.items() if wanted.get(key) != row.person_id]
    for start in range(0, len(gone), 500):
        Assignment.objects.filter(pk__in=gone[start : start + 500]).delete()
    new = [
        Assignment(account_id=account, role=role, person_id=person)
        for (account, role), person in wanted.items()
        if (account, role) not in known or known[account, role].person_id != person
    ]
    Assignment.objects.bulk_create(new, batch_size=500)
    return moved or bool(gone or new)


def _upsert(model: Any, rows: list[Any], key: str, columns: list[str]) -> bool:
    known = {getattr(row, key): row for row in model.objects.all()}
    changed = [
        row
        for row in rows
        if (old := known.get(getattr(row, key))) is None
        or any(getattr(old, column) != getattr(row, column) for column in columns)
    ]
    if changed:
        model.objects.bulk_create(
            changed, batch_size=200, update_conflicts=True, update_fields=columns, unique_fields=[key]
        )
    return bool(changed)
