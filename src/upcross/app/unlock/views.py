"""What waits behind gates, by blocker and the money behind it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from upcross.access import scope
from upcross.api.project import served
from upcross.api.refusal import invalid
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.paging import page_of
from upcross.app.shell.views import default_query, saved_views
from upcross.app.unlock.facts import apart
from upcross.app.unlock.sheets import blocker_sheet, gate_sheet
from upcross.ledger.models import Person

_TABS = {"blockers": "Blockers", "gates": "Gates", "months": "Let go and won"}
_A_PAGE = 50
_KEPT = ("tab", "gate", "person", "q", "page")


def unlock(request: HttpRequest) -> HttpResponse:
    """Who can clear what and the money behind it; what a gate costs; what was let go and won."""
    viewer = viewer_for(request)
    if not request.GET and (begin := default_query(request, "unlock", _given)):
        return HttpResponseRedirect(f"/unlock/?{begin}")
    given = _given(request.GET)
    tab = given.get("tab", "blockers")
    rows = scope.opportunities(viewer).exclude(motion="")
    found = apart(rows, served().settings.reporting_currency, names_people=viewer.sees_contacts)
    me = Person.objects.filter(person_id=viewer.person_id or "-").values_list("name", flat=True).first()
    everything, gates = found.blockers(), found.gates()
    chosen = [row for row in everything if _is_chosen(row, given)]
    page = min(page_of(given), max(1, -(-len(chosen) // _A_PAGE)))
    here = chosen[(page - 1) * _A_PAGE : page * _A_PAGE]
    told: dict[str, Any] = {
        "tab": tab, "held": found.held(), "total": len(chosen), "blockers": here if tab == "blockers" else [],
        "mine": {"name": me, "href": _href(given, person=me, page=None, tab=None),
                 "count": sum(row["person"] == me for row in everything)} if me else None,
        "gates": gates if tab == "gates" else [], "months": found.months() if tab == "months" else [],
        "tabs": [{"name": name, "words": words, "here": name == tab, "href": _href({}, tab=_unless(name, "blockers"))}
                 for name, words in _TABS.items()],
        "chips": [{"words": f"{_WORDS[name]}{value.replace('-', ' ')}", "without": _href(given, **{name: None})}
                  for name, value in given.items() if name in _WORDS],
        "cleared": _href({}, tab=given.get("tab")), "given": given,
        "choices": {"gate": [(row["gate"], row["words"]) for row in gates if _holds(row)],
                    "person": sorted({row["person"] for row in everything})},
        "from": (page - 1) * _A_PAGE + 1 if here else 0, "to": (page - 1) * _A_PAGE + len(here),
        "before": _href(given, page=page - 1) if page > 1 else None,
        "after": _href(given, page=page + 1) if page * _A_PAGE < len(chosen) else None,
        "views": saved_views(request, "unlock", _href(given)),
        "query": urlencode({name: value for name, value in given.items() if name != "page"}),
    }  # fmt: skip
    sheets = {"blockers": lambda: blocker_sheet(chosen), "gates": lambda: gate_sheet(gates)}
    return answer(request, "unlock.html", told, title="Unlock", sheets=sheets)


def _given(query: QueryDict) -> dict[str, str]:
    """What an address asks for; 422 with what was expected where its tab is none."""
    given = {name: query[name].strip() for name in _KEPT if query.get(name, "").strip()}
    if given.get("tab", "blockers") not in _TABS:
        raise invalid("tab", f"'{given['tab']}' is none of {', '.join(_TABS)}")
    return given


_WORDS = {"gate": "", "person": "cleared by ", "q": ""}


def _is_chosen(row: dict[str, Any], given: dict[str, str]) -> bool:
    """Whether the filters leave a blocker."""
    words = given.get("q", "").casefold().split()
    return (
        given.get("gate") in (None, row["gate"]) and given.get("person") in (None, row["person"])
        and all(word in row["account"].casefold() for word in words)
    )  # fmt: skip


def _holds(row: dict[str, Any]) -> bool:
    return any(lane["held"]["asks"] for lane in row["lanes"].values())


def _unless(name: str, default: str) -> str | None:
    return None if name == default else name


def _href(given: dict[str, str], **changes: Any) -> str:
    told = {**given, **changes}
    if "page" not in changes:
        told.pop("page", None)
    query = urlencode({name: told[name] for name in _KEPT if told.get(name)})
    return f"/unlock/?{query or 'tab=blockers'}"
