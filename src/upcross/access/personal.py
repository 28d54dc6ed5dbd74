"""What of a result names or quotes people at the customer, and the result without it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upcross.access.viewer import Viewer

HIDDEN = "(hidden)"
"""What stands where a name, an address or a quote was."""

IMPERSONAL = frozenset({
    "anchor_product", "competitor", "eligibility_lacks", "exclusive_with", "health_source", "latest_need_domain",
    "limit_hit_most", "next_plan", "plan", "pool_held_by", "roles_missing", "seat_type", "unit_owning",
})  # fmt: skip
"""Signals of text that never name or quote a person; any other text that a signal holds is taken to do so."""

PERSONAL = frozenset({
    "budget_owner", "buyer", "by_contact", "champion", "comment", "contact", "contact_id", "contact_name", "contacts",
    "email", "goal", "heard", "need", "note", "phone", "quote", "quotes", "said_by", "sponsor", "texts",
})  # fmt: skip
"""Names of fields that hold people's names, addresses or words, in whatever result they stand."""

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+\.[^\s@<>\"'(),;:]+")
_SHORTEST = 3


def for_eyes_of(viewer: Viewer, result: Any) -> Any:
    """A result of plain values as a viewer may see it: whole, or without names, addresses and words of people.

    What is hidden in its own field is hidden in every sentence of the same result as well; keys and single words stay.
    """
    if viewer.sees_contacts:
        return result
    found: set[str] = set()
    bare = _without(result, found)
    words = sorted((text for text in found if len(text) >= _SHORTEST), key=lambda text: (-len(text), text))
    named = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in words)) if words else None
    return _masked(bare, named)


def _without(value: Any, found: set[str]) -> Any:
    if isinstance(value, dict):
        hides_value = value.get("unit") == "text" and "signal" in value and value["signal"] not in IMPERSONAL
        return {
            name: _hide(part, found)
            if name in PERSONAL or (hides_value and name in ("value", "threshold", "source"))
            else _without(part, found)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without(part, found) for part in value]
    return value


def _hide(value: Any, found: set[str]) -> Any:
    """Nothing of it is left but its shape; its texts are remembered, to be found elsewhere."""
    if isinstance(value, dict):
        return {name: _hide(part, found) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_hide(part, found) for part in value]
    if isinstance(value, str) and value:
        found.add(value)
        return HIDDEN
    return value


def _masked(value: Any, named: re.Pattern[str] | None) -> Any:
    if isinstance(value, dict):
        return {name: _masked(part, named) for name, part in value.items()}
    if isinstance(value, list):
        return [_masked(part, named) for part in value]
    if isinstance(value, str):
        told = named.sub(HIDDEN, value) if named and " " in value else value  # a single word is a key, not a sentence
        return _ADDRESS.sub(HIDDEN, told)
    return value
