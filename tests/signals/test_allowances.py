"""Allowances: one-off loads, tranches, rollover, terms, days to the wall, what overage cost and what would be cheaper."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from test_use_and_grain import AS_OF, a_book, meter, subscription

from small_book import SmallBook, month


def monthly(values: tuple[float, ...], last: str = "2026-09-01", **more: Any) -> list[dict[str, Any]]:
    """Monthly use, the last value in the month that begins on ``last``."""
    year, number = int(last[:4]), int(last[5:7])
    rows = []
    for back, value in enumerate(reversed(values)):
        at = year * 12 + number - 1 - back
        rows.append({"account_id": "acme", "product_id": "api", "metric": "calls", "value": value,
                     **month(f"{at // 12}-{at % 12 + 1:02}-01"), **more})  # fmt: skip
    return rows


def committed(*values: float, amount: int = 1200, **terms: Any) -> SmallBook:
    """A commitment for the year 2026, and its use by month since January."""
    commitment = {"commitment_id": "c", "account_id": "acme", "product_id": "api", "metric": "calls", "amount": amount,
                  "starts_on": "2026-01-01", "ends_on": "2027-01-01", **terms}  # fmt: skip
    return a_book(monthly(values, f"2026-{len(values):02}-01"), commitments=[commitment])


def booked(book: SmallBook, amount: int, starts: str, ends: str) -> SmallBook:
    book.rows["commitments"].append({"commitment_id": "n", "account_id": "acme", "product_id": "api", "metric": "calls",
                                     "amount": amount, "starts_on": starts, "ends_on": ends,
                                     "booked_on": "2026-01-10"})  # fmt: skip
    return book


# the wall, and when


def test_the_days_to_a_limit_and_their_interval() -> None:
    """July 620, August 660, September 700 of 1,000. On 30 days July's 620 are 600 and August's 660 are 638.71.

    100 more in 60 days, 300 left: 300 × 60 ÷ 100 = 180 days. The last month brought 61.29 (300 × 30 ÷ 61.29 = 146
    days), the one before 38.71 (232 days).
    """
    row = meter(a_book(monthly((600, 620, 660, 700))))
    assert row["allowance_exhausted_in"] == 180
    assert row["allowance_exhausted_on"] == date(2027, 3, 29)
    early, late = row["allowance_exhausted_early_on"], row["allowance_exhausted_late_on"]
    assert ((early - AS_OF).days, (late - AS_OF).days) == (146, 232)


def test_use_that_does_not_grow_reaches_nothing() -> None:
    row = meter(a_book(monthly((700, 700, 700, 600))))
    assert (row["allowance_exhausted_in"], row["allowance_exhausted_on"]) == (None, None)


def test_a_commitment_that_runs_out_early() -> None:
    """200 a month of 1,200: 600 used on 31 March; 200 ÷ 31 a day, so 600 × 31 ÷ 200 = 93 days, until 2 July.

    50% used after 90 of 365 days is 25.3 points ahead; the span ends 276 days after the day, so 183 are uncovered.
    """
    row = meter(committed(200, 200, 200), date(2026, 3, 31))
    assert row["allowance_exhausted_in"] == 93
    assert row["allowance_exhausted_on"] == date(2026, 7, 2)
    assert row["commitment_lead"] == pytest.approx(0.5 - 90 / 365)
    assert row["commitment_days_uncovered"] == 276 - 93
    assert row["commitment_days_elapsed"] == 90


def test_days_count_from_the_day_although_use_is_known_only_until_the_month_before() -> None:
    """On 15 April March is the last month known: 93 days from 31 March are 78 from the 15th."""
    assert meter(committed(200, 200, 200), date(2026, 4, 15))["allowance_exhausted_in"] == 93 - 15


# one-off loads


def test_a_migration_is_no_trend() -> None:
    """100 a month and 900 imported in March: more than twice February and April, so it counts as 100 × days."""
    row = meter(committed(100, 100, 900, 100, 100), date(2026, 5, 31))
    assert row["allowance_used"] == pytest.approx(1300 / 1200)  # what it used stays used
    row = meter(committed(100, 100, 900, 100, 100, amount=2400), date(2026, 5, 31))
    # 1,300 + 100 ÷ 31 a day × 214 days = 1,990 of 2,400
    assert row["allowance_used_ahead"] == pytest.approx((1300 + 100 * 214 / 31) / 2400, abs=1e-3)


def test_the_latest_month_alone_is_no_trend_either_until_it_is_confirmed() -> None:
    """100, 100, 300: set aside, 200 above the month before; 300 again: a level, and projected."""
    row = meter(a_book(monthly((100, 100, 100, 300))))
    assert float(row["usage_one_off_30d"]) == pytest.approx(300 - 100 * 30 / 31, abs=0.01)
    assert row["allowance_used"] == 0.3  # what is used now is what is used
    assert row["allowance_used_ahead"] == pytest.approx(0.1, abs=0.01)
    row = meter(a_book(monthly((100, 100, 300, 300))))
    assert float(row["usage_one_off_30d"]) == 0
    assert row["allowance_used_ahead"] > 0.45


def test_just_twice_the_neighbours_is_growth() -> None:
    """May's 31 in 31 days are 30 in June's 30: 60 is twice that and no more, 61 is 31 too many."""
    row = meter(a_book(monthly((31, 31, 60), "2026-06-01")), date(2026, 6, 30))
    assert float(row["usage_one_off_30d"]) == 0
    row = meter(a_book(monthly((31, 31, 61), "2026-06-01")), date(2026, 6, 30))
    assert float(row["usage_one_off_30d"]) == 31


def test_a_load_that_falls_back_is_no_dip() -> None:
    """3 a day, and 900 imported in July: July counts as 93, and September's 90 are what they always were."""
    row = subscription(a_book(monthly((90, 900, 93, 90))))
    assert row["adoption_change_30d"] == 0


