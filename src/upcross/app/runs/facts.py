"""What the pages of runs tell: which plans were applied, and what each, or all between two of them, changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.api.names import names_of
from upcross.app.shell.published import about
from upcross.ledger.applying import RUN
from upcross.ledger.models import Entry, Opportunity, Person
from upcross.ledger.writer import OPPORTUNITY
from upcross.opportunities.evidence import amount

KINDS = (
    ("create", "Opened", "good"),
    ("release", "Released from a hold", "good"),
    ("hold", "Held back", "warn"),
    ("expire", "Ended: its reason was gone", "bad"),
    ("reassign", "Changed hands", ""),
)
"""What a run does to asks, in the order in which it is told; what it merely refreshed is counted."""
_RUN_STEPS = frozenset({"create", "release", "hold", "expire", "refresh"})


def applied() -> QuerySet[Entry]:
    """The plans that were applied, the newest first."""
    return Entry.objects.filter(subject=RUN, kind="apply").order_by("-seq")


def run_told(entry: Entry, names: dict[str, str], viewer: Viewer) -> dict[str, Any]:
    """One applied plan; how much it wrote is for those who see every account."""
    told = json.loads(entry.facts)
    return {
        "seq": entry.seq, "href": f"/runs/{entry.seq}/", "at": entry.at.isoformat(), "as_of": _day(entry.as_of),
        "by": who(entry.by, names), "run": told.get("run"), "load": told.get("load"), "known_at": told.get("known_at"),
        "seconds": told.get("seconds"), "backlog": bool(told.get("backlog")),
        "written": told.get("written", {}) if viewer.sees_all else None,
        "shown": bool(told.get("run")) and told.get("run") == about().get("run"), "hash": entry.hash,
    }  # fmt: skip


def who(by: str, names: dict[str, str]) -> str:
    """How somebody is called: a name, or who sat at the command line."""
    if by.startswith("operator:"):
        return f"{by.removeprefix('operator:')} at the command line"
    return names.get(by, by)


def changes(viewer: Viewer, entries: Iterable[Entry]) -> dict[str, Any]:
    """What entries about asks changed, by what was done and motion, within what the viewer sees.

    Several steps of one ask count once, as the last of them, but for what people did.
    """
    last: dict[str, Entry] = {}
    done: list[Entry] = []
    for entry in entries:
        if entry.kind in _RUN_STEPS or (entry.kind == "reassign" and entry.as_of is not None and not _by_people(entry)):
            before = last.get(entry.subject_id)
            if before is None or entry.kind != "refresh":
                last[entry.subject_id] = entry
        else:
            done.append(entry)
    people_named = dict(Person.objects.values_list("person_id", "name"))
    rows = _rows(viewer, {*last, *(entry.subject_id for entry in done)})
    names = names_of(entry.by for entry in done)
    groups = []
    for kind, words, tone in KINDS:
        found = [
            _change(entry, rows[key], people_named) for key, entry in last.items() if entry.kind == kind and key in rows
        ]
        found.sort(key=lambda one: (-float(one["expected"] or -1), one["account"]))
        if found:
            groups.append({"kind": kind, "words": words, "tone": tone, "lanes": _lanes(found), "count": len(found)})
    people = [
        {**_change(entry, rows[entry.subject_id], people_named), "by": who(entry.by, names)}
        for entry in done if entry.subject_id in rows
    ]  # fmt: skip
    refreshed = sum(1 for key, entry in last.items() if entry.kind == "refresh" and key in rows)
    return {"groups": groups, "people": people, "refreshed": refreshed}


def between(viewer: Viewer, first: int, last: int) -> Iterable[Entry]:
    """The entries about asks after one and up to another, of what the viewer sees."""
    return scope.entries(viewer).filter(subject=OPPORTUNITY, seq__gt=first, seq__lte=last).order_by("seq")


def of_run(viewer: Viewer, entry: Entry) -> Iterable[Entry]:
    """The entries that one run wrote: those of its moment."""
    return scope.entries(viewer).filter(subject=OPPORTUNITY, at=entry.at, seq__lte=entry.seq).order_by("seq")


def _by_people(entry: Entry) -> bool:
    return entry.by.startswith(("user:", "token:"))


def _rows(viewer: Viewer, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    wanted = [UUID(key) for key in keys]
    for start in range(0, len(wanted), 5_000):
        rows = scope.opportunities(viewer).filter(pk__in=wanted[start : start + 5_000])
        for row in rows.values(*_COLUMNS):
            found[str(row["id"])] = row
    return found


_COLUMNS = (
    "id", "account_id", "account_name", "product_name", "product_id", "motion", "mechanism", "task", "owner",
    "potential_expected",
)  # fmt: skip


def _change(entry: Entry, row: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
    told = json.loads(entry.facts)
    new = told.get("set", {})
    gates = new.get("gates") or new.get("released_from") or []
    model = Opportunity(**row)
    return {
        "id": str(model.id), "href": f"/?open={model.id}", "account_id": model.account_id,
        "account": model.account_name or model.account_id, "product": model.product_name or model.product_id,
        "motion": model.motion or None, "mechanism": model.mechanism or model.task,
        "owner": named.get(model.owner, model.owner),
        "expected": amount(model.potential_expected), "step": entry.kind, "at": entry.at.isoformat(),
        "gates": list(gates), "reason": told.get("reason"), "seq": entry.seq,
    }  # fmt: skip


def _lanes(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same by motion: money of one is never added to that of another."""
    lanes = []
    for motion in ("upsell", "cross_sell", None):
        here = [one for one in found if one["motion"] == motion]
        if here:
            lanes.append({"motion": motion or "", "count": len(here), "changes": here})
    return lanes


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
