"""Each rule of the movements on a book of at most five rows; the arithmetic stands in the docstring."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from contract_book import AS_OF, book, check_balance, line, models, moves, rows
from upcross.signals.frame import Frame
from upcross.signals.registry import Registry


def test_new_is_the_first_month_of_an_account() -> None:
    """10 seats × 12 = 120 from 10 March: March gains 120, all of it new, whatever the product."""
    found = moves(book(line("a", "2025-03-10", 10, 120), line("b", "2025-03-15", 1, 300, product_id="api", plan_id="api1")),
                  opening=True)  # fmt: skip
    assert found == [("2025-03", "api", "new", 300), ("2025-03", "crm", "new", 120)]


def test_churn_and_return() -> None:
    """120 until 1 June: 31 May still counts it, June loses 120; 80 from September is a return, not new: it paid before."""
    small = book(line("a", "2025-01-01", 10, 120, ends_on="2025-06-01"), line("b", "2025-09-05", 8, 80))
    assert moves(small) == [("2025-06", "crm", "churn", -120), ("2025-09", "crm", "reactivation", 80)]


def test_a_trial_is_no_customer_until_it_pays() -> None:
    """Trial in March, 120 from April: April gains 120, new; the trial itself moves nothing."""
    small = book(line("a", "2025-03-01", 10, 120, status="trial"), line("a", "2025-04-01", 10, 120))
    assert moves(small, opening=True) == [("2025-04", "crm", "new", 120)]


def test_a_free_plan_is_no_customer_until_it_pays() -> None:
    """Free from January, 120 from April: April gains 120, new."""
    small = book(line("a", "2025-01-01", 10, 0), line("a", "2025-04-01", 10, 120))
    assert moves(small, opening=True) == [("2025-04", "crm", "new", 120)]


@pytest.mark.parametrize(("product", "kind", "motion", "mechanism"), [
    ("desk", "cross_sell", "cross_sell", "product"),
    ("audit", "cross_sell", "cross_sell", "module"),
    ("sms", "cross_sell", "cross_sell", "add_on"),
    ("care", "support", "upsell", "support"),
])  # fmt: skip
def test_a_product_never_owned_before(product: str, kind: str, motion: str, mechanism: str) -> None:
    """50 for something never owned, beside CRM at 100: cross-sell by its kind; support is upsell."""
    small = book(line("a", "2025-01-01", 10, 100), line("b", "2025-04-01", 1, 50, product_id=product, plan_id=None))
    assert moves(small) == [("2025-04", product, kind, 50)]
    [row] = [row for row in rows(small, "movements") if row["kind"] == kind]
    assert (row["motion"], row["mechanism"], row["origin"]) == (motion, mechanism, "new")


def test_a_product_dropped_and_taken_again() -> None:
    """Desk 50 until June while CRM stays: −50 contraction; 60 from October: owned before, so it returns, +60."""
    small = book(line("a", "2025-01-01", 10, 100),
                 line("b", "2025-02-01", 5, 50, product_id="desk", plan_id="desk1", ends_on="2025-06-01"),
                 line("c", "2025-10-01", 6, 60, product_id="desk", plan_id="desk1"))  # fmt: skip
    assert moves(small)[1:] == [
        ("2025-06", "desk", "contraction_product", -50),
        ("2025-10", "desk", "reactivation_product", 60),
    ]


def test_a_second_unit_with_the_same_product_is_a_line_of_its_own() -> None:
    """CRM 100 in unit emea; unit us takes CRM for 70: a new buyer, cross-sell +70 on the unit's own line."""
    small = book(
        line("a", "2025-01-01", 10, 100, business_unit="emea"), line("b", "2025-05-01", 7, 70, business_unit="us")
    )
    assert moves(small) == [("2025-05", "crm", "cross_sell", 70)]


def test_seats_at_the_old_price() -> None:
    """100 seats × 12.50 = 1,250 → 250 × 12.50 = 3,125: 150 more seats × 12.50 = +1,875."""
    small = book(line("a", "2025-01-01", 100, 1250), line("a", "2025-05-01", 250, 3125))
    assert moves(small) == [("2025-05", "crm", "seats", 1875)]


def test_fewer_seats_bear_the_same_name() -> None:
    """100 × 12.50 → 80 × 12.50: 20 fewer seats = −250."""
    small = book(line("a", "2025-01-01", 100, 1250), line("a", "2025-05-01", 80, 1000))
    assert moves(small) == [("2025-05", "crm", "seats", -250)]


def test_seats_and_price_in_one_month() -> None:
    """50 × 10 = 500 → 60 × 11 = 660: seats (60 − 50) × 10 = 100; price (11 − 10) × 60 = 60; together 160."""
    small = book(line("a", "2025-01-01", 50, 500), line("a", "2025-05-01", 60, 660))
    assert moves(small) == [("2025-05", "crm", "price", 60), ("2025-05", "crm", "seats", 100)]


def test_seats_at_a_price_that_does_not_divide() -> None:
    """3 seats for 100 → 4 seats for 140: 100 × 4 ÷ 3 = 133.3333 (cut); seats 33.3333, price the difference 6.6667."""
    small = book(line("a", "2025-01-01", 3, 100), line("a", "2025-05-01", 4, 140))
    assert moves(small) == [
        ("2025-05", "crm", "price", Decimal("6.6667")),
        ("2025-05", "crm", "seats", Decimal("33.3333")),
    ]


def test_tier_with_list_prices_on_both_sides() -> None:
    """20 × 9 (list 10) → 20 × 13 (list 15): tier = list step (15 − 10) × 20 = 100; the rest of +80 is price: −20."""
    small = book(line("a", "2025-01-01", 20, 180), line("a", "2025-05-01", 20, 260, plan_id="pro"))
    assert moves(small) == [("2025-05", "crm", "price", -20), ("2025-05", "crm", "tier", 100)]