# commitments: tranches, rollover, terms


def test_a_tranche_that_begins_within_the_span_is_headroom() -> None:
    """1,200 and 600 more from July: 600 used by March, the pace ends at 600 + 200 ÷ 31 × 275 = 2,374 of 1,800."""
    plain = meter(committed(200, 200, 200), date(2026, 3, 31))
    book = booked(committed(200, 200, 200), 600, "2026-07-01", "2027-01-01")
    row = meter(book, date(2026, 3, 31))
    assert float(row["allowance_ahead"]) == 1800
    assert row["allowance_used_ahead"] == pytest.approx(plain["allowance_used_ahead"] * 1200 / 1800)
    assert row["allowance_exhausted_in"] == (1800 - 600) * 31 // 200
    assert row["allowance_used"] == plain["allowance_used"]


@pytest.mark.parametrize(("amount", "covers"), [(2400, True), (1200, False)])
def test_the_next_commitment_is_headroom_where_it_allows_todays_pace(amount: int, covers: bool) -> None:
    """200 in 31 days is 2,355 in 365: a next year of 2,400 covers it, one of 1,200 does not."""
    row = meter(booked(committed(200, 200, 200), amount, "2027-01-01", "2028-01-01"), date(2026, 3, 31))
    assert row["commitment_next_covers"] is covers
    assert float(row["allowance_ahead"]) == (1200 + amount if covers else 1200)


def test_a_commitment_not_booked_yet_is_not_known() -> None:
    book = booked(committed(200, 200, 200), 2400, "2027-01-01", "2028-01-01")
    book.rows["commitments"][1]["booked_on"] = "2026-04-01"
    assert meter(book, date(2026, 3, 31))["commitment_next_covers"] is False


@pytest.mark.parametrize(("terms", "left"), [("rollover", 300), ("rate", 0), (None, 0)])
def test_what_was_left_over_rolls_into_the_next_commitment(terms: str | None, left: int) -> None:
    """1,200 in 2025, of which 900 were used: 300 are added to the 1,200 of 2026, where the terms say so."""
    book = committed(*([75] * 3))
    book.rows["usage"] += monthly((75,) * 12, "2025-12-01")
    book.rows["commitments"].append({**book.rows["commitments"][0], "commitment_id": "old", "overage": terms,
                                     "starts_on": "2025-01-01", "ends_on": "2026-01-01"})  # fmt: skip
    row = meter(book, date(2026, 3, 31))
    assert (float(row["allowance"]), float(row["allowance_rolled_over"])) == (1200 + left, left)


@pytest.mark.parametrize(
    ("terms", "binding", "stop"),
    [("hard_stop", True, True), ("rate", True, False), ("unlimited", False, False), (None, True, None)],
)
def test_terms_say_what_happens_beyond(terms: str | None, binding: bool, stop: bool | None) -> None:
    row = meter(committed(200, 200, 200, overage=terms), date(2026, 3, 31))
    assert (row["allowance_binding"], row["allowance_hard_stop"], row["commitment_terms"]) == (binding, stop, terms)


