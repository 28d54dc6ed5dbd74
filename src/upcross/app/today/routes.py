"""The routes of Today."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.shell.route import Route
from upcross.app.today import views

ROUTES: tuple[Route, ...] = (Route("", views.today, "today", Capability.READ),)
