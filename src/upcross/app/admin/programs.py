"""Programs: the tokens by which they come in, and what is told to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from upcross.access import tokens
from upcross.access.models import ServiceToken
from upcross.access.roles import TokenScope, token_capabilities
from upcross.api.names import names_of
from upcross.app.admin.people import ROLES
from upcross.app.admin.sheets import deliveries_sheet, tokens_sheet
from upcross.app.admin.tabs import tabs
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.paging import number_of, page_of
from upcross.app.shell.telling import tell
from upcross.deliveries.dispatch import delivery_facts, send_again
from upcross.ledger.models import Delivery
from upcross.ledger.refusals import NotFoundError, RefusedError
from upcross.ledger.writer import now

PAGE = 50
_STATES = (("", "All"), ("pending", "On their way"), ("delivered", "Arrived"), ("dead", "Given up"))


def list_tokens(request: HttpRequest) -> HttpResponse:
    """Every token: what it may do, when it was last used, and whether it is still good; making one."""
    viewer = viewer_for(request)
    given = {"name": request.POST.get("name", "").strip(), "role": request.POST.get("role", ""),
             "days": request.POST.get("days", "365"), "scopes": request.POST.getlist("scopes")}  # fmt: skip
    told: dict[str, Any] = {"faults": {}, "secret": "", "given": given}
    status = 200
    if request.method == "POST":
        try:
            days = number_of(str(given["days"])) or 0
            until = datetime.now(UTC) + timedelta(days=min(days, 3660)) if days else None
            made, told["secret"] = tokens.make(
                viewer.actor, str(given["name"]), given["scopes"], role=str(given["role"]), expires_at=until
            )
            told |= {"made": made.name, "given": {"name": "", "role": "", "days": "365", "scopes": []}}
        except RefusedError as error:
            told["faults"] = {fault.field: fault.message for fault in error.faults}
            status = 422
    moment, listed = now(), list(ServiceToken.objects.order_by("-made_at"))
    names = names_of(one.made_by for one in listed)
    rows = [
        {"key": one.key, "name": one.name, "scopes": list(one.scopes), "role": one.role, "person_id": one.person_id,
         "made_by": names.get(one.made_by, one.made_by), "made_at": one.made_at.isoformat(),
         "until": one.expires_at.isoformat() if one.expires_at else None,
         "used_at": one.used_at.isoformat() if one.used_at else None,
         "state": "revoked" if one.revoked_at else "good" if one.is_valid(moment) else "over"}
        for one in listed
    ]  # fmt: skip
    told |= {
        "tabs": tabs(viewer, "tokens"), "tokens": rows, "roles": ROLES,
        "scopes": [{"name": one.value, "may": sorted(c.value for c in token_capabilities(frozenset({one}), None))}
                   for one in TokenScope],
    }  # fmt: skip
    sheets = {"tokens": lambda: tokens_sheet(rows)}
    response = answer(request, "tokens.html", told, title="Tokens", sheets=sheets, status=status)
    response["Cache-Control"] = "no-store"  # a secret is shown once
    return response


def revoke_token(request: HttpRequest, key: str) -> HttpResponse:
    """The token opens nothing any more, at once."""
    row = tokens.revoke(viewer_for(request).actor, key)
    tell(request, f"The token “{row.name}” opens nothing any more.")
    return HttpResponseRedirect("/admin/tokens/", status=303)


def list_deliveries(request: HttpRequest) -> HttpResponse:
    """What is told elsewhere: on its way, arrived, or given up, with why."""
    viewer = viewer_for(request)
    wanted, place = request.GET.get("state", ""), request.GET.get("destination", "")
    counts = dict(Delivery.objects.order_by().values_list("state").annotate(Count("id")))
    rows = Delivery.objects.order_by("-id")
    if wanted:
        rows = rows.filter(state=wanted)
    if place:
        rows = rows.filter(destination=place)
    page = page_of(request.GET)
    total = rows.count()
    shown = [delivery_facts(row) for row in rows[(page - 1) * PAGE : page * PAGE]]
    told = {
        "tabs": tabs(viewer, "deliveries"), "deliveries": shown, "total": total, "page": page, "state": wanted,
        "destination": place, "query": f"state={wanted}&destination={place}",
        "states": [
            {"words": words, "here": wanted == key, "href": f"/admin/deliveries/?state={key}",
             "count": counts.get(key, 0) if key else sum(counts.values())}
            for key, words in _STATES
        ],
        "older": page + 1 if page * PAGE < total else None, "newer": page - 1 if page > 1 else None,
    }  # fmt: skip
    sheets = {"deliveries": lambda: deliveries_sheet([delivery_facts(row) for row in rows[:10_000]])}
    return answer(request, "deliveries.html", told, title="Deliveries", sheets=sheets)


def retry_delivery(request: HttpRequest) -> HttpResponse:
    """Send again what was given up: one, or all of it."""
    which = request.POST.get("id", "")
    dead = Delivery.objects.filter(state="dead")
    if which:
        if not (key := number_of(which)) or not dead.filter(pk=key).exists():
            raise NotFoundError("only what was given up is sent again; this is on its way or arrived meanwhile")
        dead = dead.filter(pk=key)
    count = send_again(list(dead.values_list("pk", flat=True)), datetime.now(UTC))
    tell(request, f"{count} {'is' if count == 1 else 'are'} on the way again; the worker tries for 72 hours.")
    return HttpResponseRedirect("/admin/deliveries/", status=303)
