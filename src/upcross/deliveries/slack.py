"""Messages in Slack: to each owner directly, or into a channel, with buttons where what is pressed can be taken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

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
from upcross.deliveries.slack_blocks import blocks, fallback
from upcross.deliveries.webhook import retry_after

SECONDS = 15

_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
     "team_added_to_org", "accesslimited", "external_channel_migrating"}
)  # fmt: skip
_WHAT_TO_DO = {
    "invalid_auth": "the token is not valid: make a new one, and put it into the environment variable",
    "not_authed": "the token is empty: put it into the environment variable",
    "token_revoked": "the token was revoked: make a new one, and put it into the environment variable",
    "account_inactive": "the app was removed from the workspace: install it again",
    "channel_not_found": "there is no such channel, or it is private: invite the app into it",
    "not_in_channel": "invite the app into the channel",
    "is_archived": "the channel is archived: name another",
    "missing_scope": "the app needs the scopes chat:write, im:write, users:read and users:read.email",
    "users_not_found": "Slack does not know this person's e-mail address: give their id under people:, or a channel:",
}


@dataclass
class SlackClient:
    """Writes through one workspace's app; ``email_of`` gives the address of one of our people, '' for none."""

    token: str
    """The name of an environment variable."""
    channel: str = ""
    direct: bool = True
    buttons: bool = False
    api: str = "https://slack.com/api/"
    people: Mapping[str, str] = field(default_factory=dict)
    email_of: Callable[[str], str] = lambda person: ""
    _known: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Message) -> Outcome:
        """One message; Slack itself does not know a repeated one again, so its id goes along as metadata."""
        try:
            client = WebClient(secret(self.token), base_url=self.api, timeout=SECONDS, retry_handlers=[])
            if message.type == "slack.reply":
                return self._reply(client, message)
            where = self._where(client, message.to)
            if not where:
                return Rejected(
                    f"nobody to tell: '{message.to}' has no e-mail address in the team table, and no channel is given"
                )
            client.chat_postMessage(
                channel=where, text=fallback(message), blocks=blocks(message, buttons=self.buttons),
                metadata={"event_type": "upcross", "event_payload": {"id": message.id}},
                unfurl_links=False, unfurl_media=False, link_names=False, parse="none", mrkdwn=False,
            )  # fmt: skip
            return Delivered(200)
        except SecretMissingError as error:
            return Retry(redacted(error))
        except SlackApiError as error:
            return _refused(error)
        except (SlackClientError, HTTPException, OSError) as error:
            return Retry(redacted(f"Slack was not reached: {error}"))

    def _reply(self, client: WebClient, message: Message) -> Outcome:
        told: Mapping[str, Any] = message.data
        if told["private"]:
            client.chat_postEphemeral(channel=told["channel"], user=told["user"], text=fallback(message))
        else:
            client.chat_postMessage(channel=told["channel"], thread_ts=told["thread"], text=fallback(message))
        return Delivered(200)

    def _where(self, client: WebClient, person: str) -> str:
        if not self.direct or not person:
            return self.channel
        if person in self.people:
            return self.people[person]
        address = self.email_of(person)
        if not address:
            return self.channel
        with self._lock:
            if address not in self._known:
                try:
                    self._known[address] = client.users_lookupByEmail(email=address)["user"]["id"]
                except SlackApiError as error:
                    if error.response.get("error") != "users_not_found" or not self.channel:
                        raise
                    return self.channel
            return self._known[address]


def _refused(error: SlackApiError) -> Outcome:
    response = error.response
    status = getattr(response, "status_code", None)
    code = str(response.get("error", "")) if hasattr(response, "get") else ""
    if status == 429 or code in _PASSING or (status or 200) >= 500:
        headers = {str(name).lower(): _first(value) for name, value in (response.headers or {}).items()}
        wait = retry_after(headers, datetime.now(UTC)) or (timedelta(seconds=30) if status == 429 else None)
        return Retry(f"Slack answered {redacted(code) or status}", wait, status)
    mend = _WHAT_TO_DO.get(code, "Slack's documentation of chat.postMessage says what it means")
    return Rejected(f"Slack refuses it ({redacted(code)}): {mend}", status)


def _first(value: object) -> str:
    return str(value[0]) if isinstance(value, list) else str(value)
