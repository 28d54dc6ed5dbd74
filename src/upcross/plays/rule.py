"""What a lint rule is, and questions that rules ask of a condition.

A rule's class name is its name, its docstring is what the author reads, and the page of rules in the docs is made
from these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import ClassVar

from upcross.errors import IssueCode, Place, Severity, issue_code
from upcross.plays.comparison import NUMERIC, Resolved, ResolvedComparison, SignalRef
from upcross.plays.condition import Join, Op
from upcross.plays.gate import Gate
from upcross.plays.play import Play
from upcross.plays.testfile import PlayTest
from upcross.signals.model import Signal, Unit

_UP, _DOWN = (Op.AT_LEAST, Op.MORE), (Op.AT_MOST, Op.LESS)


@dataclass(frozen=True, slots=True)
class Subject:
    """The play that is looked at, and what is known around it."""

    play: Play
    test: PlayTest | None
    signals: Mapping[str, Signal]
    gates: Mapping[str, Gate]
    csm_may_close: bool = False
    """Whether the company lets a CSM close."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What breaks a rule, and where."""

    detail: str
    place: Place | None = None


class Rule:
    """One thing that a play must keep."""

    severity: ClassVar[Severity] = Severity.ERROR
    ignorable: ClassVar[bool] = True
    about_tests: ClassVar[bool] = False
    """True where the rule needs the test file, which a run does not read."""
    code: ClassVar[IssueCode]

    def __init_subclass__(cls) -> None:
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        cls.code = issue_code(name, cls.severity, cls.message())
        RULES[name] = cls

    @classmethod
    def message(cls) -> str:
        """What the author of a play reads."""
        return " ".join((cls.__doc__ or "").split())

    def check(self, subject: Subject) -> Iterator[Finding]:
        """What in the play breaks the rule."""
        raise NotImplementedError


RULES: dict[str, type[Rule]] = {}
"""All rules by name, in the order in which the docs list them."""


def always_needs(resolved: Resolved, needed: Callable[[ResolvedComparison], bool]) -> bool:
    """True where a condition cannot be true without a comparison of that kind being true."""
    if isinstance(resolved, ResolvedComparison):
        return needed(resolved)
    met = [always_needs(child, needed) for child in resolved.children]
    return any(met) if resolved.join is Join.ALL else all(met)


def number_of(comparison: ResolvedComparison) -> Decimal | None:
    """The number that a comparison names, in currency units for money; None where it names none."""
    threshold = comparison.threshold
    if comparison.unit not in NUMERIC or isinstance(threshold, SignalRef | tuple | bool | str):
        return None
    return Decimal(threshold) / (10_000 if comparison.unit is Unit.MONEY else 1)


def ways(resolved: Resolved) -> list[tuple[ResolvedComparison, ...]]:
    """Every way in which a condition can be true: the comparisons that are true together."""
    if isinstance(resolved, ResolvedComparison):
        return [(resolved,)]
    found = [ways(child) for child in resolved.children]
    if resolved.join is Join.ANY:
        return [way for child in found for way in child]
    return [tuple(c for way in chosen for c in way) for chosen in product(*found)]


def may_hold(end: Resolved, way: tuple[ResolvedComparison, ...]) -> bool:
    """True where an end holds on a way to fire, as far as the way's own comparisons tell."""
    if isinstance(end, ResolvedComparison):
        related = [c for c in way if _same_thing(c.signal, end.signal) and _same_direction(c, end)]
        return not related or any(not is_stricter(end, c) for c in related)
    held = [may_hold(child, way) for child in end.children]
    return all(held) if end.join is Join.ALL else any(held)


def _same_thing(one: str, other: str) -> bool:
    """True for one signal, or one and its lowest or highest value of a window."""
    shorter, longer = sorted((one, other), key=len)
    return re.fullmatch(rf"{shorter}(_(min|max))?(_\d+d)?", longer) is not None


def _same_direction(one: ResolvedComparison, other: ResolvedComparison) -> bool:
    return any(one.op in ops and other.op in ops for ops in (_UP, _DOWN))


def is_stricter(one: ResolvedComparison, other: ResolvedComparison) -> bool:
    """True where the first asks for more than the second, in the same direction."""
    first, second = _bound(one), _bound(other)
    if first is None or second is None or not _same_direction(one, other):
        return False
    return first > second if one.op in _UP else first < second


def _bound(comparison: ResolvedComparison) -> tuple[Decimal, int] | None:
    """The first value that a comparison lets pass, as a number and a step beyond it; more is more."""
    number = number_of(comparison)
    if number is None:
        return None
    step = {Op.MORE: 1, Op.LESS: -1}.get(comparison.op, 0)
    # Between whole numbers nothing lies: more than 0 is at least 1.
    return (number + step, 0) if comparison.unit in (Unit.COUNT, Unit.DAYS) else (number, step)
