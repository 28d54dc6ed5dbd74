"""What needs me today, and working it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upcross.api.project import today as the_day
from upcross.app.shell.answering import answer, part
from upcross.app.shell.frame import viewer_for
from upcross.app.today.asking import read
from upcross.app.today.ours import ours
from upcross.app.today.page import drawer_of, page_facts


def today(request: HttpRequest) -> HttpResponse:
    """The inbox: what is due, by lane; with everything of its state in the address."""
    asked = read(request.GET, viewer_for(request), the_day())
    if request.headers.get("HX-Target") == "drawer" and not request.headers.get("HX-History-Restore-Request"):
        people = ours(asked.today)
        told = {"drawer": drawer_of(asked, people) if asked.opened else None}
        return part(request, "today_drawer.html", told)
    return answer(request, "today.html", page_facts(asked), title="Today")
