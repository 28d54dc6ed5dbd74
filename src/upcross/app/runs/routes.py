"""The routes of Runs and data."""

from __future__ import annotations

from upcross.app.runs import quality, views
from upcross.app.shell.route import Route

ROUTES: tuple[Route, ...] = (
    Route("runs/", views.runs, "runs"),
    Route("runs/data/", quality.data_quality, "data_quality"),
    Route("runs/<int:seq>/", views.run, "runs.run"),
)
