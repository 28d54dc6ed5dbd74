"""What every request passes before its view is called, in this order, and what every answer carries."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from ninja.operation import Operation
from ninja.utils import check_csrf

from upcross.access.arriving import has_token, viewer_of_request
from upcross.access.roles import MEANING
from upcross.access.viewer import Viewer
from upcross.api.once import once
from upcross.api.pace import CHANGE, LOOK, Pace, counted
from upcross.api.project import pace_file, pace_limit
from upcross.api.reading import check_body, check_query
from upcross.api.refusal import Refusal, id_of, refusal_of
from upcross.api.routes import RULES, Rule

_VERSION = re.compile(r'"(0|[1-9][0-9]{0,17})"')

Run = Callable[..., HttpResponse]


def guarded(run: Run) -> Run:
    """One operation of the interface behind its rule."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]

    @functools.wraps(run)
    def answer(request: HttpRequest, **path: Any) -> HttpResponse:
        request_id = id_of(request)
        try:
            rule = RULES.get(operation.view_func)
            if rule is None:
                raise Refusal(403, "forbidden", "this route has no rule, so nobody may use it")
            viewer = _arrive(request)
            pace = _count(viewer, rule)
            request.pace = pace
            if pace.is_over:
                raise Refusal(
                    429, "too-fast", f"more than {pace.limit} requests a minute: go on in {pace.seconds} seconds"
                )
            _check(request, rule, viewer, operation, path)
            if rule.key and not rule.own_turn:
                return once(viewer.id, request, lambda: run(request, **path), hides=rule.hides)
            return run(request, **path)
        except Exception as error:
            return refusal_of(error, request_id).answer(request_id)

    return answer


def shaped(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose every answer has the one shape and the headers of this interface."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request_id = id_of(request)
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = ", ".join(sorted(response["Allow"].split(", ")))
            said = f"{request.method} is no method of this route; expected {allowed}"
            response = Refusal(405, "no-such-method", said, headers={"Allow": allowed}).answer(request_id)
        response["X-Request-Id"] = request_id
        response["Cache-Control"] = "no-store"
        if response.status_code == 401:
            response["WWW-Authenticate"] = 'Bearer realm="upcross"'
        pace: Pace | None = getattr(request, "pace", None)
        for name, value in (pace.headers() if pace else {}).items():
            response[name] = value
        return response

    answer.csrf_exempt = True  # type: ignore[attr-defined] # checked in `_arrive`, where no token was brought
    return answer


def known(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that tells nothing of customers, for whoever is known here."""

    @functools.wraps(view)
    def answer(request: HttpRequest, **_: Any) -> HttpResponse:
        try:
            _arrive(request)
            if request.method != "GET":
                return HttpResponseNotAllowed(["GET"])
            return view(request)
        except Exception as error:
            return refusal_of(error, id_of(request)).answer(id_of(request))

    return answer


def nothing(request: HttpRequest, **_: Any) -> HttpResponse:
    """What no route is at."""
    request_id = id_of(request)
    return Refusal(404, "not-found", "there is no such route; they are listed at /api/v1/openapi.json").answer(
        request_id
    )


def _arrive(request: HttpRequest) -> Viewer:
    viewer = viewer_of_request(request)
    if viewer is None:
        raise Refusal(
            401, "not-signed-in",
            "nobody is known to send this: bring a token in the header Authorization (Bearer upx_…), or sign in",
        )  # fmt: skip
    if not has_token(request) and check_csrf(request) is not None:
        raise Refusal(403, "csrf", "a page that signed in sends its token in the header X-CSRFToken: load it again")
    request.auth = viewer
    return viewer


def _count(viewer: Viewer, rule: Rule) -> Pace:
    kind = CHANGE if rule.writes else LOOK
    return counted(pace_file(), viewer.id, kind, limit=pace_limit(kind))


def _check(request: HttpRequest, rule: Rule, viewer: Viewer, operation: Operation, path: dict[str, Any]) -> None:
    if rule.needs is not None and not viewer.may(rule.needs):
        raise Refusal(403, "forbidden", f"this needs the capability '{rule.needs.value}': {MEANING[rule.needs]}")
    if any("\0" in str(value) for value in path.values()):
        raise Refusal(404, "not-found", "nothing has a NUL character in its id")
    check_query(request, _parameters(operation))
    if rule.writes and _has_body(operation):
        check_body(request)
    if rule.match:
        mark = request.headers.get("If-Match")
        if mark is None:
            raise Refusal(
                428, "version-missing",
                "the header If-Match is missing: send the ETag with which you read it, so that nobody's work is undone",
            )  # fmt: skip
        if not _VERSION.fullmatch(mark.strip()):
            raise Refusal(422, "invalid", 'If-Match: expected one ETag as it was given, such as "3" with its quotes')


def _parameters(operation: Operation) -> frozenset[str]:
    found: set[str] = set()
    for model in operation.models:
        if model.__ninja_param_source__ == "query":
            found |= model.__ninja_flatten_map__.keys()
    return frozenset(found)


def _has_body(operation: Operation) -> bool:
    return any(model.__ninja_param_source__ == "body" for model in operation.models)
