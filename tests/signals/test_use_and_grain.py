"""Use measured daily, weekly or monthly says the same; late feeds, units, gaps and trials do not bend it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from small_book import SmallBook, month
from upcross.signals.model import Scope

AS_OF = date(2026, 9, 30)
ACCOUNT = {"account_id": "acme", "name": "Acme", "segment": "mid"}
MONTHS = ("2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01", "2026-09-01")


def rows(every: int, value: float, last: str, count: int, **more: Any) -> list[dict[str, Any]]:
    """``count`` periods of ``every`` days, the last one ending with the day ``last``."""
    end = date.fromisoformat(last) + timedelta(days=1)
    made = []
    for number in range(count):
        stop = end - timedelta(days=every * number)
        made.append({"account_id": "acme", "product_id": "api", "metric": "calls", "value": value,
                     "period_start": str(stop - timedelta(days=every)), "period_end": str(stop), **more})  # fmt: skip
    return made


def a_book(usage: list[dict[str, Any]], *, through: str = "2026-09-30", **more: list[dict[str, Any]]) -> SmallBook:
    """One account on a flat plan with 1,000 calls a month, owned since 2025."""
    return SmallBook(
        {
            "accounts": [ACCOUNT],
            "products": [{"product_id": "api", "name": "API", "kind": "product"}],
            "pricing_plans": [
                {"plan_id": "a1", "product_id": "api", "name": "A1", "rank": 1, "charge": "flat"},
                {"plan_id": "a2", "product_id": "api", "name": "A2", "rank": 2, "charge": "flat"},
            ],
            "plan_prices": [{"plan_id": "a1", "list_price": "100"}, {"plan_id": "a2", "list_price": "300"}],
            "plan_limits": [{"plan_id": "a1", "metric": "calls", "amount": 1000}],
            "metrics": [{"metric": "calls", "name": "Calls", "unit": "calls", "core": True}],
            "subscriptions": [
                {"line_id": "l1", "valid_from": "2025-01-01", "account_id": "acme", "product_id": "api",
                 "plan_id": "a1", "quantity": 1, "mrr": 100, "rolling": True},
            ],
            "usage": usage,
            **more,
        },
        spans={"usage": (date(2025, 1, 1), date.fromisoformat(through))},
    )  # fmt: skip


def meter(book: SmallBook, as_of: date = AS_OF) -> dict[str, Any]:
    (row,) = book.signals(Scope.METER, as_of)
    return row


def subscription(book: SmallBook, as_of: date = AS_OF, product: str = "api") -> dict[str, Any]:
    (row,) = [r for r in book.signals(Scope.SUBSCRIPTION, as_of) if r["product_id"] == product]
    return row


@pytest.mark.parametrize("as_of", ["2026-09-30", "2026-09-27", "2026-08-31", "2026-08-30", "2026-09-15"])
def test_flat_weekly_use_is_flat_on_every_day(as_of: str) -> None:
    """210 a week is 210 × 30 ÷ 7 = 900 in 30 days: 90% of 1,000, no dip and no growth, however the weeks fall."""
    day = date.fromisoformat(as_of)
    book = a_book(rows(7, 210, "2026-09-27", 40), through="2026-09-27")
    row = meter(book, day)
    assert float(row["usage_30d"]) == 900
    assert row["allowance_used"] == row["allowance_used_ahead"] == 0.9
    assert subscription(book, day)["adoption_change_30d"] == 0


@pytest.mark.parametrize("lag", [0, 3, 5, 7])
def test_a_daily_feed_that_lags_within_its_allowance_is_no_drop(lag: int) -> None:
    """30 a day is 900 in 30 days; a feed that ends 7 days back covers 23 of them: 690 × 30 ÷ 23 = 900."""
    through = AS_OF - timedelta(days=lag)
    book = a_book(rows(1, 30, str(through), 120), through=str(through))
    assert meter(book)["allowance_used"] == 0.9
    assert subscription(book)["adoption_change_30d"] == 0


def test_a_feed_that_covers_too_few_days_leaves_use_unknown() -> None:
    book = a_book(rows(7, 210, "2026-09-12", 20), through="2026-09-12")  # one week and a half of thirty days
    assert meter(book)["allowance_used"] is None


def test_months_of_different_length_are_no_dip() -> None:
    """29 calls a day: 812 in February against 899 in January is no change; the limit is still judged by the month."""
    use = [
        {"account_id": "acme", "product_id": "api", "metric": "calls", **month(start), "value": value}
        for start, value in (("2025-12-01", 899), ("2026-01-01", 899), ("2026-02-01", 812))
    ]
    book = a_book(use)
    assert subscription(book, date(2026, 3, 1))["adoption_change_30d"] == 0
    assert meter(book, date(2026, 3, 1))["allowance_used"] == 0.812


def test_a_level_limit_takes_the_highest_value_not_the_sum() -> None:
    """40 GB on each of 30 days is 40 of 100 GB."""
    book = a_book(rows(1, 40, "2026-09-30", 120))
    book.rows["plan_limits"][0].update(amount=100, period="level")
    assert meter(book)["allowance_used"] == 0.4


def test_a_commitment_used_as_planned_ends_near_its_amount() -> None:
    """100 a month of 1,200 a year: 900 used by September, 100 ÷ 30 a day for 92 more days: 900 + 306 = 1,206.7."""
    use = [
        {"account_id": "acme", "product_id": "api", "metric": "calls", **month(f"2026-{m:02}-01"), "value": 100}
        for m in range(1, 10)
    ]
    commitment = {"commitment_id": "c", "account_id": "acme", "product_id": "api", "metric": "calls", "amount": 1200,
                  "starts_on": "2026-01-01", "ends_on": "2027-01-01"}  # fmt: skip
    book = a_book(use, commitments=[commitment])
    row = meter(book)
    assert row["allowance_used"] == 0.75
    assert row["allowance_used_ahead"] == pytest.approx(1.00555, abs=1e-4)
    later = meter(book, date(2026, 10, 15))  # nothing new is known: the pace runs on from the end of September
    assert later["allowance_used_ahead"] == pytest.approx(row["allowance_used_ahead"])


def test_a_period_that_straddles_the_start_of_a_commitment_counts_by_its_days() -> None:
    """Start on 16 January: 16 of January's 31 days, 310 × 16 ÷ 31 = 160; then 300 in February."""
    use = [
        {"account_id": "acme", "product_id": "api", "metric": "calls", **month(start), "value": value}
        for start, value in (("2026-01-01", 310), ("2026-02-01", 300))
    ]
    commitment = {"commitment_id": "c", "account_id": "acme", "product_id": "api", "metric": "calls", "amount": 1000,
                  "starts_on": "2026-01-16", "ends_on": "2027-01-16"}  # fmt: skip
    assert meter(a_book(use, commitments=[commitment]), date(2026, 2, 28))["allowance_used"] == 0.46


