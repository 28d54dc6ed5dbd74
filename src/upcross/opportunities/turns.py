"""Whose turn it is: what a pool of people is given goes to the member who was given the least lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from upcross.opportunities.asks import asks_of_today
from upcross.opportunities.candidate import Ask, Candidate, Identity
from upcross.opportunities.memory import Memory
from upcross.opportunities.route import Assignee, People, Settings


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of one plan: what each person was given lately, and is given by this plan.

    Whoever had an ask lately, or a way of the same, has it again. Else the member who is still with us and has the
    fewest takes it; of several the first by id.
    """

    people: People
    settings: Settings
    as_of: date
    ask_of: Callable[[Identity], Ask]
    given: defaultdict[str, set[Ask]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(
        cls, memory: Memory, candidates: Iterable[Candidate], people: People, settings: Settings, as_of: date
    ) -> Turns:
        """The turns as they stand before a plan gives out anything."""
        turns = cls(people, settings, as_of, asks_of_today(candidates))
        for identity, opening in memory.openings.items():
            turns.given[opening.owner].add(turns.ask_of(identity))
        return turns

    def give(self, to: Assignee, identity: Identity) -> Assignee:
        """The member of a pool who takes an ask; whoever is no pool takes it."""
        if not to.pool:
            return to
        able, ask = self._able(to.pool), self.ask_of(identity)
        member = self._had(able, ask) or min(able, key=lambda m: (len(self.given[m]), m))
        self.given[member].add(ask)
        return replace(to, person_id=member, name=self.people.person(member).name)

    def known(self, to: Assignee, identity: Identity) -> Assignee:
        """The member of a pool who has or had an ask; the pool where it waits for its turn."""
        member = self._had(self._able(to.pool), self.ask_of(identity)) if to.pool else ""
        return replace(to, person_id=member, name=self.people.person(member).name) if member else to

    def _able(self, pool: str) -> list[str]:
        return [m for m in sorted(self.settings.pools[pool].members) if self.people.able(m, self.as_of)]

    def _had(self, members: Iterable[str], ask: Ask) -> str:
        return next((member for member in members if ask in self.given[member]), "")

    def among(self, pool: str, person_id: str) -> bool:
        """Whether a person is a member of a pool."""
        found = self.settings.pools.get(pool)
        return found is not None and person_id in found.members
