"""The routes of Accounts."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.accounts import views
from upcross.app.shell.route import Route, only_forms

ROUTES: tuple[Route, ...] = (
    Route("accounts/", views.accounts, "accounts", Capability.READ),
    Route("accounts/<str:id>/", views.account, "accounts.account", Capability.READ),
    Route("accounts/<str:id>/story/", views.story, "accounts.story", Capability.READ),
    Route("accounts/<str:id>/people/", views.people, "accounts.people", Capability.READ),
    Route("accounts/<str:id>/plan/", views.plan, "accounts.plan", Capability.SEE_CONTACTS),
    only_forms("accounts/<str:id>/plan/field/", views.write_plan_field, "accounts.write_field"),
    only_forms("accounts/<str:id>/plan/write/", views.write_plan, "accounts.write"),
    Route("accounts/<str:id>/movements/", views.movements, "accounts.movements", Capability.READ),
    Route("accounts/<str:id>/review.pdf", views.review, "accounts.review", Capability.SEE_CONTACTS),
    Route("accounts/<str:id>/why/", views.why, "accounts.why", Capability.READ),
)
