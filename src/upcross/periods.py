"""Days, months and windows: half-open intervals, and as-of days that mean the end of the day.

``as_of`` D sees facts dated up to and including D. A line is in force on D if start ≤ D < end. A period [a, b) is
known when b ≤ D + 1. A window of n days is (D − n, D].
"""

from __future__ import annotations

import os
from datetime import date, timedelta

from upcross.errors import UsageError

WINDOWS = (7, 30, 90, 365)

TODAY = "UPCROSS_TODAY"
"""The environment variable that stands in for the calendar, to try a fortnight in an afternoon."""


def today() -> date:
    """The day that it is: the calendar's, or that of ``UPCROSS_TODAY``; ``UsageError`` where that is no day."""
    given = os.environ.get(TODAY, "")
    if not given:
        return date.today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"{TODAY} is '{given}'; expected a day such as 2026-09-30, or leave it out") from None


def days_before(as_of: date, days: int) -> date:
    """The day ``days`` before ``as_of``; facts after it are inside the window of that many days."""
    return as_of - timedelta(days=days)


def working_day(day: date) -> date:
    """A day on which somebody can be expected to act: the day itself, or the Monday after it on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def month_start(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def add_months(month: date, months: int) -> date:
    """The first day of the month that lies ``months`` after a month's first day."""
    index = month.year * 12 + month.month - 1 + months
    if not 12 <= index < 12 * 10_000:
        raise UsageError(f"{months} months from {month:%Y-%m} lie outside the calendar; expected years 1 to 9999")
    return date(index // 12, index % 12 + 1, 1)


def months_until(as_of: date, count: int) -> list[tuple[date, date]]:
    """The ``count`` whole months that end on or before ``as_of``, oldest first, each as [start, end)."""
    last = add_months(month_start(as_of + timedelta(days=1)), -1)
    starts = [add_months(last, -back) for back in range(count - 1, -1, -1)]
    return [(start, add_months(start, 1)) for start in starts]
