"""What could be asked of an account today, with every reason for it and every reason to hold back.

A play's verdict on one row is a ``Finding``; findings about the same thing merge into one ``Candidate``, whose
reasons they are. Nothing here is rendered: values are kept, sentences are made when read (``sentences``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from upcross.motions import Mechanism, Motion
from upcross.opportunities.evidence import Attested, Evidence, HoldReason, Override, amount, plain
from upcross.opportunities.fingerprint import fingerprint
from upcross.plays.play import PlayKind

_MECHANISM_ORDER: Mapping[Mechanism | None, int] = {m: index for index, m in enumerate((*Mechanism, None))}

ALTERNATIVES = frozenset({Mechanism.SEATS, Mechanism.TIER, Mechanism.USAGE})
"""Ways to grow into the same product that answer the same need: a customer takes one of them, not all."""


Ask = tuple[str, str, str, str]
"""The key of one ask: account, unit, product, and the way or ways in which it grows."""


class Status(StrEnum):
    """What a verdict or candidate comes to: an ask to make, or one that a gate holds."""

    FIRED = "fired"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Identity:
    """What one ask is about: an account, its unit, the offered product, how it grows, and which time we ask.

    ``business_unit`` '' is the whole account. ``episode`` counts asks for the same thing, from 1; findings come
    with 1 and the memory numbers them. Adoption work has no mechanism; ``task`` is then the play that names it.
    """

    account_id: str
    business_unit: str
    product_id: str
    mechanism: Mechanism | None
    episode: int = 1
    task: str = ""

    @property
    def motion(self) -> Motion | None:
        """The motion, which the mechanism decides; None for adoption work, which sells nothing."""
        return self.mechanism.motion if self.mechanism else None

    @property
    def first(self) -> Identity:
        """The same thing in its first episode: the key for what outlives an episode, such as a cooldown."""
        return self if self.episode == 1 else replace(self, episode=1)

    @property
    def ask(self) -> Ask:
        """The key of what is asked: the ways to grow into one product (seats, tier, usage) share it."""
        if self.mechanism is None:
            kind = f"task {self.task}"
        else:
            kind = "alternatives" if self.mechanism in ALTERNATIVES else self.mechanism.value
        return (self.account_id, self.business_unit, self.product_id, kind)

    @property
    def order(self) -> tuple[str, str, str, int, str, int]:
        """The sort key: account, unit, product, then mechanisms in their declared order, tasks last."""
        position = _MECHANISM_ORDER[self.mechanism]
        return (self.account_id, self.business_unit, self.product_id, position, self.task, self.episode)

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values, motion included."""
        return {
            "account_id": self.account_id,
            "business_unit": self.business_unit,
            "product_id": self.product_id,
            "motion": self.motion.value if self.motion else None,
            "mechanism": self.mechanism.value if self.mechanism else None,
            "task": self.task or None,
            "episode": self.episode,
        }


@dataclass(frozen=True, slots=True)
class Potential:
    """Expected monthly revenue of an ask: ten-thousandths of the reporting currency; None is unknown, not zero."""

    floor: int | None = None
    expected: int | None = None
    ceiling: int | None = None

    @property
    def size(self) -> tuple[int, ...]:
        """The sort key: larger is more; by expected, then ceiling, then floor; unknown is the least."""
        return tuple(-1 if part is None else part for part in (self.expected, self.ceiling, self.floor))

    def to_dict(self) -> dict[str, object]:
        """The three amounts in currency units as exact decimal text; None where unknown."""
        return {"floor": amount(self.floor), "expected": amount(self.expected), "ceiling": amount(self.ceiling)}


@dataclass(frozen=True, slots=True)
class Timing:
    """Whether an ask is a deal of its own or folds into the renewal as one conversation.

    ``renewal_on`` None: no renewal date (a rolling line). ``with_renewal_within`` is in days; None: always own.
    """

    with_renewal_within: int | None = None
    renewal_on: date | None = None

    def renewal(self, as_of: date) -> date | None:
        """The renewal that the ask folds into, or None where it is a deal of its own."""
        if self.with_renewal_within is None or self.renewal_on is None:
            return None
        last = as_of + timedelta(days=self.with_renewal_within)
        return self.renewal_on if as_of <= self.renewal_on <= last else None


