"""What was asked before, as a value: empty in a bare plan, the ledger's own later, folded day by day in replay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from upcross.motions import Motion
from upcross.opportunities.candidate import Candidate, Identity
from upcross.opportunities.change_plan import Change, ChangeKind, ChangePlan
from upcross.opportunities.event import Accepted, Ended, Event, HandedOff, OwnerChanged, Qualified, Returned, Snoozed
from upcross.opportunities.evidence import Override
from upcross.opportunities.route import StandIn
from upcross.plays.play import PlayKind

SNOOZED = "snoozed"


ArmKey = tuple[str, Motion | None]
"""An account and a motion: what is in one arm of an experiment."""


def arm_key(identity: Identity) -> ArmKey:
    """What is in the same arm as an ask."""
    return identity.account_id, identity.motion


class Stage(StrEnum):
    """How far an open ask has come; only what is merely surfaced expires by itself."""

    SURFACED = "surfaced"
    QUALIFIED = "qualified"
    HANDED_OFF = "handed_off"
    ACCEPTED = "accepted"

    @property
    def words(self) -> str:
        """The stage as people read it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """An ask that is open: its stage, its one owner in which role ('' where a person chose), since when.

    ``cooldown`` is the days for which the same thing is not asked again once it ends. ``arm`` is the arm of the
    experiment in which it was opened ('' where none ran). ``handed_to`` is who is asked to take it, while it is handed
    off.
    """

    stage: Stage
    owner: str
    opened_on: date
    owner_role: str = ""
    due_on: date | None = None
    cooldown: int = 0
    kind: PlayKind = PlayKind.ASK
    arm: str = ""
    handed_to: str = ""
    plays: frozenset[str] = frozenset()
    """Its reasons: what they say keeps it open while none of them fires; none known: any play's word does."""


@dataclass(frozen=True, slots=True)
class HeldAsk:
    """An ask that gates hold back: which, and since when it is held; ``arm`` and ``plays`` as in ``OpenAsk``."""

    gates: tuple[str, ...]
    since: date
    arm: str = ""
    plays: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Opening:
    """That an ask of ours was opened: on which day and for whom; what caps count, whatever became of it."""

    on: date
    owner: str


