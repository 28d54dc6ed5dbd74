"""Plays: when to ask for what, who does it and how, as text that a company can read and change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, SkipValidation

from upcross.errors import Place
from upcross.motions import Mechanism, Motion
from upcross.plays.comparison import Resolved, ResolvedComparison, leaves
from upcross.plays.condition import Literal
from upcross.plays.fields import Days, Name, OneOrMore, ParamValue, Role, Sentence, Text, fill_params, placeholders
from upcross.plays.gate import BoundGate
from upcross.signals.model import Scope

FILLED_IN = ("account", "business_unit", "product", "metric", "value_delivered")
"""Placeholders besides signals and parameters that the texts of a play may hold."""


class Status(StrEnum):
    """How far a play is trusted; drafts and deprecated plays are tested but open nothing."""

    DRAFT = "draft"
    TRIAL = "trial"
    STABLE = "stable"
    DEPRECATED = "deprecated"

    @property
    def runs(self) -> bool:
        """True where a run judges the play."""
        return self in (Status.TRIAL, Status.STABLE)


class PlayKind(StrEnum):
    """What comes of a play: an ask of ours, adoption work that sells nothing, or the answer to who asked to buy."""

    ASK = "ask"
    ADOPTION = "adoption"
    ANSWER = "answer"


class Touch(StrEnum):
    """How the customer is reached."""

    SELF_SERVE = "self_serve"
    IN_PRODUCT = "in_product"
    CSM_NOTE = "csm_note"
    AE_DEAL = "ae_deal"


class Owner(Text):
    """Roles in order of preference: who surfaces and qualifies, who closes."""

    surface: Annotated[tuple[Role, ...], Field(min_length=1)]
    close: tuple[Role, ...] = ()
    """Nobody only where nothing is sold."""


class Timing(Text):
    """When the ask is made: on its own, or folded into a renewal that is near."""

    with_renewal_within: Days | None = None


class GateChanges(Text):
    """What a play adds to the gates of its motion, or tightens; nothing is ever dropped."""

    add: tuple[Name, ...] = ()
    tighten: dict[str, dict[str, ParamValue]] = Field(default_factory=dict)


class Deprecation(Text):
    """Since when and why a play is no longer used."""

    on: date
    reason: Sentence


class PlayText(Text):
    """A play as written in its file."""

    id: Name
    title: Sentence
    kind: PlayKind = PlayKind.ASK
    mechanism: Annotated[tuple[Mechanism, ...], OneOrMore] = ()
    """Empty only for adoption work, which sells nothing."""
    scope: Scope
    status: Status
    summary: Sentence
    example: str = ""
    """The sentence of the source that the play covers."""
    params: dict[str, ParamValue] = Field(default_factory=dict)
    when: Any
    keep_open_while: Any = None
    potential: str = ""
    """Stem of the three potential signals: ``seats_potential`` for ``seats_potential_expected`` and so on."""
    touch: Touch
    timing: Timing = Timing()
    owner: Owner
    respond_within: Days
    cooldown: Days
    next_step: Sentence
    guide: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    show: tuple[Sentence, ...] = ()
    """Signals shown as evidence beside the comparisons of the trigger: the numbers behind a ratio, the words heard."""
    gates: GateChanges = GateChanges()
    assumptions: tuple[Sentence, ...] = ()
    known_gaps: tuple[Sentence, ...] = ()
    ignore: dict[str, Sentence] = Field(default_factory=dict)
    """Lint rules that do not apply to this play, each with the reason."""
    deprecated: Deprecation | None = None

    @property
    def motion(self) -> Motion | None:
        """Deeper or wider: the motion of the play's mechanisms, which share one; None where nothing is sold."""
        return self.mechanism[0].motion if self.mechanism else None

    def texts(self) -> Iterator[str]:
        """The sentences that hold placeholders."""
        yield self.next_step
        yield from self.guide


class Play(PlayText):
    """A play as read: conditions resolved, gates bound, settings merged, placeholders of parameters filled."""

    params: SkipValidation[dict[str, Literal]] = Field(default_factory=dict)
    when: SkipValidation[Resolved]
    keep_open_while: SkipValidation[Resolved | None] = None
    bound: SkipValidation[tuple[BoundGate, ...]] = ()
    """Every gate that binds the play: those of its motion, then those that it adds."""
    version: str = ""
    """Short hash of the play with its settings."""
    file: str = ""
    places: SkipValidation[dict[str, Place]] = Field(default_factory=dict)
    """Where each field was set, for messages: ``params.fire_at`` in the overlay where that sets it."""
    unused_params: tuple[str, ...] = ()
    """Parameters that nothing in the file names."""
    overlaid: tuple[str, ...] = ()
    """What the project's overlay changed for this play and its gates, in words."""

    def place(self, name: str = "") -> Place:
        """Where a field of the play was set, in its file or the overlay; the file's beginning where it is not given.

        A part that has no place of its own stands where its field does: ``owner.close`` at ``owner``.
        """
        return self.places.get(name) or self.places.get(name.partition(".")[0]) or Place(self.file, 1, 1)

    def blamed(self, name: str, *comparisons: ResolvedComparison) -> Place:
        """Where comparisons that break a rule are mended: at a number that the overlay set, else at a field."""
        set_at = [self.place(f"params.{comparison.param}") for comparison in comparisons if comparison.param]
        return next((place for place in set_at if place.file != self.file), self.place(name))

    def comparisons(self) -> tuple[ResolvedComparison, ...]:
        """The comparisons of the trigger, in the order written."""
        return tuple(leaves(self.when))

    def potential_signals(self) -> tuple[str, ...]:
        """The floor, expected and ceiling signals of the potential; empty where the play names none."""
        return tuple(f"{self.potential}_{part}" for part in ("floor", "expected", "ceiling")) if self.potential else ()

    def reads(self) -> tuple[str, ...]:
        """Every signal that the trigger, its end, its gates, its texts and its potential need, each once."""
        conditions = [
            self.when,
            *([self.keep_open_while] if self.keep_open_while else []),
            *(b.must for b in self.bound),
        ]
        names = [name for condition in conditions for leaf in leaves(condition) for name in leaf.reads]
        words = placeholders([*self.texts(), *(bound.reason for bound in self.bound)])
        names += [word for word in words if word not in FILLED_IN]
        names += self.show
        return tuple(dict.fromkeys([*names, *self.potential_signals()]))

    def filled(self) -> Play:
        """The same play with ``{param}`` placeholders of its texts replaced by their values."""
        return self.model_copy(
            update={
                "next_step": fill_params(self.next_step, self.params),
                "guide": tuple(fill_params(line, self.params) for line in self.guide),
            }
        )