def test_tier_and_seats_in_one_month() -> None:
    """20 × 10 → 30 × 15 = 450: seats (30 − 20) × 10 = 100; tier (15 − 10) × 30 = 150; together 250."""
    small = book(line("a", "2025-01-01", 20, 200), line("a", "2025-05-01", 30, 450, plan_id="pro"))
    assert moves(small) == [("2025-05", "crm", "seats", 100), ("2025-05", "crm", "tier", 150)]


def test_tier_without_a_list_price() -> None:
    """20 × 10 → 20 × 18 on a plan without a list price: all of (18 − 10) × 20 = 160 is tier."""
    small = book(line("a", "2025-01-01", 20, 200), line("a", "2025-05-01", 20, 360, plan_id="bare"))
    assert moves(small) == [("2025-05", "crm", "tier", 160)]


def test_an_upward_move_at_a_lower_price_is_never_negative_tier() -> None:
    """20 × 10 → 20 × 9 on the higher plan: no list price: −20 is price. With one: tier (15 − 10) × 20 = +100, price −120."""
    bare = book(line("a", "2025-01-01", 20, 200), line("a", "2025-05-01", 20, 180, plan_id="bare"))
    assert moves(bare) == [("2025-05", "crm", "price", -20)]
    listed = book(line("a", "2025-01-01", 20, 200), line("a", "2025-05-01", 20, 180, plan_id="pro"))
    assert moves(listed) == [("2025-05", "crm", "price", -120), ("2025-05", "crm", "tier", 100)]


def test_a_downgrade_is_tier_with_a_minus() -> None:
    """20 × 15 → 20 × 10: (10 − 15) × 20 = −100, tier."""
    small = book(line("a", "2025-01-01", 20, 300, plan_id="pro"), line("a", "2025-05-01", 20, 200))
    assert moves(small) == [("2025-05", "crm", "tier", -100)]


def test_a_few_seats_on_the_higher_plan() -> None:
    """100 × 10 → 90 × 10 + 10 × 15 = 1,050: no seat more; ten of them step by 15 − 10: tier +50."""
    small = book(
        line("a", "2025-01-01", 100, 1000),
        line("a", "2025-05-01", 90, 900),
        line("b", "2025-05-01", 10, 150, plan_id="pro"),
    )
    assert moves(small) == [("2025-05", "crm", "tier", 50)]


def test_a_list_price_that_rose_is_no_part_of_the_tier() -> None:
    """Sold at 10 when the list said 10; both lists rise by 2 in May, and in May it moves to Pro at 17.

    At May's lists the step is 17 − 12 = 5: tier 5 × 20 = 100. The other 2 × 20 = 40 is the rise of the list: price.
    """
    dated = [{"plan_id": plan, "list_price": price, "valid_from": day}
             for plan, price, day in (("std", 10, "2024-01-01"), ("std", 12, "2025-05-01"),
                                      ("pro", 15, "2024-01-01"), ("pro", 17, "2025-05-01"))]  # fmt: skip
    small = book(line("a", "2025-01-01", 20, 200), line("a", "2025-05-10", 20, 340, plan_id="pro"), plan_prices=dated)
    assert moves(small) == [("2025-05", "crm", "price", 40), ("2025-05", "crm", "tier", 100)]


def test_flat_plans_step_by_their_list_price() -> None:
    """300 (list 300) → 750 (list 800): tier 800 − 300 = 500, price −50. The quantity of a flat plan is no price factor."""
    small = book(line("a", "2025-01-01", 1, 300, product_id="api", plan_id="api1"),
                 line("a", "2025-05-01", 5, 750, product_id="api", plan_id="api2"))  # fmt: skip
    assert moves(small) == [("2025-05", "api", "price", -50), ("2025-05", "api", "tier", 500)]


def test_the_same_rank_at_another_price_is_price() -> None:
    """20 × 10 → 20 × 10.50: (10.50 − 10) × 20 = 10, price: no motion."""
    small = book(line("a", "2025-01-01", 20, 200), line("a", "2025-05-01", 20, 210))
    assert moves(small) == [("2025-05", "crm", "price", 10)]
    [row] = [row for row in rows(small, "movements") if row["kind"] == "price"]
    assert (row["motion"], row["mechanism"]) == ("", "")


def test_the_end_of_a_discount_that_a_new_version_shows() -> None:
    """20 × 10 less 20 % = 160, then 20 × 10.50 = 210: the discount's end gives 40, the rest of +50 is price: 10."""
    small = book(
        line("a", "2025-01-01", 20, 160, discount="0.2", discount_ends_on="2025-05-01"),
        line("a", "2025-05-01", 20, 210),
    )
    assert moves(small) == [("2025-05", "crm", "discount_end", 40), ("2025-05", "crm", "price", 10)]


def test_the_end_of_a_discount_that_no_version_shows() -> None:
    """160 with 20 % off until 15 May, one row: from May 160 ÷ 0.8 = 200, +40 by the discount's end."""
    small = book(line("a", "2025-01-01", 20, 160, discount="0.2", discount_ends_on="2025-05-15"))
    assert moves(small) == [("2025-05", "crm", "discount_end", 40)]
    assert [r["mrr"] for r in rows(small, "product_months")] == [1_600_000] * 4 + [2_000_000] * 8


def test_a_discount_that_goes_on_is_no_end() -> None:
    """160 with 20 % off, renewed at 150 with 25 % off: −10, price."""
    small = book(line("a", "2025-01-01", 20, 160, discount="0.2"), line("a", "2025-05-01", 20, 150, discount="0.25"))
    assert moves(small) == [("2025-05", "crm", "price", -10)]


