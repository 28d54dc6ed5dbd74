"""How sure a count is: shares, medians and chance over few cases, where one account may give several of them.

Pure functions over counts. Every interval is at 95%; every choice that could go two ways takes the more careful one:
wider intervals, larger p-values. The quantiles of Student's t come from scipy (``pip install 'upcross[statistics]'``),
imported where they are needed; a share of independent cases, a median and a correction do without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from math import comb, floor, fsum, inf, isfinite, sqrt
from statistics import NormalDist
from types import ModuleType

from upcross.errors import UpcrossError, UsageError

LEVEL = 0.95
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
HALF_WIDTH = 0.15
"""An interval of ±15 points still tells a third from two thirds; a wider one says too little to choose by."""
FEW = 5
"""With fewer accounts than this that hit, or that missed, the variance between accounts is not to be trusted."""


def _special() -> ModuleType:
    try:
        from scipy import special
    except ImportError as error:
        raise UpcrossError(
            "scipy is not installed; intervals over accounts and tests against chance need it: "
            "pip install 'upcross[statistics]'"
        ) from error
    module: ModuleType = special
    return module


# --- shares -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of cases with its 95% interval; no bounds where there is no case, and ``reason`` says so."""

    hits: int
    of: int
    low: float | None
    high: float | None
    reason: str = ""
    """Why there is no share; empty where there is one."""
    thin: str = ""
    """Why the interval is too wide to choose by; empty where there are enough cases. The interval stands anyhow."""

    @property
    def value(self) -> float | None:
        """Hits over cases, from 0 to 1; None where there is no case or a reason not to tell."""
        return None if self.reason or not self.of else self.hits / self.of

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {"value": self.value, **asdict(self)}


def proportion(
    hits: int, of: int, *, groups: Iterable[tuple[int, int]] | None = None, what: str = "cases"
) -> Proportion:
    """The share of cases that hit, with the 95% Wilson score interval (Wilson 1927).

    ``groups`` gives (hits, cases) of every account, where an account may give several cases: what it does once it does
    again, so ten cases of one account say less than ten of ten. The interval is then Wilson's over the number of
    independent cases that say as much (the "effective" cases):

    - cases ÷ design effect (Kish 1965; Rao and Scott 1992): the variance of the share between accounts over that of
      as many independent cases. Never below 1: that accounts differ less than chance would have them is luck. The
      variance is that of leaving out one account at a time, which a single large account cannot hide in;
    - times (z ÷ t)², as the design effect is itself an estimate (Korn and Graubard 1998), with as many degrees of
      freedom as accounts of equal size would say as much, (Σ cases)² ÷ Σ cases², less one;
    - where fewer than five accounts hit or fewer than five missed, none at all among them, that variance cannot be
      seen. An account then counts as one answer given many times, the worst that dependence within accounts can do:
      the effective cases are at most those accounts of equal size, which are never more than there are accounts;
    - accounts with a case each are independent, and have the plain interval; one account alone with several cases
      bounds nothing: 0 to 1.

    Wilson's interval holds 95% on average, not at every share: over 10 independent cases 91% at worst on shares of
    5% and more. ``what`` names the cases, in the plural. ``UsageError`` where the counts contradict each other.
    """
    if not 0 <= hits <= of:
        raise UsageError(f"{hits} of {of} {what}: expected hits between 0 and the number of {what}")
    effective: float = of
    if groups is not None:
        sizes = [group for group in groups if group != (0, 0)]
        if (hits, of) != (sum(hit for hit, _ in sizes), sum(size for _, size in sizes)) or any(
            not 0 <= hit <= size for hit, size in sizes
        ):
            raise UsageError(f"the accounts' {what} do not add up to {hits} of {of}: expected (hits, cases) of each")
        effective = _effective(hits, of, sizes)
    if not of:
        return Proportion(0, 0, None, None, f"no {what} in the period")
    low, high = _wilson(hits / of, effective)
    return Proportion(hits, of, low, high, thin=thin(of, what, counts_as=effective))


def _wilson(share: float, cases: float) -> tuple[float, float]:
    middle = (share * cases + Z * Z / 2) / (cases + Z * Z)
    half = Z * sqrt(share * (1 - share) * cases + Z * Z / 4) / (cases + Z * Z)
    # at a share of 0 or 1 the bound is exactly there; a rounding error would put it beside
    return (0.0 if share == 0 else max(middle - half, 0.0)), (1.0 if share == 1 else min(middle + half, 1.0))


