"""Health, gates and what happened, on one axis of time: as a drawing, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from upcross.app.accounts.opened import Opened, head_facts
from upcross.app.shell.words import day as shown_day
from upcross.sheets import Sheet
from upcross.signals.model import Unit

WIDTH, LEFT, TOP = 1120, 150, 26
HEALTH_HEIGHT, ROW = 110, 24
_AHEAD = 120
"""Days after today that the axis shows at least."""
_FARTHEST = 400
_KINDS = {
    "escalation": "Escalations", "dispute": "Disputes", "outage": "Outages", "price_rise": "Price rises",
    "notice": "Notice", "renewal": "Renewals", "organisation": "Their organisation", "live": "Roll-outs",
}  # fmt: skip
"""Kinds of events in the order of their lanes, and what the lane is called."""
_SHAPES = {"price_rise": "up", "renewal": "diamond", "notice": "cross"}
_STOOD = {"1": "passes", "0": "holds", "?": "unknown"}


def story_facts(found: Opened) -> dict[str, Any]:
    """What the page of health and events is told."""
    card = found.card
    told: dict[str, Any] = {"head": head_facts(found, "story"), "told": [], "drawn": None, "gates_now": []}
    if not card:
        return told
    events = _events(found)
    changes = list(gate_changes(card))
    told["told"] = _table(events, changes)
    told["drawn"] = _drawn(card, found.today, events, changes)
    told["gates_now"] = [
        {**gate, "now": _STOOD.get(gate["stood"][-1:], "unknown")} for gate in card["gates"]
    ]  # fmt: skip
    told["gate_days"] = card["gate_days"]
    return told


def story_sheets(found: Opened) -> Mapping[str, Callable[[], Sheet]]:
    """The tables behind the page."""
    card = found.card
    columns = {"account_id": Unit.TEXT, "account": Unit.TEXT, "day": Unit.DATE, "until": Unit.DATE, "kind": Unit.TEXT,
               "what": Unit.TEXT, "quote": Unit.TEXT}  # fmt: skip

    def health() -> Sheet:
        return Sheet({"account_id": Unit.TEXT, "day": Unit.DATE, "score": Unit.COUNT}, tuple(
            (found.account_id, date.fromisoformat(one["day"]), one["score"]) for one in card.get("health_series", [])
        ))  # fmt: skip

    def events() -> Sheet:
        rows = _table(_events(found), list(gate_changes(card))) if card else []
        return Sheet(columns, tuple(
            (found.account_id, found.name, date.fromisoformat(row["day"]),
             date.fromisoformat(row["until"]) if row["until"] else None, row["kind"], row["text"],
             row["quote"]) for row in rows
        ))  # fmt: skip

    return {"events": events, "health": health}


def _events(found: Opened) -> list[dict[str, Any]]:
    """What happened; in the customer's own words for those alone who may read them."""
    words = found.viewer.sees_contacts
    return [{**event, "quote": event.get("quote", "") if words else ""} for event in found.card["events"]]


def gate_changes(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each time that a gate was found otherwise than on the day looked at before."""
    days = card["gate_days"]
    for gate in card["gates"]:
        stood = gate["stood"]
        for place in range(1, len(days)):
            before, after = stood[place - 1], stood[place]
            if before != after and " " not in (before, after):
                yield {"gate": gate["gate"], "title": gate["title"], "before": _STOOD[before], "after": _STOOD[after],
                       "since": days[place - 1], "day": days[place]}  # fmt: skip


def _table(events: list[dict[str, Any]], changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events and changes of gates in one order, newest first."""
    rows = [
        {"id": f"event-{place}", "day": event["day"], "until": event["until"], "kind": event["kind"],
         "words": _KINDS[event["kind"]], "text": event["text"], "quote": event["quote"],
         "open": event["open"], "tone": ""}
        for place, event in enumerate(events)
    ]  # fmt: skip
    rows += [
        {"id": f"gate-{place}", "day": change["day"], "until": None, "kind": "gate", "words": "Gate",
         "text": f"{change['gate'].replace('-', ' ').capitalize()}: {_turn(change)}", "quote": "", "open": False,
         "tone": change["after"],
         "between": [change["since"], change["day"]]}
        for place, change in enumerate(changes)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["day"], row["kind"], row["text"]), reverse=True)


def _turn(change: Mapping[str, str]) -> str:
    said = {"passes": "opened", "holds": "closed", "unknown": "not known any more"}[change["after"]]
    return f"{said} between {shown_day(change['since'])} and {shown_day(change['day'])}"


