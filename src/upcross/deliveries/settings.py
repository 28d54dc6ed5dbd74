"""``deliveries:`` of the project file: where messages go, which, when, and by which secrets' names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, time, tzinfo
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from upcross.deliveries.addresses import RefusedAddressError, read_url
from upcross.documents import FIELD_INVALID, FIELD_MISSING, Document, validate
from upcross.errors import Report, suggest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Alert = Literal[
    "answer", "create", "open", "release", "hand_off", "accept", "return", "reassign", "claim", "escalate", "override",
    "wake", "win", "lose",
]  # fmt: skip
"""The steps about which people can be told at once; ``answer``: a customer asks to buy."""


def _variable(value: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):  # not repeated in the message: it may be the secret itself
        raise ValueError(
            "is no name of an environment variable; expected one such as UPCROSS_WEBHOOK_SECRET. The secret itself does"
            " not belong into the project file"
        )
    return value


Variable = Annotated[str, AfterValidator(_variable)]


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:\"\\]+@[^\s@<>,;:\"\\]+", value):
        raise ValueError("must be one e-mail address")
    return value


def _at(value: object) -> object:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        hour, minute = value.split(":")
        return time(int(hour), int(minute))
    raise ValueError("must be a time of the day in quotes, such as '08:00'")


TimeOfDay = Annotated[time, BeforeValidator(_at)]


def _zone(value: object) -> object:
    try:
        return ZoneInfo(str(value))
    except (KeyError, OSError, ValueError):
        raise ValueError("must be a time zone such as Europe/Berlin") from None


def _topic(value: str) -> str:
    if not re.fullmatch(r"\*|[a-z_ ]+\.(\*|[a-z_]+)", value):
        raise ValueError("must be what is told, such as opportunity.win, or opportunity.* for all about opportunities")
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Digest(_Strict):
    """When each owner is told what waits for them: at a time of the day, where they are, on some days."""

    at: TimeOfDay = time(8)
    timezone: Annotated[tzinfo, BeforeValidator(_zone)] = UTC
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
        "mon", "tue", "wed", "thu", "fri",
    )  # fmt: skip


class Destination(_Strict):
    """What every destination has: a name, and whether people's words and names may go there."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    include_quotes: bool = False
    """Whether quotes, comments and names of customers' people go along."""


class ToPeople(Destination):
    """A destination at which people read: alerts of a few steps at once, and a digest a day."""

    alerts: tuple[Alert, ...] = (
        "answer", "hand_off", "return", "escalate", "release", "override",
    )  # fmt: skip
    digest: bool = True


class WebhookDestination(Destination):
    """A URL that takes signed webhooks: programs read there."""

    kind: Literal["webhook"]
    url: str
    secret_env: Annotated[tuple[Variable, ...], BeforeValidator(_many), Field(min_length=1, max_length=2)]
    """Two while one secret replaces another."""
    topics: Annotated[tuple[Annotated[str, AfterValidator(_topic)], ...], BeforeValidator(_many)] = ("opportunity.*",)
    allow_hosts: tuple[str, ...] = ()


class SlackDestination(ToPeople):
    """A Slack workspace: direct messages to owners, or one channel."""

    kind: Literal["slack"]
    token_env: Variable
    channel: str = ""
    """Where messages go, or go whose reader is not in Slack."""
    direct: bool = True
    signing_secret_env: Variable | None = None
    """Given: messages have buttons, and what is pressed is taken at /inbound/slack."""
    api: str = "https://slack.com/api/"
    people: Mapping[str, str] = Field(default_factory=dict)
    """Slack user ids by person, where Slack knows another e-mail address."""


class EmailDestination(ToPeople):
    """E-mail over a company's own server; without a host, into files or onto the console, for a first try."""

    kind: Literal["email"]
    sender: Annotated[str, AfterValidator(_address)] = Field(alias="from")
    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: Variable | None = None
    folder: str = ""
    fallback: Annotated[str, AfterValidator(_address)] | None = None
    """Who gets what is for somebody without an address, such as a queue."""


FeedStep = Literal["accept", "return", "win", "lose", "finish", "dismiss", "comment"]


