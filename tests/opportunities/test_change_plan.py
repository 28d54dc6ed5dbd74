import json
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opportunity_builders import (
    AS_OF,
    IDENTITIES,
    SETTINGS,
    candidate,
    finding,
    findings,
    identity,
    memories,
    peoples,
    team,
)

from upcross.money import SCALE
from upcross.motions import Mechanism, Motion
from upcross.opportunities import (
    ChangeKind,
    Evidence,
    HeldAsk,
    Memory,
    Missing,
    OpenAsk,
    Potential,
    Stage,
    Timing,
    UnknownNote,
    merge,
    plan_changes,
)
from upcross.signals.model import Unit

JANUARY = date(2026, 1, 15)


def plan(given_findings=(), memory=None, people=None, as_of=AS_OF, **more):
    return plan_changes(merge(given_findings), memory or Memory.empty(), people or team(), as_of, SETTINGS, **more)


def only(changes):
    (change,) = changes.changes
    return change


def surfaced(**more):
    return OpenAsk(**{"stage": Stage.SURFACED, "owner": "cleo", "opened_on": JANUARY, "owner_role": "csm", **more})


# What happens to one ask


def test_a_first_firing_opens_an_ask_with_owner_closer_and_due_day():
    change = only(plan([finding(respond_within=5)]))
    assert (change.kind, change.reason) == (ChangeKind.CREATE, "fires: Seats-Play")
    assert (change.owner.name, change.closer.name) == ("Cleo Marsh", "Ann Roth")
    assert (change.due_on, change.timing) == (date(2026, 4, 6), "own")  # five days on is a Sunday


def test_an_ask_near_the_renewal_is_timed_with_it():
    change = only(plan([finding(timing=Timing(90, date(2026, 5, 1)))]))
    assert change.timing == "with renewal on 2026-05-01"


def test_a_held_ask_names_all_gates_who_clears_them_and_the_day_to_look_again():
    change = only(plan([finding(held_by=("escalation", "health"))]))
    assert (change.kind, change.reason) == (ChangeKind.HOLD, "held by escalation, health")
    assert [clearing.person.name for clearing in change.clearings] == ["Sam Okoro", "Sam Okoro"]
    assert change.due_on == date(2026, 4, 7)


def test_what_is_open_is_refreshed_and_keeps_its_owner_and_due_day():
    memory = Memory(open={identity(): surfaced(owner="eve", owner_role="", due_on=date(2026, 1, 20))})
    change = only(plan([finding()], memory))
    assert (change.kind, change.owner.name, change.due_on) == (ChangeKind.REFRESH, "Eve Stone", date(2026, 1, 20))


def test_a_hold_is_released_by_itself_when_its_gates_clear():
    memory = Memory(held={identity(): HeldAsk(("escalation",), JANUARY)})
    change = only(plan([finding()], memory))
    assert change.kind is ChangeKind.RELEASE
    assert change.reason == "released: no longer held by escalation; Seats-Play"


def test_a_gate_that_fails_on_a_surfaced_ask_holds_it():
    memory = Memory(open={identity(): surfaced()})
    change = only(plan([finding(held_by=("health",))], memory))
    assert (change.kind, change.reason) == (ChangeKind.HOLD, "was open, now held by health")


@pytest.mark.parametrize("stage", [Stage.QUALIFIED, Stage.ACCEPTED])
def test_later_stages_belong_to_their_owner_who_is_told(stage):
    memory = Memory(open={identity(): surfaced(stage=stage)})
    held = only(plan([finding(held_by=("health",))], memory))
    assert (held.kind, held.reason) == (
        ChangeKind.REFRESH,
        f"now held by health; {stage.value}, so its owner decides",
    )
    gone = only(plan([], memory))
    assert (gone.kind, gone.reason) == (ChangeKind.REFRESH, "its trigger has cleared; its owner decides")


