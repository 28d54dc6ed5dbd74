"""A project whose data lie in a real PostgreSQL says exactly what the same project over files says."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from threading import Event

import psycopg
import pytest
from in_engine import exports_into, fill_postgres, project_over, url_of

from upcross.engine.connections import read_address
from upcross.engine.connections.postgres import PostgresConnection
from upcross.errors import EngineError, LoadError, ProjectError
from upcross.explanation import explain
from upcross.numbers.reading import read
from upcross.portfolio.white_space import white_space
from upcross.project import Project, open_project
from upcross.publishing.publication import newest
from upcross.revenue.calendar import trailing_year
from upcross.runs import Run, evaluate
from upcross.signals.model import Scope
from upcross.verbs import check, load, plan
from upcross.watching import Done, Failed, Landed, Said, watch

TODAY = date(2026, 9, 30)


@pytest.fixture(scope="module")
def files(sample_project: Path) -> Project:
    return open_project(sample_project)


@pytest.fixture(scope="module")
def inside(postgres: str, files: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The sample's stories in PostgreSQL, loaded and planned there."""
    fill_postgres(postgres, files, "sample")
    project = project_over(tmp_path_factory.mktemp("engine") / "project", files, url_of(postgres, "sample"))
    load(project, files.store.manifest().loaded_on)
    plan(project)
    return project


def test_a_load_finds_the_same_tables_and_moves_no_row_of_the_large_ones(files: Project, inside: Project) -> None:
    mine, theirs = files.store.manifest().tables, inside.store.manifest().tables
    assert list(mine) == list(theirs)
    for name, table in mine.items():
        other = theirs[name]
        assert (table.rows, table.complete_from, table.complete_through, table.corrected, table.columns) == (
            other.rows, other.complete_from, other.complete_through, other.corrected, other.columns,
        ), name  # fmt: skip
    assert {name for name, table in theirs.items() if not table.files} == {"usage", "seats", "activities"}
    folder = inside.store.folder / inside.store.manifest().load_id
    assert not [file for file in folder.glob("*.parquet") if file.stem in ("usage", "seats", "activities")]


@pytest.mark.parametrize("as_of", [None, date(2026, 6, 30)], ids=["today", "an earlier day of the same load"])
def test_signals_verdicts_and_the_plan_are_identical(files: Project, inside: Project, as_of: date | None) -> None:
    mine, theirs = plan(files, as_of), plan(inside, as_of)
    for scope in Scope:
        assert mine.run.signals(scope).num_rows
        assert theirs.run.signals(scope).equals(mine.run.signals(scope)), scope
    assert theirs.run.verdicts().equals(mine.run.verdicts())
    assert theirs.changes == mine.changes


def test_movements_white_space_and_explanations_are_identical(files: Project, inside: Project) -> None:
    year = trailing_year(date(2026, 8, 1))
    mine, theirs = read(files, year), read(inside, year)
    assert mine.moves
    assert (theirs.moves, theirs.by_account) == (mine.moves, mine.by_account)
    assert set(theirs.lines_at_end) == set(mine.lines_at_end)
    assert white_space(inside) == white_space(files)
    known = explain(files, "A02")
    told = explain(inside, "A02")
    assert any(source.rows for row in known.rows for found in row.sources.values() for source in found)
    assert told == known


def test_checks_find_the_same_and_run_where_the_rows_are(files: Project, inside: Project) -> None:
    def faults(project: Project) -> set[tuple[object, ...]]:
        return {(i.code, i.place and i.place.table, i.message, i.count, i.costs) for i in check(project)
                if not i.code.startswith("value-")}  # fmt: skip

    assert faults(inside) == faults(files)


@pytest.mark.skipif(not os.environ.get("UPCROSS_SOAK"), reason="half a minute and more: `make soak`")
def test_the_ledger_and_what_is_published_are_identical(files: Project, inside: Project, tmp_path: Path) -> None:
    for name, project in (("files", files), ("engine", inside)):
        shutil.copytree(project.folder, tmp_path / name)
        told = subprocess.run(
            [sys.executable, "-c", "from upcross.cli.app import main; main()", "apply", "-C", str(tmp_path / name)],
            env={**os.environ, "UPCROSS_TODAY": f"{files.store.manifest().loaded_on}"}, capture_output=True, text=True,
        )  # fmt: skip
        assert told.returncode == 0, told.stdout + told.stderr
    asks = "SELECT account_id, business_unit, product_id, mechanism, task, episode, stage, owner, potential_expected, candidate"
    ledgers = [
        sqlite3.connect(tmp_path / name / ".upcross" / "ledger.sqlite3").execute(
            f"{asks} FROM ledger_opportunity ORDER BY 1, 2, 3, 4, 5, 6"
        ).fetchall()
        for name in ("files", "engine")
    ]  # fmt: skip
    assert ledgers[0] and ledgers[0] == ledgers[1]
    mine, theirs = (newest(tmp_path / name / ".upcross") for name in ("files", "engine"))
    assert mine and theirs
    for part in ("account", "account_list", "cells", "consumption", "movements", "numbers", "records", "unknown"):
        assert list(theirs.all(part)) == list(mine.all(part)), part


