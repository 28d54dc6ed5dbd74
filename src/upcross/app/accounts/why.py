"""Why not? Every play at one account: what it says, and of what it did not fire the comparisons that failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from upcross.access.personal import for_eyes_of
from upcross.api.project import with_run
from upcross.api.refusal import Refusal
from upcross.app.accounts.opened import Opened, head_facts
from upcross.explanation import ExplainedRow, Explanation, explained
from upcross.opportunities.sentences import show
from upcross.plays.judgement import Judged, JudgedComparison, deciding, judged_leaves
from upcross.plays.play import Play
from upcross.plays.verdicts import VerdictStatus
from upcross.sheets import Sheet
from upcross.signals.model import Unit

_SAID = {
    VerdictStatus.FIRED: ("Fires", "good"), VerdictStatus.HELD: ("Held", "bad"),
    VerdictStatus.UNKNOWN: ("Not known", "warn"), VerdictStatus.QUIET: ("Not reached", ""),
}  # fmt: skip
_OPS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than", "=": "", "!=": "anything but",
        "in": "one of"}  # fmt: skip


def why_facts(found: Opened) -> dict[str, Any]:
    """What the page is told: plays by what they say, each at the row where it came nearest."""
    told: dict[str, Any] = {"head": head_facts(found, "why"), "plays": [], "refused": "", "counts": []}
    try:
        plays, absent = with_run(lambda project, run: _judged(
            explained(project, run, found.account_id, sources=False), run.evaluation.library.plays
        ))  # fmt: skip
    except Refusal as refusal:
        return {**told, "refused": str(refusal)}
    told["plays"] = for_eyes_of(found.viewer, plays) + absent
    told["counts"] = [
        {"words": words, "tone": tone, "count": sum(one["status"] == status for one in plays)}
        for status, (words, tone) in _SAID.items()
    ]
    return told


def why_sheet(found: Opened) -> Callable[[], Sheet]:
    """Each play with what it says and the first comparison that failed, as rows."""
    columns = {"account_id": Unit.TEXT, "play": Unit.TEXT, "title": Unit.TEXT, "motion": Unit.TEXT,
               "status": Unit.TEXT, "where": Unit.TEXT, "failed": Unit.TEXT}  # fmt: skip

    def make() -> Sheet:
        return Sheet(columns, tuple(
            (found.account_id, one["play"], one["title"], one["motion"], one["words"], one["where"],
             "; ".join(f"{leaf['label']}: {leaf['value']}, needs {leaf['needs']}" for leaf in one["failed"])
             or one["why"])
            for one in why_facts(found)["plays"]
        ))  # fmt: skip

    return make


def _judged(told: Explanation, library: Mapping[str, Play]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    by_play: dict[str, list[ExplainedRow]] = {}
    for row in told.rows:
        by_play.setdefault(row.judgement.play, []).append(row)
    order = list(VerdictStatus)
    found = []
    for play, rows in by_play.items():
        status = min((row.judgement.status for row in rows), key=order.index)
        here = [row for row in rows if row.judgement.status is status]
        nearest = min(here, key=lambda row: (len(_failed(row)), row.product_name, row.business_unit))
        found.append(_play(library[play], nearest, len(rows), told.currency))
    found.sort(key=lambda one: (order.index(one["status"]), len(one["failed"]), one["title"]))
    absent = [
        {"play": play, "title": library[play].title, "motion": _motion(library[play]), "status": "absent",
         "words": "Nothing to judge", "tone": "", "where": "", "others": 0, "failed": [], "held": [], "missing": [],
         "why": why[:1].upper() + why[1:]}
        for play, why in sorted(told.absent.items()) if library[play].status.runs
    ]  # fmt: skip
    return found, absent


def _play(play: Play, row: ExplainedRow, rows: int, currency: str) -> dict[str, Any]:
    judgement = row.judgement
    words, tone = _SAID[judgement.status]
    where = " · ".join(part for part in (row.product_name, row.business_unit, row.metric.replace("_", " ")) if part)
    held = [gate for gate in judgement.gates if not gate.passes]
    return {
        "play": play.id, "title": judgement.title, "motion": _motion(play), "status": judgement.status.value,
        "words": words, "tone": tone, "where": where, "others": rows - 1,
        "failed": [_leaf(leaf, row, currency) for leaf in _failed(row)],
        "held": [{"gate": gate.id.replace("-", " "), "title": gate.title, "known": gate.truth is not None,
                  "action": gate.action}
                 for gate in held] if judgement.status is VerdictStatus.HELD else [],
        "missing": list(dict.fromkeys(row.missing)) if judgement.status is VerdictStatus.UNKNOWN else [],
        "why": "", "compared": len(judged_leaves(judgement.trigger)),
    }  # fmt: skip


def _failed(row: ExplainedRow) -> list[JudgedComparison]:
    """The comparisons for which the play did not fire; none where it did."""
    trigger: Judged = row.judgement.trigger
    return [] if trigger.truth else [leaf for leaf in deciding(trigger) if leaf.truth is not True]


def _leaf(leaf: JudgedComparison, row: ExplainedRow, currency: str) -> dict[str, Any]:
    """One comparison that failed: what was found, and what was needed."""
    options = leaf.threshold if isinstance(leaf.threshold, tuple | list) else (leaf.threshold,)
    wanted = ", ".join(show(one, leaf.unit, currency) for one in options)
    needs = row.labels[leaf.other] if leaf.other else wanted
    return {
        "signal": leaf.signal, "unit": leaf.unit.value, "label": row.labels[leaf.signal],
        "value": show(leaf.value, leaf.unit, currency), "needs": f"{_OPS.get(leaf.op, leaf.op)} {needs}".strip(),
        "threshold": needs, "known": leaf.truth is not None,
    }  # fmt: skip


def _motion(play: Play) -> str:
    return play.motion.value if play.motion else ""
