"""Opportunities: found, looked at, and worked step by step."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from django.db import transaction
from django.db.models import DateField, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from upcross.access import scope
from upcross.access.roles import Capability
from upcross.access.viewer import Viewer
from upcross.api.names import names_of
from upcross.api.paging import By, Order, Paged, page
from upcross.api.project import house, served, today
from upcross.api.refusal import id_of, refusal_of
from upcross.api.routes import expected_version, route, viewer_of, with_version
from upcross.api.shapes import BulkShape, EntryShape, OpportunityShape, OpportunityWhole, PageOf, SummaryShape
from upcross.api.values import Asked, Day, Flag, Id, Moment, Money, QueryFlag, Text, listed
from upcross.ledger.actor import Relation
from upcross.ledger.acts import act
from upcross.ledger.facts import entry_facts, opportunity_facts
from upcross.ledger.given import Given
from upcross.ledger.models import Account, Entry, EntryText, Opportunity
from upcross.ledger.possible import possible_steps
from upcross.ledger.refusals import Fault, RefusedError
from upcross.ledger.stage import OPEN, Stage
from upcross.ledger.state import state_of
from upcross.ledger.step import TRANSITIONS, Step
from upcross.ledger.undoing import last_decision
from upcross.ledger.unlock import money_of, won_of
from upcross.motions import Mechanism, Motion
from upcross.plays.play import PlayKind

router = Router()
_TAGS = ["Opportunities"]

BULK_AT_MOST = 100
_LAST_DAY = date(9999, 12, 31)

TakenStep = StrEnum(  # type: ignore[misc]
    "TakenStep",
    {
        step.name: step.value for step, row in TRANSITIONS.items()
        if row.by != frozenset({Relation.SYSTEM}) and step not in (Step.OPEN, Step.ERASE)
    },
)  # fmt: skip
"""The steps that people take."""


class Sort(StrEnum):
    """Orders of a list of opportunities; potential ranks within a motion, never across."""

    DUE = "due"
    POTENTIAL = "potential"
    UPDATED = "updated"
    LATEST = "latest"


_ORDERS: dict[Sort, Order] = {
    Sort.DUE: (By("sorted_due"), By("id")),
    Sort.POTENTIAL: (By("motion", falling=True), By("sorted_potential", falling=True), By("id")),
    Sort.UPDATED: (By("updated_at"), By("id")),
    Sort.LATEST: (By("updated_at", falling=True), By("id")),
}


class Choice(Asked):
    """Which opportunities; what is not given chooses all."""

    stage: Annotated[listed(Stage) | None, Field(description="One or more stages.")] = None  # type: ignore[valid-type]
    open: Annotated[QueryFlag | None, Field(description="true: what is open; false: what is held or over.")] = None
    motion: Annotated[Motion | None, Field(description="One motion.")] = None
    mechanism: Annotated[listed(Mechanism) | None, Field(description="One or more mechanisms.")] = None  # type: ignore[valid-type]
    kind: Annotated[PlayKind | None, Field(description="ask, answer or adoption.")] = None
    owner: Annotated[Id | None, Field(description="Who has it (id); `me`: you.")] = None
    closer: Annotated[Id | None, Field(description="Who closes it (id); `me`: you.")] = None
    account: Annotated[Id | None, Field(description="One account (id).")] = None
    segment: Annotated[Id | None, Field(description="Accounts of one segment.")] = None
    gate: Annotated[Id | None, Field(description="Held by this gate.")] = None
    due_before: Annotated[Day | None, Field(description="To be responded to before a day.")] = None
    updated_since: Annotated[Moment | None, Field(description="Changed at a moment or later.")] = None
    asked_anyway: Annotated[QueryFlag | None, Field(description="Asked in spite of a gate, or not.")] = None

    def of(self, rows: QuerySet[Opportunity], viewer: Viewer) -> QuerySet[Opportunity]:
        """The rows chosen."""
        equal = {
            "motion": self.motion,
            "kind": self.kind,
            "account_id": self.account,
            "asked_anyway": self.asked_anyway,
        }
        rows = rows.filter(**{name: value for name, value in equal.items() if value is not None})
        if self.stage is not None:
            rows = rows.filter(stage__in=self.stage)
        if self.open is not None:
            rows = rows.filter(stage__in=OPEN) if self.open else rows.exclude(stage__in=OPEN)
        if self.mechanism is not None:
            rows = rows.filter(mechanism__in=self.mechanism)
        for name, person in (("owner", self.owner), ("closer", self.closer)):
            if person is not None:
                rows = rows.filter(**{name: viewer.person_id if person == "me" else person})
        if self.segment is not None:
            rows = rows.filter(account_id__in=Account.objects.filter(segment=self.segment).values("account_id"))
        if self.due_before is not None:
            rows = rows.filter(due_on__lt=self.due_before)
        if self.updated_since is not None:
            rows = rows.filter(updated_at__gte=self.updated_since)
        if self.gate is not None:
            held = rows.filter(stage=Stage.HELD).values_list("id", "gates")
            rows = rows.filter(id__in=[key for key, gates in held if self.gate in gates])
        return rows


class Listed(Choice, Paged):
    """Which opportunities, in which order, and which page of them."""

    sort: Annotated[
        Sort, Field(description="due: soonest first; potential: the most first, motion by motion; updated, latest.")
    ] = Sort.DUE


@route(router, "GET", "/opportunities", needs=Capability.READ, gives=PageOf[OpportunityShape], tags=_TAGS,
       summary="List opportunities")  # fmt: skip
def list_opportunities(request: HttpRequest, asked: Query[Listed]) -> Any:
    """The opportunities of the accounts that you see, by filters, page by page; `total` counts no others."""
    viewer = viewer_of(request)
    rows = asked.of(scope.opportunities(viewer), viewer).annotate(
        sorted_due=Coalesce("due_on", Value(_LAST_DAY), output_field=DateField()),
        sorted_potential=Coalesce("potential_expected", Value(-1)),
    )
    return page(rows.defer("candidate"), _ORDERS[asked.sort], asked).to_dict(opportunity_facts)


@route(router, "GET", "/opportunities/summary", needs=Capability.READ, gives=SummaryShape, tags=_TAGS,
       summary="Count and sum opportunities")  # fmt: skip
def summarise_opportunities(request: HttpRequest, asked: Query[Choice]) -> Any:
    """Counts and expected MRR by motion and stage. The motions are never added; alternatives of one ask count once;
    what customers asked for themselves stands apart, as in a plan."""
    viewer = viewer_of(request)
    rows = list(asked.of(scope.opportunities(viewer), viewer).only(*_SUMMED))
    adoption: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        if not row.motion:
            adoption[row.stage] += 1
    return {
        "currency": served().settings.reporting_currency,
        **{motion.value: _motion([row for row in rows if row.motion == motion]) for motion in Motion},
        "adoption": dict(sorted(adoption.items())),
    }


_SUMMED = ("id", "motion", "kind", "stage", "potential_expected", "alternative_of", "won_mrr")


def _motion(rows: list[Opportunity]) -> dict[str, Any]:
    stages = {stage: [row for row in rows if row.stage == stage] for stage in Stage}
    asked = [row for row in rows if row.kind != PlayKind.ANSWER]
    return {
        "opportunities": len(rows),
        "expected": money_of(asked).to_dict(),
        "answers": money_of(row for row in rows if row.kind == PlayKind.ANSWER).to_dict(),
        "won_mrr": won_of(row.won_mrr for row in stages[Stage.WON]).to_dict()["mrr"],
        "stages": [
            {"stage": stage.value, "opportunities": len(found), "expected": money_of(found).to_dict()}
            for stage, found in stages.items() if found
        ],
    }  # fmt: skip


@route(router, "GET", "/opportunities/{id}", needs=Capability.READ, gives=OpportunityWhole, tags=_TAGS,
       summary="Look at one opportunity", gives_etag=True)  # fmt: skip
def look_at_opportunity(request: HttpRequest, response: HttpResponse, id: str) -> Any:
    """One opportunity with its evidence and the steps that you may take; the ETag goes into the If-Match of a step."""
    viewer = viewer_of(request)
    row = _seen(viewer, id)
    with_version(response, row.version)
    newest = Entry.objects.filter(subject="opportunity", subject_id=str(row.id)).order_by("-version")[:50]
    last = last_decision(list(newest))
    steps = possible_steps(state_of(row), viewer.actor, house(), last) if viewer.may(Capability.WORK) else ()
    return {**opportunity_facts(row, evidence=True), "steps": [step.value for step in steps]}


class HistoryAsked(Paged):
    """Which page of a history."""


@route(router, "GET", "/opportunities/{id}/history", needs=Capability.READ, gives=PageOf[EntryShape], tags=_TAGS,
       summary="Read what happened to one opportunity")  # fmt: skip
def read_history(request: HttpRequest, id: str, asked: Query[HistoryAsked]) -> Any:
    """Everything that happened to it, the newest first, with what people wrote; the evidence of the day is left out."""
    row = _seen(viewer_of(request), id)
    found = page(
        Entry.objects.filter(subject="opportunity", subject_id=str(row.id)), (By("version", falling=True),), asked
    )
    texts: defaultdict[int, list[EntryText]] = defaultdict(list)
    for text in EntryText.objects.filter(entry__in=[entry.seq for entry in found.rows]).exclude(name="candidate"):
        texts[text.entry_id].append(text)
    names = names_of(entry.by for entry in found.rows)

    def facts(entry: Entry) -> dict[str, Any]:
        with_it = texts[entry.seq]
        return {
            **entry_facts(entry, {text.name: text.text for text in with_it if text.erased_at is None}),
            "erased": sorted(text.name for text in with_it if text.erased_at is not None),
            "by_name": names.get(entry.by),
        }

    return found.to_dict(facts)


class StepGiven(Asked):
    """One step and what it takes; each field where the step wants it."""

    step: TakenStep
    reason: Annotated[Id, Field(description="Why, one of `/reasons`: for lose, dismiss, return.")] = ""
    text: Annotated[Text, Field(description="The same in words; for a comment, what it says.")] = ""
    to: Annotated[Id, Field(description="To whom (id): for hand_off, reassign.")] = ""
    until: Annotated[
        Day | None, Field(description="For snooze, the day to take it up again; for override, the last day.")
    ] = None
    until_changed: Annotated[Flag, Field(description="Snooze until what speaks for it changes.")] = False
    gates: Annotated[
        list[Id], Field(default_factory=list, max_length=100, description="The gates to override; all by default.")
    ]
    mrr: Annotated[Money | None, Field(description="For win: the MRR, as decimal text.")] = None
    on: Annotated[Day | None, Field(description="For win, lose and finish: when it was; today by default.")] = None

    def given(self, context: dict[str, str] | None = None) -> Given:
        """What the ledger's door takes."""
        return Given(
            self.reason, self.text, context or {}, self.to, self.until, self.until_changed, tuple(self.gates),
            self.mrr, self.on,
        )  # fmt: skip


