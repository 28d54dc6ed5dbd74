"""Mapping overlays: another environment or system changes parts of a mapping, and faults stand in its own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from upcross.book.mapping import TableMapping
from upcross.errors import ProjectError, Report
from upcross.project import open_project

BASE = """\
name: Example
reporting_currency: EUR
mapping_overlays: [mappings/live.yaml]
tables:
  accounts: accounts.csv
  subscriptions:
    file: contracts.csv
    where: "status <> 'draft'"
    columns:
      line_id: contract
      mrr: {from: mrr_cents, unit: cents}
  tickets: [{file: old.csv}, {file: new.csv}]
  incidents: incidents.csv
"""


def mapped(folder: Path, overlay: str, base: str = BASE) -> tuple[dict[str, list[TableMapping]], Report]:
    (folder / "upcross.yaml").write_text(base)
    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "mappings" / "live.yaml").write_text(overlay)
    report = Report()
    found: dict[str, list[TableMapping]] = {}
    for mapping in open_project(folder).mappings(report):
        found.setdefault(mapping.table.name, []).append(mapping)
    return found, report


def test_an_overlay_changes_what_it_names_and_nothing_else(tmp_path):
    tables, report = mapped(
        tmp_path,
        "tables:\n  accounts: {columns: {name: Kunde}}\n"
        "  subscriptions: {file: live/contracts.parquet, columns: {mrr: monthly}}\n"
        "  usage: usage.csv\n  incidents: null\n",
    )
    assert not report.issues
    assert sorted(tables) == ["accounts", "subscriptions", "tickets", "usage"]
    accounts, lines = tables["accounts"][0].source, tables["subscriptions"][0].source
    assert (accounts.file, accounts.columns["name"].from_) == ("accounts.csv", "Kunde")
    assert (lines.file, lines.where) == ("live/contracts.parquet", "status <> 'draft'")
    assert (lines.columns["line_id"].from_, lines.columns["mrr"].from_, lines.columns["mrr"].unit) == (
        "contract", "monthly", None,
    )  # fmt: skip
    assert [mapping.source.file for mapping in tables["tickets"]] == ["old.csv", "new.csv"]


def test_the_short_form_changes_the_file_and_keeps_the_columns(tmp_path):
    tables, _ = mapped(tmp_path, "tables:\n  subscriptions: other.csv\n  tickets: [one.csv]\n")
    assert tables["subscriptions"][0].source.file == "other.csv"
    assert tables["subscriptions"][0].source.columns["line_id"].from_ == "contract"
    assert [mapping.source.file for mapping in tables["tickets"]] == ["one.csv"]


def test_faults_name_the_file_in_which_they_are_written(tmp_path):
    overlay = """\
tables:
  acounts: a.csv
  subscriptions:
    wher: x
    columns:
      mmr: monthly
      mrr: {from: monthly, unit: pence}
  tickets: {columns: {subject: null}}
  seats: {columns: {active: people}}
"""
    _, report = mapped(tmp_path, overlay)
    told = {str(issue.place): (issue.code, issue.hint) for issue in report}
    assert told == {
        "mappings/live.yaml:8:12": ("mapping-invalid", "give the whole list here"),
        "mappings/live.yaml:2:3": ("table-unknown", "did you mean accounts or contacts? `upcross tables` lists them"),
        "mappings/live.yaml:4:5": ("field-unknown", "did you mean 'where'?"),
        "mappings/live.yaml:7:34": ("field-invalid", "did you mean 'percent'?"),
        "mappings/live.yaml:9:10": ("field-missing", "add 'file:'"),
    }
    _, report = mapped(tmp_path, "tables:\n  subscriptions:\n    columns:\n      mmr: monthly\n")
    assert [(str(issue.place), issue.hint) for issue in report] == [("mappings/live.yaml:4:7", "did you mean 'mrr'?")]


def test_faults_of_the_project_file_keep_their_place(tmp_path):
    _, report = mapped(tmp_path, "tables: {subscriptions: b.csv}\n", BASE.replace("line_id:", "lineid:"))
    assert [str(issue.place) for issue in report] == ["upcross.yaml:10:7"]


def test_later_overlays_win_and_the_environment_may_choose_one(tmp_path, monkeypatch):
    base = BASE.replace("[mappings/live.yaml]", "[mappings/live.yaml, 'mappings/${STAGE}.yaml']")
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "test.yaml").write_text("tables: {accounts: test.csv}\n")
    monkeypatch.setenv("STAGE", "test")
    tables, report = mapped(tmp_path, "tables: {accounts: live.csv, incidents: live.csv}\n", base)
    assert not report.issues
    assert (tables["accounts"][0].source.file, tables["incidents"][0].source.file) == ("test.csv", "live.csv")
    monkeypatch.setenv("STAGE", "nowhere")
    _, report = mapped(tmp_path, "tables: {accounts: live.csv}\n", base)
    assert [(str(issue.place), issue.message) for issue in report] == [
        ("upcross.yaml:3:40", "there is no mapping overlay 'mappings/nowhere.yaml'")
    ]


@pytest.mark.parametrize(
    ("overlay", "place"), [("", "mappings/live.yaml:1:1"), ("accounts: a.csv\n", "mappings/live.yaml:1:1")]
)
def test_a_file_without_tables_is_no_overlay(tmp_path, overlay, place):
    _, report = mapped(tmp_path, overlay)
    assert str(report.issues[0].place) == place
    with pytest.raises(ProjectError):
        report.raise_errors(ProjectError)
