"""The relations that checks read: each table in its latest recorded version, and what each account pays."""

from __future__ import annotations

from datetime import date

import duckdb

from upcross.book.checks.check import CURRENT, lines_on
from upcross.book.store import Manifest
from upcross.contract import TABLES


def create_views(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    """A view of each contract table with the latest recorded version of each row; empty where it is not loaded."""
    connection.execute(f"CREATE SCHEMA {CURRENT}")
    for name, select in current_tables(manifest).items():
        connection.execute(f"CREATE VIEW {name} AS {select}")


def create_revenue(connection: duckdb.DuckDBPyConnection, manifest: Manifest, today: date) -> None:
    """Temporary tables over the views: what each line in force on the newest day brings a month, and each account."""
    for name, select in revenue_tables(manifest, today).items():
        connection.execute(f"CREATE TEMP TABLE {name} AS {select}")


def current_tables(manifest: Manifest) -> dict[str, str]:
    """What selects the latest recorded version of each row, by ``current.<table>``."""
    found = {}
    for name, table in TABLES.items():
        stored = manifest.tables.get(name)
        if stored is None:
            columns = ", ".join(f"CAST(NULL AS {column.type.sql}) AS {column.name}" for column in table.columns)
            columns += ", CAST(NULL AS BIGINT) AS source_row"
            found[f"{CURRENT}.{name}"] = f"SELECT {columns} WHERE false"
            continue
        latest = ""
        if stored.corrected:
            key = ", ".join(table.key)
            latest = f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY recorded_at DESC NULLS LAST) = 1"
        found[f"{CURRENT}.{name}"] = f"SELECT * FROM book.{name}{latest}"
    return found


def revenue_tables(manifest: Manifest, today: date) -> dict[str, str]:
    """What selects the money of each line in force on the newest day, and of each account, by the names checks use.

    In the reporting currency, as far as there is a rate; trials bring nothing.
    """
    day = min(manifest.newest_day() or today, today)
    own = manifest.reporting_currency
    return {
        "line_revenue": "WITH rates AS (SELECT currency, rate FROM current.exchange_rates WHERE"
        f" valid_from <= DATE '{manifest.rates_on or day}' QUALIFY row_number() OVER (PARTITION BY currency"
        f" ORDER BY valid_from DESC) = 1 UNION ALL SELECT '{own}', 1) SELECT line_id, account_id, product_id, plan_id,"
        f" sku, CAST(mrr * rate AS BIGINT) AS mrr FROM ({lines_on(day)}) s LEFT JOIN rates"
        f" ON rates.currency = coalesce(NULLIF(s.currency, ''), '{own}') WHERE status <> 'trial'",
        "revenue": "SELECT account_id, sum(mrr) AS mrr FROM line_revenue GROUP BY account_id",
    }
