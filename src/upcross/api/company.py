"""Ourselves: who asks, our people, whose work goes to whom, why things end, and which plans were applied."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import ConfigDict, Field

from upcross.access.roles import Capability
from upcross.api.paging import By, Paged, page
from upcross.api.project import house, today
from upcross.api.routes import route, viewer_of
from upcross.api.shapes import MeShape, MovedShape, PageOf, PersonShape, ReasonsShape, RunShape
from upcross.api.values import Asked, Id, QueryFlag
from upcross.ledger.applying import RUN
from upcross.ledger.models import Entry, Person
from upcross.ledger.territory import move_book
from upcross.opportunities.outcomes import Outcome

router = Router()
_TAGS = ["Company"]


@route(router, "GET", "/me", needs=None, gives=MeShape, tags=_TAGS, summary="Ask who you are")
def who_am_i(request: HttpRequest) -> Any:
    """Who you are here, what you may do, and which day counts as today."""
    viewer = viewer_of(request)
    return {
        "id": viewer.id, "name": viewer.name, "role": viewer.role.value, "person_id": viewer.person_id or None,
        "capabilities": sorted(one.value for one in viewer.capabilities), "sees_all": viewer.sees_all,
        "today": today().isoformat(),
    }  # fmt: skip


class PeopleAsked(Paged):
    """Which of our people, and which page of them."""

    role: Annotated[Id | None, Field(description="In one role of the team table.")] = None
    manager: Annotated[Id | None, Field(description="Reporting to somebody (id).")] = None
    with_us: Annotated[QueryFlag | None, Field(description="true: still with us; false: have left.")] = None


@route(
    router, "GET", "/people", needs=Capability.READ, gives=PageOf[PersonShape], tags=_TAGS, summary="List our people"
)
def list_people(request: HttpRequest, asked: Query[PeopleAsked]) -> Any:
    """Our own people, as the team table has them: to whom work can be given."""
    rows = Person.objects.all()
    if asked.role is not None:
        rows = rows.filter(role=asked.role)
    if asked.manager is not None:
        rows = rows.filter(manager_id=asked.manager)
    if asked.with_us is not None:
        here = Q(left_on=None) | Q(left_on__gt=today())
        rows = rows.filter(here) if asked.with_us else rows.exclude(here)
    return page(rows, (By("name"), By("person_id")), asked).to_dict(_facts)


def _facts(row: Person) -> dict[str, Any]:
    return {
        "person_id": row.person_id, "name": row.name, "email": row.email, "role": row.role,
        "manager_id": row.manager_id, "product_id": row.product_id,
        "left_on": row.left_on.isoformat() if row.left_on else None,
    }  # fmt: skip


class ReassignAsked(Asked):
    """Whose work moves to whom."""

    model_config = ConfigDict(extra="forbid", validate_by_name=False, validate_by_alias=True)
    from_: Annotated[Id, Field(alias="from", description="Whose work moves (id).")]
    to: Annotated[Id, Field(description="Who takes it over (id).")]
    segment: Annotated[Id | None, Field(description="Only accounts of one segment.")] = None


@route(router, "POST", "/reassign", needs=Capability.REASSIGN, gives=MovedShape, key=True, tags=_TAGS,
       summary="Move somebody's work", examples={"request": {"from": "p-014", "to": "p-021"}})  # fmt: skip
def reassign_work(request: HttpRequest, asked: ReassignAsked) -> Any:
    """Give a person's opportunities and accounts to another: a territory changes, or somebody leaves.

    All of it or nothing, with its history; new asks of these accounts follow as long as the book names who had them.
    """
    moved = move_book(
        asked.from_, asked.to, viewer_of(request).actor, today=today(), segment=asked.segment, house=house()
    )
    return moved.to_dict()


@route(router, "GET", "/reasons", needs=Capability.READ, gives=ReasonsShape, tags=_TAGS, summary="List reasons")
def list_reasons(request: HttpRequest) -> Any:
    """Why things are lost, dismissed or returned: what the `reason` of a step is one of."""
    return {
        outcome.value: [
            {"id": one.id, "title": one.title, "cooldown": one.cooldown, "needs_text": one.needs_text}
            for one in house().outcomes[outcome].values()
        ]
        for outcome in Outcome
    }


class RunsAsked(Paged):
    """Which page of the plans applied."""


@route(router, "GET", "/runs", needs=Capability.READ, gives=PageOf[RunShape], tags=_TAGS, summary="List applied plans")
def list_runs(request: HttpRequest, asked: Query[RunsAsked]) -> Any:
    """Which plans were applied, the newest first; how much each wrote is told to those who see every account."""
    viewer = viewer_of(request)

    def facts(entry: Entry) -> dict[str, Any]:
        told = json.loads(entry.facts)
        return {
            "as_of": entry.as_of.isoformat() if entry.as_of else None, "at": entry.at.isoformat(), "by": entry.by,
            "backlog": bool(told.get("backlog")), "written": told.get("written", {}) if viewer.sees_all else None,
        }  # fmt: skip

    return page(Entry.objects.filter(subject=RUN, kind="apply"), (By("seq", falling=True),), asked).to_dict(facts)
