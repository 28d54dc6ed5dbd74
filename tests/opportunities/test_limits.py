"""How much is asked at once, through one person, of one account, and of whom nothing."""

import os
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opportunity_builders import AS_OF, SETTINGS, finding, findings, identity, memories, peoples, team

from upcross.motions import Mechanism, Motion
from upcross.opportunities import ChangeKind, Limits, Memory, OpenAsk, Opening, People, Stage, merge, plan_changes
from upcross.opportunities.limits import HOLDOUT, TREATED, draw
from upcross.plays.play import PlayKind

SOAK = bool(os.environ.get("UPCROSS_SOAK"))
ACCOUNTS = ("a", "b", "c", "d", "e", "f")


def one_csm() -> People:
    """Cleo is the CSM of every account."""
    return replace(team(), assigned={a: {"csm": "cleo", "account_manager": "ann", "ae": "eve"} for a in ACCOUNTS})


def plan(given_findings, limits, memory=None, as_of=AS_OF, people=None):
    return plan_changes(
        merge(given_findings), memory or Memory.empty(), people or one_csm(), as_of, SETTINGS, limits=limits
    )


def opened(changes):
    return [c.identity.account_id for c in changes.of_kind(ChangeKind.CREATE, ChangeKind.RELEASE).changes]


def waiting(changes):
    return [c.identity.account_id for c in changes.of_kind(ChangeKind.HOLD).changes]


def seats(*mrrs):
    return [finding(account, mrr=mrr) for account, mrr in zip(ACCOUNTS, mrrs, strict=False)]


def modules(*mrrs):
    return [finding(a, Mechanism.MODULE, mrr=m, product="x") for a, m in zip(reversed(ACCOUNTS), mrrs, strict=False)]


# One person's week


def test_an_owner_takes_the_best_of_a_week_and_the_rest_waits_in_sight():
    changes = plan(seats(100, 300, 200), Limits(per_owner_per_week=2))
    assert opened(changes) == ["b", "c"]
    (held,) = changes.of_kind(ChangeKind.HOLD).changes
    assert (held.identity.account_id, held.reason, held.due_on) == ("a", "held by weekly-cap", date(2026, 4, 7))
    assert held.clearings[0].hold.sentence == "Cleo Marsh takes up at most 2 new asks in 7 days"
    assert changes.totals.held.upsell.expected == 100 * 10_000
    assert [gate.gate for gate in changes.totals.gates] == ["weekly-cap"]


def test_next_week_the_best_of_what_waits_is_released():
    pool, limits = seats(100, 300, 200, 50), Limits(per_owner_per_week=2)
    first = plan(pool, limits)
    memory = Memory.empty().after(first)
    sixth_day = plan(pool, limits, memory, AS_OF + timedelta(days=6))
    assert opened(sixth_day) == [], "two were opened in the 7 days to that day"
    next_week = plan(pool, limits, memory, AS_OF + timedelta(days=7))
    released = next_week.of_kind(ChangeKind.RELEASE).changes
    assert [c.identity.account_id for c in released] == ["a", "d"]
    assert released[0].reason == "released: no longer held by weekly-cap; Seats-Play"


def test_a_share_of_the_week_is_kept_for_each_motion():
    """Of 5 a week a fifth is kept: 5 × 20% = 1. Six seats asks and one module ask: 4 and 1."""
    limits = Limits(per_owner_per_week=5, reserved_share=Decimal("0.2"))
    changes = plan([*seats(9, 8, 7, 6, 5, 4), *modules(1)], limits)
    by_motion = {m: len(changes.asks(m)) for m in Motion}
    assert by_motion == {Motion.UPSELL: 4, Motion.CROSS_SELL: 1}
    # With nothing wider to ask today, the one stays free for what comes tomorrow.
    today = plan(seats(9, 8, 7, 6, 5, 4), limits)
    assert len(opened(today)) == 4
    tomorrow = plan([*seats(9, 8, 7, 6, 5, 4), *modules(1)], limits, Memory.empty().after(today), date(2026, 4, 1))
    assert [(c.kind, c.motion) for c in tomorrow.of_kind(ChangeKind.CREATE, ChangeKind.RELEASE).changes] == [
        (ChangeKind.CREATE, Motion.CROSS_SELL)
    ]


def test_of_what_is_left_the_motions_take_turns_and_are_never_ranked_against_each_other():
    changes = plan([*seats(900, 800, 700), *modules(3, 2, 1)], Limits(per_owner_per_week=4))
    assert [(c.motion.lane, c.identity.account_id) for c in changes.of_kind(ChangeKind.CREATE).changes] == [
        ("deeper", "a"), ("deeper", "b"), ("wider", "f"), ("wider", "e"),
    ]  # fmt: skip


def test_ways_of_one_ask_are_one_ask_of_the_week():
    both = [finding("a", mrr=100), finding("a", Mechanism.TIER, mrr=300)]
    changes = plan([*both, finding("b", mrr=50)], Limits(per_owner_per_week=1))
    assert opened(changes) == ["a", "a"]
    assert waiting(changes) == ["b"]


