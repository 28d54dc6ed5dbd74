"""What the customer said, wants, asks for and changes, matched to the product that would answer it."""

from __future__ import annotations

from datetime import date

import pytest
from wide_book import AS_OF, account, cell, contact, owns, statement, wide_book

from small_book import SmallBook, month
from upcross.signals.model import Scope


def test_needs_by_window_explicitness_and_people() -> None:
    """As of 30 September: 30 days reach back to 1 September, 90 days to 3 July; k1 spoke twice, k2 once, one implied."""
    book = wide_book(
        statements=[
            statement(1, "2026-09-01", contact_id="k1"),
            statement(2, "2026-08-31", contact_id="k1", explicit=False),
            statement(3, "2026-07-03", contact_id="k2", kind="need"),
            statement(4, "2026-07-02", contact_id="k3"),
        ]
    )
    row = cell(book)
    assert (row["stated_needs_30d"], row["stated_needs_90d"]) == (1, 3)
    assert (row["explicit_needs_90d"], row["stated_need_people_90d"]) == (2, 2)
    assert row["days_since_need"] == 29
    assert cell(book, "vault")["stated_needs_90d"] == 0


def test_a_question_is_no_stated_need_and_praise_is_neither() -> None:
    book = wide_book(
        statements=[
            statement(1, "2026-09-10", "Can you route e-mails?", kind="question", person="Ana"),
            statement(2, "2026-09-12", "And chats?", kind="question", person="Ana"),
            statement(3, "2026-09-13", "Your support is great", kind="praise"),
        ]
    )
    row = cell(book)
    assert (row["stated_needs_90d"], row["questions_90d"], row["question_people_90d"]) == (0, 2, 1)
    assert (row["latest_need"], row["latest_need_by"]) == ("And chats?", "Ana")


@pytest.mark.parametrize(
    ("named", "matches"),
    [
        ({}, True),
        ({"product_id": "desk", "domain": None}, True),
        ({"product_id": "vault", "domain": None}, False),
        ({"product_id": "crm"}, True),  # said about the CRM, which does not serve that domain
        ({"product_id": "crm", "domain": "sales"}, False),
        ({"domain": "CUSTOMER SUPPORT"}, True),
        ({"domain": "plumbing"}, False),
        ({"business_unit": "emea"}, True),  # the account has no units: what any of them says counts
    ],
)
def test_which_product_a_statement_speaks_for(named: dict[str, object], matches: bool) -> None:
    row = cell(wide_book(statements=[statement(1, "2026-09-10", **named)]))
    assert row["stated_needs_90d"] == (1 if matches else 0)


def test_statements_that_are_not_there_are_unknown() -> None:
    row = cell(wide_book())
    assert row["stated_needs_90d"] is row["questions_90d"] is row["latest_need"] is None


def test_who_spoke_may_have_left_or_not_want_to_be_contacted() -> None:
    people = [
        contact(1, name="Ana Ruiz", title="Head of care"),
        contact(2, name="Bo", do_not_contact=True),
        contact(3, name="Cy", left_on="2026-09-20"),
        contact(4, name="Di", left_on="2026-10-20"),
    ]

    def spoken(by: str) -> tuple[str, bool | None, str]:
        row = cell(wide_book(contacts=people, statements=[statement(1, "2026-09-10", contact_id=by)]))
        return row["latest_need_by"], row["speaker_contactable"], row["need_contact"]

    assert spoken("k1") == ("Ana Ruiz, Head of care", True, "Ana Ruiz, Head of care")
    assert spoken("k2") == ("Bo (asked not to be contacted)", False, "a colleague of Bo (asked not to be contacted)")
    assert spoken("k3") == ("Cy (has left)", False, "a colleague of Cy (has left)")
    assert spoken("k4") == ("Di", True, "Di")  # the leaving is not known yet
    assert spoken("k9") == ("k9", None, "k9")


def test_what_a_lost_deal_has_answered_is_spent() -> None:
    """The deal was lost on 1 September: the pain of August had its answer, the one of the 2nd is new."""
    lost = [{"crm_opportunity_id": "x", "account_id": "acme", "created_on": "2026-05-01", "closed_on": "2026-09-01",
             "result": "lost"}]  # fmt: skip
    lines = [{"crm_opportunity_id": "x", "line_id": "1", "product_id": "desk"}]
    said = [statement(1, "2026-08-20", "Old pain"), statement(2, "2026-09-02", "New pain")]
    book = wide_book(statements=said, crm_opportunities=lost, crm_opportunity_lines=lines)
    row = cell(book)
    assert (row["stated_needs_90d"], row["latest_need"]) == (1, "New pain")
    lost[0]["loss_reason"] = "no budget"
    row = cell(book)
    assert (row["days_since_lost_deal"], row["loss_reason"]) == (29, "no budget")
    lines[0]["product_id"] = "vault"
    row = cell(book)
    assert (row["stated_needs_90d"], row["days_since_lost_deal"]) == (2, None)


