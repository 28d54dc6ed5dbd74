"""Working an opportunity: from surfaced to won and every way out, by the right hands only, one step at a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from opportunities.opportunity_builders import AS_OF, finding, merge
from opportunities.opportunity_builders import SETTINGS as ROUTING
from opportunities.opportunity_builders import team as people
from upcross.ledger.actor import Actor
from upcross.ledger.acts import act
from upcross.ledger.applying import apply_plan
from upcross.ledger.clocks import run_clocks
from upcross.ledger.company import AccountFacts, Company, PersonFacts
from upcross.ledger.given import Given
from upcross.ledger.house import House
from upcross.ledger.models import Entry, EntryText, Opportunity
from upcross.ledger.possible import possible_steps
from upcross.ledger.refusals import ConflictError, ForbiddenError, NotNowError, RefusedError
from upcross.ledger.remembering import remember
from upcross.ledger.state import state_of
from upcross.ledger.step import Step
from upcross.ledger.territory import move_book
from upcross.ledger.unlock import unlock
from upcross.ledger.verifying import verify
from upcross.opportunities import plan_changes

COMPANY = Company(
    (AccountFacts("acme", "Acme", "smb", served_by={"csm": "cleo", "account_manager": "ann", "ae": "eve"}),),
    tuple(
        PersonFacts(who, who.title(), f"{who}@us.example", role, manager)
        for who, role, manager in (
            ("cleo", "csm", "mona"), ("ann", "account_manager", "max"), ("eve", "ae", "max"), ("carl", "csm", "mona"),
            ("mona", "manager", ""), ("max", "manager", ""), ("zoe", "ae", ""), ("queue-revops", "queue", ""),
        )
    ),
)  # fmt: skip
CLEO = Actor("cleo", "cleo", "csm")
CARL = Actor("carl", "carl", "csm")
ANN = Actor("ann", "ann", "account_manager")
ZOE = Actor("zoe", "zoe", "ae")
MONA = Actor("mona", "mona", "manager", frozenset({"cleo", "carl"}), may_override=True)
MAX = Actor("max", "max", "manager", frozenset({"ann", "eve"}), may_override=True)
UNKNOWN = {"need": "more seats", "goal": "unknown", "buyer": "Ida Berg", "budget_owner": "unknown"}
HOUSE = House(soft_gates=frozenset({"escalation", "dispute"}))
LATER = AS_OF + timedelta(days=1)


def applied(*found, day: date = AS_OF):
    plan = plan_changes(merge(found), remember(day), people(), day, ROUTING)
    return apply_plan(plan, COMPANY)


def do(step: Step, actor: Actor, given: Given | None = None, *, day: date = AS_OF, **more) -> Opportunity:
    [row] = Opportunity.objects.filter(account_id="acme").order_by("-episode")[:1]
    return act(row.id, step, actor, given, today=day, house=HOUSE, **more)


@pytest.fixture
def seats(ledger) -> Opportunity:
    """Acme is ready for more seats: surfaced with Cleo the CSM, to be closed by Ann the account manager."""
    applied(finding("acme", mrr=100, respond_within=5, cooldown=45))
    return Opportunity.objects.get()


def test_from_surfaced_to_won(seats) -> None:
    assert do(Step.QUALIFY, CLEO, Given(context=UNKNOWN)).known == {
        "need": True, "goal": False, "buyer": True, "budget_owner": False}  # fmt: skip
    handed = do(Step.HAND_OFF, CLEO)
    assert (handed.stage, handed.owner, handed.handed_to) == ("handed_off", "cleo", "ann")
    assert handed.due_on == AS_OF + timedelta(days=3)  # Ann's clock
    accepted = do(Step.ACCEPT, ANN)
    assert (accepted.stage, accepted.owner, accepted.handed_to) == ("accepted", "ann", "")
    assert accepted.due_on == AS_OF + timedelta(days=14)
    won = do(Step.WIN, ANN, Given(mrr=950_000), day=LATER)
    assert (won.stage, won.won_mrr, won.ended_on, won.cooldown_until) == (
        "won", 950_000, LATER, LATER + timedelta(days=45))  # fmt: skip
    kinds = list(Entry.objects.filter(subject="opportunity").order_by("version").values_list("kind", "by"))
    assert kinds == [("create", "system"), ("qualify", "cleo"), ("hand_off", "cleo"), ("accept", "ann"), ("win", "ann")]
    assert verify().fault is None


def test_what_is_handed_over_names_people_only_where_it_can_be_erased(seats) -> None:
    do(Step.QUALIFY, CLEO, Given(context=UNKNOWN))
    assert EntryText.objects.get(name="buyer").text == "Ida Berg"
    assert not [facts for facts in Entry.objects.values_list("facts", flat=True) if "Ida" in facts]


def test_qualifying_wants_all_four_in_words_or_unknown(seats) -> None:
    with pytest.raises(RefusedError) as refused:
        do(Step.QUALIFY, CLEO, Given(context={"need": "more seats", "byer": "Ida"}))
    told = [fault.field for fault in refused.value.faults]
    assert told == ["context.byer", "context.goal", "context.buyer", "context.budget_owner"]
    assert "did you mean 'buyer'?" in str(refused.value)
    assert Opportunity.objects.get().version == 1


@pytest.mark.parametrize(
    ("step", "who", "told"),
    [
        (Step.QUALIFY, ZOE, "'qualify' is for its overseer or owner; it is owned by cleo"),
        (Step.QUALIFY, CARL, "it is owned by cleo"),
        (Step.QUALIFY, ANN, "it is owned by cleo"),
        (Step.DISMISS, MAX, None),  # Max looks after Ann, who closes it
        (Step.HOLD, CLEO, "'hold' is for its system"),
        (Step.RELEASE, MONA, "'release' is for its system"),
    ],
)
def test_only_the_right_hands(seats, step, who, told) -> None:
    if told is None:
        assert do(step, who, Given("duplicate")).stage == "dismissed"
        return
    with pytest.raises(ForbiddenError, match=told):
        do(step, who, Given(context=UNKNOWN))
    assert Opportunity.objects.get().version == 1


def test_no_step_is_skipped_and_the_message_says_which_lead_on(seats) -> None:
    with pytest.raises(NotNowError, match=r"'hand off' does not lead on from surfaced; from here: qualify, dismiss"):
        do(Step.HAND_OFF, CLEO)
    with pytest.raises(NotNowError, match="'accept' does not lead on from surfaced"):
        do(Step.ACCEPT, ANN)


def test_a_csm_does_not_close(seats) -> None:
    do(Step.QUALIFY, CLEO, Given(context=UNKNOWN))
    with pytest.raises(RefusedError, match="carl is a CSM, who qualifies and does not close"):
        do(Step.HAND_OFF, CLEO, Given(to="carl"))
    with pytest.raises(RefusedError, match="its closer says that it is won or lost, once they accepted it"):
        do(Step.LOSE, ANN, Given("no_budget"))
    do(Step.HAND_OFF, CLEO)
    do(Step.ACCEPT, ANN)
    with pytest.raises(RefusedError, match="cleo is a CSM"):
        do(Step.REASSIGN, MAX, Given(to="cleo"))


def test_returned_with_a_reason_it_is_the_csms_again(seats) -> None:
    do(Step.QUALIFY, CLEO, Given(context=UNKNOWN))
    do(Step.HAND_OFF, CLEO)
    with pytest.raises(RefusedError, match="reason: is missing"):
        do(Step.RETURN, ANN)
    with pytest.raises(RefusedError, match="did you mean 'no_buyer'"):
        do(Step.RETURN, ANN, Given("no_byer"))
    with pytest.raises(RefusedError, match="'other' needs a sentence"):
        do(Step.RETURN, ANN, Given("other"))
    back = do(Step.RETURN, ANN, Given("no_buyer"))
    assert (back.stage, back.owner, back.handed_to) == ("surfaced", "cleo", "")
    do(Step.QUALIFY, CLEO)  # what she knew before is still known
    do(Step.HAND_OFF, CLEO)
    do(Step.ACCEPT, ANN)
    assert do(Step.RETURN, ANN, Given("no_need")).owner == "cleo"


@pytest.mark.parametrize(("reason", "days"), [("no_budget", 180), ("other", 45)])
def test_the_reason_for_losing_sets_when_to_ask_again(seats, reason, days) -> None:
    for step, who in ((Step.QUALIFY, CLEO), (Step.HAND_OFF, CLEO), (Step.ACCEPT, ANN)):
        do(step, who, Given(context=UNKNOWN))
    do(Step.LOSE, ANN, Given(reason, "they said so"), day=LATER)
    until = LATER + timedelta(days=days)
    assert Opportunity.objects.get().cooldown_until == until
    [identity] = remember(LATER).cooldowns
    assert remember(LATER).cooldowns[identity] == until


def test_put_off_until_a_day_it_comes_back_by_itself(seats) -> None:
    with pytest.raises(RefusedError, match="until: is missing"):
        do(Step.SNOOZE, CLEO)
    do(Step.SNOOZE, CLEO, Given(until=AS_OF + timedelta(days=7)))
    applied(finding("acme", mrr=100, respond_within=5, cooldown=45), day=AS_OF + timedelta(days=6))
    assert Opportunity.objects.get().stage == "snoozed"
    applied(finding("acme", mrr=100, respond_within=5, cooldown=45), day=AS_OF + timedelta(days=7))
    assert Opportunity.objects.get().stage == "surfaced"


def test_qualified_and_put_off_it_neither_expires_nor_starts_again(seats) -> None:
    do(Step.QUALIFY, CLEO, Given(context=UNKNOWN))
    do(Step.SNOOZE, CLEO, Given(until=AS_OF + timedelta(days=7)))
    applied(day=AS_OF + timedelta(days=6))  # nothing speaks for it any more
    assert Opportunity.objects.get().stage == "snoozed"
    assert run_clocks(AS_OF + timedelta(days=6)).woken == 0
    assert run_clocks(AS_OF + timedelta(days=7)).woken == 1
    assert Opportunity.objects.get().stage == "qualified"


def test_two_people_on_one_opportunity(seats) -> None:
    seen = seats.version
    do(Step.DISMISS, CLEO, Given("not_ready"), expected_version=seen)
    with pytest.raises(ConflictError, match=r"cleo took the step 'dismiss' at .* it is dismissed now"):
        do(Step.QUALIFY, MONA, Given(context=UNKNOWN), expected_version=seen)
    assert Opportunity.objects.get().version == 2
    with pytest.raises(ConflictError, match="there is no version 99 of it yet: it is at version 2"):
        do(Step.UNDO, CLEO, expected_version=99)


def test_undo_brings_back_how_it_stood_and_keeps_both_in_the_record(seats) -> None:
    before = state_of(seats)
    do(Step.DISMISS, CLEO, Given("not_ready"))
    with pytest.raises(ForbiddenError, match="done by cleo: they or their manager can undo it"):
        do(Step.UNDO, ZOE)
    do(Step.UNDO, MONA)
    assert state_of(Opportunity.objects.get()) == before
    assert list(Entry.objects.filter(subject="opportunity").order_by("version").values_list("kind", flat=True)) == [
        "create", "dismiss", "undo"]  # fmt: skip
    do(Step.UNDO, MONA)  # and back again
    assert Opportunity.objects.get().stage == "dismissed"


def test_what_somebody_decided_since_is_not_undone(seats) -> None:
    with pytest.raises(NotNowError, match="nothing to undo: the last thing that happened is 'create' by system"):
        do(Step.UNDO, CLEO)
    do(Step.QUALIFY, CLEO, Given(context=UNKNOWN))
    do(Step.COMMENT, ANN, Given(text="Ida is on leave until May"))  # decides nothing
    do(Step.HAND_OFF, CLEO)
    do(Step.ACCEPT, ANN)
    with pytest.raises(ForbiddenError, match="'accept' was done by ann"):
        do(Step.UNDO, CLEO)


def test_asked_anyway_by_a_manager_with_a_reason_until_a_day(ledger) -> None:
    found = finding("acme", mrr=100, held_by=("escalation",))
    applied(found)
    given = Given(text="the sponsor asked us in", until=AS_OF + timedelta(days=30))
    with pytest.raises(ForbiddenError, match="only a manager"):
        do(Step.OVERRIDE, CLEO, given)
    with pytest.raises(RefusedError) as refused:
        do(Step.OVERRIDE, MONA)
    assert {fault.field for fault in refused.value.faults} == {"until", "text"}
    row = do(Step.OVERRIDE, MONA, given)
    assert (row.stage, row.asked_anyway, row.override_by) == ("surfaced", True, "mona")
    applied(found, day=AS_OF + timedelta(days=30))
    assert Opportunity.objects.get().stage == "surfaced"
    applied(found, day=AS_OF + timedelta(days=31))
    row = Opportunity.objects.get()
    assert (row.stage, row.asked_anyway) == ("held", True)  # the word has run out; the mark stays
    assert dict(unlock([row]).gates[0].asked_anyway) == {"held again": 1}


def test_nobody_asks_against_red_health(ledger) -> None:
    applied(finding("acme", mrr=100, held_by=("health", "escalation")))
    given = Given(text="now or never", until=AS_OF + timedelta(days=30))
    with pytest.raises(RefusedError, match="nobody asks against health: it has to clear first"):
        do(Step.OVERRIDE, MONA, given)
    with pytest.raises(RefusedError, match="held by health too, and would still be held"):
        do(Step.OVERRIDE, MONA, Given(text="x", until=given.until, gates=("escalation",)))
    assert Opportunity.objects.get().stage == "held"


def test_response_times_that_run_out_go_up_once_each(seats) -> None:
    due = AS_OF + timedelta(days=6)  # five days on is a Sunday
    assert run_clocks(due).escalated == 0
    assert run_clocks(due + timedelta(days=1)).escalated == 1
    assert run_clocks(due + timedelta(days=1)).escalated == 0
    told = Entry.objects.filter(kind="escalate").get()
    assert '"told":"mona","waits_for":"cleo"' in told.facts
    assert run_clocks(due + timedelta(days=4)).escalated == 1  # three days later, to those who oversee all
    assert run_clocks(due + timedelta(days=40)).escalated == 0


def test_an_accepted_deal_is_due_to_be_told_of_and_whoever_works_it_puts_that_off_by_telling(seats) -> None:
    do(Step.QUALIFY, CLEO, Given(context=UNKNOWN))
    do(Step.HAND_OFF, CLEO)
    due = do(Step.ACCEPT, ANN).due_on
    assert due == AS_OF + timedelta(days=14) and due.weekday() < 5
    assert do(Step.COMMENT, CLEO, Given(text="How is it going?"), day=due).due_on == due  # who asks does not tell
    assert run_clocks(due + timedelta(days=1)).escalated == 1
    told = do(Step.COMMENT, ANN, Given(text="The contract is with their lawyers"), day=due + timedelta(days=4))
    assert told.due_on == due + timedelta(days=20)  # eighteen days on is a Saturday: the Monday after
    assert told.due_on.weekday() == 0 and told.escalated == 0
    assert do(Step.UNDO, ANN, day=due + timedelta(days=4)).stage == "handed_off"


def test_a_queue_is_nobody_until_somebody_takes_it(ledger) -> None:
    plan = plan_changes(merge([finding("nobodys", mrr=10)]), remember(AS_OF), people(), AS_OF, ROUTING)
    apply_plan(plan, COMPANY)
    row = Opportunity.objects.get()
    assert row.owner == "queue-revops"
    taken = act(row.id, Step.CLAIM, ZOE, today=AS_OF)
    assert (taken.owner, taken.stage) == ("zoe", "surfaced")
    with pytest.raises(NotNowError, match="owned by zoe, who is no queue"):
        act(row.id, Step.CLAIM, CLEO, today=AS_OF)


def test_the_steps_offered_are_the_steps_taken(seats) -> None:
    assert possible_steps(state_of(seats), CLEO, HOUSE) == (
        Step.QUALIFY, Step.DISMISS, Step.SNOOZE, Step.REASSIGN, Step.COMMENT)  # fmt: skip
    assert possible_steps(state_of(seats), ZOE, HOUSE) == (Step.COMMENT,)
    row = do(Step.QUALIFY, CLEO, Given(context=UNKNOWN))
    last = Entry.objects.latest("seq")
    assert Step.UNDO in possible_steps(state_of(row), CLEO, HOUSE, last)
    assert Step.UNDO not in possible_steps(state_of(row), ZOE, HOUSE, last)
    do(Step.HAND_OFF, CLEO)
    row = do(Step.ACCEPT, ANN)
    assert set(possible_steps(state_of(row), ANN, HOUSE)) >= {Step.WIN, Step.LOSE, Step.RETURN}


def test_no_way_round_makes_a_csm_close(seats) -> None:
    """Over a queue, by taking it out of it, or by being handed it: the deal is won by who closes."""
    house = House(queues=frozenset({"queue-revops"}))
    for step, who, given in (
        (Step.QUALIFY, CLEO, Given(context=UNKNOWN)), (Step.HAND_OFF, CLEO, None), (Step.ACCEPT, ANN, None),
        (Step.REASSIGN, ANN, Given(to="queue-revops")),
    ):  # fmt: skip
        act(seats.id, step, who, given, today=AS_OF, house=house)
    with pytest.raises(RefusedError, match="cleo is a CSM, who qualifies and does not close"):
        act(seats.id, Step.CLAIM, CLEO, today=AS_OF, house=house)
    taken = act(seats.id, Step.CLAIM, ZOE, today=AS_OF, house=house)
    assert (taken.owner, taken.closer) == ("zoe", "zoe")
    with pytest.raises(RefusedError, match="a CSM qualifies and does not close"):
        act(seats.id, Step.WIN, Actor("mona", "mona", "csm", frozenset({"zoe"})), today=AS_OF, house=house)
    with pytest.raises(RefusedError, match="lies before it was opened"):
        act(seats.id, Step.WIN, ZOE, Given(on=date(1, 1, 1)), today=AS_OF, house=house)
    assert act(seats.id, Step.WIN, ZOE, today=AS_OF, house=house).stage == "won"


def test_handed_to_a_queue_it_is_accepted_by_who_takes_it(seats) -> None:
    house = House(queues=frozenset({"queue-revops"}))
    act(seats.id, Step.QUALIFY, CLEO, Given(context=UNKNOWN), today=AS_OF, house=house)
    act(seats.id, Step.HAND_OFF, CLEO, Given(to="queue-revops"), today=AS_OF, house=house)
    with pytest.raises(RefusedError, match="carl is a CSM"):
        act(seats.id, Step.CLAIM, CARL, today=AS_OF, house=house)
    taken = act(seats.id, Step.CLAIM, ZOE, today=AS_OF, house=house)
    assert (taken.stage, taken.owner, taken.handed_to) == ("handed_off", "cleo", "zoe")
    assert act(seats.id, Step.ACCEPT, ZOE, today=AS_OF, house=house).owner == "zoe"


def test_what_was_put_off_comes_back_by_the_calendar_where_the_data_stands_still(seats) -> None:
    do(Step.SNOOZE, CLEO, Given(until=AS_OF + timedelta(days=7)))
    assert run_clocks(AS_OF + timedelta(days=6)).woken == 0
    assert run_clocks(AS_OF + timedelta(days=7)).woken == 1
    assert Opportunity.objects.get().stage == "surfaced"
    do(Step.DISMISS, CLEO, Given("wrong_data"))  # for 30 days
    [identity] = remember(AS_OF).cooldowns
    assert identity in remember(AS_OF, AS_OF + timedelta(days=29)).cooldowns
    assert identity not in remember(AS_OF, AS_OF + timedelta(days=30)).cooldowns


def test_a_book_goes_to_somebody_of_the_team_and_of_the_trade(seats) -> None:
    with pytest.raises(ForbiddenError, match="zoe is not in your team"):
        move_book("ann", "zoe", Actor("max", "max", "manager", frozenset({"ann", "eve"})), today=AS_OF)
    ops = Actor("ops", "", "revops", oversees_all=True)
    with pytest.raises(RefusedError, match="a CSM's accounts go to a CSM"):
        move_book("cleo", "eve", ops, today=AS_OF)
    assert move_book("cleo", "carl", MONA, today=AS_OF).opportunities == 1
    assert Opportunity.objects.get().owner == "carl"
