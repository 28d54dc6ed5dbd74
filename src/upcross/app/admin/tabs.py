"""The pages of Admin that somebody may use."""

from __future__ import annotations

from typing import Any

from upcross.access.roles import Capability
from upcross.access.viewer import Viewer

_PAGES = (
    ("people", "People", Capability.MANAGE_PEOPLE),
    ("roles", "Roles", Capability.SEE_AUDIT),
    ("tokens", "Tokens", Capability.MANAGE_TOKENS),
    ("connections", "Connections", Capability.MANAGE_DELIVERIES),
    ("deliveries", "Deliveries", Capability.MANAGE_DELIVERIES),
    ("teams", "Teams", Capability.SEE_AUDIT),
    ("whose-work", "Whose work", Capability.REASSIGN),
    ("record", "Record", Capability.SEE_AUDIT),
)


def tabs(viewer: Viewer, here: str) -> list[dict[str, Any]]:
    """The pages as links."""
    return [
        {"words": words, "href": f"/admin/{name}/", "here": name == here}
        for name, words, needs in _PAGES
        if viewer.may(needs)
    ]
