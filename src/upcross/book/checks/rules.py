"""All checks there are, in the order in which a person would look."""

from __future__ import annotations

from datetime import date

from upcross.book.checks.catalogue import catalogue_checks
from upcross.book.checks.check import Check
from upcross.book.checks.dates import date_checks
from upcross.book.checks.lines import line_checks
from upcross.book.checks.money import money_checks
from upcross.book.checks.people import people_checks
from upcross.book.checks.references import reference_checks
from upcross.book.checks.units import unit_checks
from upcross.book.checks.use import use_checks
from upcross.book.store import Manifest


def all_checks(manifest: Manifest, today: date) -> list[Check]:
    """Every check there is, for a book with this manifest, as of ``today``.

    What is in force is judged on the newest day that the book reports: a feed that ends earlier knows no later renewal.
    """
    day = min(manifest.newest_day() or today, today)
    return [
        *reference_checks(),
        *date_checks(manifest, today),
        *money_checks(manifest),
        *line_checks(day),
        *catalogue_checks(),
        *use_checks(),
        *unit_checks(),
        *people_checks(day, today),
    ]
