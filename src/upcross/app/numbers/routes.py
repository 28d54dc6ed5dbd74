"""The routes of Numbers."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.numbers import records, views
from upcross.app.shell.route import Route

ROUTES: tuple[Route, ...] = (
    Route("numbers/", views.numbers, "numbers", Capability.SEE_NUMBERS),
    Route("numbers/records/", records.records, "numbers.records", Capability.SEE_NUMBERS),
)
