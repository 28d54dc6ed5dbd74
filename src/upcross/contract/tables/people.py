"""Whom we know, what they said and what they achieved: contacts, activities, outcomes, objectives, statements."""

from __future__ import annotations

from upcross.contract.table import (
    Coverage,
    Table,
    account_id,
    business_unit,
    day,
    decimal,
    flag,
    product_id,
    text,
)

CONTACTS = Table(
    "contacts",
    "People at the accounts.",
    key=("contact_id",),
    columns=(
        text("contact_id", "The contact's id.", required=True),
        account_id(),
        business_unit(),
        text("name", "The person's name."),
        text("title", "The person's title."),
        text("seniority", "Rank of the title.", values=("c_level", "vp", "director", "manager", "individual")),
        text("department", "Department or team."),
        text("reports_to", "The contact this person reports to.", references="contacts.contact_id"),
        flag("do_not_contact", "Whether the person asked not to be contacted.", default=False),
        day("joined_on", "Day since which we know the person."),
        day("left_on", "Day on which the person left the account.", known_from="left_on"),
    ),
    known_on=("recorded_at", "joined_on"),
)

CONTACT_ROLES = Table(
    "contact_roles",
    "The part a person plays for a product or a deal, and where the person stands.",
    key=("contact_id", "product_id", "crm_opportunity_id", "role"),
    columns=(
        text("contact_id", "The contact.", required=True, references="contacts.contact_id"),
        text("product_id", "The product; '' where the role is for a deal or general.", default=""),
        text("crm_opportunity_id", "The deal; '' where the role is for a product or general.", default=""),
        text(
            "role",
            "The part played.",
            required=True,
            values=(
                "champion",
                "economic_buyer",
                "decision_maker",
                "user_lead",
                "technical_lead",
                "procurement",
                "executive_sponsor",
                "detractor",
            ),
        ),
        text(
            "stance",
            "Where the person stands, as a person judged it.",
            values=("for", "neutral", "against", "unknown"),
            default="unknown",
        ),
        day("confirmed_on", "Day on which it was last confirmed."),
    ),
)

ACTIVITIES = Table(
    "activities",
    "Meetings, calls, e-mails and notes with a contact.",
    key=("activity_id",),
    columns=(
        text("activity_id", "The activity's id.", required=True),
        account_id(),
        text("contact_id", "The contact.", references="contacts.contact_id"),
        text("person_id", "Our person.", references="team.person_id"),
        text("kind", "Kind of activity.", values=("meeting", "call", "email", "note", "event")),
        text("direction", "Who began it.", values=("inbound", "outbound", "both")),
        day("happened_on", "Day of the activity.", required=True),
        text("body", "What was said or written."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="happened_on",
)

OUTCOMES = Table(
    "outcomes",
    "Value delivered: measured results, references, and the CSM's signed sentence with the customer's words.",
    key=("outcome_id",),
    columns=(
        text("outcome_id", "The outcome's id.", required=True),
        account_id(),
        business_unit(),
        product_id("The product that delivered it."),
        day("measured_on", "Day of the outcome.", required=True),
        text(
            "kind",
            "Measured result, reference given, or a sentence the CSM signs.",
            required=True,
            values=("measured", "reference", "signed_sentence"),
        ),
        text("metric", "What improved."),
        decimal("value", "By how much.", unit="metric's unit"),
        text("sentence", "The outcome as the customer would say it.", required=True),
        text("contact_id", "The sponsor who has it.", references="contacts.contact_id"),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="measured_on",
    max_lag_days=92,
)

OBJECTIVES = Table(
    "objectives",
    "What the customer wants to reach.",
    key=("objective_id",),
    columns=(
        text("objective_id", "The objective's id.", required=True),
        account_id(),
        business_unit(),
        text("product_id", "The product that serves it; empty: none yet.", references="products.product_id"),
        text("domain", "The problem domain it belongs to."),
        day("set_on", "Day on which it was set.", required=True),
        day("due_on", "Day by which it should be met."),
        day("met_on", "Day on which it was met.", known_from="met_on"),
        day("dropped_on", "Day on which it was given up.", known_from="dropped_on"),
        text("sentence", "The objective in the customer's words.", required=True),
        text("contact_id", "Who wants it.", references="contacts.contact_id"),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="set_on",
    max_lag_days=92,
)

FEATURE_REQUESTS = Table(
    "feature_requests",
    "Features that customers asked for.",
    key=("request_id",),
    columns=(
        text("request_id", "The request's id.", required=True),
        account_id(),
        business_unit(),
        product_id("The product it is for."),
        text("feature", "The feature asked for, as the catalogue names it.", required=True),
        text("contact_id", "Who asked.", references="contacts.contact_id"),
        day("requested_on", "Day of the request.", required=True),
        text("quote", "The request in the customer's words."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="requested_on",
    max_lag_days=31,
)

COMPETITOR_PRODUCTS = Table(
    "competitor_products",
    "Point solutions of others seen at an account.",
    key=("account_id", "business_unit", "competitor", "seen_on"),
    columns=(
        account_id(),
        business_unit(),
        text("competitor", "The product seen, as the catalogue names it.", required=True),
        text("domain", "The problem domain it covers; empty: as in the catalogue."),
        day("seen_on", "Day on which it was seen.", required=True),
        day("ends_on", "Day on which its contract ends."),
        text("source", "Where it was seen."),
        text("quote", "The sentence or record that says so."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="seen_on",
    max_lag_days=92,
)

ORG_CHANGES = Table(
    "org_changes",
    "Changes at an account that create needs: new teams, areas, leaders, sites, mergers.",
    key=("account_id", "business_unit", "kind", "happened_on"),
    columns=(
        account_id(),
        business_unit(),
        text(
            "kind",
            "Kind of change.",
            required=True,
            values=("new_team", "new_business_area", "new_leader", "new_site", "merger", "reorganisation", "layoff"),
        ),
        text("domain", "The problem domain it touches."),
        day("happened_on", "Day of the change.", required=True),
        text("source", "Where it was read."),
        text("quote", "The sentence that says so."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="happened_on",
    max_lag_days=92,
)

STATEMENTS = Table(
    "statements",
    "What people at the account said: always a quote, who said it, and which domain it touches.",
    key=("statement_id",),
    columns=(
        text("statement_id", "The statement's id.", required=True),
        account_id(),
        business_unit(),
        day("said_on", "Day on which it was said.", required=True),
        text(
            "kind",
            "What the statement is.",
            required=True,
            values=(
                "pain",
                "need",
                "question",
                "praise",
                "buying_request",
                "objection",
                "price_complaint",
                "competitor",
                "new_team",
                "new_business_area",
                "org_change",
                "objective",
            ),
        ),
        text("product_id", "The product meant, where one was named.", references="products.product_id"),
        text("domain", "The problem domain it touches."),
        text("quote", "The sentence as it was said.", required=True),
        text("contact_id", "Who said it.", references="contacts.contact_id"),
        text("person", "Who said it, where the person is no known contact."),
        text("source", "Where it was said or written."),
        flag("explicit", "Whether the need is stated outright, not implied.", default=True),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="said_on",
    max_lag_days=31,
)

TABLES = (
    CONTACTS, CONTACT_ROLES, ACTIVITIES, OUTCOMES, OBJECTIVES, FEATURE_REQUESTS, COMPETITOR_PRODUCTS,
    ORG_CHANGES, STATEMENTS,
)  # fmt: skip
