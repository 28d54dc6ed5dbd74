"""Accounts: who they are and who serves them, what each play says of them, what holds them, and what was typed."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from upcross.access import scope
from upcross.access.personal import HIDDEN
from upcross.access.roles import Capability
from upcross.api.paging import By, Paged, page
from upcross.api.project import served, today, with_run
from upcross.api.routes import expected_version, route, viewer_of, with_version
from upcross.api.shapes import AccountShape, AccountWhole, HoldsShape, PageOf, PlanWritten
from upcross.api.values import Asked, Day, Id, Text, listed
from upcross.explanation import explained
from upcross.kept_ledger import plan_names
from upcross.ledger.account_plan import PARTS, Edit, edit_plan, plan_facts
from upcross.ledger.facts import opportunity_facts
from upcross.ledger.models import Account, Assignment
from upcross.ledger.stage import ENDED, Stage
from upcross.ledger.unlock import unlock
from upcross.plays.verdicts import VerdictStatus

router = Router()
_TAGS = ["Accounts"]


class AccountsAsked(Paged):
    """Which accounts, and which page of them."""

    segment: Annotated[Id | None, Field(description="Accounts of one segment.")] = None
    served_by: Annotated[Id | None, Field(description="Served by somebody (id) in any role; `me`: you.")] = None
    search: Annotated[Id | None, Field(description="A part of the name, or the id.")] = None


@route(router, "GET", "/accounts", needs=Capability.READ, gives=PageOf[AccountShape], tags=_TAGS,
       summary="List accounts")  # fmt: skip
def list_accounts(request: HttpRequest, asked: Query[AccountsAsked]) -> Any:
    """The accounts that you see, by name."""
    viewer = viewer_of(request)
    rows = scope.accounts(viewer)
    if asked.segment is not None:
        rows = rows.filter(segment=asked.segment)
    if asked.served_by is not None:
        person = viewer.person_id if asked.served_by == "me" else asked.served_by
        rows = rows.filter(account_id__in=Assignment.objects.filter(person_id=person).values("account_id"))
    if asked.search is not None:
        rows = rows.filter(Q(name__icontains=asked.search) | Q(account_id=asked.search))
    found = page(rows, (By("name"), By("account_id")), asked)
    serving = _served_by([row.account_id for row in found.rows])
    return found.to_dict(lambda row: _facts(row, serving[row.account_id]))


@route(router, "GET", "/accounts/{id}", needs=Capability.READ, gives=AccountWhole, tags=_TAGS,
       summary="Look at one account")  # fmt: skip
def look_at_account(request: HttpRequest, id: str) -> Any:
    """One account with who serves it, its opportunities that are not over, and the gates that hold any of them."""
    row = _seen(request, id)
    rows = list(
        scope.opportunities(viewer_of(request)).filter(account_id=row.account_id).exclude(stage__in=ENDED)
        .defer("candidate").order_by("motion", "product_name", "id")
    )  # fmt: skip
    return {
        **_facts(row, _served_by([row.account_id])[row.account_id]),
        "opportunities": [opportunity_facts(one) for one in rows],
        "held_by": sorted({gate for one in rows if one.stage == Stage.HELD for gate in one.gates}),
    }


class VerdictsAsked(Asked):
    """Which verdicts."""

    play: Annotated[Id | None, Field(description="One play (id).")] = None
    product: Annotated[Id | None, Field(description="One product (id or name).")] = None
    status: Annotated[listed(VerdictStatus) | None, Field(description="Only such verdicts.")] = None  # type: ignore[valid-type]


@route(router, "GET", "/accounts/{id}/verdicts", needs=Capability.READ, gives=dict[str, Any], tags=_TAGS,
       summary="Explain an account", reads_run=True)  # fmt: skip
def explain_account(request: HttpRequest, id: str, asked: Query[VerdictsAsked]) -> Any:
    """What every play says of it: fired, held, unknown or quiet, with each comparison and where its values come from.

    As of the kept run of the book's newest day, and never computed anew: 409 says what to do where none is kept.
    """
    row = _seen(request, id)
    told = with_run(
        lambda project, run: explained(project, run, row.account_id, play=asked.play, product=asked.product)
    ).to_dict()
    if asked.status is not None:
        told["plays"] = [one for one in told["plays"] if one["status"] in asked.status]  # type: ignore[attr-defined]
    return told


@route(router, "GET", "/accounts/{id}/plan", needs=Capability.SEE_CONTACTS, gives=dict[str, Any], tags=_TAGS,
       summary="Read an account plan", gives_etag=True)  # fmt: skip
def read_plan(request: HttpRequest, response: HttpResponse, id: str) -> Any:
    """What people typed about it: each with its author, its age and whether it is stale; missing fields are null."""
    told = plan_facts(_seen(request, id).account_id, today())
    with_version(response, told["version"])
    return told


class EditAsked(Asked):
    """One thing typed; `id` changes what is there, and without it something is added."""

    part: Annotated[Id, Field(description=f"One of {', '.join(PARTS)}.")]
    id: Annotated[Id | None, Field(description="What is changed.")] = None
    texts: Annotated[dict[Id, Text], Field(default_factory=dict, description="Its texts by name.")]
    days: Annotated[
        dict[Id, Day | None], Field(default_factory=dict, description="Its days by name; null takes it out.")
    ]


class PlanAsked(Asked):
    """All that is written at once."""

    edits: Annotated[list[EditAsked], Field(min_length=1, max_length=100)]


_EDIT = {"part": "field", "texts": {"name": "next_step", "text": "Meet the new CFO"}}


@route(router, "POST", "/accounts/{id}/plan", needs=Capability.WORK, gives=PlanWritten, key=True, match=True,
       tags=_TAGS, summary="Write in an account plan", gives_etag=True,
       examples={"request": {"edits": [_EDIT]}})  # fmt: skip
def write_plan(request: HttpRequest, response: HttpResponse, id: str, asked: PlanAsked) -> Any:
    """Write fields, people, goals, proof, actions and reviews, all of it or nothing.

    Where somebody wrote since you read it, 412 says who, and nothing is lost or overwritten. The answer tells the new
    version and repeats no words, since answers are kept for a day and words may be erased before.
    """
    row = _seen(request, id)
    edits = [Edit(edit.part, {**edit.texts, **edit.days}, _key(edit.id)) for edit in asked.edits]
    version = edit_plan(
        row.account_id, viewer_of(request).actor, edits, today=today(), expected_version=expected_version(request),
        names=plan_names(served(), row.account_id),
    )  # fmt: skip
    with_version(response, version)
    return {"account_id": row.account_id, "version": version}


@route(router, "GET", "/holds", needs=Capability.READ, gives=HoldsShape, tags=["Gates"],
       summary="See what gates hold")  # fmt: skip
def list_holds(request: HttpRequest) -> Any:
    """What each gate holds among the accounts that you see: by this gate, and by this gate alone, motion by motion."""
    told = unlock(_everything(request, Stage.HELD), served().settings.reporting_currency).to_dict()
    return {
        "currency": told["currency"],
        "held": told["held"],
        "gates": [
            {"gate": gate["gate"], "accounts": gate["blockers"], "held": gate["held"], "alone": gate["alone"]}
            for gate in told["gates"] if gate["held"] or gate["blockers"]
        ],
    }  # fmt: skip


@route(router, "GET", "/unlock", needs=Capability.READ, gives=dict[str, Any], tags=["Gates"],
       summary="See what waits behind gates")  # fmt: skip
def list_blockers(request: HttpRequest) -> Any:
    """Blockers by the money behind them, who can clear each and how; what was let go and won; what gates cost."""
    told = unlock(_everything(request), served().settings.reporting_currency).to_dict()
    if not viewer_of(request).sees_contacts:  # sentences tell of the customer's people
        told["blockers"] = [{**one, "sentence": HIDDEN, "action": HIDDEN} for one in told["blockers"]]
    return told


def _everything(request: HttpRequest, *stages: Stage) -> Any:
    rows = scope.opportunities(viewer_of(request))
    return rows.filter(stage__in=stages) if stages else rows


def _seen(request: HttpRequest, id: str) -> Account:
    row: Account = scope.one(scope.accounts(viewer_of(request)), "account", account_id=id)
    return row


def _served_by(accounts: list[str]) -> defaultdict[str, dict[str, str]]:
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for one in Assignment.objects.filter(account_id__in=accounts).order_by("role"):
        found[one.account_id][one.role] = one.person_id
    return found


def _facts(row: Account, served_by: dict[str, str]) -> dict[str, Any]:
    return {
        "account_id": row.account_id, "name": row.name, "segment": row.segment, "region": row.region,
        "parent_id": row.parent_id, "served_by": served_by,
    }  # fmt: skip


def _key(id: str | None) -> Any:
    """The key of what is changed; one that is no key at all is that of nothing."""
    if id is None:
        return None
    try:
        return UUID(id)
    except ValueError:
        return UUID(int=0)
