"""What happened to each opportunity, as events that count: what was undone is not among them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from upcross.ledger.identity import identity_of
from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.step import PASSING, UNDOABLE, Step
from upcross.ledger.writer import OPPORTUNITY
from upcross.opportunities import Accepted, Event, Identity, Qualified, Returned

_STEPS = (Step.QUALIFY, Step.HAND_OFF, Step.ACCEPT, Step.RETURN, Step.UNDO)


def histories(rows: Iterable[Opportunity]) -> Iterator[tuple[Event, ...]]:
    """For each opportunity given, what people did that credit is counted by, in its order."""
    identities = {str(row.id): identity_of(row) for row in rows}
    worked = Entry.objects.filter(subject=OPPORTUNITY, kind__in=[step.value for step in _STEPS])
    concerned = set(worked.values_list("subject_id", flat=True).distinct()) & identities.keys()
    entries = Entry.objects.filter(subject=OPPORTUNITY).order_by("subject_id", "version").iterator(chunk_size=2_000)
    for key, group in groupby(entries, key=lambda entry: entry.subject_id):
        if key in concerned:
            yield tuple(_events(identities[key], group))


def _events(identity: Identity, entries: Iterable[Entry]) -> Iterator[Event]:
    standing: list[Entry] = []
    for entry in entries:
        step = Step(entry.kind)
        if step in PASSING:
            continue
        if step is Step.UNDO and standing and Step(standing[-1].kind) in UNDOABLE:
            standing.pop()
        else:
            standing.append(entry)
    for entry in standing:
        told, on = json.loads(entry.facts), entry.as_of or entry.at.date()
        by, owner = str(told.get("person") or entry.by), str(told.get("set", {}).get("owner", ""))
        if event := _event(identity, Step(entry.kind), by, on, owner):
            yield event


def _event(identity: Identity, step: Step, by: str, on: date, owner: str) -> Event | None:
    match step:
        case Step.QUALIFY:
            return Qualified(identity, on, by)
        case Step.ACCEPT:
            return Accepted(identity, on, by, owner=owner)
        case Step.RETURN:
            return Returned(identity, on, by, owner=owner)
        case _:
            return None