def test_only_a_surfaced_ask_whose_trigger_has_cleared_expires():
    memory = Memory(open={identity(): surfaced()})
    assert only(plan([], memory)).kind is ChangeKind.EXPIRE
    kept = only(plan([], memory, kept_open={identity()}))
    assert (kept.kind, kept.reason) == (ChangeKind.REFRESH, "no play fires, but it has not cleared")


def test_a_hold_whose_trigger_has_cleared_ends_and_was_never_an_ask():
    memory = Memory(held={identity(): HeldAsk(("health",), JANUARY)})
    ended = plan([], memory)
    assert only(ended).kind is ChangeKind.EXPIRE
    assert memory.after(ended) == Memory.empty()
    assert plan([], memory, kept_open={identity()}).changes == ()


# Who has it


def test_an_ask_whose_owner_left_is_reassigned_with_the_reason():
    memory = Memory(open={identity(): surfaced(owner="ann", owner_role="account_manager")})
    change = only(plan([finding()], memory, team(ann=date(2026, 3, 1))))
    assert change.kind is ChangeKind.REASSIGN
    assert change.reason == "Ann Roth left on 2026-03-01; Cleo Marsh takes over"
    assert change.owner.name == "Cleo Marsh"


def test_an_accepted_ask_is_reassigned_to_a_closer():
    memory = Memory(open={identity(): surfaced(stage=Stage.ACCEPTED, owner="ann", owner_role="account_manager")})
    for given_findings in ([finding()], []):
        change = only(plan(given_findings, memory, team(ann=date(2026, 3, 1))))
        assert (change.kind, change.owner.name) == (ChangeKind.REASSIGN, "Eve Stone")


def test_an_ask_follows_the_territory_but_not_into_the_queue():
    moved = replace(team(), assigned={"acme": {"csm": "ann"}})
    memory = Memory(open={identity(): surfaced()})
    change = only(plan([finding()], memory, moved))
    assert change.reason == "Cleo Marsh no longer looks after the account; Ann Roth takes over"

    assert only(plan([finding()], memory, replace(team(), assigned={}))).kind is ChangeKind.REFRESH
    nobody_to_surface = finding(surface=("account_manager",))
    assert only(plan([nobody_to_surface], memory, moved)).kind is ChangeKind.REFRESH


def test_what_a_person_assigned_stays_with_that_person():
    memory = Memory(open={identity(): surfaced(owner="sam", owner_role="")})
    assert only(plan([finding()], memory)).owner.name == "Sam Okoro"


def test_an_ask_in_the_queue_goes_to_the_first_person_who_serves_the_account():
    memory = Memory(open={identity(): surfaced(owner="queue-revops", owner_role="queue")})
    change = only(plan([finding()], memory))
    assert (change.kind, change.owner.name) == (ChangeKind.REASSIGN, "Cleo Marsh")


def test_applying_a_plan_late_does_not_undo_what_happened_since():
    opened = plan([finding()])
    accepted = Memory(open={identity(): surfaced(stage=Stage.ACCEPTED, owner="ann")})
    assert accepted.after(opened) == accepted


# Memory gates


def test_nothing_is_asked_again_within_its_cooldown():
    opened = Memory.empty().after(plan([finding(cooldown=90)]))
    ended = opened.after(plan([], opened))
    assert ended.cooldowns == {identity(): date(2026, 6, 29)}  # 31 March + 90 days

    early = only(plan([finding()], ended, as_of=date(2026, 6, 28)))
    assert (early.kind, early.reason) == (ChangeKind.HOLD, "held by cooldown")
    assert early.due_on == date(2026, 6, 29)

    later = only(plan([finding()], ended, as_of=date(2026, 6, 29)))
    assert (later.kind, later.identity.episode) == (ChangeKind.CREATE, 2)


