"""Why this, why now: what was compared with what and by how much, in the units in which people think."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from upcross.access.personal import HIDDEN
from upcross.money import quantise
from upcross.opportunities.sentences import show
from upcross.signals.model import Unit

_SIDES = {">=": "at least", "<=": "at most", ">": "above", "<": "below", "=": "is", "!=": "is not", "in": "one of"}
_KINDS = frozenset({"level", "flag"})
"""What only says of which kind the row is."""
_NUMBERS = frozenset({"ratio", "count", "amount", "days", "money"})


def reasons(told: Mapping[str, Any], currency: str) -> list[dict[str, Any]]:
    """The plays that speak for it, each with what it compared and the facts that it mentions."""
    return [_reason(one, currency) for one in (told.get("candidate") or {}).get("reasons", ())]


def _reason(told: Mapping[str, Any], currency: str) -> dict[str, Any]:
    everything = [_compared(one, currency) for one in told.get("evidence", ())]
    named = [one for one in everything if one["value"] is not None]
    return {
        "play": told["play"], "title": told.get("title") or told["play"], "version": told.get("version"),
        "href": f"/plays/{quote(told['play'], safe='')}/", "status": told.get("status"),
        "compared": [one for one in named if one["side"] and one["unit"] not in _KINDS],
        "known": [one for one in named if not one["side"] and one["unit"] not in _KINDS],
        "unknown": [one["text"] for one in everything if one["value"] is None],
    }  # fmt: skip


def _compared(told: Mapping[str, Any], currency: str) -> dict[str, Any]:
    unit, value, limit = told["unit"], told.get("value"), told.get("threshold")
    operator = told.get("operator") or ""
    metric = str(told.get("metric") or "").replace("_", " ")
    return {
        "text": f"{told.get('text') or told['signal']}{f', {metric}' if metric else ''}", "unit": unit,
        "value": None if value is None else _shown(value, unit, currency), "side": _SIDES.get(operator, operator),
        "threshold": _limits(limit, unit, currency) if operator else None, "against": told.get("against") or None,
        "distance": _distance(value, operator, limit, unit, currency),
        "share": _share(value, limit, unit),
    }  # fmt: skip


def _limits(limit: Any, unit: str, currency: str) -> str:
    several = limit if isinstance(limit, list) else [limit]
    return ", ".join(_shown(one, unit, currency) for one in several)


def _shown(value: Any, unit: str, currency: str) -> str:
    if value is None or value == HIDDEN:
        return value or "unknown"
    if unit == "date":
        return show(date.fromisoformat(value), Unit.DATE)
    if unit == "money":
        return show(quantise(Decimal(value)), Unit.MONEY, currency)
    if unit == "amount":
        return show(Decimal(str(value)), Unit.AMOUNT)
    return show(value, Unit(unit), currency)


def _distance(value: Any, operator: str, limit: Any, unit: str, currency: str) -> str | None:
    """How far beyond its threshold it is; null where that is no number."""
    number, bound = _number(value, unit), _number(limit, unit)
    if number is None or bound is None or operator not in (">=", ">", "<=", "<"):
        return None
    beyond = number - bound if operator.startswith(">") else bound - number
    if beyond == 0:
        return "exactly there"
    if unit == "ratio":
        return f"by {beyond * 100:.0f} points" if abs(beyond) >= Decimal("0.005") else "by less than a point"
    return f"by {_shown(str(beyond) if unit == 'money' else float(beyond), unit, currency)}"


def _share(value: Any, limit: Any, unit: str) -> dict[str, str] | None:
    """A share of the whole with its threshold, as places on a bar of 100; null where it is no such share."""
    number, bound = _number(value, unit), _number(limit, unit)
    if unit != "ratio" or number is None or bound is None or not (0 <= number <= 2 and 0 <= bound <= 2):
        return None
    most = max(Decimal(1), number, bound)
    return {"value": f"{number / most * 100:.1f}", "threshold": f"{bound / most * 100:.1f}"}


def _number(value: Any, unit: str) -> Decimal | None:
    if unit not in _NUMBERS or isinstance(value, bool | list) or value in (None, HIDDEN):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
