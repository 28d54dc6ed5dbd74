"""What customers do with what they bought: usage, seats, health."""

from __future__ import annotations

from upcross.contract.table import (
    Coverage,
    Table,
    account_id,
    business_unit,
    day,
    decimal,
    integer,
    product_id,
    text,
)

USAGE = Table(
    "usage",
    "Measured use: one value a metric and period.",
    key=("account_id", "business_unit", "product_id", "metric", "period_start"),
    columns=(
        account_id(),
        business_unit(),
        product_id(),
        text("metric", "What is measured.", required=True, references="metrics.metric"),
        day("period_start", "First day of the period.", required=True),
        day("period_end", "First day after the period.", required=True),
        decimal("value", "The measured value.", unit="metric's unit", required=True),
    ),
    coverage=Coverage.ONLY_LISTED,
    happened_on="period_end",
    exclusive=True,
)

SEATS = Table(
    "seats",
    "People on a product in a period: seats assigned, and distinct people active by a core action"
    " (never service accounts).",
    key=("account_id", "business_unit", "product_id", "seat_type", "period_start"),
    columns=(
        account_id(),
        business_unit(),
        product_id(),
        text("seat_type", "Kind of seat where there are several; '' is the only kind.", default=""),
        day("period_start", "First day of the period.", required=True),
        day("period_end", "First day after the period.", required=True),
        integer("assigned", "Seats assigned to a person.", unit="seats"),
        integer("active", "Distinct people who did a core action in the period.", unit="people"),
    ),
    coverage=Coverage.ONLY_LISTED,
    happened_on="period_end",
    exclusive=True,
)

HEALTH_SCORES = Table(
    "health_scores",
    "The company's own health score, where it has one.",
    key=("account_id", "measured_on"),
    columns=(
        account_id(),
        day("measured_on", "Day of the score.", required=True),
        integer("score", "Health in points, 0 (worst) to 100.", unit="points", required=True),
        text("level", "Red, amber or green; empty: by the scorecard's limits.", values=("red", "amber", "green")),
    ),
    coverage=Coverage.ONLY_LISTED,
    happened_on="measured_on",
    max_lag_days=31,
)

TABLES = (USAGE, SEATS, HEALTH_SCORES)
