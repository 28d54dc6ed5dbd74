"""The routes of Plays."""

from __future__ import annotations

from upcross.access.roles import Capability
from upcross.app.plays import changing, views
from upcross.app.shell.route import Route

ROUTES: tuple[Route, ...] = (
    Route("plays/", views.plays, "plays"),
    Route("plays/<str:play_id>/", views.play, "plays.play"),
    Route("plays/<str:play_id>/change/", changing.change, "plays.change", Capability.CHANGE_PLAYS, takes_forms=True),
)