def test_a_queue_is_nobodys_week():
    changes = plan(seats(3, 2, 1), Limits(per_owner_per_week=1), people=People())
    assert len(opened(changes)) == 3


def test_what_a_gate_holds_takes_no_room():
    pool = [finding("a", mrr=900, held_by=("health",)), finding("b", mrr=100)]
    changes = plan(pool, Limits(per_owner_per_week=1))
    assert opened(changes) == ["b"]
    (held,) = changes.of_kind(ChangeKind.HOLD).changes
    assert held.reason == "held by health", "the cap says nothing of what is held anyway"


# One account's month


def test_an_account_is_not_asked_for_too_many_things():
    pool = [finding("a", mrr=m, product=p) for p, m in (("crm", 10), ("pay", 30), ("ops", 20))]
    changes = plan(pool, Limits(per_account_30d=2))
    assert {c.identity.product_id for c in changes.of_kind(ChangeKind.CREATE).changes} == {"pay", "ops"}
    (held,) = changes.of_kind(ChangeKind.HOLD).changes
    assert held.clearings[0].hold.gate == "too-many-asks"


@pytest.mark.parametrize(("days_ago", "may_ask"), [(29, False), (30, True)])
def test_an_ask_that_has_ended_counts_for_30_days(days_ago, may_ask):
    past = identity("a", product="pay")
    memory = Memory(ended={past: 1}, openings={past: Opening(AS_OF - timedelta(days=days_ago), "cleo")})
    changes = plan([finding("a")], Limits(per_account_30d=1), memory)
    assert bool(opened(changes)) is may_ask


def test_an_ask_that_is_still_open_counts_however_old_it_is():
    old = OpenAsk(Stage.ACCEPTED, "cleo", date(2025, 1, 1))
    changes = plan([finding("a")], Limits(per_account_30d=1), Memory(open={identity("a", product="pay"): old}))
    assert opened(changes) == []
    assert waiting(changes) == ["a"]


# The holdout


SEGMENTS = {f"big-{n}": "big" for n in range(40)} | {f"small-{n}": "small" for n in range(200)}
EVERYBODY = [(account, Motion.UPSELL) for account in SEGMENTS]


def drawn(limits, known=None, of=EVERYBODY):
    """How many accounts of each segment are held out, the known ones included."""
    arms = dict(known or {}) | draw(of, known or {}, limits, SEGMENTS)
    return {s: sum(arm == HOLDOUT for key, arm in arms.items() if SEGMENTS[key[0]] == s) for s in ("big", "small")}


def test_each_segment_has_its_share_of_the_holdout():
    """A tenth of 40 big ones is 4, of 200 small ones 20: exactly, whatever the salt."""
    for salt in ("2026", "2027", "2028"):
        assert drawn(Limits(holdout=Decimal("0.1"), salt=salt)) == {"big": 4, "small": 20}
    one, other = (draw(EVERYBODY, {}, Limits(holdout=Decimal("0.1"), salt=s), SEGMENTS) for s in ("2026", "2027"))
    assert one != other, "another salt draws other accounts"
    assert one == draw(reversed(EVERYBODY), {}, Limits(holdout=Decimal("0.1"), salt="2026"), SEGMENTS)


def test_what_was_drawn_before_counts_and_stays():
    """Of the 40 big ones 10 have an arm, 3 of them held out: 10% · 40 = 4, so 1 of the 30 new ones is held out."""
    limits = Limits(holdout=Decimal("0.1"))
    known = {(f"big-{n}", Motion.UPSELL): HOLDOUT if n < 3 else TREATED for n in range(10)}
    new = draw(EVERYBODY, known, limits, SEGMENTS)
    assert not new.keys() & known.keys()
    assert [arm for (account, _), arm in new.items() if account.startswith("big")].count(HOLDOUT) == 1
    assert drawn(limits, known) == {"big": 4, "small": 20}
    # Where too many are held out already (9 of 10, and 4 are wanted), nobody is added, and nobody changes sides.
    many = {(f"big-{n}", Motion.UPSELL): HOLDOUT if n < 9 else TREATED for n in range(10)}
    assert drawn(limits, many) == {"big": 9, "small": 20}


def test_accounts_that_come_one_by_one_keep_the_share_at_every_step():
    limits, arms = Limits(holdout=Decimal("0.2")), {}
    for count, key in enumerate(EVERYBODY[:40], 1):
        arms |= draw([key], arms, limits, SEGMENTS)
        assert abs(list(arms.values()).count(HOLDOUT) - count / 5) < 1