def test_a_full_discount_ends_at_the_list_price() -> None:
    """Free for two months (100 % off 20 × 10), beside the API at 300: in May +200 by the discount's end."""
    small = book(line("b", "2025-01-01", 1, 300, product_id="api", plan_id="api1"),
                 line("a", "2025-03-01", 20, 0, discount=1, list_unit_price=10, discount_ends_on="2025-05-01"))  # fmt: skip
    assert moves(small) == [("2025-05", "crm", "discount_end", 200)]


def test_a_contracted_escalator() -> None:
    """20 × 10 with 3 % a year, next year 206: +6 escalator. Renewed at 210 instead: 6 escalator, 4 price."""
    first = line("a", "2024-05-01", 20, 200, escalator="0.03", term_ends_on="2025-05-01")
    said = book(first, line("a", "2025-05-01", 20, 206, origin="contracted_escalator"))
    assert moves(said) == [("2025-05", "crm", "escalator", 6)]
    renewed = book(first, line("a", "2025-05-01", 20, 210))
    assert moves(renewed) == [("2025-05", "crm", "escalator", 6), ("2025-05", "crm", "price", 4)]
    origins = {r["kind"]: r["origin"] for r in rows(renewed, "movements")}
    assert (origins["escalator"], origins["price"]) == ("contracted_escalator", "renewal")


def test_a_ramp_is_seats_with_its_origin() -> None:
    """10 seats from January, 20 from May, agreed at the start: +10 × 10 = 100, seats, contracted ramp."""
    ramp = {"booked_on": "2024-12-01", "origin": "contracted_ramp"}
    small = book(line("a", "2025-01-01", 10, 100, booked_on="2024-12-01"), line("a", "2025-05-01", 20, 200, **ramp))
    assert moves(small) == [("2025-05", "crm", "seats", 100)]
    assert rows(small, "movements")[-1]["origin"] == "contracted_ramp"
    assert moves(small, date(2025, 4, 30)) == [], "a step that is contracted for later is no money yet"


def test_a_co_termed_amendment_counts_at_its_full_monthly_rate() -> None:
    """50 × 10; on 20 August 5 more seats are billed pro rata to the term's end: +5 × 10 = 50 from August."""
    term = {"term_ends_on": "2026-01-01"}
    small = book(line("a", "2025-01-01", 50, 500, **term), line("b", "2025-08-20", 5, 50, origin="amendment", **term))
    assert moves(small) == [("2025-08", "crm", "seats", 50)]


def test_a_currency_change_is_fx() -> None:
    """1,000 EUR → 1,000 USD at 0.90: −100, fx; ten more seats later at 0.90 × 10 = +90, seats."""
    rates = [{"currency": "USD", "valid_from": "2020-01-01", "rate": "0.9"}]
    small = book(line("a", "2025-01-01", 100, 1000), line("a", "2025-05-01", 100, 1000, currency="USD"),
                 line("a", "2025-07-01", 110, 1100, currency="USD"), exchange_rates=rates)  # fmt: skip
    assert moves(small) == [("2025-05", "crm", "fx", -100), ("2025-07", "crm", "seats", 90)]


def test_a_missing_rate_is_unknown_and_named() -> None:
    """1,000 in a currency without a rate: the amount is null, the kind unknown; no price is made up."""
    small = book(line("a", "2025-01-01", 100, 1000), line("b", "2025-05-01", 5, 70, product_id="desk", currency="CHF"))
    found = [
        (row["product_id"], row["kind"], row["amount"]) for row in rows(small, "movements") if row["kind"] != "new"
    ]
    assert found == [("desk", "unknown", None)]


def test_support_raised_and_dropped() -> None:
    """Care 100 → Care plus 250: support +150; dropped: support −250. Both upsell, never cross-sell."""
    care = {"product_id": "care", "plan_id": "care1"}
    small = book(line("a", "2025-01-01", 10, 100), line("b", "2025-01-01", 1, 100, **care),
                 line("b", "2025-05-01", 1, 250, product_id="care", plan_id="care2", ends_on="2025-09-01"))  # fmt: skip
    assert moves(small) == [("2025-05", "care", "support", 150), ("2025-09", "care", "support", -250)]


def test_a_commitment_is_recurring_and_its_growth_is_usage() -> None:
    """12,000 a year = 1,000 a month; the next year 18,000 = 1,500: usage +500."""
    terms = {"account_id": "acme", "product_id": "api", "metric": "calls"}
    small = book(line("a", "2024-01-01", 10, 100), commitments=[
        {**terms, "commitment_id": "c1", "amount": 1200, "price": 12000, "starts_on": "2024-05-01", "ends_on": "2025-05-01"},
        {**terms, "commitment_id": "c2", "amount": 1800, "price": 18000, "starts_on": "2025-05-01", "ends_on": "2026-05-01"},
    ])  # fmt: skip
    assert moves(small) == [("2024-05", "api", "cross_sell", 1000), ("2025-05", "api", "usage", 500)]


def test_a_commitment_that_a_line_already_bears_is_counted_once() -> None:
    """A flat line of 1,000 a month is the commitment of 12,000 a year; both grow to 1,500: usage +500, not price."""
    terms = {"account_id": "acme", "product_id": "api", "metric": "calls"}
    flat = {"product_id": "api", "plan_id": "api1"}
    small = book(line("a", "2024-05-01", 1, 1000, **flat), line("a", "2025-05-01", 1, 1500, **flat), commitments=[
        {**terms, "commitment_id": "c1", "amount": 1200, "price": 12000, "starts_on": "2024-05-01", "ends_on": "2025-05-01"},
        {**terms, "commitment_id": "c2", "amount": 1800, "price": 18000, "starts_on": "2025-05-01", "ends_on": "2026-05-01"},
    ])  # fmt: skip
    assert moves(small) == [("2025-05", "api", "usage", 500)]


