"""What people decide about asks: to ask anyway, to put off until something changes, why it ended, whom to offer it to."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from opportunity_builders import AS_OF, SETTINGS, finding, hold, identity, team

from upcross.errors import ProjectError
from upcross.opportunities import (
    Accepted,
    ChangeKind,
    Dismissed,
    Evidence,
    HandedOff,
    Limits,
    Lost,
    Memory,
    Outcome,
    Override,
    Qualified,
    Snoozed,
    Stage,
    Truth,
    merge,
    plan_changes,
)
from upcross.opportunities.outcomes import SHIPPED
from upcross.project import open_project
from upcross.signals.model import Unit

APRIL = date(2026, 4, 10)


def plan(*given, memory=None, as_of=AS_OF, limits=None):
    return plan_changes(merge(given), memory or Memory.empty(), team(), as_of, SETTINGS, limits=limits or Limits())


def one(*given, **more):
    (change,) = plan(*given, **more).changes
    return change


def asked_anyway(*gates, until=APRIL):
    return Memory(overrides={identity(): Override(frozenset(gates), until, "cleo")})


# Asked anyway


def test_a_person_may_ask_in_spite_of_a_gate_for_a_time():
    memory = asked_anyway("escalation")
    change = one(finding(held_by=("escalation",)), memory=memory)
    told = "asked anyway: escalation overridden by Cleo Marsh until 2026-04-10"
    assert (change.kind, change.reason) == (ChangeKind.CREATE, f"{told}: Seats-Play")
    assert change.asked_anyway == ("escalation",)
    assert change.to_dict()["asked_anyway"] == ["escalation"]
    memory = memory.after(plan(finding(held_by=("escalation",)), memory=memory))
    on_its_last_day = one(finding(held_by=("escalation",)), memory=memory, as_of=APRIL)
    assert (on_its_last_day.kind, on_its_last_day.reason) == (ChangeKind.REFRESH, f"{told}: Seats-Play")
    then = one(finding(held_by=("escalation",)), memory=memory, as_of=APRIL + timedelta(days=1))
    assert (then.kind, then.reason, then.asked_anyway) == (ChangeKind.HOLD, "was open, now held by escalation", ())


def test_every_gate_in_the_way_must_be_named():
    change = one(finding(held_by=("escalation", "dispute")), memory=asked_anyway("escalation"))
    assert (change.kind, change.reason) == (ChangeKind.HOLD, "held by escalation, dispute")


def test_what_fires_anyway_is_not_called_asked_anyway():
    fires, held = finding(), finding(play="other", held_by=("escalation",), mrr=900)
    change = one(fires, held, memory=asked_anyway("escalation"))
    assert (change.reason, change.asked_anyway) == ("fires: Seats-Play", ())
    assert change.candidate.potential.expected == 100 * 10_000, "what is held does not swell the amount"


@pytest.mark.parametrize("truth", list(Truth))
def test_nobody_asks_in_spite_of_a_hard_gate(truth):
    hard = hold("health", truth, overridable=False)
    base = finding()
    change = one(replace(base, reason=replace(base.reason, holds=(hard,))), memory=asked_anyway("health"))
    assert (change.kind, change.reason) == (ChangeKind.HOLD, "held by health")


def test_a_cap_may_be_overridden_and_the_holdout_may_not():
    capped = one(finding(), memory=asked_anyway("weekly-cap"), limits=Limits(per_owner_per_week=0))
    assert (capped.kind, capped.asked_anyway) == (ChangeKind.CREATE, ("weekly-cap",))
    held_out = one(finding(), memory=asked_anyway("holdout"), limits=Limits(holdout=Decimal(1)))
    assert (held_out.kind, held_out.reason) == (ChangeKind.HOLD, "held by holdout")


def test_a_decision_ends_with_its_ask():
    memory = asked_anyway("escalation")
    first = plan(finding(held_by=("escalation",)), memory=memory)
    assert memory.after(first, [Lost(identity(), AS_OF)]).overrides == {}


# Put off until something changes


def told(**signals):
    units = {"seats_free": Unit.COUNT, "adoption": Unit.RATIO, "days_since_need": Unit.DAYS, "hits_30d": Unit.COUNT}
    return finding(evidence=tuple(Evidence(name, name, value, units[name], ">=", 0) for name, value in signals.items()))


SAID = {"seats_free": 4, "adoption": 0.921, "days_since_need": 5, "hits_30d": 5}


@pytest.mark.parametrize(
    ("changed", "asked_again"),
    [
        ({}, False),
        ({"days_since_need": 12}, False),  # days pass by themselves
        ({"adoption": 0.924}, False),  # 92% as before
        ({"adoption": 0.93}, True),
        ({"seats_free": 3}, True),
        ({"hits_30d": 4}, False),  # an old one dropped out of the window
        ({"hits_30d": 8}, True),  # the next doubling: 4 to 7, 8 to 15
    ],
)
def test_what_is_put_off_until_the_signal_changes_comes_back_when_it_does(changed, asked_again):
    first = plan(told(**SAID))
    seen = first.changes[0].candidate.fingerprint
    memory = Memory.empty().after(first, [Snoozed(identity(), AS_OF, fingerprint=seen)])
    change = one(told(**SAID | changed), memory=memory, as_of=date(2026, 9, 1))
    assert (change.kind is ChangeKind.RELEASE) is asked_again
    if not asked_again:
        assert change.reason == "still held by snoozed"
        assert change.clearings[0].hold.sentence == "put off until what speaks for it changes"
    after = memory.after(plan(told(**SAID | changed), memory=memory, as_of=date(2026, 9, 1)))
    assert (identity() in after.open) is asked_again


def test_a_gate_that_closes_and_opens_again_is_no_change_of_the_signal():
    seen = merge([told(**SAID)])[0].fingerprint
    held = replace(told(**SAID), reason=replace(told(**SAID).reason, holds=(hold("dispute"),)))
    assert merge([held])[0].fingerprint == seen
    assert merge([told(**SAID), finding(play="another")])[0].fingerprint != seen, "another play speaks for it too"


def test_a_day_and_a_change_whichever_comes_first():
    first = plan(told(**SAID))
    event = Snoozed(identity(), AS_OF, until=APRIL, fingerprint=first.changes[0].candidate.fingerprint)
    memory = Memory.empty().after(first, [event])
    assert one(told(**SAID), memory=memory, as_of=APRIL - timedelta(days=1)).kind is ChangeKind.HOLD
    assert one(told(**SAID), memory=memory, as_of=APRIL).kind is ChangeKind.RELEASE
    assert one(told(**SAID | {"seats_free": 0}), memory=memory, as_of=AS_OF).kind is ChangeKind.RELEASE


# How it ends


def test_the_reason_of_an_ending_sets_for_how_long_nobody_asks_again():
    first = plan(finding(cooldown=90))
    for days, until in ((None, date(2026, 7, 9)), (180, date(2026, 10, 7)), (0, APRIL)):
        memory = Memory.empty().after(first, [Dismissed(identity(), APRIL, cooldown=days)])
        assert memory.cooldowns == {identity(): until}, f"10 April + {days or 'the 90 of the play, or 0'} days"


def project(tmp_path, cooldowns):
    text = f"name: X\nreporting_currency: EUR\nasks:\n  cooldowns: {cooldowns}\n"
    (tmp_path / "upcross.yaml").write_text(text, encoding="utf-8")
    return open_project(tmp_path)


def test_a_company_sets_its_own_days_for_a_reason(tmp_path):
    outcomes = project(tmp_path, "{lost: {no_budget: 120d}, dismissed: {not_ready: 14}}").outcomes
    assert outcomes[Outcome.LOST]["no_budget"].cooldown == 120
    assert outcomes[Outcome.DISMISSED]["not_ready"].cooldown == 14
    assert outcomes[Outcome.LOST]["competitor"].cooldown == 365, "as shipped"
    assert [reason.id for named in outcomes.values() for reason in named.values() if reason.needs_text] == ["other"] * 3
    assert all(reason.cooldown is None for reason in outcomes[Outcome.RETURNED].values()), "a return ends nothing"


def test_the_docs_list_every_reason_with_its_days():
    page = (Path(__file__).parents[2] / "docs" / "project-file.md").read_text("utf-8")
    for outcome, reasons in SHIPPED.items():
        told = ", ".join(f"`{r.id}`" + (f" {r.cooldown}" if r.cooldown is not None else "") for r in reasons.values())
        assert f"| `{outcome}` | {told}" in page


@pytest.mark.parametrize(
    ("cooldowns", "said"),
    [
        ("{lost: {no_budgets: 120d}}", "did you mean 'no_budget'?"),
        ("{lost: {no_budget: soon}}", "must be days, such as 90d"),
        ("{returned: {no_need: 9}}", "unknown field 'returned'"),
    ],
)
def test_reasons_and_days_that_cannot_be_meant_are_told_with_their_place(tmp_path, cooldowns, said):
    with pytest.raises(ProjectError) as caught:
        project(tmp_path, cooldowns)
    assert said in str(caught.value)
    assert "upcross.yaml:4" in str(caught.value)


# Offered to its closer


def test_what_is_handed_off_stays_with_its_owner_until_it_is_taken():
    events = [Qualified(identity(), AS_OF), HandedOff(identity(), AS_OF, to="ann", to_role="account_manager")]
    memory = Memory.empty().after(plan(finding()), events)
    ask = memory.open[identity()]
    assert (ask.stage, ask.owner, ask.handed_to) == (Stage.HANDED_OFF, "cleo", "ann")
    cleared = one(memory=memory, as_of=APRIL)
    assert (cleared.kind, cleared.owner.person_id) == (ChangeKind.REFRESH, "cleo"), "it does not expire by itself"
    held = one(finding(held_by=("dispute",)), memory=memory, as_of=APRIL)
    assert held.reason == "now held by dispute; handed off, so its owner decides"
    taken = memory.after(plan(), [Accepted(identity(), APRIL, owner="ann", owner_role="account_manager")])
    ask = taken.open[identity()]
    assert (ask.stage, ask.owner, ask.handed_to) == (Stage.ACCEPTED, "ann", "")
