"""Comparisons whose names, units and parameters are settled: what the engine evaluates and ``explain`` shows.

Equal comparisons are equal values (place and wording aside), so that those shared between plays and gates are
computed once. Truth is SQL's own three-valued logic: a comparison with an unknown signal is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlglot import exp

from upcross import money
from upcross.errors import Place, Report, Severity, issue_code, suggest
from upcross.plays.condition import Choice, Comparison, Condition, Join, Kind, Literal, Op, ParamRef, digits
from upcross.signals.model import Scope, Signal, Unit, visible

SIGNAL_UNKNOWN = issue_code(
    "signal-unknown", Severity.ERROR, "A play, gate or test names a signal that does not exist."
)
SIGNAL_OUT_OF_SCOPE = issue_code(
    "signal-out-of-scope", Severity.ERROR, "A play or gate names a signal that rows of its scope do not have."
)
PARAM_UNKNOWN = issue_code("param-unknown", Severity.ERROR, "A condition names a parameter that is not declared.")
UNIT_MISMATCH = issue_code(
    "unit-mismatch", Severity.ERROR, "A signal is compared with, or set to, a value of another unit."
)

MOST_PLAIN_RATIO = 10
NUMERIC = (Unit.RATIO, Unit.COUNT, Unit.AMOUNT, Unit.DAYS, Unit.MONEY)
_ORDERED = (*NUMERIC, Unit.DATE, Unit.LEVEL)
_WRITTEN = {
    Unit.RATIO: "a percentage such as 90%",
    Unit.COUNT: "a whole number such as 3",
    Unit.AMOUNT: "a number such as 2500",
    Unit.DAYS: "days such as 30d",
    Unit.MONEY: "an amount in currency units such as 1000",
    Unit.DATE: "another date signal",
    Unit.FLAG: "true or false",
    Unit.TEXT: "a word or 'quoted text'",
}


@dataclass(frozen=True, slots=True)
class SignalRef:
    """Another signal as the operand of a comparison."""

    name: str


Scalar = Decimal | int | bool | str
"""One settled value: ratio and amount are decimals, money is integer ten-thousandths."""
Threshold = Scalar | SignalRef | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class ResolvedComparison:
    """A comparison with its signal's unit and its threshold as a typed value."""

    signal: str
    unit: Unit
    op: Op
    threshold: Threshold
    text: str = field(compare=False)
    """What a person reads: the line as written, with parameters replaced by their values."""
    param: str = field(default="", compare=False)
    """The parameter that gave the threshold; empty: a literal."""
    place: Place | None = field(default=None, compare=False)

    @property
    def reads(self) -> tuple[str, ...]:
        """The signals that the comparison needs."""
        other = (self.threshold.name,) if isinstance(self.threshold, SignalRef) else ()
        return (self.signal, *other)


@dataclass(frozen=True, slots=True)
class ResolvedBranch:
    """Resolved conditions of which all, or any, must be true."""

    join: Join
    children: tuple[Resolved, ...]


Resolved = ResolvedComparison | ResolvedBranch


def leaves(resolved: Resolved) -> Iterator[ResolvedComparison]:
    """Every comparison of a resolved condition, in the order written."""
    if isinstance(resolved, ResolvedComparison):
        yield resolved
    else:
        for child in resolved.children:
            yield from leaves(child)


@dataclass(frozen=True, slots=True)
class Names:
    """What the words of one play or gate may mean: signals (of ``scope`` where given) and parameters."""

    signals: Mapping[str, Signal]
    params: Mapping[str, Literal]
    scope: Scope | None = None
    unreadable: frozenset[str] = frozenset()
    """Parameters that are declared with a value that cannot be read: said where they stand, and not again."""
    set_at: Mapping[str, Place] = field(default_factory=dict)
    """Where parameters were set whose values come from elsewhere than the condition's own file."""

    def signal(self, name: str, place: Place | None, report: Report) -> Signal | None:
        """The signal of that name, or None after reporting why there is none."""
        signal = self.signals.get(name)
        if signal is None:
            hint = suggest(name, self.signals) or "`upcross signals` lists them all"
            report.add(SIGNAL_UNKNOWN.at(place, f"unknown signal '{name}'", hint=hint))
        elif self.scope is not None and signal.scope not in (self.scope, *self.scope.inherits):
            report.add(
                SIGNAL_OUT_OF_SCOPE.at(place, f"'{name}' is a signal of scope {signal.scope}, not of {self.scope}",
                                       hint=suggest(name, visible(self.signals, self.scope)))
            )  # fmt: skip
            return None
        return signal

    def blamed(self, comparison: Comparison) -> Place | None:
        """Where a value that does not fit is mended: at its parameter if that was set elsewhere, else at the line."""
        operand = comparison.operand
        items = operand.items if isinstance(operand, Choice) else (operand,)
        names = [item.name for item in items if isinstance(item, ParamRef)]
        return next((self.set_at[name] for name in names if name in self.set_at), comparison.place)


