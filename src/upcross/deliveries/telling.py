"""What a message says of an opportunity: plain values, names of our people, why it is asked - and no personal text.

What people wrote and what names a customer's people is added only when a message is sent to a destination that wants
it, from where the record keeps it: what was erased meanwhile is sent to nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from upcross.ledger.facts import opportunity_facts
from upcross.ledger.models import Entry, EntryText, Opportunity, Person
from upcross.ledger.state import replay, row_values
from upcross.ledger.writer import OPPORTUNITY

WORDS = ("text", "need", "goal", "buyer", "budget_owner")
"""The texts of an entry that people typed."""

_NAMES = ("owner", "closer", "handed_to")


def told_entry(entry: Entry) -> dict[str, Any]:
    """What happened, without who did it and what they wrote; of other subjects than opportunities all plain facts."""
    facts = json.loads(entry.facts)
    told = {
        "seq": entry.seq, "subject": entry.subject, "subject_id": entry.subject_id, "version": entry.version,
        "step": entry.kind, "as_of": entry.as_of.isoformat() if entry.as_of else None, "reason": facts.get("reason"),
        "backlog": bool(facts.get("backlog")),
    }  # fmt: skip
    if entry.subject != OPPORTUNITY:
        told["facts"] = facts
    return told


def told_opportunity(row: Opportunity, names: Mapping[str, str], link: str = "") -> dict[str, Any]:
    """How an opportunity stands; ``link`` is the address of its page, '' where pages have none."""
    facts = opportunity_facts(row)
    named = {f"{role}_name": names.get(facts[role], "") if facts[role] else "" for role in _NAMES}
    return {
        **facts,
        **named,
        "why": plain_reasons(row.candidate),
        "link": f"{link}/opportunities/{row.id}" if link else "",
    }


def as_of_entry(row: Opportunity, entry: Entry) -> Opportunity:
    """The opportunity as it stood after one of its entries, whatever happened since; the evidence is the newest."""
    if row.version == entry.version:
        return row
    entries = Entry.objects.filter(subject=OPPORTUNITY, subject_id=str(row.id), version__lte=entry.version)
    then = copy(row)
    for name, value in row_values(replay(entries.order_by("version").values_list("facts", flat=True))).items():
        setattr(then, name, value)
    then.version, then.updated_at = entry.version, entry.at
    return then


def plain_reasons(evidence: Mapping[str, Any] | None) -> list[str]:
    """The comparisons that speak for an ask, without those that tell a text, for texts may name people."""
    if not evidence:
        return []
    reasons = (evidence.get("candidate") or {}).get("reasons", ())
    texts = {str(item["value"]) for reason in reasons for item in reason["evidence"]
             if item.get("unit") == "text" and item.get("value")}  # fmt: skip
    return [line for line in evidence.get("why", ()) if not any(text in line for text in texts)]


def personal_words(entry: Entry, row: Opportunity | None) -> dict[str, str]:
    """What people wrote with an entry, and what was heard, as far as it was not erased."""
    words = {text.name: text.text for text in EntryText.objects.filter(entry=entry, name__in=WORDS) if text.text}
    heard = (row.candidate or {}).get("heard", ()) if row else ()
    return {**words, **({"heard": " / ".join(map(str, heard))} if heard else {})}


def names_of(people: Iterable[str] | None = None) -> dict[str, str]:
    """Our people's names by id."""
    found = Person.objects.all() if people is None else Person.objects.filter(person_id__in=list(people))
    return dict(found.values_list("person_id", "name"))
