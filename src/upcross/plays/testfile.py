"""The test file of a play: a pinned day, values of signals, and the verdict that is expected.

What every gate expects of a healthy customer, and the cases that it holds, stand once in ``gates.test.yaml``; they are
tried on every play that the gate binds.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr

from upcross.documents import Document
from upcross.errors import Place
from upcross.plays.fields import Name, Sentence, Text
from upcross.plays.play import Play, PlayKind

WORDS = ("fired", "quiet", "unknown")


class Expected(Text):
    """The verdict that a case expects; a held case names every gate that is false or unknown.

    An answer fires whatever the gates say; ``care`` names those that are false or unknown.
    """

    status: str
    held: tuple[Name, ...] = ()
    unknown: tuple[Name, ...] = ()
    care: tuple[Name, ...] = ()

    def on(self, play: Play, bound: Container[str]) -> Expected | None:
        """What a gate's case expects of one play; None where none of its gates binds the play."""
        held, unknown = (tuple(name for name in names if name in bound) for names in (self.held, self.unknown))
        if self.status != "held":
            return self
        if not held and not unknown:
            return None
        if play.kind is PlayKind.ANSWER:
            return Expected(status="fired", care=(*held, *unknown))
        return Expected(status="held", held=held, unknown=unknown)

    def __str__(self) -> str:
        if self.care:
            return f"{self.status} (with care for {', '.join(self.care)})"
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
    if isinstance(value, dict) and set(value) == {"care"}:
        return {"status": "fired", **value}
    raise ValueError(f"must be {', '.join(WORDS)}, or a mapping with the lists held and unknown of gates, or care")


class Case(Text):
    """One situation and its verdict."""

    name: Sentence
    signals: dict[str, Any] = Field(default_factory=dict)
    """Values that differ from ``given``; null is unknown."""
    attested: tuple[Name, ...] = ()
    """Gates that somebody attested."""
    expect: Annotated[Expected, BeforeValidator(_expected)]
    _places: dict[str, Place] = PrivateAttr(default_factory=dict)
    _laid_over: str = PrivateAttr(default="")

    def at(self, document: Document, *path: str | int) -> None:
        """Say where the case and its signals stand."""
        self._places = {name: document.place(*path, "signals", name) for name in self.signals}
        self._places[""] = document.place(*path, "name")

    def signal_place(self, name: str) -> Place:
        """Where one of its signals stands."""
        return self._places.get(name) or self.place

    @property
    def laid_over(self) -> str:
        """The case of a play that a gate's case is tried on; empty for a play's own."""
        return self._laid_over

    @property
    def place(self) -> Place:
        """Where the case stands."""
        return self._places.get("") or Place()


class GateCase(Case):
    """One situation and what a gate makes of it, whatever the play."""

    gate: Name

    def over(self, fires: Case, expect: Expected, visible: Container[str]) -> GateCase:
        """The case laid over one of a play that fires, with the signals that rows of the play have."""
        signals = {**fires.signals, **{name: value for name, value in self.signals.items() if name in visible}}
        laid = {"name": f"{self.gate}: {self.name}", "signals": signals, "expect": expect}
        made = self.model_copy(update=laid)
        made._laid_over = fires.name
        return made


class GateTests(Text):
    """What gates find at a healthy customer, and cases of each gate."""

    given: dict[str, Any] = Field(default_factory=dict)
    cases: tuple[GateCase, ...] = ()

    def located(self, document: Document) -> GateTests:
        """The same cases, knowing where they stand."""
        for index, case in enumerate(self.cases):
            case.at(document, "cases", index)
        return self

    def beside(self, other: GateTests) -> GateTests:
        """Both together; what the other gives outweighs."""
        return GateTests.model_construct(given={**self.given, **other.given}, cases=(*self.cases, *other.cases))

    def on(self, test: PlayTest, play: Play, visible: Container[str]) -> PlayTest:
        """A play's test with the cases of the gates that bind it, each tried on the first case that fires.

        A gate that the play tightened, or the project's overlay changed, is tested where that was done, and not here.
        Signals that rows of the play's scope lack are left out. An answer is not held: what holds asks is its care.
        """
        given = {name: value for name, value in self.given.items() if name in visible}
        changed = {gate.id for gate in play.bound if gate.tightened or gate.gate.overlaid}
        bound = {gate.id for gate in play.bound}
        fires = next((c for c in test.cases if c.expect == Expected(status="fired") and not c.attested), None)
        tried = [
            case.over(fires, expected, visible)
            for case in self.cases
            if fires and case.gate in bound - changed and (expected := case.expect.on(play, bound)) is not None
        ]
        return test.model_copy(update={"given": {**given, **test.given}, "cases": (*test.cases, *tried)})


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
        for index, case in enumerate(self.cases):
            case.at(document, "cases", index)
        return self

    @property
    def shipped(self) -> bool:
        """True for a test file of the shipped library."""
        return (self.place().file or "").startswith("library/")

    def place(self, *path: str | int) -> Place:
        """Where a part of the file stands."""
        return self._document.place(*path) if self._document else Place()
