"""Replay: what each play would have said on every past day, held against what customers then did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from upcross.errors import UsageError
from upcross.measure.scoring import Score
from upcross.motions import Motion
from upcross.names import names_at
from upcross.opportunities import People
from upcross.plays.play import PlayKind
from upcross.project import Project
from upcross.replaying.fidelity import Fidelity, fidelity
from upcross.replaying.history import Period, Progress, Step, evaluations_on, keep_history, period
from upcross.replaying.judged import Gates, JudgedHistory
from upcross.replaying.labels import read_happened
from upcross.replaying.played import PlayReplay, Replayer, Scene, corrected
from upcross.replaying.sweep import Sweep, read_sweep
from upcross.runs import Evaluation

WINDOW = 180
"""Days after an alert within which an expansion counts as what it led to."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay of plays over a period: how each did, all of them together, and how true the history is."""

    period: Period
    window: int
    through: date
    """The last day for which it is known what happened."""
    currency: str
    plays: tuple[PlayReplay, ...]
    together: Mapping[Motion, Score]
    """All asks of each motion as a company would have lived through them, with its limits on asks."""
    fidelity: Fidelity
    names: Mapping[str, str]
    """Names of accounts, products and people by their ids."""
    made: int
    """How many days had to be made; the others were kept."""
    sweep: Sweep | None = None
    """One play's parameter through a range of values, where that was asked for."""
    gates: Gates = Gates.ALL
    """Which gates held asks back."""


def replay(
    project: Project, *, play: str | None = None, since: date | None = None, until: date | None = None,
    step: Step = Step.WEEK, window: int = WINDOW, sweep: str | None = None,
    gates: Gates = Gates.ALL, progress: Progress | None = None,
) -> Replay:  # fmt: skip
    """Replay all plays, or one, from a day (default: a year before the last) to another (default: the book's newest).

    ``window`` is the days after an alert within which an expansion counts as what it led to. ``sweep`` is a range of
    one parameter of the one play, such as ``fire_at=70%..100%``. ``gates`` says which gates hold asks back: less than
    all of them tells what gates cost, or what a play is worth where their data is missing.

    Raises ``ProjectError`` for a play that does not exist, ``UsageError`` for a period without days.
    """
    evaluation = project.evaluation(until)
    library = evaluation.library
    if sweep and not play:
        raise UsageError("a sweep is of one play's parameter: say which play")
    chosen = [library.play(play)] if play else list(library.running)
    variants = read_sweep(sweep, chosen[0], library.signals, project.folder) if sweep else None
    scene, folders, made = set_scene(project, evaluation, since=since, step=step, window=window, progress=progress)
    scene = replace(scene, gates=gates)
    plays = [*chosen, *(variants.plays if variants else ())]
    with JudgedHistory(evaluation, plays, folders, project.resources) as judged:
        replayer = Replayer(judged, scene)
        replayed = []
        for done, one in enumerate(chosen):
            if progress:
                progress(f"replaying {one.id}", done, len(chosen))
            replayed.append(replayer.replay(one))
        together = {} if play else replayer.together([p for p in chosen if p.kind is not PlayKind.ADOPTION])
        swept = variants.swept([replayer.replay(variant) for variant in variants.plays]) if variants else None
        true_to = fidelity(evaluation.frame, chosen)
    if progress:
        progress("replayed", len(chosen), len(chosen))
    return Replay(scene.period, window, scene.happened.through, project.settings.reporting_currency,
                  corrected(replayed), together, true_to, scene.names, made, swept, gates)  # fmt: skip


def set_scene(
    project: Project, evaluation: Evaluation, *, since: date | None, step: Step, window: int,
    progress: Progress | None,
) -> tuple[Scene, Mapping[date, Path], int]:  # fmt: skip
    """The scene of a replay that ends on an evaluation's day, with every day's signals kept."""
    last = evaluation.as_of
    chosen = period(since or last.replace(year=last.year - 1, day=min(last.day, 28)), last, step)
    then = evaluations_on(project, evaluation, chosen.days)
    folders, made = keep_history(project, then, progress)
    with project.store.connect() as connection:
        happened = read_happened(project, connection)
        people: dict[date, People] = {}
        names: dict[str, str] = {}
        excludes: Mapping[str, frozenset[str]] = {}
        for day in chosen.days:
            known = names_at(connection, then[day].frame.snapshot, None)
            people[day], excludes = known.people, known.excludes
            names |= {**known.accounts, **known.products}
            names |= {person.person_id: person.name for person in known.people.persons.values()}
    scene = Scene(chosen, window, happened, people, names, excludes, project.routing, project.limits)
    return scene, folders, made
