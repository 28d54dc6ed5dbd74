"""Messages as signed webhooks, after the Standard Webhooks specification: libraries that check them exist for all."""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from standardwebhooks import Webhook

from upcross.deliveries.addresses import RefusedAddressError, UnknownHostError
from upcross.deliveries.http import Sender, UnreachableError
from upcross.deliveries.message import (
    Delivered,
    Message,
    Outcome,
    Rejected,
    Retry,
    SecretMissingError,
    redacted,
    secret,
)

_NEVER = {
    400: "it refuses the message",
    410: "it is gone and wants no more",
    413: "the message is too large for it",
    415: "it takes no JSON",
    422: "it refuses the message",
}
"""Answers after which the same message would be refused again; others may pass, a 404 with the next release."""


@dataclass(frozen=True, slots=True)
class WebhookClient:
    """Posts messages to one URL, each signed with every secret of the destination: two while one replaces another."""

    url: str
    secrets: tuple[str, ...]
    """The names of environment variables."""
    sender: Sender = field(default_factory=Sender)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, message: Message) -> Outcome:
        """Delivered with any 2xx; a redirect is not followed."""
        body = webhook_body(message)
        try:
            headers = signed_headers(message.id, body, self.clock(), [secret(name) for name in self.secrets])
            answer = self.sender.post(self.url, headers, body.encode())
        except (SecretMissingError, UnknownHostError, UnreachableError) as error:
            return Retry(redacted(error))
        except RefusedAddressError as error:
            return Rejected(redacted(error))
        if 200 <= answer.status < 300:
            return Delivered(answer.status)
        said = f"{answer.status} {redacted(answer.text, 200)}".strip()
        if answer.status in _NEVER:
            return Rejected(f"{_NEVER[answer.status]}: {said}", answer.status)
        if 300 <= answer.status < 400:
            return Retry(f"it redirects, which is not followed; give its new URL: {said}", status=answer.status)
        return Retry(f"it answered {said}", retry_after(answer.headers, self.clock()), answer.status)


def webhook_body(message: Message) -> str:
    """The text that is sent and signed: type, timestamp of what happened, and data."""
    told = {"type": message.type, "timestamp": message.at.isoformat(), "data": message.data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def signed_headers(message_id: str, body: str, now: datetime, secrets: list[str]) -> dict[str, str]:
    """The headers by which a receiver knows who sent a body, when, and whether it has it already."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    try:
        signatures = [Webhook(text).sign(message_id, moment, body) for text in secrets]
    except (binascii.Error, ValueError, RuntimeError):
        raise SecretMissingError("a webhook's secret is not of the form whsec_ and base64") from None
    return {
        "Content-Type": "application/json",
        "User-Agent": "Upcross",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long a receiver asks to be left alone, given in seconds or as a day and time; None where it does not."""
    given = headers.get("retry-after", "").strip()
    if given.isdecimal():
        return timedelta(seconds=min(int(given[:9]), 10**7))
    try:
        wait = parsedate_to_datetime(given) - now
    except (ValueError, TypeError):
        return None
    return max(wait, timedelta(0))
