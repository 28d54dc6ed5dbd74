"""Leading indicators, month by month: adoption, white-space coverage, and how deeply stakeholders are engaged.

Each is read at the end of its month as it was known then; where the data does not reach, it has a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median
from typing import Any

import duckdb

from upcross.book.snapshot import Snapshot
from upcross.motions import Motion
from upcross.numbers.reading import frame_at
from upcross.periods import add_months, days_before
from upcross.project import Project
from upcross.revenue.calendar import Window
from upcross.revenue.history import Move, Product
from upcross.revenue.rate import Part, Rate
from upcross.signals.frame import Frame

ENGAGED_DAYS = 90
"""Contacts with an activity of theirs in so many days count as engaged."""


@dataclass(frozen=True, slots=True)
class Leading:
    """The indicators of one month."""

    month: date
    adoption: Rate
    """The mean over accounts of people active ÷ people entitled, where both are known."""
    coverage: Rate
    """White-space cells with an open deal, or with a dated objective of a named contact ÷ all cells."""
    engagement: Rate
    """Contacts engaged in the last 90 days, per paying account."""


LEADS_BY = 3
"""Expansion in so many months after an indicator was read counts as what it led to."""


@dataclass(frozen=True, slots=True)
class Led:
    """Whether accounts that stood high on an indicator expanded more often afterwards than those that stood low."""

    indicator: str
    motion: Motion
    high: Rate
    """Accounts above the month's median that expanded within three months ÷ all of them, each reading on its own."""
    low: Rate
    """The same of those at the median or below."""


def led(indicators: Sequence[Leading], moves: Iterable[Move], last: date,
        customer: Mapping[str, str] | None = None) -> list[Led]:  # fmt: skip
    """Each indicator against each motion's expansion in the three months that followed; an association, not a cause.

    Readings are taken every third month, back from the last one that has three whole months after it up to ``last``,
    so that no expansion counts twice. Accounts whose indicator is unknown are in neither group. ``customer`` names the
    ultimate parent that an account counts under, where movements are told of parents.
    """
    expanded: dict[Motion, set[tuple[str, date]]] = {motion: set() for motion in Motion}
    for move in moves:
        if move.motion and move.amount > 0:
            for ahead in range(1, LEADS_BY + 1):
                expanded[Motion(move.motion)].add((move.account_id, add_months(move.month_start, -ahead)))
    usable = [found for found in indicators if add_months(found.month, LEADS_BY) <= last]
    readings: list[Leading] = []
    for reading in usable[::-1]:
        if not readings or add_months(reading.month, LEADS_BY) <= readings[-1].month:
            readings.append(reading)
    found = []
    for name in ("adoption", "coverage", "engagement"):
        for motion in Motion:
            high: list[Part] = []
            low: list[Part] = []
            for reading in readings:
                standing = _by_account(getattr(reading, name), customer or {})
                if not standing:
                    continue
                middle = median(standing.values())
                for account, stands in standing.items():
                    part = Part(account, int((account, reading.month) in expanded[motion]), 1)
                    (high if stands > middle else low).append(part)
            why = f"no reading with {LEADS_BY} months after it" if not readings else "not known of any account"
            found.append(Led(name, motion, *(
                Rate.over(parts, empty=empty, money=False, of="readings of accounts")
                for parts, empty in ((high, why if not low else "all accounts stand alike"), (low, why))
            )))  # fmt: skip
    return found


def _by_account(rate: Rate, customer: Mapping[str, str]) -> dict[str, Fraction]:
    above: dict[str, int] = {}
    below: dict[str, int] = {}
    for part in rate.parts:
        account = customer.get(part.account_id, part.account_id)
        above[account] = above.get(account, 0) + part.numerator
        below[account] = below.get(account, 0) + part.denominator
    return {account: Fraction(above[account], whole) for account, whole in below.items() if whole}


def leading(project: Project, window: Window, most: int = 12, every: int = 1) -> list[Leading]:
    """The indicators at the end of each of the window's last months, or of every so manieth back from the last."""
    manifest = project.store.manifest()
    connection = project.store.connect()
    try:
        found = []
        for month in window.months[-most:][::-every][::-1]:
            day = Window(month, month).ends_on
            found.append(_at(connection, frame_at(project, manifest, day, day), month))
        return found
    finally:
        connection.close()


def _at(connection: duckdb.DuckDBPyConnection, frame: Frame, month: date) -> Leading:
    return Leading(month, adoption(connection, frame), coverage(connection, frame), engagement(connection, frame))


def adoption(connection: duckdb.DuckDBPyConnection, frame: Frame) -> Rate:
    """The mean adoption of the accounts where use and entitlement are both known."""
    signal = frame.registry.signals["account_adoption"]
    rows = _fetch(connection, frame, signal.model, "account_id, account_adoption", "account_adoption IS NOT NULL")
    # Either of its tables may do alone, so what is missing is only a reason where nothing is known.
    if not rows and (missing := frame.why_unknown(signal)):
        return Rate.unknown("; ".join(str(item) for item in missing), money=False)
    # A ratio has no people in it; each account counts once, to a hundredth of a percent.
    parts = [Part(account, round(value * 10_000), 10_000) for account, value in rows]
    return Rate.over(parts, empty="no account's use and entitlement are both known", money=False)


