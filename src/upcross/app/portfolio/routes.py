"""The routes of White space."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.portfolio import views
from upcross.app.shell.route import Route

ROUTES: tuple[Route, ...] = (Route("white-space/", views.white_space, "white_space", Capability.READ),)
