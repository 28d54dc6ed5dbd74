"""Movements of recurring revenue: the causes that a change is split into, and each told with its arithmetic.

The model ``movements`` gives the rows. Every amount bears exactly one kind, and downward parts bear the same name with
a minus; four kinds are upsell, one is cross-sell, and all others are neither (a motion is never blended with the other,
nor with price).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from upcross.money import display, to_decimal
from upcross.motions import Motion


class Kind(StrEnum):
    """Why recurring revenue changed."""

    NEW = "new"
    REACTIVATION = "reactivation"
    CHURN = "churn"
    CROSS_SELL = "cross_sell"
    REACTIVATION_PRODUCT = "reactivation_product"
    CONTRACTION_PRODUCT = "contraction_product"
    SEATS = "seats"
    TIER = "tier"
    USAGE = "usage"
    SUPPORT = "support"
    PRICE = "price"
    DISCOUNT_END = "discount_end"
    ESCALATOR = "escalator"
    FX = "fx"
    TRANSFER = "transfer"
    UNKNOWN = "unknown"

    @property
    def meaning(self) -> str:
        """What it says in business words."""
        return _MEANINGS[self]

    @property
    def motion(self) -> Motion | None:
        """The motion that it belongs to; None for what is neither upsell nor cross-sell."""
        if self is Kind.CROSS_SELL:
            return Motion.CROSS_SELL
        return Motion.UPSELL if self in _UPSELL else None

    @property
    def is_price(self) -> bool:
        """Whether the customer pays another price for the same: left out of NRR without price."""
        return self in (Kind.PRICE, Kind.DISCOUNT_END, Kind.ESCALATOR)


_UPSELL = frozenset({Kind.SEATS, Kind.TIER, Kind.USAGE, Kind.SUPPORT})
_MEANINGS = {
    Kind.NEW: "A customer pays for the first time.",
    Kind.REACTIVATION: "A customer who once paid and had left pays again.",
    Kind.CHURN: "A customer pays nothing any more.",
    Kind.CROSS_SELL: "A customer owns a product, module or add-on that it never owned before.",
    Kind.REACTIVATION_PRODUCT: "A customer takes again a product that it once owned.",
    Kind.CONTRACTION_PRODUCT: "A customer drops a product and keeps others.",
    Kind.SEATS: "More or fewer units, at the price before.",
    Kind.TIER: "A higher or lower plan, by the step between their list prices.",
    Kind.USAGE: "A larger or smaller commitment.",
    Kind.SUPPORT: "Support bought, raised, lowered or dropped.",
    Kind.PRICE: "Another price for the same.",
    Kind.DISCOUNT_END: "A discount came to its end.",
    Kind.ESCALATOR: "A rise that the contract foresaw.",
    Kind.FX: "The line is paid in another currency.",
    Kind.TRANSFER: "Money that moved with a merger, a split or a replaced product; the other side bears the opposite.",
    Kind.UNKNOWN: "A price or an exchange rate is missing, so that the amount cannot be told.",
}


class Origin(StrEnum):
    """How a movement came about."""

    NEW = "new"
    AMENDMENT = "amendment"
    RENEWAL = "renewal"
    CONTRACTED_RAMP = "contracted_ramp"
    CONTRACTED_ESCALATOR = "contracted_escalator"
    TRUE_UP = "true_up"
    SELF_SERVE = "self_serve"
    TRANSFER = "transfer"
    CORRECTION = "correction"
    ENDED = ""
    """No line began: something ended, or a discount did."""


class Told(Protocol):
    """What a movement needs to be told: the columns of the model ``movements`` by these names."""

    @property
    def kind(self) -> str:
        """A value of ``Kind``."""
        ...

    @property
    def amount(self) -> int | None:
        """Signed ten-thousandths; None is unknown."""
        ...

    @property
    def base_mrr(self) -> int | None:
        """The position at the end of the month before, with what was transferred in and without what went out."""
        ...

    @property
    def after_mrr(self) -> int | None:
        """The position at the month's end."""
        ...

    @property
    def before_plan(self) -> str | None:
        """Its highest plan before, or that of what was transferred in."""
        ...

    @property
    def after_plan(self) -> str | None:
        """Its highest plan after."""
        ...

    @property
    def units(self) -> int | None:
        """How many units the amount is a price of; None: it is no such product."""
        ...


def in_words(move: Told, plans: Mapping[str, str] | None = None, why: str = "") -> str:
    """The arithmetic behind a movement, as a person reads it: "150 more seats × 12.50".

    ``plans`` gives plan names by id. Prices are per unit and month, in the reporting currency; where the amount is not
    exactly units times a price of at most four decimals, the price is given with ≈. ``why`` says why an amount is
    unknown.
    """
    names = plans or {}
    kind, amount, units = Kind(move.kind), move.amount, move.units
    if amount is None:
        return f"unknown: {why or 'a price or an exchange rate is missing'}"
    size = display(abs(amount), cents=True)
    before, after = display(move.base_mrr, cents=True), display(move.after_mrr, cents=True)
    old, new = (names.get(plan or "", plan or "") for plan in (move.before_plan, move.after_plan))
    match kind:
        case Kind.SEATS if units:
            beside = f" on {old or new}" if bool(old) != bool(new) else ""
            return f"{_count(abs(units), 'more' if units > 0 else 'fewer')} × {_each(amount, units)}{beside}"
        case Kind.TIER:
            step = f"{_count(units)} × {_each(amount, units)}" if units else size
            return f"{step} {'up' if amount > 0 else 'down'} from {old or '?'} to {new or '?'}"
        case Kind.NEW | Kind.REACTIVATION | Kind.CROSS_SELL | Kind.REACTIVATION_PRODUCT if units:
            return f"{_count(units)} × {_each(amount, units)}" + (f" on {new}" if new else "")
        case Kind.CHURN | Kind.CONTRACTION_PRODUCT if units:
            return f"{_count(-units)} × {_each(amount, units)} given up"
        case Kind.PRICE | Kind.DISCOUNT_END | Kind.ESCALATOR | Kind.FX if units:
            how = f"{_each(abs(amount), units)} {'more' if amount > 0 else 'less'}"
            return f"{_count(units)} × {how}, {_REASONS[kind]}"
        case Kind.PRICE | Kind.DISCOUNT_END | Kind.ESCALATOR | Kind.FX:
            return f"{size} {'more' if amount > 0 else 'less'}, {_REASONS[kind]}"
        case Kind.TRANSFER:
            return f"{size} {'came over' if amount > 0 else 'went over'} with its lines"
        case Kind.USAGE if units:
            return f"{_count(abs(units), 'more' if units > 0 else 'fewer', 'unit')} × {_each(amount, units)}"
        case Kind.USAGE:
            return f"{'larger' if amount > 0 else 'smaller'} commitment: {before} → {after}"
        case _:
            return f"{before} → {after}"


_REASONS = {
    Kind.PRICE: "price",
    Kind.DISCOUNT_END: "the discount's end",
    Kind.ESCALATOR: "contracted rise",
    Kind.FX: "another currency",
}


def _count(units: int, word: str = "", noun: str = "seat") -> str:
    return " ".join(part for part in (f"{units:,}", word, noun if units == 1 else f"{noun}s") if part)


def _each(amount: int, units: int) -> str:
    whole, rest = divmod(abs(amount), abs(units))
    price = to_decimal(whole)
    step = Decimal("0.01") if whole % 100 == 0 else Decimal("0.0001")
    return f"{'≈ ' if rest else ''}{price.quantize(step):,}"
