"""Accounts over a small company: what is told to whom, and forms that keep what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from api.programs import small_company
from upcross.ledger.place import Place
from upcross.publishing.publication import write
from web.browser import Browser, member

NOTHING = {"expected": "0", "asks": 0, "unknown": 0}
MONEY = {"upsell": NOTHING, "cross_sell": NOTHING}


@pytest.fixture
def company(tmp_path: Path, ledger: Place) -> Iterator[Path]:
    """Three accounts, with what is published of Acme, which is a part of Coda; see ``small_company``."""
    (tmp_path / "upcross.yaml").write_text("name: Test\nreporting_currency: EUR\ndata: .\n")
    with override_settings(UPCROSS_PROJECT=str(tmp_path)):
        small_company()
        publish(tmp_path)
        yield tmp_path


def publish(folder: Path, **more: Any) -> None:
    card = {
        "account_id": "acme", "parent": {"account_id": "coda", "name": "Coda"}, "white_space": [], "story_from": "2026-01-01",
        "health_series": [], "gates": [], "gate_days": [],
        "events": [{"kind": "escalation", "day": "2026-05-01", "until": None, "open": False, "text": "Support escalation",
                    "quote": "Dana shouts about Berlin"}],
        "people": [person("c-7", "Dana Fox", "Chief of Berlin"), person("c-8", "Rob Low", "Clerk", reports_to="c-7")],
    }  # fmt: skip
    write(folder / ".upcross", "test", [("about", "", {"currency": "EUR"}), ("account", "acme", {**card, **more})])


def person(key: str, name: str, title: str, reports_to: str = "") -> dict[str, Any]:
    return {
        "contact_id": key, "contact_name": name, "title": title, "seniority": "", "department": "Berlin office", "unit": "",
        "reports_to": reports_to, "do_not_contact": True, "has_left": True, "left_on": "2026-03-04", "strength": None,
        "strength_parts": None, "contacts_90d": None, "last_on": None, "last_kind": "", "last_by": "", "roles": [],
    }  # fmt: skip


def signed_in(role: str, person: str = "") -> Browser:
    browser = Browser()
    browser.sign_in(member(role, f"{person or role}@vendor.example", person_id=person, name=person.title()))
    return browser


def test_who_sees_no_contacts_reads_what_happened_and_not_in_the_customers_words(company: Path) -> None:
    viewer, cleo = signed_in("viewer"), signed_in("csm", "cleo")
    for query in ("", "?format=json", "?format=csv"):
        path = f"/accounts/acme/story/{query}"
        theirs, ours = viewer.get(path).content.decode(), cleo.get(path).content.decode()
        assert "Support escalation" in theirs and "Berlin" not in theirs
        assert "Dana shouts about Berlin" in ours


def test_who_sees_no_contacts_sees_how_many_people_there_are_and_nothing_to_find_them_by(company: Path) -> None:
    viewer, cleo = signed_in("viewer"), signed_in("csm", "cleo")
    for query in ("", "?format=json", "?format=csv"):
        path = f"/accounts/acme/people/{query}"
        theirs = viewer.get(path).content.decode()
        for known in ("Dana", "Berlin", "Clerk", "c-7", "c-8", "2026-03-04", "4 Mar 2026", "do not contact"):
            assert known not in theirs, (query, known)
        assert "Dana Fox" in cleo.get(path).content.decode()
    told = viewer.get("/accounts/acme/people/?format=json").json()
    assert len({one["key"] for one in told["people"]}) == 2 == told["gone"]


def test_a_parent_is_named_to_those_alone_who_see_it(company: Path) -> None:
    cleo, leader = signed_in("csm", "cleo"), signed_in("leader")
    assert cleo.get("/accounts/acme/?format=json").json()["head"]["parent"] is None
    assert "Coda" not in cleo.get("/accounts/acme/").content.decode()
    assert leader.get("/accounts/acme/?format=json").json()["head"]["parent"]["href"] == "/accounts/coda/"
