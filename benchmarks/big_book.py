"""A book of a large customer base, made in the store's own layout: 1,000 rows of daily usage an account and year.

    python benchmarks/big_book.py FOLDER [--accounts 2000] [--seed 7] [--day-order]

FOLDER becomes a project whose book is loaded. At 100,000 accounts it holds 300,000 subscription lines of six products,
100 million rows of usage over twelve months, 1 million tickets, 1 million contacts and 5 million activities. Every row
follows from its number and the seed by whole-number arithmetic, so that the same size and seed are the same book with
every version of DuckDB. Usage and seats are written month by month, in bounded memory. With --day-order the last
four months of usage stand a second time in FOLDER/day_order, in the order of their days: what the store's order is
measured against.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

import duckdb

from upcross.book.parts import MONTHLY
from upcross.book.store import FILE, LINE, Manifest, Store, StoredTable
from upcross.contract import TABLES, Coverage, Table
from upcross.periods import months_until

AS_OF = date(2026, 6, 30)
MONTHS = months_until(AS_OF, 12)
SERIES_OF_A_THOUSAND = 914
"""Of a thousand lines so many report usage: about 274 a hundred accounts, which is 100,000 rows over 365 days."""

NUMBERS = """
CREATE MACRO mixed(a, b) AS
  ((((CAST(a AS BIGINT) % 1000000007) * 48271 + CAST(b AS BIGINT) * 69621 + {seed} * 16807 + 101) % 2147483647) * 40692
    + 12345) % 2147483399;
