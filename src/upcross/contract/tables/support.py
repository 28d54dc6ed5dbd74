"""What went wrong: tickets and incidents."""

from __future__ import annotations

from upcross.contract.table import Coverage, Table, account_id, business_unit, day, product_id, text

TICKETS = Table(
    "tickets",
    "Support tickets.",
    key=("ticket_id",),
    columns=(
        text("ticket_id", "The ticket's id.", required=True),
        account_id(),
        business_unit(),
        product_id("The product it is about; empty: not said.", required=False),
        text("contact_id", "Who raised it."),
        day("opened_on", "Day on which it was opened.", required=True),
        day("closed_on", "Day on which it was closed.", known_from="closed_on"),
        text("priority", "Priority when it was opened.", values=("low", "normal", "high", "urgent")),
        text(
            "kind",
            "Question, problem, complaint or request.",
            values=("question", "problem", "complaint", "price_complaint", "request"),
        ),
        day("escalated_on", "Day on which it was escalated.", known_from="escalated_on"),
        day("escalation_closed_on", "Day on which the escalation was settled.", known_from="escalation_closed_on"),
        text("subject", "What it is about, in the customer's words."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="opened_on",
)

INCIDENTS = Table(
    "incidents",
    "Outages and other failures that customers felt.",
    key=("incident_id", "account_id"),
    columns=(
        text("incident_id", "The incident's id.", required=True),
        text(
            "account_id",
            "The account that was hit; '' for every account with the product.",
            default="",
            references="accounts.account_id",
        ),
        product_id("The product that failed; empty: all products.", required=False),
        day("started_on", "Day on which it began.", required=True),
        day("ended_on", "Day on which it was over.", known_from="ended_on"),
        text("severity", "How bad it was.", values=("minor", "major"), default="major"),
        text("summary", "What happened."),
    ),
    coverage=Coverage.EVERY_ACCOUNT,
    happened_on="started_on",
)

TABLES = (TICKETS, INCIDENTS)