def test_a_product_that_they_gave_up() -> None:
    """Desk ended on 1 May 2026: 152 days before 30 September; Vault was only tried."""
    book = wide_book()
    book.rows["subscriptions"] += [
        owns("acme", "desk", ends_on="2026-05-01", cancelled_on="2026-03-01"),
        owns("acme", "vault", ends_on="2026-05-01", status="trial"),
    ]
    assert cell(book)["days_since_owned"] == 152
    assert cell(book, "vault")["days_since_owned"] is None


def test_voices_of_a_department_new_to_us() -> None:
    """Care was first met on 20 August; sales for two years. 2 voices of care, one of sales, one of nobody."""
    people = [contact(1, department="Sales"), contact(2, department="Care", joined_on="2026-08-20")]
    said = [
        statement(1, "2026-08-20", contact_id="k2"),
        statement(2, "2026-08-21", contact_id="k2", kind="question"),
        statement(3, "2026-08-22", contact_id="k1"),
        statement(4, "2026-08-23", person="somebody"),
    ]
    book = wide_book(contacts=people, statements=said)
    assert cell(book)["new_department_voices_90d"] == 2
    assert account(book)["new_departments_active_90d"] == 1
    people[1]["joined_on"] = "2026-06-01"
    assert (cell(book)["new_department_voices_90d"], account(book)["new_departments_active_90d"]) == (0, 0)


def test_a_new_account_has_no_new_departments() -> None:
    people = [contact(n, department=d, joined_on="2026-09-01") for n, d in ((1, "Sales"), (2, "Care"))]
    assert account(wide_book(contacts=people))["new_departments_active_90d"] == 0
    assert account(wide_book(contacts=[contact(1)]))["new_departments_active_90d"] is None


def test_needs_that_no_product_answers_are_not_lost() -> None:
    book = wide_book(
        statements=[
            statement(1, "2026-09-01", "We flood the cellar", domain="plumbing"),
            statement(2, "2026-09-02", "No idea", domain=None),
            statement(3, "2026-09-03"),
            statement(4, "2026-09-03", domain=None, product_id="desk"),
        ]
    )
    row = account(book)
    assert (row["unmatched_needs_90d"], row["unmatched_need"]) == (2, "No idea")


def org(kind: str, on: str = "2026-09-01", **more: object) -> dict[str, object]:
    return {"account_id": "acme", "kind": kind, "domain": "customer support", "happened_on": on, **more}


def test_changes_of_the_organisation_by_kind() -> None:
    """One of each in the window, a leader on its last day outside, and a merger that touches no domain."""
    changes = [
        org("new_team", quote="A care team of ten"),
        org("new_business_area"),
        org("new_leader"),
        org("new_leader", "2026-07-02"),
        org("reorganisation"),
        org("new_site"),
        org("merger", domain=None),
    ]
    row = cell(wide_book(org_changes=changes))
    assert (row["new_teams_90d"], row["new_business_areas_90d"], row["new_leaders_90d"]) == (1, 1, 1)
    assert row["org_changes_90d"] == 2
    assert (row["latest_change"], row["days_since_change"]) == ("A care team of ten", 29)


def test_layoffs_are_told_apart() -> None:
    """180 days reach back to 4 April."""
    book = wide_book(org_changes=[org("layoff", "2026-04-04"), org("layoff", "2026-04-03", business_unit="x")])
    assert account(book)["layoffs_180d"] == 1
    assert cell(book)["org_changes_90d"] == 0
    assert account(wide_book())["layoffs_180d"] is None


@pytest.mark.parametrize(
    ("happened", "measured", "since"),
    [
        ("2026-07-31", ("2026-08-01", "2026-09-01"), True),
        ("2026-08-01", ("2026-08-01", "2026-09-01"), True),  # all of September, 30 days
        ("2026-09-02", ("2026-08-01", "2026-09-01"), False),  # September began before
        ("2026-04-03", (), True),  # 180 days ago: no longer asked about
        ("2026-04-04", (), False),
    ],
)
def test_a_layoff_stands_until_use_is_measured_anew(happened: str, measured: tuple[str, ...], since: bool) -> None:
    book = wide_book(org_changes=[org("layoff", happened)], seats=[
        {"account_id": "acme", "product_id": "crm", **month(first), "active": 20} for first in measured
    ])  # fmt: skip
    (row,) = book.signals(Scope.SUBSCRIPTION, AS_OF)
    assert row["measured_since_layoff"] is since


def test_a_layoff_that_nobody_recorded_is_not_missed() -> None:
    (row,) = wide_book().signals(Scope.SUBSCRIPTION, AS_OF)
    assert (row["measured_since_layoff"], row["last_layoff_on"]) == (True, None)


def seen(name: str, on: str = "2026-06-01", **more: object) -> dict[str, object]:
    return {"account_id": "acme", "competitor": name, "domain": "customer support", "seen_on": on, **more}


