"""A territory changes or somebody leaves: their work goes to another with its history, and nothing is orphaned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from upcross.ledger.actor import Actor, Relation
from upcross.ledger.house import DEFAULT_HOUSE, House
from upcross.ledger.models import Account, Assignment, Opportunity, Person, StandIn
from upcross.ledger.refusals import Fault, ForbiddenError, RefusedError
from upcross.ledger.stage import OPEN, Stage
from upcross.ledger.step import Step
from upcross.ledger.writer import writing

_SELLERS = frozenset({"account_manager", "ae", "specialist", "renewals_manager"})


@dataclass(frozen=True, slots=True)
class Moved:
    """How many opportunities changed hands, and of how many accounts the asks to come do."""

    opportunities: int
    accounts: int
    not_closing: tuple[str, ...] = ()
    """Accepted opportunities that stay, because a CSM does not close."""

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values."""
        return {"opportunities": self.opportunities, "accounts": self.accounts, "not_closing": list(self.not_closing)}


def move_book(
    leaver: str, successor: str, actor: Actor, *, today: date, segment: str | None = None,
    house: House = DEFAULT_HOUSE,
) -> Moved:  # fmt: skip
    """Give a person's open and held opportunities, and their roles at accounts, to another; all of it or nothing.

    ``segment`` limits it to accounts of one segment. New asks go to the successor as long as the book still names who
    had the account. Raises ``RefusedError`` where either is nobody of ours or the successor has left, and
    ``ForbiddenError`` where the actor looks after neither.
    """
    with writing() as writer:
        _check(leaver, successor, actor, today, segment, house)
        accounts = Account.objects.all() if segment is None else Account.objects.filter(segment=segment)
        concerned = set(accounts.values_list("account_id", flat=True))
        rows = Opportunity.objects.select_for_update().filter(stage__in=sorted(OPEN | {Stage.HELD}))
        moved, staying = 0, []
        csm = Person.objects.filter(person_id=successor, role="csm").exists() and not house.csm_may_close
        for row in rows.order_by("id"):
            if (segment is not None and row.account_id not in concerned) or leaver not in (
                row.owner, row.closer, row.handed_to
            ):  # fmt: skip
                continue
            changes = {name: successor for name in ("owner", "closer", "handed_to") if getattr(row, name) == leaver}
            if csm and row.stage == Stage.ACCEPTED and "owner" in changes:
                staying.append(str(row.id))
                continue
            if csm:
                changes = {name: to for name, to in changes.items() if name == "owner"}
            if changes:
                writer.change(row, Step.REASSIGN, actor, changes, as_of=today, more={"book_of": leaver})
                moved += 1
        served = list(Assignment.objects.filter(person_id=leaver, account_id__in=concerned).order_by("pk"))
        for one in served:
            StandIn.objects.update_or_create(
                account_id=one.account_id, role=one.role,
                defaults={"from_person": leaver, "to_person": successor, "since": today},
            )  # fmt: skip
            one.person_id = successor
            one.save(update_fields=["person_id"])
        for standing in StandIn.objects.filter(to_person=leaver, account_id__in=concerned):
            standing.to_person = successor
            standing.save()
        facts: dict[str, Any] = {"from": leaver, "to": successor, "segment": segment or "", "opportunities": moved,
                 "accounts": len({one.account_id for one in served})}  # fmt: skip
        writer.record("territory", leaver, "reassign", actor, facts, as_of=today)
    return Moved(moved, facts["accounts"], tuple(staying))


def _check(leaver: str, successor: str, actor: Actor, today: date, segment: str | None, house: House) -> None:
    if Relation.OVERSEER not in actor.relations(leaver, frozenset()):
        raise ForbiddenError(f"only who looks after {leaver} can give their accounts to somebody else")
    if not actor.oversees_all and successor not in {actor.person_id, *actor.manages}:
        raise ForbiddenError(f"{successor} is not in your team: ask revenue operations to move accounts out of it")
    known = dict(Person.objects.values_list("person_id", "left_on"))
    staying = {person for person, left in known.items() if left is None or left > today} | house.queues
    has_work = Opportunity.objects.filter(owner=leaver).exists()
    faults = []
    if leaver not in known and not has_work:
        faults.append(Fault("from", f"nobody of ours has the id '{leaver}'"))
    if successor not in staying:
        faults.append(Fault("to", f"nobody still with us has the id '{successor}'"))
    if leaver == successor:
        faults.append(Fault("to", "is the same person"))
    if segment is not None and not Account.objects.filter(segment=segment).exists():
        names = ", ".join(sorted(set(Account.objects.values_list("segment", flat=True)) - {""}))
        faults.append(Fault("segment", f"no account is in a segment '{segment}'; expected one of {names}"))
    roles = dict(Person.objects.filter(person_id__in=[leaver, successor]).values_list("person_id", "role"))
    if {"csm"} < set(roles.values()) and set(roles.values()) & _SELLERS:
        told = " and ".join(f"{who} is {role.replace('_', ' ')}" for who, role in sorted(roles.items()))
        faults.append(Fault("to", f"{told}: a CSM's accounts go to a CSM; reassign single opportunities to others"))
    if faults:
        raise RefusedError(faults)
