"""Money as integer ten-thousandths of the currency unit: quantised once, half-even; sums are exact.

A stored amount of 12.3456 is the integer 123456. Parts of an amount are cut by integer division and the last
part is the difference, so that parts always sum to the whole. Rounding for people happens once, on display.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

SCALE = 10_000


def quantise(amount: Decimal | int | str) -> int:
    """An amount in currency units as integer ten-thousandths, half-even. Floats are refused: they are not exact."""
    if isinstance(amount, float):
        raise TypeError("money is never made from a float; give a Decimal, an int or text")
    with localcontext(prec=60):  # wide enough that the scaling itself never rounds
        return int((Decimal(amount) * SCALE).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def to_decimal(amount: int) -> Decimal:
    """Ten-thousandths as an exact number of currency units."""
    return Decimal(amount) / SCALE


def display(amount: int | None, currency: str = "", *, cents: bool = False) -> str:
    """An amount as people read it: whole units by default, two decimals where ``cents``; ``None`` is "unknown"."""
    if amount is None:
        return "unknown"
    step = Decimal("0.01") if cents else Decimal(1)
    text = f"{to_decimal(amount).quantize(step, rounding=ROUND_HALF_EVEN):,}"
    return f"{text} {currency}" if currency else text
