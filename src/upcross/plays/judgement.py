"""Why a verdict is what it is: every comparison with its value, threshold, truth and distance.

A judgement is read from a row of the same compiled statement as the verdict (with ``detail``): the truth of each
comparison is the engine's, not computed again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlglot import exp

from upcross.money import to_decimal
from upcross.plays.attestation import Attestation
from upcross.plays.comparison import Resolved, ResolvedBranch, ResolvedComparison, SignalRef, Threshold, distance
from upcross.plays.condition import Join
from upcross.plays.exemption import Exemption
from upcross.plays.play import Play, PlayKind
from upcross.plays.verdicts import (
    WORD,
    CompiledVerdicts,
    VerdictStatus,
    compile_verdicts,
    decode,
    kept_open,
    trigger,
)
from upcross.signals.model import Scope, Unit


def plain(value: object) -> Any:
    """A value as JSON has it: decimals become numbers, days become ISO text."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date():
            return value.isoformat()
        case tuple() | list():
            return [plain(item) for item in value]
    return value


def in_units(value: object, unit: Unit) -> Any:
    """A value as JSON has it, money as exact decimal text in currency units."""
    if unit is Unit.MONEY and isinstance(value, int | Decimal) and not isinstance(value, bool):
        text = f"{to_decimal(int(value)):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return plain(value)


