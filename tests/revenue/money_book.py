"""A book written as revenue by month, for tests of what is computed from months and movements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from small_book import SmallBook
from upcross.numbers.reading import at_level, compute, rows_from
from upcross.numbers.rows import Level, Rows, at_parents
from upcross.periods import add_months
from upcross.revenue.calendar import Window
from upcross.revenue.history import Move, States

JAN = date(2026, 1, 1)
YEAR = Window(date(2026, 1, 1), date(2026, 12, 1))
"""January to December 2026: its start is the end of December 2025."""


def states(**accounts: Mapping[str, int | None]) -> States:
    """Revenue in currency units by account and month (dec = the start, then jan …), carried on until it changes."""
    names = ("dec", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "end")
    found: dict[date, dict[str, int | None]] = {}
    for index in range(len(names)):
        month = found.setdefault(add_months(date(2025, 12, 1), index), {})
        for account, given in accounts.items():
            known = [given[earlier] for earlier in names[: index + 1] if earlier in given]
            if known and known[-1] != 0:
                month[account] = None if known[-1] is None else known[-1] * 10_000
    return found


def move(account: str, month: int, kind: str, amount: int, product: str = "crm", **more: Any) -> Move:
    """A movement in a month of 2026, in currency units."""
    motion = "upsell" if kind in ("seats", "tier", "usage", "support") else "cross_sell" if kind == "cross_sell" else ""
    mechanism = kind if motion == "upsell" else "product" if motion else ""
    return Move(account, "", product, date(2026, month, 1), kind, amount * 10_000,
                **{"motion": motion, "mechanism": mechanism, **more})  # fmt: skip


def line(line_id: str, account: str, starts: str, mrr: int, until: str | None = None, **more: Any) -> dict[str, Any]:
    """A subscription line with one version."""
    return {"line_id": line_id, "valid_from": starts, "account_id": account, "product_id": "crm", "mrr": mrr,
            "business_unit": "", "ends_on": until, **more}  # fmt: skip


def book(lines: list[dict[str, Any]], **tables: list[dict[str, Any]]) -> SmallBook:
    """A book of lines, with an account for each that a line names, and a product for each."""
    named = sorted({row["account_id"] for row in lines} | {row["account_id"] for row in tables.get("accounts", [])})
    given = {row["account_id"]: row for row in tables.pop("accounts", [])}
    accounts = [{"name": account.title(), **given.get(account, {"account_id": account})} for account in named]
    listed = {row["product_id"] for row in tables.get("products", [])}
    products = [{"product_id": p, "name": p.title(), "kind": "product"}
                for p in sorted({row["product_id"] for row in lines} - listed)]  # fmt: skip
    return SmallBook({
        "accounts": accounts, "subscriptions": lines, "products": [*tables.pop("products", []), *products], **tables,
    })  # fmt: skip


def read(made: SmallBook, window: Window = YEAR, as_of: date | None = None, known_at: date | None = None,
         parents: bool = False) -> Rows:  # fmt: skip
    """The rows of a window of a small book, as ``upcross metrics`` reads them."""
    level = Level.ULTIMATE_PARENT if parents else Level.ACCOUNT
    frame = at_level(made.frame(as_of or window.ends_on, known_at), level)
    connection = made.connect()
    compute(connection, frame)
    rows = rows_from(connection, frame, window)
    return at_parents(rows) if parents else rows
