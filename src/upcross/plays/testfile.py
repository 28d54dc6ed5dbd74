"""The test file of a play: a pinned day, values of signals, and the verdict that is expected."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr

from upcross.documents import Document
from upcross.errors import Place
from upcross.plays.fields import Name, Sentence, Text

WORDS = ("fired", "quiet", "unknown")


class Expected(Text):
    """The verdict that a case expects; a held case names every gate that is false or unknown."""

    status: str
    held: tuple[Name, ...] = ()
    unknown: tuple[Name, ...] = ()

    def __str__(self) -> str:
        if self.status != "held":
            return self.status
        parts = [
            f"{word} {', '.join(names)}" for word, names in (("by", self.held), ("unknown", self.unknown)) if names
        ]
        return f"held ({'; '.join(parts)})"


def _expected(value: object) -> object:
    if isinstance(value, str) and value in WORDS:
        return {"status": value}
    if isinstance(value, dict) and value and set(value) <= {"held", "unknown"}:
        return {"status": "held", **value}
    raise ValueError(f"must be {', '.join(WORDS)}, or a mapping with the lists held and unknown of gates")


class Case(Text):
    """One situation and its verdict."""

    name: Sentence
    signals: dict[str, Any] = Field(default_factory=dict)
    """Values that differ from ``given``; null is unknown."""
    attested: tuple[Name, ...] = ()
    """Gates that somebody attested."""
    expect: Annotated[Expected, BeforeValidator(_expected)]


class PlayTest(Text):
    """All cases of one play."""

    play: Name
    as_of: date
    given: dict[str, Any] = Field(default_factory=dict)
    """Signal values of every case, chosen so that all gates pass; signals not named are unknown."""
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    _document: Document | None = PrivateAttr(default=None)

    def located(self, document: Document) -> PlayTest:
        """The same test, knowing where its parts stand."""
        self._document = document
        return self

    @property
    def shipped(self) -> bool:
        """True for a test file of the shipped library."""
        return (self.place().file or "").startswith("library/")

    def place(self, *path: str | int) -> Place:
        """Where a part of the file stands."""
        return self._document.place(*path) if self._document else Place()
