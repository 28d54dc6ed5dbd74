"""What waits behind gates, by blocker and the money behind it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.shell.answering import answer


def unlock(request: HttpRequest) -> HttpResponse:
    """What waits behind gates, by blocker and the money behind it."""
    return answer(request, "unlock.html", {}, title="Unlock")
