"""What counts as an expansion that a play could have foreseen, and on which day it was decided, on small books."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from project_files import write_project

from upcross.motions import Mechanism
from upcross.replaying.labels import Happened, read_happened

LOADED = date(2025, 12, 31)
CATALOG = {
    "products": [
        {"product_id": "crm", "name": "CRM", "kind": "product"}, {"product_id": "desk", "name": "Desk", "kind": "product"},
    ],
    "pricing_plans": [
        {"plan_id": "std", "product_id": "crm", "name": "Standard", "rank": 1, "charge": "per_unit"},
        {"plan_id": "pro", "product_id": "crm", "name": "Pro", "rank": 2, "charge": "per_unit"},
        {"plan_id": "desk1", "product_id": "desk", "name": "Desk", "rank": 1, "charge": "per_unit"},
    ],
    "plan_prices": [{"plan_id": "std", "list_price": 10}, {"plan_id": "pro", "list_price": 15},
                    {"plan_id": "desk1", "list_price": 20}],
}  # fmt: skip


def line(account: str, valid_from: str, quantity: int, mrr: float | None = None, **cells: Any) -> dict[str, Any]:
    """One version of the account's line: CRM on the standard plan at 10 a seat, where nothing else is said."""
    given = {"product_id": "crm", "plan_id": "std", "line_id": f"line-{account}", "mrr": 10 * quantity}
    own = {} if mrr is None else {"mrr": mrr}
    return {**given, **own, "account_id": account, "valid_from": valid_from, "quantity": quantity, **cells}


LINES = [
    # ten seats more from 10 May: at 10 each, 100 a month
    line("more", "2025-01-01", 20), line("more", "2025-05-10", 30),
    # the same, booked on 2 April
    line("booked", "2025-01-01", 20), line("booked", "2025-05-10", 30, booked_on="2025-04-02"),
    # an amendment that still bears the booking of the line: that is not the day of its growth
    line("copied", "2025-01-01", 20, booked_on="2024-12-20"),
    line("copied", "2025-05-10", 30, booked_on="2024-12-20", origin="amendment"),
    # without that word, what was booked with the line is contracted
    line("ahead", "2025-01-01", 20, booked_on="2024-12-20"), line("ahead", "2025-05-10", 30, booked_on="2024-12-20"),
    # booked a day after it began
    line("late", "2025-01-01", 20), line("late", "2025-05-10", 30, booked_on="2025-05-11"),
    # contracted when the line was: nobody decides anything in May
    line("ramp", "2025-01-01", 20), line("ramp", "2025-05-10", 30, origin="contracted_ramp"),
    line("escalator", "2025-01-01", 20), line("escalator", "2025-05-10", 20, 220, origin="contracted_escalator"),
    # a higher price for the same
    line("price", "2025-01-01", 20), line("price", "2025-05-10", 20, 240),
    # a trial that becomes a purchase beside what is owned, and one that does not
    line("trial", "2025-01-01", 20),
    line("trial", "2025-04-01", 5, 100, product_id="desk", plan_id="desk1", line_id="t-desk", status="trial"),
    line("trial", "2025-05-10", 5, 100, product_id="desk", plan_id="desk1", line_id="t-desk"),
    line("tries", "2025-01-01", 20),
    line("tries", "2025-04-01", 5, 100, product_id="desk", plan_id="desk1", line_id="y-desk", status="trial"),
    # a higher plan: 5 a seat more for 20 seats
    line("tier", "2025-01-01", 20), line("tier", "2025-05-10", 20, 300, plan_id="pro"),
    # two units: one grows, one shrinks
    line("units", "2025-01-01", 20, business_unit="emea", line_id="u-emea"),
    line("units", "2025-05-10", 25, business_unit="emea", line_id="u-emea"),
    line("units", "2025-01-01", 20, business_unit="apac", line_id="u-apac"),
    line("units", "2025-06-10", 15, business_unit="apac", line_id="u-apac"),
    # up and down within one month is nothing at its end
    line("updown", "2025-01-01", 20), line("updown", "2025-05-10", 30), line("updown", "2025-05-20", 20),
    # merged into another account: its money moves, nobody buys
    line("merged", "2025-01-01", 20, ends_on="2025-05-10"),
    line("merger", "2025-01-01", 20), line("merger", "2025-05-10", 20, line_id="from-merged", origin="transfer"),
    # leaves
    line("left", "2025-01-01", 20, ends_on="2025-05-10"),
    # the newest month is not over: December's growth is known only at its end
    line("newest", "2025-01-01", 20), line("newest", "2025-12-30", 30),
]  # fmt: skip


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> Happened:
    accounts = [{"account_id": name, "name": name} for name in sorted({row["account_id"] for row in LINES})]
    transfers = [
        {"from_account_id": "merged", "to_account_id": "merger", "kind": "merge", "effective_on": "2025-05-10"}
    ]
    rows = {**CATALOG, "accounts": accounts, "subscriptions": LINES, "account_transfers": transfers,
            "seats": [{"account_id": "more", "product_id": "crm", "period_start": "2025-12-29", "period_end": "2025-12-31",
                       "assigned": 1, "active": 1}]}  # fmt: skip
    return read_happened(write_project(tmp_path_factory.mktemp("labels") / "project", rows, today=LOADED))


def told(happened: Happened, account: str) -> list[tuple[str, Mechanism, str, int]]:
    """An account's expansions: unit, mechanism, day and amount a month in currency units."""
    return [
        (e.business_unit, e.mechanism, str(e.decided_on), e.mrr // 10_000)
        for e in happened.expansions
        if e.account_id == account
    ]


@pytest.mark.parametrize(
    ("account", "day"),
    [("more", "2025-05-10"), ("booked", "2025-04-02"), ("copied", "2025-05-10"), ("late", "2025-05-10")],
)
def test_seats_are_decided_on_when_booked_or_when_they_begin(happened: Happened, account: str, day: str) -> None:
    assert told(happened, account) == [("", Mechanism.SEATS, day, 100)]


@pytest.mark.parametrize(
    "account", ["ramp", "ahead", "escalator", "price", "tries", "updown", "merged", "merger", "left"]
)
def test_what_nobody_decided_to_buy_is_no_expansion(happened: Happened, account: str) -> None:
    assert told(happened, account) == []


def test_a_trial_expands_when_it_becomes_a_purchase(happened: Happened) -> None:
    assert told(happened, "trial") == [("", Mechanism.PRODUCT, "2025-05-10", 100)]


def test_a_higher_plan_is_tier(happened: Happened) -> None:
    assert told(happened, "tier") == [("", Mechanism.TIER, "2025-05-10", 100)]


def test_units_stand_for_themselves(happened: Happened) -> None:
    assert told(happened, "units") == [("emea", Mechanism.SEATS, "2025-05-10", 50)]
    [lost] = [item for item in happened.lost if item.account_id == "units"]
    assert (lost.business_unit, lost.product_id, lost.on, lost.mrr) == ("apac", "crm", date(2025, 6, 10), 50 * 10_000)


def test_who_leaves_gives_up_everything_and_a_merger_gives_up_nothing(happened: Happened) -> None:
    lost = {(item.account_id, item.product_id, str(item.on)) for item in happened.lost}
    assert lost == {("units", "crm", "2025-06-10"), ("left", "", "2025-05-10")}


def test_what_happened_is_known_through_the_newest_whole_month(happened: Happened) -> None:
    assert happened.through == date(2025, 11, 30)
    assert told(happened, "newest") == []