def test_another_way_of_an_open_ask_waits_for_it():
    memory = Memory(open={identity(): surfaced(stage=Stage.ACCEPTED)})
    tier = plan([finding(), finding(mechanism=Mechanism.TIER)], memory).of_kind(ChangeKind.HOLD)
    (clearing,) = only(tier).clearings
    assert clearing.hold.gate == "open-ask"
    assert clearing.hold.sentence == "seats for the same product is already open since 2026-01-15 (accepted)"
    assert clearing.person.name == "Cleo Marsh"


def test_memory_gates_are_listed_beside_data_gates():
    memory = Memory(cooldowns={identity(): date(2026, 4, 30)}, open={identity(mechanism=Mechanism.TIER): surfaced()})
    found = plan([finding(held_by=("health",)), finding(mechanism=Mechanism.TIER)], memory)
    assert only(found.of_kind(ChangeKind.HOLD)).reason == "held by health, open-ask, cooldown"


def test_what_stops_today_stands_in_nobodys_way():
    memory = Memory(open={identity(): surfaced()})
    kinds = {
        change.identity.mechanism: change.kind for change in plan([finding(mechanism=Mechanism.TIER)], memory).changes
    }
    assert kinds == {Mechanism.SEATS: ChangeKind.EXPIRE, Mechanism.TIER: ChangeKind.CREATE}


def test_a_stage_of_ones_own_sees_all_candidates():
    from opportunity_builders import hold

    from upcross.opportunities import Sifted

    def at_most_one(candidates, memory, as_of):
        return Sifted(candidates[:1], tuple(one.held_back(hold("cap")) for one in candidates[1:]))

    found = plan([finding(), finding("beta")], stages=(at_most_one,))
    assert [(change.kind.value, change.identity.account_id) for change in found.changes] == [
        ("create", "acme"),
        ("hold", "beta"),
    ]


# The plan as a whole


def test_a_plan_lists_motions_then_kinds_then_ranks():
    found = plan(
        [
            finding("a", Mechanism.MODULE, mrr=900),
            finding("b", mrr=100),
            finding("c", mrr=500, held_by=("health",)),
            finding("d", mrr=300),
            finding("e", mrr=None),
        ]
    )
    assert [
        (change.identity.motion.value, change.kind.value, change.identity.account_id) for change in found.changes
    ] == [
        ("upsell", "create", "d"),
        ("upsell", "create", "b"),
        ("upsell", "create", "e"),
        ("upsell", "hold", "c"),
        ("cross_sell", "create", "a"),
    ]


def test_totals_of_a_plan_and_of_its_parts():
    found = plan(
        [finding(mrr=100), finding("beta", Mechanism.MODULE, mrr=30), finding("coda", mrr=7, held_by=("health",))]
    )
    assert found.totals.fired.upsell.expected == 100 * SCALE
    assert found.totals.fired.expansion.expected == 130 * SCALE
    assert found.totals.held.expansion.expected == 7 * SCALE
    upsell = found.of_motion(Motion.UPSELL)
    assert upsell.totals.fired.expansion.expected == 100 * SCALE
    assert [change.identity.account_id for change in upsell.changes] == ["acme", "coda"]


def test_a_persons_plan_is_what_that_person_owns_or_closes():
    found = plan([finding(), finding("beta"), finding(mechanism=Mechanism.MODULE)])
    for who in ("ann", "Ann Roth", "ANN ROTH"):
        assert [change.identity.account_id for change in found.of_owner(who).changes] == ["acme"]
    assert len(found.of_owner("cleo").changes) == 2, "the csm of acme surfaces both asks there"
    assert found.of_owner("nobody").changes == ()


def test_what_is_unknown_is_carried_as_data():
    note = UnknownNote(
        "stated-need", Motion.CROSS_SELL, 12, 5, Potential(expected=40 * SCALE), (Missing("statements"),)
    )
    found = plan([], unknown=[note])
    assert found.unknown == (note,)
    assert found.of_motion(Motion.UPSELL).unknown == ()
    (told,) = found.to_dict()["unknown"]
    assert (told["rows"], told["missing"][0]["sentence"]) == (12, "table statements")


