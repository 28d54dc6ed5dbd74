"""Watching: when data lands it is loaded and judged at once, so that a crossed threshold reaches its owner in minutes.

What is looked at are the files that the project maps and those that it is made of, by size and times. Nothing is read
while they still change. Tables that stay in an engine have no size and times: there every look is a round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from upcross.applied import apply
from upcross.book.files import find_sources
from upcross.book.load import LoadResult
from upcross.book.reading import look
from upcross.errors import Report, UpcrossError
from upcross.opportunities import Change, ChangeKind
from upcross.project import FILE, open_project
from upcross.verbs import Plan, load, plan

Looks = Mapping[str, tuple[int, ...]]
"""Files by name, each with its size, times and inode."""

AGAIN_AFTER = 600.0
"""Seconds after which a round that failed is tried again although nothing landed."""

_OWN = (
    FILE, "catalog.yaml", "attestations.yaml", "exemptions.yaml", "gates.yaml", "scorecard.yaml", "definitions.yaml",
    "plays/**/*", "signals/**/*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Landed:
    """The files that are new, other or gone since the round before; None: this is the first.

    ``from_engine``: none is, and the tables of an engine are read again.
    """

    names: tuple[str, ...] | None
    from_engine: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """One round: what was loaded, what it means, and whether it was written to the ledger."""

    loaded: LoadResult
    plan: Plan
    crossed: tuple[Change, ...]
    """What the round before did not say: asks that open, are held, released or over."""
    first: bool
    written: Mapping[str, int] | None
    """How many of each step were written; None where nothing is written."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A round that could not be ended: the last good book and the ledger stay as they are."""

    why: Exception


Said = Landed | Done | Failed


def sources(folder: Path) -> Looks:
    """How every file of a project looks: those that it maps, and its own; where it has faults, its own alone."""
    found = {}
    paths = [path for pattern in _OWN for path in folder.glob(pattern)]
    try:
        report = Report()
        paths += [
            file.path for mapping in open_project(folder).mappings(report) for file in find_sources(mapping, report)
        ]
    except (UpcrossError, OSError):
        pass  # told when it is loaded
    for path in paths:
        for beside in (path, path.with_name(f"{path.name}.wal")):
            try:
                if beside.is_file():
                    found[str(beside)] = look(beside)
            except OSError:
                continue  # gone in between
    return found


def changed(before: Looks, now: Looks) -> tuple[str, ...]:
    """The names of files that are new, other or gone."""
    return tuple(sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)))


def stays_in_engine(folder: Path) -> bool:
    """Whether a project's data lie in an engine, where only reading them tells whether something landed."""
    try:
        return open_project(folder).settings.source is not None
    except (UpcrossError, OSError):
        return False  # told when it is loaded


def settled(folder: Path, now: Looks, quiet: float, stop: Event) -> Looks:
    """How the files look once nothing has changed for so many seconds."""
    while not stop.wait(quiet):
        later = sources(folder)
        if later == now:
            break
        now = later
    return now


def watch(
    folder: Path, tell: Callable[[Said], None], stop: Event, *, writes: bool = False, every: float = 30.0,
    quiet: float = 5.0,
) -> None:  # fmt: skip
    """Do a round now, and again whenever something landed, until told to stop.

    ``every`` so many seconds it looks; ``quiet`` for so many nothing may have changed. A round loads what changed,
    makes the plan and, where it ``writes``, applies it. Where the data stay in an engine, each look is a round. What
    goes wrong is told, and tried again when something lands, or after ten minutes.
    """
    done: Looks | None = None
    said: frozenset[object] | None = None
    waited = 0.0
    failed = False
    while not stop.is_set():
        now = sources(folder)
        again = waited >= AGAIN_AFTER if failed else waited >= every and stays_in_engine(folder)
        if done is not None and now == done and not again:
            stop.wait(every)
            waited += every
            continue
        now = settled(folder, now, quiet, stop) if done is not None else now
        if stop.is_set():
            return
        names = None if done is None else changed(done, now)
        tell(Landed(names, from_engine=names == () and not failed))
        done, waited = now, 0.0
        try:
            made = _round(folder, writes, said)
        except Exception as error:  # whatever it is, the next data is looked at
            failed = True
            tell(Failed(error))
        else:
            failed = False
            said = frozenset(map(_what, made.plan.changes.changes))
            tell(made)


def _round(folder: Path, writes: bool, said: frozenset[object] | None) -> Done:
    project = open_project(folder)
    loaded = load(project)
    if writes:
        application = apply(project)
        made, written = application.plan, dict(application.applied.written)
    else:
        made, written = plan(project), None
    news = tuple(
        change for change in made.changes.changes
        if change.kind is not ChangeKind.REFRESH and (said is None or _what(change) not in said)
    )  # fmt: skip
    return Done(loaded, made, news, said is None, written)


def _what(change: Change) -> tuple[object, ...]:
    return change.kind, change.identity
