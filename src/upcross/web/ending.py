"""How the processes of `upcross serve` end: at once. It is also gunicorn's configuration: the hooks that end its own.

What they keep in memory (code, results that pages read) is a million objects, and an interpreter that ends takes each
of them apart: a second of work a process, many times that on a busy machine, while whoever pressed Ctrl+C waits. The
operating system takes memory back at once; what has to last was written when it was done.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import Any, NoReturn


def end_at_once(code: int = 0) -> NoReturn:
    """End this process with what it said written out, and without taking apart what it kept."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def worker_exit(server: Any, worker: Any) -> None:
    """A process that answers requests, told to end, has answered what it had; one that failed ends as it would."""
    if worker.booted and not worker.alive and not _failed():
        end_at_once()


def on_exit(server: Any) -> None:
    """All processes that answer requests have ended; one that could not begin says so by its code."""
    if not _failed():
        end_at_once()


def _failed() -> bool:
    """Whether this process ends for a fault: by an error, or by a code that is not 0."""
    error = sys.exc_info()[1]
    return error is not None and not (isinstance(error, SystemExit) and error.code in (None, 0))
