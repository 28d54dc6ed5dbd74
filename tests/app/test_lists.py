"""Long lists: a file holds what the page says that it holds, and a filter stays whole in every address."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from upcross.app.admin import record
from upcross.ledger.actor import Actor
from upcross.ledger.applying import RUN
from upcross.ledger.models import Delivery
from upcross.ledger.place import Place
from upcross.ledger.writer import writing
from web.browser import Browser, member

ODD = "a&state=dead#+b"


@pytest.fixture
def browser(tmp_path: Path, ledger: Place) -> Any:
    (tmp_path / "upcross.yaml").write_text("name: Test\nreporting_currency: EUR\ndata: .\n")
    with override_settings(UPCROSS_PROJECT=str(tmp_path)):
        found = Browser()
        found.sign_in(member("admin", name=f"Ada {ODD}"))
        yield found


def _rows(browser: Browser, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.get(path).content.decode("utf-8-sig"))))


def test_a_file_of_runs_holds_all_of_them_and_one_of_the_record_says_where_it_ends(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing() as writer:
        for number in range(60):
            writer.record(RUN, f"r{number}", "apply", Actor("operator:ada", "", "admin"), {}, as_of=date(2026, 9, 30))
    assert len(browser.get("/runs/?format=json").json()["runs"]) == 50
    assert len(_rows(browser, "/runs/?page=2&format=csv")) == 60
    told = "A file of the record holds"
    assert told not in browser.get("/admin/record/").content.decode()
    monkeypatch.setattr(record, "MOST_EXPORTED", 55)
    assert f"{told} 55 entries" in browser.get("/admin/record/").content.decode()
    assert len(_rows(browser, "/admin/record/?format=csv")) == 55
    assert told not in browser.get("/admin/record/?kind=invite").content.decode()


def test_a_filter_is_kept_as_it_was_typed_and_taken_out_alone(browser: Browser) -> None:
    now = datetime.now(UTC)
    for number, place in enumerate((ODD, ODD, "slack")):
        body = {"id": str(number), "type": "x", "to": [], "data": {}}
        Delivery.objects.create(destination=place, dedupe=str(number), body=body, created_at=now, since=now)
    path = "/admin/people/"
    browser.get(path)
    told = browser.get(path, {"q": ODD, "state": "active", "format": "json"}).json()
    assert len(told["people"]) == 1
    assert len(_rows(browser, f"{path}?{told['query']}&format=csv")) == 1
    without = [browser.get(f"{path}{chip['without']}&format=json").json() for chip in told["chips"]]
    assert [(one["q"], one["state"]) for one in without] == [("", "active"), (ODD, "")]
    path = "/admin/deliveries/"
    told = browser.get(path, {"destination": ODD, "state": "pending", "format": "json"}).json()
    again = browser.get(f"{path}?{told['query']}&format=json").json()
    assert (again["destination"], again["state"], again["total"]) == (ODD, "pending", 2)
    assert [tab["count"] for tab in told["states"]] == [2, 2, 0, 0]
    assert browser.get(f"{path}{told['states'][1]['href']}&format=json").json()["total"] == 2
    [chip] = told["chips"]
    assert browser.get(f"{path}{chip['without']}&format=json").json()["total"] == 3