REMEMBERED = timedelta(days=92)
"""For how long openings are remembered: longer than any cap looks back."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Open and held asks by identity; for ended ones, by identity in its first episode, what is left of them.

    ``cooldowns`` gives the first day on which the same thing may be asked again; ``ended`` the last episode that
    ended, ``answered`` the day on which an answer last ended; ``snoozed`` until when an ask is put off, and
    ``snoozed_while`` the fingerprint without which it no longer is; ``openings`` the asks of ours opened lately;
    ``overrides`` what is asked in spite of gates; ``arms`` the arm of an account for a motion; ``stand_ins`` who serves
    accounts in whose place; ``by_hand`` what people opened without a play, which every plan looks at anew. A live ask
    is always in the episode after the last that ended. A plan never alters a memory: ``after`` makes a new one.
    """

    open: Mapping[Identity, OpenAsk] = field(default_factory=dict)
    held: Mapping[Identity, HeldAsk] = field(default_factory=dict)
    cooldowns: Mapping[Identity, date] = field(default_factory=dict)
    ended: Mapping[Identity, int] = field(default_factory=dict)
    answered: Mapping[Identity, date] = field(default_factory=dict)
    snoozed: Mapping[Identity, date] = field(default_factory=dict)
    openings: Mapping[Identity, Opening] = field(default_factory=dict)
    snoozed_while: Mapping[Identity, str] = field(default_factory=dict)
    overrides: Mapping[Identity, Override] = field(default_factory=dict)
    arms: Mapping[ArmKey, str] = field(default_factory=dict)
    stand_ins: tuple[StandIn, ...] = ()
    by_hand: frozenset[Identity] = frozenset()

    @classmethod
    def empty(cls) -> Memory:
        """The memory of a company that never asked for anything."""
        return cls()

    @property
    def blank(self) -> bool:
        """True where nothing was ever asked or held: what a plan finds then is a backlog, and alerts nobody."""
        return not (self.open or self.held or self.ended or self.openings)

    def current(self, identity: Identity) -> Identity:
        """The same thing in the episode that is live, or would be next."""
        return replace(identity, episode=self.ended.get(identity.first, 0) + 1)

    def without(self, identities: Iterable[Identity]) -> Memory:
        """The memory as if these asks were not open."""
        gone = set(identities)
        return replace(self, open={key: ask for key, ask in self.open.items() if key not in gone})

    def of(self, accounts: Collection[str]) -> Memory:
        """The memory of a plan about some accounts: what is open or held elsewhere is no matter of it."""
        return replace(
            self,
            open={key: ask for key, ask in self.open.items() if key.account_id in accounts},
            held={key: ask for key, ask in self.held.items() if key.account_id in accounts},
            by_hand=frozenset(key for key in self.by_hand if key.account_id in accounts),
        )

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts of which anything is open or held."""
        return frozenset(identity.account_id for identity in (*self.open, *self.held))

    def known_arms(self) -> dict[ArmKey, str]:
        """The arm of each account for each motion, as far as any was drawn: an account never changes sides."""
        asks = ((key, ask.arm) for live in (self.held, self.open) for key, ask in live.items())
        return {arm_key(key): arm for key, arm in asks if arm} | dict(self.arms)

    def put_off(self, candidate: Candidate, as_of: date) -> date | None:
        """The day until which somebody put a candidate off; None where nobody did, or what speaks for it changed."""
        until = self.snoozed.get(candidate.identity)
        said = self.snoozed_while.get(candidate.identity)
        return None if until is None or until <= as_of or said not in (None, candidate.fingerprint) else until

    def after(self, plan: ChangePlan, events: Iterable[Event] = ()) -> Memory:
        """The memory once a plan is applied, and then what people did; doing so twice leaves what once does."""
        fold = _Fold(self)
        for change in plan.changes:
            fold.apply(change, plan.as_of)
        for event in sorted(events, key=lambda event: event.on):  # of one day in the order given
            fold.happen(event)
        return fold.memory(plan.as_of)


class _Fold:
    """A memory in the making."""

    def __init__(self, before: Memory) -> None:
        self.open, self.held = dict(before.open), dict(before.held)
        self.cooldowns, self.ended = dict(before.cooldowns), dict(before.ended)
        self.answered, self.snoozed = dict(before.answered), dict(before.snoozed)
        self.openings = dict(before.openings)
        self.snoozed_while, self.overrides = dict(before.snoozed_while), dict(before.overrides)
        self.arms, self.stand_ins, self.by_hand = before.known_arms(), before.stand_ins, before.by_hand

    def memory(self, as_of: date) -> Memory:
        lately = {key: opening for key, opening in self.openings.items() if opening.on > as_of - REMEMBERED}
        put_off = {key: until for key, until in self.snoozed.items() if until > as_of}
        said = {key: told for key, told in self.snoozed_while.items() if key in put_off}
        decided = {key: override for key, override in self.overrides.items() if override.until >= as_of}
        return Memory(
            self.open, self.held, self.cooldowns, self.ended, self.answered, put_off, lately, said, decided, self.arms,
            self.stand_ins, frozenset(key for key in self.by_hand if key.episode > self.ended.get(key.first, 0)),
        )  # fmt: skip

    def apply(self, change: Change, as_of: date) -> None:
        """One change of a plan; it does nothing where the ask has ended, or was put off, since."""
        key = change.identity
        if key.episode <= self.ended.get(key.first, 0):
            return
        if change.candidate and change.candidate.arm:
            self.arms.setdefault(arm_key(key), change.candidate.arm)
        match change.kind:
            case ChangeKind.CREATE | ChangeKind.RELEASE if not self._put_off(change, as_of):
                self.held.pop(key, None)
                self.snoozed.pop(key, None)
                if key not in self.open and change.play_kind is PlayKind.ASK:
                    self.openings[key] = Opening(as_of, change.owner.person_id)
                self.open.setdefault(key, _opened(change, as_of))
            case ChangeKind.REFRESH | ChangeKind.REASSIGN if key in self.open:
                self.open[key] = _gone_on(self.open[key], change)
            case ChangeKind.HOLD:
                self.open.pop(key, None)
                since = self.held[key].since if key in self.held else as_of
                gates = tuple(clearing.hold.gate for clearing in change.clearings)
                if not self._put_off(change, as_of):
                    self.snoozed.pop(key, None)
                self.held[key] = HeldAsk(gates, since, change.candidate.arm if change.candidate else "", _plays(change))
            case ChangeKind.EXPIRE:
                self.held.pop(key, None)
                self.snoozed.pop(key, None)
                self._end(key, as_of)

    def happen(self, event: Event) -> None:
        """One event; nothing where the ask is not open."""
        key = event.identity
        ask = self.open.get(key)
        if ask is None:
            return
        match event:
            case Qualified() if ask.stage is Stage.SURFACED:
                self.open[key] = replace(ask, stage=Stage.QUALIFIED)
            case HandedOff() if ask.stage is not Stage.ACCEPTED:
                self.open[key] = replace(ask, stage=Stage.HANDED_OFF, handed_to=event.to)
            case Accepted():
                self.open[key] = _handed(ask, Stage.ACCEPTED, event.owner, event.owner_role)
            case Returned():
                self.open[key] = _handed(ask, Stage.SURFACED, event.owner, event.owner_role)
            case OwnerChanged():
                self.open[key] = _handed(ask, ask.stage, event.owner, event.owner_role)
            case Snoozed():
                del self.open[key]
                self.snoozed[key] = event.until
                self.snoozed_while.pop(key, None)
                if event.fingerprint:
                    self.snoozed_while[key] = event.fingerprint
                self.held[key] = HeldAsk((SNOOZED,), event.on, ask.arm, ask.plays)
            case Ended():
                self._end(key, event.on, event.cooldown)

    def _put_off(self, change: Change, as_of: date) -> bool:
        """Whether somebody put the ask off since the plan was made, or before and it still is."""
        if change.candidate is None or change.identity not in self.snoozed:
            return False
        now = Memory(snoozed=self.snoozed, snoozed_while=self.snoozed_while)
        return now.put_off(change.candidate, as_of) is not None

    def _end(self, key: Identity, on: date, cooldown: int | None = None) -> None:
        ask = self.open.pop(key, None)
        self.overrides.pop(key, None)
        if ask:
            self.ended[key.first] = key.episode
            self.cooldowns[key.first] = on + timedelta(days=ask.cooldown if cooldown is None else cooldown)
            if ask.kind is PlayKind.ANSWER:
                self.answered[key.first] = on


def _opened(change: Change, as_of: date) -> OpenAsk:
    cooldown = change.candidate.cooldown if change.candidate else 0
    arm = change.candidate.arm if change.candidate else ""
    return OpenAsk(Stage.SURFACED, change.owner.person_id, as_of, change.owner.role, change.due_on, cooldown,
                   change.play_kind, arm, plays=_plays(change))  # fmt: skip


def _plays(change: Change) -> frozenset[str]:
    """The reasons of what a change is about; none where nothing fires or is held for it today."""
    return frozenset(reason.play_id for reason in change.candidate.reasons) if change.candidate else frozenset()


def _gone_on(ask: OpenAsk, change: Change) -> OpenAsk:
    """The ask as today's plan has it: its owner where it changed hands, its terms where a play speaks for it."""
    if change.kind is ChangeKind.REASSIGN:
        ask = replace(ask, owner=change.owner.person_id, owner_role=change.owner.role)
    if change.candidate is None:
        return ask
    due_on = change.due_on if ask.stage is Stage.SURFACED else ask.due_on
    return replace(ask, kind=change.play_kind, cooldown=change.candidate.cooldown, due_on=due_on, plays=_plays(change))


def _handed(ask: OpenAsk, stage: Stage, owner: str, role: str) -> OpenAsk:
    """The ask in a stage with its new owner; without one, the owner that it has: no ask is orphaned."""
    if stage is not Stage.HANDED_OFF:
        ask = replace(ask, handed_to="")
    return replace(ask, stage=stage, owner=owner, owner_role=role) if owner else replace(ask, stage=stage)