class Writer(PostgresConnection):
    """A session that may write, in the plain statements that every warehouse is given."""

    def _run(self, text: str) -> None:
        super()._run(f"SET transaction_read_only = off; {text}")


def test_plain_statements_write_results_into_an_engine(postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as pg:
        pg.execute("CREATE SCHEMA plainly")
        try:
            with closing(Writer(read_address(url_of(postgres, "plainly")))) as engine:
                exports_into(engine)
        finally:
            pg.execute("DROP SCHEMA plainly CASCADE")


# A company of two accounts, each fault of which is written in the test that needs it.

SMALL = """
CREATE SCHEMA "{0}";
CREATE TABLE "{0}".accounts (account_id int, name text, currency text, employees numeric);
INSERT INTO "{0}".accounts VALUES (1, ' Acme ', 'eur', 100), (2, 'Beta', '', 50);
CREATE TABLE "{0}".lines (line text, customer int, product text, since timestamp, seats int, monthly numeric(20, 6));
INSERT INTO "{0}".lines VALUES ('l1', 1, 'desk', '2025-01-01 10:00', 10, 100.25), ('l2', 2, 'desk', '2025-02-01', 5, 50);
CREATE VIEW "{0}".products AS SELECT 'desk' AS product_id, 'Desk' AS name, 'product' AS kind;
CREATE TABLE "{0}".usage (account_id text, product_id text, metric text, period_start date, period_end date, value float8);
INSERT INTO "{0}".usage SELECT '1', 'desk', 'logins', d, d + 1, 3.5
  FROM (SELECT DATE '2026-06-01' + i AS d FROM generate_series(0, 29) AS i) AS days;
"""
MAPPED = """
name: Small
reporting_currency: EUR
source: {source}
tables:
  subscriptions:
    table: lines
    columns:
      line_id: line
      account_id: customer
      product_id: product
      valid_from: since
      quantity: seats
      mrr: monthly
      status: {{value: active}}
      origin: {{expr: "CASE WHEN seats > 5 THEN 'new' ELSE 'amendment' END"}}
"""


@pytest.fixture
def small(postgres: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, psycopg.Connection]]:
    """The folder of a project over the small company, and the way to its tables."""
    schema = f"small_{abs(hash(request.node.name)) % 10**8}"
    with psycopg.connect(postgres, autocommit=True) as pg:
        pg.execute(SMALL.format(schema))  # type: ignore[arg-type]
        pg.execute(f'SET search_path = "{schema}"')  # type: ignore[arg-type]
        (tmp_path / "upcross.yaml").write_text(MAPPED.format(source=url_of(postgres, schema)), "utf-8")
        yield tmp_path, pg
        pg.execute(f'DROP SCHEMA "{schema}" CASCADE')  # type: ignore[arg-type]


def judged(project: Project) -> Run:
    return evaluate(project.evaluation(date(2026, 6, 30)), project.store, project.runs)


def test_tables_of_other_names_and_types_are_mapped(small: tuple[Path, psycopg.Connection]) -> None:
    project = open_project(small[0])
    load(project, TODAY)
    with project.store.connect() as book:
        assert book.execute("SELECT account_id, name, currency FROM book.accounts ORDER BY 1").fetchall() == [
            ("1", "Acme", "EUR"), ("2", "Beta", "EUR"),
        ]  # fmt: skip
        lines = book.execute(
            "SELECT line_id, account_id, valid_from, mrr, origin, business_unit FROM book.subscriptions"
        )
        assert lines.fetchall() == [
            ("l1", "1", date(2025, 1, 1), 1002500, "new", ""), ("l2", "2", date(2025, 2, 1), 500000, "amendment", ""),
        ]  # fmt: skip
        counted = "SELECT COUNT(*), SUM(value), MAX(business_unit) FROM book.usage WHERE account_id = ?"
        assert [float(cell or 0) for cell in book.execute(counted, ["1"]).fetchall()[0][:2]] == [30, 105]


def test_a_watch_reads_the_tables_again_at_each_look(small: tuple[Path, psycopg.Connection]) -> None:
    folder, pg = small
    stop, said = Event(), []

    def tell(what: Said) -> None:
        said.append(what)
        rounds = [one for one in said if isinstance(one, Done)]
        if isinstance(what, Failed) or len(rounds) == 2:
            stop.set()
        elif rounds and what is rounds[0]:
            pg.execute("UPDATE lines SET monthly = 900 WHERE line = 'l1'")

    watch(folder, tell, stop, every=0.1)
    first, again = [one for one in said if isinstance(one, Landed)]
    assert (first.names, again) == (None, Landed((), from_engine=True))
    assert [one.loaded.manifest.loaded_on is not None for one in said if isinstance(one, Done)] == [True, True]
    with open_project(folder).store.connect() as book:
        assert book.execute("SELECT mrr FROM book.subscriptions WHERE line_id = 'l1'").fetchall() == [(9_000_000,)]


