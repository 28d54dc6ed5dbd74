"""Whose ask it is: one named person surfaces it, one closes it, and for each hold one can clear it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from upcross.contract.tables.commercial import ROLES
from upcross.motions import Motion
from upcross.opportunities.candidate import Candidate, Identity
from upcross.opportunities.evidence import HoldReason

SURFACE = ("csm",)
"""Who surfaces and qualifies where a play names nobody."""

CLOSE: Mapping[Motion, tuple[str, ...]] = {
    Motion.UPSELL: ("account_manager", "ae"),
    Motion.CROSS_SELL: ("ae", "specialist"),
}
"""Who closes where a play names nobody, in order; a CSM closes neither."""

SELF_SERVE = "self_serve"
QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Person:
    """One of our people; gone from ``left_on`` on. ``product_id`` is what a specialist sells ('' where none)."""

    person_id: str
    name: str
    role: str = ""
    left_on: date | None = None
    product_id: str = ""

    def left(self, as_of: date) -> bool:
        """Whether the person is gone at the end of a day."""
        return self.left_on is not None and self.left_on <= as_of


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who serves an account in a role instead of the person whom the book names, as long as it names that person."""

    account_id: str
    role: str
    from_person: str
    to_person: str


@dataclass(frozen=True, slots=True)
class Pool:
    """People who share accounts: each new ask goes to the one whose turn it is; ``respond_within`` is in days."""

    members: tuple[str, ...]
    respond_within: int | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Who looks after whom: for each account the person in each role, and all our people by their id."""

    assigned: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    persons: Mapping[str, Person] = field(default_factory=dict)

    def person(self, person_id: str) -> Person:
        """The person of an id; an id that the team table lacks is taken as a name."""
        return self.persons.get(person_id) or Person(person_id, person_id)

    def with_stand_ins(self, stand_ins: Iterable[StandIn]) -> People:
        """The same people with stand-ins in their places, each as long as the book names whom it stands in for."""
        assigned = {account: dict(served) for account, served in self.assigned.items()}
        for one in stand_ins:
            if self.assigned.get(one.account_id, {}).get(one.role) == one.from_person:
                assigned[one.account_id][one.role] = one.to_person
        return replace(self, assigned=assigned)

    def able(self, person_id: str, as_of: date) -> bool:
        """Whether a person is in the team table, where there is one, and still with us."""
        return not (self.persons and person_id not in self.persons) and not self.person(person_id).left(as_of)

    def in_role(self, role: str, account_id: str, product_id: str, as_of: date) -> Person | None:
        """The person who serves an account in a role, gone or not.

        Where the account names nobody: for a specialist the first active one of the product; for roles that serve
        accounts nobody; for any other role (support, finance) the only active person who has it, if there is one.
        """
        named = self.assigned.get(account_id, {}).get(role)
        if named:
            return self.person(named)
        if role in ROLES:
            return None
        able = [p for _, p in sorted(self.persons.items()) if p.role == role and not p.left(as_of)]
        if role == "specialist":
            return next((p for p in able if p.product_id == product_id), None)
        return able[0] if len(able) == 1 else None


@dataclass(frozen=True, slots=True)
class Settings:
    """How a company routes: where what nobody owns goes, and what a CSM or the customer may close.

    ``self_serve_below``: upsell under this expected MRR (ten-thousandths) is closed by the customer; None: never.
    ``pools``: people who share accounts, by the name that stands in the book in the place of a person.
    Raises ``ValueError`` for an empty queue: an ask without an owner is never allowed.
    """

    fallback_queue: str = "revops"
    currency: str = ""
    csm_may_close: bool = False
    self_serve_below: int | None = None
    pools: Mapping[str, Pool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.fallback_queue:
            raise ValueError("settings need a fallback queue: every ask has an owner")


@dataclass(frozen=True, slots=True)
class Assignee:
    """The one who has an ask or a hold, in which role, and who was passed over and why.

    ``pool`` is the pool that it was given out by; where ``person_id`` is that pool, no member has it yet.
    """

    person_id: str
    name: str
    role: str
    skipped: tuple[str, ...] = ()
    pool: str = ""

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {"person_id": self.person_id, "name": self.name, "role": self.role, "skipped": list(self.skipped),
                "pool": self.pool or None}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """Who surfaces an ask and who closes it; nobody closes what sells nothing."""

    owner: Assignee
    closer: Assignee | None


@dataclass(frozen=True, slots=True)
class Clearing:
    """One gate that holds an ask, the person who can clear it, and the day to look again (None: not set)."""

    hold: HoldReason
    person: Assignee
    look_again_on: date | None

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        day = self.look_again_on
        return {
            "gate": self.hold.gate,
            "truth": self.hold.truth.value,
            "person": self.person.to_dict(),
            "action": self.hold.action,
            "look_again_on": day.isoformat() if day else None,
        }


def assign(identity: Identity, roles: Iterable[str], people: People, as_of: date, settings: Settings) -> Assignee:
    """The first person still with us in the roles given, in their order; else the fallback queue. Never nobody."""
    skipped: list[str] = []
    for role in dict.fromkeys(roles):
        person = people.in_role(role, identity.account_id, identity.product_id, as_of)
        if person is None:
            skipped.append(f"no {_words(role)}")
        elif pool := settings.pools.get(person.person_id):
            if any(people.able(member, as_of) for member in pool.members):
                return Assignee(person.person_id, person.name, role, tuple(skipped), person.person_id)
            skipped.append(f"nobody of {person.name} ({_words(role)}) is with us")
        elif people.persons and person.person_id not in people.persons:
            skipped.append(f"{person.name} ({_words(role)}) is not in the team table")
        elif person.left(as_of):
            skipped.append(f"{person.name} ({_words(role)}) left on {person.left_on}")
        else:
            return Assignee(person.person_id, person.name, role, tuple(skipped))
    queue = people.person(settings.fallback_queue)
    return Assignee(queue.person_id, queue.name, QUEUE, tuple(skipped))


def route(candidate: Candidate, people: People, as_of: date, settings: Settings) -> Route:
    """Who surfaces and who closes a candidate, by the roles of the play that leads it, else its motion's default."""
    lead = candidate.lead
    owner = assign(candidate.identity, lead.surface or SURFACE, people, as_of, settings)
    if _self_serve(candidate, settings):
        return Route(owner, Assignee(SELF_SERVE, "self-serve", SELF_SERVE))
    return Route(owner, closer(candidate.identity, lead.close, people, as_of, settings))


