"""Runs and data: what was applied, what it changed, and how good the data is."""

from __future__ import annotations

import csv
import io
import json

from app.conftest import Opened
from app.site import Site
from app.test_plays import apply


def test_a_run_says_who_when_on_which_inputs_and_two_of_them_differ_by_what_happened_between(
    fresh_site: Site, opened: Opened
) -> None:
    (fresh_site.folder / "plays").mkdir(exist_ok=True)
    (fresh_site.folder / "plays" / "overlay.yaml").write_text("plays: {seat-expansion: {params: {fire_at: 85%}}}\n")
    apply(fresh_site.folder)
    page = opened(fresh_site, "revops", "/runs/")
    newest, first = page.request.get("/runs/?format=json").json()["runs"]
    assert newest["run"] != first["run"] and newest["seconds"] > 0 and newest["shown"]
    assert page.get_by_role("row").nth(1).get_by_text(newest["run"][:12]).is_visible()
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Run of 30 Sep 2026"
    counts = {one.get_attribute("data-count"): int(one.inner_text()) for one in page.locator("[data-count]").all()}
    assert counts["create"] == newest["written"]["create"] > 0
    assert counts["hold"] == newest["written"]["hold"]
    rows = list(csv.DictReader(io.StringIO(page.request.get(f"{page.url}?format=csv").body().decode("utf-8-sig"))))
    assert len(rows) == sum(counts.values())
    page.get_by_label("Show what changed").select_option(str(first["seq"]))
    page.wait_for_url("**since=**")
    assert page.locator("[data-count=create]").inner_text() == str(counts["create"])  # nothing happened in between
    link, shown = page.url.removeprefix(fresh_site.address), page.locator("#k-create").inner_text()
    assert (
        opened(fresh_site, "leader", link).locator("#k-create").inner_text() == shown
    )  # the address is for others too
    own = opened(fresh_site, "csm").request.get(f"/runs/{newest['seq']}/?format=json").json()
    assert own["written"] is None
    mine = {one["account_id"] for g in own["changed"]["groups"] for lane in g["lanes"] for one in lane["changes"]}
    assert mine < {row["account_id"] for row in rows}


def test_data_quality_names_what_is_wrong_with_examples_whom_it_costs_and_who_mends_it(
    site: Site, opened: Opened
) -> None:
    page = opened(site, "revops", "/")
    page.locator("header.top").get_by_role("link").first.click()  # every page says that feeds are behind
    page.wait_for_url("**/runs/data/")
    told = page.request.get("/runs/data/?format=json").json()
    assert page.locator("#findings li > div").count() == told["total"] > 5
    page.get_by_label("Mended by").select_option("whoever keeps the support desk")
    page.wait_for_url("**mended_by=**")
    shown = page.locator("#findings").inner_text()
    assert "tickets.account_id" in shown and "add them to accounts, or correct the ids" in shown
    page.locator("#findings summary").first.click()
    assert page.get_by_text("A99").first.is_visible()
    feed = page.locator("#feeds").get_by_role("row").filter(has_text="account_transfers")
    assert "122 days behind, 7 allowed" in feed.inner_text()
    rows = list(csv.DictReader(io.StringIO(page.request.get(f"{page.url}&format=csv").body().decode("utf-8-sig"))))
    assert {row["mended_by"] for row in rows} == {"whoever keeps the support desk"}
    bare = opened(site, "csm").request.get("/runs/data/?format=json").json()
    assert all(not one["examples"] and not one["waiting"] for one in bare["findings"])
    assert "EUR" not in json.dumps([one["costs"] for one in bare["findings"]])
