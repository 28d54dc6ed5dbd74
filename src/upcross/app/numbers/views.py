"""Retention, the bridge, and each motion's own numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.shell.answering import answer


def numbers(request: HttpRequest) -> HttpResponse:
    """Retention, the bridge, and each motion's own numbers."""
    return answer(request, "numbers.html", {}, title="Numbers")
