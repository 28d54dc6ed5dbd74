"""What the last replay kept of a play found, as its asks tell it: said with its caveats, or that none is kept."""

from __future__ import annotations

from typing import Any

from upcross.access.roles import Capability
from upcross.access.viewer import Viewer
from upcross.app.plays.curve import replayed
from upcross.app.shell.words import day, percent, plural

NONE_KEPT = "No replay of this play is kept yet; revenue operations can make one."


def proven(viewer: Viewer, play: str, version: str) -> dict[str, Any]:
    """One play on the history: ``said`` and ``caveats`` where a replay is kept, else the ``command`` that makes one.

    Who sees some accounts alone is told of those; ``hidden`` says where what is kept cannot tell. Nothing is judged:
    kept files are read.
    """
    found = replayed(viewer, play, version)
    figures = found["figures"]
    told: dict[str, Any] = {"said": None, "caveats": [], "command": None, "hidden": found["hidden"]}
    if found["hidden"] is None and not found["own"] and not (figures and figures["of_now"]):
        if viewer.may(Capability.CHANGE_PLAYS):
            told["command"] = f"upcross replay --play {play}"
        elif figures is None:
            told["hidden"] = NONE_KEPT
    if figures is None:
        return told
    young = figures["too_young_to_tell"]
    led, lead, window = figures["alerts_that_led"], figures["lead_days"], figures["window_days"]
    flagged = figures["alerts"]["new"] + figures["alerts"]["backlog"]
    begins = "At the accounts that you see, from" if found["own"] else "From"
    said = (
        f"{begins} {day(figures['from'])} to {day(figures['to'])} it flagged {f'{flagged:,}' if flagged else 'nothing'}"
    )
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
        f"{young:,} more {'is' if young == 1 else 'are'} too young to tell." if young else "",
        _sentence(led.get("thin") or led.get("reason") or ""),
        "A few accounts say little about a play." if found["own"] and flagged else "",
        f"Found with version {figures['version']} of the play, not with the one that speaks here."
        if not figures["of_now"] else "",
    )))  # fmt: skip
    return told


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