def _effective(hits: int, of: int, groups: Sequence[tuple[int, int]]) -> float:
    if all(size == 1 for _, size in groups):
        return of
    if len(groups) == 1:
        return 0
    share = hits / of
    equal_accounts = of * of / sum(size * size for _, size in groups)
    independent = float(of)
    if 0 < hits < of:
        left_out = sum(((hit - share * size) / (of - size)) ** 2 for hit, size in groups)
        between = (len(groups) - 1) / len(groups) * left_out
        independent = of / max(between / (share * (1 - share) / of), 1.0)
    if min(sum(hit > 0 for hit, _ in groups), sum(hit < size for hit, size in groups)) < FEW:
        independent = min(independent, equal_accounts)
    t = float(_special().stdtrit(equal_accounts - 1, (1 + LEVEL) / 2))
    return independent * (Z / t) ** 2


def needed(half_width: float = HALF_WIDTH) -> int:
    """The fewest independent cases whose Wilson interval is under ± ``half_width`` (0.15: 15 points) at every share.

    It is widest at a half, where it is ± z ÷ 2√(cases + z²). ``UsageError`` outside 0 to 0.5.
    """
    if not 0 < half_width <= 0.5:
        raise UsageError(f"an interval of ±{half_width}: expected a half-width above 0 and up to 0.5, such as 0.15")
    return max(1, floor((Z / 2 / half_width) ** 2 - Z * Z) + 1)


def thin(of: int, noun: str, half_width: float = HALF_WIDTH, *, counts_as: float | None = None) -> str:
    """Why so many cases are too few to choose by; empty where they are enough.

    ``noun`` names the cases in the plural; ``counts_as`` is how many independent ones say as much, where accounts give
    several.
    """
    enough = needed(half_width)
    counted = of if counts_as is None else min(of, counts_as)
    if counted >= enough:
        return ""
    cases = f"{of} {noun} in the period"
    if of >= enough:
        few = f"count as {floor(counted)} independent ones, as accounts give several"
        cases += f" {few if counted >= 1 else 'are of one account, or nearly all'}"
    return f"{cases}; at least {enough} needed for an interval under ±{half_width * 100:g} points"


# --- medians ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Middle:
    """A median with its 95% interval; a bound that the values cannot give is None."""

    value: float | None
    """The median; None where there is no value."""
    low: float | None
    high: float | None
    of: int
    at_least: bool
    """The median is ``value`` or more: it hangs on values of which only a lower bound is known."""

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return asdict(self)


