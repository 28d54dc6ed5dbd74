"""The movements model against a hand-written DuckDB query, on 300,000 subscription lines over 36 months.

    python benchmarks/movements.py [--lines 300000] [--rounds 5]

Both run in this process on the same tables, in turn, each round on one connection; what counts is the best processor
time of each, and the ratio of the two. The hand-written query spreads the lines over the months and compares months
by window functions; it knows accounts, products, seats, plans, prices and ends written as the last day, and nothing
of trials, transfers, dated list prices, discounts, escalators, commitments or currencies. Both must find the same
total change in every month, or the run fails. Peak memory is measured in a process of its own, for the model alone.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
from on_book import peak_memory

from upcross.book.snapshot import Snapshot
from upcross.book.store import Manifest, StoredTable
from upcross.contract import TABLES
from upcross.signals.frame import Frame
from upcross.signals.registry import build, shipped_models

AS_OF = date(2025, 12, 31)
ALLOWED_RATIO = 1.5
ALLOWED_BYTES = 2 * 1024**3

ROWS = {
    "products": "SELECT 'p' || p AS product_id, 'P' || p AS name, CASE WHEN p % 3 = 0 THEN 'module' ELSE 'product' END"
    " AS kind FROM range(12) AS t(p)",
    "pricing_plans": "SELECT 'p' || p || '-' || r AS plan_id, 'p' || p AS product_id, 'Plan' AS name, r AS rank,"
    " CASE WHEN p % 4 = 0 THEN 'flat' ELSE 'per_unit' END AS charge FROM range(12) AS t(p), range(1, 4) AS u(r)",
    "plan_prices": "SELECT 'p' || p || '-' || r AS plan_id, '' AS currency, 100000 * r AS list_price"
    " FROM range(12) AS t(p), range(1, 4) AS u(r)",
    "accounts": "SELECT 'a' || a AS account_id, 'A' || a AS name FROM range({accounts}) AS t(a)",
    # Half the lines have a second version: more seats, a higher plan, or another price. A third of the lines end.
    "subscriptions": """
      WITH line AS (
        SELECT n, n % {accounts} AS a, hash(n) % 12 AS p, 1 + hash(n + 1) % 3 AS r, 5 + hash(n + 2) % 200 AS units,
          DATE '2022-06-01' + CAST(hash(n + 3) % 1200 AS INTEGER) AS starts,
          30 + CAST(hash(n + 4) % 700 AS INTEGER) AS days
        FROM range({lines}) AS t(n)
      )
      SELECT 'l' || n AS line_id, starts AS valid_from, 'a' || a AS account_id, 'p' || p AS product_id,
        'p' || p || '-' || r AS plan_id, CAST(units AS BIGINT) AS quantity, CAST(units * r * 90000 AS BIGINT) AS mrr,
        'active' AS status, CASE WHEN n % 3 = 0 THEN starts + days END AS ends_on, FALSE AS rolling
      FROM line
      UNION ALL
      SELECT 'l' || n, starts + 15 + days // 2, 'a' || a, 'p' || p,
        'p' || p || '-' || CASE WHEN n % 4 = 0 THEN 1 + r % 3 ELSE r END,
        CAST(CASE WHEN n % 4 = 2 THEN units + 10 ELSE units END AS BIGINT),
        CAST(CASE WHEN n % 4 = 0 THEN units * (1 + r % 3) * 90000 ELSE (units + 10) * r * 91000 END AS BIGINT),
        'active', CASE WHEN n % 3 = 0 THEN starts + days END, FALSE
      FROM line WHERE n % 2 = 0 AND (n % 3 <> 0 OR days > 60)
    """,
}

HAND_WRITTEN = """
WITH month AS (
  SELECT CAST(m AS DATE) AS month_start, CAST(m + INTERVAL 1 MONTH AS DATE) AS month_end
  FROM range(DATE '2022-12-01', DATE '2026-01-01', INTERVAL 1 MONTH) AS t(m)
), version AS (
  SELECT s.*, p.rank, p.charge, LEAD(valid_from) OVER (PARTITION BY line_id ORDER BY valid_from) AS next_from
  FROM book.subscriptions AS s JOIN book.pricing_plans AS p USING (plan_id)
), followed AS (
  SELECT e.line_id, MIN(n.valid_from) AS next_on
  FROM version AS e JOIN version AS n
    ON n.account_id = e.account_id AND n.product_id = e.product_id AND n.line_id <> e.line_id
    AND n.valid_from BETWEEN e.ends_on - 7 AND e.ends_on + 7
  WHERE e.next_from IS NULL
  GROUP BY e.line_id HAVING MIN(n.valid_from) > MIN(e.ends_on)
), line AS (
  SELECT v.*, COALESCE(v.next_from, f.next_on, v.ends_on, DATE '9999-12-31') AS until_on
  FROM version AS v LEFT JOIN followed AS f ON f.line_id = v.line_id AND v.next_from IS NULL
), state AS (
  SELECT account_id, l.product_id, month_start, SUM(mrr)::BIGINT AS mrr, SUM(quantity)::BIGINT AS quantity,
    MAX(rank) AS rank, MAX(charge) AS charge, MAX(plan_id) AS plan_id
  FROM line AS l JOIN month AS m ON l.valid_from < m.month_end AND l.until_on >= m.month_end
  GROUP BY ALL
), following AS (
  SELECT *, LEAD(month_start) OVER w AS next_month
  FROM state WINDOW w AS (PARTITION BY account_id, product_id ORDER BY month_start)
), spine AS (
  SELECT account_id, product_id, month_start, mrr, quantity, rank, charge, plan_id FROM following
  UNION ALL
  SELECT account_id, product_id, CAST(month_start + INTERVAL 1 MONTH AS DATE), 0, 0, NULL, charge, NULL
  FROM following
  WHERE (next_month IS NULL OR next_month > month_start + INTERVAL 1 MONTH) AND month_start < DATE '2025-12-01'
), lagged AS (
  SELECT *, LAG(mrr, 1, 0) OVER w AS mrr0, LAG(quantity, 1, 0) OVER w AS quantity0, LAG(rank) OVER w AS rank0,
    LAG(plan_id) OVER w AS plan0, ROW_NUMBER() OVER w AS place,
    LAG(month_start) OVER w = month_start - INTERVAL 1 MONTH AS adjoins,
    SUM(mrr) OVER (PARTITION BY account_id, month_start) AS account_mrr
  FROM spine WINDOW w AS (PARTITION BY account_id, product_id ORDER BY month_start)
), account AS (
  SELECT account_id, month_start, SUM(CASE WHEN adjoins THEN mrr0 ELSE 0 END) AS account_mrr0,
    MIN(month_start) OVER (PARTITION BY account_id) AS first_month
  FROM lagged GROUP BY account_id, month_start
), classed AS (
  SELECT l.*, a.account_mrr0, a.first_month, CASE WHEN adjoins THEN mrr0 ELSE 0 END AS before,
    CASE WHEN charge = 'per_unit' AND quantity0 > 0 AND quantity > 0
      THEN mrr0 * quantity // quantity0 - mrr0 ELSE 0 END AS seats
  FROM lagged AS l JOIN account AS a USING (account_id, month_start)
  WHERE l.month_start >= DATE '2023-01-01'
)
SELECT account_id, product_id, month_start,
  CASE WHEN account_mrr0 = 0 AND month_start = first_month THEN 'new' WHEN account_mrr0 = 0 THEN 'reactivation'
    WHEN account_mrr = 0 THEN 'churn' WHEN before = 0 AND place = 1 THEN 'cross_sell'
    WHEN before = 0 THEN 'reactivation_product' WHEN mrr = 0 THEN 'contraction_product' ELSE '' END AS kind,
  seats, CASE WHEN rank <> rank0 THEN mrr - before - seats ELSE 0 END AS tier,
  CASE WHEN rank = rank0 THEN mrr - before - seats ELSE 0 END AS price,
  mrr - before AS amount, before AS before_mrr, mrr AS after_mrr, quantity0, quantity, plan0, plan_id
