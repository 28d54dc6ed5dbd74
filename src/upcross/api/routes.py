"""Every route with its rule: which capability it needs, and what a request brings. Without a rule none is served."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import BaseModel

from upcross.access.personal import for_eyes_of
from upcross.access.roles import MEANING, Capability
from upcross.access.viewer import Viewer

READS = frozenset({"GET"})


class FaultShape(BaseModel):
    """One wrong input."""

    field: str
    message: str


class ProblemShape(BaseModel):
    """Why a request was refused.

    `code` is stable and made for programs; `message` says in words what is wrong and what to do; `faults` names every
    wrong input; `id` finds the request in the server's log; `version` is where the opportunity stands now, where
    somebody else was quicker.
    """

    code: str
    message: str
    faults: list[FaultShape]
    id: str
    version: int | None = None


class Problem(BaseModel):
    """The one shape of everything that is refused."""

    error: ProblemShape


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks for: a capability (None: only to be somebody known), an Idempotency-Key, an If-Match.

    ``hides``: its answer holds a secret. ``own_turn``: it works longer than others may wait, and keeps its own answer.
    """

    needs: Capability | None
    writes: bool = False
    key: bool = False
    match: bool = False
    hides: bool = False
    own_turn: bool = False


RULES: dict[Callable[..., Any], Rule] = {}
"""The rule of each view."""

ALWAYS = (400, 401, 403, 404, 405, 422, 429, 500, 503)
"""What any route may answer beside what it gives; 404 also for what lies outside the viewer's scope."""

ON_WRITING = (409, 412, 413, 415, 507)
"""What a route that writes may answer beside these."""


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks; the guard has made sure that there is somebody."""
    viewer: Viewer = request.auth
    return viewer


def route(
    router: Router, method: str, path: str, *, needs: Capability | None, gives: Any, status: int = 200,
    key: bool = False, match: bool = False, hides: bool = False, tags: list[str], summary: str,
    examples: Mapping[str, Any] | None = None, gives_etag: bool = False, reads_run: bool = False,
    own_turn: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Serve a view: under its rule, with every answer that it may give declared, and for the eyes of who asks.

    What a view returns passes ``for_eyes_of``: no route can forget to hide personal data from those who only look.
    """
    writes = method not in READS
    codes = (*ALWAYS, *(ON_WRITING if writes else ()), *((428,) if match else ()), *((409,) if reads_run else ()))

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            result = view(request, *args, **kwargs)
            if isinstance(result, HttpResponse):  # kept as it was told, for the same eyes
                return result
            return Status(status, for_eyes_of(viewer_of(request), result))

        seen.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined] # for ninja to read
        rule = Rule(needs, writes, key, match, hides, own_turn)
        told = inspect.cleandoc(view.__doc__ or "")
        who = f"Needs the capability `{needs.value}`: {MEANING[needs]}." if needs else "For whoever is known here."
        router.api_operation(
            [method], path, response={status: gives, **dict.fromkeys(codes, Problem)}, summary=summary,
            description=f"{told}\n\n{who}", tags=tags, operation_id=view.__name__, by_alias=True,
            openapi_extra=_declared(rule, status, gives_etag, examples or {}), url_name=view.__name__,
        )(seen)  # fmt: skip
        RULES[seen] = rule
        return seen

    return wrap


def _declared(rule: Rule, status: int, gives_etag: bool, examples: Mapping[str, Any]) -> dict[str, Any]:
    parameters = []
    if rule.key:
        parameters.append({
            "name": "Idempotency-Key", "in": "header", "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "description": "Any text of your own, such as a random UUID. The same key with the same request gives the"
                           " same answer for 24 hours, and the effect once.",
            "example": "2f1c6d0e-9b4e-4f0a-8a55-6a2f0d7b9c11",
        })  # fmt: skip
    if rule.match:
        parameters.append({
            "name": "If-Match", "in": "header", "required": True,
            "schema": {"type": "string", "pattern": '^"(0|[1-9][0-9]{0,17})"$'},
            "description": "The ETag with which it was read: nothing is written where somebody acted since.",
            "example": '"3"',
        })  # fmt: skip
    told: dict[str, Any] = {"parameters": parameters} if parameters else {}
    if "request" in examples:
        told["requestBody"] = {"content": {"application/json": {"example": examples["request"]}}}
    if gives_etag:
        shown = {"description": "Where it stands; send it back as If-Match.", "schema": {"type": "string"}}
        told["responses"] = {status: {"headers": {"ETag": shown}}}
    return told


def expected_version(request: HttpRequest) -> int:
    """The version that a request's If-Match names; the guard has made sure that it names one."""
    return int(request.headers["If-Match"].strip().strip('"'))


def with_version(response: HttpResponse, version: int) -> None:
    """Give an answer the mark of a version."""
    response["ETag"] = f'"{version}"'
