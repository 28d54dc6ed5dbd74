"""Seats: what is bought, what is used, what is free, and what more would bring."""

from __future__ import annotations

from datetime import date

import pytest

from small_book import SmallBook, month
from upcross.signals.model import Scope

AS_OF = date(2026, 3, 31)


def a_book(active: dict[str, int], quantity: int = 50, charge: str = "per_unit", **more: list[dict]) -> SmallBook:
    """One account on a plan; ``active`` people by month."""
    return SmallBook(
        {
            "accounts": [{"account_id": "acme", "name": "Acme", "segment": "mid"}],
            "products": [{"product_id": "crm", "name": "CRM", "kind": "product"}],
            "pricing_plans": [
                {"plan_id": "std", "product_id": "crm", "name": "Standard", "rank": 1, "charge": charge},
                {"plan_id": "pro", "product_id": "crm", "name": "Pro", "rank": 2, "charge": charge},
            ],
            "plan_prices": [{"plan_id": "std", "list_price": "20"}, {"plan_id": "pro", "list_price": "30"}],
            "subscriptions": [
                {"line_id": "l1", "valid_from": "2025-01-01", "account_id": "acme", "product_id": "crm",
                 "plan_id": "std", "quantity": quantity, "mrr": quantity * 20, "currency": "EUR",
                 "term_months": 12, "term_ends_on": "2027-01-01"},
            ],
            "seats": [
                {"account_id": "acme", "product_id": "crm", **month(start), "assigned": count, "active": count}
                for start, count in active.items()
            ],
            **more,
        }
    )  # fmt: skip


def one(book: SmallBook, as_of: date = AS_OF) -> dict:
    (row,) = book.signals(Scope.SUBSCRIPTION, as_of)
    return row


def test_48_of_50_seats() -> None:
    """48 ÷ 50 = 96%; 2 free; 48 − 42 = 6 more in 90 days, so 2 − 6 = −4 free then.

    Potential: 80% utilization for 48 people needs 60 seats: 10 × 20 = 200; for 54 people 68 (54 ÷ 0.8 = 67.5): 18 × 20
    = 360; for 48 + 4 × 6 = 72 people 90: 40 × 20 = 800.
    """
    row = one(a_book({"2025-12-01": 42, "2026-01-01": 44, "2026-02-01": 46, "2026-03-01": 48}))
    assert row["seats_purchased"] == 50
    assert row["seat_utilization"] == row["seat_utilization_min_30d"] == pytest.approx(0.96)
    assert (row["seats_free"], row["seats_growth_90d"], row["seats_free_in_90d"]) == (2, 6, -4)
    assert row["seats_potential_floor"] == 200_0000
    assert row["seats_potential_expected"] == 360_0000
    assert row["seats_potential_ceiling"] == 800_0000
    assert row["adoption_change_30d"] == pytest.approx(48 / 44 - 1)  # against (42 + 44 + 46) ÷ 3 = 44


def test_seats_contracted_within_90_days_are_headroom() -> None:
    """50 now, 70 from 1 May: 20 come within 90 days, so 70 − 48 = 22 are free; from 1 August they would be too late."""
    active = {"2025-12-01": 48, "2026-03-01": 48}
    for start, free in (("2026-05-01", 22), ("2026-08-01", 2)):
        book = a_book(active)
        line = book.rows["subscriptions"][0]
        later = {**line, "valid_from": start, "quantity": 70, "mrr": 1400, "booked_on": "2026-01-15"}
        book.rows["subscriptions"].append(later)
        row = one(book)
        assert row["seats_free"] == free, start
        assert row["seats_purchased"] == 50
        assert row["subscription_mrr"] == 1000_0000


def test_a_step_not_yet_booked_is_not_known() -> None:
    book = a_book({"2025-12-01": 48, "2026-03-01": 48})
    line = book.rows["subscriptions"][0]
    book.rows["subscriptions"].append(
        {**line, "valid_from": "2026-05-01", "quantity": 70, "mrr": 1400, "booked_on": "2026-04-10"}
    )
    assert one(book)["seats_free"] == 2


def test_assigned_but_unused_seats_are_reclaim_not_utilization() -> None:
    book = a_book({"2026-03-01": 30})
    book.rows["seats"][0]["assigned"] = 50
    row = one(book)
    assert (row["seat_assignment"], row["seat_utilization"], row["seats_reclaimable"]) == (1.0, 0.6, 20)


def test_only_assigned_known_leaves_utilization_unknown() -> None:
    book = a_book({"2026-03-01": 30})
    book.rows["seats"][0].update(assigned=50, active=None)
    row = one(book)
    assert row["seat_assignment"] == 1.0
    assert row["seat_utilization"] is None
    assert row["seats_free"] is None


def test_flat_plan_measures_people_against_its_user_limit() -> None:
    """A user limit of 10 on a flat plan is an entitlement: 9 ÷ 10 = 90%; there are no seats to sell."""
    limits = [{"plan_id": "std", "metric": "users", "amount": 10, "period": "level"}]
    row = one(a_book({"2026-03-01": 9}, quantity=1, charge="flat", plan_limits=limits))
    assert (row["plan_charge"], row["seats_purchased"], row["seat_utilization"]) == ("flat", 10, 0.9)
    assert row["plan_limit_used"] == 0.9
    assert row["seats_potential_expected"] is None
    assert row["tier_potential_expected"] == 10_0000  # 30 − 20


def test_a_feed_that_stopped_makes_use_unknown() -> None:
    row = one(a_book({"2025-12-01": 48, "2026-01-01": 48}))
    assert row["seats_active"] is None
    assert row["seat_utilization"] is None
    assert row["seats_purchased"] == 50


def test_seats_bought_in_mid_month_count_from_then_on() -> None:
    """60 seats since 15 March: March ends with 60 in force, so 48 ÷ 60 = 80%."""
    book = a_book({"2026-03-01": 48})
    line = book.rows["subscriptions"][0]
    book.rows["subscriptions"].append({**line, "valid_from": "2026-03-15", "quantity": 60, "mrr": 1200})
    assert one(book)["seat_utilization"] == 0.8


def test_daily_rows_and_a_day_in_mid_month() -> None:
    """As of 15 March: the lowest of the days 14 February to 15 March is 40 of 50; the latest is 45."""
    days = [
        {"account_id": "acme", "product_id": "crm", "period_start": start, "period_end": end, "active": active}
        for start, end, active in (
            ("2026-02-13", "2026-02-14", 10),
            ("2026-02-14", "2026-02-15", 40),
            ("2026-03-15", "2026-03-16", 45),
            ("2026-03-16", "2026-03-17", 50),
        )
    ]
    book = a_book({}, seats=days)
    row = one(book, date(2026, 3, 15))
    assert row["seats_active"] == 45
    assert row["seat_utilization_min_30d"] == 0.8


def test_two_lines_of_one_product_add_up_and_another_product_stays_apart() -> None:
    book = a_book({"2026-03-01": 48})
    line = book.rows["subscriptions"][0]
    book.rows["subscriptions"] += [
        {**line, "line_id": "l2", "quantity": 10, "mrr": 200},
        {**line, "line_id": "l3", "product_id": "desk", "plan_id": None, "quantity": 5, "mrr": 100},
    ]
    crm, desk = book.signals(Scope.SUBSCRIPTION, AS_OF)
    assert (crm["seats_purchased"], crm["subscription_mrr"], crm["seat_utilization"]) == (60, 1200_0000, 0.8)
    assert desk["seats_purchased"] is None
    assert desk["subscription_mrr"] == 100_0000