def middle(values: Sequence[int], at_least: Sequence[int] = ()) -> Middle:
    """The median, with the interval between two values counted from either end (Hahn and Meeker 1991).

    Whatever the distribution, the median lies between the k-th smallest and the k-th largest of n independent values
    but for twice the chance of fewer than k heads in n coins; k is the largest for which that is at most 5%. Under six
    values there is none, and both bounds are None.

    ``at_least`` are values of which only a lower bound is known. Nothing is supposed about how much more they are: the
    median and ``low`` take them at their bound, ``high`` takes them as without end, and is None where it falls on one.
    So the interval holds at least 95%, why ever a value was cut short; where the median would be larger with them
    larger, ``Middle.at_least`` is true.
    """
    smallest = sorted([*values, *at_least])
    of = len(smallest)
    if not of:
        return Middle(None, None, None, 0, False)
    largest = [*sorted(values), *(inf for _ in at_least)]
    value = _median(smallest)
    outside = [total for total in accumulate(comb(of, heads) for heads in range(of // 2)) if 40 * total <= 2**of]
    rank = len(outside)
    high = largest[of - rank] if rank else inf
    return Middle(
        value,
        smallest[rank - 1] if rank else None,
        high if isfinite(high) else None,
        of,
        _median(largest) != value,
    )


def _median(ordered: Sequence[float]) -> float:
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


# --- chance -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chance:
    """Hits set against those that rows drawn by chance would have had."""

    hits: int
    expected: float
    """Hits by chance: the sum of the cases' probabilities."""
    p: float
    """How often chance alone does as well or better, at most."""
    lift: float | None
    """Hits over those by chance; 1: no better. None where none is expected."""
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return asdict(self)


def against_chance(cases: Iterable[tuple[str, bool, float]]) -> Chance:
    """How many more cases were flagged than chance would have flagged, and how often chance does as well.

    A case is (account, whether it was flagged, the share of all eligible rows that were flagged the same day). If the
    flag says nothing about who expands, each case is flagged with that probability. Accounts are independent, the
    cases of one account need not be: it stays flagged, and expands again.

    The surplus, Σ (hit − probability), is set against its variance between accounts (each account's surplus, squared),
    never taken below that of independent cases, Σ p(1 − p); one-sided by Student's t with (accounts − 1) degrees of
    freedom. Squares are about the surplus of 0 that chance gives, not about the mean, which can only make p larger.

    The variance between accounts is blind to what has not happened yet. So where chance gives fewer than five accounts
    flagged, or fewer than five not, or flags mostly (a surplus that leans left makes t too bold at any number), p is
    the larger of that and of an exact tail: the distribution of the sum (Poisson-binomial, account by account) where
    the cases of an account are flagged all together, each with its own probability. No other dependence within
    accounts spreads the sum wider. One account proves nothing: p is 1.

    ``lift`` is hits over those expected; its bounds are those of the flagged share (``proportion``, by account) over
    the mean probability. They are two-sided, so p may be under 0.05 where ``low`` is under 1. ``UsageError`` for a
    probability outside 0 to 1, and for a case that was or was not flagged against a probability of 0 or 1.
    """
    accounts: defaultdict[str, list[tuple[bool, float]]] = defaultdict(list)
    for account, hit, probability in cases:
        if not 0 <= probability <= 1 or probability == 1 - hit:
            raise UsageError(
                f"account {account}: flagged is {hit} where {probability} of all rows were; expected the share, from "
                "0 to 1, of eligible rows flagged that day, the case's own among them"
            )
        accounts[account].append((hit, probability))
    groups = [(sum(hit for hit, _ in listed), len(listed)) for listed in accounts.values()]
    hits, of = sum(hit for hit, _ in groups), sum(size for _, size in groups)
    chances = [[probability for _, probability in listed] for listed in accounts.values()]
    expected = fsum(probability for listed in chances for probability in listed)
    share = proportion(hits, of, groups=groups, what="cases")
    if share.low is None or share.high is None or not expected:
        return Chance(hits, expected, 1.0, None, None, None)
    mean = expected / of
    p = _tail(hits, groups, chances)
    return Chance(hits, expected, p, hits / expected, share.low / mean, share.high / mean)


def _tail(hits: int, groups: Sequence[tuple[int, int]], chances: Sequence[Sequence[float]]) -> float:
    if len(groups) < 2:
        return 1.0
    surplus = [hit - sum(listed) for (hit, _), listed in zip(groups, chances, strict=True)]
    variance = max(sum(one * one for one in surplus), sum(p * (1 - p) for listed in chances for p in listed))
    if not variance:
        return 1.0
    by_t = float(_special().stdtr(len(groups) - 1, -sum(surplus) / sqrt(variance)))
    flagged = sum(sum(listed) / len(listed) for listed in chances)
    if FEW <= flagged <= len(groups) - FEW and not _leans_left(chances):
        return by_t
    return max(by_t, _together(hits, chances))


def _leans_left(chances: Sequence[Sequence[float]]) -> bool:
    """Whether a surplus of accounts flagged together is skewed to the left: large losses, small gains."""
    return sum(len(listed) ** 3 * (p := sum(listed) / len(listed)) * (1 - p) * (1 - 2 * p) for listed in chances) < 0


def _together(hits: int, chances: Sequence[Sequence[float]]) -> float:
    """The probability of so many hits or more, each account's cases flagged by one draw."""
    import numpy as np

    total = np.ones(1)
    for listed in chances:
        at_least = np.array([1.0, *sorted(listed, reverse=True), 0.0])
        total = np.convolve(total, at_least[:-1] - at_least[1:])
    return min(1.0, float(total[hits:].sum()))


def holm(p_values: Mapping[str, float], level: float = 1 - LEVEL) -> dict[str, bool]:
    """Which findings hold although many were looked at (Holm 1979); in the order given.

    From the smallest p on, each must be at most ``level`` over the number of those not yet passed; the first that is
    not ends it. The chance that any finding holds by luck is then at most ``level``, however they hang together.
    ``UsageError`` for a p outside 0 to 1.
    """
    for name, p in p_values.items():
        if not 0 <= p <= 1:
            raise UsageError(f"p of {name} is {p}: expected a probability from 0 to 1")
    holds = dict.fromkeys(p_values, False)
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        if p > level / (len(p_values) - place):
            break
        holds[name] = True
    return holds
