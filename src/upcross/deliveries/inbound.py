"""What comes from outside: buttons pressed in Slack, and signed webhooks of systems that know what was won.

Every message is verified on its raw bytes before anything of it is read, and each does something once. A press is kept
and answered at once; the worker does what it asks for (``upcross.deliveries.presses``). A webhook is done at once, for
its sender is to know whether it was.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import BaseModel, ConfigDict, ValidationError

from upcross.deliveries.message import SecretMissingError, secret
from upcross.deliveries.settings import Deliveries, SlackDestination, Source
from upcross.deliveries.verification import MOST_BYTES, NotVerifiedError, verify_slack, verify_webhook
from upcross.ledger.actor import Actor
from upcross.ledger.acts import act
from upcross.ledger.given import Given
from upcross.ledger.house import House
from upcross.ledger.models import Received
from upcross.ledger.refusals import LedgerError, NotFoundError, RefusedError
from upcross.ledger.step import Step
from upcross.money import quantise

PRESSES = frozenset({"accept", "dismiss", "snooze"})
"""The buttons that ask for something; the others open a page."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What the project says about messages from outside, and the rules and the day by which steps are taken."""

    deliveries: Deliveries
    house: Callable[[], House]
    today: Callable[[], date]

    @property
    def slack(self) -> SlackDestination | None:
        """The workspace whose presses are taken; None where none has a signing secret."""
        places = self.deliveries.destinations
        return next((p for p in places if isinstance(p, SlackDestination) and p.signing_secret_env), None)

    def source(self, name: str) -> Source | None:
        """The system with a name; None where no such one may send."""
        return next((source for source in self.deliveries.inbound if source.name == name), None)


def inbound_urls(inbound: Callable[[], Inbound]) -> list[URLPattern]:
    """The routes ``slack`` and ``webhook/<name>``, to be mounted at ``/inbound/``; each checks by itself who sends.

    ``inbound`` is asked with every request, so that it may be made late.
    """

    @csrf_exempt
    @require_POST
    def slack(request: HttpRequest) -> HttpResponse:
        return take_press(request, inbound())

    @csrf_exempt
    @require_POST
    def webhook(request: HttpRequest, name: str) -> HttpResponse:
        return take_webhook(request, inbound(), name)

    return [path("slack", slack, name="slack"), path("webhook/<str:name>", webhook, name="webhook")]


def take_press(request: HttpRequest, inbound: Inbound) -> HttpResponse:
    """Keep what was pressed in Slack, and say so at once; 401: Slack did not sign it, 413: too large."""
    place = inbound.slack
    if place is None or place.signing_secret_env is None:
        return _said(404, "no Slack workspace with a signing_secret_env is named in the project file")
    body = _body(request)
    if body is None:
        return _said(413, f"larger than {MOST_BYTES:,} bytes")
    now = datetime.now(UTC)
    try:
        key = verify_slack(secret(place.signing_secret_env), request.headers, body, now)
    except SecretMissingError as error:
        return _said(503, str(error))
    except NotVerifiedError as error:
        return _said(401, str(error))
    press = read_press(body)
    if press is not None:
        try:
            with transaction.atomic():
                Received.objects.create(source="slack", message_id=key, at=now, body=press)
        except IntegrityError:
            pass  # sent again: it is kept already
    return HttpResponse(status=200)


def read_press(body: bytes) -> dict[str, Any] | None:
    """Who pressed what where, of an interaction's form; None where nothing is asked for that we know."""
    try:
        payload = json.loads(parse_qs(body.decode()).get("payload", ["{}"])[0])
        action = payload["actions"][0]
        name = str(action["action_id"])
        value = action.get("value") or action["selected_option"]["value"]
        where = payload.get("channel") or {"id": payload["container"]["channel_id"]}
        return {
            "user": str(payload["user"]["id"]), "action": name, "value": str(value)[:200], "channel": str(where["id"]),
            "thread": str((payload.get("message") or {}).get("ts", "")),
        } if payload.get("type") == "block_actions" and name in PRESSES else None  # fmt: skip
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: uuid.UUID
    reason: str = ""
    text: str = ""
    mrr: str | None = None
    on: date | None = None


def take_webhook(request: HttpRequest, inbound: Inbound, name: str) -> HttpResponse:
    """Take the step that a known system asks for, once.

    200 done, or done before; 401 not signed or not of now; 404 no such system or opportunity; 409 the step does not
    lead on from the stage; 413 too large; 422 with every fault of what was given. What is refused may be sent again.
    """
    source = inbound.source(name)
    if source is None:
        return _said(404, "no such sender is named under deliveries: inbound: of the project file")
    body = _body(request)
    if body is None:
        return _said(413, f"larger than {MOST_BYTES:,} bytes")
    try:
        key = verify_webhook([secret(variable) for variable in source.secret_env], request.headers, body)
    except SecretMissingError as error:
        return _said(503, str(error))
    except NotVerifiedError as error:
        return _said(401, str(error))
    if Received.objects.filter(source=f"webhook {name}", message_id=key).exists():
        return _said(200, "taken before")
    try:
        with transaction.atomic():
            Received.objects.create(source=f"webhook {name}", message_id=key, at=datetime.now(UTC))
            _take_step(source, body, inbound)
    except IntegrityError:
        return _said(200, "taken before")
    except RefusedError as error:
        return _said(422, "refused", [{"field": fault.field, "message": fault.message} for fault in error.faults])
    except ValidationError as error:
        faults = [{"field": ".".join(map(str, f["loc"])), "message": f["msg"]} for f in error.errors()]
        return _said(422, "not of the form that is expected", faults)
    except ValueError as error:
        return _said(422, str(error))
    except NotFoundError as error:
        return _said(404, str(error))
    except LedgerError as error:
        return _said(409, str(error))
    return _said(200, "done")


def _take_step(source: Source, body: bytes, inbound: Inbound) -> None:
    try:
        told = json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON") from None
    kind = str(told.get("type", "")) if isinstance(told, Mapping) else ""
    subject, _, step = kind.partition(".")
    if subject != "opportunity" or step not in source.steps:
        wanted = ", ".join(f"opportunity.{step}" for step in source.steps)
        raise ValueError(f"the type is {kind[:80]!r}; expected one of {wanted}")
    given = _Step.model_validate(told.get("data"))
    actor = Actor(f"feed:{source.name}", role="system")
    act(
        given.id, Step(step), actor, Given(given.reason, given.text, mrr=_money(given.mrr), on=given.on),
        today=inbound.today(), house=inbound.house(),
    )  # fmt: skip


def _money(text: str | None) -> int | None:
    from decimal import Decimal, InvalidOperation

    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"mrr is {text[:40]!r}; expected an amount such as '250' or '99.50'") from None
    if not amount.is_finite() or abs(amount) > 10**12:
        raise ValueError("mrr is no amount of money")
    return quantise(amount)


def _body(request: HttpRequest) -> bytes | None:
    """The raw bytes; None where there are more than are taken, of which no more is read."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES:
        return None
    body = request.read(MOST_BYTES + 1)
    return None if len(body) > MOST_BYTES else body


def _said(status: int, detail: str, faults: list[dict[str, str]] | None = None) -> JsonResponse:
    return JsonResponse({"detail": detail, **({"faults": faults} if faults else {})}, status=status)
