"""Who may come in: people by invitation, and what each role may do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from upcross.access import people
from upcross.access.models import Invitation, User
from upcross.access.resetting import reset_path
from upcross.access.roles import MEANING, ROLES_WITH, SEES_ALL, Capability, Role
from upcross.access.viewer import user_name
from upcross.api.project import served
from upcross.app.admin.sheets import people_sheet
from upcross.app.admin.tabs import tabs
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.telling import tell
from upcross.ledger.models import Person
from upcross.ledger.refusals import NotFoundError, RefusedError
from upcross.ledger.writer import now

HOME = "/admin/people/"
ROLES = [role.value for role in Role if role is not Role.SERVICE]


def list_people(request: HttpRequest) -> HttpResponse:
    """Everybody who may come in, who is invited, and whose account is disabled; inviting somebody."""
    viewer = viewer_for(request)
    given = {name: request.POST.get(name, "").strip() for name in ("email", "role", "person_id", "name")}
    told: dict[str, Any] = {"faults": {}, "link": "", "given": {**given, "role": given["role"] or "csm"}}
    status = 200
    if request.method == "POST":
        try:
            secret = people.invite(
                viewer.actor, given["email"], given["role"], person_id=given["person_id"], name=given["name"]
            )
            told |= {
                "link": f"{_base(request)}/invitation/{secret}/",
                "invited": given["email"],
                "given": {"role": "csm"},
            }
        except RefusedError as error:
            told["faults"] = {fault.field: fault.message for fault in error.faults}
            status = 422
    return _page(request, told, status)


def reset(request: HttpRequest, user_id: str) -> HttpResponse:
    """A link to a new password for somebody, shown once; their sessions end."""
    row = people.reset_password(viewer_for(request).actor, _user(user_id))
    link = _base(request) + reset_path(row)
    return _page(request, {"faults": {}, "link": link, "reset": row.name or row.email, "given": {"role": "csm"}}, 200)


def _base(request: HttpRequest) -> str:
    return served().settings.serve.public_url or request.build_absolute_uri("/").rstrip("/")


def _page(request: HttpRequest, told: dict[str, Any], status: int) -> HttpResponse:
    viewer = viewer_for(request)
    rows = _people(viewer.id)
    wanted, q = request.GET.get("state", ""), request.GET.get("q", "")
    query = {name: value for name, value in (("q", q), ("state", wanted)) if value}
    shown = [
        row for row in rows
        if wanted in ("", row["state"]) and q.casefold() in f"{row['name']} {row['email']} {row['role']}".casefold()
    ]  # fmt: skip
    told = told | {
        "tabs": tabs(viewer, "people"), "people": shown, "total": len(rows), "roles": ROLES, "q": q, "state": wanted,
        "team": [{"id": key, "name": name} for key, name in
                 Person.objects.filter(left_on=None).order_by("name").values_list("person_id", "name")],
        "chips": [
            {"words": words, "without": "?" + urlencode({k: v for k, v in query.items() if k != name})}
            for name, words in (("q", f"“{q}”"), ("state", wanted)) if name in query
        ],
        "query": urlencode(query),
    }  # fmt: skip
    response = answer(
        request, "people.html", told, title="People", sheets={"people": lambda: people_sheet(shown)}, status=status
    )
    response["Cache-Control"] = "no-store"  # a link is shown once
    return response


def change_role(request: HttpRequest, user_id: str) -> HttpResponse:
    """Another role, and who they are in the team table."""
    role = request.POST.get("role", "")
    changed = people.change_role(viewer_for(request).actor, _user(user_id), role,
                                 person_id=request.POST.get("person_id"))  # fmt: skip
    tell(request, f"{changed.name or changed.email} is {changed.role.replace('_', ' ')} now, from their next click on.")
    return HttpResponseRedirect(HOME, status=303)


def disable(request: HttpRequest, user_id: str) -> HttpResponse:
    """They may not come in any more, and whoever is in is out."""
    row = people.disable(viewer_for(request).actor, _user(user_id))
    tell(request, f"{row.name or row.email} may not come in any more.", undo=f"{HOME}{row.pk}/enable/")
    return HttpResponseRedirect(HOME, status=303)


def enable(request: HttpRequest, user_id: str) -> HttpResponse:
    """They may come in again, by signing in."""
    row = people.enable(viewer_for(request).actor, _user(user_id))
    tell(request, f"{row.name or row.email} may sign in again.")
    return HttpResponseRedirect(HOME, status=303)


def roles(request: HttpRequest) -> HttpResponse:
    """The one table of who may do what."""
    viewer = viewer_for(request)
    told = {
        "tabs": tabs(viewer, "roles"), "roles": ROLES, "sees_all": [role.value for role in SEES_ALL],
        "capabilities": [
            {"name": one.value, "meaning": MEANING[one],
             "roles": {role: Role(role) in ROLES_WITH[one] for role in ROLES}}
            for one in Capability
        ],
    }  # fmt: skip
    return answer(request, "roles.html", told, title="Roles")


def _user(user_id: str) -> User:
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise NotFoundError("there is no such user")
    return found


def _people(mine: str) -> list[dict[str, Any]]:
    moment = now()
    rows: list[dict[str, Any]] = [
        {"id": str(user.pk), "email": user.email, "name": user.name, "role": user.role, "person_id": user.person_id,
         "state": "active" if user.is_active else "disabled", "me": user_name(user) == mine,
         "last": user.last_login.isoformat() if user.last_login else None}
        for user in User.objects.order_by("name", "email")
    ]  # fmt: skip
    rows += [
        {"id": "", "email": one.email, "name": one.name, "role": one.role, "person_id": one.person_id,
         "state": "invited", "me": False, "last": None, "until": one.expires_at.isoformat()}
        for one in Invitation.objects.filter(accepted_at=None, withdrawn_at=None).order_by("email")
        if one.is_open(moment)
    ]  # fmt: skip
    return rows
