"""Many at once, and processes that die in the middle: what was acknowledged is there, and nothing is there twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

from ledger.scenes import COMPANY, TODAY, Hand, planned_for
from upcross.ledger.actor import Actor
from upcross.ledger.acts import act
from upcross.ledger.applying import apply_plan
from upcross.ledger.given import Given
from upcross.ledger.models import Entry, EntryText, Opportunity, Outbox
from upcross.ledger.place import connect
from upcross.ledger.refusals import LedgerError
from upcross.ledger.remembering import remember
from upcross.ledger.step import Step
from upcross.ledger.turns import alone
from upcross.ledger.verifying import verify

SOAK = bool(os.environ.get("UPCROSS_SOAK"))


def apply_today(tell) -> None:
    tell("begun")
    with alone("apply"):
        done = apply_plan(planned_for(range(20), remember(TODAY)), COMPANY)
    tell((sum(done.written.values()), done.unchanged))


def comment_for_ever(tell, name: str) -> None:
    keys = list(Opportunity.objects.order_by("id").values_list("id", flat=True))
    me, number = Actor(name, name, "csm"), 0
    while True:
        number += 1
        row = act(keys[number % len(keys)], Step.COMMENT, me, Given(text=f"{name} {number}"), today=TODAY)
        tell((f"{name} {number}", row.version))


def toggle(tell, name: str, times: int) -> None:
    """Dismiss what is surfaced and take it back, each time as it was seen a moment ago."""
    me = Actor(name, "cleo", "csm", oversees_all=True)
    for _ in range(times):
        seen = Opportunity.objects.get()
        step = Step.UNDO if seen.stage == "dismissed" else Step.DISMISS
        try:
            row = act(seen.id, step, me, Given("duplicate"), today=TODAY, expected_version=seen.version)
            tell(("done", row.version, row.stage))
        except LedgerError as error:
            tell(("refused", error.code))


def test_two_applies_at_once_write_once(any_ledger) -> None:
    both = [Hand(any_ledger, apply_today) for _ in range(2)]
    assert sorted(hand.said()[1] for hand in both) == [(0, 20), (20, 0)]
    assert Opportunity.objects.count() == 20
    assert Counter(Entry.objects.values_list("kind", flat=True)) == {"create": 20, "apply": 1}


def test_one_opportunity_under_many_hands_has_one_history(any_ledger) -> None:
    """Each step names the version that its actor saw: of all who saw the same one, one comes through."""
    apply_plan(planned_for([0]), COMPANY)
    times = 2_000 if SOAK else 40
    hands = [Hand(any_ledger, toggle, f"hand {number}", times) for number in range(5)]
    told = [line for hand in hands for line in hand.said()]
    done = sorted(line[1:] for line in told if line[0] == "done")
    assert [version for version, _ in done] == list(range(2, 2 + len(done)))  # no version twice, none left out
    assert [stage for _, stage in done] == ["dismissed" if n % 2 == 0 else "surfaced" for n in range(len(done))]
    assert len(done) + sum(line[0] == "refused" for line in told) == 5 * times
    assert {line[1] for line in told if line[0] == "refused"} <= {"conflict"}
    assert verify().fault is None


def test_a_process_killed_in_the_middle_loses_nothing_that_it_acknowledged(any_ledger) -> None:
    apply_plan(planned_for(range(3)), COMPANY)
    chance = random.Random(11)
    acknowledged = []
    for kill in range(200 if SOAK else 20):
        hands = [Hand(any_ledger, comment_for_ever, f"{kill}-{number}") for number in range(2)]
        acknowledged += [hand.first() for hand in hands]  # both are at work
        time.sleep(chance.uniform(0, 0.05))
        for hand in hands:
            acknowledged += hand.kill()
    connect(any_ledger, migrated=False)
    kept = dict(EntryText.objects.filter(name="text").values_list("text", "entry__version"))
    assert len(acknowledged) >= 40
    assert [(text, version) for text, version in acknowledged if kept.get(text) != version] == []
    assert verify().fault is None
    assert Outbox.objects.count() == Entry.objects.count()
    for row in Opportunity.objects.all():
        assert row.version == Entry.objects.filter(subject="opportunity", subject_id=str(row.id)).count()


def test_an_apply_killed_anywhere_is_whole_or_not_there(any_ledger) -> None:
    seen = Counter()
    for kill in range(50 if SOAK else 12):
        hand = Hand(any_ledger, apply_today)
        hand.first()
        time.sleep(kill * (0.01 if SOAK else 0.03))
        hand.kill()
        seen[Opportunity.objects.count()] += 1
        assert verify().fault is None
    assert seen.keys() <= {0, 20}
    assert Hand(any_ledger, apply_today).said()[1] in ((20, 0), (0, 20))
    assert Counter(Entry.objects.values_list("kind", flat=True)) == {"create": 20, "apply": 1}
