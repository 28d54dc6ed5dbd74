"""Seats that several share, and several kinds of seats: judged once, where the contract is, and never added up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from test_seat_signals import AS_OF, a_book, one

from small_book import SmallBook, month
from upcross.signals.model import Scope

MONTHS = ("2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01")


def people(account: str, active: int, unit: str = "", **more: Any) -> list[dict[str, Any]]:
    return [
        {"account_id": account, "business_unit": unit, "product_id": "crm", **month(start), "assigned": active,
         "active": active, **more}
        for start in MONTHS
    ]  # fmt: skip


def pooled(**share: Any) -> SmallBook:
    """acme holds 50 seats and uses 20; its daughters north and south use 15 and 11 of them, on lines of no money."""
    book = a_book({})
    book.rows["accounts"] += [{"account_id": a, "name": a.title(), "segment": "mid"} for a in ("north", "south")]
    line = book.rows["subscriptions"][0]
    book.rows["subscriptions"].append({**line, "line_id": "l2", "account_id": "north", "quantity": 1, "mrr": 0})
    book.rows["seats"] = [*people("acme", 20), *people("north", 15), *people("south", 11)]
    book.rows["entitlement_pools"] = [
        {"pool_id": "p", "holder_account_id": "acme", "product_id": "crm", "consumer_account_id": a, **share}
        for a in ("north", "south")
    ]
    return book


def by_account(book: SmallBook, as_of: date = AS_OF) -> dict[str, dict[str, Any]]:
    return {row["account_id"] + row["business_unit"]: row for row in book.signals(Scope.SUBSCRIPTION, as_of)}


def test_a_pool_is_judged_once_at_its_holder() -> None:
    """20 + 15 + 11 = 46 of 50 seats: 92%, 4 free. The daughter that owns a line is not judged: no ask goes there."""
    rows = by_account(pooled())
    acme, north = rows["acme"], rows["north"]
    assert (acme["seats_active"], acme["seats_purchased"], acme["seats_free"]) == (46, 50, 4)
    assert acme["seat_utilization_min_30d"] == pytest.approx(0.92)
    assert (acme["pool_consumers"], acme["pool_held_by"]) == (2, None)
    assert north["pool_held_by"] == "Acme"
    assert (north["seats_active"], north["seat_utilization"], north["seats_free"], north["seats_purchased"]) == (
        None,
    ) * 4
    assert north["seats_potential_expected"] is None
    assert north["adoption"] == pytest.approx(0.92)  # whoever shares the pool has its adoption


def test_without_a_pool_each_is_judged_for_itself() -> None:
    book = pooled()
    del book.rows["entitlement_pools"]
    rows = by_account(book)
    assert (rows["acme"]["seats_active"], rows["north"]["seats_active"]) == (20, 15)
    assert rows["acme"]["pool_consumers"] is None


@pytest.mark.parametrize(
    ("share", "active"),
    [({"valid_from": "2026-03-01"}, 46), ({"valid_from": "2026-04-01"}, 20), ({"valid_until": "2026-03-31"}, 20)],
)
def test_a_share_counts_while_it_is_valid(share: dict[str, str], active: int) -> None:
    """March ends on the 31st: a share from 1 March on counts, one that begins in April or ended before does not."""
    assert by_account(pooled(**share))["acme"]["seats_active"] == active


def test_a_pool_of_which_one_consumer_is_missing_is_unknown() -> None:
    """south has no row for March: 35 people are not all, so nobody is said to have 15 seats free."""
    book = pooled()
    book.rows["seats"] = [
        r for r in book.rows["seats"] if (r["account_id"], r["period_start"]) != ("south", MONTHS[-1])
    ]
    acme = by_account(book)["acme"]
    assert (acme["seats_active"], acme["seats_free"], acme["seat_utilization"]) == (None, None, None)


def test_units_of_one_account_may_share_what_each_of_them_bought() -> None:
    """east bought 30 and uses 29, west bought 10 and uses 3: shared, 32 of 40 at east, where most was bought."""
    book = a_book({})
    line = book.rows["subscriptions"][0]
    book.rows["business_units"] = [{"account_id": "acme", "business_unit": u} for u in ("east", "west")]
    book.rows["subscriptions"] = [
        {**line, "line_id": unit, "business_unit": unit, "quantity": n, "mrr": 20 * n}
        for unit, n in (("east", 30), ("west", 10))
    ]
    book.rows["seats"] = [*people("acme", 29, "east"), *people("acme", 3, "west")]
    alone = by_account(book)
    assert alone["acmeeast"]["seat_utilization"] == pytest.approx(29 / 30)
    book.rows["entitlement_pools"] = [
        {
            "pool_id": "p",
            "holder_account_id": "acme",
            "product_id": "crm",
            "consumer_account_id": "acme",
            "consumer_unit": u,
        }
        for u in ("east", "west")
    ]
    rows = by_account(book)
    assert (rows["acmeeast"]["seat_utilization"], rows["acmeeast"]["seats_free"]) == (0.8, 8)
    assert rows["acmewest"]["seats_free"] is None
    assert rows["acmewest"]["pool_held_by"] == "east"
    assert rows["acmewest"]["subscription_mrr"] == 200_0000  # what it pays is still its own


def kinds(full: int = 19, light: int = 30) -> SmallBook:
    """20 full seats at 50 and 100 light seats at 5; people by kind."""
    book = a_book({})
    book.rows["pricing_plans"] = [
        {"plan_id": kind, "product_id": "crm", "name": kind, "rank": 1, "charge": "per_unit", "seat_type": kind}
        for kind in ("full", "light")
    ]
    line = book.rows["subscriptions"][0]
    book.rows["subscriptions"] = [
        {**line, "line_id": "f", "plan_id": "full", "quantity": 20, "mrr": 1000},
        {**line, "line_id": "l", "plan_id": "light", "quantity": 100, "mrr": 500},
    ]
    book.rows["seats"] = [*people("acme", full, seat_type="full"), *people("acme", light, seat_type="light")]
    return book


def test_each_kind_of_seat_is_judged_against_its_own_number() -> None:
    """19 of 20 full seats is 95%; 49 of 120 all together would be 41% and hide it.

    80% utilization for 19 people needs 24 seats: 4 more at 1,000 ÷ 20 = 50 each.
    """
    row = one(kinds())
    assert (row["seat_type"], row["seats_active"], row["seats_purchased"], row["seats_free"]) == ("full", 19, 20, 1)
    assert row["seat_utilization"] == pytest.approx(0.95)
    assert row["seats_potential_floor"] == 200_0000
    assert row["adoption"] == pytest.approx(49 / 120)  # how much of all that was bought is used
    row = one(kinds(full=10, light=96))
    assert (row["seat_type"], row["seats_free"], row["seats_potential_floor"]) == ("light", 4, 20 * 5_0000)


def test_kinds_that_the_lines_do_not_tell_apart_are_unknown() -> None:
    book = kinds()
    for plan in book.rows["pricing_plans"]:
        plan["seat_type"] = ""
    row = one(book)
    assert (row["seat_utilization"], row["seats_free"], row["seats_active"], row["seats_potential_floor"]) == (
        None,
    ) * 4


def test_one_kind_is_the_same_whatever_it_is_called() -> None:
    book = a_book({})
    book.rows["seats"] = people("acme", 45, seat_type="named user")
    assert one(book)["seat_utilization"] == 0.9


def test_what_idle_seats_cost() -> None:
    """100 assigned, 55 active: 45 idle seats at 20 a month are 900."""
    book = a_book({"2026-03-01": 55}, quantity=100)
    book.rows["seats"][0]["assigned"] = 100
    assert one(book)["seats_reclaimable_value"] == 900_0000


def test_a_user_limit_of_part_of_a_person_is_not_rounded_up() -> None:
    """2.5 people a unit and 3 units are 7.5: 7 people, not 8."""
    limits = [{"plan_id": "std", "metric": "users", "amount": "2.5", "period": "level", "per_unit": True}]
    assert one(a_book({"2026-03-01": 7}, quantity=3, charge="flat", plan_limits=limits))["seats_purchased"] == 7


def test_a_paused_subscription_says_so() -> None:
    book = a_book({"2026-03-01": 5})
    line = book.rows["subscriptions"][0]
    assert one(book)["paused"] is False
    book.rows["subscriptions"].append({**line, "valid_from": "2026-03-15", "status": "paused"})
    assert one(book)["paused"] is True


def test_seats_run_out_at_the_growth_of_the_last_90_days() -> None:
    """100 seats, 61, 63, 67, 70 people: 30 free, 9 more in 90 days: 30 × 90 ÷ 9 = 300 days.

    The fastest month brought 4 (30 × 30 ÷ 4 = 225 days), the slowest 2 (450 days).
    """
    row = one(a_book(dict(zip(MONTHS, (61, 63, 67, 70), strict=True)), quantity=100))
    assert row["seats_run_out_in"] == 300
    assert row["seats_run_out_on"] == date(2027, 1, 25)
    assert row["seats_run_out_early_on"] == date(2026, 11, 11)
    assert row["seats_run_out_late_on"] == date(2027, 6, 24)


@pytest.mark.parametrize(
    ("active", "days"), [((50, 50, 50, 50), 0), ((40, 40, 40, 40), None), ((44, 43, 42, 41), None)]
)
def test_seats_run_out_only_where_people_grow(active: tuple[int, ...], days: int | None) -> None:
    assert one(a_book(dict(zip(MONTHS, active, strict=True))))["seats_run_out_in"] == days