def test_paused_lines_bring_nothing_meanwhile() -> None:
    """Desk 50 paused in May, back in August, CRM stays: −50 dropped for the time, +50 returned."""
    desk = {"product_id": "desk", "plan_id": "desk1"}
    small = book(line("a", "2025-01-01", 10, 100), line("b", "2025-01-01", 5, 50, **desk),
                 line("b", "2025-05-01", 5, 50, status="paused", **desk), line("b", "2025-08-01", 5, 50, **desk))  # fmt: skip
    assert moves(small) == [
        ("2025-05", "desk", "contraction_product", -50),
        ("2025-08", "desk", "reactivation_product", 50),
    ]
    owned = {str(r["month_start"])[:7]: r["owned"] for r in rows(small, "product_months") if r["product_id"] == "desk"}
    assert owned["2025-06"] is True, "a paused product is still owned"


def test_rolling_billing_lines_are_one_position() -> None:
    """Three monthly rows of 100, contiguous, then 110: no churn between them, price +10."""
    small = book(line("m1", "2025-01-01", 10, 100, ends_on="2025-02-01"), line("m2", "2025-02-01", 10, 100, ends_on="2025-03-01"),
                 line("m3", "2025-03-01", 10, 100, ends_on="2025-04-01"), line("m4", "2025-04-01", 10, 110))  # fmt: skip
    assert moves(small) == [("2025-04", "crm", "price", 10)]


def test_a_line_that_replaces_another_is_one_position() -> None:
    """crm Standard 20 × 10 replaced by a new line on Pro 20 × 15: tier +100, neither churn nor new."""
    small = book(line("a", "2025-01-01", 20, 200, ends_on="2025-05-01"),
                 line("b", "2025-05-01", 20, 300, plan_id="pro", replaces_line_id="a"))  # fmt: skip
    assert moves(small) == [("2025-05", "crm", "tier", 100)]


def test_a_product_replaced_by_its_successor_is_one_position() -> None:
    """Old desk 10 × 9 = 90 becomes its successor Desk 10 × 10 = 100: 90 move over, +10 is price (the rank is the same)."""
    small = book(line("a", "2025-01-01", 10, 90, product_id="old", plan_id="old1", ends_on="2025-05-01"),
                 line("b", "2025-05-01", 10, 100, product_id="desk", plan_id="desk1"))  # fmt: skip
    assert moves(small) == [
        ("2025-05", "desk", "price", 10), ("2025-05", "desk", "transfer", 90), ("2025-05", "old", "transfer", -90)
    ]  # fmt: skip


def test_a_line_of_another_product_that_replaces_one_moves_its_money() -> None:
    """Desk 5 × 10 becomes CRM Pro 5 × 15 by replacing it: 50 move over; tier 0 (no list price of Desk) … all 25 tier."""
    small = book(line("c", "2025-01-01", 1, 300, product_id="api", plan_id="api1"),
                 line("a", "2025-01-01", 5, 50, product_id="desk", plan_id="desk1", ends_on="2025-05-01"),
                 line("b", "2025-05-01", 5, 75, plan_id="pro", replaces_line_id="a"))  # fmt: skip
    assert moves(small) == [
        ("2025-05", "crm", "tier", 25), ("2025-05", "crm", "transfer", 50), ("2025-05", "desk", "transfer", -50)
    ]  # fmt: skip


def test_a_merge_is_neither_churn_nor_growth() -> None:
    """beta (50 × 10) merges into acme (100 × 10), which then has 160 × 10: 500 move; 10 more seats × 10 = +100."""
    small = book(line("a", "2025-01-01", 100, 1000), line("b", "2025-01-01", 50, 500, account_id="beta", ends_on="2025-05-01"),
                 line("a", "2025-05-01", 160, 1600),
                 account_transfers=[{"from_account_id": "beta", "to_account_id": "acme", "kind": "merge", "effective_on": "2025-05-01"}])  # fmt: skip
    found = [(r["account_id"], r["kind"], r["amount"]) for r in rows(small, "movements") if r["kind"] != "new"]
    assert found == [("acme", "seats", 1_000_000), ("acme", "transfer", 5_000_000), ("beta", "transfer", -5_000_000)]
    check_balance(small)


def test_a_merge_into_an_account_without_lines_makes_no_new_customer() -> None:
    """beta's line is continued by acme, a company of its own until then: 500 move, nothing is new or lost."""
    small = book(
        line("b", "2025-01-01", 50, 500, account_id="beta"), line("b", "2025-05-01", 50, 500, account_id="acme")
    )
    found = [(r["account_id"], r["kind"], r["amount"]) for r in rows(small, "movements") if r["kind"] != "new"]
    assert found == [("acme", "transfer", 5_000_000), ("beta", "transfer", -5_000_000)]
    check_balance(small)


def test_a_split_moves_what_the_other_account_takes_over() -> None:
    """acme 100 × 10 → 60 × 10; beta begins with 45 × 10 = 450: 400 move; beta's 5 further seats × 10 = +50."""
    small = book(line("a", "2025-01-01", 100, 1000), line("a", "2025-05-01", 60, 600),
                 line("b", "2025-05-01", 45, 450, account_id="beta"),
                 account_transfers=[{"from_account_id": "acme", "to_account_id": "beta", "kind": "split", "effective_on": "2025-05-01"}])  # fmt: skip
    found = [(r["account_id"], r["kind"], r["amount"]) for r in rows(small, "movements") if r["kind"] != "new"]
    assert found == [("acme", "transfer", -4_000_000), ("beta", "seats", 500_000), ("beta", "transfer", 4_000_000)]
    check_balance(small)


