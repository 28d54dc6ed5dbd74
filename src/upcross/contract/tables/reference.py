"""The catalogue and the company itself: products, plans, prices, limits, competitors, team, targets, rates."""

from __future__ import annotations

from upcross.contract.table import Table, day, decimal, flag, integer, money, product_id, rate, text

PRODUCTS = Table(
    "products",
    "What we sell.",
    key=("product_id",),
    columns=(
        text("product_id", "The product's id.", required=True),
        text("name", "What people call it.", required=True),
        text(
            "kind",
            "Product, module, add-on or support.",
            required=True,
            values=("product", "module", "add_on", "support"),
        ),
        text("parent_product_id", "The product that a module or add-on belongs to.", references="products.product_id"),
        text("successor_product_id", "The product that replaces this one.", references="products.product_id"),
        day("retired_on", "First day on which it is no longer sold."),
        flag(
            "counts_as_product",
            "Whether it counts in products per account, attach rates and white-space coverage; empty: all but support do.",
        ),
    ),
)

PRODUCT_DOMAINS = Table(
    "product_domains",
    "Problem domains that a product addresses: what ties a stated need to a product.",
    key=("product_id", "domain"),
    columns=(product_id(), text("domain", "A problem domain.", required=True)),
)

PRODUCT_RELATIONS = Table(
    "product_relations",
    "Which products a product requires, and which it excludes.",
    key=("product_id", "relation", "other_product_id"),
    columns=(
        product_id(),
        text("relation", "Requires, or excludes.", required=True, values=("requires", "exclusive_with")),
        text("other_product_id", "The other product.", required=True, references="products.product_id"),
    ),
)

PRODUCT_ELIGIBILITY = Table(
    "product_eligibility",
    "To whom a product may be sold: an account must have one of the values of each attribute listed.",
    key=("product_id", "attribute", "value"),
    columns=(
        product_id(),
        text("attribute", "The account's attribute.", required=True, values=("segment", "region", "industry")),
        text("value", "An allowed value.", required=True),
    ),
)

PRICING_PLANS = Table(
    "pricing_plans",
    "Plans (tiers) of a product, in their order.",
    key=("plan_id",),
    columns=(
        text("plan_id", "The plan's id.", required=True),
        product_id(),
        text("name", "What people call it.", required=True),
        integer("rank", "Place among the product's tiers; higher is more.", required=True),
        text("charge", "Per unit, or one flat price.", required=True, values=("per_unit", "flat")),
        integer("billing_months", "Months billed at once.", unit="months"),
        flag("self_serve", "Whether customers can buy it without us.", default=False),
        text(
            "seat_type",
            "The kind of seat that the plan sells, as `seats.seat_type` names it; '' where there is only one kind.",
            default="",
        ),
    ),
)

PLAN_PRICES = Table(
    "plan_prices",
    "List prices of plans over time.",
    key=("plan_id", "currency", "valid_from"),
    columns=(
        text("plan_id", "The plan.", required=True, references="pricing_plans.plan_id"),
        text("currency", "Currency; '' is the reporting currency.", default=""),
        day("valid_from", "First day of the price; empty: always."),
        money(
            "list_price",
            "List price per month: of one unit, or of a flat plan.",
            unit="plan currency per month",
            required=True,
        ),
    ),
)

PLAN_LIMITS = Table(
    "plan_limits",
    "What a plan includes: users, calls, records, storage.",
    key=("plan_id", "metric", "valid_from"),
    columns=(
        text("plan_id", "The plan.", required=True, references="pricing_plans.plan_id"),
        text("metric", "What is limited; 'users' is the plan's user limit.", required=True),
        decimal("amount", "The limit.", unit="metric's unit", required=True),
        text("period", "Per month, or at any time.", values=("month", "level"), default="month"),
        text("kind", "Whether use stops there or is merely above plan.", values=("hard", "soft"), default="soft"),
        flag("per_unit", "Whether the amount is for each unit purchased.", default=False),
        money(
            "overage_price",
            "Price of one unit of use beyond the limit; 0: nothing is charged; empty: not known.",
            unit="reporting currency per unit",
        ),
        day("valid_from", "First day of the limit; empty: always."),
    ),
)

