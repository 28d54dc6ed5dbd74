"""Whom we know, how well, which part they play for a product, and who left."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wide_book import AS_OF, account, cell, contact, owns, statement, wide_book

from small_book import SmallBook
from upcross.signals.model import Scope


def activity(number: int, on: str, by: str | None = "k1", **more: Any) -> dict[str, Any]:
    return {"activity_id": f"a{number}", "account_id": "acme", "contact_id": by, "kind": "call",
            "direction": "outbound", "happened_on": on, **more}  # fmt: skip


def strength(book: SmallBook) -> dict[str, Any]:
    sql = book.frame(AS_OF).model_statement("contact_strength")
    return {row["contact_id"]: row for row in book.connect().sql(sql).to_arrow_table().to_pylist()}


def test_strength_is_the_sum_of_four_published_parts() -> None:
    """k1, a vice president: last call 16 September (14 days: 30), 3 contacts (15), 1 of 3 inbound (25), 12: 82.

    k2, whose rank nobody recorded: 15 September (15 days: 25), 1 contact (5), none inbound (0), 0: 30.
    k3 is a director whom nobody spoke to: 0, whatever the rank.
    """
    people = [contact(1, seniority="vp"), contact(2), contact(3, seniority="director")]
    calls = [
        activity(1, "2026-09-16"),
        activity(2, "2026-07-10", direction="inbound"),
        activity(3, "2026-08-10"),
        activity(4, "2026-07-02", direction="inbound"),  # 90 days ago: outside
        activity(5, "2026-09-15", "k2"),
        activity(6, "2026-09-20", "k3", kind="note"),
    ]
    book = wide_book(contacts=people, activities=calls)
    assert {name: row["strength"] for name, row in strength(book).items()} == {"k1": 82, "k2": 30, "k3": 0}
    row = account(book)
    assert (row["contacts_engaged_90d"], row["relationship_strength_max_90d"]) == (2, 82)
    assert (row["strongest_contact"], row["executive_engaged_90d"], row["single_threaded"]) == ("k1", True, False)


@settings(max_examples=15, deadline=None)
@given(
    days=st.lists(st.integers(0, 120), max_size=9),
    rank=st.sampled_from([None, "c_level", "individual"]),
    way=st.sampled_from([None, "inbound", "outbound", "both"]),
)
def test_strength_stays_within_0_and_100_and_one_more_call_today_never_weakens_it(
    days: list[int], rank: str | None, way: str | None
) -> None:
    def points(calls: list[dict[str, Any]]) -> int:
        book = wide_book(contacts=[contact(1, seniority=rank)], activities=calls)
        return int(strength(book)["k1"]["strength"])

    calls = [activity(n, str(date.fromordinal(AS_OF.toordinal() - back)), direction=way) for n, back in enumerate(days)]
    before = points(calls)
    after = points([*calls, activity(99, str(AS_OF), direction="both")])
    assert 0 <= before <= after <= 100


def test_activities_that_do_not_cover_the_time_leave_relationships_unknown() -> None:
    people = [contact(1, seniority="vp")]
    book = wide_book(contacts=people, activities=[activity(1, "2026-09-16")])
    book.spans["activities"] = (date(2026, 9, 1), AS_OF)
    row = account(book)
    assert row["relationship_strength_max_90d"] is row["single_threaded"] is None
    assert (row["contacts_engaged_90d"], row["executive_engaged_90d"]) == (1, True)  # what is seen stands
    assert account(wide_book(contacts=people))["contacts_engaged_90d"] is None


def test_who_left_or_asked_for_peace_is_not_the_strongest_contact() -> None:
    people = [
        contact(1, left_on="2026-09-01"),
        contact(2, do_not_contact=True, name="Bo"),
        contact(3, name="Cy", title="CFO"),
    ]
    calls = [activity(n, "2026-09-20", f"k{n}", direction="inbound") for n in (1, 2)] + [
        activity(3, "2026-08-01", "k3")
    ]
    row = account(wide_book(contacts=people, activities=calls))
    assert (row["strongest_contact"], row["contacts_engaged_90d"]) == ("Cy, CFO", 2)


@pytest.mark.parametrize(
    ("by", "engaged", "single"),
    [(["k1"], 1, True), (["k1", "k2"], 2, False), ([], 0, False), ([None], None, None), (["k1", None], 1, None)],
)
def test_one_thread_or_more(by: list[str | None], engaged: int | None, single: bool | None) -> None:
    """A call that names nobody may have been with anybody."""
    calls = [activity(n, "2026-09-20", who) for n, who in enumerate(by)] + [activity(9, "2026-01-01")]
    row = account(wide_book(contacts=[contact(1), contact(2)], activities=calls))
    assert (row["contacts_engaged_90d"], row["single_threaded"]) == (engaged, single)


def role(number: int, part: str, product: str = "desk", **more: Any) -> dict[str, Any]:
    return {"contact_id": f"k{number}", "product_id": product, "role": part, "confirmed_on": "2026-08-01", **more}


def test_the_buyer_of_the_second_product_is_not_todays_champion() -> None:
    people = [contact(1, name="Ana"), contact(2, name="Bo", title="COO")]
    book = wide_book(contacts=people, contact_roles=[role(1, "champion", "crm")])
    row = cell(book)
    assert (row["buyer_known"], row["buyer"], row["roles_covered"]) == (False, None, 0)
    assert row["roles_missing"] == "champion, economic buyer, technical lead, user lead"
    book.rows["contact_roles"] += [role(2, "decision_maker"), role(1, "technical_lead")]
    row = cell(book)
    assert (row["buyer_known"], row["buyer"], row["roles_covered"]) == (True, "Bo, COO", 2)
    assert row["roles_missing"] == "champion, user lead"
    assert cell(book, "vault")["buyer_known"] is False


def test_all_parts_played_and_the_order_of_those_missing() -> None:
    parts = ("champion", "economic_buyer", "technical_lead", "user_lead")
    words = [part.replace("_", " ") for part in parts]
    for missing in range(1, 16):
        played = [role(1, part) for n, part in enumerate(parts) if not missing >> n & 1] or [role(1, "champion", "crm")]
        row = cell(wide_book(contacts=[contact(1)], contact_roles=played))
        assert row["roles_missing"] == ", ".join(word for n, word in enumerate(words) if missing >> n & 1)
    row = cell(wide_book(contacts=[contact(1)], contact_roles=[role(1, part) for part in parts]))
    assert (row["roles_missing"], row["roles_covered"]) == ("none", 4)


@pytest.mark.parametrize(
    ("person", "part", "known", "stale"),
    [
        ({}, {"confirmed_on": "2026-04-03"}, True, 0),  # 180 days ago
        ({}, {"confirmed_on": "2026-04-02"}, False, 1),
        ({}, {"confirmed_on": None}, True, 0),
        ({"left_on": "2026-09-01"}, {}, False, 0),
        ({"left_on": "2026-10-01"}, {}, True, 0),  # not known yet
    ],
)
def test_a_part_lapses_with_time_and_with_the_person(
    person: dict[str, Any], part: dict[str, Any], known: bool, stale: int
) -> None:
    row = cell(wide_book(contacts=[contact(1, **person)], contact_roles=[role(1, "economic_buyer", **part)]))
    assert (row["buyer_known"], row["roles_stale"]) == (known, stale)


def test_parts_in_a_deal_count_for_its_products_and_nothing_recorded_is_unknown() -> None:
    part = {"contact_id": "k1", "crm_opportunity_id": "x", "role": "economic_buyer"}
    book = wide_book(contacts=[contact(1)], contact_roles=[part],
                     crm_opportunity_lines=[{"crm_opportunity_id": "x", "line_id": "1", "product_id": "desk"}])  # fmt: skip
    assert (cell(book)["buyer_known"], cell(book, "vault")["buyer_known"]) == (True, False)
    assert cell(wide_book(contacts=[contact(1)]))["buyer_known"] is None


def test_who_asked_not_to_be_contacted_is_known_and_never_proposed() -> None:
    book = wide_book(contacts=[contact(1, do_not_contact=True)], contact_roles=[role(1, "economic_buyer")])
    assert (cell(book)["buyer_known"], cell(book)["buyer"]) == (True, None)


def test_a_sponsor_who_left() -> None:
    """Within 90 days: since 3 July. A user lead who leaves is no sponsor."""
    people = [
        contact(1, name="Ana", left_on="2026-07-03"),
        contact(2, left_on="2026-07-02"),
        contact(3),
        contact(4, left_on="2026-09-01"),
    ]
    parts = [
        role(1, "champion", "crm"),
        role(2, "champion", ""),
        role(3, "executive_sponsor", ""),
        role(4, "user_lead", "crm"),
    ]
    (row,) = wide_book(contacts=people, contact_roles=parts).signals(Scope.SUBSCRIPTION, AS_OF)
    assert (row["sponsors_known"], row["sponsors_left_90d"], row["sponsor_left"]) == (1, 1, "Ana")
    (row,) = wide_book(contacts=people).signals(Scope.SUBSCRIPTION, AS_OF)
    assert row["sponsors_left_90d"] is None


def test_a_result_of_the_very_person_who_speaks() -> None:
    """k1 had a result with the CRM and states the need; k2's result is somebody else's; Vault is not owned."""
    results = [
        {"outcome_id": f"o{n}", "account_id": "acme", "product_id": product, "measured_on": "2026-05-01", "kind": "measured",
         "sentence": "saved a day", "contact_id": by}
        for n, (product, by) in enumerate((("crm", "k1"), ("crm", "k2"), ("vault", "k1")))
    ]  # fmt: skip
    said = [statement(1, "2026-09-01", contact_id="k1"), statement(2, "2026-09-02", contact_id="k1")]
    book = wide_book(contacts=[contact(1), contact(2)], outcomes=results, statements=said)
    assert (cell(book)["speaker_outcomes_365d"], cell(book, "vault")["speaker_outcomes_365d"]) == (1, 0)


@pytest.mark.parametrize(
    ("others", "there", "refused"),
    [
        ([], 0, True),  # k1 said it and asked for peace
        ([contact(2, business_unit="s")], 0, True),  # South's people are not West's
        ([contact(2)], 1, True),  # of no unit: may be asked about all
        ([contact(2, business_unit="w")], 1, True),
        ([contact(2, business_unit="w", left_on="2026-09-01")], 0, True),
        ([contact(3, business_unit="s")], 0, False),  # k3 of South said it as well
    ],
)
def test_who_may_be_contacted_about_a_need_of_a_unit(others: list[dict[str, Any]], there: int, refused: bool) -> None:
    book = units_book()
    book.rows["contacts"] = [contact(1, business_unit="w", do_not_contact=True), *others]
    book.rows["statements"] = [
        statement(1, "2026-09-10", contact_id="k1", business_unit="w"),
        statement(2, "2026-09-01", contact_id="k3"),
    ]
    row = cell(book, "desk", "w")
    assert (row["unit_contacts_contactable"], row["voice_refused"]) == (there, refused)


def test_who_is_not_on_record_has_not_refused() -> None:
    row = cell(wide_book(statements=[statement(1, "2026-09-10", person="Ana")]))
    assert (row["unit_contacts_contactable"], row["voice_refused"]) == (None, False)


@pytest.mark.parametrize(
    ("left", "others", "gone"),
    [
        ("2026-07-03", [], True),  # 89 days ago
        ("2026-07-02", [], False),  # 90 days ago: no longer news
        ("2026-10-01", [], False),  # leaves tomorrow
        ("2026-09-01", [("economic_buyer", "crm", {})], False),
        ("2026-09-01", [("decision_maker", "desk", {})], False),  # the buyer of the second product is named
        ("2026-09-01", [("economic_buyer", "vault", {})], True),  # of a third one
        ("2026-09-01", [("user_lead", "crm", {})], True),  # no part that buys or stands for it
        ("2026-09-01", [("champion", "crm", {"confirmed_on": "2026-01-01"})], True),  # not confirmed since January
    ],
)
def test_a_sponsor_who_leaves_is_missed_until_somebody_follows(left: str, others: list[Any], gone: bool) -> None:
    book = wide_book(
        contacts=[contact(1, name="Ana", title="COO", left_on=left), contact(2, name="Bo")],
        contact_roles=[role(1, "champion", "crm"), *[role(2, part, product, **more) for part, product, more in others]],
    )
    row = cell(book)
    assert row["sponsor_gone"] is gone
    if gone:
        assert row["sponsor_gone_who"] == "Ana, COO"
    assert cell(wide_book())["sponsor_gone"] is False, "nobody is on record, so nobody is missed"


def units_book() -> SmallBook:
    book = wide_book()
    book.rows["business_units"] = [
        {"account_id": "acme", "business_unit": "n", "name": "North"},
        {"account_id": "acme", "business_unit": "s", "name": "South"},
        {"account_id": "acme", "business_unit": "w", "name": "West"},
    ]
    book.rows["accounts"].append({"account_id": "kid", "name": "Kid", "segment": "mid", "parent_account_id": "acme"})
    book.rows["subscriptions"] = [
        owns("acme", "crm", "n"),
        owns("acme", "crm", "s", mrr=2000),
        owns("acme", "desk", "n", status="trial"),
        owns("kid", "vault"),
    ]
    return book


def test_words_about_the_whole_account_are_told_from_words_about_a_unit() -> None:
    """Support is a pain of all of Acme, and of West by name; North and South share one ask, West has its own."""
    book = units_book()
    book.rows["statements"] = [
        statement(1, "2026-09-10"),
        statement(2, "2026-09-12", business_unit="w"),
        statement(3, "2026-09-12", kind="buying_request", domain=None, product_id="vault", business_unit="n"),
    ]
    told = {unit: cell(book, "desk", unit)["about_whole_account"] for unit in ("s", "w")}
    assert told == {"s": True, "w": False}
    assert cell(book, "vault", "n")["about_whole_account"] is False
    assert cell(wide_book(statements=[statement(1, "2026-09-10")]))["about_whole_account"] is False, "no units"


@pytest.mark.parametrize(("units", "shared"), [(("", ""), True), (("", "n"), False)])
def test_a_request_for_more_is_shared_where_no_unit_made_it(units: tuple[str, str], shared: bool) -> None:
    book = units_book()
    book.rows["statements"] = [
        statement(n, "2026-09-20", kind="buying_request", domain=None, product_id="crm", business_unit=unit)
        for n, unit in enumerate(units)
    ]
    rows = {r["business_unit"]: r for r in book.signals(Scope.SUBSCRIPTION, AS_OF) if r["product_id"] == "crm"}
    assert rows["n"]["more_asked_for_whole_account"] is shared
    assert rows["s"]["more_asked_for_whole_account"] is True


def test_a_second_unit_buys_the_same_product() -> None:
    """West lacks the CRM that North and South own; a trial in North is not owning; a sister company owns Vault."""
    book = units_book()
    row = cell(book, "crm", "w")
    assert (row["owned_elsewhere"], row["units_owning"], row["unit_owning"]) == (True, 2, "South")
    assert row["companies_owning"] == 0
    row = cell(book, "desk", "w")
    assert (row["owned_elsewhere"], row["units_owning"]) == (False, 0)
    row = cell(book, "vault", "w")
    assert (row["owned_elsewhere"], row["companies_owning"]) == (False, 1)
    row = cell(book, "crm", account="kid")
    assert (row["owned_elsewhere"], row["companies_owning"]) == (False, 1)


def test_products_that_exclude_each_other_are_alternatives() -> None:
    book = wide_book(
        product_relations=[{"product_id": "vault", "relation": "exclusive_with", "other_product_id": "desk"}]
    )
    for product, other in (("desk", "Vault"), ("vault", "Desk")):
        row = cell(book, product)
        assert (row["exclusive_alternatives"], row["exclusive_with"]) == (1, other)
    assert cell(wide_book())["exclusive_alternatives"] == 0


@pytest.mark.parametrize(
    ("values", "attributes", "eligible"),
    [
        ({}, ["industry=Retail"], True),
        ({"industry": None}, ["industry=retail"], None),
        ({"industry": None}, [], True),
        ({"industry": None}, ["industry=retail", "segment=mid"], None),
        ({}, ["industry=banking", "industry=retail"], True),
        ({"industry": None}, ["industry=retail", "segment=large"], "not eligible"),
        ({}, ["industry=banking"], "not eligible"),
    ],
)
def test_an_empty_industry_is_unknown_and_not_ineligible(
    values: dict[str, Any], attributes: list[str], eligible: bool | str | None
) -> None:
    rules = [
        {"product_id": "vault", "attribute": rule.split("=")[0], "value": rule.split("=")[1]} for rule in attributes
    ]
    book = wide_book(product_eligibility=rules)
    book.rows["accounts"][0].update(values)
    rows = {row["product_id"]: row for row in book.signals(Scope.WHITE_SPACE, AS_OF)}
    if eligible == "not eligible":
        assert "vault" not in rows
    else:
        assert rows["vault"]["eligible"] is eligible
        assert rows["vault"]["eligibility_lacks"] == (None if eligible else "industry")


def test_the_successor_of_what_is_owned_is_a_change_of_plan() -> None:
    book = wide_book()
    book.rows["products"][0].update(successor_product_id="desk", retired_on="2026-01-01")
    assert [row["product_id"] for row in book.signals(Scope.WHITE_SPACE, AS_OF)] == ["vault"]
    sql = book.frame(AS_OF).model_statement("ineligible")
    assert "it replaces CRM, which is owned" in str(book.connect().sql(sql).fetchall())