def test_bundled_products_at_no_price_move_nothing() -> None:
    """A bundle of 500 includes CRM and Audit at 0: only the bundle moves; both are owned."""
    free = {"included_in": "desk", "mrr": 0}
    small = book(line("z", "2024-01-01", 1, 300, product_id="api", plan_id="api1"),
                 line("b", "2025-05-01", 1, 500, product_id="desk", plan_id=None),
                 line("c", "2025-05-01", 1, **free), line("d", "2025-05-01", 1, product_id="audit", plan_id=None, **free))  # fmt: skip
    assert moves(small) == [("2025-05", "desk", "cross_sell", 500)]
    owned = {
        r["product_id"] for r in rows(small, "product_months") if str(r["month_start"]) >= "2025-05-01" and r["owned"]
    }
    assert owned == {"api", "audit", "crm", "desk"}


def test_a_correction_is_known_then_and_known_now() -> None:
    """50 seats recorded in time, corrected to 45 on 10 July as of May: May was +400 as known then, +350 as known now."""
    small = book(line("a", "2025-01-01", 10, 100), line("a", "2025-05-01", 50, 500, recorded_at="2025-05-01"),
                 line("a", "2025-05-01", 45, 450, recorded_at="2025-07-10"))  # fmt: skip
    assert moves(small, date(2025, 5, 31), date(2025, 5, 31)) == [("2025-05", "crm", "seats", 400)]
    assert moves(small, date(2025, 5, 31), date(2025, 12, 31)) == [("2025-05", "crm", "seats", 350)]


def test_half_yearly_and_multi_year_lines_hold_their_month_through() -> None:
    """600 for half a year is 100 a month, renewed at the same; 36,000 for three years is 1,000: no movement inside."""
    small = book(line("h1", "2025-01-01", 10, 100, ends_on="2025-07-01"), line("h2", "2025-07-01", 10, 100, ends_on="2026-01-01"),
                 line("y", "2023-06-01", 1, 1000, product_id="api", plan_id="api1", term_ends_on="2026-06-01"))  # fmt: skip
    assert moves(small, opening=True) == [("2023-06", "api", "new", 1000), ("2025-01", "crm", "cross_sell", 100)]


def test_children_are_customers_of_their_own_and_one_with_their_parent() -> None:
    """Parent group pays since January; its child begins in May at 70: new by account."""
    small = book(line("a", "2025-01-01", 10, 100), line("b", "2025-05-01", 7, 70, account_id="child"))
    small.rows["accounts"][1]["parent_account_id"] = "acme"
    assert [(r["account_id"], r["kind"]) for r in rows(small, "movements")] == [("acme", "new"), ("child", "new")]
    assert {r["account_id"]: r["customer_id"] for r in rows(small, "ultimate_parents")} == {
        "acme": "acme",
        "child": "acme",
    }


def test_self_serve_and_true_up_keep_their_origin() -> None:
    """+2 seats by self-serve in April, +3 by true-up in June, each × 10."""
    small = book(line("a", "2025-01-01", 10, 100), line("a", "2025-04-01", 12, 120, origin="self_serve"),
                 line("a", "2025-06-01", 15, 150, origin="true_up"))  # fmt: skip
    found = [(r["kind"], r["origin"], r["amount"]) for r in rows(small, "movements")][1:]
    assert found == [("seats", "self_serve", 200_000), ("seats", "true_up", 300_000)]


def test_a_line_between_two_month_ends_moves_nothing() -> None:
    """From 3 to 20 May: in force at no month's end, so no movement; what happens inside a month is netted."""
    small = book(line("a", "2025-01-01", 10, 100), line("b", "2025-05-03", 5, 50, ends_on="2025-05-20"))
    assert moves(small) == []


def test_a_line_replaced_by_two_shares_its_money_between_them() -> None:
    """100 × 10 becomes 60 × 10 at acme and 40 × 11 at beta: beta takes over 1,000 × 440 ÷ 1,040 and no more.

    Weights are 600 and 440 of 1,040: 576.9230 stay with 60 units and 423.0770 move over with 40. What both pay more
    than that is price: 23.0770 and 16.9230, together the 40 that the two lines cost more than the one.
    """
    small = book(line("a", "2025-01-01", 100, 1000, ends_on="2025-05-01"),
                 line("b", "2025-05-01", 60, 600, replaces_line_id="a"),
                 line("c", "2025-05-01", 40, 440, replaces_line_id="a", account_id="beta"))  # fmt: skip
    found = {(r["account_id"], r["kind"]): r["amount"] for r in check_balance(small) if r["kind"] != "new"}
    assert found["beta", "transfer"] == -found["acme", "transfer"] == 4_230_770
    assert (found["acme", "price"], found["beta", "price"]) == (230_770, 169_230)
    assert len(found) == 4


def test_a_line_replaced_by_two_of_the_same_terms_only_moves() -> None:
    """100 × 10 becomes 60 × 10 at acme and 40 × 10 at beta: 400 move, and nothing else happens."""
    small = book(line("a", "2025-01-01", 100, 1000), line("a", "2025-05-01", 60, 600),
                 line("c", "2025-05-01", 40, 400, replaces_line_id="a", account_id="beta"))  # fmt: skip
    found = {(r["account_id"], r["kind"]): r["amount"] for r in check_balance(small) if r["kind"] != "new"}
    assert found == {("acme", "transfer"): -4_000_000, ("beta", "transfer"): 4_000_000}


def test_what_a_merged_account_loses_later_is_the_other_accounts_loss() -> None:
    """beta merged into acme in March; its own line of 500 ends in May and nothing follows: acme contracts by 500."""
    small = book(line("a", "2025-01-01", 100, 1000), line("b", "2025-01-01", 1, 500, account_id="beta", product_id="desk",
                 plan_id="desk1", ends_on="2025-05-01"),
                 account_transfers=[{"from_account_id": "beta", "to_account_id": "acme", "kind": "merge", "effective_on": "2025-03-15"}])  # fmt: skip
    found = [(r["account_id"], r["kind"], r["amount"]) for r in check_balance(small) if r["kind"] != "new"]
    assert found == [
        ("acme", "contraction_product", -5_000_000),
        ("acme", "transfer", 5_000_000),
        ("beta", "transfer", -5_000_000),
    ]