PLAN_FEATURES = Table(
    "plan_features",
    "Features that a plan includes.",
    key=("plan_id", "feature"),
    columns=(
        text("plan_id", "The plan.", required=True, references="pricing_plans.plan_id"),
        text("feature", "A feature.", required=True),
    ),
)

METRICS = Table(
    "metrics",
    "What usage is measured in.",
    key=("metric",),
    columns=(
        text("metric", "The metric's id.", required=True),
        text("name", "What people call it.", required=True),
        text("unit", "Its unit, in the plural.", required=True),
        text("aggregation", "How values of periods add up: a sum, or the peak.", values=("sum", "peak"), default="sum"),
        flag("core", "Whether using it means using the product.", default=False),
        text(
            "kind",
            "What a value counts: use; how often a limit refused somebody; how many different people were turned away.",
            values=("use", "limit_hits", "people_blocked"),
            default="use",
        ),
        text(
            "limited_metric",
            "For hits and people turned away: the metric whose limit it was; empty: seats, or not said.",
        ),
    ),
)

COMPETITORS = Table(
    "competitors",
    "Point solutions of others, and the domain each covers.",
    key=("competitor", "domain"),
    columns=(
        text("competitor", "The product's name.", required=True),
        text("domain", "A problem domain that it covers.", required=True),
    ),
)

SKUS = Table(
    "skus",
    "Price-book items and what they are.",
    key=("sku",),
    columns=(
        text("sku", "The price-book item.", required=True),
        product_id(required=False),
        text("plan_id", "The plan it sells.", references="pricing_plans.plan_id"),
        text(
            "mechanism",
            "The mechanism of more of it.",
            values=("seats", "tier", "usage", "support", "product", "module", "add_on"),
        ),
    ),
)

TEAM = Table(
    "team",
    "Our people and queues.",
    key=("person_id",),
    columns=(
        text("person_id", "The person's or queue's id.", required=True),
        text("name", "What people call the person.", required=True),
        text(
            "role",
            "The person's role.",
            values=(
                "csm",
                "account_manager",
                "ae",
                "specialist",
                "renewals_manager",
                "manager",
                "revops",
                "finance",
                "support",
                "leader",
                "queue",
                "partner",
            ),
        ),
        text("manager", "Whom the person reports to.", references="team.person_id"),
        text("email", "E-mail address."),
        text("product_id", "The product a specialist sells.", references="products.product_id"),
        day("left_on", "Day on which the person left.", known_from="left_on"),
    ),
)

TARGETS = Table(
    "targets",
    "Targets of teams and sellers; never a closed-booking target on a CSM.",
    key=("person_id", "motion", "period_start"),
    columns=(
        text("person_id", "Whose target it is.", required=True, references="team.person_id"),
        text("motion", "The motion.", required=True, values=("upsell", "cross_sell")),
        day("period_start", "First day of the period.", required=True),
        day("period_end", "First day after the period.", required=True),
        money("mrr", "Target MRR.", unit="reporting currency per month", required=True),
    ),
)

EXCHANGE_RATES = Table(
    "exchange_rates",
    "Constant rates into the reporting currency.",
    key=("currency", "valid_from"),
    columns=(
        text("currency", "The currency converted from (ISO 4217).", required=True),
        day("valid_from", "First day of the rate.", required=True),
        rate("rate", "Units of the reporting currency for one unit.", required=True, unit="ratio"),
    ),
    happened_on="valid_from",
)

TABLES = (
    PRODUCTS, PRODUCT_DOMAINS, PRODUCT_RELATIONS, PRODUCT_ELIGIBILITY, PRICING_PLANS, PLAN_PRICES, PLAN_LIMITS,
    PLAN_FEATURES, METRICS, COMPETITORS, SKUS, TEAM, TARGETS, EXCHANGE_RATES,
)  # fmt: skip
