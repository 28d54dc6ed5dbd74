"""Load and apply, in a process of its own: at times of the day, caught up where missed, and when data lands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path

from upcross.deliveries.message import redacted

AGAIN_AFTER = timedelta(hours=1)
"""How long to wait after a run that failed."""

UPCROSS = (sys.executable, "-c", "from upcross.cli.app import main; main()")
"""The command line of this very installation."""


QUIET = timedelta(seconds=10)
"""For how long nothing may change before what landed is read."""


@dataclass
class Landing:
    """Tells once that data has landed: the files look otherwise than the time before, and do not change any more."""

    every: timedelta
    look: Callable[[], object]
    _known: object = None
    _seen: object = None
    _looked: datetime | None = None

    def __call__(self, now: datetime) -> bool:
        """Whether something landed that was not told yet; it is looked only when it is time."""
        pause = self.every if self._seen is None else min(QUIET, self.every)
        if self._looked is not None and now < self._looked + pause:
            return False
        self._looked, before = now, self._seen
        found = self.look()
        self._seen = None if found == self._known else found
        if self._seen is None or found != before:
            return False
        self._known, self._seen = found, None
        return True


@dataclass
class Every:
    """Tells each time that a pause is over: tables that stay in an engine are read again, since nothing else tells."""

    pause: timedelta
    _told: datetime | None = None

    def __call__(self, now: datetime) -> bool:
        """Whether it is time, from the first time on."""
        if self._told is not None and now < self._told + self.pause:
            return False
        self._told = now
        return True


@dataclass
class Schedule:
    """Runs the commands after each of the times of a day, and when data ``landed``.

    A run that failed is tried again within the hour.
    """

    times: Sequence[time]
    timezone: tzinfo
    folder: Path
    log: Callable[..., None]
    commands: Sequence[Sequence[str]] = (("load",), ("apply",))
    program: Sequence[str] = UPCROSS
    last_applied_at: Callable[[], datetime | None] = lambda: None
    landed: Callable[[datetime], bool] = lambda now: False
    _done: datetime | None = None
    _again: datetime | None = None
    _timely: bool = True
    _command: Sequence[str] = ()
    _tried: datetime | None = None
    _left: list[Sequence[str]] = field(default_factory=list)
    _running: subprocess.Popen[str] | None = None

    def due(self, now: datetime) -> datetime | None:
        """The latest time that has come today and whose run is not done; None where all is done."""
        here = now.astimezone(self.timezone)
        come = [datetime.combine(here.date(), at, self.timezone) for at in self.times if here.time() >= at]
        if not come:
            return None
        last = max(come)
        done = [moment for moment in (self._done, self.last_applied_at()) if moment is not None]
        return None if any(moment >= last for moment in done) else last

    def tick(self, now: datetime) -> None:
        """Start what is due, or see how what was started goes on; returns at once."""
        if self._running is not None:
            self._look(now)
            return
        if self._left:
            self._start(self._left.pop(0))
            return
        timely = (self._tried is None or now >= self._tried + AGAIN_AFTER) and self.due(now) is not None
        if timely:
            self._tried = now
        if timely or self.landed(now) or (self._again is not None and now >= self._again):
            self._again, self._timely, self._left = None, timely, list(self.commands)
            self._start(self._left.pop(0))

    def stop(self) -> None:
        """End what is running; what it writes, it writes in one transaction or not at all."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait(30)
            self._running, self._left = None, []

    def _start(self, command: Sequence[str]) -> None:
        self._command = command
        self.log("scheduled run begins", command=" ".join(command))
        self._running = subprocess.Popen(
            [*self.program, *command, "-C", str(self.folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _look(self, now: datetime) -> None:
        assert self._running is not None
        try:
            _, said = self._running.communicate(timeout=0.01)
        except subprocess.TimeoutExpired:
            return
        code, self._running = self._running.returncode, None
        # A load that found faults in rows has loaded all the same; what it could not load it says by another code.
        if code not in ((0, 1) if self._command[0] == "load" else (0,)):
            self._left, self._again = [], None if self._timely else now + AGAIN_AFTER
            self.log("scheduled run failed", code=code, why=redacted(said[-400:]))
        else:
            self.log("scheduled run done")
            if not self._left:
                self._done, self._tried = now, None
