"""The bridge from start to end, how much of the expansion lasted, and whether the two motions are in balance.

Expansion is only ever a sum with its two parts beside it; what is neither upsell nor cross-sell (price, the end of a
discount, an escalator, a currency, a transfer) stands under its own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from upcross.motions import Mechanism, Motion
from upcross.periods import add_months
from upcross.revenue.calendar import Window
from upcross.revenue.history import Move, in_window
from upcross.revenue.rate import Part, Rate

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


KEPT_AFTER = 12
"""Months after which expansion is looked at again."""


def kept_window(window: Window) -> Window:
    """The movements that are looked at again inside a window: those of twelve months before it."""
    return Window(add_months(window.first, -KEPT_AFTER), add_months(window.last, -KEPT_AFTER))


def expansion_kept(moves: Iterable[Move], later: Mapping[tuple[str, str, str, date], int | None], window: Window,
                   begins: date | None = None) -> dict[Mechanism, Rate]:  # fmt: skip
    """How much of each mechanism's expansion is still there twelve months later.

    ``later`` holds the revenue of a position at the end of a month (absent: none). An expansion is kept as far as the
    position stands above the level it had before it: what was won last is lost first.
    """
    old = kept_window(window)
    parts: dict[Mechanism, list[Part]] = {mechanism: [] for mechanism in Mechanism}
    unknown = dict.fromkeys(Mechanism, 0)
    for rows in _by_position(in_window(moves, old.first, old.last)).values():
        level = rows[0].before_mrr or 0
        month = add_months(rows[0].month_start, KEPT_AFTER)
        now = later.get((*rows[0].position, month), 0)
        for move in rows:
            if move.amount > 0 and move.motion:
                mechanism = Mechanism(move.mechanism)
                if now is None:
                    unknown[mechanism] += 1
                else:
                    kept = max(0, min(move.amount, now - level))
                    parts[mechanism].append(Part(move.account_id, kept, move.amount))
            level += move.amount
    young = begins is not None and old.last < begins
    empty = f"young book: it begins {begins:%Y-%m}" if young and begins else f"none was won in {old}"
    return {
        mechanism: Rate.over(found, empty=empty, of="movements",
                             note=f"{unknown[mechanism]} of unknown revenue left out" if unknown[mechanism] else "")
        for mechanism, found in parts.items()
    }  # fmt: skip


def _by_position(moves: Iterable[Move]) -> dict[tuple[tuple[str, str, str], date], list[Move]]:
    # Losses first, so that what was won in the same month stands on the level that was left.
    found: dict[tuple[tuple[str, str, str], date], list[Move]] = {}
    for move in sorted(moves, key=lambda m: (m.amount > 0, ORDER.index(m.kind) if m.kind in ORDER else 0)):
        found.setdefault((move.position, move.month_start), []).append(move)
    return found


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
        return told("", f"too few to tell: {accounts} accounts expanded, {ENOUGH} are needed")
    if expansion.upsell * 100 >= expansion.total * ONE_SIDED and white_space != 0:
        lies_open = "" if white_space is None else f" while {white_space} accounts have white space"
        return told("only_deeper", f"squeezes seats and tiers and hardly widens{lies_open}")
    if expansion.cross_sell * 100 >= expansion.total * ONE_SIDED and at_limit != 0:
        lies_open = "" if at_limit is None else f" past {at_limit} accounts at their plan's limit"
        return told("only_wider", f"sells products{lies_open} and hardly deepens")
    return told("balanced", "goes deeper and wider")
