"""The benchmark's work on a generated book: connections to it, both ways of judging it, and what work costs."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import by_hand
import duckdb
import published_set

from upcross.book.store import Manifest, Store
from upcross.contract import TABLES
from upcross.runs import Evaluation
from upcross.signals.model import Scope

SCOPES = (Scope.ACCOUNT, Scope.SUBSCRIPTION, Scope.WHITE_SPACE)
"""The scopes in which the benchmark's plays judge."""


def store_of(folder: Path) -> Store:
    """The store of a generated book."""
    return Store(folder / ".upcross" / "book")


def connect(folder: Path, source: str = "parquet", memory_limit: str = "") -> duckdb.DuckDBPyConnection:
    """A connection whose schema ``book`` shows a generated book.

    ``source`` is ``parquet``, the store itself; ``native``, the same tables in a DuckDB file; ``day_order``, the store
    with usage in the order of its days; or ``quarter``, the store with the last three months of its history alone.
    """
    connection = store_of(folder).connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"SET temp_directory = '{folder}/spill'")
    if memory_limit:
        connection.execute(f"SET memory_limit = '{memory_limit}'")
    if source == "native":
        connection.execute(f"ATTACH '{folder}/native.duckdb' AS native (READ_ONLY)")
        for name in store_of(folder).manifest().tables:
            connection.execute(f"CREATE OR REPLACE VIEW book.{name} AS SELECT * FROM native.{name}")
    elif source == "day_order":
        _show(connection, folder / "day_order", ("usage",))
    elif source == "quarter":
        _show(connection, folder / "quarter", QUARTER)
    connection.execute("SET schema = 'book'")
    return connection


QUARTER = {"usage": "period_start", "seats": "period_start", "tickets": "opened_on", "activities": "happened_on",
           "incidents": "started_on"}  # fmt: skip
"""The tables that grow with time, each with its day."""


def _show(connection: duckdb.DuckDBPyConnection, folder: Path, names: Any) -> None:
    for name in names:
        files = f"{folder}/{name}.parquet" if (folder / f"{name}.parquet").exists() else f"{folder}/*.parquet"
        columns = ", ".join(TABLES[name].names)
        connection.execute(f"CREATE OR REPLACE VIEW book.{name} AS SELECT {columns} FROM read_parquet('{files}')")


def write_native(folder: Path) -> None:
    """The book's tables as a DuckDB file beside the store, rows in the store's order."""
    file = folder / "native.duckdb"
    if not file.exists():
        with closing(store_of(folder).connect()) as connection:
            connection.execute(f"SET memory_limit = '2GB'; SET temp_directory = '{folder}/spill'")
            connection.execute(f"ATTACH '{file}' AS native")
            for name in store_of(folder).manifest().tables:
                connection.execute(f"CREATE TABLE native.{name} AS SELECT * FROM book.{name}")


def write_quarter(folder: Path) -> None:
    """What the book would hold if its history were a quarter as long, as files of its own beside the store."""
    (folder / "quarter").mkdir(exist_ok=True)
    with closing(store_of(folder).connect()) as connection:
        connection.execute(f"SET memory_limit = '2GB'; SET temp_directory = '{folder}/spill'")
        for name, day in QUARTER.items():
            # Four weeks more of seats: what they are compared with lies about 90 days before the latest period.
            since = "2026-03-01" if name == "seats" else "2026-04-01"
            connection.execute(
                f"COPY (SELECT * FROM book.{name} WHERE {day} >= DATE '{since}')"
                f" TO '{folder}/quarter/{name}.parquet' (FORMAT parquet, COMPRESSION zstd)"
            )


def our_statements(evaluation: Evaluation) -> dict[str, str]:
    """The statements of a run, by the table that each makes: what scopes share, signals of each, then verdicts."""
    shared = evaluation.frame.shared()
    signals = {f"signals_{scope.value}": evaluation.frame.statement(scope, held=shared) for scope in SCOPES}
    return shared | signals | {f"verdicts_{scope.value}": evaluation.verdicts_statement(scope) for scope in SCOPES}


def statements_by_hand(settings: int = published_set.SETTINGS) -> dict[str, str]:
    """The two statements of a person."""
    judging = by_hand.judging(published_set.variants(settings))
    return {"by_hand_signals": by_hand.SIGNALS, "by_hand_verdicts": judging}


def execute(connection: duckdb.DuckDBPyConnection, statements: dict[str, str]) -> dict[str, float]:
    """Run statements one after another, each into a table of its own; processor seconds of each."""
    took = {}
    for name, statement in statements.items():
        before = processor_seconds()
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {statement}")
        took[name] = processor_seconds() - before
    return took


