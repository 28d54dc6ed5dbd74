"""Personal text erased on request: the words are gone for good, the record still shows that there were some."""

from __future__ import annotations

from upcross.ledger.account_plan import SUBJECT as PLAN
from upcross.ledger.account_plan import forget
from upcross.ledger.actor import Actor
from upcross.ledger.models import Entry, EntryText, Heard, Opportunity
from upcross.ledger.refusals import NotFoundError
from upcross.ledger.verifying import ERASE
from upcross.ledger.writer import OPPORTUNITY, writing


def erase(subject: str, subject_id: str, actor: Actor, *, names: frozenset[str] | None = None) -> int:
    """Erase the texts of one subject (only those named, where names are given), and say how many there were.

    The chain still holds: entries carry salted digests, and an entry says what was erased, when and by whom. What an
    opportunity shows of its evidence goes with them; the next plan writes it anew from what the book still has.
    """
    with writing() as writer:
        known = Entry.objects.filter(subject=subject, subject_id=subject_id)
        if not known.exists():
            raise NotFoundError(f"the record has nothing about {subject} {subject_id}")
        texts = EntryText.objects.filter(entry__in=known, erased_at=None)
        if names is not None:
            texts = texts.filter(name__in=sorted(names))
        erased = list(texts.order_by("entry_id", "name"))
        if not erased:
            return 0
        facts = {"erased": [[text.entry_id, text.name] for text in erased]}
        if subject == OPPORTUNITY:
            row = Opportunity.objects.select_for_update().get(pk=subject_id)
            row.candidate = None
            row.version += 1
            Opportunity.objects.filter(pk=row.pk).update(candidate=None, version=row.version, updated_at=writer.moment)
            writer.record(subject, subject_id, ERASE, actor, {"set": {}, **facts}, version=row.version)
        else:
            writer.record(subject, subject_id, ERASE, actor, facts)
        for text in erased:
            text.text, text.salt, text.erased_at = "", "", writer.moment
        EntryText.objects.bulk_update(erased, ["text", "salt", "erased_at"], batch_size=200)
        if subject == "heard":
            gone = {"quote": "", "said_by": "", "contact_id": "", "erased_at": writer.moment}
            Heard.objects.filter(statement_id=subject_id).update(**gone)
        elif subject == PLAN:
            forget(subject_id)
    return len(erased)
