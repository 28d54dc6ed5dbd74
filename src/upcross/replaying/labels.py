"""What did happen: the expansions by mechanism, and what was given up, read from the book as it is known now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from upcross.errors import UsageError
from upcross.measure.expansion import Expansion, Shrinkage
from upcross.motions import Mechanism
from upcross.numbers.reading import compute, frame_at, newest_month
from upcross.periods import add_months
from upcross.project import Project
from upcross.revenue.movement import Kind, Origin

FORESEEN_BY_CONTRACT = (Origin.CONTRACTED_RAMP, Origin.CONTRACTED_ESCALATOR, Origin.TRANSFER, Origin.CORRECTION)
"""Origins of movements that nobody decided on when they came: they are no expansion to foresee."""
GIVEN_UP = (Kind.CHURN, Kind.CONTRACTION_PRODUCT, Kind.SEATS, Kind.TIER, Kind.USAGE, Kind.SUPPORT)


@dataclass(frozen=True, slots=True)
class Happened:
    """What customers decided on, up to the last day of the newest whole month."""

    expansions: tuple[Expansion, ...]
    lost: tuple[Shrinkage, ...]
    through: date


def read_happened(project: Project, connection: duckdb.DuckDBPyConnection | None = None) -> Happened:
    """All expansions and losses of the book; raises ``UsageError`` where no whole month is over.

    An expansion is decided on the day on which its line was booked, or began where that is earlier or nothing was
    booked; a day of booking that a line's versions share is that of the line, not of its growth.
    """
    manifest = project.store.manifest()
    newest = newest_month(manifest)
    through = add_months(newest, 1) - timedelta(days=1)
    now = max(day for day in (manifest.loaded_on, manifest.newest_day(), through) if day is not None)
    frame = frame_at(project, manifest, through, now)
    if frame.snapshot.stored("subscriptions") is None:
        raise UsageError("no table `subscriptions` is loaded: there is nothing that a play could have foreseen")
    own = connection or project.store.connect()
    try:
        compute(own, frame, project.runs)
        subscriptions = frame.snapshot.relation("subscriptions")
        expansions = own.execute(_EXPANSIONS.format(subscriptions=subscriptions, left_out=_listed(
            origin.value for origin in FORESEEN_BY_CONTRACT))).fetchall()  # fmt: skip
        lost = own.execute(_LOST.format(kinds=_listed(kind.value for kind in GIVEN_UP))).fetchall()
    finally:
        if connection is None:
            own.close()
    return Happened(
        tuple(Expansion(a, u, p, Mechanism(m), day, mrr, origin or "") for a, u, p, m, day, mrr, origin in expansions),
        tuple(Shrinkage(*row) for row in lost),
        through,
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_EXPANSIONS = """
WITH versions AS (
  SELECT line_id, valid_from, booked_on,
    MIN(valid_from) OVER (PARTITION BY line_id, booked_on) = valid_from AS own_booking
  FROM ({subscriptions}) AS s
), decided AS (
  SELECT l.account_id, l.business_unit, l.product_id, l.from_on,
    CASE WHEN v.own_booking AND v.booked_on < l.from_on THEN v.booked_on ELSE l.from_on END AS decided_on
  FROM mrr_lines AS l
  LEFT JOIN versions AS v ON v.line_id = l.line_id AND v.valid_from = l.from_on
  WHERE l.status = 'active'
)
SELECT m.account_id, m.business_unit, m.product_id, m.mechanism,
  COALESCE(MIN(d.decided_on), m.month_start) AS decided_on, m.amount, m.origin
FROM movements AS m
LEFT JOIN decided AS d
  ON d.account_id = m.account_id AND d.business_unit = m.business_unit AND d.product_id = m.product_id
  AND d.from_on >= m.month_start AND d.from_on < m.month_start + INTERVAL 1 MONTH
WHERE m.motion <> '' AND m.amount > 0 AND m.origin NOT IN ({left_out})
GROUP BY m.account_id, m.business_unit, m.product_id, m.mechanism, m.month_start, m.amount, m.origin
ORDER BY ALL
"""

_LOST = """
SELECT m.account_id, m.business_unit, CASE WHEN m.kind = 'churn' THEN '' ELSE m.product_id END AS product_id,
  COALESCE(MIN(l.until_on), m.month_start) AS lost_on, -m.amount AS mrr
FROM movements AS m
LEFT JOIN mrr_lines AS l
  ON l.account_id = m.account_id AND l.business_unit = m.business_unit AND l.product_id = m.product_id
  AND l.until_on >= m.month_start AND l.until_on < m.month_start + INTERVAL 1 MONTH
WHERE m.amount < 0 AND m.kind IN ({kinds})
GROUP BY m.account_id, m.business_unit, m.product_id, m.kind, m.month_start, m.amount
ORDER BY ALL
"""
