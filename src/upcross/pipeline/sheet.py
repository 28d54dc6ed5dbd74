"""An audit as rows and as plain values."""

from __future__ import annotations

from typing import Any

from upcross.motions import Motion
from upcross.opportunities import sentences
from upcross.opportunities.evidence import amount, plain
from upcross.pipeline.audit import Audit, AuditedDeal, Fault, Money, Part
from upcross.sheets import Sheet
from upcross.signals.model import Unit

COLUMNS = {
    "crm_opportunity_id": Unit.TEXT, "account_id": Unit.TEXT, "account": Unit.TEXT, "business_unit": Unit.TEXT,
    "name": Unit.TEXT, "owner": Unit.TEXT, "stage": Unit.TEXT, "created_on": Unit.DATE, "expected_close_on": Unit.DATE,
    "line": Unit.COUNT, "product": Unit.TEXT, "motion": Unit.TEXT, "tagged": Unit.TEXT, "looks_like": Unit.TEXT,
    "because": Unit.TEXT, "mrr": Unit.MONEY, "currency": Unit.TEXT, "faults": Unit.TEXT, "held_by": Unit.TEXT,
    "not_known": Unit.TEXT, "exempt": Unit.TEXT, "buyer": Unit.TEXT, "renewal": Unit.TEXT, "counted_twice": Unit.TEXT,
    "maybe_ours": Unit.TEXT,
}  # fmt: skip
"""The columns of an audit's sheet: one row for each line of a deal, so that a deal with both motions has both."""
SHORT = ("account", "name", "owner", "motion", "tagged", "looks_like", "mrr", "currency", "faults", "held_by", "buyer")


def audit_sheet(found: Audit) -> Sheet:
    """One row for each line of each audited deal."""
    rows = [
        (
            deal.deal.deal_id, deal.deal.account_id, deal.account, deal.deal.business_unit, deal.deal.name, deal.owner,
            deal.deal.stage, deal.deal.created_on, deal.deal.expected_close_on, number, part.product,
            part.motion.value if part.motion else "", part.tag.value if part.tag else "",
            part.proposal.mechanism.value if part.proposal.mechanism else "", part.proposal.why, part.mrr,
            found.currency, "; ".join(fault.value for fault in deal.faults), "; ".join(held(deal, found.currency)),
            "; ".join(hold.gate for hold in deal.standing.unknown),
            "; ".join(word.gate for word in deal.standing.exempt), deal.buyer.told, "; ".join(deal.renewal),
            "; ".join(deal.twice), "; ".join(deal.maybe_ours),
        )
        for deal in found.deals
        for number, part in enumerate(deal.parts, 1)
    ]  # fmt: skip
    return Sheet(COLUMNS, tuple(rows))


def held(deal: AuditedDeal, currency: str) -> tuple[str, ...]:
    """What the facts say against a deal, one sentence for each gate."""
    return tuple(f"{hold.gate}: {sentences.hold(hold, currency)}" for hold in deal.standing.false)


def audit_facts(found: Audit) -> dict[str, Any]:
    """The whole audit as plain values: amounts as exact decimal text in currency units, days as ISO text."""
    return {
        "as_of": found.as_of.isoformat(), "currency": found.currency, "missing": list(found.missing),
        "open_deals": len(found.deals), "open_renewals": found.renewals,
        "deals_of_no_customers": found.no_customers,
        "money": _by_motion(found, found.deals),
        "found": [_found(found, fault) for fault in Fault],
        "counted_twice": {_name(motion): amount(mrr) for motion, mrr in found.counted_twice().items()},
        "deals": [_deal(deal, found.currency) for deal in found.deals],
    }  # fmt: skip


def _found(found: Audit, fault: Fault) -> dict[str, Any]:
    deals = found.with_fault(fault)
    return {"fault": fault.value, "told": fault.words(len(deals)), "deals": len(deals),
            "money": _by_motion(found, deals)}  # fmt: skip


def _by_motion(found: Audit, deals: tuple[AuditedDeal, ...]) -> dict[str, Any]:
    return {_name(motion): _money(money) for motion, money in found.money(deals).items()}


def _name(motion: Motion | None) -> str:
    return motion.value if motion else "motion_not_known"


def _money(money: Money) -> dict[str, Any]:
    return {"deals": money.deals, "mrr": amount(money.mrr), "lines_of_unknown_amount": money.unknown}


def _deal(found: AuditedDeal, currency: str) -> dict[str, Any]:
    deal = found.deal
    return {
        "crm_opportunity_id": deal.deal_id, "account_id": deal.account_id, "account": found.account,
        "business_unit": deal.business_unit, "name": deal.name, "kind": deal.kind or None, "owner": found.owner or None,
        "stage": deal.stage or None, "created_on": plain(deal.created_on),
        "expected_close_on": plain(deal.expected_close_on), "mrr": amount(deal.mrr),
        "faults": [fault.value for fault in found.faults],
        "lines": [_part(part) for part in found.parts],
        "gates_false": [
            {**hold.to_dict(), "sentence": sentences.hold(hold, currency)} for hold in found.standing.false
        ],
        "gates_unknown": [
            {**hold.to_dict(), "sentence": sentences.hold(hold, currency)} for hold in found.standing.unknown
        ],
        "gates_attested": [attested.to_dict() for attested in found.standing.attested],
        "buyer": {"known": found.buyer.known, "told": found.buyer.told},
        "renewal": list(found.renewal), "counted_twice": list(found.twice),
        "counted_twice_mrr": {_name(motion): amount(mrr) for motion, mrr in found.twice_mrr.items() if mrr},
        "maybe_ours": list(found.maybe_ours),
    }  # fmt: skip


def _part(part: Part) -> dict[str, Any]:
    return {
        "product_id": part.proposal.product_id or None, "product": part.product or None,
        "motion": part.motion.value if part.motion else None, "tagged": part.tag.value if part.tag else None,
        "looks_like": part.proposal.mechanism.value if part.proposal.mechanism else None,
        "because": part.proposal.why, "mrr": amount(part.mrr),
    }  # fmt: skip
