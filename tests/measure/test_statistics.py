"""Intervals, medians and tests by chance: published numbers, their bounds, and what they promise, by simulation."""

from __future__ import annotations

import json
import os
import sys
from math import comb
from statistics import median
from typing import Any

import numpy as np
import pytest
from scipy import stats

from upcross.errors import UpcrossError, UsageError
from upcross.measure.statistics import Proportion, against_chance, holm, middle, needed, proportion, thin

TIMES = 10 if os.environ.get("UPCROSS_SOAK") else 1
SHARES = (0.05, 0.3, 0.5, 0.9)


def bounds(found: Proportion) -> tuple[float, float]:
    assert found.low is not None and found.high is not None
    return found.low, found.high


def width(found: Proportion) -> float:
    low, high = bounds(found)
    return high - low


# --- shares -----------------------------------------------------------------------------------------------------------

# Newcombe 1998, table I, method 3; and nine of ten, the textbook case.
PUBLISHED = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
    (9, 10, 0.5958, 0.9821),
]


@pytest.mark.parametrize(("hits", "of", "low", "high"), PUBLISHED)
def test_a_share_has_the_published_wilson_interval(hits: int, of: int, low: float, high: float) -> None:
    assert bounds(proportion(hits, of)) == pytest.approx((low, high), abs=0.00006)
    assert bounds(proportion(hits, of)) == pytest.approx(stats.binomtest(hits, of).proportion_ci(0.95, "wilson"))


def test_the_interval_of_misses_mirrors_that_of_hits() -> None:
    for hits in range(13):
        low, high = bounds(proportion(hits, 12))
        assert bounds(proportion(12 - hits, 12)) == pytest.approx((1 - high, 1 - low))
        assert 0 <= low <= hits / 12 <= high <= 1


def test_no_case_is_no_share_with_the_reason() -> None:
    none = proportion(0, 0, what="seat expansions")
    assert (none.value, none.low, none.high, none.thin) == (None, None, None, "")
    assert none.reason == "no seat expansions in the period"
    assert proportion(0, 0, groups=[]).value is None


def test_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(UsageError, match="11 of 10 flags: expected hits between 0 and"):
        proportion(11, 10, what="flags")
    with pytest.raises(UsageError, match="do not add up to 5 of 10"):
        proportion(5, 10, groups=[(5, 9)])
    with pytest.raises(UsageError, match="do not add up"):
        proportion(5, 10, groups=[(4, 3), (1, 7)])


def test_accounts_with_a_case_each_change_nothing() -> None:
    assert proportion(3, 12, groups=[(1, 1)] * 3 + [(0, 1)] * 9 + [(0, 0)]) == proportion(3, 12)


def test_accounts_that_repeat_themselves_count_about_once_each() -> None:
    repeated = proportion(20, 40, groups=[(4, 4)] * 5 + [(0, 4)] * 5, what="flags")
    # variance between accounts: design effect 4 × 10/9; t with 9 degrees of freedom
    effective = 40 / (4 * 10 / 9) * (1.959964 / 2.262157) ** 2
    assert effective == pytest.approx(6.756, abs=0.001)
    half = 1.959964 / 2 / (effective + 1.959964**2) ** 0.5
    assert bounds(repeated) == pytest.approx((0.5 - half, 0.5 + half))
    assert repeated.thin == (
        "40 flags in the period count as 6 independent ones, as accounts give several; "
        "at least 39 needed for an interval under ±15 points"
    )


def test_accounts_more_even_than_chance_are_no_better_than_independent_cases() -> None:
    even = proportion(20, 40, groups=[(2, 4)] * 10)
    assert width(even) > width(proportion(20, 40))


@pytest.mark.parametrize("hits", [0, 1])
def test_where_nothing_differs_an_account_counts_as_one_answer(hits: int) -> None:
    many = proportion(hits * 40, 40, groups=[(hits * 4, 4)] * 10)
    assert width(many) > width(proportion(hits * 10, 10))


def test_one_account_bounds_nothing() -> None:
    alone = proportion(30, 40, groups=[(30, 40)], what="flags")
    assert bounds(alone) == (0, 1)
    assert alone.thin.startswith("40 flags in the period are of one account, or nearly all; at least 39 needed")
    assert width(proportion(10_000, 10_001, groups=[(10_000, 10_000), (0, 1)])) > 0.99


def test_a_large_account_among_small_ones_widens_the_interval() -> None:
    small = [(1, 2)] * 10 + [(0, 2)] * 10
    one_large = [(1, 2), *[(0, 1)] * 9, (9, 9), *[(0, 2)] * 10]
    assert sum(size for _, size in small) == sum(size for _, size in one_large) == 40
    assert width(proportion(10, 40, groups=one_large)) > width(proportion(10, 40, groups=small)) + 0.1


