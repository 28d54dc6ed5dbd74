"""Account plans: written where they are read, kept as they are left, and never overwritten unseen."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from app.conftest import Opened
from app.site import Site


def test_a_field_is_kept_as_it_is_left_and_two_who_write_it_see_each_other(own_site: Site, opened: Opened) -> None:
    first, second = opened(own_site, "csm", "/accounts/A01/plan/"), opened(own_site, "manager", "/accounts/A01/plan/")
    risks = "What could go wrong"
    first.get_by_label(risks).fill("Their budget is frozen until March")
    first.get_by_label("How they decide and who signs").focus()
    expect(first.locator("#field-risks .saved")).to_have_text(re.compile(r"^saved \d\d:\d\d$"))
    expect(first.locator("#plan-written")).to_have_text("1 of 10 written · 1 change")

    # The other one saw an empty field and writes something else: both texts stay, and the second decides.
    second.get_by_label("What we do next").fill("Meet the new head of sales")
    second.get_by_label(risks).fill("Their sponsor is leaving")
    second.get_by_label("What we do next").focus()
    expect(second.locator("#field-next_step .saved")).to_contain_text("saved")
    conflict = second.locator("#field-risks .conflict")
    expect(conflict).to_contain_text("Lena Hoffmann wrote this field")
    expect(conflict).to_contain_text("Their budget is frozen until March")
    assert second.get_by_label(risks).input_value() == "Their sponsor is leaving"
    conflict.get_by_role("button", name="Write mine over theirs").click()
    expect(second.locator("#field-risks .saved")).to_contain_text("saved")

    first.goto("/accounts/A01/plan/?history=1")
    assert first.get_by_label(risks).input_value() == "Their sponsor is leaving"
    history = first.locator("#history li").all_inner_texts()
    assert len(history) == 3 and "Their sponsor is leaving" in history[0]
    assert "Their budget is frozen until March" in history[2] and "Lena Hoffmann" in history[2]


def test_people_goals_and_actions_are_added_without_scripts(own_site: Site, opened: Opened) -> None:
    page = opened(own_site, "csm", "/accounts/A01/people/", scripts=False)
    gaps = page.locator("#missing").inner_text()
    assert "No technical lead" in gaps
    page.get_by_role("link", name="Judge Timo Kessler").click()
    page.get_by_label("Part that they play").select_option("technical_lead")
    page.get_by_label("Stance, as you judge it").select_option("for")
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("treeitem").filter(has_text="Timo Kessler")
    assert "technical lead, for (Lena Hoffmann)" in row.inner_text()
    assert "No technical lead" not in page.locator("#missing").inner_text()

    page.goto("/accounts/A01/plan/")
    page.get_by_text("Add an action").click()
    form = page.locator("form", has=page.get_by_label("Who", exact=True))
    form.get_by_label("What", exact=True).fill("Send the seat report")
    form.get_by_label("By").fill("2026-10-09")
    form.get_by_role("button", name="Save").click()
    action = page.locator("li", has_text="Send the seat report")
    assert "Lena Hoffmann · due 9 Oct 2026" in action.inner_text()
    action.get_by_role("button", name="Done").click()
    assert "done 30 Sep 2026" in page.locator("li", has_text="Send the seat report").inner_text()
