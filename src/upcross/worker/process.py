"""The worker's one loop, and the lease that it holds while it turns."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings

from upcross import periods
from upcross.deliveries.message import redacted
from upcross.errors import UpcrossError
from upcross.kept_ledger import house_of
from upcross.ledger.place import Place, bare_settings, connect
from upcross.project import FILE, Project, open_project
from upcross.worker.log import log

NAME = "worker"
PAUSE = 1.0
"""Seconds between two looks at what is new."""

EVERY = timedelta(minutes=1)
"""How often the clocks are looked at."""

KEPT = timedelta(days=7)
"""How long it is remembered which messages came from outside: longer than any sender repeats them."""

ANSWERS_KEPT = timedelta(hours=24)
"""How long the answer to a request with a key is the answer to the same request again."""


def run(
    place: Place,
    folder: Path,
    stop: Event,
    *,
    lease_seconds: float = 30,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Work until told to stop: dispatch, clocks, schedule; as long as another worker works, wait.

    Raises ``ProjectError`` with every fault of the project file; whatever goes wrong later is logged, and tried again.
    """
    _configure(place)
    from django.db import connection

    project = open_project(folder)
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    log("worker started", holder=holder, ledger=str(place), destinations=len(project.deliveries.destinations))
    try:
        while not stop.is_set():
            with _lease(holder, stop, timedelta(seconds=lease_seconds), clock) as held:
                while held is not None and not stop.is_set() and not held.lost.is_set():
                    another = partial(_differs, folder, _changed(folder))
                    project = _opened_anew(folder, project)
                    Work(project, held.check, held.lost, clock, another).until(stop)
    finally:
        connection.close()
        log("worker stopped", holder=holder)


def _changed(folder: Path) -> int:
    """When the project file was last written; 0 where there is none at the moment."""
    try:
        return (folder / FILE).stat().st_mtime_ns
    except OSError:
        return 0


def _differs(folder: Path, moment: int) -> bool:
    """Whether the project file was written since."""
    return _changed(folder) != moment


def _opened_anew(folder: Path, before: Project) -> Project:
    """The project as its file is now; as it was before where that has faults, which are told."""
    try:
        return open_project(folder)
    except UpcrossError as error:
        log("project file not taken", why=str(error))
        return before


def _configure(place: Place) -> None:
    """Speak to the ledger, and know who may do what: a press in Slack is somebody's."""
    if not settings.configured:
        given = bare_settings(place)
        apps = ["django.contrib.contenttypes", "django.contrib.auth", "upcross.access.apps.AccessConfig"]
        settings.configure(
            **{**given, "INSTALLED_APPS": [*given["INSTALLED_APPS"], *apps]}, AUTH_USER_MODEL="access.User"
        )
    connect(place)


class _Holding:
    """A lease that a thread keeps renewing; ``lost`` is set once it is another's."""

    def __init__(self, held: Any, span: timedelta, clock: Callable[[], datetime]) -> None:
        self.check = held.check
        self.lost = Event()
        self._held, self._span, self._clock, self._end = held, span, clock, Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    def _renew(self) -> None:
        from django.db import DatabaseError, connection

        from upcross.worker.lease import LostLeaseError

        good = self._clock()
        while not self._end.wait(self._span.total_seconds() / 3):
            try:
                self._held.renew(self._clock(), self._span)
                good = self._clock()
            except LostLeaseError as error:
                log("lease lost", why=str(error))
                break
            except DatabaseError as error:
                log("lease not renewed", why=f"{type(error).__name__}: {redacted(error)}")
                connection.close()
                if self._clock() - good > self._span:
                    break
        if not self._end.is_set():
            self.lost.set()
        connection.close()

    def end(self) -> None:
        """Stop renewing, and let the next one have it."""
        self._end.set()
        self._thread.join(5)
        self._held.release(self._clock())


@contextmanager
def _lease(holder: str, stop: Event, span: timedelta, clock: Callable[[], datetime]) -> Iterator[_Holding | None]:
    """The lease, once it is free; None where the process is told to stop before."""
    from django.db import DatabaseError, connection

    from upcross.worker.lease import take

    waited, held = False, None
    while held is None and not stop.is_set():
        try:
            held = take(NAME, holder, clock(), span)
        except DatabaseError as error:
            log("lease not asked for", why=f"{type(error).__name__}: {redacted(error)}")
            connection.close()
        if held is None:
            if not waited:
                log("waiting for the lease", holder=holder)
            waited = True
            stop.wait(min(span.total_seconds() / 4, 5))
    if held is None:
        yield None
        return
    log("lease taken", holder=holder, fence=held.fence)
    holding = _Holding(held, span, clock)
    try:
        yield holding
    finally:
        try:
            holding.end()
        except DatabaseError as error:
            log("lease not released", why=f"{type(error).__name__}: {redacted(error)}")
            connection.close()


