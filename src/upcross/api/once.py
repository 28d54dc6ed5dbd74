"""A request that writes is carried out once, however often it is sent: the same key gives the same answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from upcross.api.refusal import Refusal
from upcross.ledger.models import IdempotentRequest
from upcross.ledger.writer import writing

KEPT_FOR = timedelta(hours=24)
LONGEST = 255
_HEADERS = ("ETag", "Location")


def key_of(request: HttpRequest) -> str:
    """The key that a program gives a request; refused where it is missing or is none."""
    key = request.headers.get("Idempotency-Key", "")
    if not key.strip():
        raise Refusal(
            400, "key-missing",
            "the header Idempotency-Key is missing: give every request that writes a key of its own, such as a random"
            " UUID, and send the same key when you send the same request again",
        )  # fmt: skip
    if len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise Refusal(422, "invalid", f"Idempotency-Key: expected at most {LONGEST} printable characters of ASCII")
    return key


def once(
    actor: str, request: HttpRequest, carry_out: Callable[[], HttpResponse], *, hides: bool = False
) -> HttpResponse:
    """Carry a request out, or answer it as it was answered before.

    What was refused wrote nothing, so it is not kept: sent again, it is judged again. ``hides``: the answer holds a
    secret that is shown once, so what is kept is the answer without it (see ``hidden``).
    """
    with writing() as writer:  # writers take turns: of two with one key, the second finds the answer of the first
        before = answered(actor, request, writer.moment)
        if before is not None:
            return before
        response = carry_out()
        if response.status_code >= 400:
            transaction.set_rollback(True)
            return response
        keep(actor, request, response, writer.moment, hides=hides)
    return response


def answered(actor: str, request: HttpRequest, moment: datetime) -> HttpResponse | None:
    """What a request was answered before, where it was; refused where its key was another one's."""
    kept = IdempotentRequest.objects.filter(actor=actor, key=key_of(request), at__gt=moment - KEPT_FOR).first()
    return _again(kept, _asked(request)) if kept is not None else None


def keep(actor: str, request: HttpRequest, response: HttpResponse, moment: datetime, *, hides: bool = False) -> None:
    """Keep an answer in the transaction of its effect, and forget those that nobody asks for any more."""
    IdempotentRequest.objects.filter(at__lte=moment - KEPT_FOR).delete()
    answer = response.content.decode()
    IdempotentRequest.objects.create(
        actor=actor, key=key_of(request), asked=_asked(request), status=response.status_code, at=moment,
        body=hidden(answer) if hides else answer,
        headers={name: response[name] for name in _HEADERS if name in response},
    )  # fmt: skip


def hidden(answer: str) -> str:
    """An answer without its secret."""
    told = json.loads(answer)
    return json.dumps({**told, "secret": None})


def _asked(request: HttpRequest) -> str:
    parts = (request.method or "", request.get_full_path(), request.headers.get("If-Match", ""))
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + request.body).hexdigest()


def _again(kept: IdempotentRequest, asked: str) -> HttpResponse:
    if kept.asked != asked:
        raise Refusal(
            422, "idempotency-mismatch",
            "this Idempotency-Key was used for another request: give every request a key of its own",
        )  # fmt: skip
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json; charset=utf-8")
    for name, value in kept.headers.items():
        response[name] = value
    response["Idempotent-Replay"] = "true"
    return response
