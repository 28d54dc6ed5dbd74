"""What a replay costs, in runs: from kept signals, one play again, and days made anew.

    python benchmarks/replay.py [--days 52] [--rebuild 4] [--rounds 3] [--play seat-expansion] [--stories]

On the sample company (with --stories on its written stories alone, which is quicker to make). A run is a plan from the
command line's verbs on a loaded book without anything kept; what counts is processor time in a fresh process, the best
of some rounds, the start of Python left out. A replay reads the kept signals of so many weeks; the rebuild makes the
signals of some days, one after another, and its peak memory is held against that of one day.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from on_book import peak_memory

from upcross.project import open_project
from upcross.replaying.history import Step, evaluations_on, keep_history
from upcross.replaying.replay import replay
from upcross.sample import write_sample
from upcross.sample.company import AS_OF
from upcross.verbs import load, plan

ALLOWED_REPLAY = 7.0
ALLOWED_PLAY = 0.5
ALLOWED_REBUILD = 1.0
ALLOWED_MEMORY = 1.5


def one_run(folder: Path) -> None:
    """A run with nothing kept: neither signals nor verdicts, nor what the checks find."""
    shutil.rmtree(folder / ".upcross" / "runs", ignore_errors=True)
    for file in (folder / ".upcross" / "book").rglob("checks-*.json"):
        file.unlink()
    plan(open_project(folder))


def rebuild(folder: Path, days: int) -> None:
    """The signals of so many days, the last and the weeks before it."""
    shutil.rmtree(folder / ".upcross" / "runs", ignore_errors=True)
    project = open_project(folder)
    weeks = [AS_OF - timedelta(weeks=back) for back in range(days)]
    keep_history(project, evaluations_on(project, project.evaluation(), weeks))


def replayed(folder: Path, days: int, play: str | None = None) -> None:
    """A replay over so many weeks."""
    replay(open_project(folder), play=play, since=AS_OF - timedelta(weeks=days - 1), step=Step.WEEK)


def _measured(send: Connection, work: Callable[..., None], arguments: tuple[object, ...]) -> None:
    before = time.process_time()
    work(*arguments)
    send.send((time.process_time() - before, peak_memory()))


def measured(work: Callable[..., None], *arguments: object, rounds: int = 1) -> tuple[float, int]:
    """Seconds of processor time and peak memory of some work, each round in a process of its own: the best of them."""
    found = []
    for _ in range(rounds):
        receive, send = multiprocessing.Pipe()
        child = multiprocessing.get_context("spawn").Process(target=_measured, args=(send, work, arguments))
        child.start()
        send.close()
        found.append(receive.recv())
        child.join()
    return min(seconds for seconds, _ in found), min(peak for _, peak in found)


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--days", type=int, default=52)
    arguments.add_argument("--rebuild", type=int, default=4)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--play", default="seat-expansion")
    arguments.add_argument("--stories", action="store_true")
    chosen = arguments.parse_args()

    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        write_sample(folder, stories_only=chosen.stories)
        load(open_project(folder), AS_OF)
        return _compare(folder, chosen.days, chosen.rebuild, chosen.rounds, chosen.play)


def _compare(folder: Path, days: int, rebuilt: int, rounds: int, play: str) -> int:
    run, _ = measured(one_run, folder, rounds=rounds)
    _, day_peak = measured(rebuild, folder, 1)
    made, peak = measured(rebuild, folder, rebuilt)
    replayed(folder, days)  # keeps what the replays below read
    whole, _ = measured(replayed, folder, days, rounds=rounds)
    one, _ = measured(replayed, folder, days, play, rounds=rounds)

    ratios = (
        (f"{days} weeks from kept signals", whole / run, ALLOWED_REPLAY, "runs"),
        (f"{play} alone", one / run, ALLOWED_PLAY, "runs"),
        (f"{rebuilt} days made anew", made / run / rebuilt, ALLOWED_REBUILD, "runs a day"),
        (f"peak memory of {rebuilt} days", peak / day_peak, ALLOWED_MEMORY, "times that of one"),
    )
    print(f"one run                        {run:6.2f} s of processor time (best of {rounds})")
    for name, ratio, allowed, unit in ratios:
        print(f"{name:30} {ratio:6.2f} {unit} (at most {allowed:g})")
    print(f"peak memory                    {peak / 2**20:6.0f} MiB")
    return 0 if all(ratio <= allowed for _, ratio, allowed, _ in ratios) else 1


if __name__ == "__main__":
    raise SystemExit(main())