def test_daily_people_are_taken_by_weeks() -> None:
    """45 people on workdays and 4 on Sundays are 45 of 50, also on a Sunday."""
    seats = []
    for back in range(126):
        day = date(2026, 9, 27) - timedelta(days=back)  # a Sunday
        seats.append({"account_id": "acme", "product_id": "api", "period_start": str(day),
                      "period_end": str(day + timedelta(days=1)), "active": 4 if day.weekday() == 6 else 45})  # fmt: skip
    book = a_book([], seats=seats)
    book.rows["plan_limits"].append({"plan_id": "a1", "metric": "users", "amount": 50, "period": "level"})
    row = subscription(book, date(2026, 9, 27))
    assert (row["seats_active"], row["seat_utilization"], row["seat_utilization_min_30d"]) == (45, 0.9, 0.9)
    assert row["adoption_change_30d"] == 0


def test_a_plan_without_limits_is_at_none_of_them() -> None:
    """The catalogue knows limits, and sets none on this plan: nothing of it is used up, which is not unknown."""
    book = a_book(rows(7, 210, "2026-09-27", 20))
    book.rows["plan_limits"][0]["plan_id"] = "a2"
    assert subscription(book)["plan_limit_used"] == 0


def test_a_user_limit_binds_a_per_unit_plan_too() -> None:
    seats = [{"account_id": "acme", "product_id": "api", **month("2026-09-01"), "active": 10}]
    book = a_book([], seats=seats)
    for plan in book.rows["pricing_plans"]:
        plan["charge"] = "per_unit"
    book.rows["subscriptions"][0]["quantity"] = 20
    book.rows["plan_limits"] = [{"plan_id": "a1", "metric": "users", "amount": 10, "period": "level"}]
    row = subscription(book)
    assert (row["seat_utilization"], row["plan_limit_used"]) == (0.5, 1.0)


