"""The interface: every router, behind the guard, with one shape of refusal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from upcross.api import accounts, company, deliveries, hearing, opportunities, portfolio, records
from upcross.api.guard import guarded
from upcross.api.reading import StrictParser
from upcross.api.refusal import id_of, refusal_of

DESCRIPTION = """\
Expansion opportunities, what holds them, and everything that is done with them, for programs.

You see what you may see as a person: the accounts in your scope, under your role. What lies outside is answered as
what never was. Amounts are exact decimal text in currency units a month; null is unknown, which is not zero. The
motions, upsell (deeper) and cross-sell (wider), stand side by side and are never added.

Whatever writes takes an Idempotency-Key, so that a request that is sent again has its effect once. A step takes the
ETag of what you looked at as If-Match, so that nobody's work is undone unseen.
"""

api = NinjaAPI(
    title="Upcross", version="1", description=DESCRIPTION, urls_namespace="api", openapi_url=None,
    docs_url=None, parser=StrictParser(),
)  # fmt: skip


@api.exception_handler(Exception)
def _refuse(request: HttpRequest, error: Exception) -> HttpResponse:
    request_id = id_of(request)
    return refusal_of(error, request_id).answer(request_id)


for _kind in list(api._exception_handlers):  # ninja's own answers have another shape
    api.exception_handler(_kind)(_refuse)

api.add_decorator(guarded, mode="view")
_ROUTERS: tuple[Any, ...] = (opportunities, accounts, hearing, portfolio, company, deliveries, records)
for _module in _ROUTERS:
    api.add_router("", _module.router)
