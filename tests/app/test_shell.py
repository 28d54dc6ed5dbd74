"""The frame around every page: places, freshness, finding by typing."""

from __future__ import annotations

from playwright.sync_api import expect

from app.conftest import Opened
from app.site import Site


def test_the_first_page_after_signing_in_says_who_and_how_fresh(site: Site, opened: Opened) -> None:
    page = opened(site, "csm")
    assert page.locator(".side").get_by_text("Lena Hoffmann").is_visible()
    assert page.get_by_text("Data as of 30 Sep 2026").is_visible()
    assert page.get_by_role("navigation", name="Places").get_by_role("link").all_inner_texts() == [
        "Today", "Accounts", "White space", "Unlock", "Plays", "Runs & data",
    ]  # fmt: skip


def test_the_palette_finds_an_account_by_three_letters_and_opens_it_by_keyboard(site: Site, opened: Opened) -> None:
    page = opened(site, "leader")
    page.keyboard.press("Control+k")
    page.keyboard.type("sofortk")
    first = page.locator("#palette-found [role=option]").first
    expect(first).to_contain_text("Sofortkauf Werkzeuge")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/A83/")
