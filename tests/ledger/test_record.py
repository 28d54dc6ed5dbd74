"""The record of everything: whatever is changed in it, taken out or cut off is found, and where."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import connection

from ledger.scenes import COMPANY, TODAY, planned_for
from upcross.ledger.actor import Actor
from upcross.ledger.acts import act
from upcross.ledger.applying import apply_plan
from upcross.ledger.erasing import erase
from upcross.ledger.given import Given
from upcross.ledger.models import Entry, EntryText, Opportunity
from upcross.ledger.step import Step
from upcross.ledger.verifying import verify

CLEO = Actor("cleo", "cleo", "csm")


@pytest.fixture
def record(any_ledger):
    apply_plan(planned_for(range(4)), COMPANY)
    for row in Opportunity.objects.order_by("id")[:3]:
        act(row.id, Step.COMMENT, CLEO, Given(text=f"a word about {row.account_id}"), today=TODAY)
    apply_plan(planned_for(range(2), None), COMPANY)
    assert verify().fault is None
    return any_ledger


def execute(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


TAMPERED = [
    ("UPDATE ledger_entry SET facts = REPLACE(facts, 'surfaced', 'accepted') WHERE seq = 3", 3, "was changed"),
    ("UPDATE ledger_entry SET by = 'somebody' WHERE seq = 6", 6, "was changed after it was written"),
    ("UPDATE ledger_entry SET as_of = '2020-01-01' WHERE seq = 2", 2, "was changed"),
    ("UPDATE ledger_entry SET hash = '0' WHERE seq = 4", 4, "was changed"),
    ("UPDATE ledger_entry SET previous = '0' WHERE seq = 4", 4, "does not follow"),
    ("UPDATE ledger_entry SET kind = 'dismiss' WHERE seq = 7", 7, "was changed"),
    ("UPDATE ledger_entry_text SET text = 'kind words' WHERE name = 'text' AND entry_id = 6", 6, "'text' was changed"),
    ("DELETE FROM ledger_entry_text WHERE name = 'text' AND entry_id = 7", 7, "its texts are not those"),
    (
        "UPDATE ledger_entry_text SET text = '', erased_at = '2026-04-01 00:00:00+00:00' WHERE entry_id = 8",
        8,
        "is gone",
    ),
]


@pytest.mark.parametrize(("sql", "seq", "what"), TAMPERED)
def test_the_first_bad_entry_is_named(record, sql, seq, what) -> None:
    execute(sql)
    fault = verify().fault
    assert fault is not None
    assert fault.seq == seq
    assert what in fault.what


def test_an_entry_taken_out_or_cut_off_is_missed(record) -> None:
    head = verify().head
    last = Entry.objects.latest("seq").seq
    execute("DELETE FROM ledger_outbox WHERE entry_id = %s", last)
    execute("DELETE FROM ledger_entry_text WHERE entry_id = %s", last)
    execute("DELETE FROM ledger_entry WHERE seq = %s", last)
    fault = verify().fault
    assert fault is not None
    row = Entry.objects.latest("seq")
    execute("UPDATE ledger_chain_head SET seq = %s, hash = %s", row.seq, row.hash)  # and the end moved to hide it
    assert f"no longer holds the hash {head}" in str(verify(head).fault)


def test_a_row_that_says_more_than_its_entries_is_found(record) -> None:
    row = Opportunity.objects.order_by("id").first()
    execute("UPDATE ledger_opportunity SET owner = 'somebody' WHERE account_id = %s", row.account_id)
    assert str(verify().fault) == f"opportunity {row.id} shows another owner than its entries add up to"


def test_every_single_changed_character_is_found(record) -> None:
    """Each of many entries with one character of one of its columns changed."""
    chance = random.Random(7)
    before = verify()
    for _ in range(60):
        entry = chance.choice(list(Entry.objects.all()))
        column = chance.choice(["facts", "digests", "by", "kind", "subject", "subject_id", "hash", "previous"])
        text = getattr(entry, column)
        place = chance.randrange(len(text))
        changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        execute(f"UPDATE ledger_entry SET {column} = %s WHERE seq = %s", changed, entry.seq)
        fault = verify().fault
        assert fault is not None, (column, text, changed)
        assert fault.seq in (entry.seq, entry.seq + 1)
        execute(f"UPDATE ledger_entry SET {column} = %s WHERE seq = %s", text, entry.seq)
    assert verify() == before


def test_erased_text_is_gone_and_the_record_is_whole(record) -> None:
    [row] = Opportunity.objects.order_by("id")[:1]
    assert erase("opportunity", str(row.id), CLEO) > 0
    assert not EntryText.objects.filter(text__contains=f"about {row.account_id}").exists()
    told = verify()
    assert told.fault is None
    assert told.erased > 0
    assert erase("opportunity", str(row.id), CLEO) == 0


def test_what_two_days_wrote_replays_to_the_same(record) -> None:
    apply_plan(planned_for([3]), COMPANY)
    row = Opportunity.objects.get(account_id="a3")
    act(row.id, Step.SNOOZE, CLEO, Given(until=TODAY + timedelta(days=9)), today=TODAY)
    act(row.id, Step.WAKE, CLEO, today=TODAY)
    act(row.id, Step.UNDO, CLEO, today=TODAY)
    assert Opportunity.objects.get(account_id="a3").stage == "snoozed"
    assert verify().fault is None
