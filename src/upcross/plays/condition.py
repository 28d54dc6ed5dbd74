"""The grammar of plays and gates: one comparison a line, nested under ``all`` and ``any``.

    seat_utilization_min_30d >= $fire_at        a signal, an operator, an operand
    target_kind in (product, module)            one of several values

Operands are numbers (``5``), percentages (``90%``), days (``30d``), ``true``/``false``, words, ``'quoted text'``,
parameters (``$fire_at``) and other signals. The parser is our own and reads nothing else: no arithmetic, no
functions, no SQL. What a name means, and whether units agree, is decided in ``comparison``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from upcross.documents import Document
from upcross.errors import Issue, Place, Report, Severity, issue_code

CONDITION_SYNTAX = issue_code(
    "condition-syntax", Severity.ERROR, "A comparison, or the all/any tree around it, cannot be read."
)

LARGEST = Decimal(10) ** 15


class Op(StrEnum):
    """How a signal is compared with its operand."""

    AT_LEAST = ">="
    AT_MOST = "<="
    MORE = ">"
    LESS = "<"
    EQUAL = "="
    DIFFERENT = "!="
    IN = "in"

    @property
    def orders(self) -> bool:
        """True where the operator needs values that have an order."""
        return self in (Op.AT_LEAST, Op.AT_MOST, Op.MORE, Op.LESS)


class Kind(StrEnum):
    """What an operand was written as."""

    NUMBER = "number"
    PERCENT = "percentage"
    DAYS = "days"
    TRUTH = "true/false"
    WORD = "word"
    TEXT = "quoted text"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written; a percentage is kept as its ratio (``90%`` is 0.9), days as a whole number."""

    kind: Kind
    value: Decimal | bool | str

    def __str__(self) -> str:
        match self.value:
            case bool():
                return "true" if self.value else "false"
            case Decimal():
                if self.kind is Kind.PERCENT:
                    return f"{digits(self.value * 100)}%"
                return digits(self.value) + ("d" if self.kind is Kind.DAYS else "")
        return f"'{self.value}'" if self.kind is Kind.TEXT else str(self.value)


@dataclass(frozen=True, slots=True)
class ParamRef:
    """A named number of the play or gate, written ``$name``."""

    name: str

    def __str__(self) -> str:
        return f"${self.name}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Several values, one of which must be equal: ``(a, b)``."""

    items: tuple[Literal | ParamRef, ...]

    def __str__(self) -> str:
        return f"({', '.join(str(item) for item in self.items)})"


Operand = Literal | ParamRef | Choice


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of a condition, as written; where it stands does not make it a different comparison."""

    signal: str
    op: Op
    operand: Operand
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.signal} {self.op} {self.operand}"


class Join(StrEnum):
    """How the conditions of a branch combine."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Branch:
    """Conditions of which all, or any, must be true."""

    join: Join
    children: tuple[Condition, ...]
    place: Place | None = field(default=None, compare=False)


Condition = Comparison | Branch


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison of a condition, in the order written."""
    if isinstance(condition, Comparison):
        yield condition
    else:
        for child in condition.children:
            yield from comparisons(child)


def digits(number: Decimal) -> str:
    """A number in plain digits: no exponent, no trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_COMPARISON = re.compile(r"(?P<signal>[A-Za-z_]\w*)\s*(?P<op>>=|<=|!=|=|>|<|\bin\b)\s*(?P<operand>.+)", re.ASCII)