@dataclass
class Work:
    """What the holder of the lease does, round by round; a task that fails keeps no other from its turn."""

    project: Project
    guard: Callable[[], None]
    lost: Event
    clock: Callable[[], datetime]
    changed: Callable[[], bool] = lambda: False
    """Whether the project file was written since it was read."""
    _tasks: dict[str, Callable[[], None]] = field(default_factory=dict)

    def until(self, stop: Event) -> None:
        """Go round until told to stop, until the lease is lost, or until the project file is another."""
        dispatcher, schedule, presses = self._dispatcher(), self._schedule(), self._presses()
        self._tasks = {
            "dispatch": lambda: _all(dispatcher.tick, stop),
            "presses": presses,
            "schedule": lambda: schedule.tick(self.clock()),
            "clocks": self._each_minute(self.run_clocks),
            "forget": self._each_minute(self.forget),
        }
        try:
            while not (stop.is_set() or self.lost.is_set() or self.changed()):
                self.once()
                stop.wait(PAUSE)
        finally:
            schedule.stop()
            dispatcher.stop()

    def once(self) -> None:
        """One round of all tasks."""
        from django.db import DatabaseError, connection

        from upcross.worker.lease import LostLeaseError

        for name, task in self._tasks.items():
            try:
                task()
            except LostLeaseError as error:
                log("lease lost", why=str(error))
                self.lost.set()
                return
            except Exception as error:
                log("task failed", task=name, why=f"{type(error).__name__}: {redacted(error)}")
                if isinstance(error, DatabaseError):
                    connection.close()

    def run_clocks(self) -> None:
        """Escalate what is overdue, wake what was put off until today."""
        from django.db import transaction

        from upcross.ledger.clocks import run_clocks

        with transaction.atomic():
            self.guard()
            ticked = run_clocks(self.today())
        if ticked.escalated or ticked.woken:
            log("clocks", escalated=ticked.escalated, woken=ticked.woken)

    def forget(self) -> None:
        """Drop what nobody repeats any more: messages from outside, and answers to programs that sent a key."""
        from django.db import transaction

        from upcross.ledger.models import IdempotentRequest, Received

        messages = Received.objects.filter(at__lt=self.clock() - KEPT, body__isnull=True)
        answers = IdempotentRequest.objects.filter(at__lt=self.clock() - ANSWERS_KEPT)
        if messages.exists() or answers.exists():
            with transaction.atomic():
                self.guard()
                messages.delete()
                answers.delete()

    def today(self) -> date:
        """The day where the company is, or that of the last applied plan where it is later."""
        from upcross.ledger.applying import last_applied

        named = periods.TODAY in os.environ
        here = periods.today() if named else self.clock().astimezone(self.project.deliveries.digest.timezone).date()
        return max(here, last_applied() or here)

    def _each_minute(self, task: Callable[[], None]) -> Callable[[], None]:
        last: list[datetime] = []

        def when_due() -> None:
            now = self.clock()
            if not last or now - last[0] >= EVERY:
                last[:] = [now]
                task()

        return when_due

    def _dispatcher(self) -> Any:
        from upcross.deliveries.clients import clients
        from upcross.deliveries.dispatch import Dispatcher

        deliveries = self.project.deliveries
        return Dispatcher(
            deliveries, clients(deliveries, self.project.folder), link=public_url(self.project), guard=self.guard,
            log=log, clock=self.clock,
        )  # fmt: skip

    def _presses(self) -> Callable[[], None]:
        """Does what was pressed in Slack; the rules of steps are read when somebody presses for the first time."""
        from upcross.deliveries.inbound import Inbound
        from upcross.deliveries.presses import Presses
        from upcross.ledger.models import Received

        made: list[Presses] = []

        def take() -> None:
            if not made and Received.objects.filter(source="slack").filter(body__isnull=False).exists():
                house = house_of(self.project)
                inbound = Inbound(self.project.deliveries, lambda: house, self.today)
                if inbound.slack is not None:
                    made.append(Presses(inbound, inbound.slack, self.guard))
            if made:
                made[0].take(self.clock())

        return take

    def _schedule(self) -> Any:
        from upcross.ledger.applying import RUN
        from upcross.ledger.models import Entry
        from upcross.watching import sources, stays_in_engine
        from upcross.worker.schedule import Every, Landing, Schedule

        def last_applied_at() -> datetime | None:
            applied = Entry.objects.filter(subject=RUN, kind="apply").order_by("-seq")
            return applied.values_list("at", flat=True).first()

        serve, folder = self.project.settings.serve, self.project.folder

        def landing() -> Callable[[datetime], bool]:
            if not serve.watch:
                return lambda now: False
            return Every(serve.watch) if stays_in_engine(folder) else Landing(serve.watch, lambda: sources(folder))

        timezone = self.project.deliveries.digest.timezone
        return Schedule(serve.schedule, timezone, folder, log, last_applied_at=last_applied_at, landed=landing())


def public_url(project: Project) -> str:
    """The address under which the project's pages are served, without a slash at its end; '' where none is given."""
    return (project.settings.serve.public_url or "").rstrip("/")


def _all(tick: Callable[[], int], stop: Event) -> None:
    """Route until nothing is new, a hundred entries at a time."""
    while not stop.is_set() and tick() > 0:
        pass