def test_many_segments_too_small_for_one_have_the_share_together():
    """400 segments of one account: a tenth is 40, give or take four standard deviations of √(400·0.1·0.9) = 6."""
    alone = {f"a-{n}": f"segment {n}" for n in range(400)}
    arms = draw([(a, Motion.UPSELL) for a in alone], {}, Limits(holdout=Decimal("0.1")), alone)
    assert 16 <= list(arms.values()).count(HOLDOUT) <= 64


def test_an_account_is_in_one_arm_for_a_motion_whatever_is_asked():
    limits = Limits(holdout=Decimal("0.5"))
    first = plan([*seats(1, 2, 3, 4, 5, 6), finding("a", Mechanism.TIER, product="pay")], limits)
    arms = {(c.identity.account_id, c.motion): c.candidate.arm for c in first.changes}
    assert list(arms.values()).count(HOLDOUT) == 3, "50% of six accounts"
    memory = Memory.empty().after(first)
    assert memory.arms == arms
    # Its asks have long ended; for the same motion the account still is where it was.
    later = plan([finding(a, Mechanism.USAGE, product="ops") for a in ACCOUNTS], limits, Memory(arms=memory.arms))
    assert {(c.identity.account_id, c.motion): c.candidate.arm for c in later.changes} == arms


def test_of_the_holdout_nothing_is_asked_and_its_arm_is_kept_when_the_share_changes():
    everybody = Limits(holdout=Decimal(1))
    first = plan(seats(100), everybody)
    (held,) = first.changes
    assert (held.kind, held.candidate.arm, held.reason) == (ChangeKind.HOLD, HOLDOUT, "held by holdout")
    memory = Memory.empty().after(first)
    assert memory.held[identity("a")].arm == HOLDOUT
    nobody_new = Limits(holdout=Decimal("0.0001"))
    assert waiting(plan(seats(100), nobody_new, memory)) == ["a"], "it was drawn when it would have been opened"
    (asked,) = plan(seats(100), nobody_new).changes
    assert asked.candidate.arm == TREATED
    assert Memory.empty().after(plan(seats(100), nobody_new)).open[identity("a")].arm == TREATED


def test_without_a_holdout_nothing_has_an_arm():
    (change,) = plan(seats(100), Limits()).changes
    assert change.candidate.arm == ""


# What holds for every plan

LIMITS = st.builds(
    Limits,
    per_owner_per_week=st.none() | st.integers(0, 3),
    reserved_share=st.sampled_from([Decimal(0), Decimal("0.34"), Decimal("0.5")]),
    per_account_30d=st.none() | st.integers(0, 3),
    holdout=st.sampled_from([Decimal(0), Decimal("0.5")]),
)


def _is_ours(change):
    return change.play_kind is PlayKind.ASK


@settings(max_examples=400 if SOAK else 25, deadline=None)
@given(st.lists(findings(), min_size=1, max_size=5), peoples(), LIMITS)
def test_over_weeks_nobody_is_above_the_cap_and_nothing_is_lost(pools, people, limits):
    memory, day = Memory.empty(), AS_OF
    log = []  # (day, owner, motion, ask) of everything opened
    for pool in pools:
        candidates = merge(pool)
        found = plan_changes(candidates, memory, people, day, SETTINGS, limits=limits)
        made = {c.identity for c in found.changes}
        assert {memory.current(c.identity) for c in candidates} <= made, (
            "whatever fires is asked, open or held in sight"
        )
        for change in found.of_kind(ChangeKind.CREATE, ChangeKind.RELEASE).changes:
            assert change.owner.person_id
            if _is_ours(change) and change.owner.role != "queue":
                log.append((day, change.owner.person_id, change.motion, change.identity.ask))
        after = memory.after(found)
        assert after.after(found) == after, "applying it twice is applying it once"
        assert {c.identity for c in found.of_kind(ChangeKind.HOLD).changes} <= set(after.held)
        again = plan_changes(candidates, after, people, day, SETTINGS, limits=limits)
        assert not again.of_kind(ChangeKind.CREATE, ChangeKind.RELEASE).changes, "the same day has no second helping"
        memory, day = after, day + timedelta(days=3)
    if limits.per_owner_per_week is None:
        return
    for last, owner, _, _ in log:
        week = {(motion, ask) for on, who, motion, ask in log if who == owner and last - timedelta(days=7) < on <= last}
        # An ask may be opened, held and released within a week: it is one ask.
        assert len({ask for _, ask in week}) <= limits.per_owner_per_week
        for motion in Motion:
            mine = {ask for m, ask in week if m is motion}
            assert len(mine) <= limits.per_owner_per_week - limits.reserved


@settings(max_examples=400 if SOAK else 20, deadline=None)
@given(findings(), memories(), peoples(), LIMITS)
def test_equal_inputs_make_equal_plans_under_any_limits(pool, memory, people, limits):
    candidates = merge(pool)
    first = plan_changes(candidates, memory, people, AS_OF, SETTINGS, limits=limits)
    assert first == plan_changes(tuple(reversed(candidates)), memory, people, AS_OF, SETTINGS, limits=limits)
