"""Log what I heard: a quote, who said it and about what; judged at once, and told what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from upcross.access import scope
from upcross.access.personal import for_eyes_of
from upcross.access.viewer import Viewer
from upcross.api.hearing import follows
from upcross.api.project import kept_run, served
from upcross.api.project import today as the_day
from upcross.api.refusal import Refusal, id_of, refusal_of
from upcross.app.shell.answering import answer, part
from upcross.app.shell.back import back_to
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.published import about
from upcross.contract.tables.people import STATEMENTS
from upcross.errors import ProblemError
from upcross.ledger.models import Account, Opportunity
from upcross.ledger.refusals import Fault, LedgerError, RefusedError
from upcross.logged import Logged, log

_KINDS = next(column.values for column in STATEMENTS.columns if column.name == "kind")
_FIRST = ("need", "buying_request", "pain", "question", "objection", "competitor")
"""The kinds that are heard most, in the order in which they are offered; the others follow."""
_FIELDS = ("account", "quote", "kind", "said_by", "product", "domain", "said_on")
_LONGEST_LIST = 1_000
_FOLLOWS = {"create": "Opened", "release": "Can be asked now", "hold": "Held", "refresh": "Goes on, with this as well",
            "reassign": "Goes on with another owner", "expire": "Expired"}  # fmt: skip


def hear(request: HttpRequest) -> HttpResponse:
    """The form, or what follows from what was typed into it; what is refused stays in the form with why."""
    viewer = viewer_for(request)
    given = {name: request.POST.get(name, request.GET.get(name, "")).strip() for name in _FIELDS}
    told: dict[str, Any] = {"given": given, "faults": {}, "said": "", "heard": None, "next": back_to(request)}
    status = 200
    if request.method == "POST":
        try:
            told["heard"] = _told(_log(viewer, given), viewer)
        except (LedgerError, ProblemError, Refusal) as error:
            refusal = refusal_of(error, id_of(request))
            told["faults"] = {fault.field: fault.message for fault in refusal.faults if fault.field in _FIELDS}
            told["said"] = "" if told["faults"] else str(refusal)
            status = refusal.status
    told |= choices(viewer)
    if request.headers.get("HX-Target") == "drawer":
        response = part(request, "heard_drawer.html", told, status=status)
        if status >= 400:
            response.headers["X-Upcross-Part"] = "drawer"
        return response
    return answer(request, "heard.html", told, title="Log what I heard", status=status)


def choices(viewer: Viewer) -> dict[str, Any]:
    """What the form offers: accounts by name (none where they are too many for a list), kinds, products, domains."""
    names = list(scope.accounts(viewer).order_by("name").values_list("name", flat=True)[: _LONGEST_LIST + 1])
    kinds = [*_FIRST, *(kind for kind in _KINDS if kind not in _FIRST)]
    known = about()
    return {
        "accounts": names if len(names) <= _LONGEST_LIST else [],
        "kinds": [{"value": kind, "words": kind.replace("_", " ").capitalize()} for kind in kinds],
        "products": [{"value": key, "words": name} for key, name in known.get("products", {}).items()],
        "domains": known.get("domains", []),
    }  # fmt: skip


def _log(viewer: Viewer, given: Mapping[str, str]) -> Logged:
    account, day = _account(viewer, given["account"]), _day(given["said_on"])
    faults = [] if given["quote"] else [Fault("quote", "is missing: what did they say, in their words?")]
    if isinstance(account, Fault) or isinstance(day, Fault) or faults:
        raise RefusedError([one for one in (account, *faults, day) if isinstance(one, Fault)])
    kept_run()  # where there is none, nothing is made while somebody waits
    return log(
        served(), account.account_id, given["quote"], viewer.actor, kind=given["kind"] or "need",
        product=given["product"], domain=given["domain"], said_by=given["said_by"], said_on=day,
    )  # fmt: skip


def _account(viewer: Viewer, told: str) -> Account | Fault:
    """The one account that is meant, by its id or its name."""
    if not told:
        return Fault("account", "is missing: which customer said it?")
    found = list(scope.accounts(viewer).filter(Q(account_id=told) | Q(name__iexact=told))[:3])
    found = found or list(scope.accounts(viewer).filter(name__icontains=told)[:3])
    if len(found) == 1:
        return found[0]
    if not found:
        return Fault("account", f"“{told}” is none of the accounts that you see: choose one of the list")
    return Fault("account", f"“{told}” may be {', '.join(one.name for one in found)}: write the whole name")


def _day(told: str) -> date | Fault | None:
    if not told:
        return None
    try:
        day = date.fromisoformat(told)
    except ValueError:
        return Fault("said_on", f"“{told}” is no day: expected one such as 2026-09-30")
    return day if day <= the_day() else Fault("said_on", "has not come yet: expected today or before")


def _told(logged: Logged, viewer: Viewer) -> dict[str, Any]:
    """What was kept and what follows from it, in words; what stands in the way of anything is named."""
    changes = [follows(change) for change in logged.hearing.follows]
    rows = {
        str(row.id): row for row in scope.opportunities(viewer).filter(pk__in=[one["opportunity"] for one in changes])
    }
    told = {
        "statement_id": logged.statement_id,
        "follows": [
            {**one, "words": _FOLLOWS.get(one["change"], one["change"]),
             "what": _what(rows.get(one["opportunity"]), one),
             "motion": row.motion if (row := rows.get(one["opportunity"])) else None,
             "href": f"/?whose=all&open={one['opportunity']}",
             "held_by": [gate.replace("-", " ") for gate in one["held_by"]]}
            for one in changes
        ],
        "doubts": [issue.message for issue in logged.hearing.doubts],
    }  # fmt: skip
    found: dict[str, Any] = for_eyes_of(viewer, told)
    return found


def _what(row: Opportunity | None, one: Mapping[str, Any]) -> str:
    product = row.product_name if row else str(one["product_id"])
    return f"{product}, {one['mechanism']}".replace("_", " ") if one["mechanism"] else product
