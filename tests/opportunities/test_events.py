"""What people do between two plans, folded into the memory."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from opportunity_builders import AS_OF, IDENTITIES, SETTINGS, finding, findings, identity, memories, team

from upcross.opportunities import (
    Accepted,
    ChangeKind,
    Dismissed,
    Expired,
    Lost,
    Memory,
    OwnerChanged,
    Qualified,
    Returned,
    Snoozed,
    Stage,
    Won,
    merge,
    plan_changes,
)
from upcross.plays.play import PlayKind

APRIL = date(2026, 4, 10)


def plan(*given_findings, memory=None, as_of=AS_OF):
    return plan_changes(merge(given_findings), memory or Memory.empty(), team(), as_of, SETTINGS)


def opened(*events, **more):
    return Memory.empty().after(plan(finding(cooldown=90, **more)), events)


def test_an_ask_goes_through_its_stages_and_always_has_one_owner():
    qualified = opened(Qualified(identity(), APRIL, "cleo"))
    assert qualified.open[identity()].stage is Stage.QUALIFIED
    accepted = opened(
        Qualified(identity(), APRIL), Accepted(identity(), APRIL, owner="ann", owner_role="account_manager")
    )
    ask = accepted.open[identity()]
    assert (ask.stage, ask.owner, ask.owner_role) == (Stage.ACCEPTED, "ann", "account_manager")
    returned = accepted.after(plan(), [Returned(identity(), APRIL, owner="cleo", owner_role="csm", reason="no budget")])
    assert (returned.open[identity()].stage, returned.open[identity()].owner) == (Stage.SURFACED, "cleo")
    given_away = opened(OwnerChanged(identity(), APRIL, owner="sam"))
    assert given_away.open[identity()].owner == "sam"
    assert opened(Accepted(identity(), APRIL)).open[identity()].owner == "cleo", "nobody named: it stays where it is"


def test_events_of_earlier_days_come_first():
    late, early = Accepted(identity(), APRIL, owner="ann"), OwnerChanged(identity(), AS_OF, owner="sam")
    assert opened(late, early).open[identity()].owner == "ann"


def test_what_ends_is_not_asked_again_within_its_cooldown():
    for event in (Won, Lost, Dismissed, Expired):
        memory = opened(event(identity(), APRIL))
        assert memory.open == {}
        assert memory.cooldowns == {identity(): date(2026, 7, 9)}, "10 April + 90 days"
        (change,) = plan(finding(), memory=memory, as_of=date(2026, 7, 8)).changes
        assert (change.kind, change.reason) == (ChangeKind.HOLD, "held by cooldown")
        (again,) = plan(finding(), memory=memory, as_of=date(2026, 7, 9)).changes
        assert (again.kind, again.identity.episode) == (ChangeKind.CREATE, 2)


def test_what_is_put_off_is_the_same_ask_when_its_day_comes():
    memory = opened(Snoozed(identity(), AS_OF, until=APRIL))
    (before,) = plan(finding(), memory=memory, as_of=APRIL - timedelta(days=1)).changes
    assert (before.kind, before.reason, before.due_on) == (ChangeKind.HOLD, "still held by snoozed", APRIL)
    (then,) = plan(finding(), memory=memory, as_of=APRIL).changes
    assert (then.kind, then.identity.episode) == (ChangeKind.RELEASE, 1)
    assert memory.after(plan(finding(), memory=memory, as_of=APRIL)).open[identity()].stage is Stage.SURFACED


def test_what_is_put_off_and_whose_trigger_clears_is_over():
    memory = opened(Snoozed(identity(), AS_OF, until=APRIL))
    ended = plan(memory=memory)
    assert [change.kind for change in ended.changes] == [ChangeKind.EXPIRE]
    after = memory.after(ended)
    assert (after.held, after.snoozed) == ({}, {})


def test_an_event_about_what_is_not_open_changes_nothing():
    memory = Memory.empty().after(plan(finding(held_by=("health",))))
    for event in (Won(identity(), APRIL), Snoozed(identity(), APRIL, until=APRIL), Qualified(identity("beta"), APRIL)):
        assert memory.after(plan(), [event]) == memory


def test_the_first_plan_is_a_backlog_and_the_next_is_not():
    first = plan(finding())
    assert first.backlog
    assert not plan(finding(), memory=Memory.empty().after(first)).backlog
    assert first.to_dict()["backlog"] is True


def request(asked_on):
    found = finding(play="answer-play", cooldown=30)
    return replace(found, reason=replace(found.reason, kind=PlayKind.ANSWER, asked_on=asked_on))


def test_a_request_that_was_answered_does_not_come_back_and_a_new_one_does():
    asked = date(2026, 3, 28)
    memory = Memory.empty().after(plan(request(asked)), [Won(identity(), date(2026, 4, 2))])
    assert plan(request(asked), memory=memory, as_of=date(2026, 4, 3)).changes == ()
    (again,) = plan(request(date(2026, 4, 5)), memory=memory, as_of=date(2026, 4, 6)).changes
    assert (again.kind, again.play_kind, again.identity.episode) == (ChangeKind.CREATE, PlayKind.ANSWER, 2)


def test_an_ask_of_ours_beside_an_answered_request_stands_alone():
    memory = Memory.empty().after(plan(request(AS_OF)), [Lost(identity(), APRIL)])
    (change,) = plan(request(AS_OF), finding(), memory=memory, as_of=APRIL).changes
    assert (change.play_kind, change.kind) == (PlayKind.ASK, ChangeKind.HOLD)
    assert change.reason == "held by cooldown"


@st.composite
def events(draw):
    """Any few events about any things, on any days."""
    key = draw(IDENTITIES)
    on = draw(st.dates(AS_OF, APRIL))
    return draw(
        st.sampled_from(
            [
                Qualified(key, on),
                Accepted(key, on, owner="p1", owner_role="ae"),
                Returned(key, on, owner="p2"),
                OwnerChanged(key, on, owner="p3"),
                Snoozed(key, on, until=APRIL + timedelta(days=20)),
                Won(key, on),
                Lost(key, on, reason="price"),
                Dismissed(key, on, reason="no"),
                Expired(key, on),
            ]
        )
    )


@settings(max_examples=100, deadline=None)
@given(findings(), memories(), st.lists(events(), max_size=6))
def test_a_plan_and_its_events_applied_twice_are_applied_once(pool, memory, happened):
    found = plan_changes(merge(pool), memory, team(), AS_OF, SETTINGS)
    once = memory.after(found, happened)
    assert once.after(found, happened) == once
    assert all(ask.owner for ask in once.open.values())
    assert not set(once.open) & set(once.held), "open or held, never both"
    for key in once.open:
        assert key.episode == once.ended.get(key.first, 0) + 1
