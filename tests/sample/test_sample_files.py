"""The sample's files by themselves: the contract's columns, the same bytes every time, and the facts of its stories."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from upcross import documents
from upcross.book.catalog import parse_catalog
from upcross.book.mapping import parse_tables
from upcross.contract import TABLES
from upcross.errors import Report
from upcross.sample import write_sample
from upcross.sample.company import catalog
from upcross.sample.stories import STORIES
from upcross.sample.story import trend
from upcross.sample.tables import tell

UNTIDY_ROWS = {("seats", "2026-13-01"), ("usage", "")}
"""The two rows that a load must set aside, by a cell that tells them."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    assert write_sample(folder) == date(2026, 9, 30)
    return folder


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def last_seats(folder: Path, account: str) -> dict[str, str]:
    return max((r for r in rows(folder, "seats") if r["account_id"] == account), key=lambda r: r["period_start"])


def test_writing_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_sample(tmp_path / "new" / "folder")
    again = {file.name: file.read_bytes() for file in (tmp_path / "new" / "folder").iterdir()}
    assert again == {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def test_the_project_file_and_catalogue_have_no_fault_and_map_every_file(folder: Path) -> None:
    report = Report()
    mappings = parse_tables(documents.read(folder / "upcross.yaml"), ("tables",), folder, report)
    parse_catalog(documents.read(folder / "catalog.yaml"), report)
    assert str(report) == ""
    assert {mapping.source.file for mapping in mappings} == {file.name for file in folder.glob("*.csv")}
    assert {mapping.table.name for mapping in mappings} == {file.stem for file in folder.glob("*.csv")}


@pytest.mark.parametrize("name", sorted(tell(STORIES)))
def test_every_column_belongs_to_the_contract_and_every_required_cell_is_filled(folder: Path, name: str) -> None:
    table, found = TABLES[name], rows(folder, name)
    assert found, "an empty file tells nothing"
    assert set(found[0]) <= set(table.names)
    for cells in found:
        for column in table.columns:
            value = cells.get(column.name, "")
            tells = {(name, cells.get("period_start", "")), (name, cells.get("account_id", ""))}
            if column.required and not tells & UNTIDY_ROWS:
                assert value, f"{name}.{column.name} is empty in {cells}"
            if column.values and value:
                assert value in column.values, f"{name}.{column.name}"


@pytest.mark.parametrize("name", sorted(tell(STORIES)))
def test_keys_are_unique(folder: Path, name: str) -> None:
    keys = Counter(tuple(cells.get(column, "") for column in TABLES[name].key) for cells in rows(folder, name))
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_untidy_rows_are_there_and_no_others(folder: Path) -> None:
    accounts = {cells["account_id"] for cells in rows(folder, "accounts")}
    unknown = {
        (file.stem, cells["account_id"])
        for file in folder.glob("*.csv")
        for cells in rows(folder, file.stem)
        if cells.get("account_id") not in (None, *accounts)
    }
    assert unknown == {("usage", ""), ("tickets", "A99")}

    lines = rows(folder, "subscriptions")
    assert {c["account_id"] for c in lines if c["ends_on"] and c["ends_on"] < c["starts_on"]} == {"A36"}
    wrong = {
        c["account_id"]
        for c in lines
        if c["mrr"] and Decimal(c["mrr"]) != int(c["quantity"]) * Decimal(c["unit_price"])
    }
    assert wrong == {"A36"}, "40 seats at 59 are 2,360, the line says 2,300"
    left = {c["person_id"] for c in rows(folder, "team") if c.get("left_on")}
    assert {c["account_id"] for c in rows(folder, "accounts") if c["csm"] in left} == {"A10"}
    assert {c["currency"] for c in rows(folder, "invoices")} - {"EUR", "USD", "GBP"} == {"CHF"}


def test_the_numbers_of_the_stories_are_in_the_files(folder: Path) -> None:
    seats = {account: last_seats(folder, account) for account in ("A02", "A07", "A08", "A09", "A10", "A12")}
    quantity = {c["account_id"]: int(c["quantity"]) for c in rows(folder, "subscriptions") if c["product_id"] == "crm"}
    assert (seats["A02"]["active"], quantity["A02"]) == ("48", 50)
    assert (seats["A07"]["active"], quantity["A07"]) == ("9", 10)
    assert (seats["A08"]["active"], quantity["A08"]) == ("900", 1000)
    assert (seats["A10"]["active"], quantity["A10"]) == ("45", 50)
    assert (seats["A12"]["active"], seats["A12"]["assigned"]) == ("55", "100")
    assert 1000 - int(seats["A09"]["active"]) < 3 * 40, "free seats last for less than three months of its growth"

    credits = {account: sum(Decimal(c["value"]) for c in rows(folder, "usage")
                            if c["account_id"] == account and c["metric"] == "credits" and c["period_start"] >= since)
               for account, since in (("A04", "2025-12-01"), ("A26", "2026-01-01"))}  # fmt: skip
    assert credits == {"A04": Decimal(1_092_500), "A26": Decimal(810_000)}
    assert not [c for c in rows(folder, "seats") if c["account_id"] == "A34"], "its seats feed is missing"


def test_versions_of_a_line_follow_its_terms_and_keep_what_is_contracted_for_later(folder: Path) -> None:
    versions = [c for c in rows(folder, "subscriptions") if c["account_id"] == "A11"]
    assert [(c["valid_from"], c["quantity"], c["term_ends_on"], c["booked_on"]) for c in versions] == [
        ("2024-02-01", "100", "2025-02-01", "2024-01-12"),
        ("2025-02-01", "100", "2026-02-01", "2025-01-18"),
        ("2026-02-01", "100", "2027-02-01", "2026-01-18"),
        ("2026-11-01", "150", "2027-02-01", "2026-02-01"),
    ]
    rolling = [c for c in rows(folder, "subscriptions") if c["account_id"] == "A07"]
    assert [(c["rolling"], c["term_ends_on"]) for c in rolling] == [("true", "")]


def test_every_mechanism_and_every_gate_is_told_by_some_story() -> None:
    files = documents.read(Path(__file__).parents[2] / "src/upcross/sample/project/catalog.yaml")
    kinds = {product_id: product["kind"] for product_id, product in files.data["products"].items()}
    by_play = {"seat-expansion": "seats", "tier-upgrade": "tier", "feature-request-upgrade": "tier",
               "usage-expansion": "usage"}  # fmt: skip
    told = [(story, expected) for story in STORIES for expected in story.expected]
    fired = {by_play.get(e.play) or kinds[e.product] for _, e in told if e.status == "fired"}
    assert fired == {"seats", "tier", "usage", "product", "module", "add_on"}

    alone = {e.held_by[0] for _, e in told if len(e.held_by) == 1}
    assert alone == {"health", "adoption-dip", "adoption-floor", "value-delivered", "escalation", "outage", "dispute",
                     "price-absorbed", "credibility", "implementation"}  # fmt: skip
    assert [story.id for story, e in told if len(e.held_by) > 1] == ["A33"]
    assert [story.id for story, e in told if e.unknown_gates] == ["A32", "A34"]
    assert [story.id for story, e in told if e.attested] == ["A31"]
    assert [story.id for story, e in told if e.status == "unknown"] == ["A34"]
    assert sum(not story.expected for story in STORIES) >= 5, "a healthy book has quiet accounts"


def test_stories_name_products_plans_and_accounts_that_exist() -> None:
    plans = catalog()
    ids = [story.id for story in STORIES]
    assert len(set(ids)) == len(ids) == 36
    assert len({story.name for story in STORIES}) == len(STORIES)
    for story in STORIES:
        assert not story.parent or story.parent in ids
        for line in story.lines:
            assert line.plan in plans
            assert all(active <= line.quantity or plans[line.plan]["charge"] == "flat" or line.steps
                       for active in line.active)  # fmt: skip


def test_a_trend_is_a_straight_line_of_whole_numbers() -> None:
    assert trend(10, 20, months=5) == (10, 12, 15, 17, 20)
    assert trend(20, 10, months=3) == (20, 15, 10)
