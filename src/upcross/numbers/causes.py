"""What changed revenue, cause by cause, as people read it: with the accounts that did it, and beside the time before.

A cause is a kind of movement, for cross-sell with its mechanism; what upsell won and what was lost of it again are two
causes. Price is a cause of its own and never upsell. Amounts are ten-thousandths of the reporting currency a month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from upcross.motions import Mechanism, Motion
from upcross.numbers.rows import Rows
from upcross.periods import add_months
from upcross.revenue.calendar import Window
from upcross.revenue.history import Move, in_window
from upcross.revenue.metrics import ORDER
from upcross.revenue.movement import Kind
from upcross.revenue.retention import Cohort, cohort_of, reasons, settled

LEFT = "other"
"""What no movement of the cohort's accounts explains: merges with accounts that were not there at the start."""


class Side(StrEnum):
    """Which part of a change a cause belongs to; the two motions stay apart."""

    NEW = "new"
    DEEPER = "deeper"
    WIDER = "wider"
    PRICE = "price"
    LOST = "lost"
    OTHER = "other"


_NEW = {Kind.NEW.value: "New customers", Kind.REACTIVATION.value: "Customers back"}
_WIDER = {"cross_sell.product": "Products added", "cross_sell.module": "Modules added",
          "cross_sell.add_on": "Add-ons added", Kind.REACTIVATION_PRODUCT.value: "Products back"}  # fmt: skip
_DEEPER = {Kind.SEATS.value: "More seats", Kind.TIER.value: "Higher plans", Kind.USAGE.value: "Larger commitments",
           Kind.SUPPORT.value: "More support"}  # fmt: skip
_PRICE = {Kind.PRICE.value: "Price", Kind.DISCOUNT_END.value: "Discounts ended", Kind.ESCALATOR.value: "Agreed rises"}
_LOST = {"seats-down": "Fewer seats", "tier-down": "Lower plans", "usage-down": "Smaller commitments",
         "support-down": "Less support", Kind.CONTRACTION_PRODUCT.value: "Products dropped",
         Kind.CHURN.value: "Customers left"}  # fmt: skip
_OTHER = {Kind.FX.value: "Another currency", Kind.TRANSFER.value: "Merged or split",
          Kind.UNKNOWN.value: "While unknown", LEFT: "Merges with others"}  # fmt: skip
_SIDES = {Side.NEW: _NEW, Side.DEEPER: _DEEPER, Side.WIDER: _WIDER, Side.PRICE: _PRICE, Side.OTHER: _OTHER,
          Side.LOST: _LOST}  # fmt: skip
CAUSES: Mapping[str, tuple[Side, str]] = {
    cause: (side, words) for side, listed in _SIDES.items() for cause, words in listed.items()
}
"""Every cause in the order in which a bridge is read: its side, and what it is called."""
assert set(ORDER) - {"cross_sell"} <= set(CAUSES)


def cause_of(move: Move) -> str:
    """The cause that a movement is a part of."""
    if move.kind == Kind.CROSS_SELL:
        return f"cross_sell.{move.mechanism or Mechanism.PRODUCT}"
    return f"{move.kind}-down" if move.motion == Motion.UPSELL and move.amount < 0 else move.kind


@dataclass(frozen=True, slots=True)
class Change:
    """What one cause changed: in all, and by account."""

    cause: str
    amount: int
    by_account: Mapping[str, int]

    @property
    def side(self) -> Side:
        """The part of the change that it belongs to."""
        return CAUSES[self.cause][0]

    @property
    def words(self) -> str:
        """What it is called."""
        return CAUSES[self.cause][1]

    def largest(self, most: int = 3) -> list[tuple[str, int]]:
        """The accounts that did most of it, largest first."""
        ranked = sorted(self.by_account.items(), key=lambda one: (-abs(one[1]), one[0]))
        return [one for one in ranked if one[1]][:most]


def changes(moves: Iterable[Move], of: Mapping[str, str] | None = None) -> tuple[Change, ...]:
    """Movements added up by cause, in order of reading; ``of`` names who an account counts under."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for move in moves:
        sums[cause_of(move)][(of or {}).get(move.account_id, move.account_id)] += move.amount
    return tuple(Change(cause, sum(sums[cause].values()), sums[cause]) for cause in CAUSES if cause in sums)


@dataclass(frozen=True, slots=True)
class Moved:
    """Why the net retention of a window is what it is: its cohort's changes add up to it exactly."""

    window: Window
    start: int
    end: int
    changes: tuple[Change, ...]
    moves: tuple[Move, ...]
    """The movements of the cohort."""
    reason: str = ""
    """Why there is no retention to explain; empty where there is."""

    def points(self, change: Change | None) -> float | None:
        """What a cause did to net retention, as a share of the revenue at the start."""
        return None if self.reason else (change.amount if change else 0) / self.start


def moved(rows: Rows, window: Window) -> Moved:
    """The changes of the accounts that paid at a window's start; it may lie before the window of the rows."""
    inside = in_window(rows.moves, window.first, window.last)
    cohort = cohort_of(rows.by_account, window, inside, rows.transfers)
    first = max(rows.begins, rows.months[0]) if rows.begins else rows.months[0]
    start = sum(cohort.start.values())
    why = reasons(window, first, cohort)[1] if start <= 0 or window.start < first else ""
    explained = settled(rows.by_account, window, rows.moves, rows.unknown_moves, rows.transfers)
    own = tuple(move for move in explained if move.kind != Kind.NEW and cohort.unit(move.account_id) in cohort.start)
    end = sum(cohort.end.get(name, 0) for name in cohort.start)
    found = changes(own, _units(own, cohort))
    left = end - start - sum(change.amount for change in found)
    if left:
        found = (*found, Change(LEFT, left, {}))
    return Moved(window, start, end, found, own, why)


def _units(moves: Iterable[Move], cohort: Cohort) -> dict[str, str]:
    return {move.account_id: cohort.unit(move.account_id) for move in moves}


def before(window: Window) -> Window:
    """The window of the same length that ends where another begins."""
    length = len(window.months)
    return Window(add_months(window.first, -length), add_months(window.last, -length))
