"""Checks of units: a column that is suddenly read in cents, kilobytes or minutes, for nearly everybody at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from upcross.book.checks.check import Check
from upcross.errors import Severity, issue_code

UNIT_CHANGED = issue_code(
    "unit-changed",
    Severity.WARNING,
    "Nearly all values of a column jump 50 times and more in one month: the source changed its unit.",
)

_JUMP = 50
"""Less than any change of unit (60, 100, 1000, 1024), more than a change from days to months, or than anybody grows."""
_FEWEST = 5
"""Fewer series may jump by chance."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column with a history: one series for each of ``series``, one source for all of the same ``source``."""

    table: str
    column: str
    on: str
    series: tuple[str, ...]
    source: tuple[str, ...] = ()


_COLUMNS = (
    _Column("usage", "value", "period_start", ("account_id", "business_unit", "product_id", "metric"),
            ("product_id", "metric")),
    _Column("health_scores", "score", "measured_on", ("account_id",)),
    _Column("invoices", "amount", "issued_on", ("account_id", "currency")),
    *(_Column("subscriptions", column, "valid_from", ("account_id", "line_id"))
      for column in ("mrr", "unit_price", "amount")),
)  # fmt: skip


def unit_checks() -> Iterator[Check]:
    """A column keeps its unit: three of four series, and five at least, do not jump the same way in one month."""
    for at in _COLUMNS:
        series = ", ".join(at.series)
        source = "".join(f"{column}, " for column in at.source)
        told = "concat_ws(' ', " + ", ".join(f"NULLIF({column}, '')" for column in at.series) + ")"
        yield Check(
            UNIT_CHANGED, (at.table,), at.column,
            f"WITH monthly AS (SELECT {series}, date_trunc('month', {at.on}) AS month,"
            f" avg(CAST({at.column} AS DOUBLE)) AS value, min(source_row) AS source_row"
            f" FROM current.{at.table} WHERE {at.column} > 0 GROUP BY {series}, date_trunc('month', {at.on})),"
            f" steps AS (SELECT *, value / lag(value) OVER (PARTITION BY {series} ORDER BY month) AS factor"
            " FROM monthly),"
            f" jumps AS (SELECT *, CASE WHEN factor >= {_JUMP} THEN 1 WHEN factor <= 1.0 / {_JUMP} THEN -1 ELSE 0 END"
            " AS jump FROM steps WHERE factor IS NOT NULL),"
            " counted AS (SELECT *, count(*) OVER at_once AS everybody, count(*) FILTER (jump = 1) OVER at_once AS up,"
            f" count(*) FILTER (jump = -1) OVER at_once AS down FROM jumps WINDOW at_once AS"
            f" (PARTITION BY {source}month))"
            f" SELECT {told} || ' in ' || strftime(month, '%Y-%m') || ': ' || CASE WHEN jump = 1"
            " THEN format('{:,} times', CAST(round(factor) AS BIGINT))"
            " ELSE format('1/{:,} of', CAST(round(1 / factor) AS BIGINT)) END || ' what it was before' AS example,"
            " source_row, account_id FROM counted WHERE jump <> 0"
            f" AND everybody >= {_FEWEST} AND 4 * CASE WHEN jump = 1 THEN up ELSE down END >= 3 * everybody",
            "jump in the month in which nearly all others do",
            f"find out in which unit the source writes since then; give {at.column} one unit in its mapping, or two"
            " files with one each",
            total=f"SELECT count(*) FROM (SELECT DISTINCT {series} FROM current.{at.table})",
            costs="whatever compares months (trends, growth, movements) is wrong across that month",
        )  # fmt: skip
