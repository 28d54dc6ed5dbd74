"""What was asked before, as a value: empty in a bare plan, the ledger's own later, folded day by day in replay.

Memory gates are stages of one signature: candidates in, kept and held out, each hold with its name and reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from upcross.opportunities.candidate import Candidate, Identity
from upcross.opportunities.change_plan import Change, ChangeKind, ChangePlan
from upcross.opportunities.evidence import HoldReason, Truth
from upcross.plays.play import PlayKind


class Stage(StrEnum):
    """How far an open ask has come; only what is merely surfaced expires by itself."""

    SURFACED = "surfaced"
    QUALIFIED = "qualified"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """An ask that is open: its stage, its one owner in which role ('' where a person chose), since when.

    ``cooldown`` is the days for which the same thing is not asked again once it ends.
    """

    stage: Stage
    owner: str
    opened_on: date
    owner_role: str = ""
    due_on: date | None = None
    cooldown: int = 0


@dataclass(frozen=True, slots=True)
class HeldAsk:
    """An ask that gates hold back: which, and since when it is held."""

    gates: tuple[str, ...]
    since: date


@dataclass(frozen=True, slots=True)
class Memory:
    """Open and held asks by identity; for ended ones, by identity in its first episode, what is left of them.

    ``cooldowns`` gives the first day on which the same thing may be asked again; ``ended`` the last episode that
    ended. A live ask is always in the episode after that one. A plan never alters a memory: ``after`` makes a new one.
    """

    open: Mapping[Identity, OpenAsk] = field(default_factory=dict)
    held: Mapping[Identity, HeldAsk] = field(default_factory=dict)
    cooldowns: Mapping[Identity, date] = field(default_factory=dict)
    ended: Mapping[Identity, int] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> Memory:
        """The memory of a company that never asked for anything."""
        return cls()

    def current(self, identity: Identity) -> Identity:
        """The same thing in the episode that is live, or would be next."""
        return replace(identity, episode=self.ended.get(identity.first, 0) + 1)

    def without(self, identities: Iterable[Identity]) -> Memory:
        """The memory as if these asks were not open."""
        gone = set(identities)
        return replace(self, open={key: ask for key, ask in self.open.items() if key not in gone})

    def after(self, plan: ChangePlan) -> Memory:
        """The memory once a plan is applied; applying it twice leaves what applying it once does."""
        open_, held = dict(self.open), dict(self.held)
        cooldowns, ended = dict(self.cooldowns), dict(self.ended)
        for change in plan.changes:
            key = change.identity
            match change.kind:
                case ChangeKind.CREATE | ChangeKind.RELEASE:
                    held.pop(key, None)
                    open_.setdefault(key, _opened(change, plan.as_of))
                case ChangeKind.REASSIGN if key in open_:
                    open_[key] = replace(open_[key], owner=change.owner.person_id, owner_role=change.owner.role)
                case ChangeKind.HOLD:
                    open_.pop(key, None)
                    since = held[key].since if key in held else plan.as_of
                    held[key] = HeldAsk(tuple(clearing.hold.gate for clearing in change.clearings), since)
                case ChangeKind.EXPIRE:
                    held.pop(key, None)
                    ask = open_.pop(key, None)
                    if ask:
                        ended[key.first] = key.episode
                        cooldowns[key.first] = plan.as_of + timedelta(days=ask.cooldown)
        return Memory(open_, held, cooldowns, ended)


def _opened(change: Change, as_of: date) -> OpenAsk:
    cooldown = change.candidate.cooldown if change.candidate else 0
    return OpenAsk(Stage.SURFACED, change.owner.person_id, as_of, change.owner.role, change.due_on, cooldown)


@dataclass(frozen=True, slots=True)
class Sifted:
    """What a stage lets through, and what it holds out, each with the stage's hold on all its reasons."""

    kept: tuple[Candidate, ...]
    held_out: tuple[Candidate, ...]


MemoryGate = Callable[[tuple[Candidate, ...], Memory, date], Sifted]


def open_ask(candidates: tuple[Candidate, ...], memory: Memory, as_of: date) -> Sifted:
    """Hold out another way of an ask that is already open: one question at a time for one product."""
    open_by_ask: defaultdict[tuple[str, str, str, str], list[Identity]] = defaultdict(list)
    for identity in memory.open:
        open_by_ask[identity.ask].append(identity)

    def judge(candidate: Candidate) -> HoldReason | None:
        others = sorted(open_by_ask.get(candidate.identity.ask, ()), key=lambda identity: identity.order)
        if not others or candidate.identity in others:
            return None
        other = memory.open[others[0]]
        return HoldReason(
            "open-ask",
            Truth.FALSE,
            f"{others[0].mechanism or others[0].task} for the same product is already open "
            f"since {other.opened_on} ({other.stage.value})",
            title="No open ask for the same thing",
            action="Bring both into the open conversation, or close it first",
        )

    return _sift(candidates, judge)


def cooldown(candidates: tuple[Candidate, ...], memory: Memory, as_of: date) -> Sifted:
    """Hold out what was asked and ended not long ago."""

    def judge(candidate: Candidate) -> HoldReason | None:
        until = memory.cooldowns.get(candidate.identity.first)
        if until is None or until <= as_of or candidate.identity in memory.open:
            return None
        return HoldReason(
            "cooldown",
            Truth.FALSE,
            f"the last ask for this has ended; not again before {until}",
            title="Not asked again within the cooldown",
            action="Wait, or let the customer raise it",
            look_again=(until - as_of).days,
        )

    return _sift(candidates, judge)


STAGES: Sequence[MemoryGate] = (open_ask, cooldown)
"""The memory gates in their order."""


def sift(
    candidates: tuple[Candidate, ...], memory: Memory, as_of: date, stages: Sequence[MemoryGate] = STAGES
) -> Sifted:
    """All candidates through all memory gates; every stage sees every candidate, so that all holds are listed.

    ``kept`` are those that no memory gate holds (a data gate may), ``held_out`` those that one or more hold.
    """
    everything, held_out = candidates, set[Identity]()
    for stage in stages:
        sifted = stage(everything, memory, as_of)
        held_out |= {candidate.identity for candidate in sifted.held_out}
        everything = tuple(sorted((*sifted.kept, *sifted.held_out), key=lambda candidate: candidate.identity.order))
    return Sifted(
        tuple(candidate for candidate in everything if candidate.identity not in held_out),
        tuple(candidate for candidate in everything if candidate.identity in held_out),
    )


def _sift(candidates: tuple[Candidate, ...], judge: Callable[[Candidate], HoldReason | None]) -> Sifted:
    """Each candidate judged, answers apart: who asks to buy is answered, whatever was asked before."""
    judged = [(c, None if c.kind is PlayKind.ANSWER else judge(c)) for c in candidates]
    return Sifted(
        tuple(candidate for candidate, hold in judged if hold is None),
        tuple(candidate.held_back(hold) for candidate, hold in judged if hold is not None),
    )
