"""The quality of the data as the run found it: every fault with what it costs, whom it concerns and who mends it, and
how far each feed goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from upcross.absence import Absence, absences
from upcross.book.checks import COSTS, LACKING
from upcross.contract import SUBJECTS, TABLES
from upcross.errors import Issue
from upcross.opportunities.evidence import amount
from upcross.publishing.publication import Fact

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned

_MENDED_BY = {
    "commercial": "whoever keeps contracts and billing", "usage": "the product's data team",
    "support": "whoever keeps the support desk", "people": "Customer Success operations",
    "pipeline": "whoever keeps the CRM", "reference": "revenue operations",
}  # fmt: skip
_OURS = "revenue operations, in the project's files"
"""Who mends what is no fault of a source: a mapping, a table that is not mapped."""
_SUBJECT = {table.name: subject for subject, tables in SUBJECTS.items() for table in tables}
_CONCERNS = re.compile(r"concerns ([\d,]+) accounts?")


def quality(planned: Planned) -> Iterator[Fact]:
    """``quality`` key '': findings, the worst first, and feeds by name.

    A finding: severity, code, where, what, examples, ``costs`` in words, ``accounts`` that it concerns (null: not
    told), what waits for it a month by motion (in currency units; absent motions: nothing), and who mends it how.
    """
    waiting = absences(planned.plan.changes)
    order = {"error": 0, "warning": 1, "note": 2}
    findings = [_finding(issue, waiting) for issue in planned.plan.data]
    findings.sort(key=lambda one: (order[one["severity"]], -_weight(one), one["table"] or ""))
    yield "quality", "", {"findings": findings, "feeds": feeds(planned)}


def _finding(issue: Issue, waiting: Mapping[str, Absence]) -> dict[str, Any]:
    told = issue.to_dict()
    table = _table(issue)
    absence = waiting.get(table) if issue.code in LACKING else None
    concerned = _CONCERNS.search(issue.costs)
    return {
        "code": issue.code, "severity": issue.severity.value, "message": issue.message, "table": table or None,
        "field": told["field"], "place": str(issue.place or ""), "count": issue.count, "total": issue.total,
        "examples": list(issue.examples), "costs": issue.costs, "expected": issue.expected, "hint": issue.hint,
        "accounts": int(concerned[1].replace(",", "")) if concerned else None,
        "waiting": _waits(absence), "gates": list(absence.gates) if absence else [],
        "plays": list(absence.plays) if absence else [],
        "subject": _SUBJECT.get(table, "other"), "mended_by": _mended_by(issue, table),
        "lacks_table": issue.code in LACKING,
    }  # fmt: skip


def _table(issue: Issue) -> str:
    place = issue.place
    if place is None:
        return ""
    name = place.table or (place.file or "").partition(".")[0]
    return name if name in TABLES else ""


def _mended_by(issue: Issue, table: str) -> str:
    if issue.code == "table-not-mapped" or "mapping" in issue.hint or "map " in issue.hint:
        return _OURS
    return _MENDED_BY.get(_SUBJECT.get(table, ""), _OURS)


def _waits(absence: Absence | None) -> dict[str, str]:
    sums = absence.waiting.items() if absence else ()
    return {motion.value: str(amount(expected)) for motion, expected in sums if expected}


def _weight(finding: Mapping[str, Any]) -> float:
    """By what findings of a severity are ordered, never shown: the motions stay apart on every page."""
    return max([float(sum_) for sum_ in finding["waiting"].values()] + [float(finding["accounts"] or 0)])


def feeds(planned: Planned) -> list[dict[str, Any]]:
    """Every table that could be read: missing, behind the others or fresh, through when, and what waits for it."""
    waiting = absences(planned.plan.changes)
    manifest = planned.run.evaluation.frame.snapshot.manifest
    newest = manifest.newest_day()
    found = []
    for subject, tables in SUBJECTS.items():
        for table in tables:
            stored = manifest.tables.get(table.name)
            through = stored.complete_through if stored else None
            behind = (newest - through).days if newest and through else None
            absence = waiting.get(table.name)
            state = "missing" if stored is None else "behind" if _late(behind, stored.max_lag_days) else "fresh"
            found.append({
                "table": table.name, "subject": subject, "meaning": table.meaning, "state": state,
                "rows": stored.rows if stored else None, "set_aside": stored.set_aside if stored else None,
                "from": stored.complete_from.isoformat() if stored and stored.complete_from else None,
                "through": through.isoformat() if through else None, "days_behind": behind,
                "allowed": stored.max_lag_days if stored else None, "sources": list(stored.sources) if stored else [],
                "without": COSTS[table.name], "waiting": _waits(absence), "mended_by": _MENDED_BY[subject]
                if stored else _OURS,
            })  # fmt: skip
    return found


def _late(behind: int | None, allowed: int) -> bool:
    return behind is not None and behind > allowed
