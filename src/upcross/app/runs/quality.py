"""Data quality: what is missing, stale or contradictory, whom it concerns, what waits for it, and who mends it how."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from upcross.access.viewer import Viewer
from upcross.app.runs.sheets import feeds_sheet, findings_sheet
from upcross.app.runs.views import tabs
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.published import published

_STATES = {"missing": 0, "behind": 1, "fresh": 2}


def data_quality(request: HttpRequest) -> HttpResponse:
    """Every fault that the run found in the data, and how far each feed goes."""
    viewer = viewer_for(request)
    results = published()
    found = (results.get("quality") if results else None) or {"findings": [], "feeds": []}
    findings = [_for(viewer, one) for one in found["findings"]]
    feeds = sorted(
        ({**one, "waiting": one["waiting"] if viewer.sees_all else {}} for one in found["feeds"]),
        key=lambda one: (_STATES[one["state"]], not one["waiting"], one["table"]),
    )  # fmt: skip
    asked = request.GET
    wanted = {name: asked.get(name, "") for name in ("severity", "mended_by", "table")}
    shown = [one for one in findings if all(not value or (one[name] or "") == value for name, value in wanted.items())]
    query = asked.copy()
    for name in ("format", "sheet"):
        query.pop(name, None)
    told = {
        "tabs": tabs("data"), "findings": shown, "total": len(findings), "feeds": feeds, **wanted,
        "counts": {kind: sum(one["severity"] == kind for one in findings) for kind in ("error", "warning", "note")},
        "behind": sum(one["state"] == "behind" for one in feeds),
        "missing": sum(one["state"] == "missing" for one in feeds),
        "menders": sorted({one["mended_by"] for one in findings}), "published": results is not None,
        "tables": sorted({one["table"] for one in findings if one["table"]}), "query": query.urlencode(),
        "chips": _chips(request, wanted), "whole": viewer.sees_all,
        "examples": viewer.sees_all and viewer.sees_contacts,
    }  # fmt: skip
    sheets = {"findings": lambda: findings_sheet(shown), "feeds": lambda: feeds_sheet(feeds)}
    return answer(request, "data_quality.html", told, title="Data quality", sheets=sheets)


def _for(viewer: Viewer, finding: dict[str, Any]) -> dict[str, Any]:
    """A finding as a viewer may see it: examples name rows of accounts and people, costs tell of accounts' money."""
    if viewer.sees_all and viewer.sees_contacts:
        return finding
    bare = {**finding, "examples": []}
    if viewer.sees_all:
        return bare
    return {**bare, "accounts": None, "waiting": {}, "costs": finding["costs"].partition("; concerns")[0]}


def _chips(request: HttpRequest, wanted: dict[str, str]) -> list[dict[str, str]]:
    chips = []
    for name, value in wanted.items():
        if value:
            query = request.GET.copy()
            query.pop(name, None)
            chips.append({"words": f"{name.replace('_', ' ')}: {value}", "without": f"?{query.urlencode()}"})
    return chips
