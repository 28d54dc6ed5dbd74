"""What gates hold back: who can clear it, by what, and the money of each motion behind it."""

from __future__ import annotations

from playwright.sync_api import expect

from app.conftest import Opened
from app.site import Site


def test_blockers_stand_by_the_money_of_each_motion_and_lead_to_what_they_hold(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", "/unlock/")
    told = page.evaluate("fetch('/unlock/?format=json').then((answer) => answer.json())")
    worth = [max(float(lane["alone"]["mrr"] or 0) for lane in row["lanes"].values()) for row in told["blockers"]]
    assert worth == sorted(worth, reverse=True)
    first = page.locator("[data-blocker]").first
    assert first.inner_text().count(told["blockers"][0]["person"]) == 1
    assert told["blockers"][0]["action"] in first.inner_text()
    first.locator("td.num a").first.click()
    expect(page.locator("[data-tab=held] .count")).to_have_text(
        str(next(iter(told["blockers"][0]["lanes"].values()))["held"]["asks"])
    )


def test_gates_tell_what_they_cost_and_filters_say_who_can_clear(site: Site, opened: Opened) -> None:
    page = opened(site, "csm", "/unlock/")
    every = page.locator("[data-blocker]").count()
    page.get_by_role("link", name="for me to clear").click()
    expect(page.locator(".chip")).to_contain_text("cleared by Lena Hoffmann")
    mine = page.locator("[data-blocker]").count()
    assert 0 < mine < every
    page.get_by_role("link", name="Gates", exact=True).click()
    gates = page.locator("tbody tr")
    assert gates.count() > 1 and "asks" in page.locator("tbody").inner_text()
    page.get_by_role("link", name="Let go and won").click()
    expect(page.get_by_text("Nothing was let go yet")).to_be_visible()