_NUMBER = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)(?P<kind>%|d)?", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_TEXT = re.compile(r"""'(?P<single>[^'"\\;\x00-\x1f]+)'|"(?P<double>[^'"\\;\x00-\x1f]+)\"""")
_PARAM = re.compile(r"\$(?P<name>[A-Za-z_]\w*)", re.ASCII)
_GRAMMAR = "<signal> <operator> <operand>, such as 'seats_free <= $few_seats'"


class _Unreadable(ValueError):
    """What is wrong with a piece of text, in words for its author."""


def parse_comparison(text: str, place: Place | None = None) -> Comparison | Issue:
    """One comparison read from text, or the issue that says why it cannot be read."""
    try:
        match = _COMPARISON.fullmatch(text.strip())
        if match is None:
            raise _Unreadable(f"'{text}' is not a comparison")
        op, operand_text = Op(match["op"]), match["operand"].strip()
        if operand_text.startswith("="):
            raise _Unreadable(f"'{text}' has an unknown operator; equality is written with one '='")
        operand: Operand = _choice(operand_text) if op is Op.IN else _operand(operand_text)
        return Comparison(match["signal"], op, operand, place)
    except _Unreadable as fault:
        return CONDITION_SYNTAX.at(place, str(fault), expected=_GRAMMAR, hint="operators: >= <= > < = != in (…)")


def _choice(text: str) -> Choice:
    if not (text.startswith("(") and text.endswith(")")):
        raise _Unreadable(f"after 'in' stand values in brackets, not '{text}'")
    return Choice(tuple(_operand(part.strip()) for part in text[1:-1].split(",")))


def _operand(text: str) -> Literal | ParamRef:
    if match := _PARAM.fullmatch(text):
        return ParamRef(match["name"])
    return _literal(text)


def _literal(text: str) -> Literal:
    if match := _NUMBER.fullmatch(text):
        number = Decimal(match["number"])
        if abs(number) >= LARGEST:
            raise _Unreadable(f"the number {text} is too large")
        match match["kind"]:
            case "%":
                return Literal(Kind.PERCENT, number.scaleb(-2))
            case "d":
                if number != number.to_integral_value():
                    raise _Unreadable(f"days are whole: '{text}'")
                return Literal(Kind.DAYS, number)
        return Literal(Kind.NUMBER, number)
    if text in ("true", "false"):
        return Literal(Kind.TRUTH, text == "true")
    if _WORD.fullmatch(text):
        return Literal(Kind.WORD, text)
    if match := _TEXT.fullmatch(text):
        return Literal(Kind.TEXT, match["single"] or match["double"])
    raise _Unreadable(f"'{text}' is not a number, percentage, number of days, true/false, word, $param or signal")


def read_literal(value: object) -> Literal | str:
    """A parameter's or test's value from YAML as a literal; text that says what is wrong where it is none."""
    try:
        match value:
            case bool():
                return Literal(Kind.TRUTH, value)
            case int() | float():
                number = Decimal(str(value))
                if not number.is_finite() or abs(number) >= LARGEST:
                    raise _Unreadable(f"the number {value} cannot be used")
                return Literal(Kind.NUMBER, number)
            case str():
                return _literal(value.strip())
    except (_Unreadable, InvalidOperation) as fault:
        return str(fault)
    return f"{value!r} is not a plain value"


def parse_condition(document: Document, report: Report, *path: str | int) -> Condition | None:
    """The condition that stands at ``path`` of a document; faults go into ``report``, every one with its place.

    A condition is one comparison, or a mapping with the single key ``all`` or ``any`` and a list of conditions.
    Returns None where any part of it could not be read.
    """
    value = document.data
    for step in path:
        value = value[step]
    place = document.place(*path)
    if isinstance(value, str):
        found = parse_comparison(value, place)
        if isinstance(found, Comparison):
            return found
        report.add(found)
        return None
    if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in list(Join):
        report.add(
            CONDITION_SYNTAX.at(place, "this is not a condition", expected="one comparison, or 'all:' or 'any:' alone",
                                hint="write 'all:' and below it one comparison a line, each after '- '")
        )  # fmt: skip
        return None
    join = Join(next(iter(value)))
    members = value[join.value]
    if not isinstance(members, list) or not members:
        report.add(
            CONDITION_SYNTAX.at(document.place(*path, join.value), f"'{join}' needs a list of comparisons",
                                hint="an empty condition would always be true or never; say what must hold")
        )  # fmt: skip
        return None
    children = [parse_condition(document, report, *path, join.value, index) for index in range(len(members))]
    found_children = tuple(child for child in children if child is not None)
    return Branch(join, found_children, place) if len(found_children) == len(children) else None
