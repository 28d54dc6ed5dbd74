"""Conditions of plays and gates as lines that a person reads, with every threshold in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from upcross.opportunities.sentences import show
from upcross.plays.comparison import Resolved, ResolvedComparison, SignalRef
from upcross.plays.condition import Join
from upcross.signals.model import Signal, Unit

_OPERATORS = {
    ">=": "at least {}", "<=": "at most {}", ">": "above {}", "<": "below {}", "=": "{}", "!=": "not {}",
    "in": "one of {}",
}  # fmt: skip


def told(condition: Resolved, signals: Mapping[str, Signal], currency: str) -> list[dict[str, Any]]:
    """The lines of a condition from the top down: ``depth`` says how far a line is indented, ``kind`` what it is.

    ``line`` is a comparison in words, with the signal behind it and the parameter that sets its threshold ('' for a
    number written in place); ``all`` and ``any`` head the lines one deeper.
    """
    return list(_lines(condition, signals, currency, 0))


def _lines(condition: Resolved, signals: Mapping[str, Signal], currency: str, depth: int) -> list[dict[str, Any]]:
    if isinstance(condition, ResolvedComparison):
        signal = signals[condition.signal]
        return [{
            "kind": "line", "depth": depth, "words": in_words(condition, signals, currency), "param": condition.param,
            "signal": signal.name, "meaning": signal.meaning,
        }]  # fmt: skip
    found: list[dict[str, Any]] = []
    if depth or condition.join is not Join.ALL:  # all at the top goes without saying
        found.append({"kind": condition.join.value, "depth": depth})
        depth += 1
    for child in condition.children:
        found += _lines(child, signals, currency, depth)
    return found


def in_words(comparison: ResolvedComparison, signals: Mapping[str, Signal], currency: str) -> str:
    """One comparison in words: "seat utilization, lowest of the last 30 days: at least 90%"."""
    signal, threshold = signals[comparison.signal], comparison.threshold
    if signal.unit is Unit.FLAG and comparison.op.value == "=":
        return f"{signal.label}: {'yes' if threshold is True else 'no'}"
    if isinstance(threshold, SignalRef):
        value = signals[threshold.name].label
    elif isinstance(threshold, tuple):
        value = ", ".join(_plain(one, signal.unit, currency) for one in threshold)
    else:
        value = _plain(threshold, signal.unit, currency)
    return f"{signal.label}: {_OPERATORS[comparison.op.value].format(value)}"


def _plain(value: Any, unit: Unit, currency: str) -> str:
    return show(value, unit, currency).replace("_", " ")
