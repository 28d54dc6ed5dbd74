"""A deal as people enter it in the CRM: one row, its lines, and who takes part in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from upcross.sample.story import Row, row


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal of an account; ``number`` makes its id."""

    number: int
    name: str
    kind: str
    owner: str
    created_on: str
    stage: str
    stage_changed_on: str
    forecast: str
    mrr: Decimal | int
    currency: str
    product: str = ""
    """Empty: nobody entered a line."""
    plan: str = ""
    mechanism: str = ""
    quantity: int = 0
    unit: str = ""
    expected_close_on: str = ""
    closed_on: str = ""
    result: str = ""
    loss_reason: str = ""
    tagged: bool = True
    """Whether the mechanism was entered."""
    buyer: str = ""
    """Who pays for it, by name; empty: nobody entered anybody."""


def told(account: str, deals: Iterable[Deal]) -> Iterator[Row]:
    """Deals as rows: the deal, and a line where a product was entered."""
    for deal in deals:
        deal_id = f"D-{account}-{deal.number:02}"
        mechanism = deal.mechanism if deal.tagged else ""
        yield row(
            "crm_opportunities", crm_opportunity_id=deal_id, name=deal.name, kind=deal.kind, mechanism=mechanism,
            owner=deal.owner, created_on=deal.created_on, stage=deal.stage, stage_changed_on=deal.stage_changed_on,
            forecast_category=deal.forecast, amount=str(deal.mrr * 12), mrr=str(deal.mrr), currency=deal.currency,
            expected_close_on=deal.expected_close_on, closed_on=deal.closed_on, result=deal.result,
            loss_reason=deal.loss_reason, business_unit=deal.unit,
        )  # fmt: skip
        if deal.buyer:
            yield row("contact_roles", contact_id=deal.buyer, crm_opportunity_id=deal_id, role="economic_buyer",
                      stance="unknown")  # fmt: skip
        if deal.product:
            yield row(
                "crm_opportunity_lines", crm_opportunity_id=deal_id, line_id="1", product_id=deal.product,
                plan_id=deal.plan, mechanism=mechanism, quantity=str(deal.quantity or ""), mrr=str(deal.mrr),
            )  # fmt: skip
