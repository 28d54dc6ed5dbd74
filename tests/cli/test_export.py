"""`upcross export` writes what the command line says, as tables that are all there or not at all."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from upcross.cli.app import app
from upcross.errors import UsageError
from upcross.exporting import results, write_files
from upcross.exporting.tables import Exported
from upcross.project import open_project


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def exported(sample_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bi") / "results"
    told = json.loads(run("export", str(folder), "-C", str(sample_project), "--format", "json"))
    assert {Path(file).name for file in told["written"]} == {file.name for file in folder.iterdir()}
    assert all(pq.read_metadata(folder / f"{name}.parquet").num_rows == rows for name, rows in told["rows"].items())
    return folder


def test_the_plan_read_back_is_what_the_command_line_says(exported: Path, sample_project: Path) -> None:
    said = list(csv.DictReader(io.StringIO(run("plan", "-C", str(sample_project), "--format", "csv"))))
    table = pq.read_table(exported / "plan.parquet").to_pylist()
    assert len(table) == len(said) > 20
    for row, line in zip(table, said, strict=True):
        assert (row["account_id"], row["product_id"], row["motion"] or "") == (
            line["account_id"], line["product_id"], line["motion"],
        )  # fmt: skip
        assert row["mrr_expected"] == (Decimal(line["mrr_expected"]) if line["mrr_expected"] else None)
    assert "heard" not in table[0], "what people at customers said does not leave without being asked for"


def test_white_space_and_movements_read_back_are_what_the_command_line_says(
    exported: Path, sample_project: Path
) -> None:
    said = list(csv.DictReader(io.StringIO(run("white-space", "-C", str(sample_project), "--format", "csv"))))
    cells = pq.read_table(exported / "white_space.parquet").to_pylist()
    assert [(c["account_id"], c["product_id"]) for c in cells] == [(c["account_id"], c["product_id"]) for c in said]
    moved = json.loads(run("movements", "-C", str(sample_project), "--format", "json"))["movements"]
    table = pq.read_table(exported / "movements.parquet").to_pylist()
    assert moved and [row["amount"] for row in table] == [
        None if m["amount"] is None else Decimal(m["amount"]) for m in moved
    ]


def test_every_column_is_described_and_signals_are_in_currency_units(exported: Path, sample_project: Path) -> None:
    described = {(r["table"], r["column"]): r for r in pq.read_table(exported / "columns.parquet").to_pylist()}
    for file in exported.glob("*.parquet"):
        if file.stem != "columns":
            assert {(file.stem, name) for name in pq.read_schema(file).names} <= set(described), file.stem
    assert described["signals_account", "mrr"]["unit"] == "money"
    assert described["signals_account", "mrr"]["meaning"]
    [row] = [r for r in pq.read_table(exported / "signals_account.parquet").to_pylist() if r["account_id"] == "A02"]
    said = json.loads(run("explain", "A02", "-C", str(sample_project), "--format", "json"))["facts"]["mrr"]
    assert row["mrr"] == Decimal(str(said)) > 0


def test_a_folder_with_other_things_is_left_alone_and_an_export_is_replaced(tmp_path: Path) -> None:
    import pyarrow as pa

    table = Exported("plan", "Plan.", pa.table({"why": ["=1+1", None]}), {"why": ("text", "why")})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "budget.xlsx").write_text("x")
    with pytest.raises(UsageError, match=r"budget\.xlsx"):
        write_files([table], tmp_path / "mine")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["budget.xlsx"]
    write_files([table], tmp_path / "bi")
    write_files([table], tmp_path / "bi", csv=True)
    assert {file.name for file in (tmp_path / "bi").iterdir()} == {"plan.csv", "columns.csv"}
    assert pa.csv.read_csv(tmp_path / "bi" / "plan.csv")["why"][0].as_py() == "'=1+1", "no spreadsheet runs a cell"


def test_results_go_into_a_database_all_of_them_or_none(sample_project: Path, postgres: str) -> None:
    parts = dict(part.split("=", 1) for part in postgres.split())
    url = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}&schema=results"
    with psycopg.connect(postgres, autocommit=True) as pg:
        pg.execute("DROP SCHEMA IF EXISTS results CASCADE")
        for _ in range(2):  # the second replaces the first
            run("export", "--into", url, "-C", str(sample_project))
        tables = {table.name: table for table in results(open_project(sample_project))}
        for name in ("plan", "verdicts", "signals_account", "white_space"):
            rows = tables[name].rows
            listed = ", ".join(f'"{column}"' for column in rows.column_names)
            got = pg.execute(f'SELECT {listed} FROM results."upcross_{name}"').fetchall()  # type: ignore[arg-type]
            assert sorted(map(str, got)) == sorted(str(tuple(row.values())) for row in rows.to_pylist()), name
        [(told,)] = pg.execute(
            "SELECT col_description('results.upcross_opportunities'::regclass, 1)"
            if "opportunities" in tables
            else "SELECT col_description('results.upcross_accounts'::regclass, 1)"
        ).fetchall()
        assert told
        pg.execute("DROP TABLE results.upcross_plan")
        pg.execute("CREATE TABLE results.upcross_plan (mine int)")
        before = pg.execute("SELECT oid FROM pg_class WHERE relname = 'upcross_accounts'").fetchall()
        refused = CliRunner().invoke(app, ["export", "--into", url, "-C", str(sample_project)])
        assert isinstance(refused.exception, UsageError) and "upcross_plan" in str(refused.exception)
        assert pg.execute("SELECT oid FROM pg_class WHERE relname = 'upcross_accounts'").fetchall() == before
        pg.execute("DROP SCHEMA results CASCADE")
