"""A play replayed with many values of one parameter: the curve from which to choose a threshold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from upcross.errors import UsageError, suggest
from upcross.plays.condition import Kind, Literal, read_literal
from upcross.plays.library import read_variants
from upcross.plays.play import Play
from upcross.replaying.played import PlayReplay
from upcross.signals.model import Signal

POINTS = 7
"""Values of a range in which no step is given."""
MOST_POINTS = 60
_RANGE = re.compile(r"(?P<param>\w+)=(?P<first>.+?)\.\.(?P<last>[^:]+)(?::(?P<step>.+))?")
_EXAMPLE = "give one such as fire_at=70%..100% or fire_at=70%..100%:5%"


@dataclass(frozen=True, slots=True)
class Point:
    """The play with one value of the parameter."""

    value: str
    chosen: bool
    """Whether it is the value that the play has."""
    replayed: PlayReplay


@dataclass(frozen=True, slots=True)
class Sweep:
    """A parameter's values in their order, each replayed."""

    param: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Variants:
    """The plays of a sweep before they are replayed: each value, whether it is the chosen one, and the play with it."""

    param: str
    values: tuple[tuple[str, bool], ...]
    plays: tuple[Play, ...]

    def swept(self, replayed: Sequence[PlayReplay]) -> Sweep:
        """The sweep, with each variant's replay in the order of its plays."""
        points = zip(self.values, replayed, strict=True)
        return Sweep(self.param, tuple(Point(value, chosen, done) for (value, chosen), done in points))


def read_sweep(text: str, play: Play, signals: Mapping[str, Signal], folder: Path) -> Variants:
    """The variants of a play of a project that ``param=first..last`` (or ``param=first..last:step``) stands for.

    The play's own value is among them where it lies between. Raises ``UsageError`` for what is no such range, or a
    parameter that the play lacks, ``ProjectError`` for values that do not fit its unit.
    """
    found = _RANGE.fullmatch(text.replace(" ", ""))
    if found is None:
        raise UsageError(f"'{text}' is no range of a parameter: {_EXAMPLE}")
    param = found["param"]
    if param not in play.params:
        near = suggest(param, play.params)
        raise UsageError(f"{play.id} has no parameter '{param}'; it has {', '.join(play.params)}{near and f'. {near}'}")
    kind, first, last, step = _bounds(found, text)
    numbers = {first + step * place for place in range(int((last - first) / step) + 1)}
    if len(numbers) > MOST_POINTS:
        raise UsageError(f"'{text}' is {len(numbers)} values; at most {MOST_POINTS}: take larger steps")
    own = play.params[param]
    if own.kind is kind and isinstance(own.value, Decimal) and first < own.value < last:
        numbers.add(own.value)
    values = [Literal(kind, number) for number in sorted(numbers)]
    variants = read_variants(
        play,
        [{param: str(value)} for value in values],
        signals,
        folder,
    )
    named = [
        variant.model_copy(update={"id": f"{play.id}@{value}"}) for variant, value in zip(variants, values, strict=True)
    ]
    return Variants(param, tuple((str(value), value == own) for value in values), tuple(named))


def _bounds(found: re.Match[str], text: str) -> tuple[Kind, Decimal, Decimal, Decimal]:
    """The kind of a range's values, its first and last value, and its step."""
    given = [read_literal(found[name]) for name in ("first", "last", "step") if found[name]]
    literals = [literal for literal in given if isinstance(literal, Literal)]
    numbers = [literal.value for literal in literals if isinstance(literal.value, Decimal)]
    if len(numbers) < len(given) or len({literal.kind for literal in literals}) > 1:
        raise UsageError(f"'{text}' is no range of numbers of one unit: {_EXAMPLE}")
    first, last, *steps = numbers
    if first >= last or any(step <= 0 for step in steps):
        raise UsageError(f"'{text}': a range goes from a smaller value to a larger one, by steps above 0")
    kind = literals[0].kind
    if steps:
        return kind, first, last, steps[0]
    step = (last - first) / (POINTS - 1)
    if kind is Kind.PERCENT:
        return kind, first, last, max(step.quantize(Decimal("0.01")), Decimal("0.01"))
    return kind, first, last, Decimal(max(int(step), 1)) if last - first >= 1 else step
