"""The routes of Today."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.shell.route import Route, only_forms
from upcross.app.today import bulk, stepping, views

ROUTES: tuple[Route, ...] = (
    Route("", views.today, "today", Capability.READ),
    only_forms("today/<uuid:key>/step/", stepping.take_step, "today_step"),
    only_forms("today/steps/", bulk.take_steps, "today_steps"),
    only_forms("today/undo/", stepping.undo, "today_undo"),
)
