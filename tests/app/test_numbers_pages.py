"""Numbers in a browser: why retention moved, who did it, and records that add up to every mark."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from app.conftest import Opened
from app.site import Site


def _told(page: Page, address: str = "/numbers/") -> Any:
    answer = page.request.get(f"{address}{'&' if '?' in address else '?'}format=json")
    assert answer.ok, answer.text()
    return answer.json()


def _record(page: Page, href: str) -> Any:
    """The record behind a mark, all of its rows; its own sum is checked on the way."""
    record = _told(page, href)
    rows = list(record["rows"])
    assert record["pages"] == 1 and len(rows) == record["count"]
    for column, total in record["total"].items():
        assert sum(Decimal(str(row[column])) for row in rows) == Decimal(str(total))
    return record


def test_an_executive_reads_why_nrr_moved_and_opens_the_accounts_that_did_it(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/numbers/")
    story = page.locator(".story")
    box = story.bounding_box()
    assert box and box["y"] + box["height"] <= 900
    assert story.get_by_role("heading").inner_text() == "NRR is 106.9%, up 8.9 points from 98.0% in Oct 2024 – Sep 2025"
    assert "Customers left −€85k (−4.6 points): Kiebitz Frachten −24k" in story.inner_text()
    assert story.locator("a[href^='/accounts/']").count() >= 6
    story.get_by_role("link", name="Customers left").first.click()
    assert page.locator(".kpi .value").inner_text() == "−€85,252"
    assert "exactly −€85,251.952" in page.locator(".kpi .said").inner_text()
    amounts = page.locator("tbody td.num").all_inner_texts()
    total = sum(Decimal(text.replace(",", "").replace("−", "-")) for text in amounts)
    assert total == Decimal("-85251.952")
    page.locator("details.lines summary").first.click()
    assert "before" in page.locator("details.lines").first.inner_text()
    page.get_by_role("link", name="← Numbers").click()
    expect(page.locator(".story")).to_be_visible()


def test_the_bridge_is_drawn_and_each_bar_opens_records_that_add_up_to_it(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/numbers/")
    told = _told(page)
    bars = page.locator("svg.waterfall a")
    assert bars.count() == len(told["bridge"]["chart"]["bars"]) > 10
    level = Decimal(told["bridge"]["start"])
    for step in told["bridge"]["steps"]:
        record = _record(page, step["href"])
        assert Decimal(record["total"]["amount"]) == Decimal(step["amount"])
        level += Decimal(step["amount"])
    assert level == Decimal(told["bridge"]["end"])
    for side in ("start", "end"):
        record = _record(page, told["bridge"][f"{side}_href"])
        assert Decimal(record["total"]["amount"]) == Decimal(told["bridge"][side])
    drawn = {bar.get_attribute("data-mark"): bar.locator("rect.bar").bounding_box() for bar in bars.all()}
    by_cause = {step["cause"]: abs(Decimal(step["amount"])) for step in told["bridge"]["steps"]}
    seats, new = drawn["seats"], drawn["new"]
    assert seats and new
    assert seats["height"] / new["height"] == pytest.approx(float(by_cause["seats"] / by_cause["new"]), rel=0.05)


def test_every_rate_point_and_mechanism_opens_records_that_add_up_to_it(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/sign-in/")
    told, motions = _told(page), _told(page, "/numbers/?view=motions")["motions"]
    for kpi in told["kpis"]:
        record = _record(page, kpi["href"])
        above = {"nrr": "end", "nrr_without_price": "without_price", "grr": "kept"}.get(kpi["name"], "numerator")
        below = "start" if above != "numerator" else "denominator"
        assert float(record["total"][above]) == pytest.approx(kpi["numerator"], abs=1e-6)
        assert float(record["total"][below]) == pytest.approx(kpi["denominator"], abs=1e-6)
    points = [point for series in told["trend"]["series"] for point in (series["points"][0], series["points"][-1])]
    for point in points:
        assert _record(page, point["href"])["values"][point["rate"]] == pytest.approx(point["value"])
    for motion in motions:
        for won in motion["mechanisms"]:
            if won["href"]:
                record = _record(page, won["href"])
                assert float(record["total"]["amount"]) == pytest.approx(won["won"])
                assert {row["motion"] for row in record["rows"]} == {motion["motion"]}
        for rate in [*motion["rates"], *motion.get("attach", [])]:
            if rate["reason"] is None:
                total = _record(page, rate["href"])["total"]
                assert (total["numerator"], total["denominator"]) == (rate["numerator"], rate["denominator"])


def test_the_points_of_all_causes_are_what_nrr_differs_from_a_hundred(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/sign-in/")
    for address in ("/numbers/", "/numbers/?period=2026-Q2", "/numbers/?level=ultimate_parent"):
        told = _told(page, address)
        nrr = next(kpi["value"] for kpi in told["kpis"] if kpi["name"] == "nrr")
        sides = told["why"]["sides"]
        assert sum(side["points"] for side in sides) == pytest.approx(nrr - 1)
        own = {side["side"]: {cause["cause"] for cause in side["causes"]} for side in sides}
        assert "price" in own["price"] and not own["price"] & own["deeper"]
        assert not own["deeper"] & own["wider"]
        largest = sorted((cause for side in sides for cause in side["causes"]), key=lambda one: -abs(one["points"]))
        for cause in largest[:3]:
            assert Decimal(_record(page, cause["href"])["total"]["amount"]) == Decimal(cause["amount"])


def test_period_level_currency_and_meaning_are_in_sight_and_in_the_address(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/numbers/?view=motions")
    page.get_by_label("Period").select_option(label="Last year")
    page.wait_for_url("**period=2025-01..2025-12**")
    assert "Jan 2025 – Dec 2025 · EUR a month (MRR) · accounts" in page.locator(".basis").inner_text()
    assert parse_qs(urlsplit(page.url).query)["view"] == ["motions"]
    before = page.locator("main").inner_text()
    page.reload()
    assert page.locator("main").inner_text() == before
    asked = page.get_by_role("button", name="What GRR means")
    asked.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#def-grr")).to_be_visible()
    assert "no customer counts for more than it paid at the start" in page.locator("#def-grr").inner_text()
    assert page.locator(".columns > .motion").count() == 2
    refused = page.request.get("/numbers/?period=whenever")
    assert refused.status == 422 and "2026-Q1" in refused.text()


def test_groups_split_the_book_and_each_opens_its_own_records(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/sign-in/")
    told = _told(page, "/numbers/?view=groups&by=segment")
    nrr = next(kpi for kpi in told["kpis"] if kpi["name"] == "nrr")
    assert sum(group["start"] for group in told["groups"]) == pytest.approx(nrr["denominator"])
    for group in told["groups"]:
        assert float(_record(page, group["nrr"]["href"])["total"]["end"]) == pytest.approx(group["end"])
        for side in ("deeper", "wider"):
            assert float(_record(page, group[side]["href"])["total"]["amount"]) == pytest.approx(group[side]["amount"])


def test_leading_indicators_are_read_when_they_are_asked_for(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/numbers/?view=leading")
    expect(page.get_by_role("heading", name="Did they lead?")).to_be_visible(timeout=90_000)
    rows = page.get_by_role("region", name="Did they lead?").get_by_role("row")
    assert rows.count() == 7
    assert {row.get_by_role("cell").first.inner_text() for row in rows.all()[1:]} == {"Deeper", "Wider"}


def test_definitions_and_credit_are_told_without_scripts_and_without_a_quota(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/numbers/?view=definitions", scripts=False)
    assert page.locator("tbody tr").count() >= 4
    page.get_by_role("link", name="Credit", exact=True).click()
    table = page.get_by_role("region", name="Credit")
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    assert "Lena Hoffmann" in table.inner_text() and "quota" not in table.inner_text().lower()

    only_looks = opened(site, "viewer", "/numbers/")
    assert only_looks.get_by_role("link", name="Credit", exact=True).count() == 0
    for address in ("/numbers/?view=credit", "/numbers/?format=csv&sheet=credit"):
        assert only_looks.request.get(address).status == 422
    record = page.locator("a[href*='mark=credit']").first
    assert only_looks.request.get(record.get_attribute("href") or "").status == 404
    for by in ("csm", "account_manager"):
        for address in (f"/numbers/?view=groups&by={by}", f"/numbers/records/?by={by}&mark=group.lena.hoffmann"):
            for form in ("", "&format=json", "&format=csv&sheet=groups", "&format=xlsx"):
                refused = only_looks.request.get(address + form)
                assert refused.status == 403 and "lena" not in refused.text().lower(), address + form
        assert "group by segment" in only_looks.request.get(f"/numbers/?view=groups&by={by}").text()
    only_looks.goto("/numbers/?view=groups")
    offered = only_looks.get_by_label("By").locator("option").all_inner_texts()
    assert "segment" in offered and not {"CSM", "account manager"} & set(offered)


def test_whoever_asks_which_customers_stayed_meets_those_who_left_first(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/numbers/records/?mark=logo_retention", width=390, height=844)
    told = _told(page, "/numbers/records/?mark=logo_retention")
    left = int(told["total"]["denominator"]) - int(told["total"]["numerator"])
    assert page.locator("tbody tr", has_text="left").count() == left > 0
    assert [row["left"] for row in told["rows"]] == sorted((row["left"] for row in told["rows"]), reverse=True)
    rows = list(csv.DictReader(io.StringIO(page.request.get(f"{page.url}&format=csv").body().decode("utf-8-sig"))))
    assert [row["account_id"] for row in rows[:left]] == [row["account_id"] for row in told["rows"][:left]]


@pytest.mark.parametrize("view", ["", "motions", "groups", "credit"])
def test_no_table_of_the_numbers_is_read_sideways_on_a_phone(view: str, site: Site, opened: Opened) -> None:
    page = opened(site, "leader", f"/numbers/?view={view}", width=390, height=844)
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    tables = page.locator("main table")
    assert tables.count() > 0
    assert (
        tables.evaluate_all("all => all.filter((one) => one.scrollWidth > one.parentElement.clientWidth + 1).length")
        == 0
    )
    cells = page.locator("main tbody td:not(:empty):not(.wide)")
    assert cells.evaluate_all("all => all.filter((one) => !one.dataset.of && !one.closest('.plain')).length") == 0


def test_numbers_and_records_go_into_a_spreadsheet(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/sign-in/")
    book = load_workbook(io.BytesIO(page.request.get("/numbers/?format=xlsx").body()))
    assert {"bridge", "why_nrr_moved", "retention", "deeper", "wider", "definitions", "credit", "About"} == set(
        book.sheetnames
    )
    steps = [row[2].value for row in book["bridge"].iter_rows(min_row=2)]
    assert sum(Decimal(str(value)) for value in steps[:-1]) == pytest.approx(Decimal(str(steps[-1])))
    address = "/numbers/records/?mark=churn"
    rows = load_workbook(io.BytesIO(page.request.get(f"{address}&format=xlsx").body()))["records"]
    assert rows.max_row == _told(page, address)["count"] + 1


def test_amounts_are_shown_a_year_where_the_address_says_so_and_say_it_everywhere(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/numbers/")
    page.get_by_label("Amounts").select_option("arr")
    page.wait_for_url("**show=arr**")
    expect(page.locator(".basis")).to_contain_text("EUR a year (ARR)", timeout=90_000)
    month, year = _told(page, "/numbers/"), _told(page, "/numbers/?show=arr")
    for a_month, a_year in zip(month["kpis"], year["kpis"], strict=True):
        times = 12 if a_month["money"] else 1
        assert a_year["value"] == a_month["value"]
        assert a_year["numerator"] == pytest.approx(times * a_month["numerator"])
    assert (year["show"], year["per"], month["per"]) == ("arr", "a year", "a month")
    for one, other in zip(month["bridge"]["steps"], year["bridge"]["steps"], strict=True):
        assert Decimal(other["amount"]) == 12 * Decimal(one["amount"])
    page.get_by_role("link", name="Customers left").first.click()
    assert "show=arr" in page.url and "EUR a year (ARR)" in page.locator("main").inner_text()
    record = _told(page, page.url.removeprefix(site.address))
    assert (
        Decimal(record["total"]["amount"])
        == sum(Decimal(row["amount"]) for row in record["rows"])
        == 12 * Decimal("-85251.952")
    )
    head = page.request.get(f"{page.url}&format=csv").body().decode("utf-8-sig").splitlines()[0]
    assert "amount_arr" in head
    page.get_by_role("link", name="← Numbers").click()
    assert "show=arr" in page.url
    assert page.request.get("/numbers/?show=week").status == 422


def test_who_does_not_see_every_account_sees_no_numbers_of_the_base(site: Site, opened: Opened) -> None:
    page = opened(site, "csm", "/white-space/")
    assert page.get_by_role("link", name="Numbers").count() == 0
    for address in ("/numbers/", "/numbers/records/?mark=retention", "/numbers/?format=json"):
        assert page.request.get(address).status == 403
