"""Files of the same shape as the CRM simulation's, small enough to know every result by heart.

Twelve accounts over 24 months. Each billing row, month of users and month of events is written as the source writes
them: plan names of tier and period, the plan's user limit as quantity, add-ons as products of their own.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from upcross.periods import add_months

FIRST, LAST = date(2022, 1, 1), date(2024, 1, 1)
LIMITS = {"starter": 5, "basic": 10, "standard": 25, "advanced": 50, "premier": 100}
PRICES = {"starter": 100, "basic": 200, "standard": 500, "advanced": 1000, "premier": 2000}
MONTHS = {"mthly": 1, "biann": 6, "annual": 12}
PERCENT = {"mthly": 100, "biann": 95, "annual": 90}
ADD_ONS = {"meetings": ("schedule_meeting", 22, 300), "search_unlimited": ("search", 0, 200)}


@dataclass(frozen=True)
class Customer:
    """One account: its plans by the day on which each began, its users a month, and what should come of it."""

    id: int
    story: str
    plans: tuple[tuple[str, str], ...]
    users: int
    ends: str = "2024-01-01"
    users_by_month: tuple[tuple[str, int | None], ...] = ()
    """Months that differ; None: no row."""
    add_on: str = ""
    events: int = 0
    expected: str = "quiet"
    """Of the tier play: fired, quiet, unknown, held (by a gate that is unknown), or absent."""


CUSTOMERS = (
    Customer(0, "five of five users", (("2022-01-15", "starter_mthly"),), 5, expected="fired"),
    Customer(1, "nine of ten is exactly 90 %", (("2022-02-10", "basic_annual"),), 9, expected="fired"),
    Customer(2, "eight of ten is 80 %", (("2022-03-05", "basic_mthly"),), 8),
    Customer(3, "95 of 100 on the highest tier", (("2022-01-20", "premier_mthly"),), 95),
    Customer(4, "48 of 50, with the search add-on", (("2022-04-01", "advanced_annual"),), 48,
             add_on="search_unlimited", events=2100, expected="fired"),
    Customer(5, "left in March 2023", (("2022-05-10", "starter_mthly"),), 5, ends="2023-03-10", expected="absent"),
    Customer(6, "ten users, and room since the upgrade in April 2023",
             (("2022-01-12", "basic_mthly"), ("2023-04-12", "standard_mthly")), 10),
    Customer(7, "users are missing since June 2023", (("2022-06-15", "standard_mthly"),), 24,
             users_by_month=tuple((f"2023-{month:02}", None) for month in range(6, 13)), expected="unknown"),
    Customer(8, "three of five, 1,200 of 5,000 meetings", (("2022-07-01", "starter_biann"),), 3, add_on="meetings",
             events=1200),
    Customer(9, "left in 2022, came back, full", (("2022-02-20", "starter_mthly"), ("2022-12-20", ""),
                                                   ("2023-02-20", "starter_mthly")), 5, expected="fired"),
    Customer(10, "new in June 2023 and full: no earlier month to see a dip", (("2023-06-05", "basic_mthly"),), 10,
             expected="held"),
    Customer(11, "23 of 25", (("2022-08-01", "standard_annual"),), 23, expected="fired"),
)  # fmt: skip


def write(folder: Path) -> None:
    """Write the five files of the look-alike into a folder."""
    _write(folder / "account.csv", ("id", "channel", "date_of_birth", "country"),
           ((c.id, "web", "2015-07-15", "NY" if c.id % 2 else "") for c in CUSTOMERS))  # fmt: skip
    _write(folder / "event_type.csv", ("event_type_id", "event_type_name"),
           ((0, "search"), (11, "add_contact"), (22, "schedule_meeting")))  # fmt: skip
    _write(folder / "subscription.csv.gz", ("account_id", "product", "start_date", "end_date", "mrr", "quantity",
           "units", "bill_period_months", "discount"), (row for c in CUSTOMERS for row in _billing(c)))  # fmt: skip
    _write(folder / "users_monthly.csv.gz", ("account_id", "month", "peak_daily_users", "mean_daily_users",
           "active_days"), (row for c in CUSTOMERS for row in _users(c)))  # fmt: skip
    _write(folder / "usage_monthly.csv.gz", ("account_id", "month", "event_type_id", "n", "value_sum"),
           (row for c in CUSTOMERS for row in _events(c)))  # fmt: skip


def _billing(customer: Customer) -> Iterable[Sequence[object]]:
    stops = [*(date.fromisoformat(day) for day, _ in customer.plans[1:]), date.fromisoformat(customer.ends)]
    for (since, plan), stop in zip(customer.plans, stops, strict=True):
        if not plan:
            continue
        tier, period = plan.split("_")
        for start, end in _periods(date.fromisoformat(since), stop, MONTHS[period]):
            mrr = PRICES[tier] * PERCENT[period] / 100
            yield customer.id, plan, start, end, mrr, float(LIMITS[tier]), "users", MONTHS[period], 0.0
            if customer.add_on:
                units, _, price = ADD_ONS[customer.add_on]
                yield customer.id, customer.add_on, start, end, float(price), 5000.0, units, MONTHS[period], 0.25


def _periods(start: date, stop: date, months: int) -> Iterable[tuple[date, date]]:
    """Billing periods that begin before ``stop``; the last one may reach beyond it."""
    while start < stop:
        end = add_months(start.replace(day=1), months).replace(day=start.day)
        yield start, end
        start = end


def _active_months(customer: Customer) -> Iterable[date]:
    month = max(FIRST, date.fromisoformat(customer.plans[0][0]).replace(day=1))
    while month < min(LAST, date.fromisoformat(customer.ends)):
        yield month
        month = add_months(month, 1)
    if customer.ends == "2024-01-01":
        yield LAST


def _users(customer: Customer) -> Iterable[Sequence[object]]:
    differs = dict(customer.users_by_month)
    for month in _active_months(customer):
        users = differs.get(f"{month:%Y-%m}", customer.users)
        if users is not None:
            yield customer.id, f"{month:%Y-%m}", users, round(users * 0.6, 2), 26


def _events(customer: Customer) -> Iterable[Sequence[object]]:
    for month in _active_months(customer):
        yield customer.id, f"{month:%Y-%m}", 11, 40, ""
        if customer.add_on:
            yield customer.id, f"{month:%Y-%m}", ADD_ONS[customer.add_on][1], customer.events, ""


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
