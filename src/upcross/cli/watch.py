"""The command that watches: data that lands is loaded and judged at once."""

from __future__ import annotations

import signal
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from upcross import watching
from upcross.errors import UsageError
from upcross.project import open_project
from upcross.serving import pause
from upcross.terminal.watching import told

_OVER_FILES, _OVER_ENGINE = "30s", "15m"
Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]


def watch(
    project: Folder = Path(),
    apply: Annotated[bool, typer.Option("--apply", help="Write each plan into the ledger, not only show it.")] = False,
    every: Annotated[
        str,
        typer.Option(
            metavar="30s",
            help="How often to look; over an engine, how often to read it: 15m where nothing is said.",
        ),
    ] = "",
    quiet: Annotated[str, typer.Option(metavar="5s", help="For how long nothing may change before it is read.")] = "5s",
) -> None:
    """Load and plan now and whenever data lands, until Ctrl+C, and say what crossed a threshold since."""
    inside = open_project(project).settings.source is not None
    looks, rests = _seconds("--every", every or (_OVER_ENGINE if inside else _OVER_FILES)), _seconds("--quiet", quiet)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    what = f"the engine's tables and {len(watching.sources(project))}" if inside else len(watching.sources(project))
    print(f"watching {what} files of {project.resolve()} (Ctrl+C ends it)", flush=True)

    def tell(said: watching.Said) -> None:
        for line in told(said, project):
            print(f"{datetime.now():%H:%M:%S}  {line}", flush=True)

    watching.watch(project, tell, stop, writes=apply, every=looks, quiet=rests)
    print("ended", flush=True)


def _seconds(option: str, text: str) -> float:
    try:
        return pause(text).total_seconds()
    except ValueError as error:
        raise UsageError(f"{option} '{text}' {error}") from None
