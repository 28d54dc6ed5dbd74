"""Accounts: the list by segment of potential, and one page for each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.text import slugify

from upcross.app.accounts.listing import Asked, list_facts, list_sheet
from upcross.app.accounts.movements import movements_facts, movements_sheets
from upcross.app.accounts.opened import Opened, opened
from upcross.app.accounts.overview import overview_facts, overview_sheets
from upcross.app.accounts.people import people_facts, people_sheets
from upcross.app.accounts.planning import plan_page, plan_sheets, write_field, write_part, written_facts
from upcross.app.accounts.review import review_facts, review_pdf
from upcross.app.accounts.story import story_facts, story_sheets
from upcross.app.accounts.typed import Typed
from upcross.app.accounts.why import why_facts, why_sheet
from upcross.app.shell.answering import answer, part
from upcross.app.shell.back import back_to
from upcross.app.shell.frame import day_of, viewer_for
from upcross.app.shell.telling import tell
from upcross.ledger.refusals import ConflictError, RefusedError


def accounts(request: HttpRequest) -> HttpResponse:
    """Every customer that one sees, by segment of potential, filtered and sorted as the address says."""
    asked = Asked.of(request.GET)
    viewer = viewer_for(request)
    today = day_of(request)
    told = list_facts(viewer, asked, today)
    return answer(request, "accounts.html", told, title="Accounts",
                  sheets={"accounts": lambda: list_sheet(viewer, asked, today)})  # fmt: skip


def account(request: HttpRequest, id: str) -> HttpResponse:
    """One account: what it bought, how it uses it and what it lacks, and what there is to ask."""
    found = opened(viewer_for(request), id, day_of(request))
    told = overview_facts(found)
    return answer(request, "account.html", told, title=found.name, sheets=overview_sheets(found), about=found.name)


def story(request: HttpRequest, id: str) -> HttpResponse:
    """Its health, the gates and what happened, on one axis of time."""
    found = opened(viewer_for(request), id, day_of(request))
    return answer(request, "account_story.html", story_facts(found), title=found.name, sheets=story_sheets(found),
                  about=found.name)  # fmt: skip


def why(request: HttpRequest, id: str) -> HttpResponse:
    """Every play at the account: what it says, and why not where it asks nothing."""
    found = opened(viewer_for(request), id, day_of(request))
    sheets = {"why_not": why_sheet(found)}
    return answer(request, "account_why.html", why_facts(found), title=found.name, sheets=sheets, about=found.name)


def people(request: HttpRequest, id: str) -> HttpResponse:
    """The customer's people: who reports to whom, which part they play, and who is missing."""
    found = opened(viewer_for(request), id, day_of(request))
    return answer(request, "account_people.html", people_facts(found, request.GET.get("person", "")),
                  title=found.name, sheets=people_sheets(found), about=found.name)  # fmt: skip


def plan(request: HttpRequest, id: str) -> HttpResponse:
    """What people typed about it, and what came of it: fields with their age, value, goals, actions, reviews."""
    found = opened(viewer_for(request), id, day_of(request))
    told = plan_page(found, bool(request.GET.get("history")))
    return answer(request, "account_plan.html", told, title=found.name, sheets=plan_sheets(found), about=found.name)


def write_plan_field(request: HttpRequest, id: str) -> HttpResponse:
    """Keep one field as it was left; where somebody else wrote it meanwhile, both texts are told."""
    found = opened(viewer_for(request), id, day_of(request))
    written = write_field(found, request.POST)
    if request.headers.get("HX-Request"):
        told: dict[str, Any] = {"state": written.state, "may": True, "written": {**written_facts(found), "again": True}}
        answered = part(request, "plan_field_state.html", told, status=409 if written.refused else 200)
        answered["X-Upcross-Part"] = "1"
        return answered
    if written.refused:
        told = plan_page(found, history=False)
        for field in told["fields"]:
            if field["name"] == request.POST.get("name"):
                field |= {"state": written.state, "text": request.POST.get("text", "")}
        return answer(request, "account_plan.html", told, title=found.name, status=409)
    tell(request, f"Saved {written.state['saved']}")
    return redirect(f"{found.path}plan/#field-{written.state['name']}")


def write_plan(request: HttpRequest, id: str) -> HttpResponse:
    """Add or change a person, a goal, a proof, an action or a review."""
    found = opened(viewer_for(request), id, day_of(request))
    try:
        write_part(found, request.POST)
    except (ConflictError, RefusedError) as error:
        return _again(request, found, Typed(request.POST, error))
    tell(request, "Saved")
    return redirect(back_to(request, f"{found.path}plan/"))


def _again(request: HttpRequest, found: Opened, typed: Typed) -> HttpResponse:
    """The page once more with what was typed, and what is wrong with it, or who wrote since."""
    if request.POST.get("part") == "stakeholder":
        told = people_facts(found, request.POST.get("person") or "new", typed)
        return answer(request, "account_people.html", told, title=found.name, status=typed.status)
    told = plan_page(found, history=False, typed=typed)
    return answer(request, "account_plan.html", told, title=found.name, status=typed.status)


def movements(request: HttpRequest, id: str) -> HttpResponse:
    """How its recurring revenue moved, and what moved it."""
    found = opened(viewer_for(request), id, day_of(request))
    told = movements_facts(found)
    return answer(request, "account_movements.html", told, title=found.name, sheets=movements_sheets(found),
                  about=found.name)  # fmt: skip


def review(request: HttpRequest, id: str) -> HttpResponse:
    """A review of the account as PDF: for the customer, or with ``internal=1`` with what is ours alone."""
    found = opened(viewer_for(request), id, day_of(request))
    internal = request.GET.get("internal") == "1"
    if request.GET.get("format") == "json":
        return JsonResponse(review_facts(found, internal=internal))
    made = review_pdf(found, paper=request.GET.get("paper", "a4"), internal=internal)
    name = f"review-{slugify(found.name) or 'account'}{'-internal' if internal else ''}.pdf"
    return HttpResponse(made, content_type="application/pdf",
                        headers={"Content-Disposition": f'inline; filename="{name}"'})  # fmt: skip