def _drawn(card: Mapping[str, Any], today: date, events: list[dict[str, Any]], changes: list[dict[str, Any]]
           ) -> dict[str, Any]:  # fmt: skip
    """Everything that is drawn, with its place."""
    first = date.fromisoformat(card["story_from"])
    ahead = [date.fromisoformat(event["day"]) for event in events if event["day"] > today.isoformat()]
    near = [day for day in ahead if (day - today).days <= _FARTHEST]
    last = max([today + timedelta(days=_AHEAD), *(day + timedelta(days=14) for day in near)])
    scale = (WIDTH - LEFT - 16) / (last - first).days

    def x(day: date | str) -> float:
        at = date.fromisoformat(day) if isinstance(day, str) else day
        return round(LEFT + max(0, (at - first).days) * scale, 1)

    at = TOP
    health, at = _health(card["health_series"], x, at)
    lanes = []
    for kind, words in _KINDS.items():
        mine = [(place, event) for place, event in enumerate(events) if event["kind"] == kind]
        shown = [(place, event) for place, event in mine if date.fromisoformat(event["day"]) <= last]
        if shown:
            marks = [_mark(event, f"event-{place}", x, at, today) for place, event in shown]
            lanes.append({"words": words, "y": at, "middle": at + ROW // 2, "kind": kind, "marks": marks})
            at += ROW
    gates_from = at + 10
    at = gates_from + 18
    gates, days = [], card["gate_days"]
    for gate in card["gates"]:
        if set(gate["stood"]) - {"1", " "}:
            spans = _spans(gate["stood"], days, x, at)
            marks = [
                {"x": _between(x, change["since"], change["day"]), "after": change["after"],
                 "href": f"#gate-{place}", "text": _turn(change)}
                for place, change in enumerate(changes) if change["gate"] == gate["gate"]
            ]  # fmt: skip
            gates.append({"gate": gate["gate"], "words": gate["gate"].replace("-", " ").capitalize(), "y": at,
                          "middle": at + ROW // 2, "spans": spans, "marks": marks})  # fmt: skip
            at += ROW
    quiet = [gate["gate"].replace("-", " ") for gate in card["gates"] if not set(gate["stood"]) - {"1", " "}]
    return {
        "width": WIDTH, "height": at + 12, "left": LEFT, "bottom": at, "health": health, "lanes": lanes,
        "gates": gates, "gates_from": gates_from, "quiet": quiet, "today": x(today),
        "months": list(_months(first, last, x)), "words": _in_words(card, changes),
    }  # fmt: skip


def _health(series: list[dict[str, Any]], x: Callable[[date | str], float], top: int
            ) -> tuple[dict[str, Any] | None, int]:  # fmt: skip
    known = [one for one in series if one["score"] is not None]
    if not known:
        return None, top

    def y(score: int) -> float:
        return round(top + HEALTH_HEIGHT - score * HEALTH_HEIGHT / 100, 1)

    points = [{"x": x(one["day"]), "y": y(one["score"]), "score": one["score"], "day": one["day"]} for one in known]
    return {
        "y": top, "bottom": top + HEALTH_HEIGHT, "points": points,
        "line": " ".join(f"{one['x']},{one['y']}" for one in points),
        "rules": [{"y": y(score), "score": score} for score in (0, 50, 100)],
        "last": known[-1]["score"],
    }, top + HEALTH_HEIGHT + 14  # fmt: skip


def _mark(event: Mapping[str, Any], key: str, x: Callable[[date | str], float], y: int, today: date) -> dict[str, Any]:
    start = x(event["day"])
    end = x(today) if event["open"] else x(event["until"]) if event["until"] else start
    said = f" “{event['quote']}”" if event["quote"] else ""
    text = f"{shown_day(event['day'])}: {event['text']}{said}{', still open' if event['open'] else ''}"
    middle = y + ROW // 2
    shape = _SHAPES.get(event["kind"], "span" if event["kind"] in ("escalation", "dispute", "outage") else "dot")
    return {
        "x": start, "y": middle, "width": max(6.0, round(end - start, 1)), "shape": shape, "kind": event["kind"],
        "href": f"#{key}", "text": text, "path": _path(shape, start, middle),
        "ahead": event["day"] > today.isoformat(),
    }  # fmt: skip


def _path(shape: str, x: float, y: int) -> str:
    match shape:
        case "diamond":
            return f"M{x} {y - 7}L{x + 7} {y}L{x} {y + 7}L{x - 7} {y}Z"
        case "up":
            return f"M{x} {y - 7}L{x + 7} {y + 6}L{x - 7} {y + 6}Z"
        case "cross":
            return f"M{x - 6} {y - 6}L{x + 6} {y + 6}M{x + 6} {y - 6}L{x - 6} {y + 6}"
    return ""


def _spans(stood: str, days: list[str], x: Callable[[date | str], float], y: int) -> list[dict[str, Any]]:
    """How a gate stood, equal stretches joined; where it changed between two days, it is drawn half-way."""
    spans: list[dict[str, Any]] = []
    for place, letter in enumerate(stood):
        if letter == " ":
            continue
        start = _between(x, days[place - 1], days[place]) if place else x(days[place])
        end = _between(x, days[place], days[place + 1]) if place + 1 < len(days) else x(days[place])
        if spans and spans[-1]["now"] == _STOOD[letter] and spans[-1]["end"] == start:
            spans[-1]["end"] = end
        else:
            spans.append({"x": start, "end": end, "now": _STOOD[letter]})
    return [{**span, "y": y + 5, "width": round(span["end"] - span["x"], 1), "height": ROW - 10} for span in spans]


def _between(x: Callable[[date | str], float], one: str, other: str) -> float:
    return round((x(one) + x(other)) / 2, 1)


def _months(first: date, last: date, x: Callable[[date | str], float]) -> Iterator[dict[str, Any]]:
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        yield {"x": x(day), "words": f"{day:%b %Y}" if day.month == 1 else f"{day:%b}"}
        day = (day + timedelta(days=32)).replace(day=1)


def _in_words(card: Mapping[str, Any], changes: list[dict[str, Any]]) -> str:
    closed = [gate["gate"].replace("-", " ") for gate in card["gates"] if gate["stood"].endswith("0")]
    events = len(card["events"])
    return (
        f"{events} event{'' if events == 1 else 's'} and {len(changes)} change{'' if len(changes) == 1 else 's'} of"
        f" gates; closed today: {', '.join(closed) or 'none'}. The table below tells the same."
    )
