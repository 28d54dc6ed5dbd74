"""One step with many: ticked rows, or all that the filters leave; each judged alone, and with its own entry."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.api.names import named
from upcross.api.opportunities import BULK_AT_MOST, StepAsked
from upcross.api.project import house, today
from upcross.api.refusal import invalid
from upcross.app.shell.answering import whole
from upcross.app.shell.back import back_to, gone
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.telling import tell
from upcross.app.shell.version import version_of
from upcross.app.today.asking import Asked, read
from upcross.app.today.lanes import listed
from upcross.app.today.ours import ours
from upcross.app.today.page import page_facts
from upcross.app.today.stepping import read_given
from upcross.ledger.acts import act
from upcross.ledger.given import check_reason
from upcross.ledger.models import Opportunity
from upcross.ledger.refusals import Fault, LedgerError, RefusedError
from upcross.ledger.step import Step
from upcross.opportunities.outcomes import Outcome

STEPS = {Step.REASSIGN: "Given to somebody else", Step.SNOOZE: "Put off", Step.DISMISS: "Dismissed"}
_TYPED = ("reason", "text", "to", "until", "until_changed")


def take_steps(request: HttpRequest) -> HttpResponse:
    """The same step with all that are chosen; those that are refused stop none of the others, and are named."""
    viewer, back = viewer_for(request), back_to(request)
    asked = read(QueryDict(urlsplit(back).query), viewer, today())
    step = next((one for one in STEPS if one.value == request.POST.get("step")), None)
    if step is None:
        raise invalid("step", f"expected one of {', '.join(STEPS)}")
    try:
        given = read_given(request.POST, step)
        chosen = _chosen(request, asked, viewer)
        _check(given, step, chosen)
    except RefusedError as error:
        return _again(request, asked, error)
    done, refused = [], []
    for row, version in chosen:
        try:
            with transaction.atomic():
                done.append(
                    act(row.id, step, viewer.actor, given.given(), today=today(), expected_version=version,
                        house=house())
                )  # fmt: skip
        except LedgerError as error:
            refused.append(f"{row.account_name}, {row.product_name}: {named(str(error))}")
    if done:
        of = ",".join(f"{row.id}.{row.version}" for row in done)
        tell(request, f"{STEPS[step]}: {len(done)} of {len(chosen)}", undo=f"/today/undo/?of={of}")
    for said in refused[:3]:
        tell(request, said, fault=True)
    if len(refused) > 3:
        tell(request, f"and {len(refused) - 3} more were not taken", fault=True)
    return gone(request, back)


def _chosen(request: HttpRequest, asked: Asked, viewer: Viewer) -> list[tuple[Opportunity, int]]:
    """What is ticked, each as it was seen; or everything of the tab, as it stands now."""
    marks = dict(mark.partition(".")[::2] for mark in request.POST.getlist("item"))
    rows = scope.opportunities(viewer).defer("candidate")
    if request.POST.get("all") == "yes":
        everything = listed(asked, ours(asked.today))
        keys = [row.key for row in everything.of(asked.tab)]
        if len(keys) > BULK_AT_MOST:
            raise RefusedError([Fault("all", f"{len(keys):,} are more than the {BULK_AT_MOST} that one step takes:"
                                             " narrow them by a filter")])  # fmt: skip
        return [(row, row.version) for row in rows.filter(pk__in=keys)]
    if not marks:
        raise RefusedError([Fault("item", "nothing is chosen: tick the rows that are meant")])
    if len(marks) > BULK_AT_MOST:
        raise RefusedError([Fault("item", f"{len(marks)} are more than the {BULK_AT_MOST} that one step takes")])
    return [(scope.one(rows, "opportunity", id=key), version_of(version)) for key, version in marks.items()]


def _check(given: StepAsked, step: Step, chosen: list[tuple[Opportunity, int]]) -> None:
    """What is wrong for all of them is told once, before anything is written."""
    if step is Step.DISMISS:
        faults = check_reason(given.given(), house().outcomes[Outcome.DISMISSED])
    elif step is Step.REASSIGN:
        faults = [] if given.to else [Fault("to", "is missing; choose who takes them")]
    else:
        faults = [] if given.until or given.until_changed else [Fault("until", "is missing; choose a day")]
    if faults:
        raise RefusedError(faults)


def _again(request: HttpRequest, asked: Asked, error: RefusedError) -> HttpResponse:
    """The page once more, with what was ticked and typed."""
    told: dict[str, Any] = page_facts(asked)
    told["bulk"] |= {
        "chosen": request.POST.getlist("item"), "given": {name: request.POST.get(name, "") for name in _TYPED},
        "faults": [f"{_NAMES.get(fault.field, fault.field)} {fault.message}" for fault in error.faults],
        "step": request.POST.get("step", ""),
    }  # fmt: skip
    return render(request, "today.html", whole(request, told, title="Today"), status=422)


_NAMES = {"item": "Rows:", "all": "All:", "reason": "The reason", "to": "Who takes them", "until": "The day",
          "text": "The words"}  # fmt: skip
