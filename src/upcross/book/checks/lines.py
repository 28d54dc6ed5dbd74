"""Checks of subscription lines: versions, overlaps, plans, terms that are over, and lines of those who left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from upcross.book.checks.check import FOREVER, Check, lines_on
from upcross.errors import Severity, issue_code

LINE_CONTRADICTORY = issue_code(
    "line-contradictory",
    Severity.ERROR,
    "Versions of one subscription line name different accounts, units or products.",
)
LINE_OVERLAP = issue_code(
    "line-overlap", Severity.WARNING, "Two lines of one account, unit, product and plan are in force at once."
)
LINE_WITHOUT_PLAN = issue_code("line-without-plan", Severity.WARNING, "Subscription lines name no pricing plan.")
PLAN_OF_OTHER_PRODUCT = issue_code(
    "plan-of-other-product", Severity.WARNING, "Lines name a plan that belongs to another product than theirs."
)
LINE_OPEN_AFTER_CHURN = issue_code(
    "line-open-after-churn", Severity.WARNING, "Lines are still in force although their account or contract has left."
)
TERM_PAST = issue_code(
    "term-past", Severity.WARNING, "Lines are in force past the end of their term, neither renewed nor ended."
)
SKU_UNKNOWN = issue_code("sku-unknown", Severity.WARNING, "Lines sell a price-book item that the table skus lacks.")
SKU_UNMAPPED = issue_code("sku-unmapped", Severity.WARNING, "Price-book items are not mapped to a product.")
SKU_DIFFERS = issue_code(
    "sku-differs", Severity.WARNING, "Lines name another product than the one that their price-book item is mapped to."
)


def line_checks(day: date) -> Iterator[Check]:
    """Subscription lines do not contradict each other, nor what else is known of their accounts on ``day``."""
    yield Check(
        LINE_CONTRADICTORY, ("subscriptions",), "line_id",
        "SELECT line_id AS example, max(source_row) AS source_row, min(account_id) AS account_id"
        " FROM current.subscriptions GROUP BY line_id HAVING count(DISTINCT account_id) > 1 "
        " OR count(DISTINCT product_id) > 1 OR count(DISTINCT business_unit) > 1",
        "are lines whose versions name several accounts, units or products",
        "give each its own line_id; replaces_line_id ties them together",
        total="SELECT count(DISTINCT line_id) FROM current.subscriptions",
        costs="a version of one account ends that of another: its money goes unseen",
    )  # fmt: skip
    yield Check(
        LINE_OVERLAP, ("subscriptions",), "line_id",
        "WITH spans AS (SELECT *, least(coalesce(lead(valid_from) OVER (PARTITION BY line_id ORDER BY valid_from),"
        f" {FOREVER}), coalesce(ends_on, {FOREVER})) AS until FROM current.subscriptions),"
        " before AS (SELECT line_id, valid_from, source_row, account_id, max(until) OVER (PARTITION BY account_id,"
        " business_unit, product_id, plan_id, contract_id, sku ORDER BY valid_from, line_id"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier FROM spans"
        " WHERE until > valid_from AND included_in IS NULL)"
        " SELECT line_id AS example, source_row, account_id FROM before WHERE valid_from < earlier",
        "begin while another line of the same account, unit, product, plan and contract is in force",
        "if it is one line, give both versions one line_id", costs="both are counted: seats and MRR may be doubled",
    )  # fmt: skip
    yield Check(
        LINE_WITHOUT_PLAN, ("subscriptions",), "plan_id",
        "SELECT line_id AS example, source_row, account_id FROM current.subscriptions WHERE plan_id IS NULL",
        "name no pricing plan", "map plan_id", costs="there is no seat price, no limit and no next tier",
    )  # fmt: skip
    yield Check(
        PLAN_OF_OTHER_PRODUCT, ("subscriptions", "pricing_plans"), "plan_id",
        "SELECT s.line_id || ': ' || s.plan_id || ' is of ' || p.product_id AS example, s.source_row, s.account_id"
        " FROM current.subscriptions s JOIN current.pricing_plans p USING (plan_id) WHERE p.product_id <> s.product_id",
        "name a plan of another product", "correct the plan or the product of the line",
        costs="limits and tiers of the wrong product are compared with their use",
    )  # fmt: skip
    yield from _after_the_end(day)
    yield from _skus()


def _after_the_end(day: date) -> Iterator[Check]:
    open_lines = f"({lines_on(day)})"
    told = (
        ("have cancelled_on and no ends_on", ("subscriptions",), "cancelled_on",
         f"SELECT line_id AS example, source_row, account_id FROM {open_lines}"
         f" WHERE ends_on IS NULL AND cancelled_on <= DATE '{day}'"),
        ("are past their term, and the renewal of their account is marked lost",
         ("subscriptions", "crm_opportunities"), "ends_on",
         f"SELECT l.line_id AS example, l.source_row, l.account_id FROM {open_lines} l WHERE l.ends_on IS NULL"
         f" AND coalesce(l.term_ends_on, DATE '1900-01-01') <= DATE '{day}' AND EXISTS (SELECT 1 FROM"
         " current.crm_opportunities o WHERE o.account_id = l.account_id AND o.kind = 'renewal' AND o.result = 'lost'"
         f" AND o.closed_on <= DATE '{day}' AND o.closed_on >= l.valid_from)"),
        ("belong to an account that was merged into another", ("subscriptions", "account_transfers"), "account_id",
         f"SELECT l.line_id AS example, l.source_row, l.account_id FROM {open_lines} l JOIN current.account_transfers t"
         f" ON t.from_account_id = l.account_id AND t.kind = 'merge' AND t.effective_on <= DATE '{day}'"
         " WHERE l.valid_from >= t.effective_on"),
    )  # fmt: skip
    for says, tables, field, failing in told:
        yield Check(
            LINE_OPEN_AFTER_CHURN, tables, field, failing, says,
            "give the line its ends_on, or correct what says that the customer left",
            costs="their MRR is counted as if it were still paid",
        )  # fmt: skip
    yield Check(
        TERM_PAST, ("subscriptions",), "term_ends_on",
        f"SELECT line_id || ' ' || CAST(term_ends_on AS VARCHAR) AS example, source_row, account_id FROM {open_lines}"
        f" WHERE term_ends_on <= DATE '{day}' AND ends_on IS NULL AND NOT rolling",
        f"are in force on {day}, past the end of their term",
        "load the renewal as a version of the line, give ends_on, or say rolling: true",
        costs="they have no renewal date: asks are not folded into the renewal, and retention counts them as kept",
    )  # fmt: skip


def _skus() -> Iterator[Check]:
    yield Check(
        SKU_UNKNOWN, ("subscriptions", "skus"), "sku",
        "SELECT sku AS example, source_row, account_id FROM current.subscriptions WHERE sku <> '' AND sku NOT IN"
        " (SELECT sku FROM current.skus)",
        "sell an item that is not in skus", "see `upcross check --skus`: it proposes what each is",
        costs="what they are is taken from the line alone",
    )  # fmt: skip
    yield Check(
        SKU_UNMAPPED, ("skus",), "product_id",
        "SELECT sku AS example, source_row FROM current.skus WHERE product_id IS NULL",
        "are mapped to no product", "see `upcross check --skus`: it proposes one for each",
        costs="it is unknown what was sold with them",
    )  # fmt: skip
    yield Check(
        SKU_DIFFERS, ("subscriptions", "skus"), "product_id",
        "SELECT s.line_id || ': ' || s.sku || ' is ' || k.product_id AS example, s.source_row, s.account_id"
        " FROM current.subscriptions s JOIN current.skus k USING (sku) WHERE k.product_id <> s.product_id",
        "name another product than their price-book item", "correct the line's product or the item's",
        costs="the line's product is what counts",
    )  # fmt: skip
