"""The two motions and their mechanisms: the one enumeration used everywhere, never merged."""

from __future__ import annotations

from enum import StrEnum


class Motion(StrEnum):
    """How an account grows: deeper into what it owns, or wider into what it lacks."""

    UPSELL = "upsell"
    CROSS_SELL = "cross_sell"

    @property
    def lane(self) -> str:
        """The word a person reads: deeper or wider."""
        return "deeper" if self is Motion.UPSELL else "wider"


class Mechanism(StrEnum):
    """What exactly is sold; each belongs to one motion."""

    SEATS = "seats"
    TIER = "tier"
    USAGE = "usage"
    SUPPORT = "support"
    PRODUCT = "product"
    MODULE = "module"
    ADD_ON = "add_on"

    @property
    def motion(self) -> Motion:
        """The motion this mechanism belongs to."""
        return Motion.UPSELL if self in _UPSELL else Motion.CROSS_SELL


_UPSELL = frozenset({Mechanism.SEATS, Mechanism.TIER, Mechanism.USAGE, Mechanism.SUPPORT})
