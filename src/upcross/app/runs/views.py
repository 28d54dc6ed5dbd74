"""Runs, what changed between them, and the quality of the data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.shell.answering import answer


def runs(request: HttpRequest) -> HttpResponse:
    """Runs, what changed between them, and the quality of the data."""
    return answer(request, "runs.html", {}, title="Runs and data")


def data_quality(request: HttpRequest) -> HttpResponse:
    """What of the data is missing, stale or contradictory, and who waits for it."""
    return answer(request, "data_quality.html", {}, title="Data quality")
