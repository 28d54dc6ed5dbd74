"""What a change of plays would do: to the asks of today, to each owner's work, and on the history before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from upcross import documents
from upcross.documents import Document
from upcross.errors import ProjectError, Report, UsageError
from upcross.kept_ledger import remembered, typed_in
from upcross.opportunities import Change, ChangePlan, Identity, Memory, Totals
from upcross.opportunities.change_plan import ChangeKind
from upcross.plays.library import Library, load_library
from upcross.plays.play import Play
from upcross.project import Project
from upcross.replaying.history import Progress, Step
from upcross.replaying.judged import JudgedHistory
from upcross.replaying.played import PlayReplay, Replayer, corrected
from upcross.replaying.replay import WINDOW, set_scene
from upcross.runs import Evaluation
from upcross.verbs import plan_of


class Moved(StrEnum):
    """What becomes of one ask under the change."""

    ADDED = "added"
    HELD = "held"
    RELEASED = "released"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Move:
    """One ask that the change would add, hold, release or drop; ``expected`` in ten-thousandths a month."""

    kind: Moved
    identity: Identity
    owner: str
    expected: int | None
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """The plan of one day before and after a change of plays, and the changed plays on the history."""

    as_of: date
    currency: str
    changed: tuple[str, ...]
    """The plays that the change touches."""
    before: Totals
    after: Totals
    moves: tuple[Move, ...]
    workload: Mapping[str, tuple[int, int]]
    """Open asks by owner before and after, of owners for whom the number changes."""
    replayed: tuple[tuple[str, PlayReplay | None, PlayReplay | None], ...]
    """Each changed play, replayed before and after; None where it is not there."""
    names: Mapping[str, str]


def diff(
    project: Project, *, overlay: Path | None = None, play: Path | None = None, as_of: date | None = None,
    since: date | None = None, step: Step = Step.WEEK, window: int = WINDOW, history: bool = True,
    progress: Progress | None = None,
) -> Difference:  # fmt: skip
    """What an overlay file in place of the project's, or a play file, would change; nothing of it is applied.

    Raises ``ProjectError`` with all faults of the file, ``UsageError`` where neither or both are given.
    """
    if (overlay is None) == (play is None):
        raise UsageError("give one file: an overlay in place of plays/overlay.yaml, or a play that is new or changed")
    before = project.evaluation(as_of, typed=typed_in(project))
    after = replace(before, library=_changed_library(project, before.library, _read(overlay or play), overlay is None))
    found = _between(project, before, after, Memory.empty(), progress)
    if not history:
        return found
    replayed, names = _replay(project, before, after, found.changed, since, step, window, progress)
    return replace(found, replayed=replayed, names={**names, **found.names})


def foreseen(project: Project, overlay: Document) -> tuple[Difference, Library]:
    """What the next run would do otherwise under an overlay, with all that the ledger remembers: what it opens,
    releases, holds and ends, to the ask; and the library as it would be.

    Raises ``ProjectError`` with all faults of the overlay. Nothing is applied, and nothing is replayed.
    """
    before = project.evaluation(typed=typed_in(project))
    after = replace(before, library=_changed_library(project, before.library, overlay, False))
    return _between(project, before, after, remembered(project, before.as_of), None), after.library


def _between(
    project: Project, before: Evaluation, after: Evaluation, memory: Memory, progress: Progress | None
) -> Difference:
    changed = changed_plays(before.library, after.library)
    old, new = (plan_of(project, evaluation, progress, memory) for evaluation in (before, after))
    names = {c.identity.account_id: c.candidate.account_name for p in (old, new) for c in p.changes if c.candidate}
    names |= {**old.product_names, **new.product_names}
    return Difference(before.as_of, project.settings.reporting_currency, changed, old.totals, new.totals,
                      tuple(_moves(old, new, memory)), _workload(old, new, memory), (), names)  # fmt: skip


def _read(file: Path | None) -> Document:
    assert file is not None
    return documents.read(file, str(file))


def _changed_library(project: Project, library: Library, document: Document, is_play: bool) -> Library:
    if is_play and not (isinstance(document.data, dict) and document.data.get("id")):
        raise ProjectError(documents.FIELD_MISSING.at(document.place(), "the file is no play: it has no id"))
    may_close = project.settings.routing.csm_may_close
    changed = load_library(library.signals, project.folder, tests=False, csm_may_close=may_close,
                           overlay=None if is_play else document, instead=document if is_play else None)  # fmt: skip
    report = Report(list(changed.report))
    report.raise_errors(ProjectError)
    return changed


def changed_plays(before: Library, after: Library) -> tuple[str, ...]:
    """The running plays that are there in only one of two libraries, or of which anything that is judged differs."""
    old, new = ({play.id: play for play in library.running} for library in (before, after))
    return tuple(sorted(
        name for name in {*old, *new}
        if name not in old or name not in new or _judged(old[name]) != _judged(new[name])
    ))  # fmt: skip


def _judged(play: Play) -> tuple[object, ...]:
    return play.version, tuple((bound.id, bound.must) for bound in play.bound)


def _moves(before: ChangePlan, after: ChangePlan, memory: Memory) -> list[Move]:
    old, new = ({change.identity: change for change in plan.changes} for plan in (before, after))
    found = []
    for identity in sorted({*old, *new}, key=lambda identity: identity.order):
        was, is_ = old.get(identity), new.get(identity)
        kind = _kind(_stands(was, identity, memory), _stands(is_, identity, memory))
        change = was or is_ if kind is Moved.DROPPED else is_ or was
        if kind is not None and change is not None:
            found.append(_move(kind, change))
    return found


def _stands(change: Change | None, identity: Identity, memory: Memory) -> bool | None:
    """Whether an ask is made (True), held (False), or not there or not any more (None).

    Where a plan says nothing of it, it stands as it is remembered.
    """
    if change is None:
        return True if identity in memory.open else False if identity in memory.held else None
    return None if change.kind is ChangeKind.EXPIRE else change.kind.asks


def _kind(was: bool | None, is_: bool | None) -> Moved | None:
    """What becomes of an ask: asked (True), held (False) or not there, before and after."""
    if was == is_:
        return None
    if is_ is None:
        return Moved.DROPPED
    if is_:
        return Moved.ADDED if was is None else Moved.RELEASED
    return Moved.HELD


def _move(kind: Moved, change: Change) -> Move:
    expected = change.candidate.potential.expected if change.candidate else None
    gates = tuple(clearing.hold.gate for clearing in change.clearings)
    return Move(kind, change.identity, change.owner.name, expected, gates)


def _workload(before: ChangePlan, after: ChangePlan, memory: Memory) -> dict[str, tuple[int, int]]:
    old, new = _open_asks(before, after, memory), _open_asks(after, before, memory)
    return {who: (old[who], new[who]) for who in sorted({*old, *new}) if old[who] != new[who]}


def _open_asks(plan: ChangePlan, other: ChangePlan, memory: Memory) -> Counter[str]:
    """Open asks by owner under a plan; of what it leaves as it stands, the other plan knows the owner's name."""
    told = {change.identity for change in plan.changes}
    left = [one for one in other.changes if one.identity not in told and one.identity in memory.open]
    return Counter(one.owner.name for one in (*(one for one in plan.changes if one.kind.asks), *left))


