"""What loading one more day costs beside loading the year before it.

    python benchmarks/small_days.py [--rows 10] [--rounds 3]

A generated book of daily usage files (``--rows`` millions of rows over a year) with accounts and subscription lines is
loaded from nothing; then one more day lands, and late and corrected rows of earlier months with it where ``--late`` is
given, and it is loaded again. What counts is processor time of the load in a fresh process, the best of some rounds,
the start of Python left out. The bar is the share of the one in the other; that both give the same rows is checked.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import tempfile
import time
from contextlib import closing
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from upcross.project import open_project
from upcross.verbs import load

ALLOWED = 0.02
FIRST = date(2025, 7, 1)
METRICS = ("active_users", "api_calls", "records")
PROJECT = """\
name: A year of days
reporting_currency: EUR
tables:
  accounts: accounts.csv
  subscriptions: subscriptions.csv
  usage: usage/*.csv
"""


def write_day(folder: Path, day: date, accounts: int, late: bool = False) -> None:
    """One daily file: each account's metrics, of which late ones are of the months before and corrected today."""
    is_late = f"{str(late).lower()} AND a % 50 = 0"
    happened = f"DATE '{day}' - CASE WHEN {is_late} THEN CAST(35 + a % 60 AS INTEGER) ELSE 0 END"
    metric = f"[{', '.join(repr(name) for name in METRICS)}][m + 1]"
    query = (
        f"SELECT 'A' || a AS account_id, 'crm' AS product_id, {metric} AS metric, {happened} AS period_start,"
        f" {happened} + 1 AS period_end, hash(a, m, DATE '{day}') % 10000 AS value,"
        f" CASE WHEN {is_late} THEN DATE '{day}' END AS recorded_at"
        f" FROM range({accounts}) t(a), range({len(METRICS)}) u(m)"
    )
    with closing(duckdb.connect()) as connection:
        connection.execute(f"COPY ({query}) TO '{folder}/usage/{day}.csv' (HEADER)")


def write_book(folder: Path, days: int, accounts: int) -> None:
    """The project: so many days of usage, and what the accounts bought."""
    (folder / "usage").mkdir(parents=True)
    (folder / "upcross.yaml").write_text(PROJECT)
    with closing(duckdb.connect()) as connection:
        connection.execute(
            f"COPY (SELECT 'A' || a AS account_id, 'Account ' || a AS name FROM range({accounts}) t(a))"
            f" TO '{folder}/accounts.csv' (HEADER)"
        )
        connection.execute(
            f"COPY (SELECT 'L' || a AS line_id, DATE '{FIRST}' AS valid_from, 'A' || a AS account_id,"
            f" 'crm' AS product_id, 10 AS quantity, 10 AS unit_price, 100 AS mrr FROM range({accounts}) t(a))"
            f" TO '{folder}/subscriptions.csv' (HEADER)"
        )
    for number in range(days):
        write_day(folder, FIRST + timedelta(number), accounts)


def loaded(folder: Path, anew: bool) -> None:
    """One load of what lies there."""
    load(open_project(folder), FIRST + timedelta(400), anew=anew)


def _measured(send: Connection, folder: Path, anew: bool) -> None:
    with tempfile.TemporaryDirectory() as small:  # what is imported on the way is no cost of either
        write_book(Path(small), 1, 1)
        loaded(Path(small), True)
    before = time.process_time()
    loaded(folder, anew)
    send.send(time.process_time() - before)


def measure(folder: Path, anew: bool) -> float:
    """Processor seconds of one load in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(send, folder, anew))
    process.start()
    send.close()  # so that a child that fails ends the wait
    seconds: float = receive.recv()
    process.join()
    return seconds


def rows(folder: Path) -> list[tuple[object, ...]]:
    """What the stored usage adds up to."""
    with closing(open_project(folder).store.connect()) as connection:
        return connection.execute(
            "SELECT count(*), sum(value), min(period_start), max(period_start), bit_xor(hash(account_id, metric,"
            " period_start, value, recorded_at)) FROM book.usage"
        ).fetchall()


def main() -> None:
    """Generate, load the year, load one more day, and say how much that is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, default=10, help="millions of usage rows in the year")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--late", action="store_true", help="a fiftieth of the day's rows is of the two months before")
    given = parser.parse_args()
    accounts = int(given.rows * 1e6 / 365 / len(METRICS))
    with tempfile.TemporaryDirectory(prefix="upcross-small-days-") as made:
        folder = Path(made) / "year"
        write_book(folder, 365, accounts)
        year = min(measure(folder, anew=True) for _ in range(min(given.rounds, 2)))
        days = []
        for number in range(given.rounds):
            write_day(folder, FIRST + timedelta(365 + number), accounts, given.late)
            days.append(measure(folder, anew=False))
        small = rows(folder)
        shutil.rmtree(folder / ".upcross")
        loaded(folder, anew=True)
        assert small == rows(folder), "a day on top is not the same book"
    share = min(days) / year
    print(f"{accounts * len(METRICS) * 365 / 1e6:.1f} million rows of usage in 365 files")
    print(f"loading the year       {year:8.2f} s of processor time")
    print(f"loading one more day   {min(days):8.2f} s ({', '.join(f'{day:.2f}' for day in days)})")
    print(f"share                  {share:8.1%} (allowed {ALLOWED:.0%}) {'ok' if share <= ALLOWED else 'TOO MUCH'}")
    raise SystemExit(share > ALLOWED)


if __name__ == "__main__":
    main()
