"""What the last replay kept of a play found, as its asks tell it: said with its caveats, or that none is kept."""

from __future__ import annotations

from typing import Any

from upcross.access.viewer import Viewer
from upcross.app.plays.curve import replayed
from upcross.app.shell.words import day, percent, plural


def proven(viewer: Viewer, play: str, version: str) -> dict[str, Any]:
    """One play on the history: ``said`` and ``caveats`` where a replay is kept, else the ``command`` that makes one.

    ``hidden`` says why nothing is told to who sees some accounts alone. Nothing is judged: kept files are read.
    """
    found = replayed(viewer, play, version)
    figures = found["figures"]
    told: dict[str, Any] = {"said": None, "caveats": [], "command": None, "hidden": found["hidden"]}
    if found["hidden"]:
        return told
    if figures is None or not figures["of_now"]:
        told["command"] = f"upcross replay --play {play}"
    if figures is None:
        return told
    led, lead, window = figures["alerts_that_led"], figures["lead_days"], figures["window_days"]
    flagged = figures["alerts"]["new"] + figures["alerts"]["backlog"]
    said = f"From {day(figures['from'])} to {day(figures['to'])} it flagged {flagged:,}"
    if led["of"]:
        said += f"; of {led['of']:,} old enough to tell, {led['hits']:,} expanded within {plural(window, 'day')}"
    if lead["value"] is not None:
        said += f", at the median {'at least ' if lead['at_least'] else ''}{plural(round(lead['value']), 'day')} later"
    told["said"] = f"{said}."
    told["caveats"] = list(filter(None, (
        f"{percent(led['value'], 0)} of them, with 95% confidence {percent(led['low'], 0)} to"
        f" {percent(led['high'], 0)}."
        if led["value"] is not None and led["low"] is not None else "",
        f"Against chance: {figures['against_chance_told']}." if figures.get("against_chance_told") else "",
        f"{figures['too_young_to_tell']:,} more are too young to tell." if figures["too_young_to_tell"] else "",
        _sentence(led.get("thin") or led.get("reason") or ""),
        f"Found with version {figures['version']} of the play, not with the one that speaks here."
        if not figures["of_now"] else "",
    )))  # fmt: skip
    return told


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
