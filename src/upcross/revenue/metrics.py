"""The bridge from start to end, and whether the two motions are in balance.

Expansion is only ever a sum with its two parts beside it; what is neither upsell nor cross-sell (price, the end of a
discount, an escalator, a currency, a transfer) stands under its own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from upcross.motions import Motion
from upcross.revenue.calendar import Window
from upcross.revenue.history import Move, in_window
from upcross.revenue.rate import counted

ORDER = (
    "new", "reactivation", "seats", "tier", "usage", "support", "cross_sell", "reactivation_product", "price",
    "discount_end", "escalator", "fx", "transfer", "contraction_product", "churn", "unknown",
)  # fmt: skip
"""Kinds in the order in which a bridge is read."""


@dataclass(frozen=True, slots=True)
class Step:
    """One cause in a bridge: what it added and what it took, over how many accounts."""

    kind: str
    motion: str
    mechanism: str
    up: int
    down: int
    accounts: tuple[str, ...]

    @property
    def net(self) -> int:
        """What the cause changed in all."""
        return self.up + self.down


@dataclass(frozen=True, slots=True)
class Expansion:
    """What existing customers added by buying more: a sum, never without its two parts."""

    upsell: int
    cross_sell: int

    @property
    def total(self) -> int:
        """Both parts together."""
        return self.upsell + self.cross_sell


@dataclass(frozen=True, slots=True)
class Bridge:
    """How revenue came from its start to its end, cause by cause; nothing is left over."""

    start: int
    end: int
    steps: tuple[Step, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Accounts in no part of it because their revenue at the start or the end is unknown, each with the reason."""

    @property
    def residual(self) -> int:
        """What no cause explains: zero."""
        return self.end - self.start - sum(step.net for step in self.steps)

    @property
    def expansion(self) -> Expansion:
        """The upward parts of both motions."""
        won = {motion: sum(s.up for s in self.steps if s.motion == motion.value) for motion in Motion}
        return Expansion(won[Motion.UPSELL], won[Motion.CROSS_SELL])


def bridge(start: Mapping[str, int | None], end: Mapping[str, int | None], moves: Iterable[Move],
           window: Window, left_out: Mapping[str, str] | None = None) -> Bridge:  # fmt: skip
    """The bridge of a window from the states at its start and end and its movements, without those ``left_out``."""
    sums: dict[tuple[str, str, str], tuple[int, int, set[str]]] = {}
    left_out = left_out or {}
    for move in in_window(moves, window.first, window.last):
        if move.account_id in left_out:
            continue
        key = (move.kind, move.motion, move.mechanism if move.kind == "cross_sell" else "")
        up, down, accounts = sums.get(key, (0, 0, set()))
        accounts.add(move.account_id)
        sums[key] = (up + max(0, move.amount), down + min(0, move.amount), accounts)
    steps = [Step(*key, up, down, tuple(sorted(accounts))) for key, (up, down, accounts) in sums.items()]
    steps.sort(key=lambda step: (ORDER.index(step.kind) if step.kind in ORDER else len(ORDER), step.mechanism))
    before, after = (sum(mrr or 0 for a, mrr in state.items() if a not in left_out) for state in (start, end))
    return Bridge(before, after, tuple(steps), left_out)


ONE_SIDED = 90
"""Percent of the expansion in one motion from which on a team leans to that side."""
ENOUGH = 5
"""Accounts that expanded, fewer of which say nothing about balance."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Whether a team goes deeper and wider, or only one of them while the other lies open."""

    expansion: Expansion
    accounts: int
    """Accounts that expanded."""
    white_space: int | None
    """Accounts that lack a product they could buy; None: not known."""
    at_limit: int | None
    """Accounts that use their plan's limits to 90% or more at the end; None: not known."""
    verdict: str
    """balanced, only_deeper, only_wider, or empty where there is a reason."""
    told: str


def balance(moves: Iterable[Move], window: Window, white_space: int | None = None,
            at_limit: int | None = None) -> Balance:  # fmt: skip
    """The expansion of both motions side by side, and what lies open on the side that is neglected."""
    won = [move for move in in_window(moves, window.first, window.last) if move.motion and move.amount > 0]
    sums = {motion: sum(m.amount for m in won if m.motion == motion.value) for motion in Motion}
    expansion = Expansion(sums[Motion.UPSELL], sums[Motion.CROSS_SELL])
    accounts = len({move.account_id for move in won})

    def told(verdict: str, words: str) -> Balance:
        return Balance(expansion, accounts, white_space, at_limit, verdict, words)

    if accounts < ENOUGH:
        return told("", f"too few to tell: {counted(accounts, 'account')} expanded, {ENOUGH} are needed")
    if expansion.upsell * 100 >= expansion.total * ONE_SIDED and white_space != 0:
        lies_open = "" if white_space is None else f" while {_having(white_space)} white space"
        return told("only_deeper", f"squeezes seats and tiers and hardly widens{lies_open}")
    if expansion.cross_sell * 100 >= expansion.total * ONE_SIDED and at_limit != 0:
        lies_open = "" if at_limit is None else f" past {counted(at_limit, 'account')} at the plan's limit"
        return told("only_wider", f"sells products{lies_open} and hardly deepens")
    return told("balanced", "goes deeper and wider")


def _having(accounts: int) -> str:
    return f"{counted(accounts, 'account')} {'has' if accounts == 1 else 'have'}"
