"""The project that this process serves, as its files were when it started; their changes are served from the next start.

For what is served alone: everything else is given its project.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from upcross.errors import ProjectError
from upcross.kept_ledger import house_of
from upcross.project import Project, open_project

if TYPE_CHECKING:
    from upcross.ledger.acts import House


@cache
def served_project() -> Project:
    """The project whose folder the process was configured with."""
    from django.conf import settings

    return open_project(settings.UPCROSS_FOLDER)


@cache
def served_house() -> House:
    """The company's own rules that people's steps obey; the usual ones as long as no book is loaded."""
    from upcross.ledger.acts import DEFAULT_HOUSE

    try:
        return house_of(served_project())
    except ProjectError as error:
        if any(issue.code != "nothing-loaded" for issue in error.report):
            raise
        return DEFAULT_HOUSE


def served_today() -> date:
    """The day where the company is, or that of the last applied plan where it is later."""
    from upcross.ledger.applying import last_applied

    here = datetime.now(served_project().deliveries.digest.timezone).date()
    return max(here, last_applied() or here)
