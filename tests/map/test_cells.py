"""What stands in a cell of the white-space map: five rows a case, on 30 June 2026."""

from __future__ import annotations

from datetime import date
from typing import Any

from small_book import SmallBook, month

AS_OF = date(2026, 6, 30)
LINE: dict[str, Any] = {"valid_from": "2025-01-01", "plan_id": "std", "quantity": 10, "mrr": "200"}
PRODUCTS = [{"product_id": name, "name": name.upper(), "kind": "product"} for name in ("crm", "desk", "api")]


def cells(rows: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str], dict[str, Any]]:
    """The cells of account acme by unit and product."""
    book = SmallBook(
        {
            "accounts": [{"account_id": "acme", "name": "Acme", "segment": "mid"}],
            "products": PRODUCTS,
            "pricing_plans": [{"plan_id": "std", "product_id": "crm", "name": "Standard", "rank": 1, "charge": "per_unit"}],
            "subscriptions": [{"line_id": "L1", "account_id": "acme", "product_id": "crm", **LINE}],
            **rows,
        }
    )  # fmt: skip
    found = book.connect().sql(book.frame(AS_OF).model_statement("cells")).to_arrow_table().to_pylist()
    return {(row["business_unit"], row["product_id"]): row for row in found}


def line(number: int, product: str, **cells: Any) -> dict[str, Any]:
    return {"line_id": f"L{number}", "account_id": "acme", "product_id": product, **LINE, **cells}


def test_owned_and_open():
    found = cells({})
    assert found["", "crm"]["state"] == "owned"
    assert found["", "crm"]["mrr"] == 200 * 10_000
    assert found["", "crm"]["in_use"] is None, "no table of use is loaded: not known, which is not unused"
    assert found["", "desk"]["state"] == "open"
    assert len(found) == 3


def test_use_is_known_only_where_it_is_measured():
    """Nobody of ten in June is no use; the same people in a bundle are a switch that nobody turned."""
    seats = [{"account_id": "acme", "product_id": "crm", **month("2026-06-01"), "assigned": 10, "active": 0}]
    assert cells({"seats": seats})["", "crm"]["in_use"] is False
    bundle = {"subscriptions": [line(1, "crm", included_in="desk")], "seats": seats}
    assert cells(bundle)["", "crm"]["included"] is True
    used = [{**seats[0], "active": 1}]
    assert cells({"seats": used})["", "crm"]["in_use"] is True


def test_contracted_later_and_on_trial_are_not_white_space():
    later = cells({"subscriptions": [line(1, "crm"), line(2, "desk", valid_from="2026-09-01", booked_on="2026-06-01")]})
    assert later["", "desk"]["state"] == "contracted_later"
    assert later["", "desk"]["contracted_from"] == date(2026, 9, 1)
    trial = cells({"subscriptions": [line(1, "crm"), line(2, "desk", status="trial", mrr="0")]})
    assert trial["", "desk"]["state"] == "on_trial"


def deal(number: int, **cells: Any) -> dict[str, Any]:
    return {"crm_opportunity_id": f"D{number}", "account_id": "acme", "created_on": "2026-05-01", **cells}


def about(number: int, product: str) -> dict[str, Any]:
    return {"crm_opportunity_id": f"D{number}", "line_id": "1", "product_id": product, "mrr": "50"}


def test_an_open_deal_puts_its_product_in_the_pipeline():
    found = cells({"crm_opportunities": [deal(1, owner="petra")], "crm_opportunity_lines": [about(1, "desk")]})
    assert (found["", "desk"]["state"], found["", "desk"]["deal"]) == ("in_pipeline", "D1")
    assert found["", "desk"]["deal_mrr"] == 50 * 10_000
    assert found["", "api"]["state"] == "open"


def test_a_lost_deal_rests_for_180_days():
    """Lost on 1 April: 180 days later is 28 September. Lost on 1 January: 30 June itself is day 180."""
    recent = deal(1, result="lost", closed_on="2026-04-01", loss_reason="no budget")
    found = cells({"crm_opportunities": [recent], "crm_opportunity_lines": [about(1, "desk")]})["", "desk"]
    assert (found["state"], found["loss_reason"], found["retry_on"]) == ("lost_before", "no budget", date(2026, 9, 28))
    old = deal(1, result="lost", closed_on="2026-01-01")
    found = cells({"crm_opportunities": [old], "crm_opportunity_lines": [about(1, "desk")]})["", "desk"]
    assert (found["state"], found["retry_on"]) == ("open", date(2026, 6, 30))


def test_what_was_dropped_was_lost_too():
    rows = [line(1, "crm"), line(2, "desk", ends_on="2026-03-01", cancelled_on="2026-02-01")]
    found = cells({"subscriptions": rows})["", "desk"]
    assert (found["state"], found["lost_by_dropping"], found["lost_on"]) == ("lost_before", True, date(2026, 3, 1))


def test_retired_excluded_and_not_eligible_say_why():
    products = [*PRODUCTS[:2], {**PRODUCTS[2], "retired_on": "2026-01-01"}]
    assert cells({"products": products})["", "api"]["state"] == "retired"
    excludes = {"product_relations": [{"product_id": "desk", "relation": "exclusive_with", "other_product_id": "crm"}]}
    found = cells(excludes)["", "desk"]
    assert (found["state"], found["barred"]) == ("excluded", "it excludes CRM, which is owned")
    rule = {"product_eligibility": [{"product_id": "desk", "attribute": "segment", "value": "enterprise"}]}
    found = cells(rule)["", "desk"]
    assert (found["state"], found["barred"]) == ("not_eligible", "it is not sold to accounts of this segment")


def test_units_have_lines_of_their_own():
    """EMEA owns the desk; the CRM is the whole account's; a deal without a unit stands in both."""
    found = cells(
        {
            "business_units": [{"account_id": "acme", "business_unit": unit} for unit in ("emea", "us")],
            "subscriptions": [line(1, "crm"), line(2, "desk", business_unit="emea")],
            "crm_opportunities": [deal(1)],
            "crm_opportunity_lines": [about(1, "api")],
        }
    )
    assert len(found) == 6
    assert [found[unit, "desk"]["state"] for unit in ("emea", "us")] == ["owned", "open"]
    assert {found[unit, "crm"]["owner_unit"] for unit in ("emea", "us")} == {""}
    assert {found[unit, "api"]["state"] for unit in ("emea", "us")} == {"in_pipeline"}


def test_without_a_catalogue_what_is_owned_is_still_shown():
    found = cells({"products": [], "pricing_plans": []})
    assert {key: row["state"] for key, row in found.items()} == {("", "crm"): "owned"}
