"""The versions of a play: who changed what, when and why, and what is published and does not count yet."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.api.names import names_of
from upcross.ledger.models import EntryText
from upcross.play_changes import entry_told

PREFIX = "v."
"""What stands before the name of a parameter in the address of a change."""


def versions(viewer: Viewer, play_id: str, now: dict[str, str]) -> list[dict[str, Any]]:
    """The changes of a play, the newest first; each with the way back to it from the values that hold now.

    ``foreseen`` counts asks over the whole base: null for who sees some accounts alone.
    """
    whole = scope.sees_every_account(viewer)
    entries = list(scope.changes_of_plays(viewer).filter(subject_id=play_id).order_by("-version"))
    texts = {
        text.entry_id: text.text
        for text in EntryText.objects.filter(entry__in=[entry.seq for entry in entries], name="why", erased_at=None)
    }
    names = names_of(entry.by for entry in entries)
    found = []
    for entry in entries:
        told = entry_told(entry, texts.get(entry.seq))
        found.append({
            **told, "by_name": names.get(entry.by, entry.by), "number": entry.version + 1,
            "foreseen": told["foreseen"] if whole else None,
            "changes": [{"name": name, "was": told["was"].get(name), "set": new} for name, new in told["set"].items()],
            "back": _back(told["params"], now),
        })  # fmt: skip
    if found:
        first = found[-1]
        found.append({
            "number": 1, "version": first["version_before"], "params": first["params_before"], "by_name": "",
            "at": None, "why": None, "changes": [], "back": _back(first["params_before"], now),
            "foreseen": {} if whole else None,
        })  # fmt: skip
    return found


def pending(listed: list[dict[str, Any]], published_version: str, version_now: str) -> dict[str, Any] | None:
    """What is published and does not count yet: the newest change, or that the file was changed by hand; None where the
    last run was made with the play as it is now."""
    if version_now == published_version:
        return None
    newest = listed[0] if listed else None
    if newest and newest["version"] == version_now:
        return newest
    return {"version": version_now, "changes": [], "by_name": "somebody who edited the file", "params": {}}


def _back(params: dict[str, str], now: dict[str, str]) -> str:
    """The query that asks for the values of a version; '' where they hold now."""
    differing = {f"{PREFIX}{name}": value for name, value in params.items() if now.get(name, value) != value}
    return urlencode(differing)