def test_a_new_line_after_the_old_one_ended_is_a_renewal() -> None:
    """A year of 10 × 10 to 1 May, renewed by a new line at 12 × 10: +20, seats, by renewal; a rolling line: amendment."""
    second = line("b", "2025-05-01", 12, 120)
    fixed = book(line("a", "2024-05-01", 10, 100, ends_on="2025-05-01"), second)
    rolling = book(line("a", "2024-05-01", 10, 100, ends_on="2025-05-01", rolling=True), second)
    assert [(r["kind"], r["origin"]) for r in rows(fixed, "movements")][1:] == [("seats", "renewal")]
    assert [(r["kind"], r["origin"]) for r in rows(rolling, "movements")][1:] == [("seats", "amendment")]


def test_a_childs_first_purchase_is_cross_sell_to_its_ultimate_parent() -> None:
    """Where the group counts as one customer, the child's 70 beside the parent's 100 is a new buyer's CRM: cross-sell."""
    small = book(line("a", "2025-01-01", 10, 100), line("b", "2025-05-01", 7, 70, account_id="child"),
                 line("a", "2025-08-01", 10, 0))  # fmt: skip
    small.rows["accounts"][1]["parent_account_id"] = "acme"
    registry = Registry(dict(models().models), models().signals)
    registry.models["customers"] = replace(registry.models["ultimate_parents"], name="customers")
    statement = Frame(registry, small.snapshot(AS_OF)).model_statement("movements")
    found = (
        small.connect()
        .sql(f"SELECT account_id, customer_id, kind, amount FROM ({statement}) ORDER BY month_start")
        .fetchall()
    )
    assert found == [
        ("acme", "acme", "new", 1_000_000),
        ("child", "acme", "cross_sell", 700_000),
        ("acme", "acme", "price", -1_000_000),
    ]


def test_a_rise_that_its_version_calls_contracted_is_all_escalator() -> None:
    """20 × 10 → 20 × 10.60, agreed as a contracted escalator without a stated share: +12, all of it."""
    small = book(line("a", "2025-01-01", 20, 200), line("a", "2025-05-01", 20, 212, origin="contracted_escalator"))
    assert moves(small) == [("2025-05", "crm", "escalator", 12)]


def test_a_merged_account_that_renews_its_own_line_keeps_it() -> None:
    """beta merged into acme in March and renews its own line in May at +50: nothing moves, the rise is beta's price."""
    small = book(line("a", "2025-01-01", 100, 1000), line("b", "2025-01-01", 10, 500, account_id="beta", ends_on="2025-05-01"),
                 line("c", "2025-05-01", 10, 550, account_id="beta"),
                 account_transfers=[{"from_account_id": "beta", "to_account_id": "acme", "kind": "merge", "effective_on": "2025-03-15"}])  # fmt: skip
    found = [(r["account_id"], r["kind"], r["amount"]) for r in check_balance(small) if r["kind"] != "new"]
    assert found == [("beta", "price", 500_000)]


def test_seats_beside_a_flat_fee_of_the_same_product() -> None:
    """A flat fee of 300 and 10 units × 5; five more units: 5 × 5 = +25, seats; the fee has no part in the unit price."""
    small = book(line("f", "2025-01-01", 1, 300, product_id="api", plan_id="api1"),
                 line("u", "2025-01-01", 10, 50, product_id="api", plan_id=None),
                 line("u", "2025-05-01", 15, 75, product_id="api", plan_id=None))  # fmt: skip
    assert moves(small) == [("2025-05", "api", "seats", 25)]


def test_more_of_an_item_that_is_sold_as_usage_is_usage() -> None:
    """10 packs × 5 → 14 packs × 5, and the price book says that more packs are usage: +20."""
    small = book(line("a", "2025-01-01", 10, 50, sku="pack"), line("a", "2025-05-01", 14, 70, sku="pack"),
                 skus=[{"sku": "pack", "mechanism": "usage"}])  # fmt: skip
    assert moves(small) == [("2025-05", "crm", "usage", 20)]


def test_two_causes_in_two_months_are_two_rows_of_one_window() -> None:
    """Seats +100 in May and −50 in July: a window is the sum of its months, so both stand and the sum is +50."""
    small = book(line("a", "2025-01-01", 10, 100), line("a", "2025-05-01", 20, 200), line("a", "2025-07-01", 15, 150))
    assert moves(small) == [("2025-05", "crm", "seats", 100), ("2025-07", "crm", "seats", -50)]


def test_a_replaced_line_stops_where_its_replacement_begins() -> None:
    """20 × 10 until 10 May, replaced on 20 April by 20 × 11: never 420 at once; April is price +20 and May nothing."""
    small = book(
        line("a", "2025-01-01", 20, 200, ends_on="2025-05-10"), line("b", "2025-04-20", 20, 220, replaces_line_id="a")
    )
    assert moves(small) == [("2025-04", "crm", "price", 20)]


def test_ends_written_as_the_last_day_are_no_gap() -> None:
    """50 × 10 until 31 May, renewed on 1 June at 11: never 0 on the evening of 31 May; June is price 50 × 1, no churn."""
    small = book(line("a", "2024-06-01", 50, 500, ends_on="2025-05-31"), line("b", "2025-06-01", 50, 550))
    assert moves(small) == [("2025-06", "crm", "price", 50)]


