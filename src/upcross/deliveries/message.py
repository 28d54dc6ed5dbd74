"""One message to outside and what came of sending it: every client takes the one and answers with the other."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell: ``id`` stays the same however often it is sent, so that a receiver knows it again.

    ``type`` is what happened, such as ``opportunity.hand_off``; ``data`` are plain values, and what each client shows
    is made of them. ``to`` is the id of the one of our people whom it is for; '' where it is for no one person.
    """

    id: str
    type: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values."""
        return {"id": self.id, "type": self.type, "at": self.at.isoformat(), "data": dict(self.data), "to": self.to}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Message:
        """The message that ``to_dict`` gave."""
        return cls(kept["id"], kept["type"], datetime.fromisoformat(kept["at"]), kept["data"], kept["to"])


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""

    status: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """It did not arrive, or nobody knows whether it did: try again, not before ``after`` where the receiver asks so."""

    why: str
    after: timedelta | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """It never will be taken as it is: a person looks at it, mends the cause, and has it sent again."""

    why: str
    status: int | None = None


Outcome = Delivered | Retry | Rejected


class Client(Protocol):
    """What takes messages to one destination."""

    def send(self, message: Message) -> Outcome:
        """What came of sending one message; never raises for what a receiver or the network did."""
        ...


class SecretMissingError(Exception):
    """An environment variable that holds a secret is not set; the message names it."""


def secret(variable: str) -> str:
    """A secret from the environment, the only place where secrets are read from."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise SecretMissingError(f"the environment variable {variable} is not set where the worker runs")
    return value


_UNSEEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SECRET = re.compile(r"(?:xox[a-z]-|whsec_)[\w/+=-]+|(?<=://)[^/\s@]+(?=@)")


def one_line(text: object, most: int = 300) -> str:
    """A text in one line without what cannot be seen: line breaks, control characters, marks of direction."""
    plain = " ".join(_UNSEEN.sub(" ", str(text)).split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def redacted(text: object, most: int = 300) -> str:
    """A text in one line that may be logged: tokens, secrets, passwords in URLs and e-mail addresses are left out."""
    return one_line(_ADDRESS.sub("[e-mail]", _SECRET.sub("[secret]", str(text))), most)
