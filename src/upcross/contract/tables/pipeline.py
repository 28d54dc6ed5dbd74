"""Deals that people opened in the CRM."""

from __future__ import annotations

from upcross.contract.table import (
    Coverage,
    Table,
    account_id,
    business_unit,
    day,
    flag,
    integer,
    money,
    product_id,
    text,
)

_MECHANISMS = ("seats", "tier", "usage", "support", "product", "module", "add_on")

CRM_OPPORTUNITIES = Table(
    "crm_opportunities",
    "Deals in the CRM, opened by people or by us (ours carry our key).",
    key=("crm_opportunity_id",),
    columns=(
        text("crm_opportunity_id", "The deal's id in the CRM.", required=True),
        account_id(),
        business_unit(),
        text("name", "The deal's name."),
        text(
            "kind",
            "New business, expansion or renewal, in the CRM's terms.",
            values=("new_business", "expansion", "renewal"),
        ),
        text("mechanism", "The mechanism it is tagged with.", values=_MECHANISMS),
        text("owner", "Who owns it.", references="team.person_id"),
        day("created_on", "Day on which it was opened.", required=True),
        text("stage", "Its stage in the CRM's words.", known_from="stage_changed_on"),
        day("stage_changed_on", "Day on which it reached that stage.", known_from="stage_changed_on"),
        text("forecast_category", "The CRM's forecast category.", known_from="stage_changed_on"),
        flag(
            "at_risk",
            "Whether it is marked at risk; empty: read from the words of its stage and forecast category.",
            known_from="stage_changed_on",
        ),
        money("amount", "Amount, in the deal's currency.", unit="deal currency"),
        money("mrr", "Expected MRR.", unit="deal currency per month"),
        text("currency", "Currency; empty: the reporting currency."),
        day("expected_close_on", "Day on which it is expected to close."),
        day("closed_on", "Day on which it closed.", known_from="closed_on"),
        text("result", "Won or lost.", values=("won", "lost"), known_from="closed_on"),
        text("loss_reason", "Why it was lost.", known_from="closed_on"),
        text("upcross_key", "Our own key, where we created it."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="created_on",
)

CRM_OPPORTUNITY_LINES = Table(
    "crm_opportunity_lines",
    "What a deal is about, one row a product.",
    key=("crm_opportunity_id", "line_id"),
    columns=(
        text("crm_opportunity_id", "The deal.", required=True, references="crm_opportunities.crm_opportunity_id"),
        text("line_id", "The line's id within the deal.", required=True),
        product_id("The product offered.", required=False),
        text("plan_id", "The pricing plan offered."),
        text("mechanism", "The line's mechanism.", values=_MECHANISMS),
        integer("quantity", "Units offered.", unit="units"),
        money("mrr", "Expected MRR of the line.", unit="deal currency per month"),
    ),
)

TABLES = (CRM_OPPORTUNITIES, CRM_OPPORTUNITY_LINES)
