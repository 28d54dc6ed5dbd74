"""What customers did, read from the book: once a load, and the same whether it is read or kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from upcross import verbs
from upcross.measure.expansion import Expansion, Shrinkage
from upcross.motions import Mechanism
from upcross.project import Project, open_project
from upcross.replaying.labels import read_happened

LINES = """\
line_id,valid_from,account_id,product_id,quantity,mrr,ends_on,booked_on
1,2025-01-01,a,crm,10,100,,2024-12-01
1,2025-06-01,a,crm,15,150,,2025-05-20
2,2025-01-01,b,crm,5,50,2025-07-01,2024-12-01
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Account a goes from 100 to 150 on 1 June, booked on 20 May; b gives up its 50 on 1 July."""
    (tmp_path / "upcross.yaml").write_text(
        "name: x\nreporting_currency: EUR\ntables: {accounts: a.csv, products: p.csv, subscriptions: s.csv}\n"
    )
    (tmp_path / "a.csv").write_text("account_id,name\na,A\nb,B\n")
    (tmp_path / "p.csv").write_text("product_id,name,kind\ncrm,CRM,product\n")
    (tmp_path / "s.csv").write_text(LINES)
    project = open_project(tmp_path)
    verbs.load(project, date(2025, 9, 10))
    return project


GREW = Expansion("a", "", "crm", Mechanism.SEATS, date(2025, 5, 20), 50 * 10_000)
LEFT = Shrinkage("b", "", "", date(2025, 7, 1), 50 * 10_000)


def test_a_second_reading_takes_what_is_kept_and_is_the_same(project):
    first = read_happened(project)
    assert [item[:2] + item[4:6] for item in first.expansions] == [GREW[:2] + GREW[4:6]]
    assert first.lost == (LEFT,)
    kept = {file: file.stat().st_mtime_ns for file in project.runs.rglob("*.parquet")}
    assert read_happened(project) == first
    assert {file: file.stat().st_mtime_ns for file in project.runs.rglob("*.parquet")} == kept


def test_the_next_load_is_read_anew(project):
    read_happened(project)
    (project.folder / "s.csv").write_text(LINES.replace("15,150", "20,200"))
    verbs.load(project, date(2025, 9, 10))
    assert [item.mrr for item in read_happened(project).expansions] == [100 * 10_000]


def test_where_nothing_can_be_written_it_is_read_all_the_same(project):
    project.runs.write_text("a file where the folder of the runs would be")
    assert read_happened(project).lost == (LEFT,)