@dataclass(frozen=True, slots=True)
class Reason:
    """One play that fired or is held on one row: why to ask, how, by whom, and what stands against it.

    ``care`` is what would hold an ask of ours, where a customer asked to buy and gets an answer; ``asked_on`` is the
    day on which they last asked.
    ``surface`` and ``close`` are roles in the order of preference; empty: the motion's default.
    ``respond_within`` and ``cooldown`` are in days. ``next_step`` and ``guide`` hold ``{signal}`` placeholders,
    filled from ``evidence``. ``limit_on`` is the day on which the customer hits the wall, where one is foreseen.
    ``metric`` is set where the row is a meter.
    """

    play_id: str
    title: str
    version: str = ""
    evidence: tuple[Evidence, ...] = ()
    holds: tuple[HoldReason, ...] = ()
    attested: tuple[Attested, ...] = ()
    potential: Potential = Potential()
    touch: str = ""
    timing: Timing = Timing()
    surface: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    respond_within: int | None = None
    cooldown: int = 0
    next_step: str = ""
    guide: tuple[str, ...] = ()
    limit_on: date | None = None
    metric: str = ""
    kind: PlayKind = PlayKind.ASK
    asked_on: date | None = None
    care: tuple[HoldReason, ...] = ()
    whole_account: bool = False
    """Whether it rests on what was heard of the whole account and not of this unit: its units share one ask then."""
    overridden: tuple[HoldReason, ...] = ()
    """What would hold it, had not a named person decided to ask anyway."""

    @property
    def status(self) -> Status:
        """Held where any gate holds it, else fired."""
        return Status.HELD if self.holds else Status.FIRED

    @property
    def gates(self) -> frozenset[str]:
        """The gates that hold it; all of them must clear before it fires."""
        return frozenset(hold.gate for hold in self.holds)

    def in_spite_of(self, override: Override) -> Reason:
        """The same reason, fired, where an override covers everything that holds it."""
        if not all(override.covers(hold) for hold in self.holds):
            return self
        return replace(self, holds=(), overridden=(*self.overridden, *self.holds))

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            "play": self.play_id,
            "play_kind": self.kind.value,
            "title": self.title,
            "version": self.version,
            "metric": self.metric,
            "status": self.status.value,
            "evidence": [evidence.to_dict() for evidence in self.evidence],
            "holds": [hold.to_dict() for hold in self.holds],
            "care": [hold.to_dict() for hold in self.care],
            "overridden": [hold.to_dict() for hold in self.overridden],
            "attested": [attested.to_dict() for attested in self.attested],
            "potential": self.potential.to_dict(),
            "touch": self.touch,
            "respond_within_days": self.respond_within,
            "cooldown_days": self.cooldown,
            "limit_on": plain(self.limit_on),
            "whole_account": self.whole_account,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One play's verdict on one row: what it is about, and the reason that it gives."""

    identity: Identity
    reason: Reason
    account_name: str = ""
    product_name: str = ""
    excludes: frozenset[str] = frozenset()
    """The products of which a customer can have only one: this one or that."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that could be asked, with all its reasons; held only where no reason fires.

    ``alternatives`` are the other members of the same ask: other ways to grow into the product, other units for which
    the same words speak, products that the customer can have only instead. ``alternative_of`` is the one that speaks
    for the ask, None on that one itself. ``excludes`` as in ``Finding``.
    """

    identity: Identity
    account_name: str
    product_name: str
    reasons: tuple[Reason, ...]
    alternative_of: Identity | None = None
    alternatives: tuple[Identity, ...] = ()
    arm: str = ""
    """The arm of a running experiment that the ask falls into: asked as ever, or held out; '' where none runs."""
    excludes: frozenset[str] = frozenset()
    override: Override | None = None
    """A person's decision, valid today, to ask in spite of some gates."""

    @property
    def ask(self) -> Ask:
        """The key of the ask that it belongs to: all its alternatives share it, so that it counts once."""
        return (self.alternative_of or self.identity).ask

    @property
    def whole_account(self) -> bool:
        """Whether what decides was heard of the whole account, so that the units share one ask."""
        return bool(self.identity.business_unit) and all(reason.whole_account for reason in self.deciding)

    @property
    def motion(self) -> Motion | None:
        """The motion, which the mechanism decides; None for adoption work."""
        return self.identity.motion

    @property
    def kind(self) -> PlayKind:
        """An answer where any reason is one: who asked to buy is answered, whatever else speaks for it."""
        kinds = {reason.kind for reason in self.reasons}
        return next(kind for kind in (PlayKind.ANSWER, PlayKind.ADOPTION, PlayKind.ASK) if kind in kinds)

    @property
    def care(self) -> tuple[HoldReason, ...]:
        """Why an answer needs care, each gate once; empty for anything else."""
        return _each_gate_once(hold for reason in self.reasons for hold in reason.care)

    @property
    def status(self) -> Status:
        """Fired where any reason fires, else held."""
        return Status.FIRED if any(r.status is Status.FIRED for r in self.reasons) else Status.HELD

    @property
    def deciding(self) -> tuple[Reason, ...]:
        """The reasons that make the status: those that fire, or all where none does."""
        return tuple(reason for reason in self.reasons if reason.status is self.status)

    @property
    def lead(self) -> Reason:
        """The deciding reason that chooses touch and owner: an answer, else the largest potential, ties by play."""
        return max(self.deciding, key=lambda reason: (reason.kind is PlayKind.ANSWER, reason.potential.size))

    @property
    def potential(self) -> Potential:
        """The largest potential of the deciding reasons; what a gate holds does not swell what fires."""
        return max((reason.potential for reason in self.deciding), key=lambda potential: potential.size)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The evidence of all reasons, each once."""
        return tuple(dict.fromkeys(evidence for reason in self.reasons for evidence in reason.evidence))

    @property
    def holds(self) -> tuple[HoldReason, ...]:
        """The hold reasons of a held candidate, each gate once; empty where it fires."""
        if self.status is Status.FIRED:
            return ()
        return _each_gate_once(hold for reason in self.reasons for hold in reason.holds)

    @property
    def asked_anyway(self) -> tuple[str, ...]:
        """The gates in spite of which it is asked, on a named person's decision; empty where none had to yield."""
        if self.status is Status.HELD:
            return ()
        return tuple(hold.gate for hold in _each_gate_once(hold for r in self.deciding for hold in r.overridden))

    @property
    def fingerprint(self) -> str:
        """A short text that stays the same until what speaks for it changes; what gates say is no part of it."""
        return fingerprint((reason.play_id, reason.metric, reason.evidence) for reason in self.reasons)

    @property
    def attested(self) -> tuple[Attested, ...]:
        """The attestations that the deciding reasons rest on, each once."""
        return tuple(dict.fromkeys(attested for reason in self.deciding for attested in reason.attested))

    @property
    def respond_within(self) -> int | None:
        """The shortest response time of the deciding reasons, in days."""
        return min((r.respond_within for r in self.deciding if r.respond_within is not None), default=None)

    @property
    def limit_on(self) -> date | None:
        """The first day on which the customer hits a limit, as far as foreseen."""
        return min((r.limit_on for r in self.deciding if r.limit_on is not None), default=None)

    @property
    def cooldown(self) -> int:
        """The longest cooldown of the deciding reasons, in days."""
        return max(reason.cooldown for reason in self.deciding)

    def renewal(self, as_of: date) -> date | None:
        """The first renewal that a deciding reason folds into, or None where the ask is a deal of its own."""
        days = (reason.timing.renewal(as_of) for reason in self.deciding)
        return min((day for day in days if day is not None), default=None)

    def held_alone_by(self, gate: str) -> bool:
        """Whether clearing this one gate would let it fire: some reason is held by nothing else."""
        return any(reason.gates == {gate} for reason in self.reasons)

    def held_back(self, hold: HoldReason) -> Candidate:
        """The same candidate with one more hold on every reason, as far as its override does not cover that."""
        held = replace(self, reasons=tuple(replace(r, holds=(*r.holds, hold)) for r in self.reasons))
        return held.in_spite_of(self.override) if self.override else held

    def in_spite_of(self, override: Override) -> Candidate:
        """The same candidate under a person's decision to ask anyway, which counts only where nothing fires."""
        if self.status is Status.FIRED:
            return replace(self, override=override)
        return replace(self, override=override, reasons=tuple(r.in_spite_of(override) for r in self.reasons))

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            **self.identity.to_dict(),
            "account": self.account_name,
            "product": self.product_name,
            "play_kind": self.kind.value,
            "status": self.status.value,
            "arm": self.arm or None,
            "asked_anyway": list(self.asked_anyway),
            "fingerprint": self.fingerprint,
            "potential": self.potential.to_dict(),
            "reasons": [reason.to_dict() for reason in self.reasons],
            "alternative_of": self.alternative_of.to_dict() if self.alternative_of else None,
            "alternatives": [identity.to_dict() for identity in self.alternatives],
        }


def _each_gate_once(holds: Iterable[HoldReason]) -> tuple[HoldReason, ...]:
    by_gate: dict[str, HoldReason] = {}
    for hold in holds:
        by_gate.setdefault(hold.gate, hold)
    return tuple(by_gate.values())