class Source(_Strict):
    """Who may send us signed webhooks, and which steps they may take: a CRM that knows what was won."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    secret_env: Annotated[tuple[Variable, ...], BeforeValidator(_many), Field(min_length=1, max_length=2)]
    steps: tuple[FeedStep, ...] = ("win", "lose")


class MemoryDestination(ToPeople):
    """Keeps what it is given as long as the process lives: to try things out."""

    kind: Literal["memory"]
    topics: tuple[Annotated[str, AfterValidator(_topic)], ...] = ()


AnyDestination = WebhookDestination | SlackDestination | EmailDestination | MemoryDestination

KINDS: Mapping[str, type[Destination]] = {
    "webhook": WebhookDestination,
    "slack": SlackDestination,
    "email": EmailDestination,
    "memory": MemoryDestination,
}


class DeliveriesText(_Strict):
    """The section as written; each destination is read by its kind."""

    digest: Digest = Digest()
    destinations: list[Any] = Field(default_factory=list)
    inbound: tuple[Source, ...] = ()


class Deliveries(_Strict):
    """Where messages go, when digests are made, and from whom messages come; without any, nothing leaves or enters."""

    digest: Digest = Digest()
    destinations: tuple[AnyDestination, ...] = ()
    inbound: tuple[Source, ...] = ()


NOWHERE = Deliveries()


def read_deliveries(document: Document, report: Report) -> Deliveries:
    """The section of a project file; every fault goes into the report with its place."""
    section = document.data.get("deliveries") if isinstance(document.data, dict) else None
    if section is None:
        return NOWHERE
    text = validate(document, DeliveriesText, report, "deliveries")
    listed = section.get("destinations") if isinstance(section, dict) else None
    found: list[Any] = []
    for number, given in enumerate(listed if isinstance(listed, list) else ()):
        kind = _kind(document, number, given, report)
        made = kind and validate(document, kind, report, "deliveries", "destinations", number)
        if made is not None:
            _check(document, number, made, found, report)
            found.append(made)
    if text is None:
        return NOWHERE
    for number, source in enumerate(text.inbound):
        if source.name in {other.name for other in text.inbound[:number]}:
            place = document.place("deliveries", "inbound", number, "name")
            report.add(FIELD_INVALID.at(place, f"two senders are called '{source.name}'", hint="give each its own"))
    return Deliveries(digest=text.digest, destinations=tuple(found), inbound=text.inbound)


def _kind(document: Document, number: int, given: object, report: Report) -> type[Destination] | None:
    path = ("deliveries", "destinations", number)
    if not isinstance(given, dict):
        report.add(FIELD_INVALID.at(document.place(*path), "a destination must be a mapping (key: value)"))
        return None
    if "kind" not in given:
        report.add(FIELD_MISSING.at(document.place(*path), "a destination has no kind", expected=", ".join(KINDS),
                                    hint="add 'kind:'"))  # fmt: skip
        return None
    kind = str(given["kind"])
    if kind not in KINDS:
        report.add(FIELD_INVALID.at(document.place(*path, "kind"), f"there is no kind of destination '{kind}'",
                                    expected=f"one of {', '.join(KINDS)}", hint=suggest(kind, KINDS)))  # fmt: skip
    return KINDS.get(kind)


def _check(document: Document, number: int, made: Any, before: list[Any], report: Report) -> None:
    """What only shows once the fields are read: names told apart, URLs that may be written to, enough to send with."""

    def fault(field: str, message: str, hint: str = "") -> None:
        place = document.place("deliveries", "destinations", number, field)
        report.add(FIELD_INVALID.at(place, message, hint=hint))

    if made.name in {other.name for other in before}:
        fault("name", f"two destinations are called '{made.name}'", "messages are kept by it: give each its own")
    if isinstance(made, WebhookDestination):
        try:
            read_url(made.url, made.allow_hosts)
        except RefusedAddressError as error:
            fault("url", str(error))
    elif isinstance(made, SlackDestination):
        if not made.direct and not made.channel:
            fault("direct", "with direct: false there is nowhere to write to", "add 'channel:', such as '#expansion'")
        if not re.match(r"https://|http://(127\.0\.0\.1|localhost)(:\d+)?/", made.api):
            fault(
                "api", "the token would be sent in clear", "leave it out for Slack itself, or give an https:// address"
            )
    elif isinstance(made, EmailDestination):
        if made.host and made.folder:
            fault("folder", "both a host and a folder are given: messages go to one of them", "leave one out")
        if made.user and made.password_env is None:
            fault("user", "a user without a password", "add 'password_env:' with the name of an environment variable")
        if made.user and made.security == "none":
            fault("security", "the password would be sent in clear", "use starttls or tls")
