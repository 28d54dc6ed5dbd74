"""The routes of Plays."""

from __future__ import annotations

from upcross.app.plays import views
from upcross.app.shell.route import Route

ROUTES: tuple[Route, ...] = (
    Route("plays/", views.plays, "plays"),
    Route("plays/<str:play_id>/", views.play, "plays.play"),
)