@dataclass(frozen=True, slots=True)
class JudgedComparison:
    """One comparison on one row."""

    text: str
    signal: str
    unit: Unit
    op: str
    value: Any
    """The signal's value; None is unknown. Money in ten-thousandths."""
    threshold: Any
    """What it was compared with, as a value of the same unit; None: the other signal is unknown."""
    other: str
    """The signal that gave the threshold; empty: a parameter or literal."""
    truth: bool | None
    distance: Decimal | None
    """value − threshold in the signal's unit; None where there is no distance."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The signals for want of which the comparison is unknown."""
        if self.truth is not None:
            return ()
        return tuple(n for n, v in ((self.signal, self.value), (self.other, self.threshold)) if n and v is None)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "comparison": self.text, "signal": self.signal, "unit": self.unit.value, "operator": self.op,
            "value": in_units(self.value, self.unit), "threshold": in_units(self.threshold, self.unit),
            "threshold_signal": self.other or None, "truth": self.truth, "distance": in_units(self.distance, self.unit),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class JudgedBranch:
    """All or any of several judged conditions."""

    join: Join
    truth: bool | None
    children: tuple[Judged, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {self.join.value: [child.to_dict() for child in self.children], "truth": self.truth}


Judged = JudgedComparison | JudgedBranch


def judged_leaves(judged: Judged) -> tuple[JudgedComparison, ...]:
    """Every comparison of a judged condition, in the order written."""
    if isinstance(judged, JudgedComparison):
        return (judged,)
    return tuple(leaf for child in judged.children for leaf in judged_leaves(child))


def deciding(judged: Judged) -> tuple[JudgedComparison, ...]:
    """The comparisons that made a condition what it is: the failing ones of a failed ``all``, and so on."""
    if isinstance(judged, JudgedComparison):
        return (judged,)
    return tuple(leaf for child in judged.children if child.truth is judged.truth for leaf in deciding(child))


@dataclass(frozen=True, slots=True)
class JudgedGate:
    """One gate on one row, for one play."""

    id: str
    title: str
    truth: bool | None
    """None is unknown, which does not pass unless attested."""
    attested: bool
    condition: Judged
    reason: str
    cleared_by: tuple[str, ...]
    action: str
    look_again: int
    tightened: tuple[str, ...]
    attestable: bool = True
    exempt: bool = False
    """It would hold, and does not bind the unit by a written rule."""
    maybe: str = ""
    """What is read where it is unknown and every signal of this sentence is known."""
    overridable: bool = True

    @property
    def passes(self) -> bool:
        """True where the gate holds nothing back."""
        return self.truth is True or self.attested or self.exempt

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "gate": self.id, "title": self.title, "truth": self.truth, "attested": self.attested,
            "exempt": self.exempt, "passes": self.passes, "condition": self.condition.to_dict(), "reason": self.reason,
            "cleared_by": list(self.cleared_by), "action": self.action, "look_again_days": self.look_again,
            "tightened": list(self.tightened),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgement:
    """One play on one row, with every comparison that made it so."""

    play: str
    title: str
    version: str
    status: VerdictStatus
    keeps_open: bool
    trigger: JudgedBranch
    gates: tuple[JudgedGate, ...]
    overlaid: tuple[str, ...]
    """The settings of the project's overlay that the verdict rests on, in words."""
    kind: PlayKind = PlayKind.ASK

    @property
    def missing(self) -> tuple[str, ...]:
        """The signals for want of which the trigger or a gate is unknown, each once."""
        parts = [self.trigger, *(gate.condition for gate in self.gates if not gate.passes)]
        unknown = [leaf for part in parts if part.truth is None for leaf in deciding(part)]
        return tuple(dict.fromkeys(name for leaf in unknown for name in leaf.missing))

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "play": self.play, "play_kind": self.kind.value, "title": self.title, "version": self.version,
            "status": self.status.value,
            "keeps_open": self.keeps_open, "trigger": self.trigger.to_dict(),
            "gates": [gate.to_dict() for gate in self.gates], "missing": list(self.missing),
            "overlaid": list(self.overlaid),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompiledJudgement:
    """A statement that returns words, comparisons and signal values, and the way to read its rows."""

    compiled: CompiledVerdicts
    plays: tuple[Play, ...]
    triggers: tuple[ResolvedBranch, ...]
    """What must be true for each play."""
    names: Mapping[ResolvedComparison, str]
    """The column that holds the truth of each comparison."""

    @property
    def select(self) -> exp.Select:
        """The statement."""
        return self.compiled.select

    def read(self, row: Mapping[str, Any], statuses: Collection[VerdictStatus] = frozenset(VerdictStatus)
             ) -> tuple[Judgement, ...]:  # fmt: skip
        """What all plays say of one row of the statement's result, quiet ones too; or only those of some statuses."""
        bits, names = self.compiled.bits, self.names
        verdicts = {verdict.play_id: verdict for verdict in decode(bits, row)}
        kept = kept_open(bits, row)
        found = []
        judged: dict[int, Judged] = {}  # a gate that binds many plays is judged once a row
        for play, asks, gate_bits in zip(self.plays, self.triggers, bits.gates_of_play, strict=True):
            verdict = verdicts.get(play.id)
            if (verdict.status if verdict else VerdictStatus.QUIET) not in statuses:
                continue
            condition = _judge(asks, row, names)
            assert isinstance(condition, JudgedBranch)
            gates = []
            for bound, bit in zip(play.bound, gate_bits, strict=True):
                must = judged[bit] if bit in judged else judged.setdefault(bit, _judge(bound.must, row, names))
                attested, exempt = (
                    bool(int(row[f"{word}_{bit // WORD}"]) >> bit % WORD & 1)
                    for word in ("gate_attested", "gate_exempt")
                )
                gates.append(
                    JudgedGate(bound.id, bound.gate.title, must.truth, attested, must, bound.reason,
                               bound.gate.cleared_by, bound.action, bound.gate.look_again, bound.tightened,
                               bound.gate.attestable, exempt, bound.maybe, bound.gate.overridable)
                )  # fmt: skip
            found.append(
                Judgement(play.id, play.title, play.version, verdict.status if verdict else VerdictStatus.QUIET,
                          play.id in kept, condition, tuple(gates), play.overlaid, play.kind)
            )  # fmt: skip
        return tuple(found)


def compile_judgement(
    scope: Scope,
    plays: Iterable[Play],
    attestations: Iterable[Attestation],
    as_of: date,
    relation: str | exp.Query,
    *,
    exemptions: Iterable[Exemption] = (),
) -> CompiledJudgement:
    """The verdict statement with every comparison's truth and value, for the rows of ``relation``.

    Give a relation that holds only the rows to be explained; see ``compile_verdicts`` for its columns.
    """
    chosen = tuple(play for play in plays if play.scope is scope)
    compiled = compile_verdicts(scope, chosen, attestations, as_of, relation, exemptions=exemptions, detail=True)
    names = {comparison: f"c{index}" for index, comparison in enumerate(compiled.comparisons)}
    return CompiledJudgement(compiled, chosen, tuple(trigger(play) for play in chosen), names)


def _judge(resolved: Resolved, row: Mapping[str, Any], names: Mapping[ResolvedComparison, str]) -> Judged:
    if isinstance(resolved, ResolvedComparison):
        value, threshold, other = row[resolved.signal], _threshold(resolved.threshold, row), ""
        if isinstance(resolved.threshold, SignalRef):
            other = resolved.threshold.name
        away = distance(resolved, value, threshold)
        return JudgedComparison(
            resolved.text, resolved.signal, resolved.unit, resolved.op.value, value, threshold, other,
            row[names[resolved]], away,
        )  # fmt: skip
    children = tuple(_judge(child, row, names) for child in resolved.children)
    truths = [child.truth for child in children]
    absorbing = resolved.join is Join.ANY  # one true makes an any true; one false makes an all false
    truth = absorbing if absorbing in truths else (None if None in truths else not absorbing)
    return JudgedBranch(resolved.join, truth, children)


def _threshold(threshold: Threshold, row: Mapping[str, Any]) -> Any:
    return row[threshold.name] if isinstance(threshold, SignalRef) else threshold
