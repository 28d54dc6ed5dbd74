"""Account plans: what people typed, with author and age, conflicts told, and what of it the book gets back."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from upcross.ledger.account_plan import Edit, Names, edit_plan, plan_facts, typed_contact_roles, typed_objectives
from upcross.ledger.actor import Actor
from upcross.ledger.erasing import erase
from upcross.ledger.models import Account, Entry, EntryText, Person
from upcross.ledger.refusals import ConflictError, NotFoundError, RefusedError
from upcross.ledger.verifying import verify

DAY = date(2026, 3, 31)
CLEO = Actor("cleo", "cleo", "csm")


@pytest.fixture(autouse=True)
def acme(ledger) -> None:
    Account.objects.create(account_id="acme", name="Acme")
    Person.objects.create(person_id="cleo", name="Cleo Marsh", role="csm")


def test_a_field_carries_its_author_and_age_and_goes_stale(ledger) -> None:
    edit_plan("acme", CLEO, [Edit("field", {"name": "risks", "text": "Budget freeze"})], today=DAY)
    facts = {field["name"]: field for field in plan_facts("acme", DAY + timedelta(days=90))["fields"]}
    assert len(facts) == 10
    assert facts["risks"] == {
        "name": "risks", "title": "What could go wrong", "text": "Budget freeze", "author": "cleo",
        "written_on": "2026-03-31", "age_days": 90, "stale": False,
    }  # fmt: skip
    assert facts["summary"]["text"] is None
    later = {field["name"]: field for field in plan_facts("acme", DAY + timedelta(days=91))["fields"]}
    assert later["risks"]["stale"]


def test_the_second_to_write_is_told_who_wrote_and_nothing_is_lost(ledger) -> None:
    edit_plan("acme", CLEO, [Edit("field", {"name": "risks", "text": "mine"})], today=DAY, expected_version=0)
    with pytest.raises(ConflictError, match="cleo wrote 'field'"):
        edit_plan("acme", CLEO, [Edit("field", {"name": "risks", "text": "yours"})], today=DAY, expected_version=0)
    assert [text.text for text in EntryText.objects.filter(name="text")] == ["mine"]


def test_all_faults_of_all_edits_are_told_and_nothing_is_written(ledger) -> None:
    edits = [
        Edit("field", {"name": "riks", "text": "x"}),
        Edit("stakeholder", {"name": "Ida", "role": "boss", "strength": "high"}),
        Edit("action", {"text": "call", "owner": "clea"}),
        Edit("gaol", {}),
        Edit("field", {"name": "summary", "text": "fine"}),
    ]
    with pytest.raises(RefusedError) as refused:
        edit_plan("acme", CLEO, edits, today=DAY)
    told = {fault.field: fault.message for fault in refused.value.faults}
    assert told == {
        "edits.0.name": "'riks' is none of them; did you mean 'risks'?",
        "edits.1.role": told["edits.1.role"],
        "edits.1.strength": "is no part of a stakeholder. ",
        "edits.2.owner": "nobody still with us has the id 'clea'. did you mean 'cleo'?",
        "edits.3.part": "no part of a plan is called 'gaol'. did you mean 'goal'?",
    }
    assert "expected one of champion, economic_buyer" in told["edits.1.role"]
    assert not Entry.objects.exists()
    with pytest.raises(NotFoundError):
        edit_plan("nobody", CLEO, edits, today=DAY)


def test_what_was_typed_becomes_rows_of_the_book(ledger) -> None:
    edit_plan("acme", CLEO, [
        Edit("stakeholder", {"name": "Ida", "contact_id": "c1", "role": "economic_buyer", "stance": "for"}),
        Edit("stakeholder", {"name": "Someone new", "role": "champion"}),
        Edit("goal", {"text": "Answer within an hour", "product_id": "desk"}),
    ], today=DAY)  # fmt: skip
    [role] = typed_contact_roles()  # who is in no system has no id that the book could join
    assert (role["contact_id"], role["role"], role["stance"], role["confirmed_on"]) == (
        "c1", "economic_buyer", "for", DAY)  # fmt: skip
    [goal] = plan_facts("acme", DAY)["goals"]
    edit_plan("acme", CLEO, [Edit("goal", {"status": "met"}, id=UUID(goal["id"]))],
              today=DAY + timedelta(days=5))  # fmt: skip
    [objective] = typed_objectives()
    assert (objective["sentence"], objective["met_on"]) == ("Answer within an hour", DAY + timedelta(days=5))


def test_what_names_people_can_be_erased_and_the_record_still_holds(ledger) -> None:
    edit_plan("acme", CLEO, [Edit("stakeholder", {"name": "Ida Berg", "role": "champion"})], today=DAY)
    assert erase("account plan", "acme", CLEO) == 2  # name and role
    assert "Ida Berg" not in str([list(EntryText.objects.values()), plan_facts("acme", DAY)])
    assert verify().fault is None


def test_one_plan_speaks_for_no_other_account_and_for_nothing_unknown(ledger) -> None:
    names = Names(frozenset({"c1"}), frozenset({"crm"}), frozenset({"West"}))
    edits = [
        Edit("stakeholder", {"name": "Zoe", "role": "champion", "contact_id": "c9"}),  # of another account
        Edit("proof", {"product_id": "crn", "sentence": "It paid off", "business_unit": "East"}),
        Edit("goal", {"text": "  ", "status": ""}),
        Edit("action", {"text": "call", "owner": "cleo", "done_on": DAY + timedelta(days=1)}),
        Edit("review", {"text": "fine", "held_on": date(1, 1, 1)}),
    ]
    with pytest.raises(RefusedError) as refused:
        edit_plan("acme", CLEO, edits, today=DAY, names=names)
    assert [fault.field for fault in refused.value.faults] == [
        "edits.0.contact_id", "edits.1.product_id", "edits.1.business_unit", "edits.2.text", "edits.2.status",
        "edits.3.done_on", "edits.4.held_on",
    ]  # fmt: skip
    assert "did you mean 'crm'?" in str(refused.value)
    edit_plan("acme", CLEO, [Edit("goal", {"text": "Grow"})], today=DAY, names=names)
    [goal] = plan_facts("acme", DAY)["goals"]
    with pytest.raises(RefusedError, match=r"edits\.0\.text: is empty"):
        edit_plan("acme", CLEO, [Edit("goal", {"text": ""}, id=UUID(goal["id"]))], today=DAY, names=names)