def test_an_end_written_as_the_last_day_leaves_no_gap() -> None:
    """The old line ends on 30 November, the new one begins on 1 December: nothing is added, and ownership goes on."""
    book = a_book([])
    line = {**book.rows["subscriptions"][0], "rolling": False, "quantity": 50}
    book.rows["pricing_plans"][0]["charge"] = "per_unit"
    book.rows["subscriptions"] = [
        {**line, "line_id": "old", "valid_from": "2024-12-01", "ends_on": "2026-11-30"},
        {**line, "line_id": "new", "valid_from": "2026-12-01", "booked_on": "2026-09-01"},
    ]
    row = subscription(book)
    assert row["seats_contracted_90d"] == 0
    book.rows["subscriptions"][0]["ends_on"] = "2026-08-31"
    book.rows["subscriptions"][1]["valid_from"] = "2026-09-01"
    assert subscription(book)["days_since_start"] == (AS_OF - date(2024, 12, 1)).days


def test_trial_time_is_not_ownership() -> None:
    """Tried since January 2025, paid since 1 August 2026: owned for 60 days."""
    book = a_book([])
    line = book.rows["subscriptions"][0]
    line["status"] = "trial"
    book.rows["subscriptions"].append({**line, "valid_from": "2026-08-01", "status": "active"})
    assert subscription(book)["days_since_start"] == 60


@pytest.mark.parametrize(("owner", "proof"), [("", "north"), ("north", ""), ("north", "north")])
def test_proof_of_a_unit_and_of_the_whole_account_meet(owner: str, proof: str) -> None:
    outcome = {"outcome_id": "o", "account_id": "acme", "business_unit": proof, "product_id": "api",
               "measured_on": "2026-06-01", "kind": "measured", "sentence": "Twice as fast"}  # fmt: skip
    book = a_book([], outcomes=[outcome])
    book.rows["subscriptions"][0]["business_unit"] = owner
    assert subscription(book)["outcomes_365d"] == 1


def test_proof_of_another_unit_is_none() -> None:
    outcome = {"outcome_id": "o", "account_id": "acme", "business_unit": "south", "product_id": "api",
               "measured_on": "2026-06-01", "kind": "measured", "sentence": "Twice as fast"}  # fmt: skip
    book = a_book([], outcomes=[outcome])
    book.rows["subscriptions"][0]["business_unit"] = "north"
    assert subscription(book)["outcomes_365d"] == 0


@pytest.mark.parametrize(
    ("people", "known"), [((None, None), None), (("k1", None), None), (("k1", "k2", None), 2), (("k1",), 1)]
)
def test_requests_without_a_person_are_nobodys_and_anybodys(people: tuple[str | None, ...], known: int | None) -> None:
    requests = [
        {"request_id": f"r{n}", "account_id": "acme", "product_id": "api", "feature": "sso", "contact_id": who,
         "requested_on": "2026-09-10"}
        for n, who in enumerate(people)
    ]  # fmt: skip
    book = a_book([], feature_requests=requests, plan_features=[{"plan_id": "a2", "feature": "sso"}])
    row = subscription(book)
    assert (row["higher_tier_requests_90d"], row["higher_tier_request_people_90d"]) == (len(people), known)


