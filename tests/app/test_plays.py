"""Plays: what each asks and holds, and how a threshold is changed."""

from __future__ import annotations

import csv
import io
from typing import Any

from app.conftest import Opened
from app.site import Site

ASKED = "/plays/seat-expansion/?state=asked&format=csv"


def _json(page: Any, path: str) -> Any:
    return page.request.get(f"{path}{'&' if '?' in path else '?'}format=json").json()


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
