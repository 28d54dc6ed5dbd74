"""Alerts held against what happened, in both directions, on a handful of cases; and what chance would have done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest

from upcross.measure.alerts import Alert, Folded, HeldBack
from upcross.measure.baselines import Drawn, at_random
from upcross.measure.expansion import Expansion, Expansions, Shrinkage
from upcross.measure.scoring import Fate, Score, Standing, score
from upcross.motions import Mechanism
from upcross.opportunities import Identity

FIRST = date(2026, 1, 5)
WINDOW = 10
SEATS, TIER = Mechanism.SEATS, Mechanism.TIER


def on(number: int) -> date:
    """The day of that number, counted from the first day replayed, which is 0."""
    return FIRST + timedelta(days=number)


def alert(
    account: str, opened: int, closed: int | None = None, *, unit: str = "", mechanism: Mechanism = SEATS,
    owner: str = "ann", expected: int | None = 100, backlog: bool = False,
) -> Alert:  # fmt: skip
    until = None if closed is None else on(closed)
    return Alert(Identity(account, unit, "crm", mechanism), on(opened), owner, expected, backlog, until)


def bought(account: str, day: int, mrr: int = 1, *, unit: str = "", mechanism: Mechanism = SEATS) -> Expansion:
    return Expansion(account, unit, "crm", mechanism, on(day), mrr)


def lost(account: str, day: int, product: str = "crm") -> Shrinkage:
    return Shrinkage(account, "", product, on(day), 1)


def scored(
    alerts: Sequence[Alert] = (), happened: Sequence[Expansion] = (), *, held: Sequence[HeldBack] = (),
    shrunk: Sequence[Shrinkage] = (), through: int = 100, rate: Fraction = Fraction(1, 4), days: int = 29,
    standing: Standing = Standing.QUIET,
) -> Score:  # fmt: skip
    listed = [on(number) for number in range(days)]
    return score(Folded(tuple(alerts), tuple(held)), Expansions.of(happened), shrunk, listed, window=WINDOW,
                 through=on(through), standing=lambda _: standing, chance=dict.fromkeys(listed, rate))  # fmt: skip


def test_lead_is_from_the_alerts_opening_to_the_decision() -> None:
    found = scored([alert("a", 2), alert("b", 5)], [bought("a", 9), bought("b", 8)])
    assert [(item.lead, item.at_least) for item in found.foreseen] == [(3, False), (7, False)]  # 8 − 5 and 9 − 2
    assert (found.lead.value, found.lead.at_least) == (5.0, False)


def test_of_a_backlog_the_lead_is_at_least_so_long() -> None:
    found = scored([alert("a", 0, backlog=True)], [bought("a", 9)])
    assert [(item.lead, item.at_least) for item in found.foreseen] == [(9, True)]
    assert (found.lead.value, found.lead.at_least, found.backlog) == (9.0, True, 1)


def test_the_day_of_the_decision_is_no_foresight() -> None:
    [same_day] = scored([alert("a", 9)], [bought("a", 9)]).foreseen
    assert (same_day.standing, same_day.lead) == (Standing.QUIET, None)


@pytest.mark.parametrize(
    ("closed", "standing"),
    [(10, Standing.QUIET), (11, Standing.FLAGGED)],
    ids=["last open 11 days before the decision", "still open within the 10 days before"],
)
def test_an_alert_that_closed_long_before_foresaw_nothing(closed: int, standing: Standing) -> None:
    assert [item.standing for item in scored([alert("a", 1, closed)], [bought("a", 20)]).foreseen] == [standing]


def test_only_its_own_mechanism_account_and_unit_match_an_alert() -> None:
    found = scored(
        [alert("a", 1), alert("b", 1), alert("c", 1, unit="emea"), alert("d", 1, unit="emea"), alert("e", 1)],
        [bought("a", 5, mechanism=TIER), bought("x", 5), bought("c", 5), bought("d", 5, unit="apac"),
         bought("e", 5, unit="emea")],
    )  # fmt: skip
    assert {item.expansion.account_id for item in found.foreseen if item.standing is Standing.FLAGGED} == {"c", "e"}
    assert {i.alert.identity.account_id for i in found.followed if i.fate is Fate.LED} == {"c", "e"}


def test_an_alert_leads_within_the_window_after_it_and_not_a_day_later() -> None:
    fates = [scored([alert("a", 2)], [bought("a", day)]).followed[0].fate for day in (2, 3, 12, 13)]
    assert fates == [Fate.NOTHING, Fate.LED, Fate.LED, Fate.NOTHING]


def test_an_alert_is_too_young_until_the_window_is_over_even_where_something_came_of_it() -> None:
    young, old = (scored([alert("a", 2)], [bought("a", 3)], through=through) for through in (11, 12))
    assert (young.followed[0].fate, young.led.of, young.chance) == (Fate.TOO_YOUNG, 0, None)
    assert (old.followed[0].fate, old.led.hits, old.led.of) == (Fate.LED, 1, 1)


def test_who_shrank_counts_whatever_else_happened() -> None:
    found = scored(
        [alert("a", 2), alert("b", 2), alert("c", 2), alert("d", 2)],
        [bought("a", 5)],
        shrunk=[lost("a", 9), lost("b", 9), lost("c", 9, product="pay"), lost("d", 13)],
    )
    assert [item.fate for item in found.followed] == [Fate.LED, Fate.SHRANK, Fate.NOTHING, Fate.NOTHING]
    assert (found.shrank.hits, found.shrank.of) == (2, 4)  # a and b; c gave up another product, d did so too late
    [left] = scored([alert("c", 2)], shrunk=[lost("c", 9, product="")]).followed
    assert left.fate is Fate.SHRANK  # a whole account that leaves gives up what was asked for, too


def test_money_flagged_held_and_missed_is_all_there_is() -> None:
    held = [HeldBack(Identity("b", "", "crm", SEATS), on(1), ("health",), 5)]
    found = scored(
        [alert("a", 1, expected=100), alert("z", 1, expected=None)],
        [bought("a", 5, 70), bought("b", 5, 20), bought("c", 5, 10)],
        held=held,
    )
    money = found.money
    assert (money.flagged, money.held, money.missed) == (70, 20, 10)
    assert (money.potential, money.unknown) == (100, 1)
    assert [item.gates for item in found.foreseen] == [(), ("health",), ()]


def test_work_is_new_alerts_by_owner_and_week_without_the_backlog() -> None:
    """Days 1 to 7 are the first week, 8 to 14 the second; day 0 is the backlog. Four weeks are replayed."""
    found = scored(
        [alert("x", 0, backlog=True), alert("a", 1), alert("b", 7), alert("c", 8), alert("d", 8, owner="bob")]
    )
    load = found.workload
    assert (load.weeks, dict(load.by_owner), load.busiest) == (4, {"ann": 3, "bob": 1}, 2)
    assert load.per_owner_and_week == 4 / (2 * 4)


def test_what_chance_would_have_done() -> None:
    """Three alerts where a quarter of all rows expand: 0.75 by chance, two led; two thirds are 2⅔ times a quarter."""
    found = scored([alert("a", 1), alert("b", 1), alert("c", 1)], [bought("a", 5), bought("b", 5)])
    assert found.chance is not None
    assert (found.chance.hits, found.chance.expected, found.chance.lift) == (2, 0.75, pytest.approx(8 / 3))


def test_as_many_flags_at_random() -> None:
    """Two flags, on days 1 and 3, among four rows of which one is about the one expansion.

    The first misses it with 3 in 4, the second, on another row, with 2 in 3: together ½. A flag closed before the
    window, or opened on the day of the decision, does not count; nor does a second flag on the same row.
    """
    happened = [bought("a", 14)]
    drawn = {(on(day), happened[0]): Drawn(1, 4) for day in (1, 3, 5)}
    alerts = [alert("b", 1), alert("c", 3, closed=5), alert("c", 5), alert("d", 3, closed=4), alert("e", 14)]
    own = scored(alerts, happened)
    found = at_random(own, alerts, drawn, WINDOW)
    assert found.flagged == pytest.approx(1 / 2)
    assert (found.led, found.alerts, found.lead) == (1 / 4, 5, None)


def test_two_flags_of_one_day_are_on_two_different_rows() -> None:
    """Two flags among four rows of which one is about the expansion: they hit it with 2 in 4, not 1 − (¾)² = 7/16."""
    happened = [bought("a", 9)]
    alerts = [alert("b", 1), alert("c", 1)]
    found = at_random(scored(alerts, happened), alerts, {(on(1), happened[0]): Drawn(1, 4)}, WINDOW)
    assert found.flagged == 2 / 4


def test_nothing_happened() -> None:
    found = scored()
    assert (found.flagged.value, found.flagged.reason) == (None, "no expansions in the period")
    assert (found.led.value, found.lead.value, found.chance) == (None, None, None)
