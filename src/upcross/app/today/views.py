"""What needs me today, and working it."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from upcross.access import scope
from upcross.app.shell.answering import Sheets, answer, part
from upcross.app.shell.frame import frame_of, viewer_for
from upcross.app.shell.views import default_query, saved_views
from upcross.app.today.asking import Tab, read
from upcross.app.today.lanes import TAB_OF, listed
from upcross.app.today.ours import ours
from upcross.app.today.page import drawer_of, page_facts
from upcross.app.today.sheets import opportunity_sheet, unknown_sheet
from upcross.ledger.models import Opportunity
from upcross.ledger.stage import ENDED


def today(request: HttpRequest) -> HttpResponse:
    """The inbox: what is due, by lane; with everything of its state in the address."""
    viewer, day = viewer_for(request), date.fromisoformat(frame_of(request)["today"])
    if not request.GET and (begin := default_query(request, "today", lambda query: read(query, viewer, day))):
        return HttpResponseRedirect(f"/?{begin}")
    asked = read(request.GET, viewer, day)
    people = ours(asked.today)
    if request.headers.get("HX-Target") == "drawer" and not request.headers.get("HX-History-Restore-Request"):
        told = {"drawer": drawer_of(asked, people) if asked.opened else None}
        return part(request, "today_drawer.html", told)
    sheets: Sheets = {"opportunities": lambda: opportunity_sheet(asked, people, listed(asked, people))}
    if asked.tab is Tab.UNKNOWN:
        sheets = {"unknown": lambda: unknown_sheet(asked)}
    told = {}
    if request.GET.get("format", "") in ("", "json"):
        views = saved_views(request, "today", asked.href(open=None, at=None))
        told = {**page_facts(asked, known=people), "views": views}
    return answer(request, "today.html", told, title="Today", sheets=sheets)


def opportunity(request: HttpRequest, id: str) -> HttpResponse:
    """The address that messages name: its drawer, over the list in which it stands."""
    viewer = viewer_for(request)
    row: Opportunity = scope.one(scope.opportunities(viewer).defer("candidate"), "opportunity", id=id)
    tab = TAB_OF.get(row.stage, Tab.DONE if row.stage in ENDED else Tab.OPEN)
    mine = viewer.person_id in (row.owner, row.handed_to)
    return HttpResponseRedirect(f"/?tab={tab.value}&whose={'mine' if mine else 'all'}&open={row.id}")
