"""The fold of a play over days: when it asks, is held back, stops asking, and asks again."""

from __future__ import annotations

from datetime import date, timedelta

from upcross.measure.alerts import Alert, Day, Folded, HeldBack, fold
from upcross.measure.expansion import Expansion, Expansions
from upcross.motions import Mechanism
from upcross.opportunities import (
    Finding,
    HoldReason,
    Identity,
    Limits,
    People,
    Person,
    Potential,
    Reason,
    Settings,
    Truth,
    merge,
)

FIRST = date(2026, 3, 2)
SEATS = Identity("acme", "", "crm", Mechanism.SEATS)
PEOPLE = People({"acme": {"csm": "cleo"}}, {"cleo": Person("cleo", "Cleo Marsh", "csm")})
SETTINGS = Settings(fallback_queue="revops", currency="EUR")


def on(number: int) -> date:
    """The day of that number, from 1."""
    return FIRST + timedelta(days=number - 1)


def fires(*gates: str, identity: Identity = SEATS, cooldown: int = 0) -> Finding:
    """The play's trigger is met, and held by the gates."""
    holds = tuple(HoldReason(gate, Truth.FALSE, f"{gate} stands against it", title=gate) for gate in gates)
    reason = Reason("seats", "Seats", holds=holds, potential=Potential(1, 2, 3), cooldown=cooldown)
    return Finding(identity, reason, "Acme", "CRM")


def folded(*said: list[Finding] | str, bought: tuple[Expansion, ...] = ()) -> Folded:
    """Each day's findings; "lasting": nothing fires, but the ask's own end has not come."""
    days = [
        Day(on(number), () if isinstance(what, str) else merge(what),
            frozenset({SEATS}) if what == "lasting" else frozenset(), PEOPLE)
        for number, what in enumerate(said, 1)
    ]  # fmt: skip
    return fold(days, Expansions.of(bought), SETTINGS, Limits())


def purchase(day: int, mechanism: Mechanism = Mechanism.SEATS, unit: str = "") -> Expansion:
    return Expansion("acme", unit, "crm", mechanism, on(day), 1_000_000)


def test_an_ask_opens_is_held_is_released_and_clears() -> None:
    found = folded([], [fires()], [fires("health")], [fires()], [])
    assert found.alerts == (
        Alert(SEATS, on(2), "cleo", 2, closed_on=on(3), why_closed="held"),
        Alert(SEATS, on(4), "cleo", 2, closed_on=on(5), why_closed="cleared"),
    )
    assert found.held == (HeldBack(SEATS, on(3), ("health",), 2, until=on(4)),)


def test_what_has_not_cleared_stays_open_though_it_no_longer_fires() -> None:
    found = folded([], [fires()], "lasting", [])
    assert found.alerts == (Alert(SEATS, on(2), "cleo", 2, closed_on=on(4), why_closed="cleared"),)


def test_what_stood_on_the_first_day_is_a_backlog_and_what_is_open_on_the_last_stays_open() -> None:
    [alert] = folded([fires()], [fires()]).alerts
    assert (alert.opened_on, alert.backlog, alert.closed_on) == (on(1), True, None)
    [late] = folded([], [fires()]).alerts
    assert (late.backlog, late.closed_on) == (False, None)


def test_a_purchase_ends_the_ask_and_it_is_asked_again_in_a_new_episode_after_the_cooldown() -> None:
    """Bought on day 3 with a cooldown of 2 days: held on days 3 and 4, asked again on day 5."""
    again = [fires(cooldown=2)]
    found = folded([], again, again, again, again, bought=(purchase(3),))
    second = Identity("acme", "", "crm", Mechanism.SEATS, episode=2)
    assert found.alerts == (
        Alert(SEATS, on(2), "cleo", 2, closed_on=on(3), why_closed="bought"),
        Alert(second, on(5), "cleo", 2),
    )
    assert found.held == (HeldBack(second, on(3), ("cooldown",), 2, until=on(5)),)


def test_a_purchase_between_two_days_counts_from_its_own_day() -> None:
    """Days 1 and 2 are a week apart here: bought in between, the cooldown of 7 days ends 7 days after the purchase."""
    days = [Day(FIRST + timedelta(weeks=week), merge([fires(cooldown=7)]), frozenset(), PEOPLE) for week in range(3)]
    bought = Expansions.of([Expansion("acme", "", "crm", Mechanism.SEATS, FIRST + timedelta(days=3), 1)])
    found = fold(days, bought, SETTINGS, Limits())
    assert [(a.opened_on, a.closed_on) for a in found.alerts] == [
        (FIRST, FIRST + timedelta(days=3)),
        (FIRST + timedelta(days=14), None),  # day 7 is within the cooldown, which ends on day 10
    ]


def test_another_mechanism_does_not_end_an_ask_and_a_purchase_of_the_whole_account_ends_a_units() -> None:
    [alert] = folded([], [fires()], [fires()], bought=(purchase(3, Mechanism.TIER),)).alerts
    assert alert.closed_on is None
    unit = fires(identity=Identity("acme", "emea", "crm", Mechanism.SEATS))
    [closed] = [a for a in folded([], [unit], [unit], bought=(purchase(3),)).alerts if a.closed_on]
    assert (closed.closed_on, closed.why_closed) == (on(3), "bought")
    [other] = folded([], [unit], [unit], bought=(purchase(3, unit="apac"),)).alerts
    assert other.closed_on is None


def test_another_gate_is_another_hold() -> None:
    found = folded([], [fires("health")], [fires("health", "dispute")], [])
    assert [(h.since, h.gates, h.until) for h in found.held] == [
        (on(2), ("health",), on(3)),
        (on(3), ("health", "dispute"), on(4)),
    ]


def test_a_hold_that_lasts_without_its_trigger_is_one_hold() -> None:
    found = folded([], [fires("health")], "lasting", [fires("health")], [])
    assert [(h.since, h.until) for h in found.held] == [(on(2), on(5))]
    assert found.alerts == ()
