"""The white-space map: products by accounts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.shell.answering import answer


def white_space(request: HttpRequest) -> HttpResponse:
    """The white-space map: products by accounts."""
    return answer(request, "white_space.html", {}, title="White space")
