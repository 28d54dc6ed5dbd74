"""Retention of a closed cohort, with the arithmetic of every case in its docstring."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from money_book import YEAR, move, states

from upcross.revenue.history import Transfer
from upcross.revenue.retention import quick_ratio, retention, triangle


def test_nrr_grr_and_logos_of_a_closed_cohort() -> None:
    """a 100 → 130, b 100 → 60, c 50 → gone, d new with 500.

    NRR (130 + 60 + 0) / 250 = 76%; GRR (100 + 60 + 0) / 250 = 64%; logos 2 / 3; d is in no number.
    """
    by_account = states(a={"dec": 100, "mar": 130}, b={"dec": 100, "jun": 60}, c={"dec": 50, "may": 0}, d={"feb": 500})
    moves = [
        move("a", 3, "seats", 30),
        move("b", 6, "seats", -40),
        move("c", 5, "churn", -50),
        move("d", 2, "new", 500),
    ]
    found = retention(by_account, YEAR, moves)
    assert found.nrr.exact == Fraction(190, 250)
    assert found.grr.exact == Fraction(160, 250)
    assert found.grr_by_movements.exact == Fraction(250 - 40 - 50, 250)
    assert found.logos.exact == Fraction(2, 3)
    assert [part.account_id for part in found.nrr.parts] == ["a", "b", "c"]
    assert sum(part.numerator for part in found.nrr.parts) == 190 * 10_000


def test_gross_retention_by_states_forgives_what_was_won_back_and_by_movements_does_not() -> None:
    """a 100 → 150 in March → 120 in June: min(120, 100) / 100 = 100%, but (100 − 30) / 100 = 70%."""
    by_account = states(a={"dec": 100, "mar": 150, "jun": 120})
    found = retention(by_account, YEAR, [move("a", 3, "seats", 50), move("a", 6, "seats", -30)])
    assert found.grr.exact == 1
    assert found.grr_by_movements.exact == Fraction(70, 100)


def test_losses_of_revenue_won_inside_the_window_are_marked() -> None:
    """a 100 → 300 → gone: by movements (100 − 300) / 100 = −200%, with a mark that says why."""
    by_account = states(a={"dec": 100, "mar": 300, "jun": 0})
    found = retention(by_account, YEAR, [move("a", 3, "seats", 200), move("a", 6, "churn", -300)])
    assert found.grr_by_movements.exact == -2
    assert "losses include revenue won inside the window" in found.grr_by_movements.marks
    assert found.grr.exact == 0


def test_without_price_takes_price_discount_and_escalator_out() -> None:
    """a 100 → 100 + 20 seats + 5 price + 3 escalator + 2 discount end = 130: NRR 130%, without price 120%."""
    by_account = states(a={"dec": 100, "mar": 130})
    moves = [move("a", 3, "seats", 20), move("a", 3, "price", 5), move("a", 3, "escalator", 3),
             move("a", 3, "discount_end", 2)]  # fmt: skip
    found = retention(by_account, YEAR, moves)
    assert found.nrr.exact == Fraction(130, 100)
    assert found.nrr_without_price.exact == Fraction(120, 100)


def test_an_account_that_left_after_a_price_rise_brings_nothing_either_way() -> None:
    """a 100 → 110 by price → gone: 0% with and without price, never −10%."""
    by_account = states(a={"dec": 100, "mar": 110, "jun": 0})
    found = retention(by_account, YEAR, [move("a", 3, "price", 10), move("a", 6, "churn", -110)])
    assert found.nrr.exact == found.nrr_without_price.exact == 0


def test_a_customer_who_came_back_is_retained() -> None:
    """a 100 → gone in March → back with 80 in September: NRR 80%, GRR 80%, logos 100%."""
    by_account = states(a={"dec": 100, "mar": 0, "sep": 80})
    found = retention(by_account, YEAR, [move("a", 3, "churn", -100), move("a", 9, "reactivation", 80)])
    assert (found.nrr.exact, found.grr.exact, found.logos.exact) == (Fraction(4, 5), Fraction(4, 5), 1)


def test_a_merge_is_neither_churn_nor_growth() -> None:
    """a 100 and b 50 merge into b: 150 / 150, min(150, 150) / 150, one unit of one."""
    by_account = states(a={"dec": 100, "jun": 0}, b={"dec": 50, "jun": 150})
    moves = [move("a", 6, "transfer", -100), move("b", 6, "transfer", 100)]
    found = retention(by_account, YEAR, moves, [Transfer("a", "b", date(2026, 6, 15))])
    assert (found.nrr.exact, found.grr.exact, found.grr_by_movements.exact, found.logos.exact) == (1, 1, 1, 1)
    assert [part.account_id for part in found.nrr.parts] == ["a"]


def test_a_split_keeps_what_the_new_account_took_along() -> None:
    """a 100 splits into a 60 and c 40; c then adds 10 seats' worth: (60 + 50) / 100 = 110%, GRR 100%."""
    by_account = states(a={"dec": 100, "jun": 60}, c={"jun": 40, "aug": 50})
    moves = [move("a", 6, "transfer", -40), move("c", 6, "transfer", 40), move("c", 8, "seats", 10)]
    found = retention(by_account, YEAR, moves, [Transfer("a", "c", date(2026, 6, 1))])
    assert found.nrr.exact == Fraction(110, 100)
    assert found.grr.exact == 1