CREATE MACRO drawn(a, b, n) AS (mixed(mixed(a, b), b + 1) // 7) % n;
CREATE MACRO account(a) AS 'a' || lpad(CAST(a AS VARCHAR), 7, '0');
"""
"""``drawn(a, b, n)``: the b-th number from 0 to n - 1 that belongs to the thing numbered a."""

LINES = """
CREATE TABLE line AS
SELECT n, a, p, 1 + drawn(n, 1, 3) AS rank, 10 + drawn(n, 2, 190) AS units,
  DATE '2023-07-01' + CAST(drawn(n, 3, 1000) AS INTEGER) AS starts,
  CASE WHEN drawn(n, 4, 100) < 6 THEN DATE '2026-01-01' + CAST(drawn(n, 5, 360) AS INTEGER) END AS ends,
  DATE '2026-07-01' + CAST(drawn(n, 6, 365) AS INTEGER) AS term,
  drawn(n, 7, 1000) < {series} AS reports,
  30 + drawn(n, 8, 75) AS share, drawn(n, 9, 41) - 15 AS slope,
  drawn(n, 13, 25) = 0 AS rests
FROM (
  -- Three of the six products each, no two alike.
  SELECT a * 3 + k AS n, a, (drawn(a, 10, 6) + CASE k WHEN 0 THEN 0 WHEN 1 THEN 1 + drawn(a, 11, 2)
    ELSE 3 + drawn(a, 12, 3) END) % 6 AS p
  FROM range({accounts}) AS t(a), range(3) AS u(k)
)
"""

METRIC = "CASE WHEN p < 3 THEN 'active_users' WHEN p < 5 THEN 'api_calls' ELSE 'gb_moved' END"

ROWS = {
    "products": "SELECT 'p' || p AS product_id, 'Product ' || (p + 1) AS name,"
    " CASE WHEN p = 5 THEN 'module' ELSE 'product' END AS kind FROM range(6) AS t(p)",
    "product_domains": "SELECT 'p' || p AS product_id, 'domain ' || (p % 3) AS domain FROM range(6) AS t(p)",
    "pricing_plans": "SELECT 'p' || p || '-' || r AS plan_id, 'p' || p AS product_id, 'Plan ' || r AS name, r AS rank,"
    " CASE WHEN p < 3 THEN 'per_unit' ELSE 'flat' END AS charge, 1 AS billing_months"
    " FROM range(6) AS t(p), range(1, 4) AS u(r)",
    "plan_prices": "SELECT 'p' || p || '-' || r AS plan_id, '' AS currency, 100000 * r AS list_price"
    " FROM range(6) AS t(p), range(1, 4) AS u(r)",
    "plan_limits": "SELECT 'p' || p || '-' || r AS plan_id, " + METRIC + " AS metric, 250 * r * r AS amount,"
    " 'month' AS period, 'soft' AS kind, FALSE AS per_unit FROM range(3, 6) AS t(p), range(1, 4) AS u(r)",
    "metrics": "SELECT m AS metric, m AS name, u AS unit, g AS aggregation, TRUE AS core, 'use' AS kind"
    " FROM (VALUES ('active_users', 'people', 'max'), ('api_calls', 'calls', 'sum'), ('gb_moved', 'GB', 'sum'))"
    " AS t(m, u, g)",
    "accounts": "SELECT account(a) AS account_id, 'Customer ' || a AS name,"
    " CASE WHEN drawn(a, 20, 10) < 6 THEN 'smb' WHEN drawn(a, 20, 10) < 9 THEN 'mid' ELSE 'large' END AS segment,"
    " 20 + drawn(a, 21, 5000) AS employees, 't' || (drawn(a, 22, 40)) AS csm, 't' || (40 + drawn(a, 23, 40)) AS ae"
    " FROM range({accounts}) AS t(a)",
    "team": "SELECT 't' || t AS person_id, 'Person ' || t AS name, CASE WHEN t < 40 THEN 'csm' ELSE 'ae' END AS role"
    " FROM range(80) AS u(t)",
    "subscriptions": "SELECT 'l' || lpad(CAST(n AS VARCHAR), 8, '0') AS line_id, starts AS valid_from,"
    " account(a) AS account_id, 'p' || p AS product_id, 'p' || p || '-' || rank AS plan_id, units AS quantity,"
    " CASE WHEN p < 3 THEN units ELSE 40 END * rank * 90000 AS mrr, 'active' AS status, starts AS starts_on,"
    " ends AS ends_on, 12 AS term_months, term AS term_ends_on, FALSE AS rolling FROM line",
    "tickets": "SELECT 'k' || lpad(CAST(n AS VARCHAR), 9, '0') AS ticket_id, account(n % {accounts}) AS account_id,"
    " 'p' || drawn(n, 30, 6) AS product_id, opened AS opened_on,"
    " CASE WHEN drawn(n, 31, 20) > 0 THEN opened + CAST(drawn(n, 32, 9) AS INTEGER) END AS closed_on,"
    " CASE WHEN drawn(n, 33, 12) = 0 THEN 'urgent' ELSE 'normal' END AS priority, 'problem' AS kind,"
    " CASE WHEN drawn(n, 34, 25) = 0 THEN opened + 1 END AS escalated_on,"
    " CASE WHEN drawn(n, 34, 25) = 0 AND drawn(n, 35, 8) > 0 THEN opened + 12 END AS escalation_closed_on"
    " FROM (SELECT n, DATE '2025-07-01' + CAST(drawn(n, 36, 365) AS INTEGER) AS opened FROM range({tickets}) AS t(n))",
    "incidents": "SELECT 'i' || n AS incident_id, account(drawn(n, 40, {accounts})) AS account_id,"
    " DATE '2025-07-01' + CAST(drawn(n, 41, 365) AS INTEGER) AS started_on,"
    " CASE WHEN drawn(n, 42, 3) = 0 THEN 'major' ELSE 'minor' END AS severity FROM range({incidents}) AS t(n)",
    "contacts": "SELECT 'c' || lpad(CAST(n AS VARCHAR), 9, '0') AS contact_id, account(n % {accounts}) AS account_id,"
    " 'Name ' || n AS name, CASE WHEN drawn(n, 50, 10) = 0 THEN 'executive' WHEN drawn(n, 50, 10) < 4 THEN 'manager'"
    " ELSE 'staff' END AS seniority, DATE '2024-01-01' AS joined_on,"
    " CASE WHEN drawn(n, 51, 10) = 0 THEN DATE '2025-07-01' + CAST(drawn(n, 52, 365) AS INTEGER) END AS left_on"
    " FROM range({contacts}) AS t(n)",
    # Of an account's contacts (those that leave the same rest) one takes part in each activity.
    "activities": "SELECT 'v' || lpad(CAST(n AS VARCHAR), 9, '0') AS activity_id,"
    " account(n % {accounts}) AS account_id,"
    " 'c' || lpad(CAST(n % {accounts} + {accounts} * drawn(n, 60, 10) AS VARCHAR), 9, '0') AS contact_id,"
    " 't' || drawn(n % {accounts}, 22, 40) AS person_id,"
    " CASE drawn(n, 61, 4) WHEN 0 THEN 'call' WHEN 1 THEN 'meeting' ELSE 'email' END AS kind,"
    " CASE WHEN drawn(n, 62, 3) = 0 THEN 'in' ELSE 'out' END AS direction,"
    " DATE '2025-07-01' + CAST(drawn(n, 63, 365) AS INTEGER) AS happened_on FROM range({activities}) AS t(n)",
}
"""Every table but the monthly ones, as a query; what it does not give is the contract's default."""

USAGE = f"""
SELECT account(a) AS account_id, 'p' || p AS product_id, {METRIC} AS metric, d AS period_start, d + 1 AS period_end,
  -- The share of the units (or of the allowance) in use, a straight line over the year, and noise of a tenth; a line
  -- in twenty-five rests on three days of four.
  CASE WHEN rests AND date_diff('day', DATE '2025-07-01', d) % 4 > 0 THEN 0
    ELSE greatest(0, (CASE WHEN p < 3 THEN units ELSE 260 * rank * rank END)
    * (share * 365 + slope * date_diff('day', DATE '2025-07-01', d)) // 36500
    * (95 + drawn(n * 367 + date_diff('day', DATE '2025-07-01', d), 70, 11)) // 100
    // (CASE WHEN p < 3 THEN 1 ELSE 30 END)) END AS value
FROM line, (SELECT CAST(d AS DATE) AS d FROM range(DATE '{{start}}', DATE '{{end}}', INTERVAL 1 DAY) AS t(d)) AS days
WHERE reports
"""

SEATS = """
SELECT account(a) AS account_id, 'p' || p AS product_id, DATE '{start}' AS period_start, DATE '{end}' AS period_end,
  units AS assigned,
  greatest(0, units * (share * 365 + slope * date_diff('day', DATE '2025-07-01', DATE '{end}')) // 36500) AS active
FROM line WHERE reports AND p < 3
"""

PROJECT = "name: A large customer base\nreporting_currency: EUR\n"


def write_big_book(folder: Path, accounts: int, seed: int = 7, *, day_order: bool = False) -> Manifest:
    """Make a project of that many accounts in a folder, its book loaded, and give the book's manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "upcross.yaml").write_text(PROJECT, encoding="utf-8")
    store = Store(folder / ".upcross" / "book")
    sizes = {"accounts": accounts, "tickets": 10 * accounts, "contacts": 10 * accounts, "activities": 50 * accounts,
             "incidents": max(3 * accounts // 10, 1), "series": SERIES_OF_A_THOUSAND}  # fmt: skip
    with store.loading() as (load_id, files):
        connection = duckdb.connect()
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET memory_limit = '2GB'")
        connection.execute(f"SET temp_directory = '{files}/spill'")
        connection.execute(NUMBERS.format(seed=seed))
        connection.execute(LINES.format(**sizes))
        tables = {}
        for name, query in ROWS.items():
            file = files / f"{name}.parquet"
            rows = _copy(connection, TABLES[name], query.format(**sizes), TABLES[name].key, file)
            tables[name] = _stored(TABLES[name], (f"{load_id}/{file.name}",), rows)
        for name, query in (("usage", USAGE), ("seats", SEATS)):
            (files / name).mkdir()
            rows = sum(
                _copy(connection, TABLES[name], query.format(start=start, end=end), MONTHLY[name],
                      files / name / f"{start:%Y-%m}.parquet")
                for start, end in MONTHS
            )  # fmt: skip
            shown = tuple(f"{load_id}/{name}/{start:%Y-%m}.parquet" for start, _ in MONTHS)
            tables[name] = _stored(TABLES[name], shown, rows)
        if day_order:
            _in_day_order(connection, files / "usage", folder / "day_order")
        connection.execute("COPY (SELECT '' AS table_name WHERE FALSE) TO "
                           f"'{files}/set_aside.parquet' (FORMAT parquet)")  # fmt: skip
        connection.close()
        manifest = Manifest(load_id, AS_OF, "EUR", None, tables, (), AS_OF, ("big_book.py",))
        store.publish(manifest, files)
    return manifest


def _in_day_order(connection: duckdb.DuckDBPyConnection, months: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for file in sorted(months.glob("*.parquet"))[-4:]:
        connection.execute(
            f"COPY (SELECT * FROM read_parquet('{file}') ORDER BY period_start, account_id, product_id, metric)"
            f" TO '{folder / file.name}' (FORMAT parquet, COMPRESSION zstd)"
        )


def _copy(
    connection: duckdb.DuckDBPyConnection, table: Table, query: str, order: tuple[str, ...], file: Path
) -> int:  # fmt: skip
    given = {row[0] for row in connection.execute(f"DESCRIBE {query}").fetchall()}
    cells = ", ".join(
        f"CAST({c.name if c.name in given else _default(c.default)} AS {c.type.sql}) AS {c.name}" for c in table.columns
    )
    line = "CAST(row_number() OVER () AS BIGINT)"
    ordered = f"SELECT {cells} FROM ({query}) ORDER BY {', '.join(order)}"
    written = connection.execute(
        f"COPY (SELECT *, CAST(0 AS BIGINT) AS {FILE}, {line} AS {LINE} FROM ({ordered}))"
        f" TO '{file}' (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()
    return int(written[0][0])


def _default(value: object) -> str:
    return "NULL" if value is None else f"'{value}'"


def _stored(table: Table, files: tuple[str, ...], rows: int) -> StoredTable:
    """What the manifest says of a table: events are told of from the first day to the last."""
    told = table.coverage is not Coverage.STATE
    return StoredTable(
        name=table.name, files=files, rows=rows, set_aside=0, left_out=0,
        complete_from=MONTHS[0][0] if told else None, complete_through=AS_OF if told else None,
        max_lag_days=table.max_lag_days, every_account=table.coverage is Coverage.EVERY_ACCOUNT, corrected=False,
        columns=tuple(table.names), sources=("big_book.py",),
    )  # fmt: skip


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--accounts", type=int, default=2000)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--day-order", action="store_true")
    chosen = arguments.parse_args()
    manifest = write_big_book(chosen.folder, chosen.accounts, chosen.seed, day_order=chosen.day_order)
    for table in manifest.tables.values():
        print(f"{table.name:16} {table.rows:>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