FROM classed WHERE mrr <> before
"""


def write_book(lines: int, folder: Path) -> None:
    """A book of that many lines as Parquet, one file a table, as the store keeps it."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    for name, query in ROWS.items():
        table = TABLES[name]
        filled = query.format(lines=lines, accounts=max(lines // 6, 1))
        given = [row[0] for row in connection.execute(f"DESCRIBE {filled}").fetchall()]
        cells = ", ".join(
            f"CAST({c.name if c.name in given else _default(c.default)} AS {c.type.sql}) AS {c.name}"
            for c in table.columns
        )
        order = ", ".join(table.key)
        connection.execute(
            f"COPY (SELECT {cells} FROM ({filled}) ORDER BY {order}) TO '{folder / name}.parquet' (FORMAT parquet)"
        )
    connection.close()


def _default(value: object) -> str:
    return "NULL" if value is None else f"'{value}'"


def book(folder: Path) -> tuple[duckdb.DuckDBPyConnection, str]:
    """A connection to the book, and the model's statement over it."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("CREATE SCHEMA book")
    for name in ROWS:
        connection.execute(f"CREATE VIEW book.{name} AS SELECT * FROM read_parquet('{folder / name}.parquet')")
    stored = {
        name: StoredTable(name=name, files=(), rows=1, set_aside=0, left_out=0, complete_from=None,
                          complete_through=None, max_lag_days=0, every_account=False, corrected=False,
                          columns=tuple(TABLES[name].names), sources=())
        for name in ROWS
    }  # fmt: skip
    snapshot = Snapshot(Manifest("bench", AS_OF, "EUR", None, stored, ()), AS_OF, AS_OF)
    return connection, Frame(build((), shipped_models()), snapshot).model_statement("movements")


def processor_seconds(connection: duckdb.DuckDBPyConnection, statement: str) -> float:
    before = time.process_time()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE result AS {statement}")
    return time.process_time() - before


def totals(connection: duckdb.DuckDBPyConnection, statement: str) -> list[tuple[date, int]]:
    return connection.execute(
        f"SELECT month_start, SUM(amount)::BIGINT FROM ({statement}) GROUP BY month_start ORDER BY month_start"
    ).fetchall()


def _peak(folder: Path, send: Connection) -> None:
    connection, statement = book(folder)
    processor_seconds(connection, statement)
    send.send(peak_memory())


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--lines", type=int, default=300_000)
    arguments.add_argument("--rounds", type=int, default=5)
    chosen = arguments.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        write_book(chosen.lines, Path(folder))
        return _compare(Path(folder), chosen.lines, chosen.rounds)


def _compare(folder: Path, lines: int, rounds: int) -> int:
    # First of all: what a child process inherits of its parent's peak counts as its own.
    receive, send = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_peak, args=(folder, send))
    child.start()
    peak = receive.recv()
    child.join()

    connection, statement = book(folder)
    versions, movements = (connection.execute(q).fetchall()[0][0] for q in (
        "SELECT count(*) FROM book.subscriptions", f"SELECT count(*) FROM ({statement})"))  # fmt: skip
    same = totals(connection, statement) == totals(connection, HAND_WRITTEN)
    times = [(processor_seconds(connection, statement), processor_seconds(connection, HAND_WRITTEN))
             for _ in range(rounds)]  # fmt: skip
    model, by_hand = (min(column) for column in zip(*times, strict=True))
    connection.close()

    print(f"{lines:,} lines, {versions:,} versions, 36 months, {movements:,} movements; duckdb {duckdb.__version__}")
    print(f"movements model    {model:6.2f} s of processor time (best of {rounds})")
    print(f"hand-written query {by_hand:6.2f} s")
    print(f"ratio              {model / by_hand:6.2f}   (at most {ALLOWED_RATIO})")
    print(f"peak memory        {peak / 2**20:6.0f} MiB (at most {ALLOWED_BYTES / 2**20:.0f})")
    print(f"same change in every month: {'yes' if same else 'NO'}")
    return 0 if same and model <= ALLOWED_RATIO * by_hand and peak <= ALLOWED_BYTES else 1


if __name__ == "__main__":
    raise SystemExit(main())
