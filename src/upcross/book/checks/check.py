"""What a check is: one named query over the book whose rows are faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from upcross.errors import IssueCode, Severity

CURRENT = "current"
"""Schema of the views that checks read: each table of the contract with the latest recorded version of each row, empty
where it is not loaded."""

FOREVER = "DATE '9999-12-31'"


@dataclass(frozen=True, slots=True)
class Check:
    """One query over the book whose rows are faults.

    ``failing`` selects one row a fault, with the column ``example`` (what a person looks up); where it has
    ``source_row``, the example is told with its file and line, and where it has ``account_id``, how many accounts and
    how much of their MRR are concerned. ``says`` completes the sentence "14 of 9,120 rows …", ``hint`` says what to do,
    ``costs`` what follows while nobody does. ``tables`` must all be loaded; rows of the first are counted.
    """

    code: IssueCode
    tables: tuple[str, ...]
    field: str
    failing: str
    says: str
    hint: str
    severity: Severity | None = None
    total: str = ""
    """Query of the number that the failing rows are a part of; empty: all rows of the first table."""
    costs: str = ""


def lines_on(day: date) -> str:
    """The query of the subscription lines in force on a day, each in its version of that day."""
    return (
        "SELECT * FROM (SELECT s.*, lead(valid_from) OVER (PARTITION BY line_id ORDER BY valid_from) AS next_from"
        f" FROM current.subscriptions s) WHERE valid_from <= DATE '{day}'"
        f" AND coalesce(next_from, {FOREVER}) > DATE '{day}' AND coalesce(ends_on, {FOREVER}) > DATE '{day}'"
    )
