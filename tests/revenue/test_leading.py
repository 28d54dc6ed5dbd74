"""Leading indicators: adoption, white-space coverage and engagement at the end of a month, as known then."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from money_book import book, line, move

from upcross.numbers.leading import Leading, adoption, coverage, engagement, led, white_space
from upcross.revenue.rate import Part, Rate

DAY = date(2026, 6, 30)
OLD = "2024-01-01"
PRODUCTS = [{"product_id": name, "name": name.title(), "kind": "product"} for name in ("crm", "desk", "mail")]


def measured(measure: Any, **tables: list[dict[str, Any]]) -> Any:
    made = book(tables.pop("subscriptions", [line("a", "a", OLD, 100), line("b", "b", OLD, 50)]),
                products=PRODUCTS, **tables)  # fmt: skip
    return measure(made.connect(), made.frame(DAY, None))


def test_coverage_counts_cells_with_an_open_deal_or_a_dated_objective_of_somebody() -> None:
    """Two accounts own the CRM and lack Desk and Mail: 4 cells. a has an open deal for Desk (a lost one for Mail does
    not count); b wants Mail by autumn and a contact says so (Desk without a contact does not count): 2 of 4."""
    deals = [
        {"crm_opportunity_id": "o1", "account_id": "a", "created_on": "2026-05-01"},
        {
            "crm_opportunity_id": "o2",
            "account_id": "a",
            "created_on": "2026-03-01",
            "closed_on": "2026-04-01",
            "result": "lost",
        },
    ]
    rate = measured(
        coverage,
        crm_opportunities=deals,
        crm_opportunity_lines=[{"crm_opportunity_id": "o1", "line_id": "1", "product_id": "desk"},
                               {"crm_opportunity_id": "o2", "line_id": "1", "product_id": "mail"}],
        objectives=[
            {"objective_id": "g1", "account_id": "b", "product_id": "mail", "set_on": "2026-04-01", "due_on": "2026-10-01",
             "contact_id": "p", "sentence": "One inbox"},
            {"objective_id": "g2", "account_id": "b", "product_id": "desk", "set_on": "2026-04-01", "due_on": "2026-10-01",
             "sentence": "Fewer calls"},
        ],
    )  # fmt: skip
    assert rate.exact == Fraction(2, 4)


def test_a_deal_that_closed_later_was_open_then() -> None:
    deals = [
        {
            "crm_opportunity_id": "o",
            "account_id": "a",
            "created_on": "2026-05-01",
            "closed_on": "2026-07-15",
            "result": "won",
        }
    ]
    about = [{"crm_opportunity_id": "o", "line_id": "1", "product_id": "desk"}]
    assert measured(coverage, crm_opportunities=deals, crm_opportunity_lines=about).exact == Fraction(1, 4)


def test_products_that_do_not_count_are_no_white_space() -> None:
    made = book([line("a", "a", OLD, 100)], products=[*PRODUCTS[:2], {**PRODUCTS[2], "counts_as_product": False}])
    assert white_space(made.connect(), made.frame(DAY, None)) == [("a", "", "desk")]


def test_coverage_without_deals_names_the_table() -> None:
    assert "crm_opportunities" in measured(coverage).reason


def test_engagement_counts_people_of_the_last_90_days_once() -> None:
    """a: two people, one of them twice, a third in January; b: nobody. 2 people over 2 paying accounts."""
    met = [("1", "p", "2026-06-01"), ("2", "p", "2026-06-20"), ("3", "q", "2026-04-15"), ("4", "r", "2026-01-15")]
    rate = measured(engagement, activities=[
        {"activity_id": key, "account_id": "a", "contact_id": who, "happened_on": day, "kind": "call"} for key, who, day in met
    ])  # fmt: skip
    assert rate.exact == 1


def test_whether_indicators_led_compares_who_stood_high_with_who_stood_low() -> None:
    """Read in March and June: a, b adopt above the median, c, d do not. a added seats in May (2 months on), b in
    October (too late), d a product in July. Deeper: 1 of 4 above, 0 of 4 below; wider: 0 of 4 and 1 of 4."""
    standing = Rate.over([Part(name, points, 100) for name, points in (("a", 90), ("b", 80), ("c", 40), ("d", 30))],
                         empty="", money=False)  # fmt: skip
    nothing = Rate.unknown("no table", money=False)
    months = [Leading(date(2026, month, 1), standing, nothing, nothing) for month in range(1, 10)]
    moves = [
        move("a", 5, "seats", 10),
        move("b", 10, "seats", 10),
        move("d", 7, "cross_sell", 10),
        move("c", 7, "price", 9),
    ]
    found = {(item.indicator, item.motion.value): item for item in led(months, moves, date(2026, 9, 1))}
    deeper, wider = found["adoption", "upsell"], found["adoption", "cross_sell"]
    assert [(rate.numerator, rate.denominator) for rate in (deeper.high, deeper.low)] == [(1, 4), (0, 4)]
    assert [(rate.numerator, rate.denominator) for rate in (wider.high, wider.low)] == [(0, 4), (1, 4)]
    assert found["coverage", "upsell"].high.reason == "not known of any account"
    assert led(months[::-3][::-1], moves, date(2026, 9, 1)) == list(found.values())  # a reading in three is enough
    assert led(months[7:], moves, date(2026, 9, 1))[0].low.reason == "no reading with 3 months after it"


def test_adoption_is_the_mean_over_accounts_and_not_over_seats() -> None:
    """a uses 9 of 10, b 50 of 100: (0.9 + 0.5) / 2 = 0.7; over seats it would be 59 of 110."""
    rate = measured(
        adoption,
        subscriptions=[line("a", "a", OLD, 100, quantity=10, plan_id="std"), line("b", "b", OLD, 900, quantity=100, plan_id="std")],
        pricing_plans=[{"plan_id": "std", "product_id": "crm", "name": "Standard", "rank": 1, "charge": "per_unit"}],
        seats=[{"account_id": account, "product_id": "crm", "period_start": "2026-06-01", "period_end": "2026-07-01",
                "assigned": active, "active": active} for account, active in (("a", 9), ("b", 50))],
    )  # fmt: skip
    assert rate.exact == Fraction(7, 10)
