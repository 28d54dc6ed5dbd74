"""Checks of the loaded book: each is a named query that returns the rows that fail, with what that costs."""

from upcross.book.checks.check import Check
from upcross.book.checks.feeds import COSTS, LACKING
from upcross.book.checks.rules import all_checks
from upcross.book.checks.running import EXAMPLES, check

__all__ = ["COSTS", "EXAMPLES", "LACKING", "Check", "all_checks", "check"]
