"""Who the customers are and what they bought: accounts, units, subscriptions, commitments, invoices, prices."""

from __future__ import annotations

from upcross.contract.table import (
    Coverage,
    Table,
    account_id,
    business_unit,
    day,
    decimal,
    flag,
    integer,
    money,
    product_id,
    text,
)

ROLES = ("csm", "account_manager", "ae", "renewals_manager", "partner")


ACCOUNTS = Table(
    "accounts",
    "A company that buys, or may buy: one row each, with the people who look after it.",
    key=("account_id",),
    columns=(
        text("account_id", "The account's id in the system that leads (usually the CRM).", required=True),
        text("name", "What people call the account.", required=True),
        text(
            "parent_account_id",
            "The account that owns this one; empty for a company of its own.",
            references="accounts.account_id",
        ),
        text("segment", "Segment by size or kind, in the company's own words."),
        text("region", "Sales region."),
        text("industry", "Industry, in the company's own words."),
        text("website", "Website or e-mail domain; accounts that share one are told as likely duplicates."),
        integer("employees", "People employed by the account.", unit="people"),
        text("currency", "Currency in which the account is billed (ISO 4217)."),
        text("csm", "Customer-success manager.", references="team.person_id"),
        text("account_manager", "Account manager: closes upsell.", references="team.person_id"),
        text("ae", "Account executive: closes cross-sell.", references="team.person_id"),
        text("renewals_manager", "Person who runs the renewal.", references="team.person_id"),
        text("partner", "Partner through whom the account is served."),
    ),
)

ACCOUNT_ASSIGNMENTS = Table(
    "account_assignments",
    "Who looks after which account, or which whole segment, in which role, from when until when.",
    key=("account_id", "segment", "role", "valid_from"),
    columns=(
        text(
            "account_id",
            "The account; '' where a whole segment is assigned.",
            default="",
            references="accounts.account_id",
        ),
        text("segment", "The segment; '' where one account is assigned.", default=""),
        text("role", "The role in which the person serves.", required=True, values=(*ROLES, "specialist")),
        text("person_id", "The person.", required=True, references="team.person_id"),
        day("valid_from", "First day of the assignment.", required=True),
        day("valid_until", "First day on which it no longer holds; empty: it still does."),
    ),
    happened_on="valid_from",
)

