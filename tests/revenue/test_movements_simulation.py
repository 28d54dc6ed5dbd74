"""The bridge on data that nobody here made: it balances in every month, against the raw billing file."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from upcross import verbs
from upcross.numbers.reading import frame_at
from upcross.periods import add_months
from upcross.project import open_project

EXAMPLE = Path(__file__).parents[2] / "examples" / "crm-simulation"
VARIABLE = "UPCROSS_CRM_SIMULATION"
DATA = os.environ.get(VARIABLE, "")
AS_OF = date(2023, 12, 31)
MONTHS = [add_months(date(2022, 3, 1), n) for n in range(22)]

pytestmark = pytest.mark.skipif(not DATA, reason=f"{VARIABLE} does not name the folder of the simulation's files")


@pytest.fixture(scope="module")
def movements(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("simulation")
    for file in EXAMPLE.glob("*.yaml"):
        shutil.copy(file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, DATA)
        project = open_project(folder)
        verbs.load(project, AS_OF)
    frame = frame_at(project, project.store.manifest(), AS_OF, AS_OF)
    connection = project.store.connect()
    return connection.sql(frame.model_statement("movements")).to_arrow_table().to_pylist()  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def billed() -> dict[tuple[str, str, date], int]:
    """MRR by account, product and month's end, straight from the billing file."""
    file = str(Path(DATA) / "subscription.csv.gz").replace("'", "''")
    rows = duckdb.execute(
        f"""
        SELECT account_id, CASE WHEN units = 'users' THEN 'crm' ELSE product END AS product, CAST(m AS DATE) AS month,
          CAST(SUM(CAST(CAST(mrr AS DECIMAL(18, 4)) * 10000 AS BIGINT)) AS BIGINT)
        FROM read_csv('{file}', all_varchar = true) AS s
        JOIN range(DATE '2022-01-01', DATE '2024-01-01', INTERVAL 1 MONTH) AS t(m)
          ON CAST(start_date AS DATE) < m + INTERVAL 1 MONTH
          AND (end_date IS NULL OR CAST(end_date AS DATE) >= m + INTERVAL 1 MONTH)
        GROUP BY ALL
        """
    ).fetchall()
    return {(account, product, month): mrr for account, product, month, mrr in rows}


@pytest.mark.parametrize("month", MONTHS, ids=lambda month: f"{month:%Y-%m}")
def test_the_bridge_balances(
    month: date, movements: list[dict[str, Any]], billed: dict[tuple[str, str, date], int]
) -> None:
    """For every account and product: MRR at the month's end less that of the month before is what the kinds add up to."""
    changes: dict[tuple[str, str], int] = {}
    for (account, product, at), mrr in billed.items():
        sign = {month: 1, add_months(month, -1): -1}.get(at, 0)
        changes[account, product] = changes.get((account, product), 0) + sign * mrr
    amounts: dict[tuple[str, str], int] = {}
    for row in movements:
        if row["month_start"] == month:
            key = (row["account_id"], row["product_id"])
            amounts[key] = amounts.get(key, 0) + row["amount"]
    assert {key: amount for key, amount in amounts.items() if amount} == {k: v for k, v in changes.items() if v}
    assert amounts


def test_the_kinds_are_those_that_the_data_can_show(movements: list[dict[str, Any]]) -> None:
    """Flat plans and add-ons: no seats; plans of one tier and other billing periods are price, other tiers are tier."""
    kinds = {row["kind"] for row in movements}
    assert kinds >= {"new", "churn", "tier", "price", "cross_sell"}
    assert not kinds & {"seats", "usage", "fx", "transfer", "unknown", "discount_end", "escalator"}
    tier = {
        plan.split("_")[0]
        for row in movements
        if row["kind"] == "tier"
        for plan in (row["before_plan"], row["after_plan"])
    }
    assert tier <= {"starter", "basic", "standard", "advanced", "premier"}
    assert all(row["before_plan"].split("_")[0] != row["after_plan"].split("_")[0]
               for row in movements if row["kind"] == "tier")  # fmt: skip
