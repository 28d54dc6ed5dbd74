"""What waits behind gates: blockers by the money that they hold, who can clear them, and what became of what cleared.

A gate also has a price: what it holds, and how those fared who were asked in spite of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.stage import Stage
from upcross.ledger.writer import OPPORTUNITY
from upcross.opportunities.evidence import amount

_ENTRIES_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Money:
    """How many asks, alternatives once, and their expected MRR in ten-thousandths; ``unknown``: without an amount."""

    asks: int = 0
    mrr: int = 0
    unknown: int = 0

    @property
    def known(self) -> int | None:
        """The MRR as it is told: null where there are asks and no amount of any is known, which is not zero."""
        return None if self.asks and self.unknown == self.asks else self.mrr

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values; ``mrr`` is null where it is unknown of all of them."""
        return {"asks": self.asks, "mrr": amount(self.known), "unknown": self.unknown}


@dataclass(frozen=True, slots=True)
class Blocker:
    """One gate at one account: what it holds there, who can clear it, by what, and since when it waits."""

    gate: str
    account_id: str
    account: str
    sentence: str
    person: str
    action: str
    since: date | None
    look_again_on: date | None
    held: Money
    alone: Money
    opportunities: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values."""
        return {
            "gate": self.gate, "account_id": self.account_id, "account": self.account, "sentence": self.sentence,
            "person": self.person, "action": self.action, "since": _day(self.since),
            "look_again_on": _day(self.look_again_on), "held": self.held.to_dict(), "alone": self.alone.to_dict(),
            "opportunities": list(self.opportunities),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class GatePrice:
    """One gate over everything: what it holds now, by motion and by itself alone, and what became of asks it concerned.

    ``asked_anyway`` counts asks made in spite of it, by how they stand: open, won, lost, dismissed; ``won_anyway`` is
    the MRR that they won, null where it is unknown of all. ``released`` and ``won_after`` are of asks
    that it once held and let go.
    """

    gate: str
    held: Mapping[str, Money]
    alone: Mapping[str, Money]
    blockers: int
    released: Money
    won_after: Money
    asked_anyway: Mapping[str, int]
    won_anyway: int | None

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values."""
        return {
            "gate": self.gate,
            "held": {motion: money.to_dict() for motion, money in self.held.items()},
            "alone": {motion: money.to_dict() for motion, money in self.alone.items()},
            "blockers": self.blockers,
            "released": self.released.to_dict(),
            "won_after": self.won_after.to_dict(),
            "asked_anyway": dict(self.asked_anyway),
            "won_anyway_mrr": amount(self.won_anyway),
        }


@dataclass(frozen=True, slots=True)
class Month:
    """What was let go in one month, and what was won in it of all that was ever held."""

    month: str
    released: Money
    won: Money

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values."""
        return {"month": self.month, "released": self.released.to_dict(), "won": self.won.to_dict()}


@dataclass(frozen=True, slots=True)
class Unlock:
    """Blockers, the most money first; the gates that they are of; and what was released and won, month by month."""

    blockers: tuple[Blocker, ...] = ()
    gates: tuple[GatePrice, ...] = ()
    months: tuple[Month, ...] = ()
    currency: str = ""
    all_held: Mapping[str, Money] = field(default_factory=dict)
    """What is held at all, by motion, each ask once; the sum over gates is more where two hold the same ask."""

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values; amounts as exact decimal text in currency units."""
        return {
            "currency": self.currency,
            "held": {motion: money.to_dict() for motion, money in self.all_held.items()},
            "blockers": [blocker.to_dict() for blocker in self.blockers],
            "gates": [gate.to_dict() for gate in self.gates],
            "months": [month.to_dict() for month in self.months],
        }


def unlock(rows: Iterable[Opportunity], currency: str = "") -> Unlock:
    """What the gates hold among some opportunities, and what became of what they let go.

    ``rows`` are those that the reader may see, of every stage; nothing else is counted.
    """
    everything = list(rows)
    held = [row for row in everything if row.stage == Stage.HELD]
    by_blocker: defaultdict[tuple[str, str], list[Opportunity]] = defaultdict(list)
    for row in held:
        for gate in row.gates:
            by_blocker[gate, row.account_id].append(row)
    blockers = sorted(
        (_blocker(gate, group) for (gate, _), group in by_blocker.items()),
        key=lambda b: (-b.alone.mrr, -b.held.mrr, -b.held.asks, b.gate, b.account),
    )
    concerned = sorted({gate for row in everything for gate in (*row.gates, *row.released_from, *row.override_gates)})
    released = _releases(everything)
    gates = sorted(
        (_price(gate, everything, held, blockers) for gate in concerned),
        key=lambda g: (-sum(m.mrr for m in g.alone.values()), -sum(m.mrr for m in g.held.values()), g.gate),
    )
    return Unlock(tuple(blockers), tuple(gates), _months(released, everything), currency, _by_motion(held))


