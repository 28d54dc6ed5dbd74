"""Runs: who applied which plan when, on which inputs; what one changed, and what changed between two."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from upcross.api.names import names_of
from upcross.app.runs import facts
from upcross.app.runs.sheets import changes_sheet, runs_sheet
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.paging import number_of, page_of
from upcross.ledger.models import Entry
from upcross.ledger.refusals import NotFoundError

PAGE = 50
MOST = 100
"""Rows of one list that a page of a run shows; its export holds all of them."""


def tabs(here: str) -> list[dict[str, Any]]:
    """The two pages of this place."""
    return [
        {"words": "Runs", "href": "/runs/", "here": here == "runs"},
        {"words": "Data quality", "href": "/runs/data/", "here": here == "data"},
    ]


def runs(request: HttpRequest) -> HttpResponse:
    """Which plans were applied, the newest first: by whom, for which day, on which inputs, and what each wrote."""
    viewer = viewer_for(request)
    page = page_of(request.GET)
    rows = facts.applied()
    total = rows.count()
    shown = list(rows[(page - 1) * PAGE : page * PAGE])
    names = names_of(entry.by for entry in shown)
    told = {
        "tabs": tabs("runs"), "total": total, "page": page,
        "runs": [facts.run_told(one, names, viewer) for one in shown],
        "newer": f"?page={page - 1}" if page > 1 else "", "older": f"?page={page + 1}" if page * PAGE < total else "",
        "told_all": viewer.sees_all,
    }  # fmt: skip
    return answer(request, "runs.html", told, title="Runs and data", sheets={"runs": lambda: runs_sheet(told["runs"])})


def run(request: HttpRequest, seq: int) -> HttpResponse:
    """One applied plan, and what it changed; with ``since`` all that changed after another one, up to this."""
    viewer = viewer_for(request)
    entry = _applied(seq)
    others = list(facts.applied().exclude(seq=seq)[:100])
    since = number_of(request.GET.get("since", "")) or 0
    names = names_of([entry.by, *(one.by for one in others)])
    if since:
        first, last = sorted((_applied(since).seq, entry.seq))
        changed = facts.changes(viewer, facts.between(viewer, first, last))
    else:
        changed = facts.changes(viewer, facts.of_run(viewer, entry))
    told = {
        **facts.run_told(entry, names, viewer), "changed": changed, "since": since, "most": MOST,
        "others": [{"seq": one.seq, "as_of": one.as_of.isoformat() if one.as_of else None, "at": one.at.isoformat()}
                   for one in others],
        "tabs": tabs("runs"), "audit": f"/admin/record/?subject=run&from={entry.seq}",
    }  # fmt: skip
    sheets = {"changes": lambda: changes_sheet(changed)}
    return answer(request, "run.html", told, title=f"Run of {told['as_of']}", sheets=sheets)


def _applied(seq: int) -> Entry:
    found = facts.applied().filter(seq=seq).first() if number_of(str(seq)) else None
    if found is None:
        raise NotFoundError(f"no plan was applied under the number {seq}; the list of runs names them all")
    return found
