"""The routes of Today."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.shell.route import Route, only_forms
from upcross.app.today import bulk, hearing, stepping, views

ROUTES: tuple[Route, ...] = (
    Route("", views.today, "today", Capability.READ),
    only_forms("today/<str:key>/step/", stepping.take_step, "today_step"),
    Route("opportunities/<str:id>", views.opportunity, "opportunity", Capability.READ),
    Route("today/heard/", hearing.hear, "today_heard", Capability.LOG, takes_forms=True),
    only_forms("today/steps/", bulk.take_steps, "today_steps"),
    only_forms("today/undo/", stepping.undo, "today_undo"),
)
