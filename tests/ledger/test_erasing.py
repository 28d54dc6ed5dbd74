"""What somebody asks to have erased is gone wherever it was quoted, and the record still holds."""

from __future__ import annotations

from datetime import date

from ledger.scenes import COMPANY, PEOPLE, TODAY
from upcross.ledger.actor import Actor
from upcross.ledger.applying import apply_plan
from upcross.ledger.erasing import erase
from upcross.ledger.hearing import typed_statements, write_heard
from upcross.ledger.models import Entry, EntryText, Heard, Opportunity
from upcross.ledger.verifying import verify
from upcross.motions import Mechanism
from upcross.opportunities import Evidence, Finding, Identity, Memory, Reason, Settings, merge, plan_changes
from upcross.signals.model import Unit

CLEO = Actor("cleo", "cleo", "csm")
QUOTE = "Our “night shift” can't see\nwhat the day shift did – says Ida Berg"


def test_what_was_heard_goes_from_the_evidence_that_quotes_it(any_ledger) -> None:
    row = {"statement_id": "heard-1", "account_id": "a1", "business_unit": "", "said_on": date(2026, 3, 30),
           "kind": "need", "product_id": None, "domain": "shifts", "quote": QUOTE, "contact_id": None,
           "person": "Ida Berg"}  # fmt: skip
    evidence = (Evidence("need_quote", "what they said", QUOTE, Unit.TEXT, shown=True),)
    found = Finding(Identity("a1", "", "crm", Mechanism.PRODUCT), Reason("need", "A need", evidence=evidence), "A1")
    other = Finding(Identity("a2", "", "crm", Mechanism.PRODUCT), Reason("need", "A need"), "A2")
    plan = plan_changes(merge([found, other]), Memory.empty(), PEOPLE, TODAY, Settings("queue", "EUR"))
    apply_plan(plan, COMPANY, CLEO, first=lambda writer: write_heard(writer, row, CLEO, TODAY) and None)
    assert len(typed_statements()) == 1
    assert "night shift" in str(Opportunity.objects.get(account_id="a1").candidate)

    assert erase("heard", "heard-1", CLEO) == 3  # the quote, who said it, and the evidence that quotes it
    kept = [
        *EntryText.objects.values_list("text", flat=True),
        *Entry.objects.values_list("facts", flat=True),
        *map(str, Opportunity.objects.values_list("candidate", flat=True)),
        *map(str, Heard.objects.values()),
    ]
    assert [text for text in kept if "night shift" in text or "Ida Berg" in text] == []
    assert typed_statements() == []
    assert Opportunity.objects.get(account_id="a2").candidate is not None
    assert verify().fault is None
