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
    before_mrr: int | None = None
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


def test_what_has_no_units_is_told_by_its_amounts() -> None:
    """A flat plan's step, a churn, and an amount that nobody can know."""
    assert in_words(Row("tier", quantise(500), before_plan="api1", after_plan="api2")) == "500.00 up from api1 to api2"
    assert in_words(Row("churn", quantise(-300), before_mrr=quantise(300), after_mrr=0)) == "300.00 → 0.00"
    assert in_words(Row("unknown", None)) == "unknown: an exchange rate is missing"
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
    from test_movements_agree import eventful

    for row in rows(eventful(), "movements"):
        assert (Kind(row["kind"]).motion or "") == row["motion"]
        Origin(row["origin"])
