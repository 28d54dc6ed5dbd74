"""One customer who owns a CRM and could buy a service desk: the book that cross-sell signals are tested on."""

from __future__ import annotations

from datetime import date
from typing import Any

from small_book import SmallBook, month
from upcross.signals.model import Scope

AS_OF = date(2026, 9, 30)
Row = dict[str, Any]


def owns(account: str, product: str = "crm", unit: str = "", **more: Any) -> Row:
    """A line in force since 2025, 1,000 a month."""
    return {"line_id": f"{account}-{unit}-{product}", "valid_from": "2025-01-01", "account_id": account,
            "business_unit": unit, "product_id": product, "quantity": 50, "mrr": 1000, "rolling": True, **more}  # fmt: skip


def wide_book(**tables: list[Row]) -> SmallBook:
    """Acme owns the CRM; Desk (customer support) and Vault (compliance) are white space; other tables as given."""
    return SmallBook(
        {
            "accounts": [{"account_id": "acme", "name": "Acme", "segment": "mid", "industry": "retail"}],
            "products": [
                {"product_id": "crm", "name": "CRM", "kind": "product"},
                {"product_id": "desk", "name": "Desk", "kind": "product"},
                {"product_id": "vault", "name": "Vault", "kind": "module"},
            ],
            "product_domains": [
                {"product_id": "crm", "domain": "sales"},
                {"product_id": "desk", "domain": "Customer Support"},
                {"product_id": "vault", "domain": "compliance"},
            ],
            "pricing_plans": [
                {"plan_id": "d1", "product_id": "desk", "name": "Desk", "rank": 1, "charge": "per_unit"},
                {"plan_id": "v1", "product_id": "vault", "name": "Vault", "rank": 1, "charge": "flat"},
            ],
            "plan_prices": [{"plan_id": "d1", "list_price": 10}, {"plan_id": "v1", "list_price": 700}],
            "subscriptions": [owns("acme")],
            **tables,
        }
    )  # fmt: skip


def cell(book: SmallBook, product: str = "desk", unit: str = "", account: str = "acme") -> Row:
    """The white-space row of a product."""
    (row,) = [
        r
        for r in book.signals(Scope.WHITE_SPACE, AS_OF)
        if (r["account_id"], r["business_unit"], r["product_id"]) == (account, unit, product)
    ]
    return row


def account(book: SmallBook, name: str = "acme") -> Row:
    """An account's row."""
    (row,) = [r for r in book.signals(Scope.ACCOUNT, AS_OF) if r["account_id"] == name]
    return row


def seats(account: str, active: int, product: str = "crm") -> Row:
    """People active in September."""
    return {"account_id": account, "product_id": product, **month("2026-09-01"), "active": active}


def statement(number: int, on: str, quote: str = "We lose tickets", **more: Any) -> Row:
    """Something said about customer support, as a pain unless told otherwise."""
    return {"statement_id": f"s{number}", "account_id": "acme", "said_on": on, "kind": "pain",
            "domain": "customer support", "quote": quote, **more}  # fmt: skip


def contact(number: int, **more: Any) -> Row:
    """Somebody at Acme, known for two years."""
    return {"contact_id": f"k{number}", "account_id": "acme", "joined_on": "2024-01-01", **more}
