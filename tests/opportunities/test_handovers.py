"""What a person is credited with: qualified, taken by who closes, not given back; never what was booked."""

from datetime import date

from opportunity_builders import identity

from upcross.motions import Mechanism, Motion
from upcross.opportunities import Accepted, HandedOff, Identity, Lost, Qualified, Returned, Won
from upcross.opportunities.handovers import handovers

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
UP, WIDE = Motion.UPSELL, Motion.CROSS_SELL


def day(month, number):
    return date(2026, month, number)


def worked(*events, mechanism=Mechanism.SEATS):
    """What happened to one opportunity: (event, day, who)."""
    key = identity(mechanism=mechanism)
    return [
        kind(key, on, who, owner=who) if kind in (Accepted, Returned) else kind(key, on, who)
        for kind, on, who in events
    ]


def taken(*histories, as_of=None):
    return {h.person_id: (h.taken[UP], h.taken[WIDE], h.returned[UP]) for h in handovers(histories, FIRST, LAST, as_of)}


QUALIFIED = (Qualified, day(1, 10), "cleo")
TAKEN = (Accepted, day(2, 1), "ann")


def test_what_is_qualified_and_taken_counts_for_who_qualified_it_whatever_is_booked():
    won = worked(QUALIFIED, (HandedOff, day(1, 20), "cleo"), TAKEN, (Won, day(3, 1), "ann"))
    lost = worked(QUALIFIED, TAKEN, (Lost, day(3, 1), "ann"))
    wide = worked(QUALIFIED, (Accepted, day(2, 1), "eve"), mechanism=Mechanism.PRODUCT)
    assert taken(won, lost, wide) == {"cleo": (2, 1, 0)}


def test_what_is_returned_does_not_count_and_counts_once_when_it_is_taken_again():
    back = (Returned, day(2, 10), "ann")
    assert taken(worked(QUALIFIED, TAKEN, back)) == {"cleo": (0, 0, 1)}
    again = worked(QUALIFIED, TAKEN, back, (Qualified, day(2, 20), "dora"), (Accepted, day(3, 1), "ann"))
    assert taken(again) == {"cleo": (0, 0, 1), "dora": (1, 0, 0)}, "it is who qualified it in the end"


def test_a_return_after_the_period_takes_it_out_once_it_is_known():
    history = worked(QUALIFIED, TAKEN, (Returned, day(4, 5), "ann"))
    assert taken(history) == {"cleo": (1, 0, 0)}
    assert taken(history, as_of=day(4, 30)) == {}, "and it was no return of the period"


def test_the_day_on_which_it_is_taken_decides_the_period():
    december = worked((Qualified, date(2025, 12, 1), "cleo"), (Accepted, FIRST, "ann"))
    april = worked(QUALIFIED, (Accepted, day(4, 1), "ann"))
    assert taken(december, april) == {"cleo": (1, 0, 0)}


def test_who_takes_their_own_hands_nothing_over():
    assert taken(worked(QUALIFIED, (Accepted, day(2, 1), "cleo"))) == {}
    assert taken(worked((Accepted, day(2, 1), "ann"))) == {}, "nobody qualified it"


def test_adoption_work_is_no_handover():
    task = Identity("acme", "", "crm", None, task="seat-reclaim")
    assert taken([Qualified(task, day(1, 10), "cleo"), Accepted(task, day(2, 1), "ann", owner="ann")]) == {}
