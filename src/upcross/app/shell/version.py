"""Which version of something a form showed, so that nobody overwrites what they did not see."""

from __future__ import annotations

from upcross.api.refusal import invalid


def version_of(value: str) -> int:
    """The version as which a form showed it; refused where that is no number."""
    if not (value.isascii() and value.isdigit() and len(value) < 18):
        raise invalid("version", f"'{value}' is none that a page shows; load the page again")
    return int(value)
