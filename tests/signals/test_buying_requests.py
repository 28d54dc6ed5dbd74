"""Who asked to buy what: matched to the product owned or lacking that the words are about."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from small_book import SmallBook
from upcross.signals.model import Scope

AS_OF = date(2026, 3, 31)


def a_book(*requests: dict[str, Any], owned: tuple[str, ...] = ("crm",), **more: list[dict[str, Any]]) -> SmallBook:
    """Acme owns ``owned`` of CRM (sales), Desk and Chat (both support); each request is a statement of its own."""
    return SmallBook(
        {
            "accounts": [{"account_id": "acme", "name": "Acme"}],
            "products": [{"product_id": p, "name": p.title(), "kind": "product"} for p in ("crm", "desk", "chat")],
            "product_domains": [
                {"product_id": p, "domain": d} for p, d in (("crm", "sales"), ("desk", "support"), ("chat", "support"))
            ],
            "pricing_plans": [
                {"plan_id": "seats", "product_id": "crm", "name": "Seats", "rank": 1, "charge": "per_unit"},
                {"plan_id": "flat", "product_id": "desk", "name": "Flat", "rank": 1, "charge": "flat"},
            ],
            "subscriptions": [
                {"line_id": p, "valid_from": "2025-01-01", "account_id": "acme", "product_id": p,
                 "plan_id": {"crm": "seats", "desk": "flat"}.get(p), "quantity": 10, "mrr": 100, "rolling": True}
                for p in owned
            ],
            "contacts": [{"contact_id": "ana", "account_id": "acme", "name": "Ana Ruiz", "title": "COO"}],
            "statements": [
                {"statement_id": f"s{number}", "account_id": "acme", "said_on": "2026-03-20", "kind": "buying_request",
                 "quote": f"Request {number}", "contact_id": "ana", **request}
                for number, request in enumerate(requests)
            ],
            **more,
        }
    )  # fmt: skip


def asked(book: SmallBook) -> dict[str, set[str]]:
    """The products for which a request is counted, owned and lacking."""
    return {
        kind: {row["product_id"] for row in book.signals(scope, AS_OF) if row[name]}
        for kind, scope, name in (
            ("owned", Scope.SUBSCRIPTION, "requests_for_more_30d"),
            ("lacking", Scope.WHITE_SPACE, "requests_to_buy_30d"),
        )
    }


@pytest.mark.parametrize(
    ("request_", "owned", "about_owned", "about_lacking"),
    [
        ({"product_id": "crm"}, ("crm",), {"crm"}, set()),
        ({"product_id": "desk"}, ("crm",), set(), {"desk"}),
        # a domain alone: more of what they own in it, else whatever would serve it
        ({"domain": "sales"}, ("crm",), {"crm"}, set()),
        ({"domain": "support"}, ("crm",), set(), {"desk", "chat"}),
        ({"domain": "support"}, ("crm", "desk"), {"desk"}, set()),
        # neither: the one product they own, where it is the only one
        ({}, ("crm",), {"crm"}, set()),
        ({}, ("crm", "desk"), set(), set()),
        # 30 days: 2 March is inside, 1 March is not
        ({"product_id": "crm", "said_on": "2026-03-02"}, ("crm",), {"crm"}, set()),
        ({"product_id": "crm", "said_on": "2026-03-01"}, ("crm",), set(), set()),
        ({"product_id": "crm", "kind": "need"}, ("crm",), set(), set()),
    ],
)
def test_a_request_is_about_the_product_that_its_words_name(request_, owned, about_owned, about_lacking):
    assert asked(a_book(request_, owned=owned)) == {"owned": about_owned, "lacking": about_lacking}


def test_the_latest_request_is_told_with_who_said_it_and_how_long_ago():
    book = a_book({"product_id": "crm", "said_on": "2026-03-10"}, {"product_id": "crm", "said_on": "2026-03-28"})
    (row,) = book.signals(Scope.SUBSCRIPTION, AS_OF)
    assert row["requests_for_more_30d"] == 2
    assert (row["latest_request_for_more"], row["latest_request_for_more_by"]) == ("Request 1", "Ana Ruiz, COO")
    assert row["days_since_request_for_more"] == 3


def test_no_statements_is_unknown_and_not_zero():
    book = a_book()
    assert all(row["requests_for_more_30d"] == 0 for row in book.signals(Scope.SUBSCRIPTION, AS_OF))
    del book.rows["statements"]
    assert all(row["requests_for_more_30d"] is None for row in book.signals(Scope.SUBSCRIPTION, AS_OF))


def test_a_request_to_buy_is_no_stated_need():
    """Asking to buy and telling a problem are answered differently: the first is not counted as the second."""
    (desk,) = [r for r in a_book({"product_id": "desk"}).signals(Scope.WHITE_SPACE, AS_OF) if r["product_id"] == "desk"]
    assert (desk["requests_to_buy_30d"], desk["stated_needs_90d"]) == (1, 0)


def test_a_request_of_one_unit_is_of_that_unit():
    units = [{"account_id": "acme", "business_unit": unit} for unit in ("emea", "us")]
    book = a_book({"product_id": "desk", "business_unit": "us"}, business_units=units)
    found = {(r["business_unit"], r["requests_to_buy_30d"]) for r in book.signals(Scope.WHITE_SPACE, AS_OF)
             if r["product_id"] == "desk"}  # fmt: skip
    assert found == {("emea", 0), ("us", 1)}


@pytest.mark.parametrize(
    ("barred", "because"),
    [
        ({"product_relations": [{"product_id": "desk", "relation": "requires", "other_product_id": "chat"}]},
         "it requires Chat, which is not owned"),
        ({"product_relations": [{"product_id": "desk", "relation": "exclusive_with", "other_product_id": "crm"}]},
         "it excludes Crm, which is owned"),
        ({"product_eligibility": [{"product_id": "desk", "attribute": "segment", "value": "large"}]},
         "it is not sold to accounts of this segment"),
    ],
)  # fmt: skip
def test_who_asks_for_what_they_cannot_have_is_answered_with_the_reason(barred, because):
    """Without a request there is no row: it is no white space. With one there is, to be answered and never asked for."""
    accounts = [{"account_id": "acme", "name": "Acme", "segment": "small"}]

    def desk(*requests):
        rows = a_book(*requests, accounts=accounts, **barred).signals(Scope.WHITE_SPACE, AS_OF)
        return [
            (r["requests_to_buy_30d"], r["eligible"], r["barred_because"]) for r in rows if r["product_id"] == "desk"
        ]

    assert desk({"product_id": "desk", "kind": "need"}) == []
    assert desk({"product_id": "desk", "said_on": "2026-03-01"}) == [], "31 days ago"
    assert desk({"product_id": "desk"}) == [(1, False, because)]


def test_who_asks_to_buy_what_is_on_trial_is_answered():
    lines = [{"line_id": p, "valid_from": "2025-01-01", "account_id": "acme", "product_id": p, "quantity": 1, "mrr": 10,
              "rolling": True, "status": status} for p, status in (("crm", "active"), ("desk", "trial"))]  # fmt: skip
    book = a_book({"product_id": "desk"}, subscriptions=lines)
    found = {r["product_id"]: r["barred_because"] for r in book.signals(Scope.WHITE_SPACE, AS_OF)}
    assert found == {"desk": "it is on trial", "chat": None}


@pytest.mark.parametrize(
    ("owned", "more", "sold_by"),
    [
        ("crm", {}, "seats"),
        ("desk", {}, "tier"),
        ("chat", {}, "seats"),  # a plan that the catalogue lacks
        ("crm", {"commitments": [{"commitment_id": "c", "account_id": "acme", "product_id": "crm", "metric": "calls",
                                  "amount": 100, "starts_on": "2026-01-01", "ends_on": "2027-01-01"}]}, "usage"),
        ("crm", {"products": [{"product_id": "crm", "name": "Care", "kind": "support"}]}, "support"),
    ],
)  # fmt: skip
def test_how_more_of_it_is_sold(owned, more, sold_by):
    (row,) = a_book({"product_id": owned}, owned=(owned,), **more).signals(Scope.SUBSCRIPTION, AS_OF)
    assert row["sold_by"] == sold_by
