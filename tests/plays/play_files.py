"""A play that keeps every rule, and projects on disk made of variations of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from upcross.plays.library import Library, load_library
from upcross.signals.registry import shipped

SIGNALS = shipped()


def play(**changes: Any) -> dict[str, Any]:
    """A sound upsell play of scope subscription; ``None`` takes a field away."""
    data: dict[str, Any] = {
        "id": "own-play",
        "title": "Our own play",
        "mechanism": "seats",
        "scope": "subscription",
        "status": "stable",
        "summary": "One sentence.",
        "params": {"fire_at": "90%", "clear_at": "85%"},
        "when": {"all": ["seat_utilization_min_30d >= $fire_at"]},
        "keep_open_while": {"all": ["seat_utilization >= $clear_at"]},
        "potential": "seats_potential",
        "touch": "csm_note",
        "owner": {"surface": ["csm"], "close": ["account_manager", "ae"]},
        "respond_within": "5d",
        "cooldown": "90d",
        "next_step": "Ask about {seats_free} seats",
        "guide": ["Start with {value_delivered}", "Then the seats"],
        "assumptions": ["People are counted distinct."],
        "known_gaps": ["Pools are not seen."],
    }
    data.update(changes)
    return {name: value for name, value in data.items() if value is not None}


def wider(**changes: Any) -> dict[str, Any]:
    """A sound cross-sell play."""
    return play(
        **{
            "mechanism": ["product", "module"],
            "scope": "white_space",
            "params": {"heard": 1},
            "when": {"all": ["stated_needs_90d >= $heard"]},
            "keep_open_while": {"all": ["stated_needs_90d >= 1"]},
            "potential": "product_potential",
            "owner": {"surface": ["csm"], "close": ["ae"]},
            **changes,
        }
    )


def adoption(**changes: Any) -> dict[str, Any]:
    """A sound play of adoption work: it sells nothing."""
    nothing = {"kind": "adoption", "mechanism": None, "potential": None, "owner": {"surface": ["csm"]}}
    return play(**{**nothing, **changes})


def answer(**changes: Any) -> dict[str, Any]:
    """A sound answer to a customer who asked for more."""
    return play(
        **{
            "kind": "answer",
            "params": {"requests": 1},
            "when": {"all": ["requests_for_more_30d >= $requests"]},
            "keep_open_while": {"all": ["requests_for_more_30d >= 1"]},
            "respond_within": "1d",
            **changes,
        }
    )


def project(folder: Path, *plays: dict[str, Any], **files: Any) -> Library:
    """The library of a project folder with these plays and further files (``gates``, ``overlay`` or a test by id).

    ``folder`` gets the files; ``files`` holds YAML data by name: overlay, gates, or test.
    """
    (folder / "plays").mkdir(parents=True, exist_ok=True)
    for data in plays:
        dump(data, folder / "plays" / f"{data['id']}.yaml")
    for name, data in files.items():
        place = {
            "overlay": folder / "plays" / "overlay.yaml",
            "gates": folder / "gates.yaml",
            "test": folder / "plays" / f"{data['play'] if name == 'test' else ''}.test.yaml",
        }[name]
        dump(data, place)
    return load_library(SIGNALS, folder, tests="test" in files)


def dump(data: Any, path: Path) -> None:
    """Write plain data as JSON, which is YAML too: one value a line, text always quoted."""
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False), encoding="utf-8")


def codes(library: Library) -> set[str]:
    """The codes of all issues."""
    return {issue.code for issue in library.report}
