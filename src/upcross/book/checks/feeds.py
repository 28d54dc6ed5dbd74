"""Checks of whole feeds: those that end long before the others, and tables that are not mapped."""

from __future__ import annotations

from collections.abc import Iterator

from upcross.book.store import Manifest
from upcross.contract import TABLES
from upcross.errors import Issue, Place, Severity, issue_code

FEED_STALE = issue_code("feed-stale", Severity.WARNING, "A feed ends long before the others.")
TABLE_NOT_MAPPED = issue_code("table-not-mapped", Severity.NOTE, "A table is not mapped, and what that costs.")

LACKING = (FEED_STALE.name, TABLE_NOT_MAPPED.name)
"""The codes of issues about tables that cannot tell."""


def feed_issues(manifest: Manifest) -> Iterator[Issue]:
    """Feeds that end long before the newest day, and tables that are not mapped, with what that costs."""
    newest = manifest.newest_day()
    for stored in manifest.tables.values():
        through = stored.complete_through
        if newest is None or through is None or (newest - through).days <= stored.max_lag_days:
            continue
        yield FEED_STALE.at(
            Place(table=stored.name),
            f"ends on {through}, {(newest - through).days} days before the newest day in the book, {newest}"
            f" ({stored.max_lag_days} allowed)",
            hint="load newer rows, or declare coverage: {through: …}",
            costs=f"what follows its end counts as unknown: as if it were not there, {COSTS[stored.name]}",
        )
    for name in TABLES:
        if name not in manifest.tables:
            yield TABLE_NOT_MAPPED.at(
                Place(table=name), f"not mapped: {COSTS[name]}", hint=f"map '{name}' in upcross.yaml"
            )


COSTS: dict[str, str] = {
    "accounts": "accounts have no name, no segment and no owner",
    "account_assignments": "who looks after an account is taken from its own columns, as they are today",
    "account_transfers": "merged and split accounts look like churn and new business",
    "business_units": "white space is seen for whole accounts only",
    "subscriptions": "no MRR, no seats purchased, no contract dates: nothing can fire",
    "commitments": "use cannot be compared with committed amounts",
    "commitment_products": "each commitment is drawn on by its own product only",
    "entitlement_pools": "shared seats are judged account by account, not once at their holder",
    "implementations": "the implementation gate holds cross-sell, and stage and first value are unknown",
    "invoices": "it is unknown whether a new price was paid",
    "billing_disputes": "the dispute gate holds everything unless it is attested",
    "price_changes": "the price gate holds everything unless it is attested",
    "usage": "use is unknown: usage plays and the adoption gates stay unknown",
    "seats": "people active are unknown: seats plays stay unknown",
    "health_scores": "health is computed from the scorecard, from the parts there are",
    "tickets": "the escalation gate holds everything unless it is attested",
    "incidents": "the outage gate holds everything unless it is attested",
    "contacts": "who said what cannot be tied to a person",
    "contact_roles": "buyers and champions of a product or deal are not known",
    "activities": "how strong a relationship is stays unknown, and needs mentioned in conversations are not seen",
    "outcomes": "value delivered is not on record: the value and credibility gates rest on other proof",
    "objectives": "goals met do not count as proven value",
    "feature_requests": "requests for features of a higher tier are not seen",
    "competitor_products": "competitors in use are not seen",
    "org_changes": "new teams and areas are not seen",
    "statements": "needs that people stated are not seen: cross-sell by need stays unknown",
    "crm_opportunities": "deals already open are not seen, nor what was lost before",
    "crm_opportunity_lines": "deals cannot be told apart by product",
    "products": "what is sold is unknown: no white space and no cross-sell",
    "product_domains": "a stated need leads to no product: cross-sell stays unknown",
    "product_relations": "products that need or exclude each other are offered as if they did not",
    "product_eligibility": "every product is offered to every account",
    "pricing_plans": "plans have no order and no charge: seats and tier plays stay unknown",
    "plan_prices": "potential of seats and tiers is unknown",
    "plan_limits": "use cannot be compared with what a plan includes",
    "plan_features": "requests cannot be matched to a higher tier",
    "metrics": "metrics have no unit, are summed, and none of them means using the product",
    "competitors": "a competitor seen leads to a product only where its row names the domain",
    "skus": "what is sold is taken from each line's product and plan alone",
    "team": "owners are taken as they are written, and nobody is known to have left",
    "targets": "there is nothing to hold a forecast against",
    "exchange_rates": "money in another currency than the reporting one is unknown",
}
"""What a table's absence costs, in one sentence each."""
