"""The catalogue of plays: what each watches, fires and holds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.shell.answering import answer


def plays(request: HttpRequest) -> HttpResponse:
    """The catalogue of plays: what each watches, fires and holds."""
    return answer(request, "plays.html", {}, title="Plays")