def test_every_fault_of_tables_and_columns_is_told_at_once(small: tuple[Path, psycopg.Connection]) -> None:
    folder, pg = small
    pg.execute("ALTER TABLE usage DROP COLUMN metric")
    pg.execute("ALTER TABLE usage ALTER COLUMN period_start TYPE text")
    file = folder / "upcross.yaml"
    file.write_text(file.read_text("utf-8") + "      plan_id: plann\n  seats: seats_daily\n", "utf-8")
    with pytest.raises(LoadError) as caught:
        load(open_project(folder), TODAY)
    told = {(i.code, i.place.table or i.place.line, i.place.field) for i in caught.value.report if i.place}
    assert ("engine-column-missing", "usage", "metric") in told
    assert ("engine-column-type", "usage", "period_start") in told
    assert {code for code, *_ in told} == {"engine-column-missing", "engine-column-type", "engine-table-missing"}
    assert len(told) == 4, "each fault once, the mapped column and the mapped table with their line"
    assert "reader" not in str(caught.value)


def test_rows_that_break_the_contract_are_counted_and_left_out(small: tuple[Path, psycopg.Connection]) -> None:
    folder, pg = small
    pg.execute("INSERT INTO usage VALUES (NULL, 'desk', 'logins', '2026-06-05', '2026-06-06', 1)")
    pg.execute("INSERT INTO usage VALUES ('1', 'desk', 'logins', '2026-06-05', '2026-06-06', 99)")
    pg.execute("INSERT INTO accounts VALUES (3, 'Gamma', 'Euro', 10)")
    project = open_project(folder)
    report = load(project, TODAY).report
    found = {(i.code, i.place.table, i.place.field): i for i in report if i.place and i.severity == "error"}
    assert set(found) == {("value-missing", "usage", "account_id"), ("key-duplicate", "usage", "account_id"),
                          ("value-invalid", "accounts", "currency")}  # fmt: skip
    assert found["value-invalid", "accounts", "currency"].examples == ("account_id 3 'EURO'",)
    tables = project.store.manifest().tables
    assert (tables["usage"].rows, tables["usage"].set_aside, tables["accounts"].rows) == (30, 2, 2)
    with project.store.connect() as book:
        assert book.execute("SELECT COUNT(*) FROM book.usage").fetchall() == [(30,)]


def test_a_reader_without_the_right_to_temporary_tables_gets_the_same(
    small: tuple[Path, psycopg.Connection], postgres: str
) -> None:
    folder, pg = small
    load(open_project(folder), TODAY)
    expected = judged(open_project(folder))
    schema = pg.execute("SHOW search_path").fetchone()[0].strip('"')  # type: ignore[index]
    pg.execute("REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC")
    pg.execute("DROP ROLE IF EXISTS reader")
    pg.execute("CREATE ROLE reader LOGIN PASSWORD 'very secret'")
    pg.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO reader')  # type: ignore[arg-type]
    pg.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO reader')  # type: ignore[arg-type]
    other = folder / "other"
    other.mkdir()
    source = url_of(postgres, schema, "reader:very%20secret")
    (other / "upcross.yaml").write_text(MAPPED.format(source=source), "utf-8")
    try:
        project = open_project(other)
        load(project, TODAY)
        got = judged(project)
        for scope in Scope:
            assert got.signals(scope).equals(expected.signals(scope))
        assert got.verdicts().num_rows and got.verdicts().equals(expected.verdicts())
        assert "secret" not in (project.store.folder / "manifest.json").read_text("utf-8")
    finally:
        pg.execute("GRANT TEMPORARY ON DATABASE postgres TO PUBLIC")
        pg.execute("DROP OWNED BY reader")
        pg.execute("DROP ROLE reader")


def test_an_engine_that_does_not_answer_leaves_the_last_book(small: tuple[Path, psycopg.Connection]) -> None:
    folder, _ = small
    load(open_project(folder), TODAY)
    before = (folder / ".upcross" / "book" / "manifest.json").read_bytes()
    (folder / "upcross.yaml").write_text(
        MAPPED.format(source="postgresql://reader:very-secret@/nowhere?host=/nowhere&connect_timeout=1"), "utf-8"
    )
    with pytest.raises(EngineError) as caught:
        load(open_project(folder), TODAY)
    assert "engine-unreachable" in str(caught.value) and "very-secret" not in str(caught.value)
    assert (folder / ".upcross" / "book" / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("source", "expected"),
    [("mysql://host/db", "names no engine"), ("postgresql://reader:${UPCROSS_UNSET}@host/db", "UPCROSS_UNSET")],
)
def test_an_address_that_means_nothing_is_told_with_its_line(tmp_path: Path, source: str, expected: str) -> None:
    (tmp_path / "upcross.yaml").write_text(f"name: x\nreporting_currency: EUR\nsource: {json.dumps(source)}\n", "utf-8")
    with pytest.raises(ProjectError) as caught:
        load(open_project(tmp_path), TODAY)
    assert expected in str(caught.value) and "upcross.yaml:3" in str(caught.value)