@pytest.mark.parametrize(("of", "at_worst"), [(10, 0.91), (40, 0.94), (200, 0.94)])
def test_the_interval_of_independent_cases_covers(of: int, at_worst: float) -> None:
    """Exact, not simulated: Wilson's is 95% on average, and known to be below at some shares of few cases."""

    def covers(share: float) -> float:
        inside = (low <= share <= high for low, high in (bounds(proportion(hits, of)) for hits in range(of + 1)))
        return sum(stats.binom.pmf(hits, of, share) for hits, held in enumerate(inside) if held)

    assert min(map(covers, SHARES)) >= at_worst
    assert np.mean([covers(share / 100) for share in range(5, 96)]) >= 0.945


@pytest.mark.parametrize("sizes", [[2] * 5, [4] * 10, [10] * 20, [10, 8, 6, 4, 3, 2, *[1] * 7]], ids=str)
@pytest.mark.parametrize("share", SHARES)
def test_the_interval_over_accounts_covers(share: float, sizes: list[int]) -> None:
    """Each account has a share of its own (correlation 0.8 within accounts), as where a flag stands for months."""
    random = np.random.default_rng(1927)
    own = random.beta(share / 4, (1 - share) / 4, (600 * TIMES, len(sizes)))
    hit = random.binomial(sizes, own)
    of, held, held_plain = sum(sizes), [], []
    for row in hit.tolist():
        low, high = bounds(proportion(sum(row), of, groups=zip(row, sizes, strict=True)))
        held.append(low <= share <= high)
        low, high = bounds(proportion(sum(row), of))
        held_plain.append(low <= share <= high)
    assert np.mean(held) >= 0.93
    assert np.mean(held_plain) < (0.96 if len(sizes) == 5 else 0.9)  # what the accounts are needed for
    assert np.mean(held) > np.mean(held_plain)


def test_how_many_cases_an_interval_needs() -> None:
    assert [needed(half) for half in (0.5, 0.2, 0.15, 0.1, 0.05)] == [1, 21, 39, 93, 381]
    for half in (0.2, 0.15, 0.1):
        widest = [
            max(width(proportion(hits, of)) / 2 for hits in range(of + 1)) for of in (needed(half), needed(half) - 1)
        ]
        assert widest[0] < half <= widest[1] + 0.002  # an odd number of cases has no half
    with pytest.raises(UsageError, match="expected a half-width above 0"):
        needed(15)


def test_too_few_cases_are_said() -> None:
    said = "7 seat expansions in the period; at least 39 needed for an interval under ±15 points"
    assert thin(7, "seat expansions") == said
    assert thin(39, "seat expansions") == ""
    assert thin(39, "flags", 0.1) == "39 flags in the period; at least 93 needed for an interval under ±10 points"
    few = proportion(3, 7, what="seat expansions")
    assert few.thin == said and few.value == 3 / 7 and few.low is not None


# --- medians ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("of", "rank"), [(6, 1), (8, 1), (9, 2), (12, 3), (15, 4), (20, 6), (25, 8), (50, 18)])
def test_a_median_has_the_published_order_statistics(of: int, rank: int) -> None:
    """The ranks of the sign test's tables."""
    found = middle(list(range(of, 0, -1)))
    assert (found.value, found.low, found.high) == ((of + 1) / 2, rank, of + 1 - rank)
    assert not found.at_least


def test_few_values_have_a_median_and_no_interval() -> None:
    assert middle([]).value is None
    assert middle([7]).value == 7
    found = middle([5, 30, 10, 20, 40])
    assert (found.value, found.low, found.high, found.of) == (20, None, None, 5)


def test_a_lower_bound_above_the_median_leaves_it_known() -> None:
    found = middle([10, 20, 30, 40, 50, 60, 70, 80], at_least=[90])
    assert (found.value, found.at_least) == (50, False)
    assert (found.low, found.high, found.of) == (20, 80, 9)
    assert middle([10, 20, 30, 40, 50, 60, 70], at_least=[80, 90]).high is None  # the second largest is one of them


def test_a_lower_bound_below_the_median_makes_it_one_itself() -> None:
    found = middle([10, 20, 30, 40, 50, 60, 70, 80], at_least=[5])
    assert (found.value, found.at_least) == (40, True)  # with 5 as 85 it would be 50
    assert (found.low, found.high) == (10, 80)
    mostly = middle([10, 20], at_least=[30, 40, 50, 60])
    assert (mostly.value, mostly.at_least, mostly.low, mostly.high) == (35, True, 10, None)


