"""Admin: who may come in, programs, whose work is whose, and the record."""

from __future__ import annotations

import csv
import io
import sqlite3

from playwright.sync_api import expect

from app.conftest import Opened
from app.site import Site


def test_an_administrator_invites_changes_roles_and_shuts_out_and_the_record_tells_it(
    own_site: Site, opened: Opened
) -> None:
    page = opened(own_site, "admin", "/admin/")
    page.get_by_label("Their e-mail address").fill("csm@vendor.example")
    page.get_by_role("button", name="Make the invitation").click()
    assert "has an account already" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Their e-mail address").input_value() == "csm@vendor.example"
    page.get_by_label("Their e-mail address").fill("new@vendor.example")
    page.get_by_role("button", name="Make the invitation").click()
    link = page.get_by_label("The link of the invitation").input_value()
    guest = opened(own_site, "", link.removeprefix(own_site.address))
    assert guest.get_by_text("You are invited as new@vendor.example").is_visible()
    page.goto("/admin/people/")
    assert link not in page.content()
    row = page.get_by_role("row").filter(has_text="viewer@vendor.example")
    row.get_by_role("combobox").select_option("leader")
    row.get_by_role("button", name="Save").click()
    assert "Vera Viewer is leader now" in page.get_by_role("status").inner_text()
    row.get_by_role("button", name="Disable").click()
    expect(row.get_by_text("disabled")).to_be_visible()
    page.get_by_role("button", name="Undo").last.click()
    expect(row.get_by_text("active")).to_be_visible()
    page.goto("/admin/record/?subject=access")
    shown = page.get_by_role("region", name="Entries").inner_text()
    assert [word for word in shown.split("\t") if word in ("enable", "disable", "change role", "invite")] == [
        "enable",
        "disable",
        "change role",
        "invite",
    ]
    page.get_by_role("row").nth(2).get_by_role("link").first.click()
    there = opened(own_site, "revops", page.url.removeprefix(own_site.address))  # its address is for others too
    assert there.get_by_role("complementary", name="Entry").get_by_role("heading", level=2).is_visible()
    there.get_by_role("link", name="Close").click()
    there.get_by_role("button", name="Verify the chain").click()
    assert there.get_by_text("The record is whole.").is_visible()
    rows = list(csv.DictReader(io.StringIO(
        page.request.get("/admin/record/?subject=access&format=csv").body().decode("utf-8-sig")
    )))  # fmt: skip
    assert len(rows) == int(page.locator("h1 .count").inner_text())


def test_an_administrator_gives_somebody_a_link_to_a_new_password_and_ends_their_sessions(
    own_site: Site, opened: Opened
) -> None:
    theirs = opened(own_site, "viewer", "/accounts/")
    page = opened(own_site, "admin", "/admin/people/")
    row = page.get_by_role("row").filter(has_text="viewer@vendor.example")
    row.get_by_role("button", name="New password").click()
    link = page.get_by_label("The link to a new password").input_value()
    assert "Vera Viewer is signed out everywhere" in page.get_by_role("status").first.inner_text()
    theirs.reload()
    expect(theirs.get_by_label("Password")).to_be_visible()

    guest = opened(own_site, "", link.removeprefix(own_site.address))
    for label in guest.locator("input[type=password]").all():
        label.fill("a new one that is long enough")
    guest.locator("main button, form button").first.click()
    guest.wait_for_load_state()
    again = opened(own_site, "", link.removeprefix(own_site.address))  # it is good once
    assert again.locator("input[type=password]").count() == 0
    again.goto("/sign-in/")
    again.get_by_label("Email").fill("viewer@vendor.example")
    again.get_by_label("Password").fill("a new one that is long enough")
    again.get_by_role("button", name="Sign in").click()
    expect(again.get_by_role("navigation", name="Places")).to_be_visible()

    page.goto("/admin/record/?subject=access")
    record = page.get_by_role("region", name="Entries").inner_text()
    assert "reset password" in record and link.rsplit("/", 2)[1] not in page.content()
    page.goto("/admin/people/")
    assert link not in page.content()


def test_a_token_is_shown_once_and_opens_nothing_once_revoked(own_site: Site, opened: Opened) -> None:
    page = opened(own_site, "admin", "/admin/tokens/")
    page.get_by_label("What it is for").fill("warehouse export")
    page.get_by_role("button", name="Make the token").click()
    assert page.get_by_role("alert").count() == 1  # no scope was chosen
    assert page.get_by_label("What it is for").input_value() == "warehouse export"
    page.get_by_label("read", exact=True).check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.get_by_label("The token's secret").input_value()
    anybody = opened(own_site, "", "/sign-in/").request
    bearer = {"Authorization": f"Bearer {secret}"}
    assert anybody.get("/api/v1/me", headers=bearer).status == 200
    page.goto("/admin/tokens/")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke warehouse export").click()
    assert page.get_by_role("cell", name="revoked").is_visible()
    assert anybody.get("/api/v1/me", headers=bearer).status == 401


def test_work_goes_to_another_and_what_was_given_up_is_sent_again(own_site: Site, opened: Opened) -> None:
    with sqlite3.connect(own_site.folder / ".upcross" / "ledger.sqlite3") as ledger:
        ledger.execute(
            "INSERT INTO ledger_delivery (destination, dedupe, body, state, attempts, created_at, since, last_error)"
            """ VALUES ('crm', 'x', '{"id": "m1", "type": "opportunity.win", "to": "", "data": {}}', 'dead', 9,"""
            " '2026-09-01 08:00:00', '2026-09-01 08:00:00', 'HTTP 500')"
        )
    page = opened(own_site, "revops", "/admin/deliveries/?state=dead")
    assert page.get_by_text("HTTP 500").is_visible()
    page.get_by_role("button", name="Send again").click()
    assert "1 is on the way again" in page.get_by_role("status").inner_text()
    page.goto("/admin/whose-work/")
    load = page.get_by_role("region", name="Open work").get_by_role("row")
    had = int(load.filter(has_text="lena.hoffmann").get_by_role("cell").nth(1).inner_text())
    page.get_by_label("Whose").select_option("lena.hoffmann")
    page.get_by_label("To whom").select_option("sofia.ricci")
    page.get_by_role("button", name="Give it over").click()
    assert "a CSM's accounts go to a CSM" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Whose").input_value() == "lena.hoffmann"
    before = int(load.filter(has_text="tom.becker").get_by_role("cell").nth(1).inner_text())
    page.get_by_label("To whom").select_option("tom.becker")
    page.get_by_role("button", name="Give it over").click()
    page.wait_for_url("**/admin/whose-work/")
    assert int(load.filter(has_text="tom.becker").get_by_role("cell").nth(1).inner_text()) == before + had
    stand_ins = page.get_by_role("region", name="Stand-ins").get_by_role("row")
    assert stand_ins.filter(has_text="Lena Hoffmann").filter(has_text="Tom Becker").count() > 1
    assert opened(own_site, "csm").request.get("/admin/whose-work/").status == 403