def test_the_plan_as_json_bears_exact_money_iso_days_and_sentences():
    rate = Evidence("seat_utilization", "seat utilization", 0.96, Unit.RATIO, ">=", 0.9)
    found = plan([finding(mrr=1250, evidence=(rate,), respond_within=5), finding("beta", held_by=("health",))])
    told = json.loads(found.to_json())
    assert told["as_of"] == "2026-03-31"
    create, hold = told["changes"]
    assert (create["motion"], create["mechanism"], create["due_on"]) == ("upsell", "seats", "2026-04-06")
    assert create["why"] == ["seat utilization: 96% (threshold 90%)"]
    assert create["candidate"]["potential"] == {"floor": "625", "expected": "1250", "ceiling": "2500"}
    assert hold["holds"][0]["sentence"] == "health stands against it"
    assert told["totals"]["fired"]["upsell"]["expected"] == "1250"


def test_unmerged_candidates_are_refused():
    with pytest.raises(ValueError, match="merge the findings first"):
        plan_changes([candidate(), candidate(mrr=7)], Memory.empty(), team(), AS_OF, SETTINGS)


kept = st.frozensets(IDENTITIES, max_size=3)


@settings(max_examples=50, deadline=None)
@given(findings(), memories(), peoples(), kept)
def test_equal_inputs_make_equal_plans_in_any_order(given_findings, memory, people, kept_open):
    candidates = merge(given_findings)
    shuffled = random.Random(5).sample(candidates, len(candidates))
    first = plan_changes(candidates, memory, people, AS_OF, SETTINGS, kept_open=kept_open)
    assert first == plan_changes(shuffled, memory, people, AS_OF, SETTINGS, kept_open=kept_open)


@settings(max_examples=50, deadline=None)
@given(findings(), memories(), peoples(), kept)
def test_a_plan_once_applied_has_nothing_left_to_open_move_or_end(given_findings, memory, people, kept_open):
    candidates = merge(given_findings)
    first = plan_changes(candidates, memory, people, AS_OF, SETTINGS, kept_open=kept_open)
    after = memory.after(first)
    second = plan_changes(candidates, after, people, AS_OF, SETTINGS, kept_open=kept_open)
    assert {change.kind for change in second.changes} <= {ChangeKind.REFRESH, ChangeKind.HOLD}
    assert after.after(first) == after, "applying a plan twice is applying it once"
    assert after.after(second).open == after.open


@settings(max_examples=50, deadline=None)
@given(findings(), memories(), peoples(), kept)
def test_every_open_ask_has_one_change_at_most_and_one_owner_still_with_us(given_findings, memory, people, kept_open):
    found = plan_changes(merge(given_findings), memory, people, AS_OF, SETTINGS, kept_open=kept_open)
    identities = [change.identity for change in found.changes]
    assert len(identities) == len(set(identities))
    assert set(memory.open) <= set(identities)
    for change in found.changes:
        if change.kind.asks:
            assert change.owner.person_id and change.owner.name
            assert change.owner.role == "queue" or not people.person(change.owner.person_id).left(AS_OF)
    after = memory.after(found)
    assert all(ask.owner for ask in after.open.values())


@settings(max_examples=50, deadline=None)
@given(findings(), st.integers(1, 120))
def test_an_ask_that_flickers_within_its_cooldown_is_made_once(given_findings, days):
    candidates = merge(given_findings)
    memory = Memory.empty()
    created = []
    for day, pool in ((0, candidates), (1, ()), (days + 1, candidates)):
        found = plan_changes(pool, memory, team(), AS_OF + timedelta(days=day), SETTINGS)
        created += [change for change in found.changes if change.kind is ChangeKind.CREATE]
        memory = memory.after(found)
    again = [change for change in created if change.identity.episode == 2]
    assert all(days >= change.candidate.cooldown for change in again)
