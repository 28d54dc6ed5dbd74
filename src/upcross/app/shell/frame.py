"""The frame around every page: who looks, where they can go, and how fresh what they see is."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from upcross.access.arriving import viewer_of_request
from upcross.access.roles import Capability
from upcross.access.viewer import Viewer
from upcross.api.project import today
from upcross.app.shell.published import about

_PLACES = (
    # route, words, icon, key after "g", what a role needs
    ("today", "Today", "inbox", "t", Capability.READ),
    ("accounts", "Accounts", "building", "a", Capability.READ),
    ("white_space", "White space", "grid", "w", Capability.READ),
    ("unlock", "Unlock", "lock", "u", Capability.READ),
    ("numbers", "Numbers", "chart", "n", Capability.SEE_NUMBERS),
    ("plays", "Plays", "branch", "p", Capability.READ),
    ("runs", "Runs & data", "clock", "r", Capability.READ),
    ("admin", "Admin", "gear", "d", Capability.SEE_AUDIT),
)
STALE_AFTER = 2
"""Days after which data is called old on every page."""


def frame_of(request: HttpRequest) -> dict[str, Any]:
    """The facts of the frame, made once a request: the viewer, the places, the day, and how old the data is."""
    if not hasattr(request, "upcross_frame"):
        request.upcross_frame = _frame(request)
    found: dict[str, Any] = request.upcross_frame
    return found


def day_of(request: HttpRequest) -> date:
    """The day that counts as today, looked up once a request."""
    return date.fromisoformat(frame_of(request)["today"])


def viewer_for(request: HttpRequest) -> Viewer:
    """Who looks; routes ask for somebody who is signed in before their views are called."""
    viewer = viewer_of_request(request)
    assert viewer is not None  # the rule of the route
    return viewer


def _frame(request: HttpRequest) -> dict[str, Any]:
    viewer = viewer_of_request(request)
    if viewer is None:
        return {"viewer": None, "places": []}
    day, known = today(), about()
    as_of = known.get("as_of")
    old = (day - date.fromisoformat(as_of)).days if as_of else None
    return {
        "viewer": {
            "name": viewer.name or viewer.id,
            "role": viewer.role.value,
            "person_id": viewer.person_id or None,
            "initials": _initials(viewer.name or viewer.id),
            "may": {one.value: viewer.may(one) for one in Capability},
            "sees_all": viewer.sees_all,
        },
        "places": [
            {"name": name, "words": words, "icon": icon, "key": key, "href": href,
             "here": request.path == href or (href != "/" and request.path.startswith(href))}
            for name, words, icon, key, needs in _PLACES if viewer.may(needs) for href in [reverse(name)]
        ],
        "today": day.isoformat(),
        "as_of": as_of,
        "days_old": old,
        "stale": old is not None and old > STALE_AFTER,
        "feeds_behind": known.get("feeds_behind", []),
        "currency": known.get("currency", ""),
    }  # fmt: skip


def _initials(name: str) -> str:
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word]
    return "".join(word[0] for word in words[:2]).upper()
