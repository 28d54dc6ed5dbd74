"""The routes by which Slack and other systems come in, for the project that is served; each checks who sends."""

from __future__ import annotations

import os
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from upcross import periods
from upcross.deliveries.inbound import Inbound, inbound_urls
from upcross.kept_ledger import house_of
from upcross.ledger.acts import House
from upcross.ledger.applying import last_applied
from upcross.project import Project, open_project

app_name = "inbound"


def inbound() -> Inbound:
    """What the project says about messages from outside, as its file is now."""
    folder = Path(settings.UPCROSS_PROJECT)
    project = _project(folder, _changed(folder))
    timezone = project.deliveries.digest.timezone

    def today() -> date:
        here = periods.today() if periods.TODAY in os.environ else datetime.now(timezone).date()
        return max(here, last_applied() or here)

    return Inbound(project.deliveries, lambda: _house(folder, _changed(folder)), today)


def _changed(folder: Path) -> tuple[int, ...]:
    """When the files were changed on which rules depend: what is made of them is kept until then."""
    return tuple(file.stat().st_mtime_ns for file in sorted(folder.glob("*.yaml")))


@lru_cache(maxsize=1)
def _project(folder: Path, changed: tuple[int, ...]) -> Project:
    return open_project(folder)


@lru_cache(maxsize=1)
def _house(folder: Path, changed: tuple[int, ...]) -> House:
    return house_of(_project(folder, changed))


urlpatterns = inbound_urls(inbound)
