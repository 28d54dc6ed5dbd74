"""Connections: what each is, when it last worked, and how to mend it; secrets are named and never shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import override_settings

from api.programs import small_company
from upcross.ledger.place import Place
from upcross.publishing.publication import write
from web.browser import Browser, member

_PROJECT = """
name: Test
reporting_currency: EUR
data: .
deliveries:
  destinations:
    - {name: crm, kind: webhook, url: "https://hooks.vendor.example/in/a-secret-part", secret_env: CRM_SECRET}
    - {name: team, kind: slack, token_env: SLACK_TOKEN, channel: "#expansion"}
  inbound:
    - {name: deals, secret_env: DEALS_SECRET}
"""
_FEED = {
    "subject": "usage", "meaning": "", "rows": 3, "set_aside": 2, "from": None, "days_behind": 9, "allowed": 7,
    "waiting": {}, "mended_by": "the product's data team", "without": "no use is known",
}  # fmt: skip


def test_each_connection_says_how_it_stands_and_how_it_is_mended_and_tells_no_secret(
    tmp_path: Path, ledger: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from upcross.ledger.models import Delivery

    (tmp_path / "upcross.yaml").write_text(_PROJECT)
    monkeypatch.setenv("CRM_SECRET", "nobody-may-read-this")
    monkeypatch.delenv("SLACK_TOKEN", raising=False)
    feeds = [
        {**_FEED, "table": "usage", "state": "behind", "through": "2026-09-21", "sources": ["usage.csv"]},
        {**_FEED, "table": "tickets", "state": "missing", "through": None, "sources": [], "days_behind": None},
    ]
    write(tmp_path / ".upcross", "test", [("about", "", {"currency": "EUR"}), ("quality", "", {"feeds": feeds})])
    moment = datetime(2026, 9, 29, 8, 30, tzinfo=UTC)
    for number, state in enumerate(("delivered", "dead", "dead")):
        Delivery.objects.create(
            destination="crm", dedupe=str(number), body={"id": "m", "type": "t", "to": "", "data": {}}, state=state,
            created_at=moment, since=moment, delivered_at=moment if state == "delivered" else None,
        )  # fmt: skip
    with override_settings(UPCROSS_PROJECT=str(tmp_path)):
        small_company()
        revops, cleo = Browser(), Browser()
        revops.sign_in(member("revops"))
        cleo.sign_in(member("csm", "cleo@vendor.example", person_id="cleo"))
        told = revops.get("/admin/connections/?format=json").json()
        page = revops.get("/admin/connections/").content.decode()
        file = revops.get("/admin/connections/?format=csv").content.decode()
        assert cleo.get("/admin/connections/").status_code == 403
    crm, team = told["destinations"]
    assert (crm["to"], crm["stands"], crm["last"]) == ("https://hooks.vendor.example", "2 given up", moment.isoformat())
    assert team["stands"] == "cannot send" and "SLACK_TOKEN" in team["mend"]
    assert told["book"]["state"] == "bad" and "never" in page  # nothing was loaded
    assert [one["table"] for one in told["troubled"]] == ["usage"] and not told["fresh"]
    assert [one["table"] for one in told["missing"]] == ["tickets"]
    for said in ("9 days behind", "product&#39;s data team", "usage.csv", "29 Sep 2026, 08:30", "DEALS_SECRET"):
        assert said in page, said
    for text in (page, file, str(told)):
        assert "nobody-may-read-this" not in text and "a-secret-part" not in text
    assert "#expansion" in file
