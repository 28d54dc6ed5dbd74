"""What could not be judged at the accounts that somebody sees: what is missing, and how much money waits for it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.app.shell.published import published
from upcross.ledger.head import Head, found_once
from upcross.motions import Motion

_NAMED = 6


def unknown_count(viewer: Viewer, at: Head) -> int:
    """How many plays could not be judged somewhere at the viewer's accounts; ``at`` is how far the ledger has come."""

    def count() -> int:
        seen = scope.account_ids(viewer)
        return sum(1 for note in _notes() if note["accounts"] and (seen is None or seen & note["accounts"].keys()))

    found = published()
    return found_once(at, ("unknown", found.file, *_scope_of(viewer)), count) if found else 0


def _scope_of(viewer: Viewer) -> tuple[Hashable, ...]:
    """Everything about a viewer on which it depends what they see."""
    return bool(viewer.capabilities), viewer.sees_all, viewer.people


def unknown_facts(viewer: Viewer) -> list[dict[str, Any]]:
    """The lanes of what is unknown: by play, the motions apart, each with what would have to be loaded."""
    seen = _seen(viewer)
    here = _notes() if scope.sees_every_account(viewer) else [_within(note, seen) for note in _notes()]
    notes = [note for note in here if note["accounts"]]
    told = [_note(note, seen) for note in notes]
    waiting = {motion.value: _once(note for note in notes if note["motion"] == motion) for motion in Motion}
    lanes = [("deeper", "Deeper", Motion.UPSELL.value), ("wider", "Wider", Motion.CROSS_SELL.value),
             ("adoption", "Adoption", None)]  # fmt: skip
    return [
        {"name": name, "words": words, "notes": here, "count": len(here),
         "expected": waiting[motion] if motion else None}
        for name, words, motion in lanes
        if (here := sorted((one for one in told if one["motion"] == motion), key=_most)) or motion
    ]  # fmt: skip


def _seen(viewer: Viewer) -> dict[str, str]:
    """The accounts of all notes that the viewer sees, with their names."""
    noted = {key for note in _notes() for key in note["accounts"]}
    rows = scope.accounts(viewer).values_list("account_id", "name")
    return {key: name for key, name in rows if key in noted}


def _notes() -> list[dict[str, Any]]:
    found = published()
    notes: list[dict[str, Any]] = (found.kept("unknown") if found else None) or []
    return notes


def _within(note: Mapping[str, Any], seen: Mapping[str, str]) -> dict[str, Any]:
    return {**note, "accounts": {k: v for k, v in note["accounts"].items() if k in seen}}


def _note(note: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    accounts: Mapping[str, Any] = note["accounts"]
    ranked = sorted(accounts, key=lambda key: -Decimal(accounts[key]["expected"] or 0))
    return {
        "play": note["play"], "title": note["title"], "href": f"/plays/{quote(note['play'], safe='')}/",
        "motion": note["motion"], "rows": sum(one["rows"] for one in accounts.values()), "accounts": len(accounts),
        "expected": _sum(one["expected"] for one in accounts.values()),
        "floor": _sum(one["floor"] for one in accounts.values()),
        "ceiling": _sum(one["ceiling"] for one in accounts.values()),
        "missing": [one["sentence"] for one in note["missing"]],
        "tables": sorted({one["table"] for one in note["missing"] if one["table"]}),
        "named": [{"name": names.get(key, key), "href": f"/accounts/{quote(key, safe='')}/"}
                  for key in ranked[:_NAMED]],
        "more": max(0, len(ranked) - _NAMED),
    }  # fmt: skip


def _once(notes: Iterable[Mapping[str, Any]]) -> str | None:
    """What waits at some accounts, each account once: several plays speak of the same money there."""
    most: dict[str, Decimal] = {}
    for note in notes:
        for key, one in note["accounts"].items():
            if one["expected"] is not None:
                most[key] = max(most.get(key, Decimal(0)), Decimal(one["expected"]))
    return _text(sum(most.values(), Decimal(0))) if most else None


def _sum(amounts: Iterable[str | None]) -> str | None:
    known = [Decimal(one) for one in amounts if one is not None]
    return _text(sum(known, Decimal(0))) if known else None


def _text(number: Decimal) -> str:
    return f"{number:f}"


def _most(note: Mapping[str, Any]) -> Decimal:
    return -Decimal(note["expected"] or 0)
