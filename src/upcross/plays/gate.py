"""Gates: what must hold before anybody asks, for which motion, and who can clear what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field, SkipValidation

from upcross.errors import Place, Report
from upcross.motions import Motion
from upcross.plays.comparison import Names, Resolved, leaves, resolve
from upcross.plays.condition import Condition, Literal, comparisons
from upcross.plays.fields import Days, Name, ParamValue, Role, Sentence, Text, fill_params
from upcross.signals.model import Scope, Signal


class WhiteSpaceText(Text):
    """What a gate asks where a product is offered that the customer lacks, and not more of what they own."""

    must: Any
    reason: Sentence
    maybe: Sentence | None = None


class GateText(Text):
    """A gate as written in ``gates.yaml``."""

    id: Name
    title: Sentence
    holds: Annotated[tuple[Motion, ...], Field(min_length=1)]
    """The motions whose asks it holds back."""
    must: Any
    """The condition that must be true; false or unknown holds."""
    params: dict[str, ParamValue] = Field(default_factory=dict)
    reason: Sentence
    """What a person reads while it holds; ``{signal}`` and ``{param}`` are filled in."""
    maybe: Sentence | None = None
    """What is read instead of “not known” where the gate is unknown and every signal of this sentence is known."""
    cleared_by: Annotated[tuple[Role, ...], Field(min_length=1)]
    action: Sentence
    look_again: Days
    in_white_space: WhiteSpaceText | None = None
    """The condition and its sentence in white space, where they differ."""
    attestable: bool = True
    """False: no person's word stands in for missing data."""
    overridable: bool = True
    """False: nobody asks in spite of it, whatever they know."""


class Gate(GateText):
    """A gate as read: its condition parsed, its parameters settled."""

    must: SkipValidation[Condition]
    elsewhere: SkipValidation[Condition | None] = None
    """The condition in white space, where it differs."""
    params: SkipValidation[dict[str, Literal]] = Field(default_factory=dict)
    overlaid: tuple[str, ...] = ()
    """What the project's overlay changed, in words; printed on every verdict it affects."""
    places: SkipValidation[dict[str, Place]] = Field(default_factory=dict)
    """Where each field was set, for messages."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition of the gate."""
        return (self.must,) if self.elsewhere is None else (self.must, self.elsewhere)

    @property
    def reads(self) -> tuple[str, ...]:
        """The signals that its conditions compare, each once."""
        return tuple(dict.fromkeys(c.signal for condition in self.conditions for c in comparisons(condition)))

    def condition(self, scope: Scope) -> Condition:
        """What must be true for plays of a scope."""
        return self.elsewhere if self.elsewhere is not None and scope is Scope.WHITE_SPACE else self.must

    def says(self, scope: Scope) -> str:
        """What a person reads while it holds plays of a scope."""
        return self.in_white_space.reason if self.in_white_space and scope is Scope.WHITE_SPACE else self.reason

    def suspects(self, scope: Scope) -> str:
        """What a person reads where it is unknown, if its signals are known; '' where it says nothing."""
        text = self.in_white_space if self.in_white_space and scope is Scope.WHITE_SPACE else self
        return text.maybe or ""

    @property
    def shipped(self) -> bool:
        """True for a gate of the shipped library."""
        return (self.places["id"].file or "").startswith("library/")


@dataclass(frozen=True, slots=True)
class BoundGate:
    """A gate as it binds one play: the shipped condition, or a tightened one. Equal ones are judged once."""

    id: str
    must: Resolved
    gate: Gate = field(compare=False)
    scope: Scope = field(compare=False)
    about_account: bool = field(compare=False, default=False)
    """Whether this condition looks at the whole account alone, so that a unit may be exempted from it."""
    params: dict[str, Literal] = field(compare=False, default_factory=dict)
    tightened: tuple[str, ...] = field(compare=False, default=())
    """What the play tightened, in words."""

    @property
    def reason(self) -> str:
        """The sentence a person reads while the gate holds; ``{signal}`` placeholders are left to the reader."""
        return fill_params(self.gate.says(self.scope), self.params)

    @property
    def maybe(self) -> str:
        """The same where it is unknown and the signals of the sentence are known; '' where it says nothing."""
        return fill_params(self.gate.suspects(self.scope), self.params)

    @property
    def action(self) -> str:
        """What clears the gate."""
        return fill_params(self.gate.action, self.params)


def bind(
    gate: Gate,
    signals: Mapping[str, Signal],
    scope: Scope,
    report: Report,
    params: dict[str, Literal] | None = None,
    tightened: tuple[str, ...] = (),
    set_at: Mapping[str, Place] | None = None,
) -> BoundGate | None:
    """A gate as it binds the rows of a scope, with its own parameters or those given; None where a fault was reported.

    ``set_at`` is where the parameters given were set, for messages.
    """
    settled = gate.params if params is None else params
    must = resolve(gate.condition(scope), Names(signals, settled, scope, set_at=set_at or {}), report)
    if must is None:
        return None
    whole = all(signals[name].scope is Scope.ACCOUNT for leaf in leaves(must) for name in leaf.reads)
    return BoundGate(gate.id, must, gate, scope, whole, settled, tightened)
