"""`upcross doctor` tells what is installed, reachable, permitted and missing, and whether the project can run."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from upcross.cli.app import app

PROJECT = "name: Small\nreporting_currency: EUR\n"


def examined(folder: Path) -> tuple[int, dict[tuple[str, str], dict[str, str]]]:
    result = CliRunner().invoke(app, ["doctor", "-C", str(folder), "--format", "json"])
    told = json.loads(result.stdout)
    assert told["can_run"] is (result.exit_code == 0)
    return result.exit_code, {(one["about"], one["name"]): one for one in told["findings"]}


def test_a_project_of_files_can_run_without_any_engine(tmp_path: Path) -> None:
    (tmp_path / "upcross.yaml").write_text(PROJECT, "utf-8")
    code, found = examined(tmp_path)
    assert code == 0
    assert {name for about, name in found if about == "machine"} == {"Python", "DuckDB", "SQLite", "Java"}
    assert found["project", ".upcross"]["state"] == "fine"
    snowflake = found["engine", "Snowflake"]
    assert (snowflake["state"], snowflake["advice"]) == ("missing", "pip install 'upcross[snowflake]'")
    text = CliRunner().invoke(app, ["doctor", "-C", str(tmp_path)]).stdout
    assert "upcross[snowflake]" in text and "The project can run." in text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("postgresql://reader:very-secret@/nowhere?host=/nowhere", "cannot be reached"),
        ("snowflake://me:very-secret@account/db", "is not installed"),
        ("oracle://host/db", "names no engine"),
    ],
)
def test_an_engine_that_cannot_be_used_ends_with_1_and_says_what_to_do(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "upcross.yaml").write_text(f"{PROJECT}source: {source}\n", "utf-8")
    code, found = examined(tmp_path)
    [wrong] = [one for one in found.values() if one["state"] == "wrong"]
    assert code == 1
    assert said in wrong["told"] and wrong["advice"]
    assert "very-secret" not in str(found)


def test_each_table_that_may_not_be_read_is_named_with_the_grant_that_is_missing(tmp_path: Path, postgres: str) -> None:
    parts = dict(part.split("=", 1) for part in postgres.split())
    (tmp_path / "upcross.yaml").write_text(
        f"{PROJECT}source: postgresql://looker@/postgres?host={parts['host']}&schema=examined\n", "utf-8"
    )
    with psycopg.connect(postgres, autocommit=True) as pg:
        pg.execute("CREATE ROLE looker LOGIN")
        pg.execute("CREATE SCHEMA examined")
        pg.execute("CREATE TABLE examined.accounts (account_id text)")
        pg.execute("CREATE TABLE examined.usage (account_id text)")
        pg.execute("GRANT USAGE ON SCHEMA examined TO looker")
        pg.execute("GRANT SELECT ON examined.accounts TO looker")
        try:
            code, found = examined(tmp_path)
            assert code == 1
            assert found["source", "accounts"]["state"] == "fine"
            assert found["source", "usage"]["state"] == "wrong"
            assert found["source", "usage"]["advice"].startswith('GRANT SELECT ON "examined"."usage"')
            pg.execute("GRANT SELECT ON examined.usage TO looker")
            assert examined(tmp_path)[0] == 0
        finally:
            pg.execute("DROP OWNED BY looker")
            pg.execute("DROP SCHEMA examined CASCADE")
            pg.execute("DROP ROLE looker")
