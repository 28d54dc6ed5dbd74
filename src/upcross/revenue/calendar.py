"""Windows of whole months, and the company's fiscal year.

A window from its first to its last month compares two states: the end of the month before the first, and the end of
the last. A fiscal year bears the number of the calendar year in which it ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from upcross.errors import UsageError
from upcross.periods import add_months, month_start

_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_FISCAL = re.compile(r"FY(\d{4})(?:-Q([1-4]))?", re.IGNORECASE)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Window:
    """Whole months from ``first`` to ``last``, both named by their first day and both inside."""

    first: date
    last: date

    @property
    def start(self) -> date:
        """The month at whose end the window starts: the one before its first."""
        return add_months(self.first, -1)

    @property
    def after(self) -> date:
        """The first day after the window."""
        return add_months(self.last, 1)

    @property
    def months(self) -> list[date]:
        """The window's months, oldest first."""
        return [add_months(self.first, ahead) for ahead in range(months_between(self.first, self.last) + 1)]

    @property
    def starts_on(self) -> date:
        """The day at whose end the start is read."""
        return self.first - timedelta(days=1)

    @property
    def ends_on(self) -> date:
        """The day at whose end the end is read."""
        return self.after - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m} to {self.last:%Y-%m}"


def months_between(earlier: date, later: date) -> int:
    """Whole months from one month to another; negative where the second is earlier."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def trailing_year(last: date) -> Window:
    """The twelve months that end with a month."""
    return Window(add_months(last, -11), last)


def fiscal_start(year: int, quarter: int | None, starts: int) -> date:
    """The first month of a fiscal year (or of one of its quarters) in a company whose year starts in a month."""
    first = date(year if starts == 1 else year - 1, starts, 1)
    return add_months(first, 3 * (quarter - 1)) if quarter else first


def span(text: str, fiscal_year_starts: int = 1) -> Window:
    """The months that a word means: 2026-03, a day of that month, 2026-Q1 (calendar), FY2026 or FY2026-Q1 (fiscal).

    Raises ``UsageError`` for anything else.
    """
    if found := _FISCAL.fullmatch(text):
        quarter = int(found[2]) if found[2] else None
        first = fiscal_start(int(found[1]), quarter, fiscal_year_starts)
        return Window(first, add_months(first, 2 if quarter else 11))
    if found := _QUARTER.fullmatch(text):
        first = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return Window(first, add_months(first, 2))
    if found := _MONTH.fullmatch(text):
        try:
            month = month_start(date(int(found[1]), int(found[2]), int(found[3] or 1)))
        except ValueError:
            pass
        else:
            return Window(month, month)
    raise UsageError(f"'{text}' is no month or period: give 2026-03, 2026-Q1, FY2026 or FY2026-Q1")


def window(first: str | None, last: str | None, newest: date, fiscal_year_starts: int = 1) -> Window:
    """The window between two words; by default the twelve months that end with the newest whole month.

    ``newest`` is the last month that is over. One word alone: from it to the newest month, or twelve months to it.
    Raises ``UsageError`` where the window ends before it begins.
    """
    begin = span(first, fiscal_year_starts) if first else None
    end = span(last, fiscal_year_starts) if last else None
    if begin is None and end is None:
        return trailing_year(newest)
    if begin is None:
        assert end is not None
        found = trailing_year(end.last)
    elif end is None:
        # A quarter or year given alone is meant whole; a month alone is where the window begins.
        found = begin if begin.first != begin.last else Window(begin.first, newest)
    else:
        found = Window(begin.first, end.last)
    if found.last < found.first:
        raise UsageError(f"the window {found.first:%Y-%m} to {found.last:%Y-%m} ends before it begins")
    return found
