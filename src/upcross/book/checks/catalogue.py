"""Checks of the catalogue: prices, limits, domains, and needs that lead to nothing that is sold."""

from __future__ import annotations

from collections.abc import Iterator

from upcross.book.checks.check import Check
from upcross.errors import Severity, issue_code

PRICE_NEGATIVE = issue_code("price-negative", Severity.WARNING, "List prices of plans are below zero.")
PLAN_WITHOUT_PRICE = issue_code("plan-without-price", Severity.WARNING, "Pricing plans have no list price.")
LIMIT_CONTRADICTORY = issue_code(
    "limit-contradictory", Severity.WARNING, "Limits of a plan contradict each other or the order of the plans."
)
PRODUCT_WITHOUT_DOMAIN = issue_code(
    "product-without-domain", Severity.WARNING, "Products name no problem domain, so that no stated need leads to them."
)
DOMAIN_UNKNOWN = issue_code(
    "domain-unknown", Severity.WARNING, "Needs, goals or changes name a problem domain that no product addresses."
)


def catalogue_checks() -> Iterator[Check]:
    """What is sold has prices, limits in order, and domains that lead to it."""
    yield Check(
        PRICE_NEGATIVE, ("plan_prices",), "list_price",
        "SELECT concat_ws(' ', plan_id, currency, CAST(list_price AS DECIMAL(18, 0)) * 0.0001) AS example, source_row"
        " FROM current.plan_prices WHERE list_price < 0",
        "are list prices below zero", "correct them in plan_prices or catalog.yaml",
        costs="potentials are computed from them",
    )  # fmt: skip
    yield Check(
        PLAN_WITHOUT_PRICE, ("pricing_plans",), "plan_id",
        "SELECT plan_id AS example, source_row FROM current.pricing_plans WHERE plan_id NOT IN"
        " (SELECT plan_id FROM current.plan_prices)",
        "have no list price", "add it to plan_prices or under 'prices:' in catalog.yaml",
        costs="what a move to them is worth is unknown",
    )  # fmt: skip
    yield Check(
        LIMIT_CONTRADICTORY, ("plan_limits",), "amount",
        "SELECT plan_id || ' ' || metric AS example, source_row FROM current.plan_limits WHERE amount < 0"
        " UNION ALL SELECT plan_id || ' ' || metric, max(source_row) FROM current.plan_limits GROUP BY plan_id, metric"
        " HAVING count(DISTINCT period) > 1 OR count(DISTINCT per_unit) > 1",
        "are below zero, or change between per month and at any time, or between per unit and per plan",
        "state each limit of a plan in one way", costs="use is compared with a limit that means something else",
    )  # fmt: skip
    latest = (
        "(SELECT * FROM current.plan_limits QUALIFY row_number() OVER"
        " (PARTITION BY plan_id, metric ORDER BY valid_from DESC NULLS LAST) = 1)"
    )
    yield Check(
        LIMIT_CONTRADICTORY, ("plan_limits", "pricing_plans"), "amount",
        "SELECT DISTINCT high.plan_id || ' ' || h.metric || ' below ' || low.plan_id AS example, h.source_row"
        " FROM current.pricing_plans high JOIN current.pricing_plans low"
        " ON high.product_id = low.product_id AND high.rank > low.rank"
        f" JOIN {latest} h ON h.plan_id = high.plan_id JOIN {latest} l"
        " ON l.plan_id = low.plan_id AND l.metric = h.metric AND l.period = h.period AND l.per_unit = h.per_unit"
        " WHERE h.amount < l.amount",
        "include less than a lower plan of the same product", "check the limit, or the rank of the plan",
        costs="who reaches the limit is sent to a plan that includes less",
    )  # fmt: skip
    yield Check(
        PRODUCT_WITHOUT_DOMAIN, ("products",), "product_id",
        "SELECT product_id AS example, source_row FROM current.products WHERE retired_on IS NULL AND product_id NOT IN"
        " (SELECT product_id FROM current.product_domains)",
        "name no problem domain", "add 'domains:' in catalog.yaml", costs="no stated need can lead to them",
    )  # fmt: skip
    for name, label in (("statements", "statement_id"), ("objectives", "objective_id"), ("org_changes", "account_id"),
                        ("competitor_products", "competitor")):  # fmt: skip
        yield Check(
            DOMAIN_UNKNOWN, (name, "product_domains"), "domain",
            f"SELECT domain || ' ({label.removesuffix('_id')} ' || {label} || ')' AS example, source_row, account_id"
            f" FROM current.{name} WHERE domain <> '' AND domain NOT IN (SELECT domain FROM current.product_domains)",
            "name a domain that no product addresses",
            "correct the word, or add it to the 'domains:' of a product in catalog.yaml",
            costs="they lead to no product: cross-sell by them cannot fire",
        )  # fmt: skip
