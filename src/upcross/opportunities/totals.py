"""The money of many asks: per motion, each ask counted once, unknown amounts counted and never taken for zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from upcross.motions import Motion
from upcross.opportunities.candidate import Ask, Candidate
from upcross.opportunities.evidence import amount
from upcross.plays.play import PlayKind


@dataclass(frozen=True, slots=True)
class Total:
    """Expected MRR of some asks (ten-thousandths of the reporting currency), and how many have no known amount."""

    expected: int = 0
    asks: int = 0
    unknown: int = 0

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values; the amount as exact decimal text in currency units."""
        return {"expected": amount(self.expected), "asks": self.asks, "unknown": self.unknown}


@dataclass(frozen=True, slots=True)
class Parts:
    """The two motions side by side; their sum, expansion, is only ever shown with both parts beside it."""

    upsell: Total = Total()
    cross_sell: Total = Total()

    def of(self, motion: Motion) -> Total:
        """The part of one motion."""
        return self.upsell if motion is Motion.UPSELL else self.cross_sell

    @property
    def expansion(self) -> Total:
        """The sum of both parts."""
        up, cross = self.upsell, self.cross_sell
        return Total(up.expected + cross.expected, up.asks + cross.asks, up.unknown + cross.unknown)

    def to_dict(self) -> dict[str, object]:
        """Both parts, then their sum, as plain values."""
        return {
            "upsell": self.upsell.to_dict(),
            "cross_sell": self.cross_sell.to_dict(),
            "expansion": self.expansion.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class GateTotal:
    """The money that one gate holds, and the part that it holds alone: what clearing just this gate would free."""

    gate: str
    title: str
    held: Parts
    alone: Parts

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            "gate": self.gate,
            "title": self.title,
            "held": self.held.to_dict(),
            "alone": self.alone.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """What a plan asks for, what is held, and which gate holds how much, largest first.

    Sums over gates exceed ``held`` where several gates hold one ask. ``answers`` is what customers asked for of
    themselves: it stands beside the asks and is in no sum of theirs. Adoption work has no money and is in none.
    """

    fired: Parts
    held: Parts
    gates: tuple[GateTotal, ...]
    answers: Parts = Parts()

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            "fired": self.fired.to_dict(),
            "held": self.held.to_dict(),
            "gates": [gate.to_dict() for gate in self.gates],
            "answers": self.answers.to_dict(),
        }


def total(fired: Iterable[Candidate], held: Iterable[Candidate]) -> Totals:
    """The totals of asks made and asks held back; an ask of which any alternative is made is not held.

    What a customer asked for is neither, whatever plays say of the same thing.
    """
    selling = tuple(candidate for candidate in fired if candidate.motion)
    answered = {candidate.ask for candidate in selling if candidate.kind is PlayKind.ANSWER}
    answers = tuple(candidate for candidate in selling if candidate.ask in answered)
    made = tuple(candidate for candidate in selling if candidate.ask not in answered)
    asked = answered | {candidate.ask for candidate in made}
    waiting = tuple(c for c in held if c.motion and c.ask not in asked)
    # A gate's title may differ between a gate and its tightened form; the least is taken so that order is immaterial.
    titles: dict[str, str] = {}
    for candidate in waiting:
        for hold in candidate.holds:
            titles[hold.gate] = min(titles.get(hold.gate, hold.title), hold.title)
    gates = [
        GateTotal(
            gate,
            title or gate,
            held=_parts([c for c in waiting if any(hold.gate == gate for hold in c.holds)]),
            alone=_parts([c for c in waiting if c.held_alone_by(gate)]),
        )
        for gate, title in titles.items()
    ]
    gates.sort(key=lambda g: (-g.held.expansion.expected, -g.held.expansion.asks, g.gate))
    return Totals(_parts(made), _parts(waiting), tuple(gates), _parts(answers))


def _parts(candidates: Iterable[Candidate]) -> Parts:
    asks: defaultdict[Ask, list[int | None]] = defaultdict(list)
    motions: dict[Ask, Motion | None] = {}
    for candidate in candidates:
        asks[candidate.ask].append(candidate.potential.expected)
        motions[candidate.ask] = candidate.motion
    return Parts(*(_total(amounts for ask, amounts in asks.items() if motions[ask] is motion) for motion in Motion))


def _total(asks: Iterable[list[int | None]]) -> Total:
    largest = [max((a for a in amounts if a is not None), default=None) for amounts in asks]
    known = [a for a in largest if a is not None]
    return Total(sum(known), len(largest), len(largest) - len(known))
