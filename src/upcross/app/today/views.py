"""What needs me today, and working it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.shell.answering import answer


def today(request: HttpRequest) -> HttpResponse:
    """What needs me today, and working it."""
    return answer(request, "today.html", {}, title="Today")