def test_a_feed_that_begins_after_the_day_says_nothing_of_it() -> None:
    book = a_book([], tickets=[])
    book.spans["tickets"] = (date(2026, 10, 10), date(2026, 10, 31))
    (row,) = book.signals(Scope.ACCOUNT, AS_OF)
    assert row["escalations_open"] is None
    assert "begins 2026-10-10, after 2026-09-30" in str(book.snapshot(AS_OF).missing("tickets"))


def price_rise_book(**more: list[dict[str, Any]]) -> SmallBook:
    rise = {
        "price_change_id": "p",
        "product_id": "api",
        "announced_on": "2026-05-01",
        "effective_on": "2026-06-01",
        "change": "0.05",
    }
    return a_book(rows(7, 210, "2026-09-27", 40), price_changes=[rise], **more)


def test_a_price_rise_looks_at_the_product_that_rose() -> None:
    """An invoice of another product is no payment of the new price; metered use stands in where there are no seats."""
    invoice = {
        "invoice_id": "i",
        "account_id": "acme",
        "issued_on": "2026-07-01",
        "paid_on": "2026-07-10",
        "amount": 100,
    }
    (row,) = price_rise_book(invoices=[{**invoice, "product_id": "desk"}]).signals(Scope.ACCOUNT, AS_OF)
    assert (row["price_increase_invoices_paid"], row["use_since_price_increase"]) == (0, 1.0)
    assert row["price_increase_on"] == AS_OF - timedelta(days=row["days_since_price_increase"])
    (row,) = price_rise_book(invoices=[{**invoice, "product_id": "api"}]).signals(Scope.ACCOUNT, AS_OF)
    assert row["price_increase_invoices_paid"] == 1


def white_space_book() -> SmallBook:
    book = a_book([], accounts=[{**ACCOUNT, "industry": "retail"}])
    book.rows["products"] += [
        {"product_id": "desk", "name": "Desk", "kind": "product"},
        {"product_id": "wfm", "name": "WFM", "kind": "add_on", "parent_product_id": "desk"},
        {"product_id": "lite", "name": "Lite", "kind": "product"},
        {"product_id": "old", "name": "Old", "kind": "product", "retired_on": "2026-01-01"},
        {"product_id": "bank", "name": "Bank", "kind": "module"},
    ]
    book.rows["product_relations"] = [{"product_id": "lite", "relation": "exclusive_with", "other_product_id": "api"}]
    book.rows["product_eligibility"] = [{"product_id": "bank", "attribute": "industry", "value": "banking"}]
    return book


def test_what_cannot_be_offered_says_why() -> None:
    book = white_space_book()
    sql = book.frame(AS_OF).model_statement("ineligible")
    reasons = {row["product_id"]: row["reason"] for row in book.connect().sql(sql).to_arrow_table().to_pylist()}
    assert reasons == {
        "api": "it is owned",
        "wfm": "it belongs to Desk, which is not owned",
        "lite": "it excludes API, which is owned",
        "old": "it is no longer sold",
        "bank": "it is not sold to accounts of this industry",
    }
    assert [row["product_id"] for row in book.signals(Scope.WHITE_SPACE, AS_OF)] == ["desk"]


def test_a_unit_that_owns_nothing_borrows_the_anchor_of_another() -> None:
    book = white_space_book()
    book.rows["business_units"] = [{"account_id": "acme", "business_unit": unit} for unit in ("north", "south")]
    book.rows["subscriptions"][0]["business_unit"] = "north"
    cells = {(r["business_unit"], r["product_id"]): r for r in book.signals(Scope.WHITE_SPACE, AS_OF)}
    assert cells["south", "api"]["anchor_business_unit"] == "north"
    assert ("north", "api") not in cells
