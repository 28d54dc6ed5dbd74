"""The geometry of two charts, ready to be drawn: a bridge from start to end, and retention month after month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from upcross.app.shell.words import money, plural, short_money

_WIDTH, _HEIGHT = 1120, 278
_TOP, _FLOOR = 46, 236
"""Where bars may begin and end: above them the names of the sides, below the words of the causes."""
_SIDES = {"new": "New", "deeper": "Deeper", "wider": "Wider", "price": "Price", "other": "Other", "lost": "Lost"}


def waterfall(
    start: Decimal, end: Decimal, steps: Sequence[Mapping[str, Any]], currency: str, to: Callable[[str], str]
) -> dict[str, Any]:
    """A bridge: a bar for the start, one for each cause where the one before ended, and one for the end.

    ``steps`` are causes with side, words and amount. The axis does not begin at nothing, or no cause could be seen; the
    bars of start and end say so by their torn foot.
    """
    levels = [start]
    for step in steps:
        levels.append(levels[-1] + Decimal(step["amount"]))
    low, high = min(levels), max(levels)
    margin = max((high - low) / 6, high / 100, Decimal(1))
    low, high = max(Decimal(0), low - margin), high + margin / 3
    pitch = Decimal(_WIDTH) / (len(steps) + 2)
    wide = min(pitch * 7 / 10, Decimal(64))

    def y(level: Decimal) -> Decimal:
        return _FLOOR - (level - low) / (high - low) * (_FLOOR - _TOP)

    def bar(place: int, below: Decimal, above: Decimal, **more: Any) -> dict[str, Any]:
        x, top = pitch * place + (pitch - wide) / 2, y(above)
        height = max(y(below) - top, Decimal("1.5"))
        return {"x": _px(x), "y": _px(top), "width": _px(wide), "height": _px(height), "middle": _px(x + wide / 2),
                "label_y": _px(top - 6), "hit_x": _px(pitch * place), "hit_width": _px(pitch), **more}  # fmt: skip

    bars = [bar(0, low, start, side="total", href=to("start"), label=short_money(start, currency), lines=["Start"],
                told=f"Start: {money(start, currency)}")]  # fmt: skip
    for place, step in enumerate(steps, 1):
        before, after = levels[place - 1], levels[place]
        amount = Decimal(step["amount"])
        sign = "+" if amount > 0 else ""
        bars.append(bar(
            place, min(before, after), max(before, after), side=step["side"], href=to(step["cause"]),
            label=f"{sign}{short_money(amount)}", lines=_lines(step["words"]), amount=step["amount"],
            cause=step["cause"], link_y=_px(y(after)),
            told=f"{step['words']}: {sign}{money(amount, currency)}, {plural(step['accounts'], 'account')}",
        ))  # fmt: skip
    bars.append(bar(len(steps) + 1, low, end, side="total", href=to("end"), label=short_money(end, currency),
                    lines=["End"], told=f"End: {money(end, currency)}"))  # fmt: skip
    return {
        "width": _WIDTH, "height": _HEIGHT, "floor": _FLOOR, "bars": bars, "spans": _spans(steps, pitch),
        "axis_from": short_money(low, currency) if low else None,
    }  # fmt: skip


def _spans(steps: Sequence[Mapping[str, Any]], pitch: Decimal) -> list[dict[str, Any]]:
    """The sides that causes belong to, as spans above their bars."""
    found: list[dict[str, Any]] = []
    for place, step in enumerate(steps, 1):
        if found and found[-1]["side"] == step["side"]:
            found[-1]["until"] = place + 1
        else:
            found.append({"side": step["side"], "from": place, "until": place + 1})
    return [
        {"side": one["side"], "words": _SIDES[one["side"]], "x1": _px(pitch * one["from"] + 5),
         "x2": _px(pitch * one["until"] - 5), "middle": _px(pitch * (one["from"] + one["until"]) / 2)}
        for one in found
    ]  # fmt: skip


def _lines(words: str) -> list[str]:
    """Words under a bar, in two lines where they are long."""
    first, _, rest = words.partition(" ")
    return [first, rest] if rest else [first]


_LINES = (("nrr", "NRR"), ("nrr_without_price", "NRR without price"), ("grr", "GRR"))
_T_WIDTH, _T_HEIGHT, _T_LEFT, _T_RIGHT, _T_TOP, _T_FLOOR = 1120, 250, 46, 170, 14, 214


def trend(months: Sequence[Mapping[str, Any]], to: Callable[[str], str]) -> dict[str, Any] | None:
    """Retention over twelve months, read at the end of each month; None where no month has any."""
    values = [month[name]["value"] for month in months for name, _ in _LINES if month[name]["value"] is not None]
    if not values:
        return None
    low, high = min(*values, 0.98), max(*values, 1.02)
    low, high = low - 0.01, max(high + 0.01, 1.21)
    step = (_T_WIDTH - _T_LEFT - _T_RIGHT) / max(1, len(months) - 1)

    def y(value: float) -> float:
        return _T_FLOOR - (value - low) / (high - low) * (_T_FLOOR - _T_TOP)

    series: list[dict[str, Any]] = []
    for name, words in _LINES:
        points = [
            {"x": _px(_T_LEFT + step * place), "y": _px(y(month[name]["value"])),
             "href": to(f"retention.{month['to']}"), "value": month[name]["value"],
             "mark": f"retention.{month['to']}", "rate": name,
             "told": f"{words}, twelve months to {month_words(month['to'])}: {month[name]['value']:.1%}"}
            for place, month in enumerate(months) if month[name]["value"] is not None
        ]  # fmt: skip
        if points:
            series.append({"name": name, "words": words, "points": points, "label": f"{points[-1]['value']:.1%}",
                           "path": "M" + " L".join(f"{one['x']} {one['y']}" for one in points)})  # fmt: skip
    ends = sorted(series, key=lambda one: float(one["points"][-1]["y"]))
    for above, one in zip([None, *ends], ends, strict=False):
        own = float(one["points"][-1]["y"]) + 4
        one["label_y"] = _px(max(own, float(above["label_y"]) + 15) if above else own)
    return {
        "width": _T_WIDTH, "height": _T_HEIGHT, "left": _T_LEFT, "right": _px(_T_WIDTH - _T_RIGHT), "series": series,
        "label_x": _px(_T_WIDTH - _T_RIGHT + 12),
        "lines": [{"words": f"{line:.0%}", "y": _px(y(line))}
                  for line in (0.8, 0.9, 1.0, 1.1, 1.2) if low <= line <= high],
        "months": [{"x": _px(_T_LEFT + step * place), "words": month_words(month["to"], short=True)}
                   for place, month in enumerate(months)],
    }  # fmt: skip


def month_words(text: str, *, short: bool = False) -> str:
    """A month as people write it: Sep 2026, or Sep 26 where there is little room."""
    found = date.fromisoformat(f"{text}-01")
    return f"{found:%b %y}" if short else f"{found:%b %Y}"


def span_words(first: str, last: str) -> str:
    """A window as people write it: Oct 2025 – Sep 2026."""
    return month_words(first) if first == last else f"{month_words(first)} – {month_words(last)}"


def _px(value: Decimal | float) -> str:
    return f"{float(value):.1f}"