def test_a_merge_with_a_customer_won_inside_the_window_brings_no_retention() -> None:
    """n is new with 50 in March, a 100 merges into n in June: 150 − 50 of the new customer = 100 / 100."""
    by_account = states(a={"dec": 100, "jun": 0}, n={"mar": 50, "jun": 150})
    moves = [move("n", 3, "new", 50), move("a", 6, "transfer", -100), move("n", 6, "transfer", 100)]
    found = retention(by_account, YEAR, moves, [Transfer("a", "n", date(2026, 6, 1))])
    assert found.nrr.exact == 1


def test_unknown_revenue_is_left_out_and_said() -> None:
    """a 100 → 100, b 100 → unknown: 100 / 100 of one account; b is named."""
    found = retention(states(a={"dec": 100}, b={"dec": 100, "jun": None}), YEAR, [])
    assert found.nrr.exact == 1
    assert found.nrr.count == 1
    assert found.unknown == ("b",)
    assert "1 account of unknown revenue left out" in found.nrr.marks


def test_reasons_instead_of_nan() -> None:
    """No account; accounts that paid nothing; a book that begins after the window's start."""
    nobody = retention(states(d={"feb": 500}), YEAR, [])
    assert nobody.nrr.value is None
    assert nobody.nrr.reason == "empty cohort: no account paid at the end of 2025-12"
    free = {date(2025, 12, 1): {"a": 0, "b": 0}, date(2026, 12, 1): {"a": 100}}
    assert retention(free, YEAR, []).grr.reason == "zero start: the 2 accounts at the end of 2025-12 paid nothing"
    young = retention(states(d={"feb": 500}), YEAR, [], begins=date(2026, 2, 1))
    assert young.logos.reason.startswith("young book: it begins 2026-02")


def test_few_accounts_bear_a_mark() -> None:
    few = retention(states(**{f"a{i}": {"dec": 10} for i in range(19)}), YEAR, [])
    enough = retention(states(**{f"a{i}": {"dec": 10} for i in range(20)}), YEAR, [])
    assert few.nrr.marks == ("only 19 accounts",)
    assert enough.nrr.marks == ()


def test_lines_of_100_and_120_percent() -> None:
    """250 at the start, 190 at the end: 60 short of 250, 110 short of 300; 310 would be 10 above the latter."""
    found = retention(states(a={"dec": 250, "mar": 190}), YEAR, [])
    assert (found.short_of(100), found.short_of(120)) == (600_000, 1_100_000)
    assert retention(states(a={"dec": 250, "mar": 310}), YEAR, []).short_of(120) == -100_000
    assert retention(states(d={"feb": 1}), YEAR, []).short_of(100) is None


def test_quick_ratio_nets_each_account_within_its_month() -> None:
    """Won: new 500, a +50 −10 in one month = 40. Lost: b 60. 540 / 60 = 9; a transfer and a currency are neither."""
    moves = [move("d", 2, "new", 500), move("a", 3, "seats", 50), move("a", 3, "price", -10), move("b", 4, "churn", -60),
             move("b", 5, "transfer", 70), move("b", 6, "fx", 7)]  # fmt: skip
    assert quick_ratio(moves, YEAR).exact == 9
    assert quick_ratio(moves[:2], YEAR).reason == "nothing was lost in 2026-01 to 2026-12"


def test_triangle_of_cohorts() -> None:
    """February: a 100 and b 50, then 150 → 120 (b 20) → 100 (b gone). Who paid at the start began before it."""
    by_account = states(old={"dec": 10}, a={"feb": 100}, b={"feb": 50, "mar": 20, "apr": 0}, c={"mar": 7})
    months = sorted(by_account)[:5]
    feb, mar = triangle(by_account, months)
    assert (feb.cohort, feb.mrr, feb.accounts) == (date(2026, 2, 1), (1_500_000, 1_200_000, 1_000_000), (2, 2, 1))
    assert feb.kept(2) == Fraction(100, 150)
    assert (mar.cohort, mar.accounts) == (date(2026, 3, 1), (1, 1))
    assert triangle(by_account, months, begins=months[0])[0].cohort == months[0]
