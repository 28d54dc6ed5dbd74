"""A warehouse of one's own, tried live where an address names one: its catalogue, a statement, and what is printed."""

from __future__ import annotations

import os

import pytest

from upcross.engine.connections import open_connection, read_address

WAREHOUSES = ("snowflake", "bigquery", "databricks", "trino")


@pytest.mark.parametrize("engine", WAREHOUSES)
def test_it_answers_tells_its_tables_and_reads_days_and_money_exactly(engine: str) -> None:
    setting = f"UPCROSS_LIVE_{engine.upper()}"
    address = os.environ.get(setting)
    if not address:
        pytest.skip(f"set {setting} to an address, such as {engine}://…, to try it live")
    connection = open_connection(read_address(address))
    try:
        assert isinstance(connection.tables(), dict)
        [(money, days)] = connection.rows(
            "SELECT CAST(CAST('12.3456' AS DECIMAL(22, 4)) * 10000 AS BIGINT) AS money,"
            " DATE_DIFF('day', DATE '2026-02-28', DATE '2026-03-01') AS days"
        )
        assert (int(money), int(days)) == (123456, 1)
        held = connection.may_create()
        if held:
            connection.create("upcross_live", "SELECT 1 AS one")
            assert connection.rows("SELECT one FROM upcross_live") == [(1,)]
            connection.drop("upcross_live")
    finally:
        connection.close()
