"""The routes of Accounts."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.accounts import views
from upcross.app.shell.route import Route

ROUTES: tuple[Route, ...] = (
    Route("accounts/", views.accounts, "accounts", Capability.READ),
    Route("accounts/<str:id>/", views.account, "accounts.account", Capability.READ),
    Route("accounts/<str:id>/story/", views.story, "accounts.story", Capability.READ),
    Route("accounts/<str:id>/people/", views.people, "accounts.people", Capability.READ),
    Route("accounts/<str:id>/why/", views.why, "accounts.why", Capability.READ),
)
