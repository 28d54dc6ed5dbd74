"""Saved views: a page with its filters under a name, one's own or shared; starred, or as one wants it to begin.

A page takes part with ``saved_views`` for its menu and ``default_query`` for its bare address. A view keeps what
stands in an address and no rows: whoever opens it sees what is theirs to see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve

from upcross.access import scope
from upcross.access.models import SavedView, User, ViewMark
from upcross.access.roles import Capability
from upcross.api.refusal import Refusal, invalid
from upcross.app.shell.back import back_to, gone
from upcross.app.shell.route import Route, only_forms
from upcross.app.shell.telling import tell

_PASSING = frozenset({"open", "do", "at", "format", "sheet", "page", "next", "deeper", "wider", "adoption"})
"""What in an address is where one is, and no part of a view."""
_LONGEST_NAME, _LONGEST_QUERY, _MOST = 80, 2_000, 200


def saved_views(request: HttpRequest, page: str, address: str) -> dict[str, Any]:
    """The views of a page that somebody has, starred ones first, and the address that they would save now."""
    user = _user(request)
    here = _kept(address)
    path = urlsplit(address).path
    told = [
        {
            "id": str(view.key), "name": view.name, "href": f"{path}?{view.query}", "mine": view.user_id == user.pk,
            "shared": view.shared, "by": view.by_name or view.by_email, "here": view.query == here,
            "starred": bool(view.starred), "is_default": bool(view.is_default),
        }
        for view in _views(request, page)
    ]  # fmt: skip
    told.sort(key=lambda view: (not view["starred"], view["name"]))
    return {"page": page, "address": address, "views": told, "here": next((v for v in told if v["here"]), None)}


def default_query(request: HttpRequest, page: str, reads: Callable[[QueryDict], object]) -> str:
    """What stands in the address of the view with which somebody begins a page; '' where they chose none.

    ``reads`` is how the page reads an address. A view that it refuses by now (a product that is sold no more) begins
    nothing: the bare page opens, with the menu in which the view can be removed.
    """
    view = next((view for view in _views(request, page) if view.is_default), None)
    if view is None:
        return ""
    try:
        reads(QueryDict(view.query))
    except Refusal:
        return ""
    return view.query


class _View(NamedTuple):
    """A view as one person has it: whose it is, and what it is to them."""

    key: Any
    user_id: Any
    name: str
    query: str
    shared: bool
    by_name: str
    by_email: str
    starred: bool | None
    is_default: bool | None


def _views(request: HttpRequest, page: str) -> list[_View]:
    """One's own views of a page and those that are shared, read once a request; the one to begin with comes first."""
    kept: dict[str, list[_View]] = request.__dict__.setdefault("upcross_views", {})
    if page not in kept:
        user = _user(request)
        rows = SavedView.objects.filter(Q(user=user) | Q(shared=True), page=page).order_by("name").values_list(
            "pk", "user_id", "name", "query", "shared", "user__name", "user__email"
        )  # fmt: skip
        found = list(rows)  # most people have none: what they are to somebody is asked where there are some
        marks = ViewMark.objects.filter(user=user, view__page=page).values_list("view_id", "starred", "is_default")
        own = {key: marked for key, *marked in marks} if found else {}
        views = [_View(*row, *own.get(row[0], (None, None))) for row in found]
        kept[page] = sorted(views, key=lambda view: not view.is_default)[:_MOST]
    return kept[page]


def save(request: HttpRequest) -> HttpResponse:
    """Keep the address under a name; one of the same name of one's own is replaced."""
    user, address = _user(request), back_to(request)
    name = " ".join(request.POST.get("name", "").split())
    if not name or len(name) > _LONGEST_NAME:
        raise invalid("name", f"of a view has 1 to {_LONGEST_NAME} characters")
    query = _kept(address)
    if len(query) > _LONGEST_QUERY:
        raise invalid("address", "is longer than a view keeps; take some filters out")
    page = _page_of(address)
    with transaction.atomic():
        view, made = SavedView.objects.update_or_create(
            user=user, page=page, name=name,
            defaults={"query": query, "shared": request.POST.get("shared") == "yes"},
        )  # fmt: skip
        if request.POST.get("default") == "yes":
            _mark(view, user, is_default=True)
    tell(
        request,
        f"The view “{view.name}” is {'saved' if made else 'saved anew'}{' for everybody' if view.shared else ''}",
    )
    return gone(request, address)


def mark(request: HttpRequest, key: str) -> HttpResponse:
    """Star a view, begin with it, or take either back."""
    user = _user(request)
    view: SavedView = scope.one(SavedView.objects.filter(Q(user=user) | Q(shared=True)), "view", pk=key)
    match request.POST.get("as"):
        case "starred":
            _mark(view, user, starred=True)
        case "not starred":
            _mark(view, user, starred=False)
        case "default":
            _mark(view, user, is_default=True)
            tell(request, f"The page begins with “{view.name}” from now on")
        case "not default":
            _mark(view, user, is_default=False)
            tell(request, "The page begins without a view again")
        case other:
            raise invalid("as", f"'{other}' is none; expected starred, not starred, default or not default")
    return gone(request, back_to(request))


def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Remove a view of one's own; where it was shared, it is gone for everybody."""
    view: SavedView = scope.one(SavedView.objects.filter(user=_user(request)), "view", pk=key)
    view.delete()
    tell(request, f"The view “{view.name}” is removed")
    return gone(request, back_to(request))


def _mark(view: SavedView, user: User, **values: bool) -> None:
    if values.get("is_default"):
        ViewMark.objects.filter(user=user, view__page=view.page, is_default=True).update(is_default=False)
    ViewMark.objects.update_or_create(view=view, user=user, defaults=values)


def _kept(address: str) -> str:
    """What of an address a view keeps, in one order."""
    found = parse_qsl(urlsplit(address).query)
    return urlencode(sorted((name, value) for name, value in found if name not in _PASSING and value))


def _page_of(address: str) -> str:
    try:
        return str(resolve(urlsplit(address).path).view_name)
    except Resolver404:
        raise invalid("next", "is no page of ours") from None


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the rule of the route
    return request.user


ROUTES: tuple[Route, ...] = (
    only_forms("views/save/", save, "view_save", Capability.READ),
    only_forms("views/<str:key>/mark/", mark, "view_mark", Capability.READ),
    only_forms("views/<str:key>/remove/", remove, "view_remove", Capability.READ),
)
