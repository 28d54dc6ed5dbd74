"""A copy while people work, and the ledger back from it: the same record, entry by entry."""

from __future__ import annotations

import pytest

from ledger.scenes import COMPANY, TODAY, Hand, planned_for
from ledger.test_concurrency import comment_for_ever
from upcross.errors import UsageError
from upcross.ledger.actor import Actor
from upcross.ledger.acts import act
from upcross.ledger.applying import apply_plan
from upcross.ledger.backup import BackupError, back_up, restore
from upcross.ledger.given import Given
from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.place import Place, connect
from upcross.ledger.step import Step
from upcross.ledger.verifying import verify

CLEO = Actor("cleo", "cleo", "csm")


def test_the_ledger_comes_back_as_it_was(any_ledger, tmp_path) -> None:
    apply_plan(planned_for(range(5)), COMPANY)
    copy = back_up(any_ledger, tmp_path / "monday")
    before = verify()
    assert (copy.entries, copy.head) == (before.entries, before.head)
    for row in Opportunity.objects.all():
        act(row.id, Step.DISMISS, CLEO, Given("duplicate"), today=TODAY)
    with pytest.raises(UsageError, match="--replace"):
        restore(any_ledger, copy.file)
    back = restore(any_ledger, copy.file, replace=True)
    assert back.head == before.head
    assert verify() == before
    assert set(Opportunity.objects.values_list("stage", flat=True)) == {"surfaced"}
    act(Opportunity.objects.first().id, Step.COMMENT, CLEO, Given(text="on we go"), today=TODAY)
    assert verify().fault is None


def test_a_copy_while_others_write_is_of_one_moment(ledger, tmp_path) -> None:
    apply_plan(planned_for(range(3)), COMPANY)
    busy = Hand(ledger, comment_for_ever, "busy")
    try:
        busy.first()
        copies = [back_up(ledger, tmp_path / f"copy-{number}") for number in range(3)]
    finally:
        busy.kill()
    connect(ledger, migrated=False)
    hashes = dict(Entry.objects.values_list("hash", "seq"))
    assert [hashes[copy.head] for copy in copies] == [copy.entries for copy in copies]


def test_what_is_no_whole_copy_replaces_nothing(ledger, tmp_path) -> None:
    apply_plan(planned_for(range(2)), COMPANY)
    whole = back_up(ledger, tmp_path / "whole")
    data = bytearray(whole.file.read_bytes())
    cut = tmp_path / "cut"
    cut.write_bytes(data[: len(data) // 2])
    garbage = tmp_path / "garbage"
    garbage.write_text("not a database at all")
    head = verify().head
    for bad in (cut, garbage):
        with pytest.raises(BackupError):
            restore(ledger, bad, replace=True)
        assert verify().head == head
    with pytest.raises(UsageError, match="exists already"):
        back_up(ledger, whole.file)


def test_a_ledger_set_aside_is_still_there(ledger, tmp_path) -> None:
    apply_plan(planned_for(range(2)), COMPANY)
    copy = back_up(ledger, tmp_path / "copy")
    act(Opportunity.objects.first().id, Step.COMMENT, CLEO, Given(text="after the copy"), today=TODAY)
    head = verify().head
    back = restore(ledger, copy.file, replace=True)
    assert back.set_aside is not None
    connect(Place(back.set_aside), migrated=False)
    assert verify().head == head
