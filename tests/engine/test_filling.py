"""What each warehouse is told when results are written back into it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from upcross.engine.connections import read_address
from upcross.engine.connections.filling import creation, insertions, table_of
from upcross.engine.connections.warehouses import SnowflakeConnection
from upcross.engine.dialects import render

ROWS = pa.table({
    "table": ["it's \\ all"], "mrr": pa.array([Decimal("1.5000")], pa.decimal128(18, 4)), "on": [date(2026, 2, 28)],
    "share": [1e-9], "open": [True], "none": pa.array([None], pa.int64()),
})  # fmt: skip

TOLD = {
    "snowflake": (
        'CREATE TABLE "c"."s"."t" ("TABLE" VARCHAR, "MRR" DECIMAL(18, 4), "ON" DATE, "SHARE" DOUBLE, "OPEN" BOOLEAN,'
        ' "NONE" BIGINT)',
        """INSERT INTO "c"."s"."t" VALUES ('it\\'s \\\\ all', CAST('1.5000' AS DECIMAL(18, 4)),"""
        " CAST('2026-02-28' AS DATE), CAST('1e-09' AS DOUBLE), TRUE, NULL)",
    ),
    "databricks": (
        "CREATE TABLE `c`.`s`.`t` (`table` STRING, `mrr` DECIMAL(18, 4), `on` DATE, `share` DOUBLE, `open` BOOLEAN,"
        " `none` BIGINT)",
        "INSERT INTO `c`.`s`.`t` VALUES ('it\\'s \\\\ all', CAST('1.5000' AS DECIMAL(18, 4)),"
        " CAST('2026-02-28' AS DATE), CAST('1e-09' AS DOUBLE), TRUE, NULL)",
    ),
    "bigquery": (
        "CREATE TABLE `c`.`s`.`t` (`table` STRING, `mrr` NUMERIC(18, 4), `on` DATE, `share` FLOAT64, `open` BOOL,"
        " `none` INT64)",
        "INSERT INTO `c`.`s`.`t` VALUES ('it\\'s \\\\ all', ROUND(CAST('1.5000' AS NUMERIC), 4),"
        " CAST('2026-02-28' AS DATE), CAST('1e-09' AS FLOAT64), TRUE, NULL)",
    ),
    "trino": (
        'CREATE TABLE "c"."s"."t" ("table" VARCHAR, "mrr" DECIMAL(18, 4), "on" DATE, "share" DOUBLE, "open" BOOLEAN,'
        ' "none" BIGINT)',
        """INSERT INTO "c"."s"."t" VALUES ('it''s \\ all', CAST('1.5000' AS DECIMAL(18, 4)),"""
        " CAST('2026-02-28' AS DATE), CAST('1e-09' AS DOUBLE), TRUE, NULL)",
    ),
}


@pytest.mark.parametrize("dialect", TOLD)
def test_a_warehouse_is_told_exact_values_in_its_own_words(dialect: str) -> None:
    table = table_of(("c", "s", "t"))
    made = render(creation(table, ROWS.schema, capitals=dialect == "snowflake"), dialect)
    [filled] = [render(statement, dialect) for statement in insertions(table, ROWS)]
    assert (made, filled) == TOLD[dialect]


def test_many_rows_are_written_in_statements_that_engines_take() -> None:
    rows = pa.table({"why": ["x" * 1000] * 500})
    statements = [render(one, "trino") for one in insertions(table_of(("s", "t")), rows)]
    assert [text.count("'x") for text in statements] == [197, 197, 106]
    assert max(map(len, statements)) < 250_000


def test_snowflake_is_named_as_it_keeps_names_that_nobody_quoted() -> None:
    unopened = object.__new__(SnowflakeConnection)
    unopened.address = read_address("snowflake://writer@account/analytics/results?warehouse=small")
    assert unopened._table("upcross_plan").sql(dialect="snowflake") == '"ANALYTICS"."RESULTS"."UPCROSS_PLAN"'
