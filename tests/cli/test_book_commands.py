"""`upcross check --control`, `--skus`, `--rejects`, and `upcross tables`, as a person types them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from upcross import verbs
from upcross.project import open_project

WIDTH = "240"

LINES = """\
line_id,valid_from,account_id,product_id,plan_id,sku,quantity,unit_price,mrr,ends_on,currency,booked_on
L1,2025-01-01,a1,crm,crm_pro,CRM-PRO-USER,10,10,100,,EUR,
L2,2025-02-01,a1,forms,forms_b,FRM.ENT,1,,250.50,,EUR,
L3,2025-06-01,a2,crm,crm_ent,CRMENT,20,20,400,,USD,2025-07-15
L4,2025-05-01,a2,odd,,XQ9,1,,77,2025-07-01,EUR,
"""
FILES = {
    "data/s.csv": LINES,
    "data/a.csv": "account_id,name,segment\na1,Acme,big\na2,Beta,small\n",
    "data/t.csv": "ticket_id,account_id,opened_on\nt1,a1,2025-08-31\nt2,a1,yesterday\nt3\n",
    "upcross.yaml": "name: X\nreporting_currency: EUR\ndata: data\n"
    "tables: {accounts: a.csv, subscriptions: s.csv, tickets: t.csv}\n",
    "catalog.yaml": "products:\n"
    "  crm: {name: CRM, plans: {crm_pro: {name: Professional, rank: 1, charge: per_unit},"
    " crm_ent: {name: Enterprise, rank: 2, charge: per_unit}}}\n"
    "  forms: {name: Forms, kind: module, plans: {forms_b: {name: Basic, rank: 1, charge: flat},"
    " forms_e: {name: Enterprise, rank: 2, charge: flat}}}\n"
    "skus: {FRM.ENT: {product: forms, plan: forms_b, mechanism: module}}\n"
    "exchange_rates: {USD: {always: 0.9}}\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    def make(more: Mapping[str, str] | None = None) -> Path:
        for name, text in {**FILES, **(more or {})}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        verbs.load(open_project(tmp_path), date(2025, 9, 10))
        return tmp_path

    return make


# Month ends: May 100 + 250.50 + 77 = 427.50; June + 400 USD × 0.9 = 787.50; July and August without L4: 710.50.
TIED = "month,mrr\n2025-05,427.50\n2025-06,787.50\n2025-08-31,710.50\n"


def test_totals_that_tie_out_to_the_cent(project, run):
    folder = project({"finance.csv": TIED})
    code, out, _ = run("check", "-C", folder, "--control", folder / "finance.csv")
    assert code == 0
    assert "all tie out" in out
    assert "not tied out" not in run("metrics", "-C", folder, "--from", "2025-05", "--to", "2025-08")[1]


def test_a_total_a_cent_off_differs_unless_that_is_tolerated(project, run):
    folder = project({"finance.csv": TIED.replace("427.50", "427.49")})
    strict = run("check", "-C", folder, "--control", folder / "finance.csv")
    assert strict[0] == 1 and "+0.01" in strict[1] and "1 differ" in strict[1]
    assert run("check", "-C", folder, "--control", folder / "finance.csv", "--tolerance", "0.01")[0] == 0
    assert run("check", "-C", folder, "--control", folder / "finance.csv", "--tolerance", "little")[0] == 2


def test_a_difference_names_the_lines_behind_it(project, run):
    # Finance lacks L3 in June (360), as it was booked in July; July and August tie out.
    folder = project({"finance.csv": "month,mrr\n2025-06,427.50\n2025-07,710.50\n"})
    _, out, _ = run("check", "-C", folder, "--control", folder / "finance.csv", "--format", "json")
    june, july = json.loads(out)["totals"]
    assert (june["book"], june["difference"], june["tied"]) == ("787.5", "360", False)
    kinds = {reason["kind"]: reason for reason in june["reasons"]}
    assert kinds["exact"]["lines"] == ["L3"]
    assert "recorded after the month was over: 1 line, 360.00: Beta · crm 360.00 (line L3)" in kinds["late"]["text"]
    assert kinds["currency"]["amount"] == "360"
    assert july["tied"] and july["reasons"] == []


def test_the_same_difference_again_is_told_once(project, run):
    folder = project({"finance.csv": "month,mrr\n2025-07,610.50\n2025-08,610.50\n"})
    _, out, _ = run("check", "-C", folder, "--control", folder / "finance.csv")
    assert "exactly one line: Acme · crm 100.00 (line L1)" in out
    assert "the same difference as the month before" in out


def test_totals_by_currency_and_segment_are_compared_in_their_own(project, run):
    rows = (
        "month,mrr,currency,segment\n2025-08,400,USD,\n2025-08,350.50,EUR,\n2025-08,350.50,,big\n2025-08,360,,small\n"
    )
    folder = project({"finance.csv": rows})
    code, out, _ = run("check", "-C", folder, "--control", folder / "finance.csv", "--format", "json")
    assert code == 0, out
    assert [total["book"] for total in json.loads(out)["totals"]] == ["400", "350.5", "350.5", "360"]


def test_lines_without_a_known_mrr_are_left_out_and_said(project, run):
    folder = project({"finance.csv": "month,mrr\n2025-08,800\n",
                      "data/s.csv": LINES + "L5,2025-08-01,a2,crm,crm_pro,,1,,,,EUR,\n"})  # fmt: skip
    _, out, _ = run("check", "-C", folder, "--control", folder / "finance.csv", "--format", "json")
    (total,) = json.loads(out)["totals"]
    assert (total["book"], total["lines_unknown"], total["difference"]) == ("710.5", 1, "-89.5")
    assert "1 line without a known MRR" in total["reasons"][0]["text"]


def test_numbers_of_months_that_do_not_tie_out_are_marked(project, run):
    folder = project({"finance.csv": TIED.replace("427.50", "500")})
    run("check", "-C", folder, "--control", folder / "finance.csv")
    note = "not tied out: May 2025 differs from finance, by 72.50 EUR less in the book"
    for command in (["metrics"], ["metrics", "definitions"], ["movements"]):
        assert note in run(*command, "-C", folder, "--from", "2025-05", "--to", "2025-08")[1]
        assert note not in run(*command, "-C", folder, "--from", "2025-07", "--to", "2025-08")[1]
    facts = json.loads(run("metrics", "-C", folder, "--from", "2025-05", "--to", "2025-08", "--format", "json")[1])
    assert facts["not_tied_out"] == [note]
    verbs.load(open_project(folder), date(2025, 9, 10))
    assert "compared with an earlier load" in run("movements", "-C", folder, "--month", "2025-08")[1]


def test_a_project_may_name_its_control_totals(project, run):
    folder = project({"finance.csv": TIED.replace("427.50", "500"),
                      "upcross.yaml": FILES["upcross.yaml"] + "control: finance.csv\n"})  # fmt: skip
    assert "finance.csv was not compared yet" in run("movements", "-C", folder, "--month", "2025-05")[1]
    code, out, _ = run("check", "-C", folder)
    assert code == 1
    assert "finance.csv:2: May 2025: 427.50 EUR in the book, 500.00 EUR at finance, a difference of -72.50 EUR" in out
    assert "[control-differs]" in out
    assert "May 2025 differs" in run("movements", "-C", folder, "--month", "2025-05")[1]


def test_all_faults_of_a_control_file_come_at_once(project, run):
    rows = "month;mrr;currency\n2025-13;1;\n2025-06;1.000,5;\n2026-09;1;\n2025-06;1;Euro\n2025-07;1;\n2025-07;2;\n"
    folder = project({"finance.csv": rows})
    code, _, err = run("check", "-C", folder, "--control", folder / "finance.csv")
    assert code == 1
    for told in (
        "finance.csv:2: '2025-13' is no month", "finance.csv:3: '1.000,5' is no amount",
        "finance.csv:4: September 2026 is not over in the book", "finance.csv:5: 'Euro' is no currency",
        "finance.csv:7: line 6 gives the same total",
    ):  # fmt: skip
        assert told in err.replace(str(folder) + "/", "")
    assert "no such file" in run("check", "-C", folder, "--control", "absent.csv")[2]


def test_every_price_book_item_with_its_share_and_a_proposal(project, run):
    folder = project()
    code, out, _ = run("check", "-C", folder, "--skus", "--format", "json")
    assert code == 1  # something is not mapped
    items = {item["sku"]: item for item in json.loads(out)["items"]}
    # 710.50 in all: FRM.ENT 250.50, CRMENT 360, CRM-PRO-USER 100; XQ9 has ended.
    assert {sku: item["mrr"] for sku, item in items.items()} == {
        "CRMENT": "360.00", "FRM.ENT": "250.50", "CRM-PRO-USER": "100.00", "XQ9": "0.00",
    }  # fmt: skip
    assert items["CRMENT"]["share"] == pytest.approx(360 / 710.5, abs=1e-6)
    assert items["FRM.ENT"]["mapped"]["product"] == "forms" and items["FRM.ENT"]["proposal"] is None
    assert items["CRM-PRO-USER"]["proposal"] == {"product": "crm", "plan": "crm_pro", "mechanism": "seats"}
    assert items["XQ9"]["proposal"] is None


def test_the_snippet_maps_what_it_proposes(project, run):
    folder = project()
    snippet = json.loads(run("check", "-C", folder, "--skus", "--format", "json")[1])["snippet"]
    assert "# XQ9: {product: }" in snippet
    catalog = FILES["catalog.yaml"].replace(
        "skus: {FRM.ENT: {product: forms, plan: forms_b, mechanism: module}}\n", snippet + "\n"
    )
    project({"catalog.yaml": catalog})
    found = json.loads(run("check", "-C", folder, "--skus", "--format", "json")[1])
    assert [item["sku"] for item in found["items"] if item["mapped"] is None] == ["FRM.ENT", "XQ9"]


def test_rejects_are_the_rows_as_written_with_their_reasons(project, run, tmp_path):
    folder = project()
    code, out, _ = run("check", "-C", folder, "--rejects", tmp_path / "rejects")
    assert code == 1 and "2 rows of tickets" in out
    with (tmp_path / "rejects" / "tickets.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["upcross_line"] for row in rows] == ["3", "4"]
    assert (rows[0]["ticket_id"], rows[0]["opened_on"]) == ("t2", "yesterday")
    assert rows[0]["upcross_reason"] == "opened_on: expected a date as YYYY-MM-DD"
    assert (rows[1]["ticket_id"], rows[1]["upcross_reason"]) == ("t3", "expected 3 cells as in the header")


def test_rejects_of_a_file_that_has_changed_say_so(project, run, tmp_path):
    folder = project()
    (folder / "data" / "t.csv").write_text("ticket_id,account_id,opened_on\nt1,a1,2025-08-31\n")
    assert "2 of its rejects are not there any more" in run("check", "-C", folder, "--rejects", tmp_path / "r")[1]


def test_no_rejects_is_fine(project, run, tmp_path):
    folder = project({"data/t.csv": "ticket_id,account_id,opened_on\nt1,a1,2025-08-31\n"})
    code, out, _ = run("check", "-C", folder, "--rejects", tmp_path / "r")
    assert (code, out.strip()) == (0, "no row was set aside")


def test_tables_say_what_the_absence_of_each_costs(project, run):
    folder = project(
        {"data/se.csv": "account_id,product_id,period_start,period_end,assigned,active\n"
         "a1,crm,2025-07-01,2025-08-01,10,10\na1,crm,2025-08-01,2025-09-01,10,10\n",
         "catalog.yaml": FILES["catalog.yaml"].replace("rank: 1, charge: per_unit", "rank: 1, charge: per_unit, prices: {EUR: 10}"),
         "upcross.yaml": FILES["upcross.yaml"].replace("tickets: t.csv", "tickets: t.csv, seats: se.csv")}
    )  # fmt: skip
    out = run("tables", "-C", folder)[1]
    assert "Without it: the dispute gate holds everything unless it is attested." in out
    assert "potential waits" not in out  # no run is kept yet
    run("plan", "-C", folder, "--as-of", "2025-08-31")
    table = run("tables", "billing_disputes", "-C", folder)[1]
    assert "read by" in table and "1 gate" in table
    now = next(line for line in table.splitlines() if line.strip().startswith("now"))
    assert "1 gate needs an attestation (dispute)" in now
    assert "EUR of potential waits a month" in now and "deeper" in now
    facts = json.loads(run("tables", "billing_disputes", "-C", folder, "--format", "json")[1])[0]
    assert facts["gates"] == ["dispute"] and facts["waiting"] in now
    assert "1 gate needs an attestation (dispute)" in run("check", "-C", folder)[1]


def test_every_table_is_read_by_something_or_says_what_it_is_for(project, run):
    folder = project()
    facts = json.loads(run("tables", "-C", folder, "--format", "json")[1])
    assert len(facts) == 42
    assert all(fact["without_it"] for fact in facts)
    read = {fact["table"] for fact in facts if fact["signals"]}
    assert {"tickets", "seats", "usage", "statements", "subscriptions"} <= read
