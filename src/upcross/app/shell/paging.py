"""Numbers that stand in addresses and forms: whole ones, in plain digits; whatever else is typed there is none."""

from __future__ import annotations

from collections.abc import Mapping

A_PAGE, A_KEY = 6, 18
"""The most digits of the number of a page, and of a number that the ledger gives."""


def number_of(text: str, *, least: int = 1, digits: int = A_KEY) -> int | None:
    """The whole number that somebody typed; None where it is none, below ``least``, or longer than any of ours."""
    if not (text.isascii() and text.isdecimal() and len(text) <= digits):
        return None
    found = int(text)
    return found if found >= least else None


def page_of(query: Mapping[str, str], name: str = "page") -> int:
    """Which page an address asks for, from 1; the first where what stands there is no number of a page."""
    return number_of(query.get(name, ""), digits=A_PAGE) or 1
