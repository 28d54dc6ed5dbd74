"""Plays: what each asks and holds, and how a threshold is changed."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.conftest import Opened, environment
from app.site import Site

ASKED = "/plays/seat-expansion/?state=asked&format=csv"


def _json(page: Any, path: str) -> Any:
    return page.request.get(f"{path}{'&' if '?' in path else '?'}format=json").json()


def apply(folder: Path) -> None:
    command = [sys.executable, "-m", "upcross.cli.app", "apply", "-C", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stderr


def test_the_catalogue_tells_thresholds_in_words_and_what_each_play_asks_and_holds(site: Site, opened: Opened) -> None:
    page = opened(site, "revops", "/plays/?motion=upsell&sort=asked")
    row = page.get_by_role("row").filter(has_text="More seats before they run out")
    told = next(p for lane in _json(page, "/plays/")["lanes"] for p in lane["plays"] if p["id"] == "seat-expansion")
    assert "seat utilization, lowest of the last 30 days: at least 90%" in row.inner_text()
    cells = row.get_by_role("cell").all_inner_texts()
    assert cells[1].split()[0] == str(told["today"]["asked"]["count"])
    assert cells[2].split()[0] == str(told["today"]["held"]["count"])
    assert page.get_by_role("heading", level=2).all_inner_texts()[0].startswith("Deeper")
    page.get_by_role("link", name="Take out the filter Deeper").click()
    assert page.get_by_role("region", name="Wider", exact=True).is_visible()  # by itself, under no common sum
    row.get_by_role("link").click()
    assert page.get_by_role("heading", level=1).inner_text() == "More seats before they run out"
    command = page.get_by_text("upcross replay --play seat-expansion --sweep fire_at=")
    assert not command.is_visible()  # none is kept yet, and how one is made is told to who asks
    page.get_by_text("How to make one").click()
    assert command.is_visible()
    asked = list(csv.DictReader(io.StringIO(page.request.get(ASKED).body().decode("utf-8-sig"))))
    assert len({(r["account_id"], r["business_unit"], r["product"]) for r in asked}) == told["today"]["asked"]["count"]


def test_somebody_with_accounts_of_their_own_is_told_of_those_alone(site: Site, opened: Opened) -> None:
    whole = _json(opened(site, "leader"), "/plays/seat-expansion/?all=1")
    page = opened(site, "csm", "/plays/seat-expansion/")
    own = _json(page, "/plays/seat-expansion/?all=1")
    mine = {one["account_id"] for one in page.request.get("/api/v1/accounts?limit=200").json()["items"]}
    assert {mark["account_id"] for mark in own["marks"]} == {m["account_id"] for m in whole["marks"]} & mine
    assert 0 < own["today"]["asked"]["count"] < whole["today"]["asked"]["count"]
    assert own["unknown_rows"] is None  # of the whole base, which is not theirs
    assert whole["unknown_rows"] > 0


def test_a_threshold_is_changed_after_seeing_what_moves_and_the_next_run_moves_just_that(
    fresh_site: Site, opened: Opened
) -> None:
    page = opened(fresh_site, "revops", "/plays/seat-expansion/")
    page.get_by_role("link", name="Change a threshold").click()
    page.get_by_label("fire at").fill("nine in ten")
    page.get_by_role("button", name="See what would move").click()
    assert "write it as 90% is written" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("fire at").input_value() == "nine in ten"
    page.get_by_label("fire at").fill("85%")
    page.get_by_role("button", name="See what would move").click()
    page.wait_for_url("**fire_at=85%25**")
    counts = {one.get_attribute("data-moves"): int(one.inner_text()) for one in page.locator("[data-moves]").all()}
    rows = list(csv.DictReader(io.StringIO(page.request.get(f"{page.url}&format=csv").body().decode("utf-8-sig"))))
    assert len(rows) == sum(counts.values()) > 0
    page.get_by_role("button", name="Publish it").click()
    assert page.get_by_label("Why").evaluate("one => !one.checkValidity()")  # nothing is published without a reason
    page.get_by_label("Why").fill("The quarter needs more of them")
    page.get_by_role("button", name="Publish it").click()
    page.wait_for_url("**/plays/seat-expansion/#versions")
    assert page.get_by_role("status").filter(has_text="does not count yet").is_visible()
    assert page.get_by_text("“The quarter needs more of them”").is_visible()
    assert "fire_at: 85%" in (fresh_site.folder / "plays" / "overlay.yaml").read_text()
    back = page.request.get("/plays/seat-expansion/change/?v.fire_at=90%25").body().decode()
    assert "has not counted yet" in back and "the plays go on as they did in the last run" in back
    apply(fresh_site.folder)
    [run, *_] = page.request.get("/api/v1/runs").json()["items"]
    written = run["written"]
    assert written.get("create", 0) + written.get("release", 0) == counts.get("upsell-added", 0)
    assert written.get("hold", 0) == counts.get("upsell-held", 0)
    page.reload()
    assert page.get_by_text("counts now").is_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Go back to it").click()
    assert page.get_by_label("fire at").input_value() == "90%"
    # asks that are open stay so until they clear: that going back ends none of them is said before it is done
    assert page.get_by_text("Nothing would move").is_visible()
    assert page.locator("[data-moves]").count() == 0
    refused = opened(fresh_site, "csm").request.get("/plays/seat-expansion/change/")
    assert refused.status == 403