def resolve(condition: Condition, names: Names, report: Report) -> Resolved | None:
    """The condition with every name, unit and parameter settled; None where a fault was reported."""
    if isinstance(condition, Comparison):
        return _resolve_comparison(condition, names, report)
    children = [resolve(child, names, report) for child in condition.children]
    settled = tuple(child for child in children if child is not None)
    return ResolvedBranch(condition.join, settled) if len(settled) == len(children) else None


def _resolve_comparison(comparison: Comparison, names: Names, report: Report) -> ResolvedComparison | None:
    place = comparison.place
    signal = names.signal(comparison.signal, place, report)
    operand = comparison.operand
    items = operand.items if isinstance(operand, Choice) else (operand,)
    literals = [_literal(item, names, place, report) for item in items]
    if signal is None or any(literal is None for literal in literals):
        return None
    if not _operator_fits(comparison, signal, report):
        return None
    values = [_threshold(literal, signal, names, comparison, report) for literal in literals if literal is not None]
    settled = tuple(value for value in values if value is not None)
    if len(settled) != len(values):
        return None
    op = comparison.op
    threshold: Threshold = settled[0]
    if isinstance(operand, Choice):
        scalars = tuple(value for value in settled if not isinstance(value, SignalRef | tuple))
        if len(scalars) != len(settled):
            report.add(UNIT_MISMATCH.at(names.blamed(comparison), f"'{comparison}': values in brackets, not signals",
                                        hint="use '='"))  # fmt: skip
            return None
        threshold = scalars
    elif op.orders and signal.unit is Unit.LEVEL:
        chosen = _levels_that_fit(signal.levels, op, str(threshold))
        if not chosen:
            report.add(UNIT_MISMATCH.at(names.blamed(comparison), f"'{comparison}' can never be true",
                                        expected=f"levels, lowest first: {', '.join(signal.levels)}"))  # fmt: skip
            return None
        op, threshold = Op.IN, chosen
    shown = ", ".join(str(literal) for literal in literals)
    text = f"{comparison.signal} {comparison.op} {f'({shown})' if isinstance(operand, Choice) else shown}"
    param = operand.name if isinstance(operand, ParamRef) else ""
    return ResolvedComparison(signal.name, signal.unit, op, threshold, text, param, place)


def _literal(item: Literal | ParamRef, names: Names, place: Place | None, report: Report) -> Literal | None:
    if isinstance(item, Literal):
        return item
    if item.name not in names.params and item.name not in names.unreadable:
        hint = suggest(item.name, names.params) or f"declare it under params: {item.name}: …"
        report.add(PARAM_UNKNOWN.at(place, f"unknown parameter '${item.name}'", hint=hint))
    return names.params.get(item.name)


def _operator_fits(comparison: Comparison, signal: Signal, report: Report) -> bool:
    if comparison.op.orders and signal.unit not in _ORDERED:
        report.add(
            UNIT_MISMATCH.at(comparison.place, f"'{comparison}': a {signal.unit} has no order", expected="= or !=")
        )
        return False
    return True


def _threshold(
    literal: Literal, signal: Signal, names: Names, comparison: Comparison, report: Report
) -> Scalar | SignalRef | None:
    place = names.blamed(comparison)
    is_value = signal.unit is Unit.LEVEL and literal.value in signal.levels
    other = names.signals.get(str(literal.value)) if literal.kind is Kind.WORD and not is_value else None
    if other is None:
        value = typed(literal, signal)
        if not isinstance(value, Misfit):
            return value
        hint = value.hint
        if literal.kind is Kind.WORD and signal.unit is not Unit.LEVEL:
            hint = suggest(str(literal.value), names.signals) or hint
        report.add(UNIT_MISMATCH.at(place, f"'{comparison}': {value.message}", expected=value.expected, hint=hint))
        return None
    if names.signal(other.name, place, report) is None:
        return None
    if other.unit is not signal.unit:
        report.add(
            UNIT_MISMATCH.at(place, f"'{comparison}' compares a {signal.unit} with a {other.unit}",
                             expected=f"another signal in {signal.unit}")
        )  # fmt: skip
        return None
    if signal.unit is Unit.LEVEL and comparison.op.orders:
        report.add(UNIT_MISMATCH.at(place, f"'{comparison}': two levels compare with = or != only"))
        return None
    return SignalRef(other.name)


