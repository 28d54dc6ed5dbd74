"""The inbox as people meet it: what needs them, why, and working it by mouse, by keyboard and without a script."""

from __future__ import annotations

import csv
import io

import openpyxl
from playwright.sync_api import Page, expect

from app.conftest import Opened
from app.site import Site


def rows_of(page: Page, lane: str = "") -> int:
    return page.locator(f"{f'.lane.{lane} ' if lane else ''}[data-row]").count()


def tab_count(page: Page, name: str) -> int:
    return int(page.locator(f"[data-tab={name}] .count").inner_text().replace(",", ""))


def test_the_inbox_shows_each_motion_in_its_own_lane_with_everything_one_decides_by(site: Site, opened: Opened) -> None:
    page = opened(site, "csm")
    told = page.evaluate("fetch('/?format=json').then((answer) => answer.json())")
    for lane in told["lanes"]:
        shown = page.locator(f".lane.{lane['name']}")
        assert shown.locator("[data-row]").count() == len(lane["rows"]) == lane["count"]
        if lane["name"] != "adoption":
            assert f"{round(float(lane['expected']['mrr'])):,}" in shown.locator(".lane-sum").inner_text()
            assert {row["motion"] for row in lane["rows"]} == {"upsell" if lane["name"] == "deeper" else "cross_sell"}
    both = round(sum(float(lane["expected"]["mrr"]) for lane in told["lanes"] if lane["expected"]))
    assert f"{both:,}" not in page.locator("main").inner_text()
    for row in page.locator("[data-row]").all():
        for cell in (".row-open", "[data-mechanism]", "[data-evidence]", "[data-gates]", "[data-money]", "[data-owner]",
                     "[data-next]", "[data-due]"):  # fmt: skip
            assert row.locator(cell).inner_text().strip()


def test_what_a_gate_holds_says_why_and_who_clears_it_and_cannot_be_accepted(site: Site, opened: Opened) -> None:
    page = opened(site, "csm", "/?tab=held")
    assert rows_of(page) == tab_count(page, "held") > 0
    first = page.locator("[data-row]").first
    assert "can clear it" in first.locator("[data-gate]").first.inner_text()
    assert "looked at again" in first.locator("[data-due]").inner_text()
    first.get_by_role("link").first.click()
    drawer = page.locator(".drawer")
    expect(drawer.get_by_text("What holds it")).to_be_visible()
    assert not set(drawer.locator(".steps").inner_text().split("\n")) & {"Accept", "Hand over", "Ask anyway"}