def test_monthly_lines_that_end_on_the_28th_are_one_position() -> None:
    """Lines of 100 from the 1st to the 28th of each month, up to 3 days apart, until September: one loss, in September."""
    small = book(
        *(line(f"m{m}", f"2025-{m:02}-01", 10, 100, ends_on=f"2025-{m:02}-28", rolling=True) for m in range(1, 10))
    )
    assert moves(small) == [("2025-09", "crm", "churn", -100)]


def test_versions_of_one_line_that_end_on_the_last_day_go_on() -> None:
    """One line, its first version until 31 May, its second from 1 June in another account: 100 move, nobody churns."""
    small = book(line("a", "2025-01-01", 10, 100, ends_on="2025-05-31"),
                 line("a", "2025-06-01", 10, 100, account_id="beta"))  # fmt: skip
    found = [(r["account_id"], r["kind"], r["amount"]) for r in check_balance(small) if r["kind"] != "new"]
    assert found == [("acme", "transfer", -1_000_000), ("beta", "transfer", 1_000_000)]


def test_an_end_that_nobody_follows_is_churn_on_its_day() -> None:
    """100 until 31 May: gone that evening. Back on 8 June, 8 days later: a return, not a renewal."""
    small = book(line("a", "2025-01-01", 10, 100, ends_on="2025-05-31"), line("b", "2025-06-08", 10, 100))
    assert moves(small) == [("2025-05", "crm", "churn", -100), ("2025-06", "crm", "reactivation", 100)]


def test_a_line_renewed_early_is_not_stretched_to_the_next_purchase() -> None:
    """10 × 10 until 30 May, renewed on 28 May; 5 more seats × 10 on 3 June: never 20 seats at once; June +50, seats."""
    small = book(line("a", "2025-01-01", 10, 100, ends_on="2025-05-30"), line("b", "2025-05-28", 10, 100),
                 line("c", "2025-06-03", 5, 50))  # fmt: skip
    assert moves(small) == [("2025-06", "crm", "seats", 50)]


def test_commitments_that_end_on_the_last_day_follow_each_other() -> None:
    """12,000 for 2024 and 12,000 for 2025, each written to 31 December: 1,000 a month throughout, no month without."""
    terms = {"account_id": "acme", "product_id": "api", "metric": "calls", "amount": 1200, "price": 12000}
    small = book(line("a", "2023-01-01", 10, 100), commitments=[
        {**terms, "commitment_id": "c1", "starts_on": "2024-01-01", "ends_on": "2024-12-31"},
        {**terms, "commitment_id": "c2", "starts_on": "2025-01-01", "ends_on": "2025-12-31"},
    ])  # fmt: skip
    assert moves(small) == [("2024-01", "api", "cross_sell", 1000), ("2025-12", "api", "contraction_product", -1000)]


def test_a_commitment_over_part_of_a_month_counts_half_months() -> None:
    """11,500 for 15 January to 1 January is 11½ months: 1,000 a month, and 12,000 for the next year moves nothing.

    5,000 for half a year is 833.3333; then 1,000 for 1 July to 15 August, 1½ months, is 666.6667: usage −166.6666.
    """
    terms = {"product_id": "api", "metric": "calls"}
    small = book(line("a", "2023-01-01", 10, 100), line("b", "2023-01-01", 10, 100, account_id="beta"), commitments=[
        {**terms, "account_id": "acme", "commitment_id": "c1", "amount": 11500, "price": 11500,
         "starts_on": "2024-01-15", "ends_on": "2025-01-01"},
        {**terms, "account_id": "acme", "commitment_id": "c2", "amount": 12000, "price": 12000,
         "starts_on": "2025-01-01", "ends_on": "2026-01-01"},
        {**terms, "account_id": "beta", "commitment_id": "c3", "amount": 5000, "price": 5000,
         "starts_on": "2025-01-01", "ends_on": "2025-07-01"},
        {**terms, "account_id": "beta", "commitment_id": "c4", "amount": 1000, "price": 1000,
         "starts_on": "2025-07-01", "ends_on": "2025-08-15"},
    ])  # fmt: skip
    assert moves(small) == [
        ("2024-01", "api", "cross_sell", 1000), ("2025-01", "api", "cross_sell", Decimal("833.3333")),
        ("2025-07", "api", "usage", Decimal("-166.6666")), ("2025-08", "api", "contraction_product", Decimal("-666.6667")),
    ]  # fmt: skip


def test_a_replacement_within_a_month_leaves_no_gap() -> None:
    """10 × 10 until 20 February, replaced on 5 March at 12: February still counts it, March is price 10 × 2.

    Replaced on 25 March instead, 33 days later, the gap is one: lost in February, back in March.
    """
    old = line("a", "2024-01-01", 10, 100, ends_on="2025-02-20")
    soon = book(old, line("b", "2025-03-05", 10, 120, replaces_line_id="a"))
    assert moves(soon) == [("2025-03", "crm", "price", 20)]
    late = book(old, line("b", "2025-03-25", 10, 120, replaces_line_id="a"))
    assert moves(late) == [("2025-02", "crm", "churn", -100), ("2025-03", "crm", "reactivation", 120)]


def test_a_step_agreed_with_the_contract_is_a_ramp_without_being_told() -> None:
    """10 → 20 seats × 10, both versions agreed on 1 December: contracted ramp; agreed on 1 May: an amendment."""
    first = line("a", "2025-01-01", 10, 100, booked_on="2024-12-01")
    origins = [
        rows(book(first, line("a", "2025-05-01", 20, 200, booked_on=day)), "movements")[-1]["origin"]
        for day in ("2024-12-01", "2025-05-01")
    ]
    assert origins == ["contracted_ramp", "amendment"]


