"""The routes of Plays."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.plays import views
from upcross.app.shell.route import Route

ROUTES: tuple[Route, ...] = (Route("plays/", views.plays, "plays", Capability.READ),)
