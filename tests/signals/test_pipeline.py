"""What people have in the pipeline already, renewals at risk, notices, and whom we may contact."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from small_book import SmallBook
from upcross.signals.model import Scope

AS_OF = date(2026, 3, 31)
OPEN = {"account_id": "acme", "kind": "expansion", "created_on": "2026-02-01", "name": "Growth", "owner": "ann"}


def a_book(*deals: dict[str, Any], **more: list[dict[str, Any]]) -> SmallBook:
    """Acme owns CRM and lacks Desk and Chat, which exclude each other; ``line`` of a deal is a product or two."""
    lines = [
        {"crm_opportunity_id": f"d{number}", "line_id": product, "product_id": product}
        for number, deal in enumerate(deals)
        for product in deal.get("lines", ())
    ]
    return SmallBook(
        {
            "accounts": [{"account_id": "acme", "name": "Acme"}],
            "team": [{"person_id": "ann", "name": "Ann Roth", "role": "account_manager"}],
            "products": [{"product_id": p, "name": p.title(), "kind": "product"} for p in ("crm", "desk", "chat")],
            "product_relations": [{"product_id": "desk", "relation": "exclusive_with", "other_product_id": "chat"}],
            "subscriptions": [
                {"line_id": "l", "valid_from": "2025-01-01", "account_id": "acme", "product_id": "crm", "quantity": 10,
                 "mrr": 100, "rolling": True},
            ],
            "crm_opportunities": [
                {**OPEN, "crm_opportunity_id": f"d{number}", **{k: v for k, v in deal.items() if k != "lines"}}
                for number, deal in enumerate(deals)
            ],
            "crm_opportunity_lines": lines,
            **more,
        }
    )  # fmt: skip


def owned(book: SmallBook) -> dict[str, Any]:
    (row,) = book.signals(Scope.SUBSCRIPTION, AS_OF)
    return row


def lacking(book: SmallBook, product: str = "desk") -> dict[str, Any]:
    return next(row for row in book.signals(Scope.WHITE_SPACE, AS_OF) if row["product_id"] == product)


def account(book: SmallBook) -> dict[str, Any]:
    (row,) = book.signals(Scope.ACCOUNT, AS_OF)
    return row


@pytest.mark.parametrize(
    ("deal", "for_more", "for_it"),
    [
        (None, 0, 0),
        ({"lines": ["crm"]}, 1, 0),
        ({"lines": ["desk"]}, 0, 1),
        ({"lines": ["crm", "desk"]}, 1, 1),
        # a mechanism says which of the two a product is for
        ({"lines": ["crm"], "mechanism": "seats"}, 1, 0),
        ({"lines": ["crm"], "mechanism": "product"}, 0, 0),
        # no product: it may be for it, which is neither none nor one
        ({}, None, None),
        ({"mechanism": "seats"}, None, 0),
        ({"mechanism": "module"}, 0, None),
        ({"kind": "new_business"}, 0, None),
        ({"kind": None}, None, None),
        # a renewal sells nothing more, unless it says so
        ({"kind": "renewal", "lines": ["crm"]}, 0, 0),
        ({"kind": "renewal", "lines": ["crm"], "mechanism": "seats"}, 1, 0),
        # ours never stands in its own way; what has closed stands in nobody's
        ({"lines": ["crm"], "upcross_key": "our-own"}, 0, 0),
        ({"lines": ["crm"], "closed_on": "2026-03-31", "result": "lost"}, 0, 0),
        ({"lines": ["crm"], "closed_on": "2026-04-01", "result": "won"}, 1, 0),
    ],
)
def test_what_is_in_the_pipeline_already(deal, for_more, for_it):
    book = a_book(*([] if deal is None else [deal]))
    assert (owned(book)["deals_open_for_more"], lacking(book)["deals_open_for_it"]) == (for_more, for_it)


def test_a_deal_is_told_with_its_owner_and_since_when():
    book = a_book({"lines": ["crm"]}, {"lines": ["crm"], "created_on": "2026-01-05", "name": "Older", "owner": "x"})
    assert owned(book)["open_deal_for_more"] == "Older (x, since 2026-01-05)"
    assert owned(book)["deals_open_for_more"] == 2
    assert lacking(a_book({}))["open_deal_for_it"] == "Growth (Ann Roth, since 2026-02-01)", (
        "the one that may be for it"
    )


def test_without_a_pipeline_nothing_is_known_of_it():
    book = a_book()
    del book.rows["crm_opportunities"]
    assert owned(book)["deals_open_for_more"] is None
    assert lacking(book)["deals_open_for_it"] is None
    assert account(book)["renewals_at_risk"] is None


def test_a_deal_for_a_product_that_excludes_it():
    book = a_book({"lines": ["chat"]})
    assert (lacking(book, "desk")["exclusive_deals_open"], lacking(book, "chat")["exclusive_deals_open"]) == (1, 0)
    assert lacking(book, "desk")["exclusive_deal"] == "Growth (Ann Roth, since 2026-02-01)"


def test_a_product_that_excludes_nothing_needs_no_pipeline_to_know_it():
    book = a_book(product_relations=[])
    del book.rows["crm_opportunities"]
    assert lacking(book)["exclusive_deals_open"] == 0
    del (related := a_book()).rows["crm_opportunities"]
    assert lacking(related)["exclusive_deals_open"] is None


@pytest.mark.parametrize(
    ("deal", "at_risk"),
    [
        ({"kind": "renewal", "stage": "Negotiation"}, 0),
        ({"kind": "renewal", "stage": "At Risk"}, 1),
        ({"kind": "renewal", "forecast_category": "Omitted"}, 1),
        ({"kind": "renewal", "stage": "Churn expected"}, 1),
        # what the deal says outweighs its words
        ({"kind": "renewal", "stage": "Risk review passed", "at_risk": False}, 0),
        ({"kind": "renewal", "stage": "Negotiation", "at_risk": True}, 1),
        ({"kind": "expansion", "stage": "At risk"}, 0),
        # lost 180 days ago is long enough; 31 March less 179 days is 3 October
        ({"kind": "renewal", "result": "lost", "closed_on": "2025-10-03"}, 1),
        ({"kind": "renewal", "result": "lost", "closed_on": "2025-10-02"}, 0),
        ({"kind": "renewal", "result": "won", "closed_on": "2026-03-01", "stage": "At risk"}, 0),
        # not at risk yet on the day
        ({"kind": "renewal", "stage": "At risk", "stage_changed_on": "2026-04-02"}, 0),
    ],
)
def test_renewals_at_risk(deal, at_risk):
    assert account(a_book({"created_on": "2025-06-01", **deal}))["renewals_at_risk"] == at_risk


def test_notices_are_counted_by_product():
    lines = [
        {"line_id": f"l{n}", "valid_from": "2025-01-01", "account_id": "acme", "product_id": product, "quantity": 1,
         "mrr": 10, "notice_on": notice}
        for n, (product, notice) in enumerate([("crm", "2026-03-01"), ("crm", None), ("desk", None)])
    ]  # fmt: skip
    assert account(a_book(subscriptions=lines))["notices_given"] == 1


@pytest.mark.parametrize(
    ("people", "known", "contactable"),
    [
        ([{}, {"do_not_contact": True}], 2, 1),
        ([{"do_not_contact": True}], 1, 0),
        ([{"do_not_contact": True}, {"left_on": "2026-03-31"}], 1, 0),
        ([], None, None),  # no contacts at all: the table was not loaded
    ],
)
def test_whom_we_may_contact(people, known, contactable):
    contacts = [{"contact_id": f"k{n}", "account_id": "acme", **person} for n, person in enumerate(people)]
    row = account(a_book(contacts=contacts))
    assert (row["contacts_on_record"], row["contacts_contactable"]) == (known, contactable)


def test_an_account_without_contacts_is_known_to_have_none():
    elsewhere = [{"contact_id": "k", "account_id": "beta"}]
    book = a_book(contacts=elsewhere, accounts=[{"account_id": a, "name": a} for a in ("acme", "beta")])
    acme = next(row for row in book.signals(Scope.ACCOUNT, AS_OF) if row["account_id"] == "acme")
    assert (acme["contacts_on_record"], acme["contacts_contactable"]) == (0, 0)


@pytest.mark.parametrize(
    ("rollouts", "running"),
    [
        ([], 0),
        ([{"live_on": None}], 1),
        ([{"live_on": "2026-01-01"}], 0),
        # a second site while the first is live holds nothing back
        ([{"live_on": "2026-01-01"}, {"live_on": None, "business_unit": "us"}], 0),
        ([{"live_on": "2026-04-01"}], 1),
    ],
)
def test_roll_outs_of_which_none_is_live(rollouts, running):
    begun = {"account_id": "acme", "product_id": "crm", "started_on": "2025-12-01"}
    book = a_book(implementations=[{**begun, **rollout} for rollout in rollouts])
    assert owned(book)["rollouts_not_live"] == running