def test_a_pool_of_usage_is_judged_at_its_holder() -> None:
    """acme committed to 1,200 and used 300; its daughter used 450 of it, and has no meter of its own."""
    book = committed(100, 100, 100)
    book.rows["accounts"].append({"account_id": "north", "name": "North", "segment": "mid"})
    book.rows["usage"] += monthly((150, 150, 150), "2026-03-01", account_id="north")
    book.rows["subscriptions"].append(
        {**book.rows["subscriptions"][0], "line_id": "l2", "account_id": "north", "mrr": 0}
    )
    book.rows["entitlement_pools"] = [
        {
            "pool_id": "p",
            "holder_account_id": "acme",
            "product_id": "api",
            "metric": "calls",
            "consumer_account_id": "north",
        }
    ]
    row = meter(book, date(2026, 3, 31))  # one meter only
    assert (row["account_id"], row["allowance_used"], float(row["usage_30d"])) == ("acme", 0.625, 250)


# overage, and what would be cheaper


def test_months_beyond_the_limit_and_what_they_cost() -> None:
    """April to September: 900, 1,100, 1,000, 1,200, 1,000, 1,100 of 1,000; 0.50 a call beyond.

    Two of the last three months are beyond, by 200 and 100: (100 + 0 + 50) ÷ 3 = 50 a month.
    """
    book = a_book(monthly((900, 1100, 1000, 1200, 1000, 1100)))
    book.rows["plan_limits"][0]["overage_price"] = "0.5"
    row = meter(book)
    assert (row["overage_months_180d"], float(row["overage_30d"])) == (3, 100)
    assert row["overage_cost_90d"] == 50_0000


def test_no_overage_is_zero_where_all_months_are_known_and_unknown_where_not() -> None:
    assert meter(a_book(monthly((900,) * 6)))["overage_months_180d"] == 0
    assert meter(a_book(monthly((900,) * 5)))["overage_months_180d"] is None
    assert meter(a_book(monthly((900, 900, 900, 900, 1100))))["overage_months_180d"] == 1
    book = a_book(monthly((900,) * 5))
    book.rows["subscriptions"][0]["valid_from"] = "2026-05-01"  # owned for 152 days: five months are all there are
    assert meter(book)["overage_months_180d"] == 0


def test_overage_without_a_price_is_use_and_not_money() -> None:
    row = meter(a_book(monthly((1100,) * 6)))
    assert (row["overage_months_180d"], row["overage_cost_90d"]) == (6, None)


def test_a_commitment_is_exceeded_from_the_month_in_which_it_runs_out() -> None:
    """200 a month of 1,200: used up by June; July, August and September are beyond, at 2 each: 400 a month."""
    row = meter(committed(*([200] * 9), overage="rate", overage_rate="2"))
    assert (row["overage_months_180d"], row["overage_cost_90d"]) == (3, 400_0000)
    assert row["allowance_exhausted_in"] == 0


@pytest.mark.parametrize(("use", "saving"), [(1500, 250 - 200), (1300, 150 - 200), (1400, 0)])
def test_the_next_plan_is_cheaper_where_overage_costs_more_than_its_step(use: int, saving: int) -> None:
    """100 a month for 1,000 calls and 0.50 each beyond; the next plan costs 300 and limits nothing: a step of 200."""
    book = a_book(monthly((use,) * 6))
    book.rows["plan_limits"][0]["overage_price"] = "0.5"
    row = subscription(book)
    assert row["plan_overage_cost_90d"] == (use - 1000) * 5000
    assert row["next_plan_saving"] == saving * 1_0000
    assert row["plan_overage_months_180d"] == 6


def test_overage_that_stays_on_the_next_plan_is_no_saving() -> None:
    """2,000 calls: 500 beyond today; the next plan allows 1,600, 400 beyond at 0.40 are 160: 500 − 200 − 160 = 140."""
    book = a_book(monthly((2000,) * 6))
    book.rows["plan_limits"] = [
        {"plan_id": "a1", "metric": "calls", "amount": 1000, "overage_price": "0.5"},
        {"plan_id": "a2", "metric": "calls", "amount": 1600, "overage_price": "0.4"},
    ]
    assert subscription(book)["next_plan_saving"] == 140_0000
    del book.rows["plan_limits"][1]["overage_price"]
    assert subscription(book)["next_plan_saving"] is None


def test_who_pays_more_than_the_next_plan_has_no_tier_potential() -> None:
    """350 a month on a plan of 100 list, and the next costs 300: nothing to sell, and it says that prices are known."""
    book = a_book(monthly((990,) * 6))
    book.rows["subscriptions"][0]["mrr"] = 350
    row = subscription(book)
    assert (row["tier_potential_expected"], row["next_plan_priced"]) == (0, True)
    book.rows["plan_prices"] = book.rows["plan_prices"][:1]
    row = subscription(book)
    assert (row["tier_potential_expected"], row["next_plan_priced"]) == (None, False)


def test_a_plan_limit_that_will_be_full_in_60_days() -> None:
    row = subscription(a_book(monthly((620, 620, 690, 800))))
    assert row["plan_limit_used"] == 0.8
    assert row["plan_limit_used_ahead"] == 1.0  # 800 + (800 − 620 × 30 ÷ 31)