ACCOUNT_TRANSFERS = Table(
    "account_transfers",
    "Accounts that were merged or split, so that their money moves without churn or growth.",
    key=("from_account_id", "to_account_id", "effective_on"),
    columns=(
        text("from_account_id", "The account that gives.", required=True, references="accounts.account_id"),
        text("to_account_id", "The account that receives.", required=True, references="accounts.account_id"),
        text("kind", "Merge or split.", required=True, values=("merge", "split")),
        day("effective_on", "Day on which the transfer takes effect.", required=True),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="effective_on",
)

BUSINESS_UNITS = Table(
    "business_units",
    "Units of an account that buy for themselves: each has its own white space.",
    key=("account_id", "business_unit"),
    columns=(
        account_id(),
        text("business_unit", "The unit's id within the account.", required=True),
        text("name", "What people call the unit."),
        integer("employees", "People in the unit.", unit="people"),
        integer("potential_users", "People who could use the products.", unit="people"),
    ),
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    "Subscription lines, one row a version: in force from valid_from until the line's next version or its end.",
    key=("line_id", "valid_from"),
    columns=(
        text("line_id", "The line's id; all versions of a line share it.", required=True),
        day(
            "valid_from",
            "First day on which this version is in force; a contracted later step is a version with a later day.",
            required=True,
        ),
        account_id(),
        business_unit(),
        text("contract_id", "The contract the line belongs to."),
        product_id(),
        text("plan_id", "The pricing plan.", references="pricing_plans.plan_id"),
        text("sku", "The price-book item sold."),
        integer("quantity", "Units purchased: seats on a per-unit plan, 1 on a flat plan.", unit="units", default=1),
        money("unit_price", "Net price of one unit per month.", unit="line currency per month"),
        money(
            "list_unit_price",
            "List price of one unit per month, where the line keeps it.",
            unit="line currency per month",
        ),
        decimal("discount", "Discount on the list price, as a share of 1.", unit="ratio"),
        day("discount_ends_on", "First day without the discount."),
        money("amount", "Price of the line for one billing period.", unit="line currency per period"),
        integer("period_months", "Months in a billing period.", unit="months"),
        money(
            "mrr", "Monthly recurring revenue of the line; computed where not given.", unit="line currency per month"
        ),
        text("currency", "Currency of the line (ISO 4217); empty: the reporting currency."),
        text("status", "Trial, active or paused.", values=("trial", "active", "paused"), default="active"),
        day("starts_on", "First day of the line; empty: its first version's valid_from."),
        day(
            "ends_on",
            "First day after the line; empty: open. An end by cancellation is known from the day of the cancellation.",
            known_from="cancelled_on",
        ),
        integer("term_months", "Length of the contracted term.", unit="months"),
        day("term_ends_on", "First day after the current term: the renewal date."),
        flag(
            "rolling",
            "Whether the line simply continues: no renewal date; its end means nothing for renewal.",
            default=False,
        ),
        day("notice_on", "Day on which notice was given.", known_from="notice_on"),
        day("booked_on", "Day on which this version was agreed."),
        day("cancelled_on", "Day on which the end was decided.", known_from="cancelled_on"),
        text("replaces_line_id", "The line that this one replaces: one position that changed its plan."),
        text("amendment_kind", "Kind of amendment, in the company's own words."),
        text(
            "origin",
            "How this version came about.",
            values=(
                "new",
                "amendment",
                "renewal",
                "contracted_ramp",
                "contracted_escalator",
                "true_up",
                "self_serve",
                "transfer",
                "correction",
            ),
        ),
        decimal("escalator", "Contracted yearly rise, as a share of 1.", unit="ratio"),
        text(
            "included_in",
            "The product in whose price this line is included (a bundle).",
            references="products.product_id",
        ),
    ),
    known_on=("recorded_at", "booked_on", "valid_from"),
)

COMMITMENTS = Table(
    "commitments",
    "Amounts of usage that an account committed to over a span, and what happens beyond them.",
    key=("commitment_id",),
    columns=(
        text("commitment_id", "The commitment's id (one tranche each).", required=True),
        account_id(),
        business_unit(),
        text("contract_id", "The contract it belongs to."),
        product_id("The product whose usage draws on it."),
        text("metric", "The metric that draws on it.", required=True, references="metrics.metric"),
        decimal("amount", "Committed amount over the whole span.", unit="metric's unit", required=True),
        text("tranche", "Which part of a larger commitment this is."),
        money("price", "Price of the commitment over the whole span.", unit="line currency"),
        text("currency", "Currency of the price; empty: the reporting currency."),
        day("starts_on", "First day of the span.", required=True),
        day("ends_on", "First day after the span.", required=True),
        text(
            "overage",
            "What happens beyond the amount.",
            values=("hard_stop", "rate", "true_up", "rollover", "unlimited"),
        ),
        money("overage_rate", "Price of one unit beyond the amount.", unit="line currency per unit"),
        day("booked_on", "Day on which it was agreed."),
    ),
    known_on=("recorded_at", "booked_on", "starts_on"),
)

COMMITMENT_PRODUCTS = Table(
    "commitment_products",
    "Further products that draw on one commitment.",
    key=("commitment_id", "product_id"),
    columns=(
        text("commitment_id", "The commitment.", required=True, references="commitments.commitment_id"),
        product_id("A product that draws on it."),
    ),
)

ENTITLEMENT_POOLS = Table(
    "entitlement_pools",
    "Seats or amounts that a group of accounts or units shares, and who holds the contract.",
    key=("pool_id", "consumer_account_id", "consumer_unit"),
    columns=(
        text("pool_id", "The pool.", required=True),
        text(
            "holder_account_id", "The account that holds the contract.", required=True, references="accounts.account_id"
        ),
        product_id("The product pooled."),
        text("metric", "The metric pooled; empty: seats."),
        text("consumer_account_id", "An account that consumes.", required=True, references="accounts.account_id"),
        text("consumer_unit", "The consuming unit; '' is the whole account.", default=""),
        day("valid_from", "First day of the share."),
        day("valid_until", "First day on which it no longer holds."),
    ),
)

IMPLEMENTATIONS = Table(
    "implementations",
    "Roll-outs of a product at an account: when they began, went live and gave their first value.",
    key=("account_id", "business_unit", "product_id", "started_on"),
    columns=(
        account_id(),
        business_unit(),
        product_id(),
        day("started_on", "Day on which the roll-out began.", required=True),
        day("live_on", "Day on which the product went live.", known_from="live_on"),
        day("first_value_on", "Day on which the customer had first value from it.", known_from="first_value_on"),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="started_on",
    max_lag_days=31,
)

INVOICES = Table(
    "invoices",
    "Invoices and whether they were paid.",
    key=("invoice_id",),
    columns=(
        text("invoice_id", "The invoice's id.", required=True),
        account_id(),
        text("contract_id", "The contract billed."),
        product_id("The product billed; empty: several.", required=False),
        day("issued_on", "Day of issue.", required=True),
        day("due_on", "Day on which it is due."),
        day("paid_on", "Day on which it was paid in full.", known_from="paid_on"),
        money("amount", "Amount billed.", unit="invoice currency"),
        text("currency", "Currency; empty: the reporting currency."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="issued_on",
    max_lag_days=31,
)

BILLING_DISPUTES = Table(
    "billing_disputes",
    "Objections to an invoice.",
    key=("dispute_id",),
    columns=(
        text("dispute_id", "The dispute's id.", required=True),
        account_id(),
        text("invoice_id", "The invoice in dispute.", references="invoices.invoice_id"),
        day("opened_on", "Day on which it was raised.", required=True),
        day("closed_on", "Day on which it was settled.", known_from="closed_on"),
        money("amount", "Amount in dispute.", unit="invoice currency"),
        text("reason", "What the customer objects to."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="opened_on",
)

PRICE_CHANGES = Table(
    "price_changes",
    "Price rises and cuts that we announced, and when they take effect.",
    key=("price_change_id", "account_id"),
    columns=(
        text("price_change_id", "The change's id.", required=True),
        text(
            "account_id",
            "The account concerned; '' for every account with the product.",
            default="",
            references="accounts.account_id",
        ),
        product_id("The product concerned; empty: all of the account's.", required=False),
        day("announced_on", "Day on which the customer was told.", required=True),
        day("effective_on", "First day of the new price.", required=True),
        decimal("change", "Rise (+) or cut (−), as a share of 1.", unit="ratio"),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="announced_on",
    max_lag_days=92,
)

TABLES = (
    ACCOUNTS, ACCOUNT_ASSIGNMENTS, ACCOUNT_TRANSFERS, BUSINESS_UNITS, SUBSCRIPTIONS, COMMITMENTS,
    COMMITMENT_PRODUCTS, ENTITLEMENT_POOLS, IMPLEMENTATIONS, INVOICES, BILLING_DISPUTES, PRICE_CHANGES,
)  # fmt: skip