def processor_seconds() -> float:
    """Processor time of this process so far, all its threads, in itself and in the system for it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def differences(connection: duckdb.DuckDBPyConnection, evaluation: Evaluation) -> list[str]:
    """Where our tables and those by hand differ, in words; empty: every signal and every verdict of every row agrees.

    A run's tables and those by hand must have been made on the connection.
    """
    found = []
    for scope in SCOPES:
        words = [
            name
            for name, *_ in connection.execute(f"DESCRIBE verdicts_{scope.value}").fetchall()
            if name.rpartition("_")[0] in ("fired", "held", "unknown", "open", "gate_false", "gate_unknown")
        ]
        signals = sorted(s.name for s in evaluation.frame.registry.signals.values() if s.scope is scope)
        for kind, columns in (("signals", signals), ("verdicts", words)):
            product = "''" if scope is Scope.ACCOUNT else "product_id"
            ours = f"SELECT account_id, {product} AS product_id, {', '.join(columns)} FROM {kind}_{scope.value}"
            cells = [f"CAST({c} AS DECIMAL(18, 4)) AS {c}" if c == "use_30d" else c for c in columns]
            theirs = f"SELECT account_id, product_id, {', '.join(cells)} FROM by_hand_{kind} WHERE scope = '{scope}'"
            for more, less, whose in ((ours, theirs, "ours"), (theirs, ours, "by hand")):
                [(rows,)] = connection.execute(f"SELECT count(*) FROM ({more} EXCEPT ALL {less})").fetchall()
                if rows:
                    found.append(f"{rows} rows of {kind} by {scope.value} are {whose} alone")
    return found


def compared(folder: Path, settings: int = published_set.SETTINGS) -> tuple[list[str], dict[str, int]]:
    """Both ways on one book, row by row: where they differ, and how many rows and firings there are."""
    evaluation = published_set.evaluation(store_of(folder).manifest(), settings)
    with closing(connect(folder)) as connection:
        execute(connection, our_statements(evaluation) | statements_by_hand(settings))
        counts = {"rows": 0, "speaking": 0, "fired": 0}
        for scope in SCOPES:
            words = range(-(-len(evaluation.bits(scope).plays) // by_hand.WORD))
            speaks = " OR ".join(f"fired_{n} <> 0 OR held_{n} <> 0" for n in words)
            fired = " + ".join(f"bit_count(fired_{n})" for n in words)
            row = connection.execute(
                f"SELECT count(*), count(*) FILTER ({speaks}), CAST(sum({fired}) AS BIGINT) FROM verdicts_{scope.value}"
            ).fetchall()[0]
            counts = {name: counts[name] + number for name, number in zip(counts, row, strict=True)}
        return differences(connection, evaluation), counts


def costs(folder: Path, source: str, rounds: int, ways: dict[str, dict[str, str]]) -> dict[str, float]:
    """Median processor seconds of several ways to make tables, in turn on one connection."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    with closing(connect(folder, source)) as connection:
        for _ in range(rounds):
            for name, statements in ways.items():
                took[name].append(sum(execute(connection, statements).values()))
    return {name: statistics.median(seconds) for name, seconds in took.items()}


def run_once(folder: Path, source: str, memory_limit: str) -> dict[str, float]:
    """The SQL part of a run, once; processor seconds by table."""
    with closing(connect(folder, source, memory_limit)) as connection:
        return execute(connection, our_statements(published_set.evaluation(store_of(folder).manifest())))


def alone(work: Callable[..., Any], *arguments: object) -> tuple[Any, float, int]:
    """What work in a process of its own gives, its processor seconds, and its peak memory in bytes."""
    receive, send = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_alone, args=(send, work, arguments))
    child.start()
    send.close()
    try:
        given, seconds, peak = receive.recv()
    except EOFError:
        raise RuntimeError(f"{work.__name__} was ended by the system") from None
    finally:
        child.join()
    if isinstance(given, Exception):
        raise given
    return given, seconds, peak


def _alone(send: Connection, work: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    before = processor_seconds()
    try:
        given = work(*arguments)
    except duckdb.Error as error:
        given = RuntimeError(str(error).splitlines()[0])
    send.send((given, processor_seconds() - before, peak_memory()))


def peak_memory() -> int:
    """The most memory that this process held, in bytes.

    What ``getrusage`` tells of a process includes what its parent held when it was started.
    """
    status = Path("/proc/self/status")
    if status.exists():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def of(manifest: Manifest, table: str) -> int:
    """Rows of a table."""
    return manifest.tables[table].rows
