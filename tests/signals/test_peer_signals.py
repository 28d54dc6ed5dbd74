"""Peers: who counts, how many own it, how much more often; and support load against theirs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from wide_book import AS_OF, account, cell, owns, seats, wide_book

from small_book import SmallBook


def peers_book(kinds: list[tuple[str | None, str | None, str]], **more: Any) -> SmallBook:
    """Acme, and other customers given as (segment, industry, products owned)."""
    book = wide_book(**more)
    for number, (segment, industry, products) in enumerate(kinds):
        name = f"p{number}"
        book.rows["accounts"].append({"account_id": name, "name": name, "segment": segment, "industry": industry})
        book.rows["subscriptions"] += [owns(name, product) for product in products.split()]
    return book


def test_share_and_lift_with_the_counts_behind_them() -> None:
    """Of 4 other owners of the CRM 3 own Desk: 75%. Of 8 other customers 4 own Desk: 50%. Lift 75 ÷ 50 = 150%."""
    book = peers_book([("mid", "retail", "crm desk")] * 3 + [("mid", "steel", "crm"), ("mid", "steel", "vault desk")]
                      + [("mid", "steel", "vault")] * 3 + [("large", "retail", "crm desk")])  # fmt: skip
    row = cell(book)
    assert (row["peers"], row["peer_owners"], row["peers_owning"], row["peers_lift"]) == (4, 3, 0.75, 1.5)
    assert (row["peers_few"], row["peers_basis"]) == (True, "segment")


@pytest.mark.parametrize(("alike", "peers", "basis"), [(9, 14, "segment"), (10, 10, "segment_and_industry")])
def test_the_industry_counts_from_ten_peers_on(alike: int, peers: int, basis: str) -> None:
    book = peers_book([("mid", "retail", "crm")] * alike + [("mid", "steel", "crm desk")] * 5)
    row = cell(book)
    assert (row["peers"], row["peers_basis"]) == (peers, basis)
    assert row["peers_owning"] == (pytest.approx(5 / 14) if basis == "segment" else 0)
    assert row["peers_lift"] == (pytest.approx(1.0) if basis == "segment" else None)  # all of them own the anchor


def test_twenty_peers_are_not_few() -> None:
    assert cell(peers_book([("mid", None, "crm")] * 19))["peers_few"] is True
    assert cell(peers_book([("mid", None, "crm")] * 20))["peers_few"] is False


def test_without_a_segment_size_tells_who_is_alike() -> None:
    book = peers_book([(None, None, "crm desk"), (None, None, "crm")])
    for row, employees in zip(book.rows["accounts"], (200, 100, 300), strict=True):
        row.update(segment=None, employees=employees)
    assert (cell(book)["peers"], cell(book)["peer_owners"]) == (1, 1)


def test_an_account_is_not_its_own_peer() -> None:
    """North owns CRM and Desk, South lacks Desk: the account itself is no example for South."""
    book = peers_book([("mid", "retail", "crm")])
    book.rows["business_units"] = [{"account_id": "acme", "business_unit": unit} for unit in ("n", "s")]
    book.rows["subscriptions"] = [
        owns("p0"),
        owns("acme", "crm", "n"),
        owns("acme", "desk", "n"),
        owns("acme", "crm", "s"),
    ]
    row = cell(book, "desk", "s")
    assert (row["peers"], row["peer_owners"], row["peers_owning"], row["peers_lift"]) == (1, 0, 0.0, None)


def loads_book(tickets: list[tuple[str, int]], people: dict[str, int]) -> SmallBook:
    """Tickets of September by account, and people active by account."""
    book = peers_book([("mid", None, "crm")] * (len(people) - 1))
    book.rows["seats"] = [seats(name, count) for name, count in people.items()]
    book.rows["tickets"] = [
        {"ticket_id": f"{name}-{n}", "account_id": name, "opened_on": "2026-09-01"}
        for name, count in tickets for n in range(count)
    ]  # fmt: skip
    return book


def test_tickets_for_each_100_people_against_the_middle_of_peers() -> None:
    """9 of 60 people: 15 per 100. Peers: 0, 2, 4, 10 per 100; the middle of 0, 2, 4, 10 and 15 is 4."""
    people = {"acme": 60, "p0": 100, "p1": 100, "p2": 50, "p3": 100}
    row = account(loads_book([("acme", 9), ("p1", 2), ("p2", 2), ("p3", 10)], people))
    assert row["tickets_per_100_people_90d"] == 15
    assert (row["tickets_of_peers_90d"], row["support_peers"]) == (4, 5)


def test_of_two_in_the_middle_halfway_and_below_five_unknown() -> None:
    """0, 0, 3, 4, 8 and 15: halfway between 3 and 4 is 3.5; a third of a ticket is cut off at four places."""
    people = {"acme": 60, "p0": 100, "p1": 100, "p2": 100, "p3": 100, "p4": 100}
    tickets = [("acme", 9), ("p2", 3), ("p3", 4), ("p4", 8)]
    assert account(loads_book(tickets, people))["tickets_of_peers_90d"] == Decimal("3.5")
    assert account(loads_book([("acme", 1)], {"acme": 300}))["tickets_per_100_people_90d"] == Decimal("0.3333")
    del people["p3"], people["p4"]
    row = account(loads_book([("acme", 9)], people))
    assert (row["tickets_per_100_people_90d"], row["tickets_of_peers_90d"], row["support_peers"]) == (15, None, 4)


def test_support_load_without_people_or_with_tickets_of_too_short_a_time() -> None:
    book = loads_book([("acme", 9)], {"acme": 60})
    book.spans["tickets"] = (date(2026, 8, 1), AS_OF)
    assert account(book)["tickets_per_100_people_90d"] is None
    assert account(loads_book([("acme", 9)], {"acme": 0}))["tickets_per_100_people_90d"] is None


def test_people_of_two_products_do_not_count_twice() -> None:
    """40 on the CRM and 60 on Desk are at least 60 people: 6 tickets are 10 per 100."""
    book = loads_book([("acme", 6)], {"acme": 40})
    book.rows["subscriptions"].append(owns("acme", "desk"))
    book.rows["seats"].append(seats("acme", 60, "desk"))
    assert account(book)["tickets_per_100_people_90d"] == 10
