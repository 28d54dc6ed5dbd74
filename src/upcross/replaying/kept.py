"""The last replay of each play, kept beside the runs for pages to show: its figures, its sweep, and which account each
case is of, so that somebody who sees some accounts can be told how it did at those."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from upcross.measure.scoring import Fate, Standing
from upcross.measure.statistics import middle
from upcross.plays.play import Play
from upcross.replaying.judged import Gates
from upcross.replaying.replay import Replay
from upcross.replaying.sheet import replay_facts

FOLDER = "replays"


def keep_replay(folder: Path, replay: Replay) -> None:
    """Keep what a replay found of each play under a project's own folder (``.upcross``), in place of what was kept.

    A replay in which not all gates held is none of how the plays run, and is not kept. A sweep is kept apart: a later
    replay without one leaves it.
    """
    if replay.gates is not Gates.ALL:
        return
    told = replay_facts(replay)
    about = {name: told[name] for name in ("from", "to", "step", "days_replayed", "window_days", "known_through")}
    for one in told["plays"]:
        figures = {name: value for name, value in one.items() if name not in ("cases", "baselines")}
        _write(folder, f"{one['play']}.json", {**about, **figures})
        _write(folder, f"{one['play']}.cases.json", {**about, "version": one["version"], **_cases(one["cases"])})
    if replay.sweep is not None:
        play = replay.plays[0].play
        _write(folder, f"{play.id}.sweep.json", {**about, "version": play.version, **told["sweep"]})


def kept_replay(folder: Path, play_id: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What is kept of a play's last replay and of its last sweep; None for what is not there."""
    return _read(folder, f"{play_id}.json"), _read(folder, f"{play_id}.sweep.json")


def kept_replay_at(folder: Path, play_id: str, accounts: Iterable[str]) -> dict[str, Any] | None:
    """The figures of a play's last replay over some accounts alone: counts, and the median of days.

    None where no replay with its cases is kept. There are no intervals and nothing against chance: a few accounts are
    no sample of anything.
    """
    kept = _read(folder, f"{play_id}.cases.json")
    if kept is None:
        return None
    seen = set(accounts)
    alerts = [(backlog, fate) for account, backlog, fate in kept["alerts"] if account in seen]
    leads = [(lead, at_least) for account, lead, at_least in kept["leads"] if account in seen]
    fates = Counter(fate for _, fate in alerts)
    standing, old = sum(backlog for backlog, _ in alerts), len(alerts) - fates[Fate.TOO_YOUNG]
    days = middle([lead for lead, least in leads if not least], [lead for lead, least in leads if least])
    share = fates[Fate.LED] / old if old else None
    return {
        **{name: kept[name] for name in ("from", "to", "window_days", "version")},
        "alerts": {"new": len(alerts) - standing, "backlog": standing},
        "alerts_that_led": {"value": share, "hits": fates[Fate.LED], "of": old, "low": None, "high": None},
        "too_young_to_tell": fates[Fate.TOO_YOUNG], "against_chance_told": None,
        "expansions_flagged": {"hits": len(leads), "of": sum(kept["expansions"].get(account, 0) for account in seen)},
        "lead_days": {**days.to_dict(), "low": None, "high": None},
    }  # fmt: skip


def _cases(told: dict[str, Any]) -> dict[str, Any]:
    """Every alert with its account and fate, how early each expansion was flagged, and how many each account had."""
    expansions = told["expansions"]
    flagged = [one for one in expansions if one["standing"] == Standing.FLAGGED]
    return {
        "alerts": [(one["account_id"], one["backlog"], one["what_followed"]) for one in told["alerts"]],
        "leads": [(one["account_id"], one["lead_days"], one["at_least"]) for one in flagged],
        "expansions": Counter(one["account_id"] for one in expansions),
    }


def sweep_to_try(play: Play) -> str:
    """A sweep that suits a play's first parameter that is a percentage or a number: what to run; '' for none."""
    for name, value in play.params.items():
        text = str(value)
        number = text.removesuffix("%").removesuffix("d")
        if not number.isdigit() or int(number) < 1:
            continue
        unit, middle = text[len(number) :], int(number)
        low, high = (
            (max(middle - 20, 1), min(middle + 10, 100)) if unit == "%" else (max(middle // 2, 1), middle * 2 + 1)
        )
        return f"{name}={low}{unit}..{high}{unit}"
    return ""


def _write(folder: Path, name: str, facts: dict[str, Any]) -> None:
    home = folder / FOLDER
    home.mkdir(parents=True, exist_ok=True)
    unfinished = home / f".{name}.tmp"
    unfinished.write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
    unfinished.replace(home / name)


def _read(folder: Path, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / FOLDER / name).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found
