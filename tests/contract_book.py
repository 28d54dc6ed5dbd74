"""Contract histories of a few rows, and the movements that they make, in currency units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

from small_book import SmallBook
from upcross.money import to_decimal
from upcross.signals.frame import Frame
from upcross.signals.registry import Registry, build, shipped_models

AS_OF = date(2025, 12, 31)

PRODUCTS = (
    {"product_id": "crm", "name": "CRM", "kind": "product"},
    {"product_id": "old", "name": "Old desk", "kind": "product", "successor_product_id": "desk"},
    {"product_id": "desk", "name": "Desk", "kind": "product"},
    {"product_id": "audit", "name": "Audit", "kind": "module"},
    {"product_id": "sms", "name": "SMS", "kind": "add_on"},
    {"product_id": "care", "name": "Premium support", "kind": "support"},
    {"product_id": "api", "name": "API", "kind": "product"},
)
PLANS = (
    {"plan_id": "std", "product_id": "crm", "name": "Standard", "rank": 1, "charge": "per_unit"},
    {"plan_id": "pro", "product_id": "crm", "name": "Pro", "rank": 2, "charge": "per_unit"},
    {"plan_id": "bare", "product_id": "crm", "name": "Bare (no list price)", "rank": 3, "charge": "per_unit"},
    {"plan_id": "api1", "product_id": "api", "name": "API 1", "rank": 1, "charge": "flat"},
    {"plan_id": "api2", "product_id": "api", "name": "API 2", "rank": 2, "charge": "flat"},
    {"plan_id": "desk1", "product_id": "desk", "name": "Desk", "rank": 1, "charge": "per_unit"},
    {"plan_id": "old1", "product_id": "old", "name": "Old desk", "rank": 1, "charge": "per_unit"},
    {"plan_id": "care1", "product_id": "care", "name": "Care", "rank": 1, "charge": "flat"},
    {"plan_id": "care2", "product_id": "care", "name": "Care plus", "rank": 2, "charge": "flat"},
)
PRICES = tuple(
    {"plan_id": plan, "list_price": price}
    for plan, price in (("std", 10), ("pro", 15), ("api1", 300), ("api2", 800), ("care1", 100), ("care2", 250))
)


@cache
def models() -> Registry:
    return build((), shipped_models())


def line(line_id: str, valid_from: str, quantity: int, mrr: Any, **cells: Any) -> dict[str, Any]:
    """One version of a line: account acme, product crm on plan std where nothing else is said."""
    given = {"account_id": "acme", "product_id": "crm", "plan_id": "std"}
    return {**given, "line_id": line_id, "valid_from": valid_from, "quantity": quantity, "mrr": mrr, **cells}


def book(*lines: dict[str, Any], currency: str = "EUR", **tables: list[dict[str, Any]]) -> SmallBook:
    """The lines with the accounts they name and a small catalogue; further tables by name."""
    named = {row["account_id"] for row in lines} | {r["account_id"] for r in tables.get("commitments", [])}
    rows: dict[str, list[dict[str, Any]]] = {
        "accounts": [{"account_id": name, "name": name} for name in sorted(named)],
        "products": [dict(row) for row in PRODUCTS],
        "pricing_plans": [dict(row) for row in PLANS],
        "plan_prices": [dict(row) for row in PRICES],
        "subscriptions": list(lines),
        **tables,
    }
    return SmallBook(rows, currency=currency)


def rows(
    small: SmallBook, model: str, as_of: date = AS_OF, known_at: date | None = None, connection: Any = None
) -> list[dict[str, Any]]:
    """The rows of one model, sorted; amounts in ten-thousandths."""
    statement = Frame(models(), small.snapshot(as_of, known_at)).model_statement(model)
    # execute() rather than sql(): a relation would be bound once more than it is run.
    found = (connection or small.connect()).execute(f"SELECT * FROM ({statement}) ORDER BY ALL")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def moves(
    small: SmallBook, as_of: date = AS_OF, known_at: date | None = None, *, opening: bool = False
) -> list[tuple[str, str, str, Decimal]]:
    """(month, product, kind, amount) in order of month, product, kind; without what is new unless ``opening``.

    Every book that is asked for its movements is also checked for its balance.
    """
    found = check_balance(small, as_of, known_at)
    return sorted(
        (str(row["month_start"])[:7], row["product_id"], row["kind"], to_decimal(row["amount"]))
        for row in found
        if opening or row["kind"] != "new"
    )


def check_balance(small: SmallBook, as_of: date = AS_OF, known_at: date | None = None) -> list[dict[str, Any]]:
    """The movements, after seeing that they balance.

    For each account, unit, product and month the amounts sum exactly to the month's MRR less that of the month before;
    where either is unknown, the kind is.
    """
    connection = small.connect()
    months = sorted(row["month_start"] for row in rows(small, "months", as_of, connection=connection))
    mrr: dict[tuple[Any, ...], int | None] = {}
    for row in rows(small, "product_months", as_of, known_at, connection):
        mrr[row["account_id"], row["business_unit"], row["product_id"], row["month_start"]] = row["mrr"]
    found = rows(small, "movements", as_of, known_at, connection)
    amounts: dict[tuple[Any, ...], list[int | None]] = {}
    for row in found:
        assert row["amount"] != 0
        assert (row["amount"] is None) == (row["kind"] == "unknown")
        key = (row["account_id"], row["business_unit"], row["product_id"], row["month_start"])
        amounts.setdefault(key, []).append(row["amount"])
    positions = {key[:3] for key in (*mrr, *amounts)}
    for position in positions:
        for before, month in pairwise(months):
            then, now = mrr.get((*position, before), 0), mrr.get((*position, month), 0)
            parts = amounts.get((*position, month), [])
            if then is None or now is None:
                assert set(parts) <= {None}, (position, month, parts)
            else:
                assert sum(part or 0 for part in parts) == now - then, (position, month, parts)
                assert None not in parts
    return found


def eventful() -> SmallBook:
    """Every branch of the movements at least once: prices that do not divide, other currencies, moves, commitments."""
    usd = {"currency": "USD"}
    api = {"product_id": "api", "plan_id": "api1"}
    terms = {
        "account_id": "acme",
        "product_id": "api",
        "metric": "calls",
        "starts_on": "2025-03-01",
        "ends_on": "2026-03-01",
    }
    small = book(
        line("a", "2024-01-01", 3, 100, term_ends_on="2025-02-01"),
        line("a", "2025-02-01", 4, "140.01", escalator="0.03", origin="amendment"),
        line("a", "2025-05-01", 4, 160, plan_id="pro", discount="0.15", discount_ends_on="2025-09-10"),
        line("b", "2025-01-01", 7, "33.35", **usd), line("b", "2025-06-01", 7, "41.07"),
        line("c", "2025-01-01", 1, 500, account_id="beta", ends_on="2025-07-01", **api),
        line("d", "2025-01-01", 9, 90, account_id="beta", product_id="old", plan_id="old1", ends_on="2025-08-01"),
        line("e", "2025-08-01", 9, 99, account_id="beta", product_id="desk", plan_id="desk1"),
        line("f", "2025-02-01", 1, 10, account_id="gone", ends_on="2025-04-01"),
        line("g", "2025-03-01", 3, 33, account_id="odd", currency="XXX"),
        line("h", "2025-01-01", 90, 1000, account_id="whole"), line("h", "2025-10-01", 40, 450, account_id="whole"),
        line("j", "2024-04-01", 7, "77.77", account_id="slow", escalator="0.0333"),
        line("j", "2025-04-01", 8, "93.11", account_id="slow"),
        line("i", "2025-10-01", 50, 600, account_id="part"),
        exchange_rates=[{"currency": "USD", "valid_from": "2020-01-01", "rate": "0.91234567"}],
        commitments=[{**terms, "commitment_id": "k", "amount": "1200.5", "price": 7777}],
        account_transfers=[
            {"from_account_id": "beta", "to_account_id": "acme", "kind": "merge", "effective_on": "2025-07-01"},
            {"from_account_id": "whole", "to_account_id": "part", "kind": "split", "effective_on": "2025-10-15"},
        ],
    )  # fmt: skip
    small.rows["skus"] = [{"sku": "pack", "mechanism": "usage"}]
    small.rows["accounts"][1]["parent_account_id"] = "acme"
    return small
