"""What takes longer than a second says how far it is, on the error stream."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from upcross.book.load import Progress as Told
from upcross.terminal.page import console


@contextmanager
def progress() -> Iterator[Told]:
    """A progress bar on the error stream, which appears only for work that takes longer than a second."""
    started = datetime.now()
    if not console(error=True).is_terminal:
        yield lambda what, done, steps: _tell_plainly(what, done, steps, started)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=console(error=True), transient=True)
    task = bar.add_task("starting", total=None, visible=False)

    def told(what: str, done: int, steps: int) -> None:
        late = (datetime.now() - started).total_seconds() > 1
        bar.update(task, description=what, completed=done, total=steps, visible=late)

    with bar:
        yield told


def _tell_plainly(what: str, done: int, steps: int, started: datetime) -> None:
    """One line a step once work has taken a second, where nobody watches a bar."""
    if (datetime.now() - started).total_seconds() > 1:
        print(f"{what} ({done} of {steps})", file=sys.stderr)