def test_what_could_not_be_judged_says_what_is_missing_and_how_much_waits(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/?tab=unknown")
    notes = page.locator(".unknown-row")
    assert notes.count() == tab_count(page, "unknown") > 0
    for note in notes.all():
        assert note.locator(".row-why").first.inner_text().startswith("missing")
        assert note.locator(".row-money").inner_text().strip()
    mine = opened(site, "csm", "/?tab=unknown")
    assert mine.locator(".unknown-row").count() < notes.count()


def test_the_drawer_says_why_this_and_why_now(site: Site, opened: Opened) -> None:
    page = opened(site, "csm")
    page.locator(".lane.deeper .row-open").first.click()
    drawer = page.locator(".drawer")
    expect(drawer.get_by_role("heading", name="Why this, why now")).to_be_visible()
    compared = drawer.locator(".compared tbody tr").first.locator("td")
    assert compared.count() == 2 and all(cell.inner_text().strip() for cell in compared.all())
    assert drawer.locator(".guide li").first.inner_text().startswith("Start with")
    assert "Data as of 30 Sep 2026" in drawer.inner_text()
    address = page.url
    page.reload()
    assert page.url == address and page.locator(".drawer h2").inner_text() == drawer.locator("h2").inner_text()
    page.go_back()
    expect(page.locator(".drawer")).to_have_count(0)


def test_filters_are_chips_in_the_address_and_an_empty_result_names_the_one_to_take_out(
    site: Site, opened: Opened
) -> None:
    page = opened(site, "csm", "/?mechanism=seats&sort=money")
    money = page.locator(".lane.deeper [data-money] b").all_inner_texts()
    worth = [int(text.strip("€").replace(",", "")) for text in money]
    assert worth == sorted(worth, reverse=True) and len(worth) > 1
    kept = page.locator("main").inner_text()
    page.reload()
    assert page.locator("main").inner_text() == kept
    page.locator("[data-search]").fill("nobody is called that")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is left by these filters")).to_be_visible()
    assert page.locator(".empty").inner_text().count("nobody is called that") == 1
    page.get_by_role("link", name="Take it out").click()
    expect(page.locator(".lane.deeper [data-row]")).to_have_count(len(worth))
    page.get_by_role("link", name="Take out the filter mechanism: seats").click()
    page.wait_for_url(lambda url: "mechanism" not in url)
    assert rows_of(page) > len(worth)


def test_what_is_exported_is_what_the_filters_leave(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/?tab=held&gate=outage")
    shown = tab_count(page, "held")
    text = page.request.get("/?tab=held&gate=outage&format=csv").text()
    assert len(list(csv.DictReader(io.StringIO(text.lstrip("﻿"))))) == shown
    book = openpyxl.load_workbook(io.BytesIO(page.request.get("/?tab=held&gate=outage&format=xlsx").body()))
    sheet = book["opportunities"]
    assert sheet.max_row - 1 == shown and sheet.freeze_panes == "A2" and "About" in book.sheetnames


def test_reading_needs_no_script_and_a_phone_shows_nothing_sideways(site: Site, opened: Opened) -> None:
    page = opened(site, "csm", width=390, height=844, scripts=False)
    assert rows_of(page) > 0
    page.locator(".row-open").first.click()
    expect(page.locator(".drawer h3").get_by_text("The conversation")).to_be_visible()
    page.locator(".steps").get_by_role("link", name="Dismiss").click()
    expect(page.get_by_label("Why it is no ask")).to_be_visible()
    narrow = opened(site, "csm", width=390, height=844)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_morning_is_cleared_by_keyboard_alone_and_taken_back(own_site: Site, opened: Opened) -> None:
    page = opened(own_site, "csm")
    press = page.keyboard.press
    before = rows_of(page)
    first, second = page.locator("[data-row]").nth(0), page.locator("[data-row]").nth(1)
    names = [first.locator(".row-open").inner_text(), second.locator(".row-open").inner_text()]
    press("j")
    expect(first.locator(".row-open")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    press("j")
    press("k")
    press("o")
    expect(page.locator(".drawer h2")).to_have_text(names[0])
    press("d")
    expect(page.get_by_label("Why it is no ask")).to_be_focused()
    page.locator(".step-form button").first.press("Enter")
    expect(page.locator(".step-form .fault")).to_contain_text("is missing")
    page.locator("#f-reason").focus()
    page.keyboard.type("The customer is not ready")
    page.locator("#f-text").press_sequentially("in spring")
    press("Control+Enter")
    expect(page.locator("[data-toast]")).to_contain_text("Dismissed")
    assert rows_of(page) == before - 1
    expect(page.locator("[data-row].at .row-open")).to_have_text(names[1])  # one goes on with the next
    press("u")
    expect(page.locator("[data-toast]")).to_contain_text("Undone")
    assert rows_of(page) == before
    press("d")
    expect(page.get_by_label("Why it is no ask")).to_be_focused()
    page.keyboard.type("The customer is not ready")
    press("Enter")  # on a reason that is chosen
    expect(page.locator("[data-toast]")).to_contain_text("Dismissed")
    press("u")
    expect(page.locator("[data-toast]")).to_contain_text("Undone")
    press("h")
    expect(page.locator("#f-until")).to_be_focused()
    press("Escape")
    expect(page.locator(".step-form")).to_have_count(0)
    press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)
    press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    press("Escape")

    # Many at once: the buttons say how many, each gets an entry of its own, and all are taken back together.
    press("x")
    boxes = page.locator("[name=item]")
    boxes.nth(3).click(modifiers=["Shift"])
    chosen = page.locator("[name=item]:checked").count()
    assert chosen > 1
    bulk = page.get_by_role("form", name="With those chosen")
    bulk.get_by_text(f"Snooze {chosen}").first.click()
    bulk.get_by_role("button", name=f"Snooze {chosen}").click()
    expect(page.locator("[data-toast]")).to_contain_text(f"Put off: {chosen} of {chosen}")
    assert rows_of(page) == before - chosen and tab_count(page, "snoozed") == chosen
    page.goto("/?tab=snoozed")
    page.locator(".row-open").first.click()
    expect(page.locator(".history li").first).to_contain_text("Put off by you")


def test_what_is_handed_over_is_accepted_or_returned_and_nobody_undoes_anothers_work_unseen(
    own_site: Site, opened: Opened
) -> None:
    csm = opened(own_site, "csm", "/?motion=cross_sell&q=Bergmann")
    csm.locator("[data-row]").first.hover()
    csm.locator("[data-row]").first.get_by_role("link", name="Hand over").click()
    need = csm.get_by_label("What they need")
    expect(need).to_be_visible()
    assert "warranty" in need.input_value()  # what was heard is filled in
    assert csm.get_by_label("Who pays").input_value() == ""  # left empty, nobody knows it
    csm.get_by_label("Hand it to").select_option("sofia.ricci")

    late = opened(own_site, "csm", csm.url, quiet=False)  # the same row, looked at before it was handed over
    late.get_by_label("A word with it (optional)").fill("typed meanwhile")
    late.context.set_offline(True)
    late.get_by_role("button", name="Hand it over").click()
    expect(late.locator("[data-toast]")).to_contain_text("cannot be reached")
    assert late.get_by_label("A word with it (optional)").input_value() == "typed meanwhile"
    late.context.set_offline(False)
    csm.get_by_role("button", name="Hand it over").click()
    expect(csm.locator("[data-toast]")).to_contain_text("Handed to Sofia Ricci")
    late.get_by_role("button", name="Hand it over").click()
    expect(late.locator("[data-said]")).to_contain_text("Lena Hoffmann took the step 'hand off'")
    assert "Nothing was written" in late.locator("[data-said]").inner_text()
    expect(late.locator(".drawer .badge").get_by_text("handed off")).to_be_visible()

    ae = opened(own_site, "ae")
    expect(ae.locator(".since")).to_contain_text("1 handed to me")
    row = ae.locator("[data-row]", has_text="Bergmann Solar")
    row.locator(".row-open").click()
    expect(ae.locator(".drawer")).to_contain_text("Handed over with it")
    ae.keyboard.press("Escape")
    row.hover()
    row.get_by_role("button", name="Accept").click()
    expect(ae.locator("[data-toast]")).to_contain_text("Accepted")
    row.locator(".row-open").click()
    ae.locator(".steps").get_by_role("link", name="Return").click()
    ae.get_by_label("Why it goes back").select_option("no_buyer")
    ae.locator(".step-form button").first.click()
    expect(ae.locator("[data-toast]")).to_contain_text("Returned")
    csm.goto("/?q=Bergmann")
    assert rows_of(csm, "wider") == 1
    csm.locator(".lane.wider .row-open").first.click()
    expect(csm.locator(".history")).to_contain_text("Returned by Sofia Ricci")
    expect(csm.locator(".history")).to_contain_text("no buyer")


def test_what_was_heard_is_judged_at_once_and_what_follows_is_told(own_site: Site, opened: Opened) -> None:
    page = opened(own_site, "csm")
    page.keyboard.press("l")
    page.get_by_label("Account", exact=True).fill("Bergmann Solar")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#w-quote")).to_contain_text("is missing")
    assert page.get_by_label("Account", exact=True).input_value() == "Bergmann Solar"
    page.get_by_label("What they said, in their words").fill("Finance wants one set of figures every morning")
    page.get_by_label("about", exact=True).select_option("analytics")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("[data-heard]")).to_contain_text("Lindhafen Analytics", timeout=60_000)
    page.locator(".follows a").click()
    expect(page.locator(".drawer blockquote").first).to_contain_text("one set of figures")


def test_a_view_is_saved_shared_starred_and_begun_with(own_site: Site, opened: Opened) -> None:
    page = opened(own_site, "csm", "/?mechanism=seats&sort=money")
    page.locator(".views summary").click()
    page.get_by_label("Save what is shown as").fill("Seats, most first")
    page.get_by_label("for everybody").check()
    page.get_by_label("begin with it").check()
    page.get_by_role("button", name="Save view").click()
    expect(page.locator("[data-toast]")).to_contain_text("is saved for everybody")
    page.goto("/")
    assert page.locator("#filter-mechanism").input_value() == "seats"
    page.get_by_role("link", name="Clear all").click()
    assert page.locator("#filter-mechanism").input_value() == "" and page.locator(".chip").count() == 0

    other = opened(own_site, "csm2")
    assert other.locator(".chip").count() == 0  # what one begins with is one's own
    other.locator(".views summary").click()
    other.get_by_role("button", name="Star Seats, most first", exact=True).click()
    other.locator(".views summary").click()
    expect(other.get_by_role("button", name="Unstar Seats, most first")).to_be_visible()
    expect(other.get_by_role("button", name="Remove Seats, most first")).to_have_count(0)
    other.get_by_role("link", name="Seats, most first").click()
    expect(other.locator(".chip")).to_contain_text("mechanism: seats")
    assert "Tom" in other.locator(".who").inner_text() and rows_of(other) > 0
