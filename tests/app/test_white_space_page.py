"""The white-space map in a browser: what a cell says, what it opens, and sums that agree under every filter."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from app.conftest import Opened
from app.site import Site

FILTERS = (
    "",
    "segment=small+business",
    "state=blocked",
    "motion=upsell",
    "product=crm",
    "unit=sales",
    "owner=tom.becker&state=fits",
)


def _told(page: Page, query: str = "") -> Any:
    answer = page.request.get(f"/white-space/?{query}&format=json")
    assert answer.ok, answer.text()
    return answer.json()


def test_a_cell_says_its_state_in_words_and_opens_a_panel_that_the_address_brings_back(
    site: Site, opened: Opened
) -> None:
    page = opened(site, "leader", "/white-space/?sort=name")
    cells = page.locator(".map tbody td:not(.off) a")
    assert cells.count() > 1000
    said = set(cells.locator("> span").all_inner_texts())
    assert {"● owned", "◇ fits", "■ blocked", "– no"} <= said and "" not in said
    assert page.locator(".map td.s-blocked a[href*='of=forms'] b").count() == 0  # it is no longer sold: no amount
    amounts = page.locator(".map td.s-fits b").all_inner_texts()
    assert amounts and all(amounts)

    first = page.locator(".map tbody td.s-blocked a[href*='of=desk']").first
    first.click()
    panel = page.locator("aside.drawer")
    expect(panel).to_be_focused()
    assert "Gates" in panel.inner_text() and "not met" in panel.inner_text()
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["open"] and asked["of"] and asked["sort"] == ["name"]
    before = panel.inner_text()
    page.reload()
    assert page.locator("aside.drawer").inner_text() == before
    page.keyboard.press("Escape")
    assert page.locator("aside.drawer").count() == 0 and "open=" not in page.url
    page.go_back()
    expect(page.locator("aside.drawer")).to_be_visible()


def test_the_head_and_the_accounts_stay_in_sight_while_the_map_is_scrolled(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/white-space/", width=1024)
    region = page.get_by_role("region", name="White-space map")
    region.evaluate("map => map.scrollTo(400, 2000)")
    box = region.bounding_box()
    head = page.locator(".map thead th.product").last.bounding_box()
    account = page.locator(".map tbody tr").nth(60).locator("th").bounding_box()
    assert box and head and account
    assert abs(head["y"] - box["y"]) < 4
    assert abs(account["x"] - box["x"]) < 4
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024


def test_arrow_keys_go_from_cell_to_cell_and_enter_opens_one(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/white-space/?sort=name")
    assert page.locator(".map tbody td a[tabindex='0']").count() == 1  # Tab comes to the map once
    page.locator(".map tbody td a").first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    cell = page.locator(".map tbody tr").nth(1).locator("td").nth(1).locator("a")
    expect(cell).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("aside.drawer")).to_be_focused()
    page.keyboard.press("Escape")
    expect(cell).to_be_focused()


@pytest.mark.parametrize("query", FILTERS)
def test_rows_columns_and_total_agree_under_a_filter(site: Site, opened: Opened, query: str) -> None:
    page = opened(site, "leader", "/sign-in/")
    rows, at = [], _told(page, query)
    rows += at["rows"]
    while at["after"]:
        at = _told(page, at["after"].removeprefix("?"))
        rows += at["rows"]
    assert len(rows) == at["total"] > 0
    for place, group in enumerate(at["groups"]):
        by_row = [row["groups"][place]["total"] for row in rows]
        by_column = [column["total"] for column in group["columns"]]
        shown = [cell for row in rows for cell in row["groups"][place]["cells"] if cell]
        for totals in (by_row, by_column):
            assert sum(one["cells"] for one in totals) == group["total"]["cells"] == len(shown)
            for part in ("covered", "of"):
                assert sum(one["coverage"][part] for one in totals) == group["total"]["coverage"][part]
            for state, told in group["total"]["states"].items():
                listed = [one["states"][state] for one in totals if state in one["states"]]
                assert sum(Decimal(one["expected"] or 0) for one in listed) == Decimal(told["expected"] or 0)
                assert all(one["unknown"] for one in listed if one["expected"] is None)
                assert sum(one["unknown"] for one in listed) == told["unknown"]


def test_each_figure_at_the_top_is_of_one_motion_and_opens_the_cells_it_is_made_of(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/sign-in/")
    for kpi in _told(page)["kpis"]:
        of = _told(page, kpi["href"].removeprefix("?"))
        assert [group["motion"] for group in of["groups"]] == [kpi["motion"]]
        if "expected" in kpi:
            total = of["groups"][0]["total"]
            assert [(one["cells"], one["expected"]) for one in total["states"].values()] == [
                (kpi["cells"], kpi["expected"])
            ]


def test_what_is_exported_is_the_filtered_map(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/white-space/?segment=small+business&state=fits")
    total = _told(page, "segment=small+business&state=fits")["total"]
    assert page.get_by_text(f"of {total:,} rows").is_visible()
    book = load_workbook(
        io.BytesIO(page.request.get("/white-space/?segment=small+business&state=fits&format=xlsx").body())
    )
    sheet = book["white_space"]
    assert sheet.max_row == total + 1 and sheet.freeze_panes == "A2"
    assert {cell.value for cell in sheet["D"][1:]} == {"small business"}
    assert {cell.value for cell in book["cells"]["H"][1:]} == {"fits"}
    assert "segment=small+business" in " ".join(str(row[1].value) for row in book["About"].rows)


def test_whoever_serves_some_accounts_sees_their_part_of_the_map_and_sums_of_no_more(
    site: Site, opened: Opened
) -> None:
    csm, leader = opened(site, "csm", "/sign-in/"), opened(site, "leader", "/sign-in/")
    own, all_of_it = _told(csm), _told(leader)
    seen = {row["account_id"] for row in own["rows"]}
    assert 0 < own["accounts"] < all_of_it["accounts"]
    mine = sum(_told(leader, f"account={account}")["groups"][0]["total"]["cells"] for account in sorted(seen)[:3])
    assert mine == sum(_told(csm, f"account={account}")["groups"][0]["total"]["cells"] for account in sorted(seen)[:3])
    others = next(row for row in all_of_it["rows"] if row["account_id"] not in seen)
    assert others["owner"] not in {select["words"] for select in own["selects"][0]["options"]}
    refused = csm.request.get(f"/white-space/?open={others['account_id']}&of=crm")
    assert refused.status == 404 and others["name"] not in refused.text()


def test_an_ask_that_is_taken_up_is_worked_on_the_map_at_once_and_no_more_when_that_is_undone(
    own_site: Site, opened: Opened
) -> None:
    page = opened(own_site, "csm", "/sign-in/")
    lanes = page.request.get("/?format=json").json()["lanes"]
    asks = [row for lane in lanes for row in lane["rows"] if row["product"] == "Lindhafen Account Planning"]
    account, ask = asks[0]["account_id"], asks[0]["id"]
    cell = f"open={account}&of=planning"
    assert _told(page, cell)["drawer"]["covered_by"] is None
    before = _told(page)

    page.goto(f"/?open={ask}&do=qualify")
    page.locator(".drawer").get_by_role("button", name="Keep it, qualified").click()
    expect(page.locator(".toast")).to_contain_text("Undo")
    now = _told(page)
    covered = [group["total"]["coverage"]["covered"] for group in before["groups"]]
    assert [group["total"]["coverage"]["covered"] for group in now["groups"]] == [covered[0] + 1, covered[1]]
    for place, group in enumerate(now["groups"]):
        for parts in (group["columns"], [row["groups"][place] for row in now["rows"]]):
            assert sum(one["total"]["coverage"]["covered"] for one in parts) == group["total"]["coverage"]["covered"]
    for motion, total in (("cross_sell", covered[0] + 1), ("upsell", covered[1])):
        kpi = next(one for one in now["kpis"] if one["motion"] == motion and "share" in one)
        listed = _told(page, kpi["href"].removeprefix("?"))["groups"]
        assert kpi["share"]["covered"] == sum(one["total"]["cells"] for one in listed) == total

    page.goto(f"/white-space/?{cell}")
    said = page.locator("aside.drawer").inner_text()
    assert "Yes: an ask" in said and "with Lena Hoffmann" in said
    assert "being worked" in page.locator(f".map a[href*='open={account}&of=planning']").inner_text()
    sheet = page.request.get(f"/white-space/?account={account}&state=worked&format=csv&sheet=cells").text()
    assert [
        line for line in sheet.splitlines() if ",planning," in line and ",an ask qualified" in line.replace('"', "")
    ]
    page.goto(f"/accounts/{account}/")
    assert "covered by an ask" in page.locator("#white-space").inner_text()

    page.goto(f"/?open={ask}")
    page.keyboard.press("u")
    expect(page.locator(".toast")).to_contain_text("Undone")
    assert _told(page)["groups"] == before["groups"]


def test_a_view_of_the_map_is_saved_and_the_bare_address_begins_with_it(own_site: Site, opened: Opened) -> None:
    page = opened(own_site, "manager", "/white-space/?state=blocked&sort=name")
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Save what is shown as").fill("What is blocked")
    page.get_by_label("begin with it").check()
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("The view “What is blocked” is saved")).to_be_visible()
    page.goto("/white-space/")
    assert parse_qs(urlsplit(page.url).query) == {"state": ["blocked"], "sort": ["name"]}
    page.get_by_role("link", name="Clear all", exact=True).click()
    expect(page.locator(".chips")).to_have_count(0)


def test_a_filter_that_leaves_nothing_says_which_one_to_take_out(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/white-space/?segment=small+business&unit=claims&state=on_trial", scripts=False)
    assert "State: on trial" in page.locator(".empty").inner_text()
    page.get_by_role("link", name="Clear all", exact=True).click()
    expect(page.locator(".map tbody tr")).to_have_count(100)
