"""How numbers read on a page."""

from __future__ import annotations


def percent(share: float | None) -> str:
    """A share from 0 to 1: "43%", under a tenth with a decimal; a dash where there is none."""
    if share is None:
        return "–"
    return f"{share * 100:.1f}%" if 0 < share < 0.0995 else f"{share * 100:.0f}%"


def days(number: float, at_least: bool = False) -> str:
    """A number of days: "99 days", "at least 94.5 days"."""
    return f"{'at least ' if at_least else ''}{number:g} day{'' if number == 1 else 's'}"
