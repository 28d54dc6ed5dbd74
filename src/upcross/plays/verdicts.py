"""All plays of a scope as one SELECT: a few integers a row say what fired, what is held and by which gates.

Four steps, each a common table expression: every distinct comparison once; triggers and gates from them; whole sets
of gates from those; the words. A word is a BIGINT of 62 bits, bit i standing for play i (or gate j) of the scope.
Truth is Kleene's throughout, which is what SQL's AND and OR over nullable booleans are:

    trigger false → quiet · unknown → unknown · true and any gate false or unknown → held · else fired

Gates hold our asks only: an answer fires whatever they say, and their bits are then its reasons for care.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from sqlglot import exp

from upcross.engine.trees import uncollected
from upcross.plays.attestation import Attestation
from upcross.plays.comparison import Resolved, ResolvedBranch, ResolvedComparison, comparison_sql, leaves, tree_sql
from upcross.plays.condition import Join, Op
from upcross.plays.exemption import Exemption
from upcross.plays.gate import BoundGate
from upcross.plays.play import Play, PlayKind
from upcross.signals.frame import DAY
from upcross.signals.model import Scope, Unit

WORD = 62
"""Bits of one word: a BIGINT without its sign bit and one to spare."""
SEGMENT = "account_segment"
"""The column of the wide relation that attestations of a segment look at; it is no signal."""
TARGET_KIND, SOLD_BY = "target_kind", "sold_by"
"""Signals that name a mechanism: what a lacking product is, and how more of an owned one is sold."""
PLAY_WORDS = ("fired", "held", "unknown", "open")
GATE_WORDS = ("gate_false", "gate_unknown", "gate_attested", "gate_exempt")


class VerdictStatus(StrEnum):
    """What a play says about one row."""

    FIRED = "fired"
    HELD = "held"
    UNKNOWN = "unknown"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Bits:
    """Which play and which gate each bit of a scope's words stands for; kept in the run record."""

    scope: Scope
    plays: tuple[str, ...]
    gates: tuple[str, ...]
    """The gate of each gate bit; a gate that plays tightened has several bits."""
    gates_of_play: tuple[tuple[int, ...], ...]
    """The gate bits that bind each play."""

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "scope": self.scope.value,
            "plays": list(self.plays),
            "gates": list(self.gates),
            "gates_of_play": [list(bits) for bits in self.gates_of_play],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Bits:
        """What ``to_dict`` wrote."""
        return cls(
            Scope(data["scope"]), tuple(data["plays"]), tuple(data["gates"]),
            tuple(tuple(bits) for bits in data["gates_of_play"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one play says about one row, and which gates stand in the way or rest on an attestation.

    Gates that are false or unknown hold an ask; for an answer they are reasons for care.
    """

    play_id: str
    status: VerdictStatus
    gates_false: tuple[str, ...] = ()
    gates_unknown: tuple[str, ...] = ()
    gates_attested: tuple[str, ...] = ()
    gates_exempt: tuple[str, ...] = ()
    """Gates that would hold it and do not bind its unit, by a written rule."""


@dataclass(frozen=True, slots=True)
class CompiledVerdicts:
    """The statement over one scope's wide relation, and how to read its words."""

    select: exp.Select
    bits: Bits
    comparisons: tuple[ResolvedComparison, ...]
    """Every distinct comparison; with detail, column ``c<i>`` holds the truth of the i-th."""


def compile_verdicts(
    scope: Scope,
    plays: Iterable[Play],
    attestations: Iterable[Attestation],
    as_of: date | None,
    relation: str | exp.Query,
    *,
    exemptions: Iterable[Exemption] = (),
    detail: bool = False,
) -> CompiledVerdicts:
    """One SELECT that judges every row of a scope: its keys, then the words of plays and of gates.

    Without an as-of day the relation holds rows of many days, named by its column ``as_of``: it is one of the keys,
    and what people attested counts on its own days.

    ``relation`` is a table's name or a query with the scope's keys, ``account_segment`` and all signals that the
    plays read. Plays of other scopes are passed over. One row out for each row in. Words are never null:
    ``fired_k``, ``held_k``, ``unknown_k``; ``open_k`` (``keep_open_while`` is not false: missing data closes
    nothing); ``gate_false_k``, ``gate_unknown_k``, ``gate_attested_k``, ``gate_exempt_k``. With ``detail`` the truth
    of every comparison (``c0``, ``c1`` …) and the signals that it read follow, for ``explain``.
    """
    chosen = [play for play in plays if play.scope is scope]
    with uncollected():
        return _Compiler(scope, chosen, attestations, exemptions, as_of, detail).compile(relation)


def trigger(play: Play) -> ResolvedBranch:
    """What must be true for a play to ask: its ``when``, and that it sells what the row says is sold."""
    own = play.when.children if isinstance(play.when, ResolvedBranch) and play.when.join is Join.ALL else (play.when,)
    decides = deciding_signal(play)
    if not decides:
        return ResolvedBranch(Join.ALL, own)
    kinds = tuple(mechanism.value for mechanism in play.mechanism)
    text = f"{decides} in ({', '.join(kinds)})"
    offered = ResolvedComparison(decides, Unit.LEVEL, Op.IN, kinds, text, "", play.place("mechanism"))
    return ResolvedBranch(Join.ALL, (offered, *own))


def deciding_signal(play: Play) -> str:
    """The signal that says by which mechanism a row is sold to; empty: the play itself says it, or sells nothing."""
    if play.scope is Scope.WHITE_SPACE:
        return TARGET_KIND if play.mechanism else ""
    answers = play.kind is PlayKind.ANSWER and play.scope is Scope.SUBSCRIPTION
    return SOLD_BY if answers and len(play.mechanism) > 1 else ""


class _Compiler:
    def __init__(
        self,
        scope: Scope,
        plays: list[Play],
        attestations: Iterable[Attestation],
        exemptions: Iterable[Exemption],
        as_of: date | None,
        detail: bool,
    ) -> None:
        self.scope, self.plays, self.detail = scope, plays, detail
        self.keys = (DAY, *scope.keys) if as_of is None else scope.keys
        self.comparisons: dict[ResolvedComparison, str] = {}
        self.gates: dict[BoundGate, int] = {}
        self.gate_sets: dict[tuple[int, ...], str] = {}
        self.gates_of_play: list[tuple[int, ...]] = []
        for play in plays:
            bits = tuple(self.gates.setdefault(gate, len(self.gates)) for gate in play.bound)
            self.gates_of_play.append(bits)
            self.gate_sets.setdefault(bits, f"s{len(self.gate_sets)}")
        valid = [attestation for attestation in attestations if as_of is None or attestation.valid_on(as_of)]
        self.attested = {
            index: exp.or_(*(_dated(_speaks_for(a), a, as_of) for a in valid if a.gate == gate.id))
            for gate, index in self.gates.items()
            if gate.gate.attestable and any(a.gate == gate.id for a in valid)
        }
        lasting = [e for e in exemptions if as_of is None or e.valid_on(as_of)] if "business_unit" in scope.keys else []
        self.exempt = {
            index: exp.or_(*(_dated(_exempts(e), e, as_of) for e in lasting if e.gate == gate.id))
            for gate, index in self.gates.items()
            if gate.about_account and gate.gate.attestable and any(e.gate == gate.id for e in lasting)
        }

    def compile(self, relation: str | exp.Query) -> CompiledVerdicts:
        judged = self._judged()  # names the comparisons, which the first step then selects
        source: exp.Expr = exp.to_table(relation) if isinstance(relation, str) else relation.subquery("wide")
        # Every node is made for one place, so that none need be copied into it: of hundreds of plays most of the time
        # would go into copies.
        compared = [_named(comparison_sql(leaf), name) for leaf, name in self.comparisons.items()]
        carried = self._carried()
        if self.attested:
            compared.append(exp.column(SEGMENT))
        kept = [exp.column(name) for name in (*self.keys, *carried)]
        signals = [exp.column(name) for name in (*self.keys, *self._signals())]
        first = exp.select(*signals, *compared, copy=False).from_(source, copy=False)
        second = exp.select(*kept, *judged, copy=False).from_("compared", copy=False)
        third = exp.select("*", *self._passed(), copy=False).from_("judged", copy=False)
        keys = [exp.column(name) for name in self.keys]
        detail = [exp.column(name) for name in carried]
        final = exp.select(*keys, *self._words(), *detail, copy=False).from_("passed", copy=False)
        select = final
        for name, step in (("compared", first), ("judged", second), ("passed", third)):
            select = select.with_(name, step, copy=False)
        return CompiledVerdicts(select, self._bits(), tuple(self.comparisons))

    def _signals(self) -> tuple[str, ...]:
        if not self.detail:
            return ()
        names = dict.fromkeys(name for leaf in self.comparisons for name in leaf.reads)
        return tuple(name for name in names if name not in self.keys)

    def _carried(self) -> tuple[str, ...]:
        return (*self._signals(), *self.comparisons.values()) if self.detail else ()

    def _column(self, leaf: ResolvedComparison) -> exp.Expr:
        return exp.column(self.comparisons.setdefault(leaf, f"c{len(self.comparisons)}"))

    def _judged(self) -> list[exp.Expr]:
        found = []
        for index, play in enumerate(self.plays):
            found.append(_named(tree_sql(trigger(play), self._column), f"p{index}"))
            # Without an own end, a play stays open as long as its trigger is true.
            keep: Resolved = play.keep_open_while if play.keep_open_while is not None else trigger(play)
            found.append(_named(tree_sql(keep, self._column), f"k{index}"))
        for gate, index in self.gates.items():
            found.append(_named(tree_sql(gate.must, self._column), f"g{index}"))
        for index, speaks in self.attested.items():
            found.append(_named(_known(speaks, exp.false()), f"a{index}"))
        for index, exempts in self.exempt.items():
            found.append(_named(_known(exempts, exp.false()), f"e{index}"))
        return found

    def _passed(self) -> Iterator[exp.Expr]:
        for gates, name in self.gate_sets.items():
            # An unknown gate passes only on somebody's word; a false one never does.
            passes = [self._passes(gate) for gate in gates]
            yield _named(exp.and_(*passes, copy=False) if passes else exp.true(), name)

    def _passes(self, gate: int) -> exp.Expr:
        said = exp.column(f"a{gate}") if gate in self.attested else exp.false()
        holds_not = _known(exp.column(f"g{gate}"), said)
        return exp.or_(exp.column(f"e{gate}"), holds_not) if gate in self.exempt else holds_not

    def _words(self) -> Iterator[exp.Expr]:
        plays: dict[str, list[exp.Expr]] = {word: [] for word in PLAY_WORDS}
        for index, gates in enumerate(self.gates_of_play):
            fires, passes = (partial(exp.column, name) for name in (f"p{index}", self.gate_sets[gates]))
            answers = self.plays[index].kind is PlayKind.ANSWER
            plays["fired"].append(fires() if answers else exp.and_(fires(), passes(), copy=False))
            plays["held"].append(
                exp.false() if answers else exp.and_(fires(), exp.not_(passes(), copy=False), copy=False)
            )
            plays["unknown"].append(_is_null(fires()))
            plays["open"].append(_known(exp.column(f"k{index}"), exp.true()))
        gate_words: dict[str, list[exp.Expr]] = {word: [] for word in GATE_WORDS}
        for index in self.gates.values():
            holds, missing = exp.column(f"g{index}"), _is_null(exp.column(f"g{index}"))
            attested = exp.column(f"a{index}") if index in self.attested else None
            binds = [exp.not_(exp.column(f"e{index}"))] if index in self.exempt else []
            unsaid = [exp.not_(attested)] if attested else []
            gate_words["gate_false"].append(exp.and_(exp.not_(holds), *binds))
            gate_words["gate_unknown"].append(exp.and_(missing, *unsaid, *binds))
            gate_words["gate_attested"].append(exp.and_(missing, attested, *binds) if attested else exp.false())
            exempt = exp.and_(exp.column(f"e{index}"), exp.not_(_known(holds, exp.false())))
            gate_words["gate_exempt"].append(exempt if index in self.exempt else exp.false())
        for word, conditions in (plays | gate_words).items():
            yield from _packed(word, conditions)

    def _bits(self) -> Bits:
        return Bits(
            self.scope, tuple(play.id for play in self.plays), tuple(gate.id for gate in self.gates),
            tuple(self.gates_of_play),
        )  # fmt: skip


def _dated(speaks: exp.Expr, said: Attestation | Exemption, as_of: date | None) -> exp.Expr:
    """What is said of rows of many days, on the days for which it is said."""
    if as_of is not None:
        return speaks
    first, last = (exp.cast(exp.Literal.string(day.isoformat()), exp.DType.DATE) for day in (said.start, said.until))
    return exp.and_(speaks, exp.Between(this=exp.column(DAY), low=first, high=last))


def _speaks_for(attestation: Attestation) -> exp.Expr:
    match attestation.scope.kind:
        case "account":
            return exp.EQ(this=exp.column("account_id"), expression=exp.Literal.string(attestation.scope.name))
        case "segment":
            return exp.EQ(this=exp.column(SEGMENT), expression=exp.Literal.string(attestation.scope.name))
    return exp.true()


def _exempts(exemption: Exemption) -> exp.Expr:
    return exp.and_(
        exp.EQ(this=exp.column("account_id"), expression=exp.Literal.string(exemption.account)),
        exp.EQ(this=exp.column("business_unit"), expression=exp.Literal.string(exemption.business_unit)),
    )


def _known(value: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=value, expressions=[otherwise])


def _is_null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value, expression=exp.Null())


def _packed(word: str, conditions: list[exp.Expr]) -> Iterator[exp.Expr]:
    """Conditions as bits of words ``<word>_0``, ``<word>_1`` …; a null condition is an unset bit."""
    for number, start in enumerate(range(0, max(len(conditions), 1), WORD)):
        total: exp.Expr = _big(0)
        for bit, condition in enumerate(conditions[start : start + WORD]):
            if isinstance(condition, exp.Boolean) and not condition.this:
                continue  # a bit that can never be set
            case = exp.Case(ifs=[exp.If(this=condition, true=_big(1 << bit))], default=exp.Literal.number(0))
            total = exp.Add(this=total, expression=case)
        yield _named(total, f"{word}_{number}")


def _named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, copy=False)


def _big(number: int) -> exp.Expr:
    # Built rather than parsed and never copied: a statement of hundreds of plays has thousands of these.
    return exp.Cast(this=exp.Literal.number(number), to=exp.DataType(this=exp.DataType.Type.BIGINT, nested=False))


def set_bits(row: Mapping[str, Any], word: str, count: int) -> Iterator[int]:
    """The numbers of the set bits of a row's words, lowest first."""
    for number, start in enumerate(range(0, count, WORD)):
        value = int(row[f"{word}_{number}"])
        while value:
            low = value & -value
            yield start + low.bit_length() - 1
            value ^= low


def decode(bits: Bits, row: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """The verdicts of one row that are not quiet, in the order of the plays."""
    statuses = {
        index: status
        for status in (VerdictStatus.FIRED, VerdictStatus.HELD, VerdictStatus.UNKNOWN)
        for index in set_bits(row, status.value, len(bits.plays))
    }
    if not statuses:
        return ()
    sets = [frozenset(set_bits(row, word, len(bits.gates))) for word in GATE_WORDS]

    def named(play: int, among: frozenset[int]) -> tuple[str, ...]:
        return tuple(bits.gates[gate] for gate in bits.gates_of_play[play] if gate in among)

    return tuple(
        Verdict(bits.plays[play], status, *(named(play, among) for among in sets))
        for play, status in sorted(statuses.items())
    )


def kept_open(bits: Bits, row: Mapping[str, Any]) -> frozenset[str]:
    """The plays whose ``keep_open_while`` is not false for a row: what is open stays open."""
    return frozenset(bits.plays[index] for index in set_bits(row, "open", len(bits.plays)))


def compared_signals(plays: Iterable[Play]) -> tuple[str, ...]:
    """The signals that the compiled plays compare, each once: what the wide relation must hold."""
    names: dict[str, None] = {}
    for play in plays:
        trees: list[Resolved] = [trigger(play), *(gate.must for gate in play.bound)]
        if play.keep_open_while is not None:
            trees.append(play.keep_open_while)
        names |= dict.fromkeys(name for tree in trees for leaf in leaves(tree) for name in leaf.reads)
    return tuple(names)
