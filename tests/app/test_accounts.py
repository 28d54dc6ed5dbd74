"""Accounts: the list by segment of potential, and the page of one account."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from app.conftest import Opened
from app.site import Site

LINES_OF_OTHERS_THAT_MEET = """() => {
  const lines = [...document.querySelectorAll('svg.org .reports')].map((line) => {
    const found = [], length = line.getTotalLength();
    for (let at = 0; at <= length; at += 2) { const { x, y } = line.getPointAtLength(at); found.push([x, y]); }
    return { above: line.dataset.above, below: line.dataset.below, found };
  });
  return lines.flatMap((one) => lines.filter((other) => other.above !== one.above
    && one.found.some(([x, y]) => other.found.some(([to, down]) => Math.hypot(x - to, y - down) < 3)))
    .map((other) => `${one.above} to ${one.below} meets ${other.above} to ${other.below}`));
}"""


def test_the_list_tells_every_customer_once_by_what_can_be_done_next(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/")
    counts = [int(text) for text in page.locator(".share-count").all_inner_texts()]
    assert sum(counts) == int(page.locator("h1 .count").inner_text()) == _json(page, "/accounts/")["total"] > 300
    page.get_by_role("link", name="Fix first").click()
    assert page.url.endswith("/accounts/?potential=fix_first")
    assert page.locator("h1 .count").inner_text() == str(counts[3])
    assert set(page.locator("td .segment").all_inner_texts()) == {"fix first"}


def test_filters_stand_in_the_address_and_can_each_be_taken_out(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/?health=red&sort=-mrr")
    before = page.locator("h1 .count").inner_text()
    page.get_by_label("Segment", exact=True).select_option("enterprise")
    page.wait_for_url("**/accounts/?*segment=enterprise*")
    assert "sort=-mrr" in page.url and "health=red" in page.url
    assert page.locator(".chip").all_inner_texts() == ["enterprise", "health red"]
    shown = page.locator("main").inner_text()
    page.reload()
    assert page.locator("main").inner_text() == shown
    page.get_by_role("link", name="Take out the filter enterprise").click()
    assert page.locator("h1 .count").inner_text() == before
    page.goto("/accounts/?q=nobody+is+called+that")
    assert page.get_by_text("No account is like that").is_visible()


def test_whoever_serves_some_accounts_sees_those_alone(site: Site, opened: Opened) -> None:
    page = opened(site, "csm", "/accounts/")
    assert int(page.locator("h1 .count").inner_text()) < 100
    assert set(page.locator("tbody td:last-child").all_inner_texts()) == {"Lena Hoffmann"}
    assert page.goto("/accounts/A04/").status == 404  # type: ignore[union-attr]


def test_the_list_is_exported_as_it_is_filtered(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/?potential=upsell_ready")
    rows = list(csv.DictReader(io.StringIO(page.request.get("/accounts/?potential=upsell_ready&format=csv").text())))
    assert len(rows) == int(page.locator("h1 .count").inner_text())
    assert {row["potential_segment"] for row in rows} == {"upsell_ready"}
    assert rows[0]["account"] == page.locator("tbody th a").first.inner_text()


@pytest.mark.parametrize("account", ["A01", "A19"])
def test_terms_use_and_white_space_stand_side_by_side_without_scrolling(
    account: str, site: Site, opened: Opened
) -> None:
    page = opened(site, "leader", f"/accounts/{account}/")
    boxes = [page.locator(part).bounding_box() for part in ("#terms", "#consumption", "#white-space")]
    assert all(box is not None for box in boxes)
    lefts = [box["x"] for box in boxes if box]
    assert lefts == sorted(lefts) and len({box["y"] for box in boxes if box}) == 1
    assert all(box["y"] + box["height"] <= 900 for box in boxes if box)


def test_a_bar_of_use_says_in_words_what_it_draws(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/A01/")
    bars = page.locator("svg.bar").all()
    assert len(bars) == 2
    for bar in bars:
        used, limit = float(bar.get_attribute("data-used") or 0), float(bar.get_attribute("data-limit") or 0)
        drawn = float(bar.locator(".bar-used").get_attribute("width") or 0)
        mark = float(bar.locator(".bar-limit").get_attribute("x") or 0)
        assert drawn / mark == pytest.approx(used / limit, abs=0.002)
    seats = page.locator(".bar-row").first.inner_text()
    assert "198 of 200 bought (99%)" in seats and "All seats in use about 12 Oct 2026" in seats
    told = _json(page, "/accounts/A01/")["bars"][0]
    assert (told["used"], told["limit"], told["crossing_on"]) == (198, 200, "2026-10-12")
    page.goto("/accounts/A04/")
    assert "between 23 Oct 2026 and 26 Oct 2026" in page.locator(".bar-row").first.inner_text()


def test_what_there_is_to_ask_stands_by_motion_and_leads_to_where_it_is_worked(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/A01/")
    deeper = page.get_by_role("region", name="Deeper")
    assert "More seats before they run out" in deeper.inner_text() and "€3,953" in deeper.inner_text()
    assert "Nothing now" in page.get_by_role("region", name="Wider").inner_text()
    assert "/?open=" in (deeper.get_by_role("link").first.get_attribute("href") or "")


def _json(page: Page, path: str) -> Any:
    return json.loads(page.request.get(f"{path}?format=json").text())


def test_each_change_of_a_gate_has_a_mark_beside_what_happened(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/A300/story/")
    told = _json(page, "/accounts/A300/story/")
    turned = [row for row in told["told"] if row["kind"] == "gate"]
    assert len(turned) == page.locator("svg.line .turn").count() >= 3
    events = [row for row in told["told"] if row["kind"] != "gate"]
    assert {"outage", "price_rise", "renewal"} <= {row["kind"] for row in events}
    assert page.locator("svg.line .event").count() == len(events)
    page.locator("svg.line .turn").first.click()
    assert page.locator("tr:target").inner_text().split("\t")[1] == "Gate"
    assert page.locator("tbody tr").count() == len(told["told"])


def test_the_people_of_a_chart_are_those_of_the_list_and_gaps_are_named(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/A116/people/")
    rows = page.get_by_role("treeitem")
    listed = rows.locator(".tree-who > b").all_inner_texts()
    drawn = page.locator("svg.org text.strong").all_text_contents()
    assert sorted(drawn) == sorted(listed) and len(listed) == 11
    assert page.evaluate(LINES_OF_OTHERS_THAT_MEET) == []
    lines = page.locator("svg.org .reports")
    assert lines.count() == sum(int(row.get_attribute("aria-level") or 0) > 1 for row in rows.all())
    assert "No technical lead" in page.locator("#missing").inner_text()
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.getAttribute('aria-level')")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-level')") == "3" and second == "2"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.getAttribute('aria-level')") == "2"


def test_every_play_says_why_it_does_not_ask(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/A300/why/")
    told = _json(page, "/accounts/A300/why/")["plays"]
    assert len(told) == page.locator("table.why tbody tr").count() > 30
    for play in told:
        assert play["failed"] or play["held"] or play["missing"] or play["why"] or play["status"] == "fired", play
    assert len({play["play"] for play in told}) == len(told)
    seats = page.locator("tr", has_text="More seats before they run out").inner_text()
    assert "needs at least" in seats


def test_a_review_for_the_customer_says_nothing_that_is_ours_alone(site: Site, opened: Opened) -> None:
    page = opened(site, "csm", "/accounts/A01/")
    path = page.get_by_role("link", name="For the customer, A4", include_hidden=True).get_attribute("href") or ""
    customer = str(page.request.get(f"{path}?format=json").json())
    assert "We fill an open position in 9 days instead of 14" in customer and "198 of 200 bought" in customer
    for ours in ("Health", "3,953", "More seats before", "of 100", "upsell", "worth"):
        assert ours not in customer
    internal = str(page.request.get(f"{path}?internal=1&format=json").json())
    assert "82 (green)" in internal and "More seats before they run out" in internal and "€3,953" in internal

    paper, letter = page.request.get(path).body(), page.request.get(f"{path}?paper=letter").body()
    assert paper.startswith(b"%PDF-") and b"/StructTreeRoot" in paper and b"/FontFile3" in paper
    assert b"[0 0 595" in paper and b"[0 0 612 792]" in letter
    assert b"<pdfuaid:part>1</pdfuaid:part>" in paper


def test_the_tables_behind_an_account_come_as_a_workbook_that_says_where_from(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/accounts/A19/")
    told = _json(page, "/accounts/A19/")
    answer = page.request.get("/accounts/A19/?format=xlsx")
    assert 'filename="ostermann-versicherung-consumption-2026-09-30.xlsx"' in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.body()))
    assert book.sheetnames == ["consumption", "white_space", "contract_lines", "opportunities", "About"]
    cells = told["lacking"] + told["owned"] + told["not_eligible"]
    assert book["white_space"].max_row - 1 == len(cells)
    assert book["consumption"].max_row - 1 == len(told["bars"]) == 4
    assert {row[1].value for row in book["About"]["A1:B7"]} >= {"Ostermann Versicherung", "2026-09-30"}
