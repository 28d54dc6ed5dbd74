"""Checks of days: ends before starts, steps out of order, years that nobody means, events in the future."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from upcross.book.checks.check import Check
from upcross.book.store import Manifest
from upcross.contract import TABLES, Coverage, Type
from upcross.errors import Severity, issue_code

END_BEFORE_START = issue_code("end-before-start", Severity.ERROR, "Rows end before they start.")
DATES_DISORDERED = issue_code(
    "dates-disordered", Severity.WARNING, "A day that comes after another by its meaning lies before it."
)
DATE_IMPLAUSIBLE = issue_code("date-implausible", Severity.WARNING, "Dates lie before 1990 or after 2100.")
DATE_IN_FUTURE = issue_code("date-in-future", Severity.WARNING, "Events are dated after the day of the load.")

_SPANS = {
    "subscriptions": ("line_id", "valid_from", "ends_on"),
    "commitments": ("commitment_id", "starts_on", "ends_on"),
    "account_assignments": ("person_id", "valid_from", "valid_until"),
    "entitlement_pools": ("pool_id", "valid_from", "valid_until"),
    "implementations": ("account_id", "started_on", "live_on"),
    "billing_disputes": ("dispute_id", "opened_on", "closed_on"),
    "tickets": ("ticket_id", "opened_on", "closed_on"),
    "incidents": ("incident_id", "started_on", "ended_on"),
    "objectives": ("objective_id", "set_on", "met_on"),
    "crm_opportunities": ("crm_opportunity_id", "created_on", "closed_on"),
    "usage": ("account_id", "period_start", "period_end - 1"),
    "seats": ("account_id", "period_start", "period_end - 1"),
    "targets": ("person_id", "period_start", "period_end - 1"),
}
"""What starts and ends: the column that names a row, its first and its last day (or first day after)."""

_STEPS = (
    ("subscriptions", "starts_on", "valid_from"),
    ("subscriptions", "valid_from", "term_ends_on"),
    ("implementations", "started_on", "first_value_on"),
    ("invoices", "issued_on", "due_on"),
    ("invoices", "issued_on", "paid_on"),
    ("price_changes", "announced_on", "effective_on"),
    ("tickets", "opened_on", "escalated_on"),
    ("tickets", "escalated_on", "escalation_closed_on"),
    ("contacts", "joined_on", "left_on"),
    ("objectives", "set_on", "due_on"),
    ("objectives", "set_on", "dropped_on"),
    ("crm_opportunities", "created_on", "stage_changed_on"),
)
"""Days that follow each other by their meaning: table, earlier, later."""


def date_checks(manifest: Manifest, today: date) -> Iterator[Check]:
    """Days are in order, meant, and not to come."""
    for name, (label, start, end) in _SPANS.items():
        yield Check(
            END_BEFORE_START, (name,), end.split()[0],
            f"SELECT {label} AS example, source_row{_account(name)} FROM current.{name} WHERE {end} < {start}",
            f"end before they start ({start})", "correct the dates in the source",
            costs="such rows are never in force",
        )  # fmt: skip
    for name, earlier, later in _STEPS:
        yield Check(
            DATES_DISORDERED, (name,), later,
            f"SELECT {TABLES[name].key[0]} || ' ' || CAST({later} AS VARCHAR) AS example, source_row{_account(name)}"
            f" FROM current.{name} WHERE {later} < {earlier}",
            f"have {later} before {earlier}", "correct the dates in the source: day and month may be swapped",
            costs="what is counted from the one day to the other is wrong",
        )  # fmt: skip
    yield from _future(today)
    yield from _years(manifest)


def _account(table: str) -> str:
    return ", account_id" if TABLES[table].has("account_id") else ""


def _future(today: date) -> Iterator[Check]:
    for table in TABLES.values():
        if table.coverage is Coverage.STATE or table.happened_on is None or table.name == "account_transfers":
            continue
        days = [f"{table.happened_on} - 1" if table.exclusive else table.happened_on]
        days += [column.name for column in table.columns if column.known_from == column.name]
        for day in days:
            yield Check(
                DATE_IN_FUTURE, (table.name,), day.split()[0],
                f"SELECT {table.key[0]} || ' ' || CAST({day} AS VARCHAR) AS example, source_row{_account(table.name)}"
                f" FROM current.{table.name} WHERE {day} > DATE '{today}'",
                f"are dated after {today}", "look for a wrong year or a swapped day and month",
                costs="they are not seen before that day",
            )  # fmt: skip


def _years(manifest: Manifest) -> Iterator[Check]:
    for name, stored in manifest.tables.items():
        for column in TABLES[name].columns:
            if column.type is not Type.DATE or column.name not in stored.columns:
                continue
            # The catalogue's 'always' stands for every day there is.
            always = f" AND {column.name} <> DATE '1900-01-01'" if name == "exchange_rates" else ""
            yield Check(
                DATE_IMPLAUSIBLE, (name,), column.name,
                f"SELECT {TABLES[name].key[0]} || ' ' || CAST({column.name} AS VARCHAR) AS example, source_row"
                f" FROM current.{name}"
                f" WHERE ({column.name} < DATE '1990-01-01' OR {column.name} >= DATE '2101-01-01'){always}",
                "lie before 1990 or after 2100",
                "look for a year of two digits or a swapped format; what has no end has an empty cell",
                costs="spans that begin or end there are far too long",
            )  # fmt: skip
