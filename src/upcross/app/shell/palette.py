"""Find by typing: accounts, products, plays and pages, as links; without a script the same as a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from upcross.access import scope
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import frame_of, viewer_for
from upcross.app.shell.published import about

_SHOWN = 50


def find(request: HttpRequest) -> HttpResponse:
    """Everything that can be gone to, of what the viewer sees; ``q`` chooses by words of its name."""
    wanted = request.GET.get("q", "").casefold().split()
    found = [one for one in _known(request) if all(word in one["words"].casefold() for word in wanted)]
    told = {
        "q": request.GET.get("q", ""),
        "found": found if request.GET.get("format") == "json" else found[:_SHOWN],
        "total": len(found),
    }
    return answer(request, "palette.html", told, title="Find")


def _known(request: HttpRequest) -> list[dict[str, Any]]:
    known = about()
    pages = [{"words": place["words"], "kind": "page", "href": place["href"]} for place in frame_of(request)["places"]]
    named = scope.accounts(viewer_for(request)).order_by("name").values_list("account_id", "name")
    accounts = [
        {"words": name or key, "kind": f"account {key}", "href": f"/accounts/{quote(key, safe='')}/"}
        for key, name in named
    ]
    products = [
        {"words": name, "kind": "product", "href": f"/white-space/?product={quote(key)}"}
        for key, name in known.get("products", {}).items()
    ]
    plays = [
        {"words": title, "kind": f"play {key}", "href": f"/plays/{quote(key)}/"}
        for key, title in known.get("plays", {}).items()
    ]
    return [*pages, *products, *plays, *accounts]
