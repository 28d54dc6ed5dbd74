"""What needs me today, and working it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.api.project import today as the_day
from upcross.app.shell.answering import Sheets, answer, part
from upcross.app.shell.frame import viewer_for
from upcross.app.today.asking import Tab, read
from upcross.app.today.lanes import listed
from upcross.app.today.ours import ours
from upcross.app.today.page import drawer_of, page_facts
from upcross.app.today.sheets import opportunity_sheet, unknown_sheet


def today(request: HttpRequest) -> HttpResponse:
    """The inbox: what is due, by lane; with everything of its state in the address."""
    asked = read(request.GET, viewer_for(request), the_day())
    people = ours(asked.today)
    if request.headers.get("HX-Target") == "drawer" and not request.headers.get("HX-History-Restore-Request"):
        told = {"drawer": drawer_of(asked, people) if asked.opened else None}
        return part(request, "today_drawer.html", told)
    sheets: Sheets = {"opportunities": lambda: opportunity_sheet(asked, people, listed(asked, people))}
    if asked.tab is Tab.UNKNOWN:
        sheets = {"unknown": lambda: unknown_sheet(asked)}
    told = page_facts(asked) if request.GET.get("format", "") in ("", "json") else {}
    return answer(request, "today.html", told, title="Today", sheets=sheets)
