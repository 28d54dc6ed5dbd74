"""Answers and adoption work in a plan: first and last, in no sum of our asks."""

from dataclasses import replace
from datetime import date

from opportunity_builders import AS_OF, SETTINGS, euros, finding, hold, identity, team

from upcross.motions import Mechanism, Motion
from upcross.opportunities import (
    ChangeKind,
    Finding,
    Identity,
    Memory,
    OpenAsk,
    Reason,
    Stage,
    Total,
    merge,
    plan_changes,
)
from upcross.plays.play import PlayKind


def answer(mrr=100, care=(), **more):
    found = finding(play="answer-play", mrr=mrr, respond_within=1, **more)
    return replace(found, reason=replace(found.reason, kind=PlayKind.ANSWER, care=tuple(hold(g) for g in care)))


def task(account="acme", play="seat-reclaim", **more):
    reason = Reason(play, "Take back seats", kind=PlayKind.ADOPTION, surface=("csm",), respond_within=14, **more)
    return Finding(Identity(account, "", "crm", None, task=play), reason, account.title(), "CRM")


def plan(*findings, memory=None):
    return plan_changes(merge(findings), memory or Memory.empty(), team(), AS_OF, SETTINGS)


def test_an_answer_is_first_due_tomorrow_and_names_why_care_is_needed():
    changes = plan(finding("beta", mrr=900), answer(care=("health", "escalation")))
    first = changes.changes[0]
    assert (first.play_kind, first.kind, first.due_on) == (PlayKind.ANSWER, ChangeKind.CREATE, date(2026, 4, 1))
    assert [reason.gate for reason in first.candidate.care] == ["health", "escalation"]
    assert first.clearings == ()
    assert (first.owner.name, first.closer.name) == ("Cleo Marsh", "Ann Roth")


def test_the_money_of_an_answer_stands_beside_our_asks():
    totals = plan(answer(mrr=100), finding("beta", mrr=40)).totals
    assert totals.answers.upsell == Total(100 * 10_000, 1)
    assert totals.fired.upsell == Total(40 * 10_000, 1), "100 + 40 is no sum of ours"


def test_an_answer_and_a_held_ask_for_the_same_thing_are_one():
    changes = plan(answer(mrr=100), finding(play="seat-expansion", mrr=300, held_by=("health",)))
    (one,) = changes.changes
    assert one.kind is ChangeKind.CREATE
    assert [reason.play_id for reason in one.candidate.reasons] == ["answer-play", "seat-expansion"]
    assert one.candidate.potential == euros(100), "what a gate holds does not swell it"
    assert changes.totals.held.upsell == Total()


def test_another_way_of_what_they_asked_for_stands_with_the_answer():
    changes = plan(answer(mrr=100), finding(mechanism=Mechanism.TIER, mrr=300))
    assert [change.identity.mechanism for change in changes.answers] == [Mechanism.SEATS, Mechanism.TIER]
    assert changes.asks(Motion.UPSELL) == ()
    assert changes.totals.answers.upsell == Total(300 * 10_000, 1), "the larger of two ways, once"
    tier = changes.answers[1]
    assert tier.candidate.alternative_of == changes.answers[0].identity


def test_memory_never_holds_an_answer():
    open_tier = Memory(open={identity(mechanism=Mechanism.TIER): OpenAsk(Stage.QUALIFIED, "cleo", date(2026, 1, 15))})
    cooling = Memory(cooldowns={identity(): date(2026, 6, 1)})
    for memory in (open_tier, cooling):
        ours = next(c for c in plan(finding(), memory=memory).changes if c.identity == identity())
        theirs = next(c for c in plan(answer(), memory=memory).changes if c.identity == identity())
        assert (ours.kind, theirs.kind) == (ChangeKind.HOLD, ChangeKind.CREATE)


def test_who_asks_while_our_ask_is_open_is_answered_tomorrow_and_not_when_we_meant_to():
    memory = Memory(open={identity(): OpenAsk(Stage.SURFACED, "cleo", date(2026, 3, 20), "csm", date(2026, 4, 20))})
    (change,) = plan(answer(), finding(), memory=memory).changes
    assert (change.kind, change.due_on) == (ChangeKind.REFRESH, date(2026, 4, 1))


def test_adoption_work_is_last_has_an_owner_and_nobody_closes_it():
    changes = plan(task(), finding(mrr=50))
    assert [change.motion for change in changes.changes] == [Motion.UPSELL, None]
    (work,) = changes.tasks
    assert (work.owner.name, work.closer, work.due_on) == ("Cleo Marsh", None, date(2026, 4, 14))
    assert work.play_kind is PlayKind.ADOPTION
    assert changes.totals.fired.expansion == Total(50 * 10_000, 1)
    told = work.to_dict()
    assert (told["motion"], told["mechanism"], told["task"], told["closer"]) == (None, None, "seat-reclaim", None)


def test_two_kinds_of_adoption_work_on_one_product_are_two_tasks():
    assert len(plan(task(), task(play="switch-on")).tasks) == 2


def test_adoption_work_runs_its_course_like_an_ask():
    first = plan(task())
    memory = Memory.empty().after(first)
    (again,) = plan(task(), memory=memory).changes
    assert again.kind is ChangeKind.REFRESH
    (gone,) = plan(memory=memory).changes
    assert (gone.kind, gone.closer) == (ChangeKind.EXPIRE, None)


def test_one_motion_alone_shows_no_adoption_work():
    assert plan(task(), answer()).of_motion(Motion.UPSELL).tasks == ()
    assert len(plan(task(), answer()).of_motion(Motion.UPSELL).answers) == 1