class Context(Asked):
    """What is handed over with it, each in words or "unknown"."""

    need: Text | None = None
    goal: Text | None = None
    buyer: Text | None = None
    budget_owner: Text | None = None


class StepAsked(StepGiven):
    """One step with one opportunity."""

    context: Annotated[Context, Field(description="For qualify: need, goal, buyer, budget owner.")] = Context()

    def complete(self) -> Given:
        """What the ledger's door takes."""
        return self.given({name: said for name, said in self.context.model_dump().items() if said is not None})


_QUALIFY = {
    "step": "qualify",
    "context": {
        "need": "Two more teams in May",
        "goal": "unknown",
        "buyer": "unknown",
        "budget_owner": "unknown",
    },
}


@route(router, "POST", "/opportunities/{id}/steps", needs=Capability.WORK, gives=OpportunityShape, key=True, match=True,
       tags=_TAGS, summary="Take one step", examples={"request": _QUALIFY}, gives_etag=True)  # fmt: skip
def take_step(request: HttpRequest, response: HttpResponse, id: str, asked: StepAsked) -> Any:
    """Qualify, hand off, accept, return, win, lose, dismiss, snooze, comment and so on.

    Where somebody acted since you looked, nothing is written: 412 says who did what. A step that does not lead on from
    the stage is 409, one that is not yours to take 403, and 422 names everything that is wrong with what it was given.
    """
    viewer = viewer_of(request)
    row = _seen(viewer, id)
    done = act(
        row.id, Step(asked.step.value), viewer.actor, asked.complete(), today=today(),
        expected_version=expected_version(request), house=house(),
    )  # fmt: skip
    with_version(response, done.version)
    return opportunity_facts(done)


