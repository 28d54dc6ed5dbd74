"""Results as rows: what a spreadsheet, a wiki page and a frame get of them."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from upcross.app.shell.workbook import workbook
from upcross.plan_sheet import SHORT, plan_sheet
from upcross.project import open_project
from upcross.sheets import FORMULA, Sheet
from upcross.signals.model import Unit
from upcross.verbs import plan

SHEET = Sheet(
    {"account": Unit.TEXT, "mrr": Unit.MONEY, "seats": Unit.COUNT, "use": Unit.RATIO, "due_on": Unit.DATE, "open": Unit.FLAG},
    (("Nord | Süd <b>", 12_345_600, -3, 0.5, date(2026, 9, 30), True), ("=2+5", None, None, None, None, None)),
)  # fmt: skip


def _cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_csv_has_exact_money_and_leaves_unknown_empty():
    """1,234.56 of ten-thousandths is 12,345,600; unknown is an empty cell and never 0."""
    assert _cells(SHEET.csv()) == [
        ["account", "mrr", "seats", "use", "due_on", "open"],
        ["Nord | Süd <b>", "1234.56", "-3", "0.5", "2026-09-30", "true"],
        ["'=2+5", "", "", "", "", ""],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-cmd|' /C calc'!A0", "@SUM(A1)", "\tx"])
def test_text_that_a_spreadsheet_would_run_is_quoted(text):
    assert _cells(Sheet({"name": Unit.TEXT}, ((text,),)).csv())[1] == [f"'{text}"]


def test_a_column_named_like_a_formula_runs_in_no_spreadsheet():
    """Columns may be called as products are, which is what somebody typed."""
    sheet = Sheet({"=HYPERLINK(1)": Unit.TEXT, "-2": Unit.MONEY}, (("=2+5", None),))
    assert _cells(sheet.csv())[0] == ["'=HYPERLINK(1)", "-2"]
    about = {"viewer": {"name": "=1+1"}}
    book = load_workbook(io.BytesIO(workbook({"map": sheet}, title="=1", source=about, address="/")))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.value for cell in cells} >= {"=HYPERLINK(1)", "=2+5", "=1+1", "=1"}
    assert not [cell.value for cell in cells if cell.data_type == "f"]


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs",)), max_size=20), min_size=1, max_size=5))
def test_no_text_cell_begins_like_a_formula_unless_it_is_a_number(texts):
    rows = _cells(Sheet({"name": Unit.TEXT, "end": Unit.TEXT}, tuple((text, "x") for text in texts)).csv())
    assert len(rows) == 1 + len(texts)
    for [cell, _] in rows[1:]:
        assert not cell.startswith(FORMULA) or Decimal(cell).is_finite()


def test_markdown_can_be_pasted():
    """A bar in a name must not open a column, nor an angle bracket a tag."""
    lines = SHEET.markdown().splitlines()
    assert lines[1] == "| --- | ---: | ---: | ---: | --- | --- |"
    assert lines[2] == "| Nord \\| Süd \\<b> | 1,235 | -3 | 50% | 2026-09-30 | yes |"
    assert lines[3] == "| =2+5 |  |  |  |  |  |"


def test_frames_have_types_and_nulls():
    table = SHEET.to_arrow()
    assert table.column("mrr").to_pylist() == [Decimal("1234.5600"), None]
    assert table.column("due_on").to_pylist() == [date(2026, 9, 30), None]
    polars = pytest.importorskip("polars")
    frame = SHEET.to_polars()
    assert frame["mrr"].sum() == Decimal("1234.56")
    assert frame["open"].dtype == polars.Boolean


def test_a_plan_as_rows_adds_up_to_its_totals(sample_project: Path):
    """Alternatives of an ask do not count; the rest is what the plan's own totals say, motion by motion."""
    changes = plan(open_project(sample_project)).changes
    sheet = plan_sheet(changes)
    assert len(sheet.rows) == len(changes.changes)
    records = sheet.records()
    for motion in ("upsell", "cross_sell"):
        asked = [Decimal(r["mrr_expected"]) for r in records
                 if r["motion"] == motion and r["change"] == "create" and r["counts"] and r["mrr_expected"]]  # fmt: skip
        assert sum(asked) == Decimal(changes.to_dict()["totals"]["fired"][motion]["expected"])  # type: ignore[index]
    assert all(r["held_by"] for r in records if r["change"] == "hold")
    assert list(sheet.only(SHORT).columns) == list(SHORT)
