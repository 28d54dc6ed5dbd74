"""People, tokens, connections and the record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.shell.answering import answer


def admin(request: HttpRequest) -> HttpResponse:
    """People, tokens, connections and the record."""
    return answer(request, "admin.html", {}, title="Admin")
