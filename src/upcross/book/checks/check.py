"""What a check is: one named query over the book whose rows are faults."""

from __future__ import annotations

from dataclasses import dataclass

from upcross.errors import IssueCode, Severity

CURRENT = "current"
"""Schema of the views that checks read: each loaded table with the latest recorded version of each row."""


@dataclass(frozen=True, slots=True)
class Check:
    """One query over the book whose rows are faults.

    ``failing`` selects one row a fault, with the column ``example`` (what a person looks up); ``says`` completes
    the sentence "14 of 9,120 rows …". ``tables`` must all be loaded, the first is the one whose rows are counted.
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
