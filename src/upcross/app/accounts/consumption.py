"""What is used against what was bought: in words, and as marks on a bar that say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from upcross.app.shell.words import day as shown_day

WIDTH = 1000
"""How wide a bar is drawn, in units of its drawing."""
_SOON = 90
"""Days within which reaching a limit is soon."""
_NEAR, _LOW = 0.9, 0.4
_TERMS = {
    "hard_stop": "then it stops", "rate": "then by the rate for overage", "true_up": "then by a true-up",
    "rollover": "what is left rolls over", "unlimited": "going beyond costs nothing",
}  # fmt: skip


def bar_facts(bar: Mapping[str, Any]) -> dict[str, Any]:
    """One bar: its numbers, what it says in words, and where its marks are drawn."""
    used, limit = bar["used"], bar["limit"]
    crossing = _crossing(bar)
    return {
        "product": bar["product"], "unit": bar["unit"], "metric": bar["metric"], "kind": bar["kind"],
        "measured_in": bar["measured_in"], "used": used, "limit": limit, "limit_is": _limit_is(bar),
        "assigned": bar["assigned"], "share": bar["share"], "ahead": bar["ahead"],
        "used_words": _used_words(bar), "crossing": crossing, "crossing_on": bar["reached_on"],
        "early_on": bar["early_on"], "late_on": bar["late_on"], "more": _more(bar), "tone": _tone(bar),
        "drawn": _drawn(bar), "potential": bar["potential"],
        "aria": f"{bar['product']}, {bar['metric']}: {_used_words(bar)}. {crossing}",
    }  # fmt: skip


def quantity(value: float | int | None) -> str:
    """A quantity as people read it: thousands apart, large ones shortened; 'unknown' where it is."""
    if value is None:
        return "unknown"
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:.2f}M"
    if abs(value) >= 100_000:
        return f"{value / 1_000:.0f}k"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def _limit_is(bar: Mapping[str, Any]) -> str:
    return {"seats": "bought", "limit": "limit a month", "commitment": "committed"}.get(bar["kind"], "no limit")


def _used_words(bar: Mapping[str, Any]) -> str:
    used, limit = bar["used"], bar["limit"]
    if used is None:
        return f"use not known, {quantity(limit)} {_limit_is(bar)}" if limit is not None else "use not known"
    if limit is None:
        return f"{quantity(used)} used, no limit known"
    share = f" ({bar['share']:.0%})" if bar["share"] is not None else ""
    return f"{quantity(used)} of {quantity(limit)} {_limit_is(bar)}{share}"


def _crossing(bar: Mapping[str, Any]) -> str:
    """When what was bought is reached, with the earliest and the latest day."""
    used, limit = bar["used"], bar["limit"]
    what = {"seats": "All seats in use", "commitment": "Used up"}.get(bar["kind"], "Limit reached")
    if used is None or limit is None:
        return "When it is reached is not known"
    if used > limit:
        return f"{(used - limit) / limit:.0%} over what was bought" if limit else "Nothing was bought"
    if used == limit:
        return f"{what} today"
    if bar["reached_on"]:
        return f"{what} about {shown_day(bar['reached_on'])}{_interval(bar)}"
    if bar["reached_in"] is not None:
        return "Not within three years at this pace"
    if bar["kind"] == "commitment" and bar["ahead"] is not None and bar["limit_ahead"]:
        return f"Lasts to its end: {bar['ahead'] / bar['limit_ahead']:.0%} used by then at this pace"
    return "Use does not grow towards it"


def _interval(bar: Mapping[str, Any]) -> str:
    early, late = bar["early_on"], bar["late_on"]
    if early and late and early != late:
        return f", between {shown_day(early)} and {shown_day(late)}"
    if early and not late and early != bar["reached_on"]:
        return f", {shown_day(early)} at the earliest, no latest day"
    return ""


def _more(bar: Mapping[str, Any]) -> list[str]:
    """What else is to be known about it, each in a few words."""
    said = []
    if bar["assigned"] is not None:
        said.append(f"{quantity(bar['assigned'])} assigned")
    if bar["limit_ahead"] is not None and bar["limit"] is not None and bar["limit_ahead"] > bar["limit"]:
        said.append(f"{quantity(bar['limit_ahead'] - bar['limit'])} more already booked")
    if bar["elapsed"] is not None:
        said.append(f"{bar['elapsed']:.0%} of its span has passed")
    if bar["terms"] in _TERMS:
        said.append(_TERMS[bar["terms"]])
    elif bar["hard_stop"] and bar["kind"] == "limit":
        said.append("then it stops")
    return said


def _tone(bar: Mapping[str, Any]) -> str:
    used, limit = bar["used"], bar["limit"]
    if used is None or limit is None:
        return "unknown"
    if used >= limit:
        return "over"
    if bar["reached_in"] is not None and bar["reached_in"] <= _SOON:
        return "soon"
    share = used / limit
    if bar["kind"] == "commitment":  # early in its span little of it is used, which says nothing
        return "calm"
    return "near" if share >= _NEAR else "low" if share < _LOW else "calm"


def _drawn(bar: Mapping[str, Any]) -> dict[str, Any] | None:
    """The marks of the bar, all in one scale; None where nothing can be drawn."""
    used, limit, ahead, assigned = bar["used"], bar["limit"], bar["ahead"], bar["assigned"]
    known = [value for value in (used, limit, ahead, assigned) if value is not None]
    if not known or max(known) <= 0:
        return None
    # A load far beyond the limit would leave nothing of the limit to be seen: what is ahead is cut there.
    largest = max(value for value in (used, limit, assigned) if value is not None) if (used or limit) else max(known)
    scale = WIDTH / (max(largest, min(ahead or 0, largest * 1.6)) * 1.04)

    def place(value: float | None) -> float | None:
        return None if value is None else round(min(value * scale, WIDTH), 1)

    at, end = place(used) or 0, place(ahead)
    return {
        "used": round(min(at, place(limit) or at), 1),
        "over": round(at - (place(limit) or at), 1) if used and limit is not None and used > limit else 0,
        "ahead": round(end - at, 1) if end is not None and end > at else 0,
        "limit": place(limit),
        "assigned": place(assigned),
        "elapsed": place(bar["elapsed"] * limit) if bar["elapsed"] is not None and limit is not None else None,
        "at": round(at, 1),
    }
