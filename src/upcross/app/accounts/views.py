"""Accounts: the list by segment of potential, and one page for each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.shell.answering import answer


def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts: the list by segment of potential, and one page for each."""
    return answer(request, "accounts.html", {}, title="Accounts")
