"""The rows that every revenue number is made from: what each product brought in each month, and why it changed.

The rows come from the models ``product_months`` and ``movements``; here they are only held, filtered and added up.
Amounts are integer ten-thousandths of the reporting currency; None is unknown (a missing exchange rate).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from upcross.revenue.movement import Kind

States = Mapping[date, Mapping[str, int | None]]
"""Recurring revenue by month and account; an account that is absent has none, None is unknown."""

PRICE_KINDS = frozenset(kind.value for kind in Kind if kind.is_price)
"""Movements that change what is paid and not what is bought."""


Position = tuple[str, str, str]
"""Account, business unit and product."""


class ProductMonth(NamedTuple):
    """What an account owns of one product at the end of a month."""

    account_id: str
    business_unit: str
    product_id: str
    month_start: date
    mrr: int | None
    quantity: int | None = None
    plan_id: str | None = None
    rank: int | None = None
    charge: str | None = None
    owned: bool = True

    @property
    def position(self) -> Position:
        """Account, business unit and product."""
        return self.account_id, self.business_unit, self.product_id


class Move(NamedTuple):
    """One cause of one month's change of one product's recurring revenue."""

    account_id: str
    business_unit: str
    product_id: str
    month_start: date
    kind: str
    amount: int
    motion: str = ""
    mechanism: str = ""
    origin: str = ""
    before_mrr: int | None = None
    after_mrr: int | None = None
    before_quantity: int | None = None
    after_quantity: int | None = None
    before_plan: str | None = None
    after_plan: str | None = None
    units: int | None = None
    base_mrr: int | None = None

    @property
    def position(self) -> Position:
        """Account, business unit and product."""
        return self.account_id, self.business_unit, self.product_id


class Transfer(NamedTuple):
    """An account that was merged into another, or split from it, on a day."""

    from_account_id: str
    to_account_id: str
    effective_on: date


class Carried(NamedTuple):
    """Recurring revenue that was transferred from one position to another in a month."""

    account_id: str
    business_unit: str
    product_id: str
    to_account_id: str
    to_business_unit: str
    to_product_id: str
    month_start: date
    mrr: int

    @property
    def position(self) -> Position:
        """Where it came from."""
        return self.account_id, self.business_unit, self.product_id

    @property
    def to(self) -> Position:
        """Where it went."""
        return self.to_account_id, self.to_business_unit, self.to_product_id


@dataclass(frozen=True, slots=True)
class Account:
    """What the book says of an account, as far as numbers are grouped by it."""

    account_id: str
    name: str = ""
    parent_account_id: str | None = None
    segment: str | None = None
    region: str | None = None
    industry: str | None = None
    csm: str | None = None
    account_manager: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """What the catalogue says of a product, as far as numbers depend on it."""

    product_id: str
    name: str
    kind: str
    parent_product_id: str | None = None
    successor_product_id: str | None = None
    retired_on: date | None = None
    counts_as_product: bool | None = None
    """As the catalogue says; None: by its kind."""
    requires: frozenset[str] = frozenset()
    excludes: frozenset[str] = frozenset()
    eligible: Mapping[str, frozenset[str]] | None = None
    """Allowed values by account attribute; None: everybody."""

    @property
    def counts(self) -> bool:
        """Whether it is one of the products of an account: as the catalogue says, else everything but support."""
        return self.kind != "support" if self.counts_as_product is None else self.counts_as_product


def states(months: Iterable[ProductMonth], of: Callable[[ProductMonth], str] | None = None) -> States:
    """Product months added up by month and account (or by what ``of`` names); one unknown makes the sum unknown."""
    found: dict[date, dict[str, int | None]] = {}
    for row in months:
        key = of(row) if of else row.account_id
        month = found.setdefault(row.month_start, {})
        so_far = month.get(key, 0)
        month[key] = None if so_far is None or row.mrr is None else so_far + row.mrr
    return found


def ultimate_parents(accounts: Iterable[Account]) -> dict[str, str]:
    """The topmost parent of every account; an account in a circle of parents is its own."""
    parents = {account.account_id: account.parent_account_id for account in accounts}
    found = {}
    for account in parents:
        seen, top = {account}, account
        while (above := parents.get(top)) and above in parents:
            if above in seen:
                top = account
                break
            seen.add(above)
            top = above
        found[account] = top
    return found


def first_months(by_account: States) -> dict[str, date]:
    """The first month at whose end each account paid (or may have: unknown counts)."""
    first: dict[str, date] = {}
    for month in sorted(by_account):
        for account, mrr in by_account[month].items():
            if mrr is None or mrr > 0:
                first.setdefault(account, month)
    return first


def in_window(moves: Iterable[Move], first: date, last: date) -> list[Move]:
    """The movements of the months from ``first`` to ``last``."""
    return [move for move in moves if first <= move.month_start <= last]


def month_changes(moves: Iterable[Move], leave_out: Iterable[str] = ("transfer",)) -> dict[tuple[str, date], int]:
    """The change of each account in each month, netted within the account; transfers are no change."""
    skipped = frozenset(leave_out)
    found: dict[tuple[str, date], int] = {}
    for move in moves:
        if move.kind not in skipped:
            key = (move.account_id, move.month_start)
            found[key] = found.get(key, 0) + move.amount
    return found