def test_competing_tools_and_when_their_contract_ends() -> None:
    """HelpCo was seen twice and is one tool; Ducky ends first, on 31 December: 92 days from 30 September."""
    tools = [
        seen("HelpCo", ends_on="2027-06-30"),
        seen("HelpCo", "2026-08-01", ends_on="2027-06-30", quote="HelpCo is slow"),
        seen("Ducky", ends_on="2026-12-31"),
        seen("Old", "2025-09-30", ends_on="2026-10-01"),
        seen("Gone", ends_on="2026-07-01"),
    ]
    row = cell(wide_book(competitor_products=tools))
    assert (row["competitors_seen_365d"], row["competitor"], row["days_to_competitor_end"]) == (3, "Ducky", 92)
    assert row["competitor_quote"] == "HelpCo is slow"
    row = cell(wide_book(competitor_products=[seen("Gone", ends_on="2026-09-20"), seen("New")]))
    assert (row["competitor"], row["days_to_competitor_end"]) == ("Gone", -10)


def test_a_competitor_of_the_catalogue_and_one_only_spoken_of() -> None:
    book = wide_book(
        competitors=[{"competitor": "HelpCo", "domain": "customer support"}],
        competitor_products=[seen("HelpCo", domain=None)],
        statements=[statement(1, "2026-09-01", "We pay for a tool nobody opens", kind="competitor")],
    )
    row = cell(book)
    assert (row["competitors_seen_365d"], row["competitor"], row["days_to_competitor_end"]) == (2, "HelpCo", None)
    assert row["competitor_quote"] == "We pay for a tool nobody opens"
    row = cell(wide_book(statements=[statement(1, "2026-09-01", "We use another tool", kind="competitor")]))
    assert (row["competitors_seen_365d"], row["competitor"]) == (1, "a tool whose name nobody recorded")


def objective(number: int, **more: object) -> dict[str, object]:
    return {"objective_id": f"o{number}", "account_id": "acme", "domain": "customer support", "set_on": "2026-01-10",
            "sentence": f"goal {number}", **more}  # fmt: skip


def test_objectives_that_nothing_serves_yet() -> None:
    """Of five, one is met, one dropped and one too old; the CRM serves none of that domain. Due on 30 November: 61 days."""
    book = wide_book(
        objectives=[
            objective(1, due_on="2026-12-31"),
            objective(2, due_on="2026-11-30", product_id="crm"),
            objective(3, met_on="2026-05-01"),
            objective(4, dropped_on="2026-05-01"),
            objective(5, set_on="2025-09-30"),
        ]
    )
    row = cell(book)
    assert (row["objectives_open_365d"], row["objective"], row["days_to_objective"]) == (2, "goal 2", 61)
    assert row["stated_needs_90d"] is None
    assert row["latest_need"] == "goal 1"


def asked(number: int, feature: str, by: str | None) -> dict[str, object]:
    return {"request_id": f"r{number}", "account_id": "acme", "product_id": "crm", "feature": feature,
            "contact_id": by, "requested_on": "2026-09-01"}  # fmt: skip


def features_book(*requests: dict[str, object]) -> SmallBook:
    book = wide_book(feature_requests=list(requests))
    book.rows["pricing_plans"].append(
        {"plan_id": "c2", "product_id": "crm", "name": "Pro", "rank": 2, "charge": "per_unit"}
    )
    book.rows["plan_features"] = [
        {"plan_id": "d1", "feature": "Shared mailbox"},
        {"plan_id": "d1", "feature": "workflows"},
        {"plan_id": "c2", "feature": "workflows"},
    ]
    return book


def test_features_asked_for_that_another_product_has() -> None:
    """Shared mailboxes are Desk's alone; workflows come with a higher plan of the CRM, and are a matter of plans."""
    row = cell(
        features_book(asked(1, "shared mailbox", "k1"), asked(2, "Shared mailbox", "k2"), asked(3, "workflows", "k3"))
    )
    assert (row["requested_features_90d"], row["requested_feature_people_90d"]) == (2, 2)
    row = cell(features_book(asked(1, "shared mailbox", "k1"), asked(2, "shared mailbox", None)))
    assert (row["requested_features_90d"], row["requested_feature_people_90d"]) == (2, None)


def test_tickets_about_a_product_that_they_do_not_own() -> None:
    def ticket(number: int, product: str | None, **more: object) -> dict[str, object]:
        return {
            "ticket_id": f"t{number}",
            "account_id": "acme",
            "product_id": product,
            "opened_on": "2026-09-01",
            **more,
        }

    tickets = [
        ticket(1, "desk", subject="Mailbox?"),
        ticket(2, "desk", kind="complaint"),
        ticket(3, "crm"),
        ticket(4, None),
    ]
    book = wide_book(tickets=tickets)
    row = cell(book)
    assert (row["tickets_about_it_90d"], row["latest_need"], row["stated_needs_90d"]) == (1, "Mailbox?", None)
    assert cell(book, "vault")["tickets_about_it_90d"] == 0
    book.spans["tickets"] = (date(2026, 8, 1), AS_OF)
    assert (cell(book)["tickets_about_it_90d"], cell(book, "vault")["tickets_about_it_90d"]) == (1, None)