class Seen(Asked):
    """One opportunity as it was seen."""

    id: Id
    version: Annotated[int, Field(strict=True, ge=0, le=10**17)]


class BulkAsked(StepGiven):
    """One step with many opportunities."""

    items: Annotated[list[Seen], Field(min_length=1, max_length=BULK_AT_MOST)]


@route(router, "POST", "/opportunities/steps", needs=Capability.WORK, gives=BulkShape, key=True, tags=_TAGS,
       summary="Take one step with many",
       examples={"request": {"step": "dismiss", "reason": "not_ready",
                             "items": [{"id": "6f1c0f0e-6f5b-5b0e-9d0f-3a5c2b1e7a10", "version": 1}]}})  # fmt: skip
def take_steps(request: HttpRequest, asked: BulkAsked) -> Any:
    """The same step with up to 100 opportunities, each judged alone: those that are refused stop none of the others."""
    viewer = viewer_of(request)
    twice = len({item.id for item in asked.items}) < len(asked.items)
    if twice:
        raise RefusedError([Fault("items", "one opportunity is given twice; give each once")])
    rules, day, told = house(), today(), []
    for item in asked.items:
        try:
            with transaction.atomic():
                row = _seen(viewer, item.id)
                done = act(
                    row.id, Step(asked.step.value), viewer.actor, asked.given(), today=day,
                    expected_version=item.version, house=rules,
                )  # fmt: skip
            told.append({"id": item.id, "status": 200, "opportunity": opportunity_facts(done), "error": None})
        except Exception as error:
            refusal = refusal_of(error, id_of(request))
            if refusal.status >= 500:
                raise
            problem = refusal.to_dict(id_of(request))["error"]
            told.append({"id": item.id, "status": refusal.status, "opportunity": None, "error": problem})
    taken = sum(item["status"] == 200 for item in told)
    return {"items": told, "taken": taken, "refused": len(told) - taken}


def _seen(viewer: Viewer, id: str) -> Opportunity:
    row: Opportunity = scope.one(scope.opportunities(viewer), "opportunity", id=id)
    return row
