"""Somebody who works in such a company would believe it: its size, books, seasons, people, deals and numbers."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from upcross import documents
from upcross.errors import Report
from upcross.numbers.report import metrics
from upcross.project import open_project
from upcross.sample.company import PROJECT, kind_of
from upcross.verbs import Plan

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def read(company_project: Path):  # type: ignore[no-untyped-def]
    def read(table: str) -> Rows:
        with (company_project / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


def test_about_four_hundred_accounts_in_segments_regions_and_currencies(read) -> None:  # type: ignore[no-untyped-def]
    accounts = read("accounts")
    assert 380 <= len(accounts) <= 430
    segments = Counter(cells["segment"] for cells in accounts)
    assert segments["small business"] > segments["mid-market"] > segments["enterprise"] > 25
    assert len({cells["region"] for cells in accounts}) == 5
    names = Counter(cells["name"] for cells in accounts)
    assert max(names.values()) == 1


def test_a_csm_looks_after_35_to_60_customers(read) -> None:  # type: ignore[no-untyped-def]
    left = {cells["person_id"] for cells in read("team") if cells.get("left_on")}
    books = Counter(cells["csm"] for cells in read("accounts") if cells["csm"] and cells["csm"] not in left)
    assert len(books) == 9
    assert all(35 <= accounts <= 60 for accounts in books.values()), books


def test_august_is_quiet_and_september_is_not(read) -> None:  # type: ignore[no-untyped-def]
    active: dict[str, int] = defaultdict(int)
    for cells in read("seats"):
        active[cells["period_start"]] += int(cells["active"])
    for year in (2025, 2026):
        june, august, september = (active[f"{year}-{month}-01"] for month in ("06", "08", "09"))
        assert august < 0.95 * june
        assert september > june


def test_prices_and_sizes_differ_by_segment_as_they_do(read) -> None:  # type: ignore[no-untyped-def]
    segment = {cells["account_id"]: cells["segment"] for cells in read("accounts")}
    latest = {cells["line_id"]: cells for cells in read("subscriptions") if cells["valid_from"] <= "2026-09-30"}
    mrr: dict[str, float] = defaultdict(float)
    for cells in latest.values():
        if cells["status"] == "active" and cells["mrr"] and not (cells["ends_on"] and cells["ends_on"] <= "2026-09-30"):
            mrr[cells["account_id"]] += float(cells["mrr"])
    typical = {name: median(amount for account, amount in mrr.items() if segment[account] == name)
               for name in set(segment.values())}  # fmt: skip
    assert 300 < typical["small business"] < 1500 < typical["mid-market"] < 8000 < typical["enterprise"] < 40000


def test_the_pipeline_is_one_that_people_made(read) -> None:  # type: ignore[no-untyped-def]
    deals = read("crm_opportunities")
    results = Counter((cells["kind"], cells["result"]) for cells in deals)
    assert results["expansion", "won"] > 2 * results["expansion", "lost"] > 40
    assert results["expansion", ""] > 25 and results["renewal", ""] > 15
    open_ = [cells for cells in deals if cells["kind"] == "expansion" and not cells["result"]]
    lined = {cells["crm_opportunity_id"] for cells in read("crm_opportunity_lines")}
    assert [cells for cells in open_ if not cells["mechanism"]], "untagged"
    assert [cells for cells in open_ if cells["crm_opportunity_id"] not in lined], "without a line"
    twice = Counter((cells["account_id"], cells["name"]) for cells in open_)
    assert [name for name, count in twice.items() if count > 1], "entered twice"
    assert all(cells["loss_reason"] for cells in deals if cells["result"] == "lost")
    health = {cells["account_id"]: int(cells["score"]) for cells in read("health_scores")}
    assert [cells for cells in open_ if health.get(cells["account_id"], 100) < 60], "on accounts that are held"


def test_people_have_a_place_in_an_org_chart_and_some_have_left(read) -> None:  # type: ignore[no-untyped-def]
    contacts = read("contacts")
    account = {cells["contact_id"]: cells["account_id"] for cells in contacts}
    assert all(account[cells["reports_to"]] == cells["account_id"] for cells in contacts if cells["reports_to"])
    assert 1000 < len(contacts) < 3000
    assert 40 < sum(bool(cells["left_on"]) for cells in contacts) < 300
    assert 20 < sum(cells["do_not_contact"] == "true" for cells in contacts) < 120
    roles = Counter(cells["role"] for cells in read("contact_roles"))
    assert {"champion", "economic_buyer", "user_lead", "executive_sponsor", "procurement"} <= set(roles)


def test_notes_read_like_notes_and_hold_sentences_about_other_domains(read) -> None:  # type: ignore[no-untyped-def]
    notes = read("activities")
    assert len({cells["body"] for cells in notes}) > 0.6 * len(notes)
    assert sum("“" in cells["body"] for cells in notes) > 150
    assert not [cells["body"] for cells in notes if "{" in cells["body"]]
    assert {cells["direction"] for cells in notes} == {"inbound", "outbound", "both"}


def test_retention_is_neither_dream_nor_disaster_and_balances(company_project: Path) -> None:
    total = metrics(open_project(company_project)).total
    net, gross = total.retention.nrr, total.retention.grr
    assert 104 <= 100 * net.numerator / net.denominator <= 112
    assert 88 <= 100 * gross.numerator / gross.denominator <= 94
    assert total.bridge.residual == 0


def test_half_of_the_further_products_were_heard_of_and_most_of_what_is_heard_leads_to_nothing(read) -> None:  # type: ignore[no-untyped-def]
    bought, signs = _further_products(read), _signs(read)

    def led(sign: Sign, purchase: Purchase) -> bool:
        """Whether a sign came in the half year before a purchase that answers it."""
        days = (date.fromisoformat(purchase[2]) - date.fromisoformat(sign[2])).days
        return sign[0] == purchase[0] and purchase[1] in sign[1] and 1 <= days <= 180

    last_year = [purchase for purchase in bought if "2025-10-01" <= purchase[2] <= "2026-09-30"]
    foretold = [purchase for purchase in last_year if any(led(sign, purchase) for sign in signs)]
    assert len(last_year) > 40
    assert len(last_year) < 3 * len(foretold) < 2 * len(last_year)

    of_old = [sign for sign in signs if sign[2] <= "2026-04-03"]
    answered = [sign for sign in of_old if any(led(sign, purchase) for purchase in bought)]
    assert len(of_old) > 150
    assert len(of_old) / 10 < len(answered) < len(of_old) / 2


Purchase = tuple[str, str, str]
"""Account, product, and the day of booking."""
Sign = tuple[str, frozenset[str], str]
"""Account, the products that would answer it, and the day."""
SIGNS = {"statements": "said_on", "objectives": "set_on", "org_changes": "happened_on",
         "competitor_products": "seen_on", "feature_requests": "requested_on"}  # fmt: skip


def _further_products(read) -> list[Purchase]:  # type: ignore[no-untyped-def]
    """What accounts of the crowd bought beside their first product, support left out."""
    first: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for cells in read("subscriptions"):
        if _drawn(cells):
            first[cells["account_id"]].setdefault(cells["product_id"], cells)
    return [
        (account, product, cells["booked_on"])
        for account, lines in first.items()
        for product, cells in lines.items()
        if cells["starts_on"] > min(line["starts_on"] for line in lines.values()) and kind_of(product) != "support"
    ]


def _signs(read) -> list[Sign]:  # type: ignore[no-untyped-def]
    """What was heard at accounts of the crowd in the domain of a product, and wishes that another product fulfils."""
    catalogue: Any = documents.read(PROJECT / "catalog.yaml", "catalog.yaml").data
    serves, has = defaultdict(set), defaultdict(set)
    for product, about in catalogue["products"].items():
        for domain in about["domains"]:
            serves[domain].add(product)
        for plan in about["plans"].values():
            for feature in plan.get("features", ()):
                has[feature].add(product)
    signs = []
    for table, day in SIGNS.items():
        for cells in filter(_drawn, read(table)):
            if table == "feature_requests":
                answers = has[cells["feature"]]
            elif table == "competitor_products":
                answers = {product for domain in catalogue["competitors"][cells["competitor"]]
                           for product in serves[domain]}  # fmt: skip
            else:
                answers = serves[cells["domain"]]
            answers = answers if cells.get("product_id") not in answers else set()
            if answers and cells.get("kind") != "praise":
                signs.append((cells["account_id"], frozenset(answers), cells[day]))
    return signs


def _drawn(cells: dict[str, str]) -> bool:
    """Whether nobody wrote the account's story: three digits, and not entered twice."""
    return len(cells["account_id"]) == 4 and "A101" <= cells["account_id"] < "A900"


def test_a_first_run_fires_dozens_holds_more_and_leaves_most_alone(planned: Plan) -> None:
    status = Counter(row["status"] for row in planned.run.verdicts().to_pylist())
    assert 60 <= status["fired"] <= 400
    assert status["held"] >= 60
    assert status["unknown"] >= 15


def test_the_load_sets_aside_four_rows_and_says_where_they_are(company_project: Path) -> None:
    manifest = open_project(company_project).store.manifest()
    set_aside = {name: table.set_aside for name, table in manifest.tables.items() if table.set_aside}
    assert set_aside == {"seats": 1, "usage": 1, "tickets": 1, "contacts": 1}
    text = str(Report(list(manifest.issues)))
    assert "2026-13-01" in text and "seats.csv:" in text, "the month that does not exist"
    assert "2026-02-30" in text, "the day that does not exist"
    assert "usage.account_id" in text and "contacts.contact_id" in text, "the rows of nobody"
