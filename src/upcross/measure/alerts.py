"""A play folded over its history, day by day: when it would have asked, been held back, and stopped asking.

The fold is the one that a company lives through: each day's change plan is made from the memory of the days before,
with data gates, cooldowns, caps and holdout. Nobody works the asks; what ends one is that its trigger cleared, that a
gate closed, or that the customer bought.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import date

from upcross.measure.expansion import Expansions
from upcross.opportunities import (
    Candidate,
    Change,
    ChangeKind,
    Identity,
    Limits,
    Memory,
    People,
    Settings,
    Won,
    plan_changes,
)


@dataclass(frozen=True, slots=True)
class Day:
    """What a play says at the end of one day: its candidates, and the asks that its own end has not closed."""

    on: date
    candidates: tuple[Candidate, ...]
    kept_open: Set[Identity]
    people: People


@dataclass(frozen=True, slots=True)
class Alert:
    """One time that a play asks for one thing: from the day on which it opens to the first on which it is closed.

    ``closed_on`` None: still open on the last day. ``backlog``: it stood when the replay began, and may be older.
    ``expected`` is its potential in ten-thousandths a month; None is unknown.
    """

    identity: Identity
    opened_on: date
    owner: str
    expected: int | None
    backlog: bool = False
    closed_on: date | None = None
    why_closed: str = ""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One time that gates hold a play's ask back, from one day to the first on which they do not."""

    identity: Identity
    since: date
    gates: tuple[str, ...]
    expected: int | None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """All that a play would have asked and held back, in the order of days."""

    alerts: tuple[Alert, ...]
    held: tuple[HeldBack, ...]


def fold(days: Iterable[Day], bought: Expansions, settings: Settings, limits: Limits) -> Folded:
    """The alerts and holds of one play, or of several together, over days in their order."""
    memory, before = Memory.empty(), None
    open_: dict[Identity, Alert] = {}
    waiting: dict[Identity, HeldBack] = {}
    alerts: list[Alert] = []
    held: list[HeldBack] = []
    for day in days:
        if before is not None:
            purchases = _purchases(memory, bought, before.as_of, day.on)
            memory = memory.after(before, purchases)
            for won in purchases:
                if won.identity in open_:
                    alerts.append(replace(open_.pop(won.identity), closed_on=won.on, why_closed="bought"))
        plan = plan_changes(
            day.candidates, memory, day.people, day.on, settings, kept_open=day.kept_open, limits=limits
        )
        for change in plan.changes:
            _record(change, day.on, before is None, open_, waiting, alerts, held)
        # The plan is in the memory before anything is bought of what it asks.
        memory, before = memory.after(plan), plan
    alerts += open_.values()
    held += waiting.values()
    return Folded(
        tuple(sorted(alerts, key=lambda alert: (alert.opened_on, alert.identity.order))),
        tuple(sorted(held, key=lambda hold: (hold.since, hold.identity.order))),
    )


def _purchases(memory: Memory, bought: Expansions, after: date, until: date) -> list[Won]:
    """What customers bought of what is asked, each ask ended by the first purchase that answers it."""
    found = []
    for identity in memory.open:
        for expansion in bought.answering(identity, after, until):
            found.append(Won(identity, expansion.decided_on))
            break
    return found


def _record(
    change: Change, on: date, first: bool, open_: dict[Identity, Alert], waiting: dict[Identity, HeldBack],
    alerts: list[Alert], held: list[HeldBack],
) -> None:  # fmt: skip
    identity, candidate = change.identity, change.candidate
    if not change.kind.asks and identity in open_:
        why = "held" if change.kind is ChangeKind.HOLD else "cleared"
        alerts.append(replace(open_.pop(identity), closed_on=on, why_closed=why))
    if change.kind is not ChangeKind.HOLD and identity in waiting:
        held.append(replace(waiting.pop(identity), until=on))
    if change.kind is ChangeKind.HOLD and candidate is not None:
        gates = tuple(clearing.hold.gate for clearing in change.clearings)
        standing = waiting.get(identity)
        if standing is not None and standing.gates != gates:
            held.append(replace(waiting.pop(identity), until=on))
        waiting.setdefault(identity, HeldBack(identity, on, gates, candidate.potential.expected))
    elif change.kind.asks and identity not in open_:
        expected = candidate.potential.expected if candidate else None
        open_[identity] = Alert(identity, on, change.owner.person_id, expected, backlog=first)
