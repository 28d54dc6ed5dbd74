"""Which message goes where: every entry that is new is looked at once, and makes its deliveries at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from upcross.deliveries.message import Message
from upcross.deliveries.settings import AnyDestination, MemoryDestination, SlackDestination, WebhookDestination
from upcross.deliveries.telling import as_of_entry, names_of, told_entry, told_opportunity
from upcross.ledger.models import Delivery, Entry, Opportunity, Outbox, Person
from upcross.ledger.writer import OPPORTUNITY

Guard = Callable[[], None]
"""Called in each transaction before it writes; raises where another worker has taken over."""

BATCH = 100
ONLY_BY_NAME = frozenset({"opportunity.refresh", "opportunity.erase"})
"""What ``opportunity.*`` leaves out: every run refreshes everything, and nobody has to be told what is gone."""

_OVERSEERS = ("revops", "leader")


def unguarded() -> None:
    """No other worker can take over: for commands and tests."""


@dataclass(frozen=True, slots=True)
class Router:
    """Makes deliveries of new outbox rows; ``link`` is the address under which pages are served, '' for none."""

    destinations: Sequence[AnyDestination]
    link: str = ""
    guard: Guard = unguarded

    def route(self, moment: datetime) -> int:
        """Look at up to a hundred new entries, oldest first, and say how many there were.

        Their deliveries are written in the transaction that marks them as looked at; the key of each is its own, so
        that none is written twice whatever happens.
        """
        with transaction.atomic():
            self.guard()
            rows = list(Outbox.objects.select_related("entry").filter(routed_at=None).order_by("entry_id")[:BATCH])
            if not rows:
                return 0
            keys = [row.entry.subject_id for row in rows if row.entry.subject == OPPORTUNITY]
            known = {str(key): found for key, found in Opportunity.objects.in_bulk(keys).items()}
            people = _People(moment.date())
            made = [d for row in rows for d in self._deliveries(row, known, people, moment)]
            Delivery.objects.bulk_create(made, ignore_conflicts=True)
            Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(routed_at=moment)
        return len(rows)

    def _deliveries(
        self, row: Outbox, known: Mapping[str, Opportunity], people: _People, moment: datetime
    ) -> Iterator[Delivery]:
        entry: Entry = row.entry
        goes = [(place, to) for place in self.destinations for to in _readers(place, row.topic, entry, known, people)]
        if not goes:
            return
        data: dict[str, Any] = {"entry": told_entry(entry)}
        current = known.get(entry.subject_id)
        if current is not None:
            data["opportunity"] = told_opportunity(as_of_entry(current, entry), people.names, self.link)
        for place, to in goes:
            key = f"{entry.seq} {place.name} {to}".rstrip()
            message = Message(message_id(entry.hash, place.name, to), row.topic, entry.at, data, to)
            yield new_delivery(place.name, key, message, moment, row)


def new_delivery(
    destination: str, dedupe: str, message: Message, moment: datetime, outbox: Outbox | None = None
) -> Delivery:
    """A delivery that is due at once."""
    return Delivery(outbox=outbox, destination=destination, dedupe=dedupe, body=message.to_dict(), created_at=moment,
                    since=moment, next_at=moment)  # fmt: skip


def message_id(*parts: str) -> str:
    """The id of a message: the same whenever it is made of the same parts."""
    return f"msg_{sha256(' '.join(parts).encode()).hexdigest()[:32]}"


def _readers(
    place: AnyDestination, topic: str, entry: Entry, known: Mapping[str, Opportunity], people: _People
) -> list[str]:
    """Whom a destination tells about an entry: '' is nobody in particular; empty where it tells nobody."""
    if isinstance(place, WebhookDestination):
        return [""] if wanted(topic, place.topics) else []
    facts = json.loads(entry.facts)
    told = [""] if isinstance(place, MemoryDestination) and wanted(topic, place.topics) else []
    if entry.subject != OPPORTUNITY or entry.kind not in place.alerts or facts.get("backlog"):
        return told
    row = known.get(entry.subject_id)
    if row is None:
        return told
    readers = people.readers(entry.kind, as_of_entry(row, entry), facts)
    in_channel = isinstance(place, SlackDestination) and not place.direct
    return [*told, *(readers[:1] if in_channel else readers)]


def wanted(topic: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns means a topic: itself, all of its subject (``opportunity.*``), or all (``*``)."""
    subject = topic.rpartition(".")[0]
    return topic in patterns or (topic not in ONLY_BY_NAME and ("*" in patterns or f"{subject}.*" in patterns))


class _People:
    """Our people on a day: names, and who reads in whose place."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._rows = {person.person_id: person for person in Person.objects.all()}
        self.names = names_of()

    def readers(self, step: str, row: Opportunity, facts: Mapping[str, Any]) -> list[str]:
        """Who is to know of a step, each once: first whom it waits for."""
        match step:
            case "hand_off":
                found = [row.handed_to]
            case "accept" | "win" | "lose":
                found = [row.opened_for or row.owner]
            case "escalate":
                found = [facts.get("waits_for") or row.owner, facts.get("told", "")]
                if facts.get("level") == 2:
                    found += sorted(p.person_id for p in self._rows.values() if p.role in _OVERSEERS and self._here(p))
            case _:
                found = [row.owner]
        return list(dict.fromkeys(self._reads(person) for person in found if person))

    def _reads(self, person_id: str) -> str:
        """The person, or the manager of one who left."""
        person = self._rows.get(person_id)
        if person is None or self._here(person):
            return person_id
        return person.manager_id or person_id

    def _here(self, person: Person) -> bool:
        return person.left_on is None or person.left_on > self._day
