"""The tables section of a project: short and long forms, and every fault at once with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from upcross.book.mapping import parse_tables, resolve_folder
from upcross.documents import parse
from upcross.errors import Place, Report


def parse_text(text: str):
    report = Report()
    return parse_tables(parse(text, "upcross.yaml"), ("tables",), Path("data"), report), report


def test_short_long_and_listed_forms():
    mappings, report = parse_text(
        "tables:\n  accounts: a.csv\n  tickets:\n    - t1.csv\n"
        "    - file: t2.csv\n      columns: {ticket_id: id, subject: null}\n"
    )
    assert not report.issues
    assert [(m.table.name, m.source.file) for m in mappings] == [
        ("accounts", "a.csv"),
        ("tickets", "t1.csv"),
        ("tickets", "t2.csv"),
    ]
    assert mappings[2].source.columns["ticket_id"].from_ == "id"
    assert mappings[2].source.columns["subject"].left_out


def test_all_faults_at_once_with_places_and_near_names():
    _, report = parse_text("""\
tables:
  acounts: a.csv
  tickets:
    file: t.csv
    colums: {}
  usage:
    file: u.csv
    columns:
      metrc: m
      value: {from: v, expr: "1"}
      period_start: {from: p, unit: cents}
      period_end: {from: p, format: "year"}
      metric: {from: m, otherwise: x}
      account_id: {}
  seats: 7
""")
    told = {(issue.code, issue.place.line): issue for issue in report}
    assert told[("table-unknown", 2)].hint == "did you mean accounts or contacts? `upcross tables` lists them"
    assert told[("field-unknown", 5)].hint == "did you mean 'columns'?"
    assert told[("column-unknown", 9)].hint == "did you mean 'metric'?"
    assert "give exactly one of" in told[("mapping-invalid", 10)].message
    assert "a unit means nothing for a date column" in told[("mapping-invalid", 11)].message
    assert "'year' has no field" in told[("mapping-invalid", 12)].message
    assert "'otherwise' needs a 'map'" in told[("mapping-invalid", 13)].message
    assert "says not where it comes from" in told[("mapping-invalid", 14)].message
    assert ("mapping-invalid", 15) in told
    assert len(report) == 9


def test_a_unit_must_be_one_of_three():
    _, report = parse_text("tables:\n  usage: {file: u.csv, columns: {value: {from: v, unit: dozens}}}\n")
    assert all(unit in report.issues[0].message for unit in ("cents", "thousands", "percent"))
    assert report.issues[0].place.line == 2


def test_coverage_must_be_one_span_the_right_way_round():
    _, report = parse_text("""\
tables:
  tickets:
    - {file: a.csv, coverage: {from: 2024-02-01, through: 2024-01-01}}
    - {file: b.csv, coverage: {from: 2024-01-01}}
""")
    assert [(issue.place.line, issue.code) for issue in report] == [(3, "mapping-invalid"), (4, "mapping-invalid")]
    assert "different coverage" in report.issues[1].message


@pytest.mark.parametrize(
    ("text", "found"), [("data", Path("/p/data")), ("${HERE}/x", Path("/somewhere/x")), ("/abs", Path("/abs"))]
)
def test_the_data_folder_takes_variables_from_the_environment(text, found):
    assert resolve_folder(text, Path("/p"), Place(), Report(), {"HERE": "/somewhere"}) == found


def test_an_unset_variable_is_named():
    report = Report()
    assert resolve_folder("${NOWHERE}/x", Path("/p"), Place("upcross.yaml", 3, 7), report, {}) is None
    assert "NOWHERE" in report.issues[0].message
    assert "export NOWHERE=" in report.issues[0].hint
    assert report.issues[0].place.line == 3


def test_an_unknown_table_names_near_ones_and_where_all_are_listed():
    _, report = parse_text("tables:\n  usages: u.csv\n  xyzzy: x.csv\n")
    near, far = report.issues
    assert near.hint == "did you mean usage or targets? `upcross tables` lists them"
    assert far.hint == "`upcross tables` lists them"
    assert "account_assignments" not in str(report)


def test_a_file_name_takes_variables_from_the_environment():
    text = "tables:\n  accounts: ${HERE}/a.csv\n  tickets: {file: '${HERE}/t_${KIND}*.csv', columns: {subject: null}}\n"
    report = Report()
    document = parse(text, "upcross.yaml")
    mappings = parse_tables(document, ("tables",), Path("data"), report, {"HERE": "/feeds", "KIND": "crm"})
    assert not report.issues
    assert [mapping.source.file for mapping in mappings] == ["/feeds/a.csv", "/feeds/t_crm*.csv"]
    assert mappings[1].source.columns["subject"].left_out


def test_an_unset_variable_in_a_file_name_is_named_at_its_place():
    report = Report()
    text = "tables:\n  accounts: ${NOWHERE}/a.csv\n  tickets:\n    file: ${NEVER}/t.csv\n"
    assert parse_tables(parse(text, "upcross.yaml"), ("tables",), Path("data"), report, {}) == []
    assert [(issue.code, str(issue.place)) for issue in report] == [
        ("variable-unset", "upcross.yaml:2:13"),
        ("variable-unset", "upcross.yaml:4:11"),
    ]
    assert "NOWHERE" in report.issues[0].message and "export NEVER=" in report.issues[1].hint


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ('value: {from: v, thousands: "."}', "'.' is the decimal sign too; set decimal: \",\""),
        ('value: {from: v, decimal: ",", thousands: ","}', "',' is the decimal sign too; set decimal: \".\""),
        ('metric: {from: m, decimal: ","}', "'decimal' means nothing for a text column"),
        ('value: {value: 5, decimal: ","}', "'decimal' means nothing beside a constant 'value'"),
    ],
)
def test_a_notation_that_contradicts_itself_or_its_column_is_told(column, told):
    _, report = parse_text(f"tables:\n  usage: {{file: u.csv, columns: {{{column}}}}}\n")
    assert [issue.code for issue in report] == ["mapping-invalid"]
    assert told in report.issues[0].message