@pytest.mark.parametrize("of", [6, 9, 25, 60])
def test_the_interval_of_a_median_covers_whatever_cuts_values_short(of: int) -> None:
    """Leads are skewed and in whole days; every third is cut to between none and all of itself."""
    random = np.random.default_rng(1991)
    days = np.ceil(random.exponential(40, (1500 * TIMES, of))).astype(int)
    true = np.ceil(40 * np.log(2))
    whole, cut = [], []
    for row in days.tolist():
        found = middle(row)
        assert found.low is not None and found.high is not None
        whole.append(found.low <= true <= found.high)
        short = [int(value * random.random()) for value in row[::3]]
        found = middle([value for place, value in enumerate(row) if place % 3], short)
        assert found.low is not None and found.value is not None and found.value <= median(row)
        assert found.at_least or found.value == median(row)
        cut.append(found.low <= true and (found.high is None or true <= found.high))
    assert np.mean(whole) >= 0.94
    assert np.mean(cut) >= 0.94


# --- chance -----------------------------------------------------------------------------------------------------------


def of_accounts(flagged: list[int], of: int, probability: float) -> list[tuple[str, bool, float]]:
    """Cases of accounts a0, a1 …: so many of ``of`` each were flagged."""
    return [(f"a{place}", case < hits, probability) for place, hits in enumerate(flagged) for case in range(of)]


def test_six_of_ten_where_chance_flags_one() -> None:
    found = against_chance(of_accounts([1] * 6 + [0] * 4, 1, 0.1))
    assert (found.hits, found.expected, found.lift) == (6, pytest.approx(1), pytest.approx(6))
    # surplus 5 over √(6 × 0.9² + 4 × 0.1²) = √4.9, by t with 9 degrees of freedom; the binomial tail is smaller
    assert found.p == pytest.approx(stats.t.sf(5 / 4.9**0.5, 9))
    assert found.p > stats.binom.sf(5, 10, 0.1)
    assert (found.low, found.high) == (pytest.approx(3.127, abs=0.001), pytest.approx(8.318, abs=0.001))  # ÷ 0.1


def test_as_many_as_by_chance_is_no_finding() -> None:
    found = against_chance(of_accounts([1] * 20 + [0] * 20, 1, 0.5))
    assert (found.lift, found.p) == (1, pytest.approx(0.5))
    assert found.low is not None and found.high is not None and found.low < 1 < found.high
    assert against_chance(of_accounts([0] * 20, 1, 0.2)).p > 0.95


def test_probabilities_of_days_add_up() -> None:
    days = [("a", True, 0.5), ("b", False, 0.25), ("c", True, 0.125), ("d", False, 0.125)]
    found = against_chance(days)
    assert (found.expected, found.lift) == (1, 2)
    # by coins of their own: none in 147/512, one in (147 + 49 + 21 + 21)/512, two or more in the rest
    t = stats.t.sf(1 / (0.25 + 0.0625 + 0.765625 + 0.015625) ** 0.5, 3)
    assert found.p == pytest.approx(max(t, 127 / 512))


def test_an_account_flagged_throughout_is_one_draw() -> None:
    """Ten accounts flagged in all of ten cases each, where nine rows in ten are: by chance in 0.9¹⁰ of all histories."""
    found = against_chance(of_accounts([10] * 10, 10, 0.9))
    assert found.p == pytest.approx(0.9**10)
    surplus = 10 / (10 * 1) ** 0.5
    assert stats.t.sf(surplus, 9) < 0.01  # what the variance between accounts alone would have claimed


def test_one_account_and_none_prove_nothing() -> None:
    assert against_chance(of_accounts([8], 8, 0.01)).p == 1
    none = against_chance([])
    assert (none.hits, none.p, none.lift, none.low, none.high) == (0, 1, None, None, None)
    nothing_flagged = against_chance(of_accounts([0, 0], 3, 0.0))
    assert (nothing_flagged.p, nothing_flagged.lift) == (1, None)
    everything_flagged = against_chance(of_accounts([3, 3], 3, 1.0))
    assert (everything_flagged.p, everything_flagged.lift) == (1, 1)


def test_probabilities_that_cannot_be_are_refused() -> None:
    for case in [("a", True, 0.0), ("a", False, 1.0), ("a", True, 1.5), ("a", True, float("nan"))]:
        with pytest.raises(UsageError, match=r"account a: flagged is .* eligible rows flagged that day"):
            against_chance([case])


