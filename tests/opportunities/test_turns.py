"""Who stands in for whom, and whose turn it is where people share accounts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opportunity_builders import AS_OF, finding, identity, team

from upcross.errors import ProjectError
from upcross.motions import Mechanism
from upcross.opportunities import (
    ChangeKind,
    Limits,
    Memory,
    OpenAsk,
    Opening,
    People,
    Person,
    Pool,
    Settings,
    Stage,
    StandIn,
    merge,
    plan_changes,
)
from upcross.project import open_project

ACCOUNTS = [f"a{n}" for n in range(7)]
POOLED = Settings("queue-revops", "EUR", pools={"smb": Pool(("ben", "ana", "kim"), respond_within=2)})


def shop(**left_on):
    """Seven small accounts that Ana, Ben and Kim share."""
    people = {p: Person(p, p.title(), "csm", left_on.get(p)) for p in ("ana", "ben", "kim")}
    return People({a: {"csm": "smb", "account_manager": "ann"} for a in ACCOUNTS}, {**team().persons, **people})


def plan(given_findings, memory=None, people=None, limits=None, as_of=AS_OF, settings=POOLED):
    return plan_changes(
        merge(given_findings), memory or Memory.empty(), people or shop(), as_of, settings, limits=limits or Limits()
    )


def owners(changes):
    return {c.identity.account_id: c.owner.person_id for c in changes.changes}


def seats(*accounts):
    return [finding(a, mrr=900 - n) for n, a in enumerate(accounts)]


def test_new_asks_go_round_the_best_first():
    changes = plan(seats("a3", "a1", "a2", "a0"))
    assert owners(changes) == {"a3": "ana", "a1": "ben", "a2": "kim", "a0": "ana"}
    (first, *_) = changes.changes
    assert (first.owner.role, first.owner.pool) == ("csm", "smb")
    assert first.due_on == AS_OF + timedelta(days=2), "the pool answers within 2 days; the play sets no time"


def test_who_was_given_more_lately_waits():
    """Ana was given two asks, Ben one, Kim none: Kim; then Ben of two with one; then Kim; then Ana of three with two."""
    lately = {identity(f"x{n}"): Opening(AS_OF - timedelta(days=n), who) for n, who in enumerate(["ana", "ana", "ben"])}
    changes = plan(seats("a0", "a1", "a2", "a3"), Memory(openings=lately))
    assert owners(changes) == {"a0": "kim", "a1": "ben", "a2": "kim", "a3": "ana"}


def test_ways_of_one_ask_go_to_one_person_and_the_play_may_be_quicker():
    both = [finding("a0", respond_within=1), finding("a0", Mechanism.TIER, mrr=300)]
    changes = plan([*both, finding("a1", mrr=50)])
    assert {(c.identity.account_id, c.owner.person_id) for c in changes.changes} == {("a0", "ana"), ("a1", "ben")}
    days = {c.identity.mechanism: c.due_on for c in changes.changes if c.identity.account_id == "a0"}
    assert days == {Mechanism.SEATS: date(2026, 4, 1), Mechanism.TIER: date(2026, 4, 2)}


def test_who_has_an_ask_keeps_it_and_who_left_is_followed_by_whose_turn_it_is():
    first = plan(seats("a0", "a1"))
    memory = Memory.empty().after(first)
    again = plan(seats("a0", "a1"), memory)
    assert [c.kind for c in again.changes] == [ChangeKind.REFRESH] * 2
    assert owners(again) == {"a0": "ana", "a1": "ben"}
    ana_left = plan(seats("a0", "a1"), memory, shop(ana=AS_OF))
    (moved,) = ana_left.of_kind(ChangeKind.REASSIGN).changes
    assert (moved.owner.person_id, moved.reason) == ("kim", "Ana left on 2026-03-31; Kim takes over")


def test_an_account_that_moves_into_the_pool_is_taken_over():
    memory = Memory(open={identity("a0"): OpenAsk(Stage.SURFACED, "cleo", AS_OF, "csm")})
    (change,) = plan(seats("a0"), memory).changes
    assert (change.kind, change.owner.person_id) == (ChangeKind.REASSIGN, "ana")
    assert change.reason == "Cleo Marsh no longer looks after the account; Ana takes over"


def test_what_is_held_waits_with_the_pool_and_takes_no_turn():
    changes = plan([finding("a0", mrr=900, held_by=("dispute",)), finding("a1")])
    assert owners(changes) == {"a0": "smb", "a1": "ana"}


def test_a_pool_of_which_all_left_is_passed_over():
    everybody_left = shop(ana=AS_OF, ben=AS_OF, kim=AS_OF)
    (change,) = plan(seats("a0"), people=everybody_left).changes
    assert change.owner.person_id == "queue-revops"
    assert change.owner.skipped == ("nobody of smb (csm) is with us",)


def test_each_member_has_a_week_of_their_own():
    """Seven asks, three people, two a week each: six are asked, and the least waits."""
    changes = plan(seats(*ACCOUNTS), limits=Limits(per_owner_per_week=2))
    asked = changes.of_kind(ChangeKind.CREATE)
    assert sorted(owners(asked).values()) == ["ana", "ana", "ben", "ben", "kim", "kim"]
    assert list(owners(changes.of_kind(ChangeKind.HOLD))) == ["a6"]


@given(st.permutations(seats(*ACCOUNTS)))
def test_turns_do_not_depend_on_the_order_of_candidates(shuffled):
    assert plan(shuffled) == plan(seats(*ACCOUNTS))


# Stand-ins


def test_a_stand_in_serves_as_long_as_the_book_names_whom_it_stands_in_for():
    away = StandIn("acme", "csm", "cleo", "sam")
    assert team().with_stand_ins([away]).assigned["acme"]["csm"] == "sam"
    (change,) = plan([finding()], people=team().with_stand_ins([away])).changes
    assert (change.owner.person_id, change.owner.role) == ("sam", "csm")
    moved_on = replace(team(), assigned={"acme": {"csm": "eve"}})
    assert moved_on.with_stand_ins([away]) == moved_on
    assert team().with_stand_ins([StandIn("nowhere", "csm", "cleo", "sam")]) == team()


def test_an_open_ask_moves_to_the_stand_in_and_back():
    memory = Memory.empty().after(plan([finding()], people=team()))
    people = team().with_stand_ins([StandIn("acme", "csm", "cleo", "sam")])
    there = plan([finding()], memory, people)
    assert [(c.kind, c.owner.person_id) for c in there.changes] == [(ChangeKind.REASSIGN, "sam")]
    back = plan([finding()], memory.after(there), team())
    assert [(c.kind, c.owner.person_id) for c in back.changes] == [(ChangeKind.REASSIGN, "cleo")]


# In the project file


def project(tmp_path, pools):
    text = f"name: X\nreporting_currency: EUR\nrouting:\n  pools:\n    smb: {pools}\n"
    (tmp_path / "upcross.yaml").write_text(text, encoding="utf-8")
    return open_project(tmp_path)


def test_pools_are_read_and_strangers_told(tmp_path):
    found = project(tmp_path, "{members: [ana, bem], respond_within: 2d}")
    assert found.routing.pools == {"smb": Pool(("ana", "bem"), 2)}
    (issue,) = found.strangers({"ana", "ben"})
    assert str(issue) == (
        "upcross.yaml:5:26: pool 'smb': nobody in the team table is 'bem' [pool-member-unknown]\n"
        "  → did you mean 'ben'?"
    )
    assert found.strangers(set()) == [], "no team table, no strangers"


@pytest.mark.parametrize("pools", ["{members: []}", "{people: [ana]}"])
def test_a_pool_has_members(tmp_path, pools):
    with pytest.raises(ProjectError, match="members"):
        project(tmp_path, pools)
