"""The days of a replay, and the signals kept for each: made once, one day after the other, and judged ever after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from upcross.book.snapshot import Snapshot
from upcross.book.spans import read_spans
from upcross.errors import UsageError
from upcross.kept_signals import is_kept, keep_signals, kept_folder
from upcross.periods import add_months
from upcross.project import Project
from upcross.runs import Evaluation
from upcross.signals.frame import Frame
from upcross.signals.registry import Registry

Progress = Callable[[str, int, int], None]


class Step(StrEnum):
    """How far the days of a replay lie apart."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """The days replayed, oldest first, and the last day for which it is known what happened."""

    days: tuple[date, ...]
    step: Step

    @property
    def first(self) -> date:
        """The first day: what a play says then is its backlog."""
        return self.days[0]

    @property
    def last(self) -> date:
        """The last day."""
        return self.days[-1]


def period(first: date, last: date, step: Step) -> Period:
    """The days from the first to the last at most, back from the last by whole steps.

    Raises ``UsageError`` where there are fewer than two.
    """
    days: list[date] = []
    for back in range(10_000):
        day = _back(last, back, step)
        if day < first:
            break
        days.append(day)
    if len(days) < 2:
        raise UsageError(f"{first} to {last} is less than two {step.value}s: begin earlier, or take smaller steps")
    return Period(tuple(reversed(days)), step)


def _back(last: date, steps: int, step: Step) -> date:
    if step is not Step.MONTH:
        return last - timedelta(days=steps * (7 if step is Step.WEEK else 1))
    ends = last + timedelta(days=1)
    if ends.day == 1:  # whole months go back by month ends
        return add_months(ends, -steps) - timedelta(days=1)
    whole = add_months(last.replace(day=1), -steps)
    return min(whole + timedelta(days=last.day - 1), add_months(whole, 1) - timedelta(days=1))


def evaluations_on(project: Project, evaluation: Evaluation, days: Sequence[date]) -> dict[date, Evaluation]:
    """The same models and plays over the book as it was known at the end of each past day.

    What a table covers is what a load on that day would have found, and health is scored as it was then. Exchange
    rates of later days are not known either, whatever day the project converts at.
    """
    spans = read_spans(project.store, evaluation.frame.snapshot.manifest)
    registries: dict[bool, Registry] = {}
    found = {}
    for day in days:
        manifest = spans.on(day, day)
        if manifest.rates_on is not None and manifest.rates_on > day:
            manifest = replace(manifest, rates_on=day)
        scores = manifest.tables.get("health_scores")
        given = scores is not None and scores.rows > 0
        registry = registries.get(given) or registries.setdefault(given, project.registry(manifest))
        found[day] = replace(evaluation, frame=Frame(registry, Snapshot(manifest, day, day)))
    return found


def keep_history(
    project: Project, evaluations: Mapping[date, Evaluation], progress: Progress | None = None
) -> tuple[Mapping[date, Path], int]:
    """The signals of each day, made where they are not kept; and how many were made.

    Each day is kept whole before the next begins, so that a replay which is interrupted goes on where it stopped, and
    memory holds one day at a time.
    """
    folders = {day: kept_folder(known.frame, project.runs) for day, known in evaluations.items()}
    lacking = [day for day, folder in folders.items() if not is_kept(folder)]
    for done, day in enumerate(lacking):
        if progress:
            progress(f"signals of {day}, not kept yet", done, len(lacking))
        keep_signals(evaluations[day].frame, project.store, project.runs)
    if progress and lacking:
        progress("signals of past days kept", len(lacking), len(lacking))
    return folders, len(lacking)
