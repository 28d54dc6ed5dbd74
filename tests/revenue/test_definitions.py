"""One shared book under every published definition: where they differ, by how much, and why."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest
from money_book import YEAR, book, line, read

from upcross.errors import UsageError
from upcross.numbers.report import evidence
from upcross.numbers.rows import Rows
from upcross.revenue.definitions import Evidence, definition, definitions, side_by_side

START = 650
"""a b e f g h bring 100 each at the end of December, c brings 50; d comes in February."""


@cache
def shared() -> Rows:
    """Eight customers, each with one thing on which definitions differ.

    a  +30 seats in March                           100 → 130
    b  −40 seats in June                            100 → 60
    c  leaves in May, is back in August              50 → 0 → 50, on a new contract
    d  new in February with 200, +100 in September    0 → 300
    e  +10 by price in July                         100 → 110
    f  in April −10 seats and a new product for 40  100 → 130, on two contracts; the first was up for renewal in July
    g  a new contract replaces the old in July      100 → 100
    h  +20 seats at its renewal in October          100 → 120
    """
    old = "2025-01-01"
    lines = [
        *grows("a", 100, "2026-03-10", 130),
        *grows("b", 100, "2026-06-10", 60),
        line("c1", "c", old, 50, "2026-05-10", contract_id="C1", quantity=5, cancelled_on="2026-04-01"),
        line("c2", "c", "2026-08-10", 50, contract_id="C2", quantity=5),
        *grows("d", 200, "2026-09-10", 300, began="2026-02-10"),
        line("e", "e", old, 100, contract_id="E", quantity=10),
        line("e", "e", "2026-07-10", 110, contract_id="E", quantity=10),
        *grows("f", 100, "2026-04-10", 90, term_ends_on="2026-07-01"),
        line("f2", "f", "2026-04-10", 40, contract_id="F2", product_id="ana"),
        line("g1", "g", old, 100, "2026-07-01", contract_id="G1", quantity=10, cancelled_on="2026-05-01"),
        line("g2", "g", "2026-07-01", 100, contract_id="G2", quantity=10, replaces_line_id="g1"),
        *grows("h", 100, "2026-10-01", 120, term_ends_on="2026-10-01"),
    ]
    return read(book(lines), YEAR)


def grows(account: str, before: int, when: str, after: int, began: str = "2025-01-01", **more: object) -> list[dict]:  # type: ignore[type-arg]
    """One line at 10 a seat whose number of seats changes on a day."""
    shared = {"contract_id": account.upper(), **more}
    return [line(account, account, began, before, quantity=before // 10, **shared),
            line(account, account, when, after, quantity=after // 10, **shared)]  # fmt: skip


NET = {
    "reference": 130 + 60 + 50 + 110 + 130 + 100 + 120,  # the cohort's own end
    "smsb": START + 30 - 40 - 50 + 10 + 30 + 20,  # c stays lost
    "chartmogul": START + 30 - 40 - 50 + 10 + 30 + 20 + 50 + 100,  # c is back, d grew
    "totango": START + 30 - 40 - 50 + 30 + 20,  # nor is a price rise an upgrade
    "planhat": START + 30 - 40 - 50 + 10 + 30 + 20 + 100,  # d grew
    "hubspot": START + 30 - 40 - 50 + 10 + 30 + 20 + 50 + 100,
    "chargebee": 130 + 60 + 0 + 110 + 90 + 0 + 120,  # c's, g's and f's second contracts are new
    "baremetrics": START + 30 - 40 - 50 + 10 + 30 + 20 + 100,
}
GROSS = {
    "reference": 100 + 60 + 50 + 100 + 100 + 100 + 100,
    "smsb": START - 40 - 50,
    "chartmogul": START - 40 - 50 - 10,  # f's loss is not netted with its new product
    "totango": START - 40 - 50,
    "planhat": START - 40 - 50,
    "hubspot": START - 40 - 50,
    "chargebee": 100 + 60 + 0 + 100 + 90 + 0 + 100,
    "baremetrics": START - 40 - 50,
}


@pytest.mark.parametrize("name", NET)
def test_the_same_book_counted_differently(name: str) -> None:
    outcome = {o.definition.id: o for o in side_by_side(evidence(shared()))}[name]
    assert outcome.net.exact == Fraction(NET[name], START)
    assert outcome.gross.exact == Fraction(GROSS[name], START)


def test_definitions_by_renewal_see_only_what_came_up() -> None:
    """Due were f's CRM (100 → 90) and h (100 → 120): 210 / 200, gross 190 / 200; by account f brings 130."""
    found = {o.definition.id: o for o in side_by_side(evidence(shared()))}
    assert found["gainsight-renewals"].net.exact == Fraction(90 + 120, 200)
    assert found["gainsight-renewals"].gross.exact == Fraction(90 + 100, 200)
    assert found["gainsight-opportunities"].net.exact == Fraction(130 + 120, 200)
    assert found["gainsight-opportunities"].gross.exact == Fraction(100 + 100, 200)


def test_every_rate_drills_to_accounts_whose_sum_it_is() -> None:
    for outcome in side_by_side(evidence(shared())):
        assert sum(part.denominator for part in outcome.net.parts) == outcome.net.denominator
        assert len({part.account_id for part in outcome.net.parts}) == len(outcome.net.parts)


def test_a_book_without_terms_has_a_reason() -> None:
    rows = read(book([line("a", "a", "2025-01-01", 100)]))
    found = {o.definition.id: o for o in side_by_side(evidence(rows))}
    assert found["gainsight-renewals"].net.reason == "no line has the day on which its term ends"
    empty = Evidence(YEAR, (), (), due=frozenset())
    assert side_by_side(empty)[0].net.reason.startswith("empty cohort")


def test_every_definition_has_a_published_source() -> None:
    assert next(iter(definitions())) == "reference"
    assert len(definitions()) == 10
    for rule in definitions().values():
        assert rule.source.name
        assert rule.source.url.startswith("https://") or rule.id == "reference"
        assert len(" ".join(rule.counts.split())) > 40


def test_an_unknown_definition_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'chartmogul'"):
        definition("chartmogull")