# people turned away, limits hit


def turned_away(kind: str, *values: int) -> SmallBook:
    book = a_book([*monthly((500, 500)), *monthly(values, metric="no", product_id="api")])
    book.rows["metrics"].append({"metric": "no", "name": "No", "unit": "times", "kind": kind})
    return book


def test_people_turned_away_and_limits_hit() -> None:
    assert subscription(turned_away("people_blocked", 2, 3))["people_blocked_30d"] == 3
    row = subscription(turned_away("limit_hits", 2, 30))
    assert (row["limit_hits_30d"], row["limit_hits_previous_30d"], row["people_blocked_30d"]) == (30, 2, None)


def test_people_turned_away_by_the_day_are_not_added_up() -> None:
    """Two on one day and three on another may be the same people: at least three."""
    book = turned_away("people_blocked")
    for day, value in ((10, 2), (12, 3)):
        book.rows["usage"].append({"account_id": "acme", "product_id": "api", "metric": "no", "value": value,
                                   "period_start": f"2026-09-{day}", "period_end": f"2026-09-{day + 1}"})  # fmt: skip
    assert subscription(book)["people_blocked_30d"] == 3


def test_nobody_turned_away_is_zero_only_where_somebody_counts() -> None:
    book = turned_away("people_blocked", 2, 3)
    for row in book.rows["usage"]:
        if row["metric"] == "no":
            row["account_id"] = "other"
    book.rows["accounts"].append({"account_id": "other", "name": "Other", "segment": "mid"})
    assert subscription(book)["people_blocked_30d"] == 0
    assert subscription(a_book(monthly((500, 500))))["people_blocked_30d"] is None


def test_where_no_limit_is_set_none_is_hit_and_nobody_has_to_count() -> None:
    book = a_book(monthly((500, 500)))
    assert subscription(book)["limit_hits_30d"] is None, "the plan limits calls, and nobody counts refusals"
    for limit in book.rows["plan_limits"]:
        limit["plan_id"] = "another"
    row = subscription(book)
    assert (row["limit_hits_30d"], row["limit_hits_previous_30d"]) == (0, 0)
    book.rows["commitments"] = [{"commitment_id": "c", "account_id": "acme", "product_id": "api", "metric": "calls",
                                 "amount": 1200, "starts_on": "2026-01-01", "ends_on": "2027-01-01"}]  # fmt: skip
    assert subscription(book)["limit_hits_30d"] is None, "a commitment may stop them as well"


def test_the_limit_hit_most_is_named() -> None:
    book = turned_away("limit_hits", 2, 30)
    book.rows["metrics"][-1]["limited_metric"] = "calls"
    assert subscription(book)["limit_hit_most"] == "Calls"


def shared(own: tuple[float, ...], other: tuple[float, ...], **more: Any) -> SmallBook:
    """The commitment of the year 2026 on the API, on which the batch product draws too."""
    book = committed(*own, **more)
    book.rows["commitment_products"] = [{"commitment_id": "c", "product_id": product} for product in ("api", "batch")]
    book.rows["usage"] += monthly(other, product_id="batch")
    return book


def test_a_shared_commitment_is_paced_on_all_products_that_draw_on_it() -> None:
    """60 + 40 in each of nine months: 900 of 1,200 used, and September's 100 in 30 days go on for 92 more: 1,206.7."""
    row = meter(shared((60,) * 9, (40,) * 9))
    assert (row["usage_30d"], row["allowance_used"]) == (100, pytest.approx(0.75))
    assert row["allowance_used_ahead"] == pytest.approx((900 + 100 * 92 / 30) / 1200)
    assert row["allowance_exhausted_in"] == 300 * 30 // 100


def test_a_product_that_began_to_draw_lately_is_in_the_pace_of_today() -> None:
    """Batch began in September with 60 beside the API's 60: the pace is 120 a month, and August's was 60."""
    row = meter(shared((60,) * 9, (60,)))
    assert (row["usage_30d"], row["usage_previous_30d"]) == (120, 60)


def test_use_of_another_product_alone_is_the_pace_of_what_it_draws_on() -> None:
    """Nobody has called the API since August: where the feed is complete, September's 50 of batch are all of it."""
    book = shared((60,) * 8, (50,) * 9)
    book.rows["usage"] = [r for r in book.rows["usage"] if r["product_id"] == "batch"] + monthly(
        (60,) * 8, "2026-08-01"
    )
    assert meter(book)["usage_30d"] is None, "a missing row may be a missing export"
    book.complete = ("usage",)
    assert meter(book)["usage_30d"] == 50
