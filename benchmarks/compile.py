"""What it costs to write a run's statements for each dialect: every signal, and the plays told often enough to be 200.

    python benchmarks/compile.py [--plays 200]

CPU seconds of the first time, in a process each, and of the second, when relations that were printed are in memory.
Whether SQLGlot is the compiled build (`pip install upcross[fast]`) is told, since it halves the time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import sqlglot.generator
from on_book import alone

from upcross.book.snapshot import Snapshot
from upcross.book.store import Manifest
from upcross.engine import dialects
from upcross.plays.library import load_library
from upcross.project import Project
from upcross.runs import Evaluation
from upcross.signals.frame import Frame
from upcross.signals.model import Scope

DAY = date(2026, 9, 30)


def evaluation(plays: int) -> Evaluation:
    """All signals, and so many plays, each a copy of a shipped one under a name of its own."""
    manifest = Manifest("none", DAY, "EUR", None, {}, ())
    registry = Project.bare().registry(manifest)
    library = load_library(registry.signals, tests=False)
    told = [play.model_copy(update={"id": f"{play.id}-{n}"}) for n in range(plays) for play in library.running][:plays]
    told_by_id = {play.id: play for play in told}
    return Evaluation(Frame(registry, Snapshot(manifest, DAY, DAY)), replace(library, plays=told_by_id), ())


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of a piece of work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def printing(plays: int, dialect: str) -> tuple[float, float, float, int, int]:
    """Seconds of composing all statements, and of printing them in a dialect the first and the second time.

    With them, how many signals and characters there are.
    """
    made = evaluation(plays)
    texts: list[str] = []

    def compose() -> None:
        for scope in Scope:
            texts.extend((made.signals_statement(scope), made.verdicts_statement(scope)))

    def printed() -> None:
        for text in texts:
            dialects.render(text, dialect)

    dialects.render("SELECT 1 AS one", dialect)  # what SQLGlot loads for a dialect is no part of it
    composed, first, second = seconds(compose), seconds(printed), seconds(printed)
    return composed, first, second, len(made.frame.registry.signals), sum(map(len, texts))


def main() -> None:
    """Print a table: one line a dialect."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plays", type=int, default=200)
    plays = parser.parse_args().plays
    build = "plain" if str(sqlglot.generator.__file__).endswith(".py") else "compiled"
    for dialect in dialects.DIALECTS:
        (composed, first, second, signals, characters), *_ = alone(printing, plays, dialect)
        if dialect == "duckdb":
            print(f"{signals} signals, {plays} plays, {characters:,} characters; SQLGlot {build}")
            print(f"composed (DuckDB)  {composed:.2f} s")
        else:
            print(f"{dialect:<18} {first:.2f} s, then {second:.2f} s")


if __name__ == "__main__":
    main()