def test_an_escalator_has_its_own_origin_unless_told() -> None:
    """10 × 10 with 5 % a year → 10 × 10.50, agreed at the start: all escalator, contracted; told a renewal: renewal."""
    first = line("a", "2024-05-01", 10, 100, escalator="0.05", booked_on="2024-04-01")
    for told, origin in ((None, "contracted_escalator"), ("renewal", "renewal")):
        small = book(first, line("a", "2025-05-01", 10, 105, booked_on="2024-04-01", origin=told))
        assert moves(small) == [("2025-05", "crm", "escalator", 5)]
        assert rows(small, "movements")[-1]["origin"] == origin


def test_a_unit_takes_over_what_another_gave_up() -> None:
    """30 seats × 10 of the whole account become 10 in eu and 20 in us: 300 move, nothing else happens.

    It is the same line that goes to eu: its 300 go there, and 200 of them go on to us.
    """
    small = book(line("a", "2024-01-01", 30, 300), line("b", "2024-01-01", 1, 300, product_id="api", plan_id="api1"),
                 line("a", "2025-05-01", 10, 100, business_unit="eu"), line("c", "2025-05-01", 20, 200, business_unit="us"))  # fmt: skip
    found = sorted((r["business_unit"], r["kind"], r["amount"]) for r in check_balance(small) if r["kind"] != "new")
    assert found == [("", "transfer", -3_000_000), ("eu", "transfer", 1_000_000), ("us", "transfer", 2_000_000)]


def test_a_unit_that_takes_over_less_leaves_a_loss_and_more_is_seats() -> None:
    """30 × 10 end; eu begins with 12 × 10: 120 move and 180 are lost. With 35 × 10: 300 move, 5 more seats × 10."""
    old = line("a", "2024-01-01", 30, 300, ends_on="2025-05-01")
    stays = line("b", "2024-01-01", 1, 300, product_id="api", plan_id="api1")
    for seats, expected in (
        (12, {("", "contraction_product"): -1_800_000, ("", "transfer"): -1_200_000, ("eu", "transfer"): 1_200_000}),
        (35, {("", "transfer"): -3_000_000, ("eu", "transfer"): 3_000_000, ("eu", "seats"): 500_000}),
    ):
        small = book(old, stays, line("c", "2025-05-01", seats, seats * 10, business_unit="eu"))
        found = {(r["business_unit"], r["kind"]): r["amount"] for r in check_balance(small) if r["kind"] != "new"}
        assert found == expected


def test_within_a_group_seats_that_go_to_another_subsidiary_only_move() -> None:
    """Where the group is the customer: C1 gives 5 of 10 seats × 10 to C2: 50 move. By account: −50 seats, and new."""
    small = book(line("p", "2024-01-01", 10, 100, account_id="top"), line("a", "2024-01-01", 10, 100, account_id="kid"),
                 line("a", "2025-03-01", 5, 50, account_id="kid"), line("b", "2025-03-01", 5, 50, account_id="lid"))  # fmt: skip
    for account in small.rows["accounts"]:
        account["parent_account_id"] = "top" if account["account_id"] != "top" else None
    assert moves(small) == [("2025-03", "crm", "seats", -50)]
    registry = Registry(dict(models().models), models().signals)
    registry.models["customers"] = replace(registry.models["ultimate_parents"], name="customers")
    statement = Frame(registry, small.snapshot(AS_OF)).model_statement("movements")
    found = small.connect().sql(f"SELECT account_id, kind, amount FROM ({statement}) WHERE kind <> 'new'").fetchall()
    assert sorted(found) == [("kid", "transfer", -500_000), ("lid", "transfer", 500_000)]


@pytest.mark.parametrize(("before", "after", "expected"), [
    ({"std": 10, "pro": 5}, {"std": 10}, [("seats", -75)]),
    ({"std": 100}, {"std": 100, "pro": 5}, [("seats", 75)]),
    ({"std": 10, "pro": 5}, {"std": 10, "pro": 8}, [("seats", 45)]),
    ({"std": 10, "pro": 5}, {"std": 12, "pro": 8}, [("seats", 20), ("seats", 45)]),
    ({"std": 10, "pro": 5}, {"std": 6, "pro": 9}, [("tier", 20)]),
])  # fmt: skip
def test_plans_side_by_side_are_judged_apart_unless_somebody_moved(
    before: dict[str, int], after: dict[str, int], expected: list[tuple[str, int]]
) -> None:
    """Standard at 10 beside Pro at 15, each at its own price.

    5 Pro seats given up: −5 × 15. 5 bought beside 100 Standard: +5 × 15. 3 more Pro: +3 × 15. Both more: 2 × 10 and
    3 × 15. 4 seats that leave Standard while Pro gains 4 moved: 4 × (15 − 10) = 20, tier.
    """
    prices = {"std": 10, "pro": 15}
    versions = [
        line(
            plan,
            "2024-01-01",
            units,
            units * prices[plan],
            plan_id=plan,
            ends_on=None if plan in after else "2025-03-01",
        )
        for plan, units in before.items()
    ]
    versions += [line(plan, "2025-03-01", units, units * prices[plan], plan_id=plan)
                 for plan, units in after.items() if before.get(plan) != units]  # fmt: skip
    found = moves(book(*versions))
    assert [(kind, amount) for _, _, kind, amount in found] == expected


def test_plans_side_by_side_each_have_their_own_price_change() -> None:
    """Standard 10 × 10 → 10 × 11 beside Pro 5 × 15, which stays: price +10 on Standard, nothing on Pro."""
    small = book(line("a", "2024-01-01", 10, 100), line("b", "2024-01-01", 5, 75, plan_id="pro"),
                 line("a", "2025-03-01", 10, 110))  # fmt: skip
    assert moves(small) == [("2025-03", "crm", "price", 10)]
    [row] = [row for row in rows(small, "movements") if row["kind"] == "price"]
    assert (row["after_plan"], row["units"], row["before_mrr"], row["after_mrr"]) == ("std", 10, 1_000_000, 1_100_000)
