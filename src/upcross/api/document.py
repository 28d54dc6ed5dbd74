"""The OpenAPI document of this interface, complete, and the same as a page that people read."""

from __future__ import annotations

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from jinja2 import Environment, PackageLoader, select_autoescape

from upcross.api.routes import READS

PREFIX = "/api/v1"
_SAID = {
    "200": "As asked.",
    "201": "Made.",
    "400": "The request cannot be read, or a header is missing.",
    "401": "Nobody is known to send this.",
    "403": "Your role, your token or your relation to it does not allow this.",
    "404": "There is no such thing, or it is not for you to see.",
    "405": "No such method here.",
    "409": "It does not lead on from where things stand.",
    "412": "Somebody acted since you looked; nothing was written.",
    "413": "The body is larger than 1 MB.",
    "415": "The body does not say that it is JSON.",
    "422": "What was given is wrong; every fault is named.",
    "428": "The header If-Match is missing.",
    "429": "Too many requests; go on when Retry-After says.",
    "500": "Something went wrong here; the id finds it in the log.",
    "503": "The ledger cannot be reached just now; nothing was changed.",
    "507": "The server's disk is full; nothing was changed.",
}
_PACE = {
    name: {"description": said, "schema": {"type": "string"}}
    for name, said in (
        ("RateLimit-Limit", "Requests a minute that are allowed."),
        ("RateLimit-Remaining", "Those left in this minute."),
        ("RateLimit-Reset", "Seconds until the next minute."),
        ("X-Request-Id", "The id of this request in the server's log."),
    )
}


@functools.cache
def document() -> dict[str, Any]:
    """The document, made once a process."""
    from upcross.api.interface import api

    told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=f"{PREFIX}/"))
    told["servers"] = [{"url": "/"}]
    told["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A service token, upx_…"},
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-upcross-session",
            "description": "The session of somebody who signed in; what writes also sends X-CSRFToken.",
        },
    }  # fmt: skip
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            _complete(path, method, operation)
    return told


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["security"] = [{"token": []}, {"session": []}]
    for parameter in operation["parameters"]:
        if parameter["in"] == "query" and "array" in str(parameter["schema"]):
            parameter |= {"style": "form", "explode": False}
    for status, answer in operation["responses"].items():
        answer["description"] = _SAID[str(status)]
        if str(status) != "401":
            answer["headers"] = {**answer.get("headers", {}), **_PACE}
    operation["responses"] = {str(status): answer for status, answer in sorted(operation["responses"].items())}


def openapi(request: HttpRequest) -> HttpResponse:
    """The document as JSON."""
    return JsonResponse(document())


def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page: no script, nothing from elsewhere."""
    pages = Environment(
        loader=PackageLoader("upcross.api", "pages"), autoescape=select_autoescape(["html"]), trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    told = document()
    return HttpResponse(pages.get_template("docs.html").render(told=told, groups=groups(told)))


def groups(told: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The operations by their subject, in the order of the document."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            shown = {"path": path, "method": method.upper(), **operation, "writes": method.upper() not in READS}
            found.setdefault(operation["tags"][0], []).append(shown)
    return list(found.items())