def closer(
    identity: Identity, roles: tuple[str, ...], people: People, as_of: date, settings: Settings
) -> Assignee | None:
    """Who closes an ask: the roles given or its motion's default; a CSM only where the settings allow it.

    None for adoption work, which nobody closes.
    """
    if identity.motion is None:
        return None
    wanted = roles or CLOSE[identity.motion]
    allowed = tuple(role for role in wanted if role != "csm" or settings.csm_may_close)
    found = assign(identity, allowed, people, as_of, settings)
    if allowed == wanted:
        return found
    return replace(found, skipped=("a csm does not close", *found.skipped))


def clearings(candidate: Candidate, people: People, as_of: date, settings: Settings) -> tuple[Clearing, ...]:
    """For each gate that holds a candidate, the person who can clear it; empty where the candidate fires.

    A hold that names no role is with the person who surfaces the ask.
    """
    return tuple(
        Clearing(
            hold,
            assign(candidate.identity, hold.cleared_by or candidate.lead.surface or SURFACE, people, as_of, settings),
            None if hold.look_again is None else as_of + timedelta(days=hold.look_again),
        )
        for hold in candidate.holds
    )


def _self_serve(candidate: Candidate, settings: Settings) -> bool:
    expected = candidate.potential.expected
    return (
        candidate.motion is Motion.UPSELL
        and settings.self_serve_below is not None
        and expected is not None
        and expected < settings.self_serve_below
    )


def _words(role: str) -> str:
    return role.replace("_", " ")
