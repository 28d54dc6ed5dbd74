"""How a product is used: the season, breadth, regularity, the engagement score, and going live."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from test_allowances import monthly
from test_seat_signals import a_book as seat_book
from test_seat_signals import one
from test_use_and_grain import a_book, subscription

from small_book import SmallBook, month
from upcross.signals.model import Scope


def over_two_years(now: dict[str, int]) -> SmallBook:
    """A school: 100 people in term and 20 in August 2025; ``now`` overrides months of 2026."""
    active = {f"2025-{m:02}-01": 20 if m == 8 else 100 for m in range(1, 13)}
    active |= {f"2026-{m:02}-01": 100 for m in range(1, 8)} | now
    book = seat_book(active, quantity=120)
    book.rows["subscriptions"][0].update(valid_from="2024-01-01", term_ends_on="2027-01-01")
    return book


@pytest.mark.parametrize(
    ("august", "change", "of_year", "in_season", "unexplained"),
    [
        (20, -0.8, 0.0, 0.0, 0.0),  # closed, as every August
        (10, -0.9, -0.5, -0.5, -0.5),  # half of those who come even in August are gone
        (100, 0.0, 4.0, 4.0, 4.0),
    ],
)
def test_a_summer_closure_is_no_dip(
    august: int, change: float, of_year: float, in_season: float, unexplained: float
) -> None:
    row = one(over_two_years({"2026-08-01": august}), date(2026, 8, 31))
    assert row["adoption_change_30d"] == pytest.approx(change)
    assert row["adoption_change_yoy_30d"] == pytest.approx(of_year)
    assert row["adoption_change_in_season_30d"] == pytest.approx(in_season)
    assert row["adoption_change_unexplained_30d"] == pytest.approx(unexplained)


def test_growth_over_the_year_does_not_hide_a_fall() -> None:
    """100 a year ago, 200 in spring, 140 now: 40% above last year, and a third below the months before."""
    book = over_two_years({f"2026-{m:02}-01": 200 for m in (3, 4, 5)} | {"2026-06-01": 140})
    row = one(book, date(2026, 6, 30))
    assert row["adoption_change_yoy_30d"] == pytest.approx(0.4)
    assert row["adoption_change_in_season_30d"] == pytest.approx(-0.3)


def test_without_a_year_of_history_the_season_is_unknown() -> None:
    row = one(seat_book({"2025-12-01": 42, "2026-01-01": 44, "2026-02-01": 46, "2026-03-01": 22}))
    assert (row["adoption_change_yoy_30d"], row["adoption_change_in_season_30d"]) == (None, None)
    assert row["adoption_change_unexplained_30d"] == pytest.approx(-0.5)  # 22 against 44: a fall until a year is known


def test_a_month_that_is_usually_better_does_not_make_a_fall_of_growth() -> None:
    """100 in July 2025, 200 in August; 110 this August is 10% up on the months before, and no fall although less."""
    book = over_two_years({"2026-08-01": 110})
    book.rows["seats"] = [
        r | ({"active": 200} if r["period_start"] == "2025-08-01" else {}) for r in book.rows["seats"]
    ]
    row = one(book, date(2026, 8, 31))
    assert row["adoption_change_in_season_30d"] == pytest.approx(1.1 / 2 - 1)
    assert row["adoption_change_unexplained_30d"] == pytest.approx(0.1)


def test_the_season_of_metered_use() -> None:
    """10 a day all year round, 2 a day in August: closed, as every year."""
    days = {m: (date(2025 + m // 12, m % 12 + 1, 1)) for m in range(20)}
    use = []
    for first in days.values():
        period = month(str(first))
        length = (date.fromisoformat(period["period_end"]) - first).days
        use.append({"account_id": "acme", "product_id": "api", "metric": "calls", **period,
                    "value": length * (2 if first.month == 8 else 10)})  # fmt: skip
    row = subscription(a_book(use), date(2026, 8, 31))
    assert row["adoption_change_30d"] == pytest.approx(-0.8)
    assert row["adoption_change_in_season_30d"] == pytest.approx(0)


def test_breadth_is_the_share_of_the_functions_that_anybody_has() -> None:
    """Others use exports and alerts as well: acme has one of three; what counts refusals is no function."""
    book = a_book(monthly((500, 500)))
    assert subscription(book)["breadth_30d"] is None  # one metric alone says nothing of breadth
    for metric in ("exports", "alerts"):
        book.rows["usage"] += monthly((9, 9), metric=metric, account_id="other")
    book.rows["usage"] += monthly((9, 9), metric="no")
    book.rows["metrics"].append({"metric": "no", "name": "No", "unit": "times", "kind": "limit_hits"})
    assert subscription(book)["breadth_30d"] == pytest.approx(1 / 3)


def daily(product: str, values: tuple[float, ...], key: str) -> list[dict[str, Any]]:
    """One row a day until Sunday 27 September 2026."""
    rows = []
    for back, value in enumerate(reversed(values)):
        day = date(2026, 9, 27) - timedelta(days=back)
        rows.append({"account_id": "acme", "product_id": product, "period_start": str(day),
                     "period_end": str(day + timedelta(days=1)), key: value})  # fmt: skip
    return rows


def test_people_by_the_day_show_how_regularly_they_come() -> None:
    """Four weeks of 40, 30, 30, 30, 20 on working days and nobody at weekends: 30 on average of 40 on the busiest."""
    book = a_book([], seats=daily("api", (40, 30, 30, 30, 20, 0, 0) * 4, "active"))
    assert subscription(book, date(2026, 9, 27))["stickiness_28d"] == 0.75


def test_use_by_the_day_shows_it_where_people_are_not_counted() -> None:
    """Used on three of five working days; weekends do not count."""
    use = [{**row, "metric": "calls"} for row in daily("api", (9, 0, 9, 0, 9, 9, 9) * 4, "value")]
    assert subscription(a_book(use), date(2026, 9, 27))["stickiness_28d"] == pytest.approx(0.6)
    assert subscription(a_book(monthly((500, 500))))["stickiness_28d"] is None


def test_the_engagement_score_of_what_is_known() -> None:
    """48 of 50 seats (100 points, weight 40), 9% more people (100, weight 20); nothing else is known: 6,000 ÷ 60."""
    row = one(seat_book({"2025-12-01": 42, "2026-01-01": 44, "2026-02-01": 46, "2026-03-01": 48}))
    assert (row["engagement_score"], row["engagement_weight_known"]) == (100, 60)
    row = one(seat_book({"2025-12-01": 30, "2026-01-01": 30, "2026-02-01": 30, "2026-03-01": 27}))
    # 54% of seats: 50 points; a tenth fewer people: 50 points
    assert row["engagement_score"] == (40 * 50 + 20 * 50) // 60
    row = one(seat_book({"2026-03-01": 48}))
    assert (row["engagement_score"], row["engagement_weight_known"]) == (None, 40)  # the trend is not known


def test_going_live_and_first_value() -> None:
    """Begun on 1 March 2025, live after 31 days, first value after 92; on 31 March 2026 that was 364 and 303 days ago."""
    book = seat_book({"2026-03-01": 48})
    book.rows["implementations"] = [
        {"account_id": "acme", "product_id": "crm", "started_on": "2025-03-01", "live_on": "2025-04-01",
         "first_value_on": "2025-06-01"},
    ]  # fmt: skip
    row = one(book)
    assert (row["days_to_live"], row["days_to_first_value"]) == (31, 92)
    assert (row["days_since_live"], row["days_since_first_value"]) == (364, 303)
    book.rows["implementations"][0]["first_value_on"] = "2026-04-02"  # not known yet
    assert one(book)["days_to_first_value"] is None


@pytest.mark.parametrize(("measured", "recent"), [("2026-01-01", 1), ("2025-12-31", 0)])
def test_results_of_the_last_90_days(measured: str, recent: int) -> None:
    outcome = {"outcome_id": "o", "account_id": "acme", "product_id": "crm", "measured_on": measured,
               "kind": "measured", "sentence": "Twice as fast"}  # fmt: skip
    row = one(seat_book({"2026-03-01": 48}, outcomes=[outcome]))
    assert (row["outcomes_90d"], row["outcomes_365d"]) == (recent, 1)


def test_a_support_offer_is_as_much_in_use_as_what_it_serves() -> None:
    """48 of 50 seats of the CRM are in use; the support that goes with it has neither seats nor use of its own."""
    book = seat_book({"2025-12-01": 44, "2026-01-01": 44, "2026-02-01": 44, "2026-03-01": 48})
    book.rows["products"].append({"product_id": "care", "name": "Care", "kind": "support"})
    for rank, price in ((1, "100"), (2, "300")):
        book.rows["pricing_plans"].append({"plan_id": f"care{rank}", "product_id": "care", "name": f"Care {rank}",
                                           "rank": rank, "charge": "flat"})  # fmt: skip
        book.rows["plan_prices"].append({"plan_id": f"care{rank}", "list_price": price})
    line = book.rows["subscriptions"][0]
    book.rows["subscriptions"].append({**line, "line_id": "s", "product_id": "care", "plan_id": "care1", "quantity": 1,
                                       "mrr": 100})  # fmt: skip
    care, crm = sorted(book.signals(Scope.SUBSCRIPTION, date(2026, 3, 31)), key=lambda row: str(row["product_id"]))
    assert care["adoption"] == crm["adoption"] == pytest.approx(0.96)
    assert care["adoption_change_30d"] == pytest.approx(48 / 44 - 1)
    assert (care["support_potential_expected"], crm["support_potential_expected"]) == (200_0000, None)


def test_a_plan_that_limits_nothing_has_no_overage() -> None:
    book = a_book(monthly((500,) * 6))
    book.rows["plan_limits"][0]["plan_id"] = "a2"
    row = subscription(book)
    assert (row["plan_overage_months_180d"], row["plan_overage_cost_90d"]) == (0, 0)
    assert row["next_plan_saving"] == -200_0000  # the next plan costs 300 and not 100