def _blocker(gate: str, group: list[Opportunity]) -> Blocker:
    told = [hold for row in group for hold in (row.candidate or {}).get("holds", []) if hold["gate"] == gate]
    first: dict[str, Any] = told[0] if told else {}
    person = first.get("person") or {}
    days = [row.held_since for row in group if row.held_since]
    looks = [row.look_again_on for row in group if row.look_again_on]
    return Blocker(
        gate, group[0].account_id, group[0].account_name or group[0].account_id, str(first.get("sentence") or ""),
        str(person.get("name") or person.get("person_id") or group[0].owner), str(first.get("action") or ""),
        min(days, default=None), min(looks, default=None), money_of(group),
        money_of(row for row in group if row.gates == [gate]), tuple(sorted(str(row.id) for row in group)),
    )  # fmt: skip


def money_of(rows: Iterable[Opportunity]) -> Money:
    """The expected MRR of some opportunities: alternatives of one ask count once, with the largest of them."""
    return money_of_asks((row.alternative_of or str(row.id), row.potential_expected) for row in rows)


def money_of_asks(amounts: Iterable[tuple[str, int | None]]) -> Money:
    """The same of amounts in ten-thousandths, each with the ask that it is of."""
    asks: dict[str, int | None] = {}
    for ask, expected in amounts:
        before = asks.get(ask)
        asks[ask] = expected if before is None else before if expected is None else max(before, expected)
    known = [expected for expected in asks.values() if expected is not None]
    return Money(len(asks), sum(known), len(asks) - len(known))


def _by_motion(rows: Iterable[Opportunity]) -> dict[str, Money]:
    groups: defaultdict[str, list[Opportunity]] = defaultdict(list)
    for row in rows:
        if row.motion:
            groups[row.motion].append(row)
    return {motion: money_of(group) for motion, group in sorted(groups.items(), reverse=True)}


def _price(gate: str, everything: list[Opportunity], held: list[Opportunity], blockers: list[Blocker]) -> GatePrice:
    here = [row for row in held if gate in row.gates]
    let_go = [row for row in everything if gate in row.released_from and not row.asked_anyway]
    anyway = [row for row in everything if row.asked_anyway and gate in row.override_gates]
    stands: defaultdict[str, int] = defaultdict(int)
    for row in anyway:
        ended = row.stage in (Stage.WON, Stage.LOST, Stage.DISMISSED, Stage.EXPIRED)
        stands[row.stage if ended else "held again" if row.stage == Stage.HELD else "open"] += 1
    won_anyway = [row for row in anyway if row.stage == Stage.WON]
    return GatePrice(
        gate, _by_motion(here), _by_motion(row for row in here if row.gates == [gate]),
        sum(1 for blocker in blockers if blocker.gate == gate), money_of(let_go),
        won_of(row.won_mrr for row in let_go if row.stage == Stage.WON), dict(sorted(stands.items())),
        won_of(row.won_mrr for row in won_anyway).known,
    )  # fmt: skip


def won_of(amounts: Iterable[int | None]) -> Money:
    """The MRR of some deals that were won, in ten-thousandths, null where nobody told it."""
    won = list(amounts)
    known = [mrr for mrr in won if mrr is not None]
    return Money(len(won), sum(known), len(won) - len(known))


def _releases(rows: list[Opportunity]) -> dict[str, list[Opportunity]]:
    """What was let go, by month of its last release; an override lets nothing go."""
    by_id = {str(row.id): row for row in rows if row.released_from and not row.asked_anyway}
    found: defaultdict[str, dict[str, Opportunity]] = defaultdict(dict)
    keys = sorted(by_id)
    for start in range(0, len(keys), _ENTRIES_A_TIME):
        entries = Entry.objects.filter(
            subject=OPPORTUNITY, kind="release", subject_id__in=keys[start : start + _ENTRIES_A_TIME]
        )
        last = {key: day for key, day in entries.order_by("seq").values_list("subject_id", "as_of") if day}
        for key, day in last.items():
            found[f"{day:%Y-%m}"][key] = by_id[key]
    return {month: list(group.values()) for month, group in found.items()}


def _months(released: Mapping[str, list[Opportunity]], rows: list[Opportunity]) -> tuple[Month, ...]:
    won: defaultdict[str, list[Opportunity]] = defaultdict(list)
    for row in rows:
        if row.stage == Stage.WON and row.ended_on and row.released_from and not row.asked_anyway:
            won[f"{row.ended_on:%Y-%m}"].append(row)
    return tuple(
        Month(month, money_of(released.get(month, ())), won_of(row.won_mrr for row in won.get(month, ())))
        for month in sorted(released.keys() | won.keys())
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
