"""Our own people as the page names them: what they are called, who is a queue, and who is still with us."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from upcross.api.names import names_of
from upcross.api.project import house
from upcross.ledger.house import House
from upcross.ledger.models import Person
from upcross.opportunities.route import SELF_SERVE


@dataclass(frozen=True)
class Ours:
    """Everybody of the team table, by id; gone from the day on which they left."""

    people: dict[str, Person]
    today: date
    callers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def house(self) -> House:
        """The company's own rules for steps, read once for all rows of a page."""
        return house()

    @cached_property
    def names(self) -> dict[str, str]:
        """What they are called."""
        return {key: person.name for key, person in self.people.items()}

    def name(self, person_id: str, me: str = "") -> str:
        """What somebody is called: 'you' for who looks; '' for nobody."""
        if person_id and person_id == me:
            return "you"
        if person_id == SELF_SERVE:
            return "the customer (self-serve)"
        return self.names.get(person_id, person_id)

    def call(self, who: Iterable[str]) -> None:
        """Look the names up of those who did something, all of them at once."""
        if strange := set(who) - self.callers.keys():
            self.callers.update(names_of(strange))

    def called(self, by: str) -> str:
        """What somebody is called who did something, by how the record names them; see ``call``."""
        return self.callers.get(by) or self.name(by)

    @cached_property
    def working(self) -> frozenset[str]:
        """The people who can work something: no queues, and still with us."""
        queues = self.house.queues
        return frozenset(
            key for key, person in self.people.items()
            if person.role != "queue" and key not in queues and (person.left_on is None or person.left_on > self.today)
        )  # fmt: skip

    def works(self, person_id: str) -> bool:
        """Whether somebody is a person who can work something."""
        return person_id in self.working

    def choice(self, roles: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Who can be given work, by name; of some roles alone where roles are given."""
        return [{"id": key, "name": person.name, "role": person.role.replace("_", " ")}
                for key, person in sorted(self.people.items(), key=lambda item: item[1].name)
                if self.works(key) and (not roles or person.role in roles)]  # fmt: skip


def ours(today: date) -> Ours:
    """Our people as they are now."""
    return Ours({person.person_id: person for person in Person.objects.all()}, today)
