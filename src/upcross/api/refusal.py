"""The one shape of everything that is refused: a stable code, a sentence, all faults, and an id to ask about."""

from __future__ import annotations

import errno
import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja.errors import HttpError, ValidationError

from upcross.api.names import named
from upcross.errors import ProblemError, Severity, UsageError
from upcross.ledger.refusals import (
    ConflictError,
    Fault,
    ForbiddenError,
    LedgerError,
    NotFoundError,
    NotNowError,
    RefusedError,
)

log = logging.getLogger("upcross.api")

_FULL = ("disk is full", "disk full", "no space left")


_CALLERS = {"typed-wrong": "body", "by-hand-wrong": "body", "account-unknown": "account", "play-unknown": "play"}
"""Codes of issues for which the caller named something that is not there, and what they named."""


class Refusal(Exception):
    """One refused request: the status, a code that programs can rely on, and what to do in words."""

    def __init__(
        self, status: int, code: str, message: str, *, faults: Iterable[Fault] = (), version: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.code, self.message, self.version = status, code, message, version
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    def to_dict(self, request_id: str) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "faults": [{"field": fault.field, "message": fault.message} for fault in self.faults],
                "id": request_id,
                "version": self.version,
            }
        }

    def answer(self, request_id: str) -> HttpResponse:
        """The answer as it is sent."""
        return JsonResponse(self.to_dict(request_id), status=self.status, headers=self.headers)


def invalid(field: str, message: str) -> Refusal:
    """One wrong input."""
    return Refusal(422, "invalid", f"{field}: {message}", faults=[Fault(field, message)])


def refusal_of(error: Exception, request_id: str) -> Refusal:
    """What to answer to whatever was raised; what nobody foresaw is noted with the id, and told without its innards."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, LedgerError):
        return _of_ledger(error)
    if isinstance(error, ValidationError):
        return _of_validation(error)
    if isinstance(error, DatabaseError | InterfaceError | OSError) and not isinstance(error, UnreadablePostError):
        return _of_storage(error, request_id)
    if isinstance(error, UsageError):
        return Refusal(422, "invalid", str(error))
    if isinstance(error, ProblemError):
        return _of_problem(error)
    if isinstance(error, Http404):
        return Refusal(404, "not-found", "there is nothing here, or it is not for you to see")
    if isinstance(error, PermissionDenied):
        return Refusal(403, "forbidden", str(error) or "this is not allowed")
    if isinstance(error, RequestDataTooBig):
        return Refusal(413, "too-large", "the body is larger than 1 MB: send less at once")
    if isinstance(error, HttpError):
        if isinstance(error.__cause__, Refusal):  # what was wrong with the body
            return error.__cause__
        return Refusal(error.status_code, "malformed" if error.status_code == 400 else "refused", str(error))
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return Refusal(400, "malformed", "the request cannot be read")
    log.error("request %s failed", request_id, exc_info=error)
    return Refusal(500, "failed", f"something went wrong here; nothing was changed. It was noted as {request_id}")


def id_of(request: HttpRequest) -> str:
    """The id under which a request is noted in the log, and that its answer carries."""
    if not hasattr(request, "upcross_id"):
        request.upcross_id = secrets.token_hex(8)
    found: str = request.upcross_id
    return found


def _of_ledger(error: LedgerError) -> Refusal:
    match error:
        case ConflictError():
            mark = {"ETag": f'"{error.version}"'}
            return Refusal(412, error.code, named(str(error)), version=error.version, headers=mark)
        case RefusedError():
            return Refusal(422, error.code, str(error), faults=error.faults)
        case NotFoundError():
            return Refusal(404, error.code, str(error))
        case ForbiddenError():
            return Refusal(403, error.code, str(error))
        case NotNowError():
            return Refusal(409, error.code, str(error))
    return Refusal(409, error.code, str(error))


def _of_validation(error: ValidationError) -> Refusal:
    faults = [Fault(_field(item["loc"]), _sentence(item)) for item in error.errors]
    return Refusal(422, "invalid", "; ".join(map(str, faults)), faults=faults)


def _field(place: Iterable[object]) -> str:
    """The field as the caller wrote it: without the part of the request and the name of our parameter."""
    source, *parts = place
    if source == "body" and parts:
        parts = parts[1:]
    elif len(parts) > 1:
        parts = parts[-1:]
    return ".".join(map(str, parts)) or "body"


def _sentence(item: Mapping[str, Any]) -> str:
    said = str(item["msg"]).removeprefix("Value error, ")
    match item["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is no field of this request; leave it out"
    return said[:1].lower() + said[1:]


def _of_problem(error: ProblemError) -> Refusal:
    """What a caller named wrong is theirs to mend; anything else that is wrong with the project is not."""
    wrong = [issue for issue in error.report if issue.severity is Severity.ERROR]
    if not wrong or any(issue.code not in _CALLERS for issue in wrong):
        return Refusal(409, "not-ready", str(error))
    faults = []
    for issue in wrong:
        field = (issue.place.field if issue.place else "") or _CALLERS[issue.code]
        expected = f"; expected {issue.expected}" if issue.expected else ""
        hint = f". {issue.hint}" if issue.hint else ""
        faults.append(Fault(field.removesuffix("_id"), f"{issue.message}{expected}{hint}"))
    return Refusal(422, "invalid", "; ".join(map(str, faults)), faults=faults)


def _of_storage(error: Exception, request_id: str) -> Refusal:
    said = str(error).lower()
    log.error("request %s: the ledger cannot be written or read", request_id, exc_info=error)
    if getattr(error, "errno", None) == errno.ENOSPC or any(words in said for words in _FULL):
        return Refusal(
            507, "disk-full", "the server's disk is full: nothing was changed. Make room, then send it again"
        )
    return Refusal(
        503, "busy", "the ledger cannot be reached just now: nothing was changed. Send it again in a moment",
        headers={"Retry-After": "2"},
    )  # fmt: skip
