"""Who does something to the ledger, and in which relation they stand to what they do it to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """How an actor stands to one opportunity; what somebody may do follows from it."""

    OWNER = "owner"
    CLOSER = "closer"
    OVERSEER = "overseer"
    COLLEAGUE = "colleague"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: as the record names them, which of our people they are, and whom they look after.

    ``manages`` are the people below them; ``oversees_all`` is true for those who answer for everybody's work (revenue
    operations, administrators). ``may_override`` is whether they may ask against a gate that may be overridden.
    """

    id: str
    person_id: str = ""
    role: str = ""
    manages: frozenset[str] = frozenset()
    oversees_all: bool = False
    may_override: bool = False

    @property
    def is_system(self) -> bool:
        """Whether it is no person but a run, a clock or a feed."""
        return self.role == "system"

    def relations(self, owner: str, closers: frozenset[str]) -> frozenset[Relation]:
        """Every relation to something that one person owns and others close."""
        found = {Relation.COLLEAGUE}
        if self.is_system:
            return frozenset(Relation)
        if self.person_id and self.person_id == owner:
            found.add(Relation.OWNER)
        if self.person_id and self.person_id in closers:
            found.add(Relation.CLOSER)
        if self.oversees_all or self.manages & {owner, *closers}:
            found.add(Relation.OVERSEER)
        return frozenset(found)


SYSTEM = Actor("system", role="system")
"""Runs, clocks and feeds."""


def operator(name: str) -> Actor:
    """Whoever has the project's folder and works from the command line: they could write the file itself."""
    return Actor(f"operator:{name}", "", "operator", oversees_all=True, may_override=True)
