"""The sample's files by themselves: the contract's columns, the same bytes every time, and the facts of its stories."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
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
from upcross.sample.company import catalog, kind_of
from upcross.sample.stories import STORIES
from upcross.sample.story import Expected, trend

UNTIDY_CELLS = {("seats", "period_start", "2026-13-01"), ("usage", "account_id", ""), ("contacts", "contact_id", ""),
                ("tickets", "opened_on", "2026-02-30")}  # fmt: skip
"""What a load must set aside."""

LIBRARY = Path(__file__).parents[2] / "src/upcross/library"
Rows = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    assert write_sample(folder) == date(2026, 9, 30)
    return folder


@pytest.fixture(scope="module")
def rows(folder: Path) -> Rows:
    return {file.stem: _read(file) for file in sorted(folder.glob("*.csv"))}


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def last_seats(rows: Rows, account: str) -> dict[str, str]:
    return max((r for r in rows["seats"] if r["account_id"] == account), key=lambda r: r["period_start"])


def tidy(rows: Rows, name: str) -> Iterator[dict[str, str]]:
    return (cells for cells in rows[name]
            if not any(table == name and cells.get(column) == value for table, column, value in UNTIDY_CELLS))  # fmt: skip


def test_another_process_with_other_hashes_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from upcross.sample import write_sample; write_sample(Path(sys.argv[1]))"
    )
    again = tmp_path / "new" / "folder"
    subprocess.run([sys.executable, "-c", program, str(again)], check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    digests = [{file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in place.iterdir()}
               for place in (folder, again)]  # fmt: skip
    assert digests[0] == digests[1]


def test_the_files_are_small_enough_to_look_into(folder: Path) -> None:
    assert sum(file.stat().st_size for file in folder.glob("*.csv")) < 25_000_000


def test_the_project_file_and_catalogue_have_no_fault_and_map_every_file(folder: Path) -> None:
    report = Report()
    mappings = parse_tables(documents.read(folder / "upcross.yaml"), ("tables",), folder, report)
    parse_catalog(documents.read(folder / "catalog.yaml"), report)
    assert str(report) == ""
    assert {mapping.source.file for mapping in mappings} == {file.name for file in folder.glob("*.csv")}
    assert {mapping.table.name for mapping in mappings} == {file.stem for file in folder.glob("*.csv")}


def test_every_column_belongs_to_the_contract_and_every_required_cell_is_filled(rows: Rows) -> None:
    wrong = []
    for name, found in rows.items():
        assert found, f"{name}: an empty file tells nothing"
        assert set(found[0]) <= set(TABLES[name].names)
        for column in TABLES[name].columns:
            values = Counter(cells.get(column.name, "") for cells in tidy(rows, name))
            if column.required and "" in values and column.default != "":
                wrong.append(f"{name}.{column.name}: {values['']} empty")
            if column.values and set(values) - {"", *column.values}:
                wrong.append(f"{name}.{column.name}: {set(values) - {'', *column.values}}")
    assert wrong == []


def test_keys_are_unique(rows: Rows) -> None:
    for name, found in rows.items():
        keys = Counter(tuple(cells.get(column, "") for column in TABLES[name].key) for cells in found)
        assert [key for key, count in keys.items() if count > 1] == [], name


def test_what_rows_point_at_is_there(rows: Rows) -> None:
    """Products and plans stand in the catalogue; the rest of the references name rows of other files."""
    dangling = set()
    for name, found in rows.items():
        for column in TABLES[name].columns:
            table, _, key = (column.references or "").partition(".")
            if table in rows:
                known = {cells[key] for cells in rows[table]} | {""}
                dangling |= {(name, column.name, value) for cells in found
                             if (value := cells.get(column.name, "")) not in known}  # fmt: skip
    assert dangling == {("tickets", "account_id", "A99")}


def test_the_untidy_rows_are_there_and_no_others(rows: Rows) -> None:
    lines = rows["subscriptions"]
    assert {c["account_id"] for c in lines if c["ends_on"] and c["ends_on"] < c["starts_on"]} == {"A36"}
    wrong = {
        c["account_id"]
        for c in lines
        if c["mrr"] and c["unit_price"] and Decimal(c["mrr"]) != int(c["quantity"]) * Decimal(c["unit_price"])
    }
    assert wrong == {"A36"}, "40 seats at 59 are 2,360, the line says 2,300"
    left = {c["person_id"] for c in rows["team"] if c.get("left_on")}
    assert {c["account_id"] for c in rows["accounts"] if c["csm"] in left} == {"A10", "A130", "A244"}
    assert {c["currency"] for c in rows["invoices"]} == {"EUR", "USD", "GBP", "CHF"}
    assert {c["account_id"] for c in rows["accounts"] if not c["csm"]} == {"A901", "A902"}, "entered twice"
    skus = set(documents.read(Path(__file__).parents[2] / "src/upcross/sample/project/catalog.yaml").data["skus"])
    assert {c["sku"] for c in lines} - skus == {"LH-START-2022"}, "the price book lost it"


def test_the_numbers_of_the_stories_are_in_the_files(rows: Rows) -> None:
    seats = {account: last_seats(rows, account) for account in ("A02", "A07", "A08", "A09", "A10", "A12")}
    quantity = {c["account_id"]: int(c["quantity"]) for c in rows["subscriptions"] if c["product_id"] == "crm"}
    assert (seats["A02"]["active"], quantity["A02"]) == ("48", 50)
    assert (seats["A07"]["active"], quantity["A07"]) == ("9", 10)
    assert (seats["A08"]["active"], quantity["A08"]) == ("900", 1000)
    assert (seats["A10"]["active"], quantity["A10"]) == ("45", 50)
    assert (seats["A12"]["active"], seats["A12"]["assigned"]) == ("55", "100")
    assert 1000 - int(seats["A09"]["active"]) < 3 * 40, "free seats last for less than three months of its growth"

    credits = {account: sum(Decimal(c["value"]) for c in rows["usage"]
                            if c["account_id"] == account and c["metric"] == "credits" and c["period_start"] >= since)
               for account, since in (("A04", "2025-12-01"), ("A26", "2026-01-01"))}  # fmt: skip
    assert credits == {"A04": Decimal(1_092_500), "A26": Decimal(810_000)}
    assert not [c for c in rows["seats"] if c["account_id"] == "A34"], "its seats feed is missing"

    pool = [c["consumer_account_id"] for c in rows["entitlement_pools"] if c["holder_account_id"] == "A37"]
    assert [int(last_seats(rows, account)["active"]) for account in pool] == [117, 96, 78]
    assert {c["account_id"] for c in rows["subscriptions"]}.isdisjoint({"A38", "A39"}), "the pool's holder pays"


def test_versions_of_a_line_follow_its_terms_and_keep_what_is_contracted_for_later(rows: Rows) -> None:
    versions = [c for c in rows["subscriptions"] if c["account_id"] == "A11"]
    assert [(c["valid_from"], c["quantity"], c["term_ends_on"], c["booked_on"]) for c in versions] == [
        ("2024-02-01", "100", "2025-02-01", "2024-01-12"),
        ("2025-02-01", "100", "2026-02-01", "2025-01-18"),
        ("2026-02-01", "100", "2027-02-01", "2026-01-18"),
        ("2026-11-01", "150", "2027-02-01", "2026-02-01"),
    ]
    rolling = [c for c in rows["subscriptions"] if c["account_id"] == "A07"]
    assert [(c["rolling"], c["term_ends_on"]) for c in rolling] == [("true", "")]


def test_nothing_of_an_account_happens_after_it_left(rows: Rows) -> None:
    ends: dict[str, list[str]] = defaultdict(list)
    for cells in rows["subscriptions"]:
        ends[cells["account_id"]].append(cells["ends_on"])
    gone = {account: max(days) for account, days in ends.items() if all(days) and max(days) <= "2026-09-30"}
    assert len(gone) > 25, "customers leave"
    for name, column in (("seats", "period_start"), ("usage", "period_start"), ("activities", "happened_on"),
                         ("tickets", "opened_on"), ("invoices", "issued_on"), ("statements", "said_on"),
                         ("health_scores", "measured_on")):  # fmt: skip
        late = [c for c in tidy(rows, name) if c["account_id"] in gone and c[column] >= gone[c["account_id"]]]
        assert late == [], name


def test_people_do_and_say_things_while_they_are_there(rows: Rows) -> None:
    tenure = {c["contact_id"]: (c["joined_on"], c["left_on"]) for c in tidy(rows, "contacts")}
    assert [contact for contact, (joined, left) in tenure.items() if left and left < joined] == []
    for name, column in (("activities", "happened_on"), ("statements", "said_on"), ("tickets", "opened_on"),
                         ("feature_requests", "requested_on"), ("outcomes", "measured_on"), ("objectives", "set_on"),
                         ("contact_roles", "confirmed_on")):  # fmt: skip
        for cells in tidy(rows, name):
            if cells.get("contact_id") and cells[column]:
                joined, left = tenure[cells["contact_id"]]
                assert joined <= cells[column] and (not left or cells[column] <= left), (name, cells)


ENDS_BEFORE_IT_BEGAN = {("subscriptions", "L-A36-2")}
"""The record with its two days swapped."""


def test_nothing_ends_before_it_began(rows: Rows) -> None:
    """Deals are moved and closed after they were entered, tickets closed after they were opened, and so on."""
    wrong = set()
    for name, first, *later in (
        ("crm_opportunities", "created_on", "stage_changed_on", "closed_on"),
        ("tickets", "opened_on", "escalated_on", "closed_on", "escalation_closed_on"),
        ("subscriptions", "starts_on", "valid_from", "notice_on", "cancelled_on", "ends_on"),
        ("subscriptions", "booked_on", "valid_from"), ("invoices", "issued_on", "due_on", "paid_on"),
        ("implementations", "started_on", "live_on", "first_value_on"),
        ("objectives", "set_on", "due_on", "met_on", "dropped_on"), ("incidents", "started_on", "ended_on"),
        ("billing_disputes", "opened_on", "closed_on"), ("price_changes", "announced_on", "effective_on"),
        ("commitments", "starts_on", "ends_on"), ("competitor_products", "seen_on", "ends_on"),
        ("account_assignments", "valid_from", "valid_until"),
    ):  # fmt: skip
        wrong |= {(name, cells[TABLES[name].key[0]]) for cells in tidy(rows, name) for column in later
                  if cells[first] and cells.get(column) and cells[column] < cells[first]}  # fmt: skip
    assert wrong == ENDS_BEFORE_IT_BEGAN


def test_every_mechanism_and_every_gate_is_told_by_some_story() -> None:
    told = [(story, expected) for story in STORIES for expected in story.expected]
    fired = {_mechanism(e) for _, e in told if e.status == "fired"} - {""}
    assert fired == {"seats", "tier", "usage", "support", "product", "module", "add_on"}

    alone = {e.held_by[0] for _, e in told if len(e.held_by) == 1}
    assert alone == {"health", "adoption-dip", "adoption-floor", "value-delivered", "escalation", "outage", "dispute",
                     "price-absorbed", "credibility", "implementation", "notice-given", "renewal-at-risk",
                     "already-in-pipeline", "do-not-contact", "sponsor-left"}  # fmt: skip
    assert [story.id for story, e in told if len(e.held_by) > 1] == ["A33"]
    assert {story.id for story, e in told if e.attested} == {"A31"}
    assert sum(not story.expected for story in STORIES) >= 5, "a healthy book has quiet accounts"


def _mechanism(expected: Expected) -> str:
    """How the play widens or deepens; '' where it sells nothing."""
    play = documents.read(LIBRARY / f"{expected.play}.yaml").data
    mechanism = play.get("mechanism", "")
    return mechanism if isinstance(mechanism, str) else kind_of(expected.product) if "product" in mechanism else ""


def test_stories_name_products_plans_and_accounts_that_exist() -> None:
    plans = catalog()
    ids = [story.id for story in STORIES]
    assert len(set(ids)) == len(ids)
    assert len({story.name for story in STORIES}) == len(STORIES)
    for story in STORIES:
        assert not story.parent or story.parent in ids
        for line in story.lines:
            assert line.plan in plans
            assert all(active <= line.quantity or plans[line.plan]["charge"] == "flat" or line.steps or line.shared
                       for active in line.active)  # fmt: skip


def test_a_trend_is_a_straight_line_of_whole_numbers() -> None:
    assert trend(10, 20, months=5) == (10, 12, 15, 17, 20)
    assert trend(20, 10, months=3) == (20, 15, 10)
