"""The routes by which Slack and other systems come in, for the project that is served; each checks who sends."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from upcross.deliveries.inbound import Inbound, inbound_urls
from upcross.kept_ledger import house_of
from upcross.ledger.applying import last_applied
from upcross.project import FILE, Project, open_project

app_name = "inbound"


def inbound() -> Inbound:
    """What the project says about messages from outside, as its file is now."""
    folder = Path(settings.UPCROSS_PROJECT)
    project = _project(folder, (folder / FILE).stat().st_mtime_ns)
    timezone = project.deliveries.digest.timezone

    def today() -> date:
        here = datetime.now(timezone).date()
        return max(here, last_applied() or here)

    return Inbound(project.deliveries, lambda: house_of(project), today)


@lru_cache(maxsize=1)
def _project(folder: Path, changed: int) -> Project:
    return open_project(folder)


urlpatterns = inbound_urls(inbound)
