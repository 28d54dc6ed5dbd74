"""What pages tell as text, as the cells of tables keep it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from upcross.money import quantise


def money(told: str | int | float | Decimal | None) -> int | None:
    """An amount in currency units (exact decimal text, or a number of at most four decimals) as ten-thousandths; None
    stays unknown."""
    return None if told is None else quantise(Decimal(str(told)))


def day(told: str | None) -> date | None:
    """A day told as ISO text; None where there is none."""
    return date.fromisoformat(told) if told else None
