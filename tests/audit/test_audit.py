"""What the audit says of open deals: the gates, the mechanism, the renewal, the buyer, and what is counted twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from audit_project import AS_OF, Rows, about, account, deal, line, make

from upcross.errors import ProjectError, UsageError
from upcross.motions import Mechanism, Motion
from upcross.pipeline.audit import Audit, AuditedDeal, Fault, audit
from upcross.pipeline.sheet import audit_facts, audit_sheet
from upcross.terminal.audit import headline

TEAM = [{"person_id": "petra", "name": "Petra Vogel", "role": "ae"}, {"person_id": "lena", "name": "Lena Roth", "role": "csm"},
        {"person_id": "omar", "name": "Omar Said", "role": "ae"}]  # fmt: skip


def audited(folder: Path, rows: Rows, **chosen: str) -> Audit:
    return audit(make(folder, rows), AS_OF, **chosen)


def by_id(found: Audit) -> dict[str, AuditedDeal]:
    return {deal.deal.deal_id: deal for deal in found.deals}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Three customers with eight human-made deals, one of ours, a renewal and a prospect."""
    rows: Rows = {
        "accounts": [account("acme"), account("beta"), account("gamma", csm="omar"), account("prospect")],
        "team": TEAM,
        "subscriptions": [line("acme"), line("beta"), line("beta", "desk"), line("gamma")],
        "tickets": [
            {"ticket_id": "T1", "account_id": "acme", "opened_on": "2026-06-20", "escalated_on": "2026-06-21"}
        ],
        "contacts": [
            {"contact_id": "B1", "account_id": "beta", "name": "Ines Wolf"},
            {"contact_id": "G1", "account_id": "gamma", "name": "Jon Ferry", "left_on": "2026-06-01"},
        ],
        "contact_roles": [
            {"contact_id": "B1", "product_id": "crm", "role": "economic_buyer", "confirmed_on": "2026-05-01"},
            {"contact_id": "G1", "crm_opportunity_id": "D8", "role": "decision_maker", "confirmed_on": "2026-05-01"},
        ],
        "crm_opportunities": [
            deal(1, "acme", "50 more seats", mechanism="seats"),
            deal(2, "beta", "Move to Professional", expected_close_on="2026-12-01"),
            deal(3, "beta", "CRM for the new team"),
            deal(4, "gamma", "Harbour Desk for service", mechanism="seats"),
            deal(5, "gamma", "Something with synergies"),
            deal(6, "beta", "Renewal 2027", kind="renewal", expected_close_on="2026-12-20", mrr=1200),
            deal(7, "beta", "From us", upcross_key="k1"),
            deal(8, "gamma", "Desk", owner="omar"),
            deal(9, "prospect", "First purchase", kind="new_business"),
        ],
        "crm_opportunity_lines": [
            about(1, "crm", quantity=50), about(2, "crm", plan_id="crm-pro", mrr=200), about(3, "crm", quantity=10, mrr=300),
            about(6, "crm", quantity=60, mrr=1200), about(7, "wfm"), about(8, "desk"),
        ],
    }  # fmt: skip
    return audited(tmp_path_factory.mktemp("audit"), rows)


def test_only_what_people_made_at_customers_is_audited(found):
    assert set(by_id(found)) == {"D1", "D2", "D3", "D4", "D5", "D8"}
    assert (found.renewals, found.no_customers) == (1, 1)


def test_an_open_escalation_holds_and_says_so(found):
    held = by_id(found)["D1"].standing
    assert [hold.gate for hold in held.false] == ["escalation"]
    assert Fault.HELD in by_id(found)["D1"].faults
    # health is not loaded and nobody may attest it: every deal is at least not known
    assert "health" in {hold.gate for hold in held.unknown}
    assert Fault.UNKNOWN in by_id(found)["D2"].faults
    assert Fault.UNKNOWN not in by_id(found)["D1"].faults, "held is said once"


@pytest.mark.parametrize(
    ("number", "mechanism", "why"),
    [
        (1, Mechanism.SEATS, "owned"),
        (2, Mechanism.TIER, "owned on a lower plan (crm-std)"),
        (3, Mechanism.SEATS, "the line has a quantity"),
        (4, Mechanism.PRODUCT, "its name says so, and Harbour Desk is not owned"),
        (5, None, "says nothing of a mechanism"),
        (8, Mechanism.PRODUCT, "Harbour Desk is not owned"),
    ],
)
def test_the_mechanism_that_a_deal_looks_like(found, number, mechanism, why):
    [part] = by_id(found)[f"D{number}"].parts
    assert part.proposal.mechanism is mechanism
    assert why in part.proposal.why


def test_a_tag_that_contradicts_the_book_is_told(found):
    """Seats of a product that the account does not own are a cross-sell: the tell of the definition."""
    [part] = by_id(found)["D4"].parts
    assert (part.tag, part.motion, part.mistagged) == (Mechanism.SEATS, Motion.CROSS_SELL, True)
    untagged = {deal.deal.deal_id for deal in found.with_fault(Fault.UNTAGGED)}
    assert untagged == {"D2", "D3", "D5", "D8"}
    assert {deal.deal.deal_id for deal in found.with_fault(Fault.MISTAGGED)} == {"D4"}


