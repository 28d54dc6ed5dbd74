"""The project that this process serves: its own rules, and what was kept of its last run; never computed anew here.

A project's files seldom change, and reading them takes longer than any request: what is made of them is kept until one
of them does change.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from upcross import periods
from upcross.api.pace import A_MINUTE
from upcross.api.refusal import Refusal
from upcross.kept_ledger import house_of, typed_in
from upcross.ledger.applying import last_applied
from upcross.ledger.house import House
from upcross.plays.library import Library
from upcross.project import Project, open_project
from upcross.runs import Run, newest_kept

T = TypeVar("T")

_FILES = ("*.yaml", "plays/**/*.yaml", "signals/*.sql", ".upcross/book/*.json")
_turn = threading.RLock()
_kept: dict[str, tuple[object, Any]] = {}
atexit.register(_kept.clear)  # connections end before the interpreter does


def served() -> Project:
    """The project that is served, as its files are now."""
    return _unless_changed("project", lambda: open_project(folder()))


def house() -> House:
    """The company's own rules for steps."""
    return _unless_changed("house", lambda: house_of(served()))


def library() -> Library:
    """The plays and gates as their files are now, which may be newer than those of the last run."""

    def read() -> Library:
        project = served()
        return project.library(project.registry(project.store.manifest()), tests=False)

    return _unless_changed("library", read)


def today() -> date:
    """The day that counts as today: the later of the calendar's and the ledger's."""
    return max(periods.today(), last_applied() or date.min)


def kept_run() -> Run:
    """The last run kept of the book's newest day; refused with what to do where there is none.

    What people typed since then is in the ledger at once, and in the next run.
    """

    def find() -> Run | None:
        project = served()
        return newest_kept(project.evaluation(typed=typed_in(project)), project.store, project.runs)

    run = _unless_changed("run", find, also=_runs())
    if run is None:
        raise Refusal(
            409, "no-run",
            "no run is kept of the book as it is: `upcross plan` or `upcross apply` makes one, then this can be read",
        )  # fmt: skip
    return run


def of_run(name: str, make: Callable[[Project, Run], T]) -> T:
    """Something made of the kept run, made once as long as the run is the newest; one thread at a time."""
    with _turn:
        run = kept_run()
        found = _kept.get(name)
        if found is None or found[0] != run.folder:
            found = _kept[name] = (run.folder, make(served(), run))
        made: T = found[1]
        return made


def with_run(make: Callable[[Project, Run], T]) -> T:
    """Read something from the kept run, one thread at a time: its connection is one."""
    with _turn:
        return make(served(), kept_run())


def folder() -> Path:
    """The folder of the project that is served."""
    return Path(settings.UPCROSS_PROJECT)


def pace_file() -> Path:
    """Where requests are counted."""
    return folder() / ".upcross" / "pace.sqlite3"


def pace_limit(kind: str) -> int:
    """Requests a minute of one kind that are allowed."""
    limits: dict[str, int] = getattr(settings, "UPCROSS_PACE", A_MINUTE)
    return limits[kind]


def _unless_changed(name: str, make: Callable[[], T], also: object = None) -> T:
    with _turn:
        now = (_stand(), also)
        found = _kept.get(name)
        if found is None or found[0] != now:
            found = _kept[name] = (now, make())
        made: T = found[1]
        return made


def _stand() -> tuple[tuple[str, int, int], ...]:
    """Which files the project has, and when each was changed."""
    found = []
    for pattern in _FILES:
        for file in folder().glob(pattern):
            stat = file.stat()
            found.append((str(file), stat.st_mtime_ns, stat.st_size))
    return tuple(sorted(found))


def _runs() -> tuple[str, ...]:
    runs = folder() / ".upcross" / "runs"
    return tuple(sorted(str(day.relative_to(runs)) for day in runs.glob("*/*/run.json")))
