"""Each movement says its arithmetic in words that a reader can check."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from contract_book import book, line, rows
from upcross.money import quantise
from upcross.motions import Mechanism, Motion
from upcross.revenue.movement import Kind, Origin, in_words


@dataclass(frozen=True)
class Row:
    kind: str
    amount: int | None
    base_mrr: int | None = None
    after_mrr: int | None = None
    before_plan: str | None = None
    after_plan: str | None = None
    units: int | None = None


def told(*versions: dict[str, object], **tables: list[dict[str, object]]) -> list[str]:
    names = set(Row.__dataclass_fields__)
    plans = {"std": "Standard", "pro": "Pro"}
    return [
        in_words(Row(**{name: cell for name, cell in row.items() if name in names}), plans)
        for row in rows(book(*versions, **tables), "movements")
        if row["kind"] not in ("new", "cross_sell")
    ]


@pytest.mark.parametrize(("before", "after", "words"), [
    ({"quantity": 100, "mrr": 1250}, {"quantity": 250, "mrr": 3125}, ["150 more seats × 12.50"]),
    ({"quantity": 100, "mrr": 1250}, {"quantity": 99, "mrr": "1237.5"}, ["1 fewer seat × 12.50"]),
    ({"quantity": 20, "mrr": 200}, {"quantity": 20, "mrr": 300, "plan_id": "pro"},
     ["20 seats × 5.00 up from Standard to Pro"]),
    ({"quantity": 20, "mrr": 200}, {"quantity": 20, "mrr": 210}, ["20 seats × 0.50 more, price"]),
    ({"quantity": 3, "mrr": 100}, {"quantity": 4, "mrr": "133.3333"}, ["1 more seat × 33.3333"]),
    ({"quantity": 20, "mrr": 160, "discount": "0.2"}, {"quantity": 20, "mrr": 200},
     ["20 seats × 2.00 more, the discount's end"]),
])  # fmt: skip
def test_arithmetic_in_words(before: dict[str, object], after: dict[str, object], words: list[str]) -> None:
    plain = line("a", "2025-01-01", 0, 0)
    assert told({**plain, **before}, {**plain, "valid_from": "2025-05-01", **after}) == words


def test_seats_beside_a_platform_fee_are_told_as_seats() -> None:
    """A flat fee of 300 stays, 50 seats × 10 become 80: the unit part alone changed, 30 × 10."""
    assert told(line("f", "2025-01-01", 1, 300, plan_id="api1"), line("a", "2025-01-01", 50, 500),
                line("a", "2025-05-01", 80, 800)) == ["30 more seats × 10.00"]  # fmt: skip


def test_more_of_an_item_sold_as_usage_is_no_larger_commitment() -> None:
    """10 packs × 5 → 16 packs × 5 without any commitment: 6 × 5."""
    assert told(line("a", "2025-01-01", 10, 50, sku="pack"), line("a", "2025-05-01", 16, 80, sku="pack"),
                skus=[{"sku": "pack", "mechanism": "usage"}]) == ["6 more units × 5.00"]  # fmt: skip


def test_a_step_names_the_plan_that_was_left() -> None:
    """Old desk 10 × 8 goes over to its successor, Desk, at 20: up from the plan of the line that went over."""
    found = [
        row
        for row in rows(book(
            line("a", "2025-01-01", 10, 80, product_id="old", plan_id="old1", ends_on="2025-06-01"),
            line("b", "2025-06-01", 10, 200, product_id="crm", plan_id="pro", replaces_line_id="a")), "movements")
        if row["kind"] == "tier"
    ]  # fmt: skip
    assert [(row["before_plan"], row["after_plan"]) for row in found] == [("old1", "pro")]


def test_what_came_over_and_was_dropped_at_once_is_told_by_what_came() -> None:
    """beta's Desk 100 merges into acme in June and ends with it: 100 → 0 at acme, which had nothing before."""
    found = told(
        line("c", "2025-01-01", 10, 100), line("b", "2025-01-01", 10, 100, account_id="beta", ends_on="2025-06-10"),
        line("d", "2025-01-01", 1, 100, account_id="beta", product_id="desk", plan_id=None, ends_on="2025-06-10"),
        line("c", "2025-06-10", 20, 200),
        account_transfers=[{"from_account_id": "beta", "to_account_id": "acme", "kind": "merge",
                            "effective_on": "2025-06-10"}])  # fmt: skip
    assert "1 seat × 100.00 given up" in found


def test_what_has_no_units_is_told_by_its_amounts() -> None:
    """A flat plan's step, a churn, and an amount that nobody can know."""
    assert in_words(Row("tier", quantise(500), before_plan="api1", after_plan="api2")) == "500.00 up from api1 to api2"
    assert in_words(Row("churn", quantise(-300), base_mrr=quantise(300), after_mrr=0)) == "300.00 → 0.00"
    assert in_words(Row("unknown", None)) == "unknown: a price or an exchange rate is missing"
    assert in_words(Row("unknown", None), why="no price") == "unknown: no price"
    assert in_words(Row("transfer", quantise(-90))) == "90.00 went over with its lines"
    assert (
        in_words(Row("usage", quantise(500), quantise(1000), quantise(1500)))
        == "larger commitment: 1,000.00 → 1,500.00"
    )


def test_a_price_that_does_not_divide_says_so() -> None:
    """100 for 3 seats: one more is 33.3333 and a bit."""
    assert in_words(Row("seats", 666_666, units=2)) == "2 more seats × 33.3333"
    assert in_words(Row("seats", 666_667, units=2)) == "2 more seats × ≈ 33.3333"


def test_every_kind_has_a_meaning_and_at_most_one_motion() -> None:
    upsell = {kind.value for kind in Kind if kind.motion is Motion.UPSELL}
    assert upsell == {mechanism.value for mechanism in Mechanism if mechanism.motion is Motion.UPSELL}
    assert [kind for kind in Kind if kind.motion is Motion.CROSS_SELL] == [Kind.CROSS_SELL]
    assert all(kind.meaning.endswith(".") for kind in Kind)
    assert not any(kind.is_price and kind.motion for kind in Kind)


def test_the_model_uses_no_name_beside_the_enumerations() -> None:
    from contract_book import eventful

    for row in rows(eventful(), "movements"):
        assert (Kind(row["kind"]).motion or "") == row["motion"]
        Origin(row["origin"])
