"""The replay of a play as its page shows it: the figures, and the curve from which its threshold was chosen."""

from __future__ import annotations

from typing import Any

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.api.project import folder
from upcross.replaying.kept import kept_replay, kept_replay_at

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 220, 44, 34, 16
OF_YOUR_OWN = "Counted at the accounts that you see; a few accounts say little about a play."
NOT_BY_ACCOUNT = "The replay that is kept does not say which accounts it counts; the next one does."


def replayed(viewer: Viewer, play_id: str, version: str) -> dict[str, Any]:
    """The last replay kept of a play and its sweep as a curve, each null where none is kept; ``of_now``: of the version
    that runs. Who sees some accounts alone is told of those: a sum over others would tell about each of them. ``own``
    says so, and ``hidden`` that what is kept is the whole base's."""
    home = folder() / ".upcross"
    figures, sweep = kept_replay(home, play_id)
    own = figures is not None and not scope.sees_every_account(viewer)
    if own:
        figures, sweep = kept_replay_at(home, play_id, scope.account_ids(viewer) or ()), None
    return {
        "figures": {**figures, "of_now": figures["version"] == version} if figures else None,
        "sweep": curve(sweep, version) if sweep else None,
        "own": OF_YOUR_OWN if own and figures else None,
        "hidden": NOT_BY_ACCOUNT if own and not figures else None,
    }


def curve(sweep: dict[str, Any], version: str) -> dict[str, Any]:
    """A sweep with the place of every mark: shares on one scale from 0, firings as bars up to the most of them."""
    points = [_point(one) for one in sweep["points"]]
    most = max((one["firings"] for one in points), default=0) or 1
    top = max((one["high"] or one["share"] or 0 for one in points), default=0) or 1
    step = (WIDTH - LEFT) / max(len(points), 1)
    for place, one in enumerate(points):
        one["x"] = round(LEFT + step * (place + 0.5), 1)
        one["bar"] = round((HEIGHT - BOTTOM - TOP) * one["firings"] / most, 1)
        one["bar_y"] = round(HEIGHT - BOTTOM - one["bar"], 1)
        for name in ("share", "low", "high"):
            one[f"{name}_y"] = None if one[name] is None else _y(one[name] / top)
    line = " ".join(f"{one['x']},{one['share_y']}" for one in points if one["share_y"] is not None)
    return {
        "param": sweep["param"], "points": points, "line": line, "from": sweep["from"], "to": sweep["to"],
        "window_days": sweep["window_days"], "of_now": sweep["version"] == version, "width": WIDTH, "height": HEIGHT,
        "base": HEIGHT - BOTTOM, "left": LEFT, "bar_width": round(step * 0.5, 1), "top": top, "top_y": _y(1),
    }  # fmt: skip


def _point(one: dict[str, Any]) -> dict[str, Any]:
    led, lead = one["alerts_that_led"], one["lead_days"]
    return {
        "value": one["value"], "chosen": one["chosen"], "firings": one["alerts"]["new"] + one["alerts"]["backlog"],
        "share": led["value"], "low": led["low"], "high": led["high"], "hits": led["hits"], "of": led["of"],
        "lead": lead["value"], "lead_low": lead["low"], "lead_high": lead["high"], "at_least": lead["at_least"],
        "flagged": one["expansions_flagged"]["hits"], "expansions": one["expansions_flagged"]["of"],
    }  # fmt: skip


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share, 1)
