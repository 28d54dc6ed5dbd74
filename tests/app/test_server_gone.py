"""A server that dies in the middle of something: nothing is half done, and what was typed is still there."""

from __future__ import annotations

import sqlite3

from playwright.sync_api import expect

from app.conftest import Opened
from app.site import Site

HISTORY = "SELECT count(*) FROM ledger_entry"


def test_a_server_killed_in_the_middle_of_a_step_leaves_nothing_half_done_and_what_was_typed(
    own_site: Site, opened: Opened
) -> None:
    page = opened(own_site, "csm", "/?motion=cross_sell&q=Bergmann", quiet=False)
    page.locator("[data-row]").first.hover()
    page.locator("[data-row]").first.get_by_role("link", name="Hand over").click()
    page.get_by_label("What they need").fill("One warranty for everything they sell")
    page.get_by_label("Hand it to").select_option("sofia.ricci")
    plan = opened(own_site, "csm", "/accounts/A01/plan/", quiet=False)

    ledger = sqlite3.connect(own_site.folder / ".upcross" / "ledger.sqlite3", isolation_level=None)
    before = ledger.execute(HISTORY).fetchone()
    ledger.execute("BEGIN IMMEDIATE")  # whoever writes now waits, so that the server dies while the step is taken
    with page.expect_request("**/step/"):
        page.get_by_role("button", name="Hand it over").click()
    own_site.kill()
    ledger.execute("ROLLBACK")

    expect(page.locator("[data-toast]")).to_contain_text("cannot be reached")
    assert page.get_by_label("What they need").input_value() == "One warranty for everything they sell"
    assert page.get_by_label("Hand it to").input_value() == "sofia.ricci"
    assert ledger.execute(HISTORY).fetchone() == before  # handing over is two steps of one whole: neither was taken

    plan.get_by_label("What could go wrong").fill("Their budget is frozen")
    plan.get_by_label("What we do next").focus()
    expect(plan.locator("[data-toast]")).to_contain_text("cannot be reached")
    expect(plan.locator("#field-risks .state")).to_contain_text("not saved")
    assert plan.get_by_label("What could go wrong").input_value() == "Their budget is frozen"

    own_site.begin_again()
    page.get_by_role("button", name="Hand it over").click()
    expect(page.locator("[data-toast]").last).to_contain_text("Handed to Sofia Ricci")
    kinds = [kind for (kind,) in ledger.execute("SELECT kind FROM ledger_entry ORDER BY seq DESC LIMIT 3")]
    assert kinds[:2] == ["hand_off", "qualify"] and kinds[2] != "qualify"
    assert ledger.execute(HISTORY).fetchone()[0] == before[0] + 2
    plan.locator("#field-risks .save").click()
    expect(plan.locator("#field-risks .saved")).to_contain_text("saved ")
    ledger.close()
