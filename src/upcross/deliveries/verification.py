"""Whether a message from outside is from whom it says, and of now: judged on its raw bytes, in constant time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from slack_sdk.signature import Clock, SignatureVerifier
from standardwebhooks import Webhook

MOST_BYTES = 1_000_000
"""The largest message that is read at all."""

NOT_VERIFIED = "the signature is missing or wrong, or the message is older than five minutes"
"""One answer for all of it: which of them it was helps nobody who may send."""


class NotVerifiedError(Exception):
    """The message is not signed by whom it should be, or not of now."""

    def __init__(self) -> None:
        super().__init__(NOT_VERIFIED)


def verify_slack(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a request that Slack signed within five minutes; raises ``NotVerifiedError`` for any other.

    Slack gives such requests no id: the signature is one, of the bytes and the second.
    """

    class Now(Clock):
        def now(self) -> float:
            return now.timestamp()

    given = {name.lower(): value for name, value in headers.items()}
    try:
        valid = SignatureVerifier(secret, Now()).is_valid_request(body, given)
    except ValueError:  # no number for a time, no text for a body
        valid = False
    if not valid:
        raise NotVerifiedError
    return given["x-slack-signature"]


def verify_webhook(secrets: Iterable[str], headers: Mapping[str, str], body: bytes) -> str:
    """The id of a webhook signed with one of the secrets within five minutes; else ``NotVerifiedError``."""
    given = {name.lower(): value for name, value in headers.items()}
    for secret in secrets:
        try:
            Webhook(secret).verify(body, given, json_parse=False)
        except Exception:  # whatever the library stumbles over, it is no good signature
            continue
        return given["webhook-id"]
    raise NotVerifiedError
