"""Teams: who is on whose team, by the team table of the book; what each serves, and who of them can come in."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from upcross.access.models import User
from upcross.app.admin.sheets import teams_sheet
from upcross.app.admin.tabs import tabs
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import day_of, viewer_for
from upcross.ledger.models import Assignment, Person


def teams(request: HttpRequest) -> HttpResponse:
    """Everybody who is there, under the manager whom the book names; read alone, since the book says it."""
    today = day_of(request)
    here = [one for one in Person.objects.order_by("name") if one.left_on is None or one.left_on > today]
    names = {one.person_id: one.name for one in here}
    served = dict(Assignment.objects.order_by().values_list("person_id").annotate(Count("account", distinct=True)))
    comes_in = {user.person_id: user for user in User.objects.exclude(person_id="")}
    under: dict[str, list[dict[str, Any]]] = {}
    for one in here:
        user = comes_in.get(one.person_id)
        under.setdefault(one.manager_id if one.manager_id in names else "", []).append(
            {"id": one.person_id, "name": one.name, "role": one.role, "leads": 0,
             "accounts": served.get(one.person_id, 0),
             "comes_in": "not invited" if user is None else "active" if user.is_active else "disabled",
             "as": user.role if user else None}
        )  # fmt: skip
    for members in under.values():
        for member in members:
            member["leads"] = len(under.get(member["id"], []))
    in_order = sorted(under.items(), key=lambda item: (not item[0], names.get(item[0], "")))
    told = {
        "tabs": tabs(viewer_for(request), "teams"), "total": len(here),
        "teams": [{"manager": names.get(manager), "members": members} for manager, members in in_order],
    }  # fmt: skip
    rows = [{"manager": names.get(manager), **member} for manager, members in in_order for member in members]
    return answer(request, "teams.html", told, title="Teams", sheets={"teams": lambda: teams_sheet(rows)})