def simulated(random: np.random.Generator, sizes: list[int], share: float, together: float, times: float = 1) -> float:
    """The p of one history: cases follow their account's draw (as often as ``together``), or one of their own."""
    cases: list[Any] = []
    for place, size in enumerate(sizes):
        chances = share * random.uniform(0.6, 1.1, size)
        draws = np.where(random.random(size) < together, random.random(), random.random(size))
        cases += zip([place] * size, (draws < chances * times).tolist(), chances.tolist(), strict=True)
    return against_chance((f"a{place}", hit, chance) for place, hit, chance in cases).p


UNEVEN = [10, 8, 6, 4, 3, 2, *[1] * 7]


@pytest.mark.parametrize(
    ("sizes", "share", "together"),
    [
        ([1] * 40, 0.3, 0),
        ([1] * 40, 0.02, 0),  # rare
        ([3] * 30, 0.4, 0.8),
        ([3] * 30, 0.4, 1),
        ([5] * 20, 0.05, 0.8),
        ([5] * 20, 0.9, 1),  # nearly everything flagged: the variance between accounts sees none of it
        ([4] * 8, 0.5, 0.8),  # few accounts
        ([5] * 3, 0.3, 1),
        (UNEVEN, 0.3, 0.8),
        (UNEVEN, 0.8, 1),
    ],
    ids=lambda value: str(value)[:12],
)
def test_chance_is_rarely_taken_for_a_finding(sizes: list[int], share: float, together: float) -> None:
    random = np.random.default_rng(1908)
    found = [simulated(random, sizes, share, together) <= 0.05 for _ in range(800 * TIMES)]
    assert np.mean(found) <= 0.055


@pytest.mark.parametrize(("sizes", "together"), [([1] * 80, 0), ([3] * 60, 0.8)], ids=["independent", "together"])
def test_three_times_chance_is_found(sizes: list[int], together: float) -> None:
    random = np.random.default_rng(1937)
    found = [simulated(random, sizes, 0.15, together, times=3) <= 0.05 for _ in range(100 * TIMES)]
    assert np.mean(found) >= 0.95


# --- many plays, and what is plain ------------------------------------------------------------------------------------


def test_holm_passes_step_by_step() -> None:
    # 0.005 ≤ 0.05/4, 0.01 ≤ 0.05/3, 0.03 > 0.05/2: the rest falls, 0.04 ≤ 0.05/1 or not
    plays = {"seats": 0.01, "usage": 0.04, "tier": 0.03, "support": 0.005}
    assert holm(plays) == {"seats": True, "usage": False, "tier": False, "support": True}
    assert list(holm(plays)) == list(plays)
    assert holm(plays, level=0.2) == dict.fromkeys(plays, True)
    assert holm({}) == {}
    assert holm({"seats": 0.05}) == {"seats": True}
    with pytest.raises(UsageError, match="p of seats is nan"):
        holm({"seats": float("nan")})


def test_more_plays_never_make_a_finding() -> None:
    plays = {"seats": 0.01, "usage": 0.02, "tier": 0.03}
    found = [sum(holm(plays | {f"idle {place}": 0.5 for place in range(more)}).values()) for more in range(4)]
    assert found == [3, 1, 1, 0]


def test_results_are_plain_values() -> None:
    facts = [proportion(3, 7), proportion(0, 0), middle([1, 3], [2]), against_chance(of_accounts([1, 0], 2, 0.2))]
    told = [json.loads(json.dumps(fact.to_dict())) for fact in facts]
    assert told[0]["value"] == pytest.approx(3 / 7) and told[0]["hits"] == 3
    assert told[1]["value"] is None and told[1]["reason"] == "no cases in the period"
    assert told[2] == {"value": 2, "low": None, "high": None, "of": 3, "at_least": True}
    assert told[3]["hits"] == 1 and set(told[3]) == {"hits", "expected", "p", "lift", "low", "high"}


def test_without_scipy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert bounds(proportion(9, 10)) == pytest.approx((0.5958, 0.9821), abs=0.0001)
    with pytest.raises(UpcrossError, match=r"scipy is not installed.*pip install 'upcross\[statistics\]'"):
        proportion(2, 4, groups=[(2, 2), (0, 2)])


def test_many_cases_are_quick_and_exact() -> None:
    """Five thousand cases of a thousand accounts, seldom flagged: the exact tail is that of a thousand draws."""
    found = against_chance(of_accounts([5] * 4 + [0] * 996, 5, 0.002))
    assert found.p >= 1 - sum(comb(1000, k) * 0.002**k * 0.998 ** (1000 - k) for k in range(4)) - 1e-9
