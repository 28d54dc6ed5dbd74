"""The catalogue of plays: what each asks and holds, and on which thresholds; and the page of one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse

from upcross.access.roles import Capability
from upcross.api.project import library
from upcross.app.plays import facts
from upcross.app.plays.curve import replayed
from upcross.app.plays.sheets import catalogue_sheet, marks_sheet
from upcross.app.plays.versions import pending, versions
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.errors import ProblemError
from upcross.ledger.refusals import NotFoundError

SORTS = {
    "title": "Name", "asked": "Asks now", "money": "Money asked for", "held": "Held back",
    "unknown": "Cannot be judged", "dismissed": "Dismissed most",
}  # fmt: skip
MARKS_SHOWN = 12


def plays(request: HttpRequest) -> HttpResponse:
    """Every play with its thresholds in words, and what it asks, holds back and cannot judge today."""
    rows = facts.catalogue(viewer_for(request))
    asked = request.GET
    kept = [row for row in rows if _wanted(row, asked)]
    kept.sort(key=_ORDERS.get(asked.get("sort", ""), _ORDERS["title"]))
    told = {
        "total": len(rows), "shown": len(kept), "lanes": facts.in_lanes(kept), "left_out": facts.left_out(),
        "q": asked.get("q", ""), "motion": asked.get("motion", ""), "status": asked.get("status", ""),
        "sort": asked.get("sort", "title"), "sorts": SORTS, "statuses": sorted({row["status"] for row in rows}),
        "motions": {motion or "adoption": words for motion, words, _ in facts.LANES},
        "query": _query(request), "chips": _chips(request), "published": bool(rows),
    }  # fmt: skip
    return answer(request, "plays.html", told, title="Plays", sheets={"plays": lambda: catalogue_sheet(kept)})


def play(request: HttpRequest, play_id: str) -> HttpResponse:
    """One play: when it speaks, what holds it back, what it does today, what became of it, and how it is changed."""
    viewer = viewer_for(request)
    found = facts.whole_play(viewer, play_id)
    if found is None:
        raise NotFoundError(f"no play is called '{play_id}'; the catalogue lists them all")
    marks = found["marks"]
    state = request.GET.get("state", "")
    chosen = [mark for mark in marks if state in ("", mark["state"])]
    shown = chosen if request.GET.get("all") else chosen[:MARKS_SHOWN]
    tabs = [
        {"words": words, "here": state == key, "count": sum(key in ("", mark["state"]) for mark in marks),
         "href": f"?state={key}#today" if key else "?#today"}
        for key, words in (("", "All"), ("asked", "Asked"), ("held", "Held"))
    ]  # fmt: skip
    version, values = _now(found)
    listed = versions(viewer, play_id, values)
    waiting = pending(listed, found["version"], version)
    told = {
        "replay": replayed(viewer, play_id, found["version"]),
        "versions": listed, "pending": waiting, "may_change": viewer.may(Capability.CHANGE_PLAYS),
        **found, "marks": shown, "marks_total": len(chosen), "tabs": tabs, "all": f"?state={state}&all=1#today",
        "state": state,
    }  # fmt: skip
    return answer(request, "play.html", told, title=found["title"], sheets={"today": lambda: marks_sheet(chosen)})


def _now(found: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The version of a play and its parameters as the project's files are now, which may be newer than the last run."""
    with suppress(ProblemError):  # whoever mends the files is told elsewhere
        play = library().plays.get(found["id"])
        if play is not None:
            return play.version, {name: str(value) for name, value in play.params.items()}
    return found["version"], {param["name"]: param["value"] for param in found["params"]}


def _wanted(row: dict[str, Any], asked: Any) -> bool:
    words = f"{row['title']} {row['id']} {row['summary']} {' '.join(row['mechanisms'])}".casefold()
    return (
        all(word in words for word in asked.get("q", "").casefold().split())
        and asked.get("motion", "") in ("", row["motion"] or "adoption")
        and asked.get("status", "") in ("", row["status"])
    )


_ORDERS: dict[str, Any] = {
    "title": lambda row: row["title"],
    "asked": lambda row: (-row["today"]["asked"]["count"], row["title"]),
    "money": lambda row: (-float(row["today"]["asked"]["expected"] or 0), row["title"]),
    "held": lambda row: (-row["today"]["held"]["count"], row["title"]),
    "unknown": lambda row: (-(row["unknown"]["rows"] or 0), row["title"]),
    "dismissed": lambda row: (-(row["feedback"]["dismissed"]), row["title"]),
}


def _query(request: HttpRequest, without: str = "") -> str:
    query = request.GET.copy()
    for name in ("format", "sheet", without):
        query.pop(name, None)
    return str(query.urlencode())


def _chips(request: HttpRequest) -> list[dict[str, str]]:
    words = {"q": "“{}”", "motion": "{}", "status": "status {}"}
    names = {motion or "adoption": said for motion, said, _ in facts.LANES}
    return [
        {"words": told.format(names.get(value, value)), "without": f"?{_query(request, name)}"}
        for name, told in words.items() if (value := request.GET.get(name, ""))
    ]  # fmt: skip
