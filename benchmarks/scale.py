"""What judging a large customer base costs, as ratios measured in one run: bars, and by how much each is met or missed.

    python benchmarks/scale.py [--accounts 2000] [--book FOLDER] [--rounds 3] [--shipped] [--others 200]

Makes a book (``big_book.py``; with --book it is made or found in that folder and kept), compares the benchmark's 25
signals and 100 plays row by row with the same written by hand (``by_hand.py``), and measures then. What counts is
processor time of all threads, the median of the rounds; ratios hold on a busy machine, seconds do not. At 100,000
accounts it takes about half an hour on two cores, most of it for making the book.

--shipped judges the book by everything that is shipped, which is no bar; --others N does the same job by pandas and by
the rule engine ``rule-engine`` (``pip install pandas rule-engine``) on a book of N accounts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import big_book
import duckdb
import other_ways
import published_set
import sqlglot
from on_book import (
    alone,
    compared,
    connect,
    costs,
    execute,
    of,
    our_statements,
    processor_seconds,
    run_once,
    statements_by_hand,
    store_of,
    write_native,
    write_quarter,
)

from upcross.engine.dialects import DIALECTS, render
from upcross.plays.verdicts import compile_verdicts
from upcross.project import open_project
from upcross.signals.frame import Frame
from upcross.signals.model import Scope
from upcross.signals.registry import Registry, build, shipped_models
from upcross.verbs import plan_of

GIB = 2**30


@dataclass(frozen=True)
class Bar:
    """One measure against what it may be."""

    name: str
    measured: float
    allowed: float
    unit: str = "x"
    note: str = ""

    @property
    def met(self) -> bool:
        return self.measured <= self.allowed

    def __str__(self) -> str:
        verdict = "met" if self.met else f"MISSED by {self.measured / self.allowed - 1:.0%}"
        cells = (self.name, f"{self.measured:.2f}{self.unit}", f"≤ {self.allowed:g}{self.unit}", verdict, self.note)
        return f"| {' | '.join(cells)} |"


def bare_scan(folder: Path, source: str, rounds: int) -> float:
    """Median processor seconds of reading the columns and days that the benchmark needs, and nothing more."""
    reads = {
        "usage": ("period_start > DATE '2026-04-01'", "account_id, product_id, metric, period_start, value"),
        "seats": ("period_end > DATE '2026-03-04'", "account_id, product_id, period_end, active"),
        "tickets": ("opened_on > DATE '2026-04-01'",
                    "account_id, opened_on, priority, escalated_on, escalation_closed_on"),
        "activities": ("happened_on > DATE '2026-04-01'", "account_id, contact_id, happened_on, direction"),
        "contacts": ("account_id >= ''", "account_id, contact_id, seniority, left_on"),
        "subscriptions": ("account_id >= ''", "account_id, product_id, plan_id, quantity, mrr, term_ends_on"),
        "accounts": ("account_id >= ''", "account_id, segment"),
    }  # fmt: skip
    took = []
    with closing(connect(folder, source)) as connection:
        for _ in range(rounds):
            before = processor_seconds()
            for table, (where, columns) in reads.items():
                largest = ", ".join(f"max({column})" for column in columns.split(", "))
                connection.execute(f"SELECT {largest} FROM {table} WHERE {where}").fetchall()
            took.append(processor_seconds() - before)
    return statistics.median(took)


def from_end_to_end(folder: Path, rounds: int) -> tuple[float, int]:
    """Median processor seconds from a loaded book to a kept run and its plan, nothing kept before; asks in the plan."""
    project = open_project(folder)
    took, asks = [], 0
    for _ in range(rounds):
        shutil.rmtree(project.runs, ignore_errors=True)
        before = processor_seconds()
        evaluation = published_set.evaluation(project.store.manifest())
        asks = len(plan_of(project, evaluation).changes)
        took.append(processor_seconds() - before)
    shutil.rmtree(project.runs, ignore_errors=True)
    return statistics.median(took), asks


def judged_by_shipped(folder: Path, memory_limit: str) -> dict[str, float]:
    """Processor seconds of everything that is shipped, by table: all signals of every scope, all plays."""
    evaluation = open_project(folder).evaluation()
    shared = evaluation.frame.shared()
    statements = {f"signals {scope.value}": evaluation.frame.statement(scope, held=shared) for scope in Scope}
    statements |= {f"verdicts {scope.value}": evaluation.verdicts_statement(scope) for scope in Scope}
    with closing(connect(folder, memory_limit=memory_limit)) as connection:
        took = {"what scopes share": sum(execute(connection, shared).values())}
        for name, statement in statements.items():
            took[name] = execute(connection, {name.replace(" ", "_"): statement})[name.replace(" ", "_")]
    for name, seconds in took.items():
        print(f"  shipped: {name:24} {seconds:8.2f} s", flush=True)
    return took


def compiling(dialect: str) -> float:
    """Processor seconds of compiling and printing 40 shipped signals and 200 plays in a dialect.

    To be asked once a process: what was printed is kept, and nothing may have been. What SQLGlot loads of a dialect
    when it first prints in it is loaded before.
    """
    forty = _forty_signals()
    plays = published_set.library(10).running
    render("SELECT 1 AS one", dialect)
    before = processor_seconds()
    for scope, frame in forty:
        render(frame.statement(scope), dialect)
    for scope in Scope:
        render(compile_verdicts(scope, plays, (), big_book.AS_OF, "wide").select, dialect)
    return processor_seconds() - before


def _forty_signals() -> list[tuple[Scope, Frame]]:
    """The first shipped models of the subscription scope that hold 40 signals together, over an empty book."""
    from upcross.book.snapshot import Snapshot
    from upcross.book.store import Manifest

    everything = build((), shipped_models())
    chosen, signals = dict(everything.models), 0
    for model in everything.models.values():
        if not model.signals:
            continue
        if model.scope is Scope.SUBSCRIPTION and signals < 40 and "described" not in model.reads:
            signals += len(model.signals)
        else:
            chosen[model.name] = _without_signals(model)
    empty = Snapshot(Manifest("none", big_book.AS_OF, "EUR", None, {}, ()), big_book.AS_OF, big_book.AS_OF)
    return [(Scope.SUBSCRIPTION, Frame(Registry(chosen, everything.signals), empty))]


def _without_signals(model):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(model, signals=())


def bars(folder: Path, smaller: Path, rounds: int) -> Iterator[Bar]:
    """Every bar, one after another."""
    manifest = store_of(folder).manifest()
    evaluation = published_set.evaluation(manifest)
    ours, hand = our_statements(evaluation), statements_by_hand()

    both = {source: costs(folder, source, rounds, {"ours": ours, "hand": hand}) for source in ("parquet", "native")}
    parquet, native = both["parquet"], both["native"]
    yield Bar("SQL to verdict rows, against by hand (Parquet)", parquet["ours"] / parquet["hand"], 1.3,
              note=f"{parquet['ours']:.2f} s against {parquet['hand']:.2f} s")  # fmt: skip
    yield Bar("the same on native tables", native["ours"] / native["hand"], 1.3,
              note=f"{native['ours']:.2f} s against {native['hand']:.2f} s")  # fmt: skip

    (whole, asks), _, _ = alone(from_end_to_end, folder, rounds)
    yield Bar("end to end, against by hand", whole / parquet["hand"], 3, note=f"{whole:.2f} s, {asks:,} asks planned")

    for source, allowed in (("native", 20), ("parquet", 7)):
        scan = bare_scan(folder, source, rounds)
        yield Bar(f"against the bare scan, {source}", both[source]["ours"] / scan, allowed, note=f"scan {scan:.2f} s")

    plays = {
        "1": our_statements(published_set.evaluation(manifest, only=1)), "100": ours,
        "500": our_statements(published_set.evaluation(manifest, 25)),
    }  # fmt: skip
    by_plays = costs(folder, "parquet", rounds, plays)
    yield Bar("100 plays against 1", by_plays["100"] / by_plays["1"], 1.3, note=f"1 play {by_plays['1']:.2f} s")
    yield Bar("500 plays against 1", by_plays["500"] / by_plays["1"], 2, note=f"500 plays {by_plays['500']:.2f} s")

    usage = {"usage": evaluation.frame.model_statement("use")}
    ordered, by_day = (costs(folder, s, rounds, {"u": usage})["u"] for s in ("parquet", "day_order"))
    yield Bar("usage pass, our order against day order", ordered / by_day, 0.6, note=f"{ordered:.2f} s, {by_day:.2f} s")

    quarter = costs(folder, "quarter", rounds, {"ours": ours})["ours"]
    long = costs(folder, "parquet", rounds, {"ours": ours})["ours"]
    yield Bar("history 4 times longer, same day", long / quarter, 1.25, note=f"{long:.2f} s against {quarter:.2f} s")

    few = costs(smaller, "parquet", rounds, {
        "ours": our_statements(published_set.evaluation(store_of(smaller).manifest()))})["ours"]  # fmt: skip
    times = of(manifest, "accounts") / of(store_of(smaller).manifest(), "accounts")
    yield Bar(f"accounts × {times:g}", long / few, 12, note=f"{long:.2f} s against {few:.2f} s")

    _, _, peak = alone(run_once, folder, "parquet", "")
    yield Bar("peak memory of the SQL part", peak / GIB, 1.0, " GiB", "the process with Python and all it imports")
    _, limited, held = alone(run_once, folder, "parquet", "1GB")
    yield Bar("peak memory with memory_limit 1 GB", held / GIB, 1.15, " GiB", f"finishes, {limited:.2f} s")

    compiled = any(Path(sqlglot.__file__).parent.glob("*.so"))
    for dialect in DIALECTS:
        took = statistics.median(alone(compiling, dialect)[0] for _ in range(rounds))
        yield Bar(f"40 signals and 200 plays compiled for {dialect}", 1000 * took, 250 if compiled else 1000, " ms",
                  f"{'with' if compiled else 'without'} sqlglotc, a process each time")  # fmt: skip


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--accounts", type=int, default=2000)
    arguments.add_argument("--book", type=Path)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--shipped", action="store_true")
    arguments.add_argument("--others", type=int, default=200)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.book or Path(made) / "book"
        smaller = Path(made) / "smaller"
        if not (folder / "upcross.yaml").exists():
            big_book.write_big_book(folder, chosen.accounts, day_order=True)
        manifest = store_of(folder).manifest()
        accounts = of(manifest, "accounts")
        big_book.write_big_book(smaller, max(accounts // 10, 1))
        write_native(folder)
        write_quarter(folder)
        told = ", ".join(f"{of(manifest, name):,} {what}" for name, what in (
            ("accounts", "accounts"), ("subscriptions", "lines"), ("usage", "rows of usage"), ("tickets", "tickets"),
            ("contacts", "contacts"), ("activities", "activities")))  # fmt: skip
        print(f"{told}\nduckdb {duckdb.__version__}, sqlglot {sqlglot.__version__}, Python {sys.version.split()[0]},"
              f" {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
        different, counts = compared(folder)
        share = counts["speaking"] / counts["rows"]
        print(f"{counts['rows']:,} rows judged, on {counts['speaking']:,} ({share:.2%}) a play fires or is held;"
              f" every signal and verdict as by hand: {'yes' if not different else 'NO'}")  # fmt: skip
        for difference in different:
            print(f"  {difference}")
        print("\n| measure | measured | bar | | |\n| --- | --- | --- | --- | --- |")
        missed = bool(different)
        for bar in bars(folder, smaller, chosen.rounds):
            print(bar, flush=True)
            missed = missed or not bar.met
        print(f"\nload average {os.getloadavg()[0]:.1f}")
        if chosen.others:
            other = Path(made) / "others"
            big_book.write_big_book(other, chosen.others)
            other_ways.tell(other)
        if chosen.shipped:
            took, _, peak = alone(judged_by_shipped, folder, "")
            print(f"everything shipped: {sum(took.values()):.1f} s of processor time, peak {peak / GIB:.2f} GiB")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
