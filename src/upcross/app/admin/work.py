"""Whose work is whose: who stands in for whom, and giving somebody's work to another."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from upcross.access import scope
from upcross.api.project import house, today
from upcross.app.admin.sheets import stand_ins_sheet
from upcross.app.admin.tabs import tabs
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.telling import tell
from upcross.ledger.models import Person
from upcross.ledger.refusals import ForbiddenError, RefusedError
from upcross.ledger.stage import OPEN, Stage
from upcross.ledger.territory import move_book


def work(request: HttpRequest) -> HttpResponse:
    """Stand-ins, how much each of our people has, and a form that gives somebody's work to another."""
    viewer = viewer_for(request)
    given = {name: request.POST.get(name, "") for name in ("from", "to", "segment")}
    told: dict[str, Any] = {"faults": {}, "problem": "", "given": given}
    status = 200
    if request.method == "POST":
        try:
            moved = move_book(given["from"], given["to"], viewer.actor, today=today(),
                              segment=given["segment"] or None, house=house())  # fmt: skip
            said = (f"{moved.opportunities} opportunities and {moved.accounts} accounts went from {given['from']}"
                    f" to {given['to']}.")  # fmt: skip
            if moved.not_closing:
                said += f" {len(moved.not_closing)} accepted ones stay: a CSM does not close."
            tell(request, said)
            return HttpResponseRedirect("/admin/whose-work/", status=303)
        except RefusedError as error:
            told["faults"], status = {fault.field: fault.message for fault in error.faults}, 422
        except ForbiddenError as error:
            told["problem"], status = str(error), 403
    known = {row.person_id: row for row in Person.objects.order_by("name")}
    open_ = Count("id", filter=Q(stage__in=[one.value for one in OPEN]))
    held = Count("id", filter=Q(stage=Stage.HELD.value))
    load = scope.opportunities(viewer).order_by().values("owner").annotate(open=open_, held=held)
    people = [
        {"id": row["owner"], "name": known[row["owner"]].name if row["owner"] in known else row["owner"],
         "role": known[row["owner"]].role if row["owner"] in known else "queue", "open": row["open"],
         "held": row["held"],
         "left_on": _left(known.get(row["owner"]))}
        for row in load if row["open"] or row["held"]
    ]  # fmt: skip
    people.sort(key=lambda one: (-one["open"], one["name"]))
    accounts = dict(scope.accounts(viewer).values_list("account_id", "name"))
    stand_ins = [
        {"account_id": row.account_id, "account": accounts.get(row.account_id, row.account_id), "role": row.role,
         "from": known[row.from_person].name if row.from_person in known else row.from_person,
         "to": known[row.to_person].name if row.to_person in known else row.to_person, "since": row.since.isoformat()}
        for row in scope.stand_ins(viewer).order_by("-since", "account_id")
    ]  # fmt: skip
    in_segments = scope.accounts(viewer).exclude(segment="").order_by("segment")
    segments = in_segments.values_list("segment", flat=True).distinct()
    told |= {
        "tabs": tabs(viewer, "whose-work"), "people": people, "stand_ins": stand_ins, "segments": list(segments),
        "team": [{"id": one.person_id, "name": one.name, "role": one.role, "left_on": _left(one)}
                 for one in known.values()],
    }  # fmt: skip
    return answer(request, "work.html", told, title="Whose work", status=status,
                  sheets={"stand_ins": lambda: stand_ins_sheet(stand_ins)})  # fmt: skip


def _left(person: Person | None) -> str | None:
    return person.left_on.isoformat() if person and person.left_on else None
