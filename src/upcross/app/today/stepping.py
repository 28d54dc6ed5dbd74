"""Steps as forms: taken through the ledger's one door; where they are refused, what was typed stays in the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from pydantic import ValidationError

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.api.names import named
from upcross.api.opportunities import BULK_AT_MOST, StepAsked
from upcross.api.project import house, today
from upcross.api.refusal import Refusal, invalid
from upcross.app.shell.answering import part, whole
from upcross.app.shell.back import back_to, gone
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.telling import tell
from upcross.app.shell.version import version_of
from upcross.app.today.asking import PATH, Asked, read
from upcross.app.today.drawer import Typed
from upcross.app.today.forms import WORDS
from upcross.app.today.ours import Ours, ours
from upcross.app.today.page import drawer_of, page_facts
from upcross.app.today.rows import stage_words
from upcross.ledger.acts import act
from upcross.ledger.given import CONTEXT, UNKNOWN
from upcross.ledger.models import Opportunity
from upcross.ledger.refusals import ConflictError, Fault, LedgerError, RefusedError
from upcross.ledger.step import Step

_GIVEN = ("reason", "text", "to", "until", "mrr", "on")
_PREFIX = {
    Step.QUALIFY: "Qualified", Step.ACCEPT: "Accepted", Step.CLAIM: "Taken", Step.RETURN: "Returned", Step.WIN: "Won",
    Step.LOSE: "Lost", Step.FINISH: "Done", Step.DISMISS: "Dismissed", Step.WAKE: "Taken up again",
    Step.OVERRIDE: "Asked anyway", Step.COMMENT: "Commented", Step.UNDO: "Undone",
}  # fmt: skip


def take_step(request: HttpRequest, key: str) -> HttpResponse:
    """One step with one opportunity, from a form; back to where one was, or the form again with what was wrong."""
    viewer, day = viewer_for(request), today()
    back = back_to(request)
    step = _step(request.POST.get("step", ""))
    row: Opportunity = scope.one(scope.opportunities(viewer), "opportunity", id=key)
    people = ours(day)
    try:
        done = _take(request.POST, step, row, viewer, version_of(request.POST.get("version", "")))
    except LedgerError as error:
        asked = _behind(back, viewer, open=str(row.id), do=step.value)
        return _again(request, asked, people, step, error)
    undo = "" if step is Step.COMMENT else f"/today/undo/?of={done.id}.{done.version}"
    tell(request, sentence(step, done, people, viewer), undo=undo)
    return gone(request, back)


def _take(given: Mapping[str, str], step: Step, row: Opportunity, viewer: Viewer, version: int) -> Opportunity:
    asked = read_given(given, step)
    rules, day = house(), today()
    with transaction.atomic():
        if step is Step.HAND_OFF:  # one form does both: what is handed over is said first
            said = asked.model_copy(update={"step": Step.QUALIFY, "text": "", "to": ""}).complete()
            row = act(row.id, Step.QUALIFY, viewer.actor, said, today=day, expected_version=version, house=rules)
            version = row.version
        return act(
            row.id, step, viewer.actor, asked.complete() if step is Step.QUALIFY else asked.given(), today=day,
            expected_version=version, house=rules,
        )  # fmt: skip


def read_given(given: Mapping[str, str], step: Step) -> StepAsked:
    """What a form gives, read as programs give it; ``RefusedError`` with every fault."""
    told: dict[str, Any] = {name: given[name].strip() for name in _GIVEN if given.get(name, "").strip()}
    told["text"] = given.get("text", "").strip()
    told["until_changed"] = given.get("until_changed") == "yes"
    context = {name: given[name].strip() for name in CONTEXT if given.get(name, "").strip()}
    if step in (Step.QUALIFY, Step.HAND_OFF):  # what a form leaves empty says that nobody knows it
        context = {name: UNKNOWN for name in CONTEXT if name in given} | context
    try:
        return StepAsked.model_validate({"step": step.value, **told, "context": context})
    except ValidationError as error:
        raise RefusedError([
            Fault(".".join(map(str, one["loc"])), str(one["msg"]).removeprefix("Value error, "))
            for one in error.errors()
        ]) from None  # fmt: skip


def _behind(back: str, viewer: Viewer, **more: str) -> Asked:
    """The list over which the drawer is shown again: where one was, if that is a list of Today that can be read."""
    parts = urlsplit(back)
    try:
        return read(QueryDict(parts.query if parts.path == PATH else ""), viewer, today(), **more)
    except Refusal:  # what was wrong with the step is told, not what is wrong with the address
        return read({}, viewer, today(), **more)


def _again(request: HttpRequest, asked: Asked, people: Ours, step: Step, error: LedgerError) -> HttpResponse:
    """The drawer once more, with what was typed; after a conflict as it stands now, so that one can decide anew."""
    faults = error.faults if isinstance(error, RefusedError) else ()
    given = {name: request.POST.get(name, "") for name in (*_GIVEN, *CONTEXT, "until_changed")}
    typed = Typed(step, given, "" if faults else named(str(error)), faults)
    status = 412 if isinstance(error, ConflictError) else 422
    if request.headers.get("HX-Request"):
        answer = part(request, "today_drawer.html", {"drawer": drawer_of(asked, people, typed)}, status=status)
        answer.headers["X-Upcross-Part"] = "drawer"
        return answer
    return render(request, "today.html", whole(request, page_facts(asked, typed), title="Today"), status=status)


def undo(request: HttpRequest) -> HttpResponse:
    """Take back one step or several at once; ``of`` names each with the version that it led to."""
    viewer, people = viewer_for(request), ours(today())
    marks = [mark.partition(".")[::2] for mark in request.POST.get("of", "").split(",")]
    if len(marks) > BULK_AT_MOST:
        raise invalid("of", f"{len(marks)} are more than the {BULK_AT_MOST} that one step takes")
    rows = scope.opportunities(viewer).defer("candidate")
    # all of them are found before the first is taken back: an address that is wrong undoes nothing
    wanted = [(scope.one(rows, "opportunity", id=key), version_of(version)) for key, version in marks]
    done, refused = [], []
    for row, version in wanted:
        try:
            done.append(_undone(row, viewer, version))
        except LedgerError as error:
            refused.append(f"{row.account_name}: {named(str(error))}")
    if len(done) == 1:
        tell(request, sentence(Step.UNDO, done[0], people, viewer))
    elif done:
        tell(request, f"Undone: {len(done)} opportunities are as they were")
    for said in refused[:3]:
        tell(request, said, fault=True)
    return gone(request, back_to(request))


def _undone(row: Opportunity, viewer: Viewer, version: int) -> Opportunity:
    """Take back the last step; what was handed over from the one form stays qualified."""
    return act(row.id, Step.UNDO, viewer.actor, today=today(), expected_version=version, house=house())


def sentence(step: Step, row: Opportunity, people: Ours, viewer: Viewer) -> str:
    """What was done, as a toast says it."""
    what = f"{row.account_name or row.account_id}, {row.product_name or row.product_id}"
    match step:
        case Step.HAND_OFF:
            return f"Handed to {people.name(row.handed_to, viewer.person_id)}: {what}"
        case Step.REASSIGN:
            return f"Given to {people.name(row.owner, viewer.person_id)}: {what}"
        case Step.SNOOZE:
            until = (
                f"{row.snoozed_until:%a} {row.snoozed_until.day} {row.snoozed_until:%b}" if row.snoozed_until else ""
            )
            return f"Put off until {until}{', or until it changes' if row.snoozed_while else ''}: {what}"
        case Step.UNDO:
            return f"Undone: {what} is {stage_words(row)} again"
    return f"{_PREFIX.get(step, step.value)}: {what}"


def _step(value: str) -> Step:
    """A step that has a form; what plans do by themselves is not taken by hand, and undoing has its own address."""
    found = next((step for step in WORDS if step.value == value), None)
    if found is None:
        raise invalid("step", f"'{value}' is none that is taken here; expected one of {', '.join(WORDS)}")
    return found
