"""The published results that pages read: the newest publication of the project that is served, opened once."""

from __future__ import annotations

from typing import Any

from upcross.api.project import folder
from upcross.publishing.publication import Publication, newest


def published() -> Publication | None:
    """The newest publication; None where nothing was published yet."""
    return newest(folder() / ".upcross")


def about() -> dict[str, Any]:
    """What the newest publication is of; empty where there is none."""
    found = published()
    return found.about if found else {}
