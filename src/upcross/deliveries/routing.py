"""Which message goes where: every entry that is new is looked at once, and makes its deliveries at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from upcross.deliveries.message import Message
from upcross.deliveries.settings import AnyDestination, MemoryDestination, SlackDestination, WebhookDestination
from upcross.deliveries.telling import as_of_entry, names_of, told_entry, told_opportunity
from upcross.ledger.models import Delivery, Entry, Opportunity, Outbox, Person
from upcross.ledger.writer import OPPORTUNITY
from upcross.plays.play import PlayKind

Guard = Callable[[], None]
"""Called in each transaction before it writes; raises where another worker has taken over."""

BATCH = 100
ONLY_BY_NAME = frozenset({"opportunity.refresh", "opportunity.erase"})
"""What ``opportunity.*`` leaves out: every run refreshes everything, and nobody has to be told what is gone."""

ALERTED_WITHIN = timedelta(days=3)
"""Nobody is alerted of what is older: where no worker ran for a while, the digest says what still waits."""

MOST_ALERTS = 5
"""More of one kind for one reader at a time become one message that lists them."""

_SEVERAL = {"escalate": "Overdue", "hand_off": "Handed over", "return": "Returned", "release": "Can be asked now",
            "override": "Asked anyway", "create": "New"}  # fmt: skip

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
            Delivery.objects.bulk_create(self._deliveries(rows, known, people, moment), ignore_conflicts=True)
            Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(routed_at=moment)
        return len(rows)

    def _deliveries(
        self, rows: Sequence[Outbox], known: Mapping[str, Opportunity], people: _People, moment: datetime
    ) -> list[Delivery]:
        told = {row.pk: self._told(row, known, people, moment) for row in rows}
        alerts: dict[tuple[str, str, str], list[Outbox]] = {}
        for row in rows:
            for place, to in told[row.pk].alerts:
                alerts.setdefault((place.name, to, row.entry.kind), []).append(row)
        made = [d for row in rows for d in self._one_by_one(row, told[row.pk], alerts, moment)]
        for (name, to, step), many in alerts.items():
            if len(many) > MOST_ALERTS:
                made.append(self._at_once(name, to, step, many, told, people, moment))
        return made

    def _told(self, row: Outbox, known: Mapping[str, Opportunity], people: _People, moment: datetime) -> _Told:
        entry: Entry = row.entry
        feeds = [place for place in self.destinations if _feeds(place, row.topic)]
        current = known.get(entry.subject_id) if entry.subject == OPPORTUNITY else None
        wanting = _alerting(self.destinations, entry, moment) if current is not None else []
        if not feeds and not wanting:
            return _Told({}, [], [])
        data: dict[str, Any] = {"entry": told_entry(entry)}
        alerts: list[tuple[AnyDestination, str]] = []
        if current is not None:
            then = as_of_entry(current, entry)
            data["opportunity"] = told_opportunity(then, people.names, self.link)
            readers = people.readers(entry.kind, then, json.loads(entry.facts)) if wanting else []
            alerts = [(place, to) for place in wanting for to in (readers[:1] if _in_channel(place) else readers)]
        return _Told(data, feeds, alerts)

    def _one_by_one(
        self, row: Outbox, told: _Told, alerts: Mapping[tuple[str, str, str], list[Outbox]], moment: datetime
    ) -> Iterator[Delivery]:
        single = [(p, to) for p, to in told.alerts if len(alerts[p.name, to, row.entry.kind]) <= MOST_ALERTS]
        for place, to in [*((place, "") for place in told.feeds), *single]:
            key = f"{row.entry.seq} {place.name} {to}".rstrip()
            message = Message(message_id(row.entry.hash, place.name, to), row.topic, row.entry.at, told.data, to)
            yield new_delivery(place.name, key, message, moment, row)

    def _at_once(
        self, name: str, to: str, step: str, many: list[Outbox], told: Mapping[Any, _Told], people: _People,
        moment: datetime,
    ) -> Delivery:  # fmt: skip
        """One message in the place of many of the same kind for the same reader: who gets forty reads none."""
        first, last = many[0].entry, many[-1].entry
        items = [told[row.pk].data["opportunity"] for row in many]
        group = {"title": _SEVERAL.get(step, step.replace("_", " ")), "count": len(many), "items": items[:10]}
        data = {"day": last.at.date().isoformat(), "groups": [group], "link": self.link,
                "reader_name": people.names.get(to, "")}  # fmt: skip
        key = f"{first.seq}-{last.seq} {step} {name} {to}"
        return new_delivery(name, key, Message(message_id(last.hash, key), "several", last.at, data, to), moment)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of one entry: the data, which feeds get it, and who is alerted where."""

    data: dict[str, Any]
    feeds: list[AnyDestination]
    alerts: list[tuple[AnyDestination, str]]


def new_delivery(
    destination: str, dedupe: str, message: Message, moment: datetime, outbox: Outbox | None = None
) -> Delivery:
    """A delivery that is due at once."""
    return Delivery(outbox=outbox, destination=destination, dedupe=dedupe, body=message.to_dict(), created_at=moment,
                    since=moment, next_at=moment)  # fmt: skip


def message_id(*parts: str) -> str:
    """The id of a message: the same whenever it is made of the same parts."""
    return f"msg_{sha256(' '.join(parts).encode()).hexdigest()[:32]}"


def _feeds(place: AnyDestination, topic: str) -> bool:
    """Whether a destination is fed with everything of a topic."""
    return isinstance(place, WebhookDestination | MemoryDestination) and wanted(topic, place.topics)


def _alerting(places: Sequence[AnyDestination], entry: Entry, moment: datetime) -> list[AnyDestination]:
    """The destinations at which somebody is alerted of such an entry; none of a backlog, nor of what is old."""
    facts = json.loads(entry.facts)
    if facts.get("backlog") or entry.at < moment - ALERTED_WITHIN:
        return []
    asked = entry.kind in ("create", "release") and facts.get("set", {}).get("kind") == PlayKind.ANSWER
    kinds = {entry.kind, "answer"} if asked else {entry.kind}
    return [p for p in places if not isinstance(p, WebhookDestination) and kinds.intersection(p.alerts)]


def _in_channel(place: AnyDestination) -> bool:
    """Whether all its readers read in one place."""
    return isinstance(place, SlackDestination) and not place.direct


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
