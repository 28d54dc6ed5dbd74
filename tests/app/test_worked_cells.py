"""Which cells of the map an ask that somebody took up counts for."""

from __future__ import annotations

from typing import Any

from upcross.app.portfolio.worked import worked_of
from upcross.ledger.models import Opportunity


def ask(**facts: Any) -> Opportunity:
    told = {"account_id": "acme", "product_id": "desk", "motion": "cross_sell", "stage": "accepted", "origin": "play",
            "owner": "cleo", "closer": "eve"}  # fmt: skip
    return Opportunity(**{**told, **facts})


def test_an_ask_without_a_unit_is_about_each_unit_and_one_with_a_unit_about_its_own() -> None:
    whole, nordics = worked_of([ask()]), worked_of([ask(business_unit="nordics")])
    assert whole.at("acme", "iberia", "desk", "cross_sell")
    assert nordics.at("acme", "nordics", "desk", "cross_sell")
    assert nordics.at("acme", "iberia", "desk", "cross_sell") is None


def test_more_of_what_one_unit_has_is_no_work_where_another_lacks_it() -> None:
    more = worked_of([ask(motion="upsell")])
    assert more.at("acme", "", "desk", "upsell")
    assert more.at("acme", "iberia", "desk", "cross_sell") is None


def test_what_a_play_alone_found_is_not_worked_and_what_a_person_opened_is() -> None:
    found = worked_of([ask(stage="surfaced")])
    opened = worked_of([ask(stage="surfaced", origin="hand")])
    assert found.at("acme", "", "desk", "cross_sell") is None
    assert "opened by hand, with Cleo" in opened.words("acme", "", "desk", "cross_sell", {"cleo": "Cleo"})
