"""The rows that the numbers of one window are made from, by account or with accounts under their ultimate parents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from upcross.book.snapshot import Snapshot
from upcross.revenue.calendar import Window
from upcross.revenue.credit import Assignment
from upcross.revenue.definitions import LineState
from upcross.revenue.history import (
    Account,
    Carried,
    Move,
    Product,
    ProductMonth,
    States,
    Transfer,
    ultimate_parents,
)
from upcross.revenue.kept import Standing
from upcross.revenue.upsell import Overage
from upcross.signals.frame import Frame


class Level(StrEnum):
    """Who counts as one customer."""

    ACCOUNT = "account"
    ULTIMATE_PARENT = "ultimate_parent"


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one reading; amounts in ten-thousandths of the reporting currency."""

    window: Window
    frame: Frame
    currency: str
    begins: date | None
    """The first month in which any line was in force."""
    months: tuple[date, ...]
    """The months for which states are known, oldest first."""
    by_account: States
    start: tuple[ProductMonth, ...]
    end: tuple[ProductMonth, ...]
    moves: tuple[Move, ...]
    unknown_moves: tuple[Move, ...]
    """Movements whose amount is unknown: a price or an exchange rate is missing."""
    later: Standing
    """Positions before they changed, twelve months after they grew, and always where money was transferred."""
    carried: tuple[Carried, ...]
    first_owned: Mapping[str, Mapping[str, date]]
    lines_at_start: tuple[LineState, ...]
    lines_at_end: tuple[LineState, ...]
    due: frozenset[tuple[str, str, str]] | None
    accounts: Mapping[str, Account]
    products: Mapping[str, Product]
    plans: Mapping[str, tuple[str, ...]]
    assignments: tuple[Assignment, ...]
    transfers: tuple[Transfer, ...]
    forced_moves: frozenset[tuple[str, str, str]]
    used: Mapping[str, Mapping[str, bool | None]] = field(default_factory=dict)
    overage: tuple[Overage, ...] | None = None
    """None: no commitments are known."""
    white_space: frozenset[str] | None = None
    """Accounts that lack a product they could buy; None: not asked."""
    at_limit: frozenset[str] | None = None
    """Accounts that use a plan's limit to 90% or more; None: not asked or not known."""
    why_unknown: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Why the revenue of an account and product at the window's start or end is unknown."""
    customer: Mapping[str, str] = field(default_factory=dict)
    """The ultimate parent of each account, where that is who counts."""

    @property
    def snapshot(self) -> Snapshot:
        """The book as it was known."""
        return self.frame.snapshot


def at_parents(rows: Rows) -> Rows:
    """The same rows with every account under its ultimate parent; a subsidiary's purchases stay lines of their own."""
    parent = ultimate_parents(rows.accounts.values())

    def of(account: str) -> str:
        return parent.get(account, account)

    def unit(account: str, business_unit: str) -> str:
        return business_unit if of(account) == account else f"{account}/{business_unit}".rstrip("/")

    def months(listed: Iterable[ProductMonth]) -> tuple[ProductMonth, ...]:
        return tuple(
            row._replace(account_id=of(row.account_id), business_unit=unit(row.account_id, row.business_unit))
            for row in listed
        )

    def lines(listed: Iterable[LineState]) -> tuple[LineState, ...]:
        return tuple(
            line._replace(account_id=of(line.account_id), business_unit=unit(line.account_id, line.business_unit))
            for line in listed
        )

    def moved(listed: Iterable[Move]) -> tuple[Move, ...]:
        return tuple(
            move._replace(account_id=of(move.account_id), business_unit=unit(move.account_id, move.business_unit))
            for move in listed
        )

    by_parent: dict[date, dict[str, int | None]] = {}
    for month, mrrs in rows.by_account.items():
        sums = by_parent.setdefault(month, {})
        for account, mrr in mrrs.items():
            so_far = sums.get(of(account), 0)
            sums[of(account)] = None if so_far is None or mrr is None else so_far + mrr
    first_owned: dict[str, dict[str, date]] = {}
    used: dict[str, dict[str, bool | None]] = {}
    for account, products in rows.first_owned.items():
        for product, first in products.items():
            own = first_owned.setdefault(of(account), {})
            own[product] = min(first, own.get(product, first))
    for account, uses in rows.used.items():
        for product, use in uses.items():
            shared = used.setdefault(of(account), {})
            shared[product] = bool(shared.get(product)) or use
    return replace(
        rows,
        by_account=by_parent,
        start=months(rows.start),
        end=months(rows.end),
        moves=moved(rows.moves),
        unknown_moves=moved(rows.unknown_moves),
        why_unknown={(of(account), product): why for (account, product), why in rows.why_unknown.items()},
        carried=tuple(
            row._replace(
                account_id=of(row.account_id),
                business_unit=unit(row.account_id, row.business_unit),
                to_account_id=of(row.to_account_id),
                to_business_unit=unit(row.to_account_id, row.to_business_unit),
            )
            for row in rows.carried
        ),
        later={(of(a), unit(a, u), p, m): mrr for (a, u, p, m), mrr in rows.later.items()},
        first_owned=first_owned,
        used=used,
        customer=parent,
        lines_at_start=lines(rows.lines_at_start),
        lines_at_end=lines(rows.lines_at_end),
        due=None if rows.due is None else frozenset((of(a), unit(a, u), p) for a, u, p in rows.due),
        transfers=tuple(
            Transfer(of(t.from_account_id), of(t.to_account_id), t.effective_on)
            for t in rows.transfers
            if of(t.from_account_id) != of(t.to_account_id)
        ),
        forced_moves=frozenset((of(a), unit(a, u), p) for a, u, p in rows.forced_moves),
    )