def _replay(
    project: Project, before: Evaluation, after: Evaluation, changed: Sequence[str], since: date | None, step: Step,
    window: int, progress: Progress | None,
) -> tuple[tuple[tuple[str, PlayReplay | None, PlayReplay | None], ...], dict[str, str]]:  # fmt: skip
    if not changed:
        return (), {}
    old, new = ({p.id: p for p in e.library.running if p.id in changed} for e in (before, after))
    scene, folders, _ = set_scene(project, before, since=since, step=step, window=window, progress=progress)
    variants = [*(_named(p, "before") for p in old.values()), *(_named(p, "after") for p in new.values())]
    with JudgedHistory(before, variants, folders, project.resources) as judged:
        replayer = Replayer(judged, scene)
        done = {item.play.id: item for item in corrected([replayer.replay(play) for play in variants])}
    pairs = tuple((name, _under(done.get(f"{name}@before"), name), _under(done.get(f"{name}@after"), name))
                  for name in changed)  # fmt: skip
    return pairs, dict(scene.names)


def _under(replayed: PlayReplay | None, name: str) -> PlayReplay | None:
    """A variant's replay under the play's own name."""
    return replace(replayed, play=replayed.play.model_copy(update={"id": name})) if replayed else None


def _named(play: Play, when: str) -> Play:
    return play.model_copy(update={"id": f"{play.id}@{when}"})
