"""Accounts: the list by segment of potential, and one page for each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.app.accounts.listing import Asked, list_facts, list_sheet
from upcross.app.accounts.opened import opened
from upcross.app.accounts.overview import overview_facts, overview_sheets
from upcross.app.accounts.people import people_facts, people_sheets
from upcross.app.accounts.story import story_facts, story_sheets
from upcross.app.accounts.why import why_facts, why_sheet
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for


def accounts(request: HttpRequest) -> HttpResponse:
    """Every customer that one sees, by segment of potential, filtered and sorted as the address says."""
    asked = Asked.of(request.GET)
    viewer = viewer_for(request)
    told = list_facts(viewer, asked)
    return answer(request, "accounts.html", told, title="Accounts",
                  sheets={"accounts": lambda: list_sheet(viewer, asked)})  # fmt: skip


def account(request: HttpRequest, id: str) -> HttpResponse:
    """One account: what it bought, how it uses it and what it lacks, and what there is to ask."""
    found = opened(viewer_for(request), id)
    told = overview_facts(found)
    return answer(request, "account.html", told, title=found.name, sheets=overview_sheets(found))


def story(request: HttpRequest, id: str) -> HttpResponse:
    """Its health, the gates and what happened, on one axis of time."""
    found = opened(viewer_for(request), id)
    return answer(request, "account_story.html", story_facts(found), title=found.name, sheets=story_sheets(found))


def why(request: HttpRequest, id: str) -> HttpResponse:
    """Every play at the account: what it says, and why not where it asks nothing."""
    found = opened(viewer_for(request), id)
    sheets = {"why_not": why_sheet(found)}
    return answer(request, "account_why.html", why_facts(found), title=found.name, sheets=sheets)


def people(request: HttpRequest, id: str) -> HttpResponse:
    """The customer's people: who reports to whom, which part they play, and who is missing."""
    found = opened(viewer_for(request), id)
    return answer(request, "account_people.html", people_facts(found, request.GET.get("person", "")),
                  title=found.name, sheets=people_sheets(found))  # fmt: skip