def test_a_deal_near_a_renewal_is_one_conversation(found):
    """The term ends on 1 January, 31 days after the expected closing; and the renewal deal closes 19 days after it."""
    told = by_id(found)["D2"].renewal
    assert any("renewal D6 of Petra Vogel" in sentence for sentence in told)
    assert any("2027-01-01" in sentence and "2026-12-01" in sentence for sentence in told)
    assert by_id(found)["D1"].renewal == (), "acme has no renewal deal, and nobody says when D1 closes"


def test_the_same_money_is_named_where_it_is_counted_twice(found):
    """At beta, tier (200, D2) and seats (300, D3) of the CRM are two ways of one ask; and the renewal holds 60 seats
    where 50 are owned. D2 is a second count of 200 beside the renewal; D3 of 300 beside the renewal."""
    deals = by_id(found)
    assert any("deal D3" in told for told in deals["D2"].twice)
    assert any("renewal D6" in told for told in deals["D2"].twice)
    assert deals["D2"].twice_mrr == {Motion.UPSELL: 200 * 10_000}
    assert deals["D3"].twice_mrr == {Motion.UPSELL: 300 * 10_000}
    # gamma: D4's name and D8's line are the same desk; the later one, D8 of 800, is counted at the smaller 400
    assert any("deal D8 of Omar Said" in told for told in deals["D4"].twice)
    assert deals["D4"].twice_mrr == {Motion.CROSS_SELL: 0}
    assert deals["D8"].twice_mrr == {Motion.CROSS_SELL: 400 * 10_000}
    assert deals["D1"].twice == ()


def test_the_buyer_of_a_second_product_is_not_taken_for_granted(found):
    deals = by_id(found)
    assert deals["D2"].buyer.told == "Ines Wolf (economic buyer)"
    assert deals["D4"].buyer.known is False
    assert (deals["D8"].buyer.known, deals["D8"].buyer.told) == (False, "Jon Ferry (decision maker) left on 2026-06-01")


def test_money_is_by_motion_and_never_added(found):
    """Deeper: 100 + 200 + 300. Wider: 400 + 800. D5, of which nothing tells the motion: 500."""
    money = found.money(found.deals)
    assert {motion: amount.mrr // 10_000 for motion, amount in money.items()} == {
        Motion.UPSELL: 600, Motion.CROSS_SELL: 1200, None: 500,
    }  # fmt: skip
    facts = audit_facts(found)
    assert set(facts["money"]) == {"upsell", "cross_sell", "motion_not_known"}
    rows = audit_sheet(found).records()
    assert sum(Decimal(row["mrr"]) for row in rows if row["motion"] == "upsell") == 600


def test_the_headline(found):
    """Held: D2 at beta by its open escalation; D4 and D8 at gamma, whose decision maker left without a successor."""
    assert headline(found).startswith("3 of 6 stand on held accounts, 4 are untagged, 4 are counted twice")
    gone = [d.deal.deal_id for d in found.deals if any(hold.gate == "sponsor-left" for hold in d.standing.false)]
    assert sorted(gone) == ["D4", "D8"]


THIN: Rows = {
    "accounts": [account("acme"), account("beta", csm="omar")],
    "subscriptions": [line("acme", plan_id=""), line("beta", plan_id="")],
    "crm_opportunities": [deal(1, "acme", "20 licences more"), deal(2, "beta", "Harbour Desk", owner="omar")],
}


def test_three_tables_are_enough(tmp_path):
    """Without catalogue, lines, tickets and contacts most is unknown, and is called unknown."""
    found = audit(make(tmp_path / "thin", THIN, catalog=""), AS_OF)
    deals = by_id(found)
    assert deals["D1"].parts[0].proposal.mechanism is Mechanism.SEATS
    assert deals["D1"].buyer.known is None
    assert deals["D1"].faults == (Fault.UNTAGGED, Fault.UNKNOWN)
    assert any("contact_roles" in missing for missing in found.missing)
    assert "cannot be judged" in headline(found)


def test_the_deals_of_one_person(tmp_path):
    project = make(tmp_path / "people", {**THIN, "team": TEAM})
    assert set(by_id(audit(project, AS_OF, owner="Omar Said"))) == {"D2"}
    assert set(by_id(audit(project, AS_OF, csm="lena"))) == {"D1"}
    with pytest.raises(UsageError, match="did you mean 'Omar Said'"):
        audit(project, AS_OF, owner="Omar Sayd")


def test_without_deals_there_is_nothing_to_audit(tmp_path):
    rows = {name: listed for name, listed in THIN.items() if name != "crm_opportunities"}
    with pytest.raises(ProjectError, match="crm_opportunities"):
        audit(make(tmp_path / "none", rows), AS_OF)


def test_an_ask_of_ours_that_a_deal_may_be(tmp_path):
    """48 of 50 seats in use every month: our own play fires or is held, and the human-made deal may be the same."""
    months = [("2026-04-01", "2026-05-01"), ("2026-05-01", "2026-06-01"), ("2026-06-01", "2026-07-01")]
    seats = [{"account_id": "acme", "product_id": "crm", "period_start": start, "period_end": end, "assigned": 50, "active": 48}
             for start, end in months]  # fmt: skip
    rows = {**THIN, "subscriptions": [line("acme"), line("beta")], "seats": seats}
    found = by_id(audit(make(tmp_path / "ours", rows), AS_OF))
    assert found["D1"].parts[0].proposal.why == "its name says “licences”, and Harbour CRM is all that they own"
    assert any(told.startswith("seats of Harbour CRM (held)") for told in found["D1"].maybe_ours)
    assert found["D2"].maybe_ours == ()
