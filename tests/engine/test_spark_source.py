"""A project whose data lie in Spark: tables are found, looked at and read there."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from in_engine import exports_into

from upcross.contract import TABLES
from upcross.engine.connections import open_connection, read_address
from upcross.engine.routed import holds, make_table, staged
from upcross.errors import EngineError, Report
from upcross.project import Project, open_project
from upcross.runs import evaluate
from upcross.signals.model import Scope
from upcross.verbs import load, plan

TODAY = date(2026, 7, 15)
DAYS = [date(2026, 6, 1) + timedelta(days=at) for at in range(30)]


def write_warehouse(folder: Path) -> None:
    """Three tables as Parquet, as a lake has them: one row lacks its metric, and money has decimals."""
    folder.mkdir()
    tables: dict[str, dict[str, Any]] = {
        "accounts": {"account_id": ["a", "b"], "name": ["Acme", " Beta "], "segment": ["smb", None]},
        "subscriptions": {
            "line_id": ["l1", "l2"], "account_id": ["a", "b"], "product_id": ["desk", "desk"],
            "valid_from": [date(2025, 1, 1), date(2025, 2, 1)], "status": ["Active", "active"],
            "quantity": [10, 5], "mrr": [Decimal("100.2500"), Decimal("49.9999")],
        },
        "usage": {
            "account_id": ["a"] * 31, "product_id": ["desk"] * 31, "metric": ["logins"] * 30 + [None],
            "period_start": [*DAYS, DAYS[0]], "period_end": [day + timedelta(days=1) for day in (*DAYS, DAYS[0])],
            "value": [Decimal("2.5000")] * 31,
        },
    }  # fmt: skip
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")


@pytest.fixture(scope="module")
def lake(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Report]:
    """A project over the three tables, loaded, and what its load told."""
    folder = tmp_path_factory.mktemp("lake")
    write_warehouse(folder / "lake")
    (folder / "upcross.yaml").write_text(
        f"name: Lake\nreporting_currency: EUR\nsource: spark:local[2]?path={folder / 'lake'}\n", "utf-8"
    )
    project = open_project(folder)
    return project, load(project, TODAY).report


def test_a_book_in_spark_is_looked_at_and_read_there(lake: tuple[Project, Report]) -> None:
    project, report = lake
    assert [(i.code, i.place.table, i.place.field, i.count) for i in report.errors if i.place] == [
        ("value-missing", "usage", "metric", 1)
    ]
    tables = project.store.manifest().tables
    usage = tables["usage"]
    assert (usage.rows, usage.set_aside, usage.files, usage.complete_through) == (30, 1, (), date(2026, 6, 30))
    with project.store.connect() as book:
        lines = book.execute("SELECT line_id, mrr, status, business_unit FROM book.subscriptions ORDER BY 1").fetchall()
        assert lines == [("l1", 1002500, "active", ""), ("l2", 499999, "active", "")]
        counted = "SELECT account_id, SUM(value) AS total, MAX(period_end) AS last FROM book.usage GROUP BY account_id"
        assert book.execute(counted).fetchall() == [("a", Decimal("75.0000"), date(2026, 7, 1))]
        joined = f"SELECT a.name, u.total FROM book.accounts AS a JOIN ({counted}) AS u ON u.account_id = a.account_id"
        make_table(book, "signals_small", joined, held=True)
        assert holds(book, ["signals_small"])
        make_table(book, "verdicts_small", "SELECT name FROM signals_small WHERE total > 70")
        assert book.execute("SELECT * FROM verdicts_small").fetchall() == [("Acme",)]
    assert set(tables) <= set(TABLES)


def test_what_stages_hold_in_spark_is_gone_afterwards(spark: Any, lake: tuple[Project, Report]) -> None:
    project, _ = lake
    counted = (
        "WITH used AS (SELECT account_id FROM book.usage),"
        " counted AS (SELECT account_id, COUNT(*) AS n FROM used GROUP BY account_id)"
    )
    twice = f"{counted} SELECT a.n + b.n AS n FROM counted AS a JOIN counted AS b ON b.account_id = a.account_id"
    faulty = (
        f"{counted}, ratio AS (SELECT n // (n - n) AS n FROM counted) SELECT a.n FROM ratio AS a, ratio AS b, counted"
    )

    def held() -> set[str]:
        return {row["viewName"] for row in spark.sql("SHOW VIEWS").collect()} & {"counted", "ratio"}

    with project.store.connect() as book:
        with staged(book, [twice]) as [left]:
            assert held() == {"counted"} and "GROUP BY" not in left
            make_table(book, "doubled", twice, left=left)
        assert book.execute("SELECT n FROM doubled").fetchall() == [(60,)]
        assert held() == set()
        assert book.execute(twice).fetchall() == [(60,)]  # kept and dropped without being asked for
        assert held() == set()
        with pytest.raises(RuntimeError, match="in the midst"), staged(book, [twice]):
            assert held() == {"counted"}
            raise RuntimeError("in the midst")
        assert held() == set()
        with pytest.raises(EngineError), staged(book, [faulty]):
            pytest.fail("the second stage divides by nothing")
        assert held() == set()


@pytest.mark.skipif(not os.environ.get("UPCROSS_SOAK"), reason="a minute and more of Spark: `make soak`")
def test_a_plan_over_a_book_in_spark_is_the_plan_over_its_files(spark: Any, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    write_warehouse(lake)
    files = "\n".join(f"  {table.stem}: {{file: lake/{table.name}}}" for table in sorted(lake.iterdir()))
    plans = []
    for name, where in (("engine", f"source: spark:local[2]?path={lake}"), ("files", f"data: ..\ntables:\n{files}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "upcross.yaml").write_text(f"name: Lake\nreporting_currency: EUR\n{where}\n", "utf-8")
        load(open_project(tmp_path / name), TODAY)
        project = open_project(tmp_path / name)
        result = plan(project, date(2026, 6, 30))
        run = evaluate(project.evaluation(date(2026, 6, 30)), project.store, project.runs)
        signals = {scope: run.signals(scope).to_pylist() for scope in Scope}
        plans.append((signals, run.verdicts().to_pylist(), result.changes))
    (there, said_there, asked_there), (here, said_here, asked_here) = plans
    assert here[Scope.SUBSCRIPTION], "the book must have rows for this to say anything"
    assert there == here
    assert said_there == said_here
    assert asked_there == asked_here


def test_results_are_written_into_a_schema_of_spark(spark: Any) -> None:
    spark.sql("CREATE SCHEMA results")
    try:
        with closing(open_connection(read_address("spark:local[2]?schema=results"))) as engine:
            assert not engine.keeps_tables(), "this catalogue ends with the process: `write_into` says so"
            exports_into(engine)
    finally:
        spark.sql("DROP SCHEMA results CASCADE")
