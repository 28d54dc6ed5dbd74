"""The routes of Admin."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.admin import views
from upcross.app.shell.route import Route

ROUTES: tuple[Route, ...] = (Route("admin/", views.admin, "admin", Capability.SEE_AUDIT),)
