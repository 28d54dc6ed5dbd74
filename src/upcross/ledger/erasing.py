"""Personal text erased on request: the words are gone for good, the record still shows that there were some."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from upcross.ledger.account_plan import SUBJECT as PLAN
from upcross.ledger.account_plan import forget
from upcross.ledger.actor import Actor
from upcross.ledger.hearing import SUBJECT as HEARD
from upcross.ledger.models import Delivery, Entry, EntryText, Heard, Opportunity
from upcross.ledger.refusals import NotFoundError
from upcross.ledger.verifying import ERASE
from upcross.ledger.writer import OPPORTUNITY, Writer, writing

_SHORTEST = 12
"""Characters of a quote from which on it is looked for elsewhere; shorter ones are in too much that is not theirs."""


def erase(subject: str, subject_id: str, actor: Actor, *, names: frozenset[str] | None = None) -> int:
    """Erase the texts of one subject (only those named, where names are given), and say how many there were.

    The chain still holds: entries carry salted digests, and an entry says what was erased, when and by whom. What was
    heard goes from the evidence of opportunities and from messages on their way too. What an opportunity shows of its
    evidence goes with its texts; the next plan writes it anew from what the book still has.
    """
    with writing() as writer:
        known = Entry.objects.filter(subject=subject, subject_id=subject_id)
        if not known.exists():
            raise NotFoundError(f"the record has nothing about {subject} {subject_id}")
        texts = EntryText.objects.filter(entry__in=known, erased_at=None)
        if names is not None:
            texts = texts.filter(name__in=sorted(names))
        erased = list(texts.order_by("entry_id", "name"))
        if subject == HEARD:
            erased += _quoting(heard.quote for heard in Heard.objects.filter(statement_id=subject_id))
        if not erased:
            return 0
        facts = {"erased": [[text.entry_id, text.name] for text in erased]}
        if subject == OPPORTUNITY:
            _scrub_opportunity(writer, subject_id, actor, facts)
        else:
            writer.record(subject, subject_id, ERASE, actor, facts)
        for text in erased:
            text.text, text.salt, text.erased_at = "", "", writer.moment
        EntryText.objects.bulk_update(erased, ["text", "salt", "erased_at"], batch_size=200)
        if subject == HEARD:
            gone = {"quote": "", "said_by": "", "contact_id": "", "erased_at": writer.moment}
            Heard.objects.filter(statement_id=subject_id).update(**gone)
        elif subject == PLAN:
            forget(subject_id)
    return len(erased)


def _scrub_opportunity(writer: Writer, subject_id: str, actor: Actor, facts: dict[str, list[list[object]]]) -> None:
    row = Opportunity.objects.select_for_update().get(pk=subject_id)
    row.version += 1
    Opportunity.objects.filter(pk=row.pk).update(candidate=None, version=row.version, updated_at=writer.moment)
    writer.record(OPPORTUNITY, subject_id, ERASE, actor, {"set": {}, **facts}, version=row.version)


def _quoting(quotes: Iterable[str]) -> list[EntryText]:
    """The evidence of opportunities that quotes what was said; what shows or sends it now is emptied at once."""
    found: list[EntryText] = []
    for quote in quotes:
        if len(quote) < _SHORTEST:
            continue
        words = json.dumps(quote, ensure_ascii=False)[1:-1]
        found += EntryText.objects.filter(name="candidate", erased_at=None, text__contains=words).order_by("entry_id")
        for column, rows in (("candidate", Opportunity.objects.all()), ("body", Delivery.objects.all())):
            spelt = {quote, words, json.dumps(quote)[1:-1]}  # as each database keeps JSON
            for spelling in spelt:
                _with(rows, column, spelling).update(**{column: None if column == "candidate" else {"erased": True}})
    return found


def _with(rows: QuerySet[Opportunity] | QuerySet[Delivery], column: str, words: str) -> QuerySet[Opportunity]:
    return rows.annotate(told=Cast(column, TextField())).filter(told__contains=words)
