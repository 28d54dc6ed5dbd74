"""What is refused on a page: one place that says why, with the id under which the server noted it."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from upcross.api.refusal import Refusal, id_of, refusal_of
from upcross.app.shell.answering import whole
from upcross.errors import ProblemError, UsageError
from upcross.ledger.refusals import LedgerError

_REFUSED = (Refusal, LedgerError, UsageError, ProblemError, DatabaseError, InterfaceError)


def _sentence(refusal: Refusal) -> str:
    """Why, as a sentence for people: an input by its name, not as programs are told of it."""
    if refusal.code != "invalid" or len(refusal.faults) != 1:
        return str(refusal)
    [fault] = refusal.faults
    return f"The {fault.field.replace('_', ' ')} {fault.message}." if fault.field else f"{refusal}"


class RefusalsMiddleware:
    """Answers what the ledger or a page refuses as a page, or to those who ask for JSON as the API does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before a view is called."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page that says why; what nobody foresaw is Django's to answer."""
        if request.path.startswith(("/api/", "/inbound/")) or not isinstance(error, _REFUSED):
            return None
        refusal = refusal_of(error, id_of(request))
        if request.GET.get("format") == "json":
            return refusal.answer(id_of(request))
        told = {
            "message": _sentence(refusal), "status": refusal.status, "id": id_of(request),
            "faults": [str(fault) for fault in refusal.faults] if len(refusal.faults) > 1 else [],
        }  # fmt: skip
        return render(request, "refused.html", whole(request, told, title="Not done"), status=refusal.status)
