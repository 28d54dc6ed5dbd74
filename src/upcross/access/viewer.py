"""Who is looking: one value that says what they may do and see, made from a user or a token."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from upcross import periods
from upcross.access.models import ServiceToken, User
from upcross.access.roles import (
    HAS_A_TEAM,
    SEES_ALL,
    Capability,
    Role,
    TokenScope,
    capabilities,
    token_capabilities,
)
from upcross.ledger.actor import Actor
from upcross.ledger.models import Person


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks at the ledger: as the record names them, which of our people they are, and what they may.

    ``person_id`` '' is nobody of our people. ``manages`` are all the people below them, where their role has a team.
    ``sees_all`` is whether every account is theirs to see; authority over it follows from ``capabilities`` alone.
    """

    id: str
    role: Role
    capabilities: frozenset[Capability]
    person_id: str = ""
    manages: frozenset[str] = frozenset()
    sees_all: bool = False
    name: str = ""

    def may(self, capability: Capability) -> bool:
        """Whether they may do a kind of thing at all."""
        return capability in self.capabilities

    @property
    def sees_contacts(self) -> bool:
        """Whether personal data of customers' people is for their eyes."""
        return self.may(Capability.SEE_CONTACTS)

    @property
    def people(self) -> frozenset[str]:
        """Whose accounts are theirs to see: their own, and those of the people below them."""
        return (self.manages | {self.person_id}) - {""}

    @property
    def actor(self) -> Actor:
        """The same one as the ledger's door takes them; who may only look oversees nobody."""
        oversees = self.sees_all and self.may(Capability.REASSIGN)
        return Actor(
            self.id, self.person_id, self.role.value, self.manages if self.may(Capability.REASSIGN) else frozenset(),
            oversees_all=oversees, may_override=self.may(Capability.OVERRIDE),
        )  # fmt: skip


def viewer_of(user: User) -> Viewer:
    """A user as one who looks; who is disabled, or has left by the team table, may do and see nothing."""
    role = Role(user.role)
    team = _team() if role in HAS_A_TEAM and user.person_id else None
    if not user.is_active or _has_left(user.person_id, team):
        return Viewer(user_name(user), role, frozenset())
    return Viewer(
        user_name(user), role, capabilities(role), user.person_id,
        _below(user.person_id, team) if team else frozenset(), role in SEES_ALL, user.name or user.email,
    )  # fmt: skip


def viewer_of_token(token: ServiceToken) -> Viewer:
    """A token as one who looks: everything, unless its role or person says less."""
    role = Role(token.role) if token.role else None
    limited = role not in SEES_ALL if role else bool(token.person_id)
    return Viewer(
        f"token:{token.key}", Role.SERVICE, token_capabilities(frozenset(map(TokenScope, token.scopes)), role),
        token.person_id, people_below(token.person_id) if role in HAS_A_TEAM else frozenset(), not limited, token.name,
    )  # fmt: skip


_Team = list[tuple[str, str, date | None]]
"""Everybody of ours: who they are, who is above them, and when they left."""


def _team() -> _Team:
    return list(Person.objects.values_list("person_id", "manager_id", "left_on"))


def _has_left(person_id: str, team: _Team | None) -> bool:
    if not person_id:
        return False
    if team is None:
        left_on = Person.objects.filter(person_id=person_id).values_list("left_on", flat=True).first()
    else:
        left_on = next((left for key, _, left in team if key == person_id), None)
    return left_on is not None and left_on <= periods.today()


def user_name(user: User) -> str:
    """How the record names a user: without personal data, and the same for ever."""
    return f"user:{user.pk}"


def people_below(person_id: str) -> frozenset[str]:
    """Everybody whose managers lead up to a person, however far; a circle of managers ends where it began."""
    return _below(person_id, _team()) if person_id else frozenset()


def _below(person_id: str, team: _Team) -> frozenset[str]:
    reports: dict[str, list[str]] = defaultdict(list)
    for report, above, _ in team:
        if above:
            reports[above].append(report)
    found: set[str] = set()
    waiting = [person_id]
    while waiting:
        new = [report for report in reports[waiting.pop()] if report not in found]
        found.update(new)
        waiting += new
    return frozenset(found - {person_id})
