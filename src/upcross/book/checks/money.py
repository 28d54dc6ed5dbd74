"""Checks of money: signs, MRR against its parts, and exchange rates."""

from __future__ import annotations

from collections.abc import Iterator

from upcross.book.checks.check import Check
from upcross.book.store import Manifest
from upcross.contract import TABLES
from upcross.errors import Severity, issue_code

MONEY_NEGATIVE = issue_code("money-negative", Severity.WARNING, "Prices or revenue are below zero.")
QUANTITY_NEGATIVE = issue_code("quantity-negative", Severity.WARNING, "Quantities purchased are below zero.")
MRR_DIFFERS = issue_code(
    "mrr-differs", Severity.WARNING, "A line's MRR is not what its quantity and unit price, or its amount, give."
)
MRR_UNKNOWN = issue_code("mrr-unknown", Severity.WARNING, "Lines have no MRR, and nothing to compute it from.")
RATE_MISSING = issue_code("rate-missing", Severity.ERROR, "Amounts are in a currency without an exchange rate.")
RATE_INVALID = issue_code("rate-invalid", Severity.ERROR, "Exchange rates are zero or below.")

_NEVER_NEGATIVE = {
    "subscriptions": ("mrr", "unit_price", "list_unit_price", "amount"),
    "commitments": ("price", "overage_rate"),
    "targets": ("mrr",),
    "crm_opportunities": ("amount", "mrr"),
}
_PRICED = ("subscriptions", "commitments", "invoices", "crm_opportunities", "plan_prices")


def money_checks(manifest: Manifest) -> Iterator[Check]:
    """Money has the right sign, adds up, and can be converted."""
    for name, columns in _NEVER_NEGATIVE.items():
        account = ", account_id" if TABLES[name].has("account_id") else ""
        for column in columns:
            yield Check(
                MONEY_NEGATIVE, (name,), column,
                f"SELECT {TABLES[name].key[0]} AS example, source_row{account} FROM current.{name} WHERE {column} < 0",
                "are below zero", "a credit belongs into the price of its line, not on a line of its own",
                costs="revenue, potential and movements are counted with them as they stand",
            )  # fmt: skip
    yield Check(
        QUANTITY_NEGATIVE, ("subscriptions",), "quantity",
        "SELECT line_id AS example, source_row, account_id FROM current.subscriptions WHERE quantity < 0",
        "have a quantity below zero", "a reduction is a later version of its line with the smaller quantity",
        costs="seats purchased are too few, and use of them too high",
    )  # fmt: skip
    # Unit prices are often rounded to cents: half a cent a unit is no difference.
    by_price = "abs(mrr - quantity * unit_price) > 100 + 50 * abs(quantity)"
    by_amount = "period_months > 0 AND abs(mrr * period_months - amount) > 100 * period_months"
    yield Check(
        MRR_DIFFERS, ("subscriptions",), "mrr",
        "SELECT line_id AS example, source_row, account_id FROM current.subscriptions"
        f" WHERE ({by_price}) OR ({by_amount})",
        "have an MRR that differs from quantity × unit_price or amount ÷ period_months",
        "find out which is right", costs="mrr is what counts, right or wrong",
    )  # fmt: skip
    yield Check(
        MRR_UNKNOWN, ("subscriptions",), "mrr",
        "SELECT line_id AS example, source_row, account_id FROM current.subscriptions"
        " WHERE mrr IS NULL AND status <> 'trial'",
        "have no MRR", "give mrr, or amount and period_months, or unit_price",
        costs="their money is unknown, not zero: totals of their accounts and months are unknown too",
    )  # fmt: skip
    yield from _rates(manifest)


def _rates(manifest: Manifest) -> Iterator[Check]:
    rates = "SELECT NULL WHERE false"
    if "exchange_rates" in manifest.tables:
        bound = f" WHERE valid_from <= DATE '{manifest.rates_on}'" if manifest.rates_on else ""
        rates = f"SELECT currency FROM current.exchange_rates{bound}"
    for name in _PRICED:
        account = ", account_id" if TABLES[name].has("account_id") else ""
        yield Check(
            RATE_MISSING, (name,), "currency",
            f"SELECT currency AS example, source_row{account} FROM current.{name}"
            f" WHERE currency <> '{manifest.reporting_currency}' AND currency <> '' AND currency NOT IN ({rates})",
            f"are in a currency without a rate into {manifest.reporting_currency}",
            "add the rate to exchange_rates", costs="these amounts are unknown, and so is every sum with them",
        )  # fmt: skip
    yield Check(
        RATE_INVALID, ("exchange_rates",), "rate",
        "SELECT currency || ' ' || CAST(rate AS VARCHAR) AS example, source_row FROM current.exchange_rates"
        " WHERE rate <= 0",
        "are zero or below", "give the units of the reporting currency for one unit, such as 0.92",
        costs="all money in these currencies is worth nothing",
    )  # fmt: skip
