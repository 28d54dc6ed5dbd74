"""The whole base looked over: the white-space map, and the numbers of a window; read from what is kept."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import Annotated, Any

from django.core import signing
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from upcross.access import scope
from upcross.access.roles import Capability
from upcross.api.paging import Paged
from upcross.api.project import kept_run, of_run, served
from upcross.api.refusal import Refusal, invalid
from upcross.api.routes import route, viewer_of
from upcross.api.shapes import CreditShape
from upcross.api.values import Asked, Id
from upcross.credit import Credits
from upcross.ledger.histories import histories
from upcross.ledger.models import Opportunity
from upcross.numbers import report
from upcross.numbers.facts import numbers_facts
from upcross.numbers.grouping import By
from upcross.numbers.report import Numbers
from upcross.numbers.rows import Level
from upcross.opportunities.handovers import handovers
from upcross.portfolio.white_space import WhiteSpace, map_of
from upcross.portfolio.white_space_sheet import white_space_facts

router = Router()
_TAGS = ["Portfolio"]
_SALT = "upcross.api.white-space"
_PERIOD = re.compile(r"[A-Za-z0-9 -]{1,20}", re.ASCII)


class WhiteSpaceAsked(Paged):
    """Which part of the map, and which page of its cells."""

    account: Annotated[Id | None, Field(description="One account (id).")] = None
    segment: Annotated[Id | None, Field(description="Accounts of one segment.")] = None
    product: Annotated[Id | None, Field(description="One product (id).")] = None


@route(router, "GET", "/white-space", needs=Capability.READ, gives=dict[str, Any], tags=_TAGS,
       summary="See the white-space map", reads_run=True)  # fmt: skip
def show_white_space(request: HttpRequest, asked: Query[WhiteSpaceAsked]) -> Any:
    """Products × accounts and business units: what is owned, fits, is blocked, was lost, and what it may bring.

    A map and a ranking, never a trigger. `totals` are of the whole choice within your accounts, motion by motion;
    `cells` come page by page, with the totals and the `consumption` of the accounts on the page.
    """
    viewer = viewer_of(request)
    rows = scope.accounts(viewer)
    if asked.account is not None:
        scope.one(rows, "account", account_id=asked.account)
        rows = rows.filter(account_id=asked.account)
    if asked.segment is not None:
        rows = rows.filter(segment=asked.segment)
    whole: WhiteSpace = of_run("white space", map_of)
    mark = [kept_run().folder.name, asked.account, asked.segment, asked.product]
    start = _start(asked.cursor, mark)
    chosen = whole.within(frozenset(rows.values_list("account_id", flat=True)), asked.product)
    total, end = len(chosen.cells), start + asked.limit
    here = replace(chosen, cells=chosen.cells[start:end])
    shown = white_space_facts(chosen.within(frozenset(cell.account_id for cell in here.cells), asked.product))
    totals = white_space_facts(replace(chosen, uses=()))["totals"]
    for motion, of_motion in totals.items():
        of_motion["accounts"] = shown["totals"][motion]["accounts"]
    return {
        **shown,
        "open_deals_without_product": chosen.unnamed_deals,
        "totals": totals,
        "cells": {
            "items": white_space_facts(here)["cells"], "total": total,
            "next": signing.dumps([mark, end], salt=_SALT) if end < total else None,
        },
    }  # fmt: skip


def _start(cursor: str, mark: list[Any]) -> int:
    if not cursor:
        return 0
    try:
        of, start = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise invalid("cursor", "is none that was given here; begin without one") from None
    if of != mark:
        raise invalid("cursor", "belongs to another map or choice; begin without one")
    return int(start)


NOT_BY_PERSON = (
    "what each of our people is credited with is for leaders, revenue operations and administrators:"
    " group by segment, region, product or cohort"
)


class MetricsAsked(Asked):
    """Which window, and how it is looked at."""

    first: Annotated[str, Field(alias="from", max_length=20, description="A month, quarter or year: 2026-01.")] = ""
    last: Annotated[str, Field(alias="to", max_length=20, description="A month, quarter or year: 2026-06.")] = ""
    by: Annotated[By | None, Field(description="The same numbers for each group.")] = None
    level: Annotated[Level, Field(description="Accounts, or ultimate parents.")] = Level.ACCOUNT


_numbers: OrderedDict[tuple[str, ...], Numbers] = OrderedDict()
_counting = threading.Lock()
_KEPT = 6
"""Windows of which the numbers are kept while the process lives."""


@route(router, "GET", "/metrics", needs=Capability.SEE_NUMBERS, gives=dict[str, Any], tags=_TAGS,
       summary="Read the numbers of a window", reads_run=True)  # fmt: skip
def read_metrics(request: HttpRequest, asked: Query[MetricsAsked]) -> Any:
    """Retention, the bridge, and the metrics of upsell and of cross-sell side by side; by default the last year.

    A sum over the whole base tells about each of its accounts, so this is for those who see every account: a program
    whose token is limited to a role's or a person's accounts is refused. By our own people they are for those who see
    what each is credited with.
    """
    viewer = viewer_of(request)
    if scope.account_ids(viewer) is not None:
        raise Refusal(403, "forbidden", "numbers of the whole base are for those who see every account")
    sees_credit = viewer.may(Capability.SEE_CREDIT)
    if asked.by and asked.by.of_our_people and not sees_credit:
        raise Refusal(403, "forbidden", NOT_BY_PERSON)
    told = numbers_facts(_numbers_of(asked.first, asked.last, asked.by, asked.level), [])
    if not sees_credit:
        told["csm_credit"] = [one for one in told["csm_credit"] if one["person_id"] in viewer.people]
    return told


class CreditAsked(Asked):
    """Which window."""

    first: Annotated[str, Field(alias="from", max_length=20, description="A month, quarter or year: 2026-01.")] = ""
    last: Annotated[str, Field(alias="to", max_length=20, description="A month, quarter or year: 2026-06.")] = ""


@route(router, "GET", "/credit", needs=Capability.READ, gives=CreditShape, tags=_TAGS,
       summary="Read what CSMs are credited with", reads_run=True)  # fmt: skip
def read_credit(request: HttpRequest, asked: Query[CreditAsked]) -> Any:
    """Retention of each CSM's book as it stood at the start, and what they qualified that its closer took and kept.

    Never closed bookings. Yours and those of the people below you; of everybody for those who may see that and see all.
    """
    viewer = viewer_of(request)
    numbers = _numbers_of(asked.first, asked.last, None, Level.ACCOUNT)
    kept = handovers(histories(Opportunity.objects.all()), numbers.window.first, numbers.window.last)
    told = Credits(numbers, kept).to_dict()
    if scope.account_ids(viewer) is not None or not viewer.may(Capability.SEE_CREDIT):
        for part in ("retention", "qualified"):
            told[part] = [one for one in told[part] if one["person_id"] in viewer.people]
    return told


def _numbers_of(first: str, last: str, by: By | None, level: Level) -> Numbers:
    """The numbers of a window, computed once a load and window."""
    for name, value in (("from", first), ("to", last)):
        if value and not _PERIOD.fullmatch(value):
            raise invalid(name, f"'{value}' is no month, quarter or year")
    project = served()
    key = (project.store.manifest().load_id, first, last, by.value if by else "", level.value)
    with _counting:
        if key not in _numbers:
            _numbers[key] = report.metrics(project, first or None, last or None, by=by, level=level)
            while len(_numbers) > _KEPT:
                _numbers.popitem(last=False)
        return _numbers[key]
