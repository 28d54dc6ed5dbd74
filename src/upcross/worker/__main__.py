"""``python -m upcross.worker -C FOLDER``: the worker alone, until it is told to stop (SIGTERM, Ctrl-C)."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from threading import Event

from upcross.errors import UpcrossError
from upcross.kept_ledger import ledger_of
from upcross.project import open_project
from upcross.web.ending import end_at_once
from upcross.worker import run


def main() -> int:
    """Run until stopped; 0 fine, 1 the project is wrong."""
    parser = argparse.ArgumentParser(prog="python -m upcross.worker", description=__doc__)
    parser.add_argument("-C", "--project", type=Path, default=Path(), help="The project's folder.")
    parser.add_argument(
        "--lease-seconds", type=float, default=30, help="How long work rests after a worker was killed."
    )
    given = parser.parse_args()
    stop = Event()
    try:
        place = ledger_of(open_project(given.project))
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        run(place, given.project, stop, lease_seconds=given.lease_seconds)
    except UpcrossError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    end_at_once(main())
