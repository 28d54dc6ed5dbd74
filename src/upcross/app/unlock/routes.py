"""The routes of Unlock."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.shell.route import Route
from upcross.app.unlock import views

ROUTES: tuple[Route, ...] = (Route("unlock/", views.unlock, "unlock", Capability.READ),)
