"""Checks of use: where nothing was bought, more than was bought, and periods that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator

from upcross.book.checks.check import FOREVER, Check
from upcross.errors import Severity, issue_code

USAGE_UNSUBSCRIBED = issue_code(
    "usage-unsubscribed", Severity.WARNING, "Use is measured where no subscription was in force."
)
SEATS_EXCEEDED = issue_code("seats-exceeded", Severity.NOTE, "More people were active than seats are purchased.")
SEATS_UNPLACED = issue_code(
    "seats-unplaced", Severity.WARNING, "People are counted for a whole account whose units own the product."
)
GRAIN_MIXED = issue_code("grain-mixed", Severity.WARNING, "One series is measured in periods of different lengths.")
PERIOD_OVERLAP = issue_code("period-overlap", Severity.WARNING, "Periods of one series overlap.")

_IN_FORCE = f"s.valid_from < u.period_end AND coalesce(s.ends_on, {FOREVER}) > u.period_start"
_OWNED = (
    "SELECT account_id, '' AS unit, product_id, min(valid_from) AS valid_from,"
    f" max(coalesce(ends_on, {FOREVER})) AS ends_on FROM current.subscriptions GROUP BY account_id, product_id"
)
_SHARED = (
    "SELECT p.consumer_account_id AS account_id, p.consumer_unit AS unit, o.product_id,"
    " greatest(o.valid_from, p.valid_from) AS valid_from, least(o.ends_on, p.valid_until) AS ends_on"
    f" FROM current.entitlement_pools p JOIN ({_OWNED}) o ON o.account_id = p.holder_account_id"
    " AND o.product_id = p.product_id"
)
"""What a pool of another account lets an account use, or one unit of it."""
_SERIES = {
    "usage": ("account_id", "business_unit", "product_id", "metric"),
    "seats": ("account_id", "business_unit", "product_id", "seat_type"),
}
_DAYS = "DATE_DIFF('day', period_start, period_end)"
_LENGTHS = ("days", "longer", "months", "weeks")
_LENGTH = (
    f"CASE WHEN {_DAYS} = 1 THEN 'days' WHEN {_DAYS} BETWEEN 2 AND 14 THEN 'weeks'"
    f" WHEN {_DAYS} BETWEEN 15 AND 45 THEN 'months' ELSE 'longer' END"
)


def use_checks() -> Iterator[Check]:
    """Use belongs to something bought, and is measured in periods that follow each other."""
    for name, series in _SERIES.items():
        yield Check(
            USAGE_UNSUBSCRIBED, (name, "subscriptions"), "account_id",
            f"SELECT u.account_id || ' ' || u.product_id AS example, u.source_row, u.account_id FROM current.{name} u"
            f" WHERE NOT EXISTS (SELECT 1 FROM ({_OWNED} UNION ALL {_SHARED}) s WHERE s.account_id = u.account_id"
            f" AND s.product_id = u.product_id AND s.unit IN ('', u.business_unit) AND {_IN_FORCE})",
            "measure use while no subscription to the product was in force",
            "a missing line, a trial, or another product id in the two sources",
            costs="this use is compared with nothing",
        )  # fmt: skip
        keys = ", ".join(series)
        told = "concat_ws(' ', " + ", ".join(f"NULLIF({key}, '')" for key in series) + ")"
        lengths = ", ".join(f"max(CASE WHEN length = '{one}' THEN length END)" for one in _LENGTHS)
        yield Check(
            GRAIN_MIXED, (name,), "period_end",
            f"SELECT {told} || ': ' || concat_ws(' and ', {lengths}) AS example,"
            f" min(source_row) AS source_row, min(account_id) AS account_id FROM"
            f" (SELECT {keys}, source_row, {_LENGTH} AS length FROM current.{name})"
            f" GROUP BY {keys} HAVING count(DISTINCT length) > 1",
            "are series measured in periods of different lengths",
            "map one feed of one grain; a change of grain is told by a 'where' on its first day",
            total=f"SELECT count(*) FROM (SELECT DISTINCT {keys} FROM current.{name})",
            costs="windows take each period by its days; peaks of days and of months are not the same thing",
        )  # fmt: skip
        yield Check(
            PERIOD_OVERLAP, (name,), "period_start",
            f"SELECT {told} || ' ' || CAST(period_start AS VARCHAR) AS example, source_row, account_id FROM (SELECT *,"
            f" max(period_end) OVER (PARTITION BY {keys} ORDER BY period_start, period_end"
            f" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier FROM current.{name})"
            " WHERE period_start < earlier",
            "begin before an earlier period of the same series is over",
            "period_end is the first day after the period; two feeds of one series are one too many",
            costs="what falls into both periods is counted twice",
        )  # fmt: skip
    yield _exceeded()
    yield Check(
        SEATS_UNPLACED, ("seats", "subscriptions", "business_units"), "business_unit",
        "SELECT u.account_id || ' ' || u.product_id AS example, min(u.source_row) AS source_row, u.account_id"
        " FROM current.seats u WHERE u.business_unit = '' AND EXISTS (SELECT 1 FROM current.subscriptions s"
        " WHERE s.account_id = u.account_id AND s.product_id = u.product_id AND s.business_unit <> '')"
        " AND NOT EXISTS (SELECT 1 FROM current.subscriptions s WHERE s.account_id = u.account_id"
        " AND s.product_id = u.product_id AND s.business_unit = '') GROUP BY u.account_id, u.product_id",
        "are products counted for the whole account while its units own them",
        "map business_unit of seats as the subscription lines name it",
        total="SELECT count(*) FROM (SELECT DISTINCT account_id, product_id FROM current.seats)",
        costs="the units have seats purchased and nobody active: seats plays stay unknown there",
    )  # fmt: skip


def _exceeded() -> Check:
    return Check(
        SEATS_EXCEEDED, ("seats", "subscriptions", "pricing_plans"), "active",
        "WITH last AS (SELECT * FROM current.seats QUALIFY row_number() OVER"
        " (PARTITION BY account_id, business_unit, product_id, seat_type ORDER BY period_start DESC) = 1),"
        " used AS (SELECT account_id, business_unit, product_id, max(period_end) AS period_end,"
        " min(source_row) AS source_row, sum(active) AS active FROM last"
        " GROUP BY account_id, business_unit, product_id),"
        " lines AS (SELECT s.*, lead(valid_from) OVER (PARTITION BY line_id ORDER BY valid_from) AS next_from"
        " FROM current.subscriptions s),"
        " bought AS (SELECT u.account_id, u.business_unit, u.product_id, sum(s.quantity) AS quantity FROM used u"
        " JOIN lines s ON s.account_id = u.account_id AND s.business_unit = u.business_unit"
        " AND s.product_id = u.product_id AND s.valid_from < u.period_end"
        f" AND coalesce(s.next_from, {FOREVER}) >= u.period_end AND coalesce(s.ends_on, {FOREVER}) >= u.period_end"
        " JOIN current.pricing_plans p ON p.plan_id = s.plan_id AND p.charge = 'per_unit'"
        " GROUP BY u.account_id, u.business_unit, u.product_id)"
        " SELECT account_id || ' ' || product_id || ': ' || CAST(active AS VARCHAR) || ' of ' ||"
        " CAST(quantity AS VARCHAR) AS example, source_row, account_id FROM used"
        " JOIN bought USING (account_id, business_unit, product_id) WHERE active > quantity",
        "have more people active than seats purchased",
        "allowed: it may be a grace, a shared login or a missing line",
        total="SELECT count(*) FROM (SELECT DISTINCT account_id, business_unit, product_id FROM current.seats)",
        costs="nothing: they count as they are, above 100%",
    )  # fmt: skip