def white_space(connection: duckdb.DuckDBPyConnection, frame: Frame) -> list[tuple[str, str, str]]:
    """Account, unit and product that could be sold there, is not owned, and counts as a product."""
    counted = {
        product
        for product, kind, counts in _relation(
            connection, frame.snapshot, "products", ("product_id", "kind", "counts_as_product")
        )
        if Product(product, "", kind, counts_as_product=counts).counts
    }
    found = _fetch(connection, frame, "white_space_frame", "account_id, business_unit, product_id", "barred IS NULL")
    return [(account, unit, product) for account, unit, product in found if product in counted]


def at_limit(connection: duckdb.DuckDBPyConnection, frame: Frame, share: float = 0.9) -> set[str] | None:
    """Accounts that use a limit of a plan of theirs to 90% or more; None where that is not known of any."""
    model = frame.registry.signals["plan_limit_used"].model
    rows = _fetch(connection, frame, model, "account_id, plan_limit_used", "plan_limit_used IS NOT NULL")
    return {account for account, used in rows if used >= share} if rows else None


def open_sides(
    project: Project, window: Window, known_at: date | None = None
) -> tuple[set[str] | None, set[str] | None]:
    """Accounts with white space, and accounts at a plan's limit, at a window's end; None where that is not known."""
    manifest = project.store.manifest()
    day = window.ends_on if known_at is None else min(window.ends_on, known_at)
    frame = frame_at(project, manifest, day, known_at or day)
    connection = project.store.connect()
    try:
        cells = white_space(connection, frame) if frame.snapshot.stored("products") is not None else None
        return None if cells is None else {account for account, _, _ in cells}, at_limit(connection, frame)
    finally:
        connection.close()


def coverage(connection: duckdb.DuckDBPyConnection, frame: Frame) -> Rate:
    """White-space cells being worked ÷ all cells.

    Worked: a deal line names the product and the deal is open, or an objective that the product serves has a day by
    which it should be met and a contact who wants it.
    """
    snapshot = frame.snapshot
    if missing := snapshot.missing("crm_opportunities"):
        return Rate.unknown(str(missing), money=False, of="cells")
    deals = _relation(
        connection, snapshot, "crm_opportunities",
        ("crm_opportunity_id", "account_id", "business_unit"), "result IS NULL AND closed_on IS NULL",
    )  # fmt: skip
    lines = _relation(connection, snapshot, "crm_opportunity_lines", ("crm_opportunity_id", "product_id"))
    about: dict[str, set[str]] = {}
    for deal, product in lines:
        about.setdefault(deal, set()).add(product)
    worked = {(account, unit or "", product) for deal, account, unit in deals for product in about.get(deal, ())}
    worked |= _decided(connection, snapshot)
    cells = white_space(connection, frame)
    parts = [
        Part(account, int((account, unit, product) in worked or (account, "", product) in worked), 1)
        for account, unit, product in cells
    ]
    return Rate.over(parts, empty="there is no white space", money=False, of="cells")


def _decided(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> set[tuple[str, str, str]]:
    """Account, unit and product with an objective that has a day and a contact."""
    objectives = _relation(
        connection, snapshot, "objectives", ("account_id", "business_unit", "product_id", "contact_id"),
        "product_id IS NOT NULL AND due_on IS NOT NULL AND contact_id IS NOT NULL AND met_on IS NULL"
        " AND dropped_on IS NULL",
    )  # fmt: skip
    return {(account, unit or "", product) for account, unit, product, _ in objectives}


def engagement(connection: duckdb.DuckDBPyConnection, frame: Frame) -> Rate:
    """Distinct contacts with an activity in the last 90 days, per paying account."""
    snapshot = frame.snapshot
    if missing := snapshot.missing("activities", ENGAGED_DAYS):
        return Rate.unknown(str(missing), money=False)
    since = days_before(snapshot.as_of, ENGAGED_DAYS)
    rows = _relation(
        connection, snapshot, "activities", ("account_id", "COUNT(DISTINCT contact_id)"),
        f"contact_id IS NOT NULL AND happened_on > DATE '{since}' GROUP BY account_id",
    )  # fmt: skip
    engaged = dict(rows)
    paying = [a for (a,) in _fetch(connection, frame, "positions", "DISTINCT account_id", "mrr IS NULL OR mrr > 0")]
    parts = [Part(account, engaged.get(account, 0), 1) for account in paying]
    return Rate.over(parts, empty="no account pays", money=False, plain=True)


def _fetch(connection: duckdb.DuckDBPyConnection, frame: Frame, model: str, columns: str,
           where: str = "TRUE") -> list[tuple[Any, ...]]:  # fmt: skip
    query = f"SELECT {columns} FROM ({frame.model_statement(model)}) AS m WHERE {where}"
    return connection.execute(query).fetchall()


def _relation(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: str, columns: Iterable[str],
              where: str = "TRUE") -> list[tuple[Any, ...]]:  # fmt: skip
    query = f"SELECT {', '.join(columns)} FROM ({snapshot.relation(table)}) AS t WHERE {where}"
    return connection.execute(query).fetchall()
