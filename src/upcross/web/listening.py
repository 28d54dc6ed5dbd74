"""The process that `upcross serve` is: it brings the ledger up to date, then looks after the server and the worker."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from upcross.errors import UpcrossError, UsageError
from upcross.project import Project
from upcross.web.settings import use

THREADS = 8
"""Requests that one process answers at a time."""

_NAMES = ("the server", "the worker")

_ONCE = 0.4
"""Seconds within which two signals to end are one."""
_ENDS_WITHIN = 30
"""Seconds that a process has for what it is doing when it is told to end."""

_WHEN_THE_PARENT_DIES = 1
"""Linux's ``PR_SET_PDEATHSIG``: which signal a process gets when whoever started it is gone, however."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, with how many processes, and whether plain http is wanted beyond this machine."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    plain_http: bool = False

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def bind(self) -> str:
        """The address as gunicorn takes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listen(project: Project, where: Listening, say: Callable[[str], None] = print) -> int:
    """Serve until told to end; the exit code: 0 when told, 1 when the server or the worker ended by itself."""
    refuse_the_open(project, where)
    _refuse_the_taken(where)
    place = use(project)
    _tidy()
    say(f"The ledger: {place}")
    environment = {**os.environ, "UPCROSS_PROJECT": str(project.folder.resolve())}
    server = [
        sys.executable, "-m", "gunicorn", "upcross.web.wsgi:application()", "--bind", where.bind, "--workers",
        str(where.workers), "--worker-class", "gthread", "--threads", str(THREADS), "--log-level", "warning",
        "--graceful-timeout", str(_ENDS_WITHIN - 5), "--no-control-socket", "--preload",
        "--config", "python:upcross.web.ending",
    ]  # fmt: skip
    commands = [server, [sys.executable, "-m", "upcross.worker", "-C", str(project.folder.resolve())]]
    running: list[subprocess.Popen[bytes]] = []
    told: list[float] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.append(time.monotonic()))
    try:
        for command in commands:
            running.append(subprocess.Popen(command, env=environment, process_group=0, preexec_fn=_end_with_parent))
        welcomed = False
        while not told and all(process.poll() is None for process in running):
            if not welcomed and _answers(where):
                _welcome(project, where, say)
                welcomed = True
            time.sleep(0.1)
        ended = [name for name, process in zip(_NAMES, running, strict=True) if process.poll() is not None]
    finally:
        # Ctrl+C once more; one that a terminal and a wrapper both pass on is one.
        _end(running, lambda: len(told) > 1 and told[-1] - told[0] > _ONCE)
    if told:
        return 0
    say(f"{' and '.join(ended)} ended by itself; so the rest was ended too")
    return 1


def refuse_the_open(project: Project, where: Listening) -> None:
    """``UsageError`` where passwords would cross a network unprotected, or nobody could reach the pages by a name."""
    serve = project.settings.serve
    if where.is_local or where.plain_http:
        return
    if not serve.is_https:
        raise UsageError(
            f"{where.host} can be reached from other machines, and passwords would cross the network unprotected. Put a"
            " proxy with a certificate before Upcross and name its address in the project file, serve: {public_url:"
            " https://…}; or stay on this machine, without --host; or say --plain-http where something else protects"
            " the network"
        )


def _refuse_the_taken(where: Listening) -> None:
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((where.host, where.port))
        except OSError as error:
            raise UpcrossError(
                f"cannot listen at {where.bind}: {error.strerror}; choose another --port, or end what listens there"
            ) from error


def _answers(where: Listening) -> bool:
    """Whether somebody who follows the address that is about to be shown meets the server."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(where.host, where.host)
    try:
        socket.create_connection((here, where.port), timeout=1).close()
    except OSError:
        return False
    return True


def _tidy() -> None:
    """Leave nothing open that the processes below would share, and no session that is over."""
    from django.db import connections

    from upcross.web.kept_sessions import SessionStore

    SessionStore.clear_expired()
    connections.close_all()


def _welcome(project: Project, where: Listening, say: Callable[[str], None]) -> None:
    from upcross.access.models import User

    say(f"Upcross is at {project.settings.serve.public_url or f'http://{where.bind}'} (Ctrl+C ends it)")
    if not User.objects.exists():
        say("Nobody has an account yet. In another terminal:")
        say(f"  upcross users add you@company.example --role admin -C {project.folder}")


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_WHEN_THE_PARENT_DIES, signal.SIGTERM)


def _end(running: list[subprocess.Popen[bytes]], hurry: Callable[[], bool]) -> None:
    """Tell all to end, wait for what they are doing, and stop who does not, or all where somebody is in a hurry."""
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    deadline = time.monotonic() + _ENDS_WITHIN
    while any(process.poll() is None for process in running) and time.monotonic() < deadline and not hurry():
        time.sleep(0.05)
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # with the processes below it
            process.wait()
