"""What follows from what was heard: the account judged with it at once, over the signals that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from upcross import periods
from upcross.book.typed import NOTHING, Typed
from upcross.errors import ProblemError, Report
from upcross.hearing.heard import Heard, typed_of
from upcross.hearing.renewing import nearest_kept, renew
from upcross.hearing.understanding import understood
from upcross.kept_signals import Progress, keep_signals
from upcross.opportunities import Change, ChangePlan, Finding, Memory
from upcross.plan_making import plan_accounts
from upcross.project import Project


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard, as understood, and what follows from it for the accounts that it came from."""

    typed: Typed
    """The new rows alone, names made ids."""
    findings: tuple[Finding, ...]
    """Everything that fires or is held there, on the book's last day."""
    changes: ChangePlan
    """What to do about it, given what was asked before: of these accounts alone."""
    doubts: Report

    @property
    def follows(self) -> tuple[Change, ...]:
        """The changes that rest on what was heard; what stood before and stands on is none of them."""
        quotes = {row["quote"] for row in self.typed.rows["statements"]}
        return tuple(
            change
            for change in self.changes.changes
            if change.candidate and any(evidence.value in quotes for evidence in change.candidate.evidence)
        )


def hear(
    project: Project,
    heard: Sequence[Heard],
    *,
    typed: Typed = NOTHING,
    memory: Memory | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Hearing:
    """What follows from what was heard just now; nothing is written but a run, where none is kept for the day.

    ``typed`` is what was typed before, ``memory`` what was asked before (None: nothing). Judged on the book's last day,
    as the next run will: what was said since counts on it. ``ProblemError`` with every fault of what was typed.
    """
    report = Report()
    evaluation = project.evaluation()
    with closing(project.store.connect(evaluation.frame.snapshot.manifest)) as book:
        new = understood(typed_of(heard), book, today or periods.today(), report)
        report.raise_errors(ProblemError)
        now = evaluation.with_typed((typed + new).until(evaluation.as_of))
        project.store.show(book, now.frame.snapshot.manifest, now.frame.snapshot.manifest.typed.rows)
        kept = nearest_kept(now.frame, project.runs)
        if kept is None:
            kept = keep_signals(now.frame, project.store, project.runs, progress), frozenset()
        folder, changed = kept
        accounts = {str(row["account_id"]) for row in new.rows["statements"]}
        renew(book, now.frame, folder, changed, accounts)
        before = memory or Memory.empty()
        findings, changes = plan_accounts(project, now, book, book, accounts, before)
    return Hearing(new, findings, changes, report)