def _levels_that_fit(levels: tuple[str, ...], op: Op, level: str) -> tuple[str, ...]:
    at = levels.index(level)
    match op:
        case Op.AT_LEAST:
            return levels[at:]
        case Op.MORE:
            return levels[at + 1 :]
        case Op.AT_MOST:
            return levels[: at + 1]
    return levels[:at]


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a literal is no value of a signal's unit."""

    message: str
    expected: str
    hint: str = ""


def typed(literal: Literal, signal: Signal) -> Scalar | Misfit:
    """A literal as a value of the signal's unit, or why it is none."""
    value, kind, unit = literal.value, literal.kind, signal.unit
    wrong = Misfit(f"{literal} is a {kind}, {signal.name} is in {unit}", _WRITTEN.get(unit, ""))
    match unit:
        case Unit.RATIO if isinstance(value, Decimal) and kind in (Kind.PERCENT, Kind.NUMBER):
            if kind is Kind.NUMBER and abs(value) >= MOST_PLAIN_RATIO:
                return Misfit(f"{literal} as a ratio is {digits(value * 100)}%", _WRITTEN[unit], f"write {literal}%")
            return value
        case Unit.COUNT if isinstance(value, Decimal) and kind is Kind.NUMBER:
            return (
                int(value) if value == value.to_integral_value() else Misfit(f"{literal} is not whole", _WRITTEN[unit])
            )
        case Unit.AMOUNT if isinstance(value, Decimal) and kind is Kind.NUMBER:
            return value
        case Unit.DAYS if isinstance(value, Decimal) and kind is Kind.DAYS:
            return int(value)
        case Unit.DAYS if kind is Kind.NUMBER:
            return Misfit(wrong.message, wrong.expected, f"write {literal}d")
        case Unit.MONEY if isinstance(value, Decimal) and kind is Kind.NUMBER:
            return money.quantise(value)
        case Unit.FLAG if isinstance(value, bool):
            return value
        case Unit.LEVEL if kind in (Kind.WORD, Kind.TEXT):
            if value in signal.levels:
                return str(value)
            return Misfit(f"{signal.name} has no level '{value}'", f"one of: {', '.join(signal.levels)}",
                          suggest(str(value), signal.levels))  # fmt: skip
        case Unit.TEXT if kind in (Kind.WORD, Kind.TEXT):
            return str(value)
    return wrong


_NODES: dict[Op, type[exp.Binary]] = {
    Op.AT_LEAST: exp.GTE, Op.AT_MOST: exp.LTE, Op.MORE: exp.GT, Op.LESS: exp.LT,
    Op.EQUAL: exp.EQ, Op.DIFFERENT: exp.NEQ,
}  # fmt: skip


def comparison_sql(comparison: ResolvedComparison) -> exp.Expr:
    """The comparison over columns that bear the signals' names: true, false, or null for unknown."""
    column = exp.column(comparison.signal)
    threshold = comparison.threshold
    if isinstance(threshold, tuple):
        return exp.In(this=column, expressions=[scalar_sql(value, comparison.unit) for value in threshold])
    if isinstance(threshold, SignalRef):
        return _NODES[comparison.op](this=column, expression=exp.column(threshold.name))
    return _NODES[comparison.op](this=column, expression=scalar_sql(threshold, comparison.unit))


def scalar_sql(value: Scalar, unit: Unit) -> exp.Expr:
    """A settled value as a literal that every engine reads as the same value.

    A ratio is text cast to a double: each engine then takes the double nearest to the decimal, which is also what
    the correctly rounded division a/b gives where a/b is that decimal; so 45 of 50 seats are exactly 90%.
    """
    match value:
        case bool():
            return exp.Boolean(this=value)
        case str():
            return exp.Literal.string(value)
        case Decimal() if unit is Unit.RATIO:
            return exp.cast(exp.Literal.string(digits(value)), exp.DType.DOUBLE)
    return exp.Literal.number(digits(Decimal(value)))


def tree_sql(resolved: Resolved, column: Callable[[ResolvedComparison], exp.Expr]) -> exp.Expr:
    """The tree of a condition over one expression a comparison; AND and OR are Kleene's."""
    if isinstance(resolved, ResolvedComparison):
        return column(resolved)
    parts = [tree_sql(child, column) for child in resolved.children]
    return (exp.and_ if resolved.join is Join.ALL else exp.or_)(*parts, copy=False)


def distance(comparison: ResolvedComparison, value: object, other: object = None) -> Decimal | None:
    """How far a value lies from the threshold, in the signal's unit: value − threshold.

    ``other`` is the value of the operand's signal where the operand is one. None where either side is unknown or
    the unit has no distance. Money is in ten-thousandths, as the value is.
    """
    threshold = other if isinstance(comparison.threshold, SignalRef) else comparison.threshold
    if comparison.unit not in NUMERIC or value is None or threshold is None or isinstance(threshold, tuple):
        return None
    return Decimal(str(value)) - Decimal(str(threshold))
