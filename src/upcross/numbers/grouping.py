"""Numbers by segment, owner, region, product or cohort: the rows of a book, each in one group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from upcross.numbers.rows import Rows
from upcross.periods import add_months
from upcross.revenue.credit import held_on
from upcross.revenue.history import first_months
from upcross.revenue.retention import in_force_transfers, units


class By(StrEnum):
    """What numbers are grouped by."""

    SEGMENT = "segment"
    CSM = "csm"
    ACCOUNT_MANAGER = "account_manager"
    REGION = "region"
    PRODUCT = "product"
    COHORT = "cohort"

    @property
    def of_our_people(self) -> bool:
        """Whether each group is one of our people: what they are credited with."""
        return self in (By.CSM, By.ACCOUNT_MANAGER)


def split(rows: Rows, by: By) -> Iterable[tuple[str, str, Rows]]:
    """The rows of each group, in order of their names; merged and split accounts go where their start was."""
    if by is By.PRODUCT:
        for product in sorted({m.product_id for m in rows.moves} | {r.product_id for r in (*rows.start, *rows.end)}):
            found = rows.products.get(product)
            yield product, found.name if found else product, _of_product(rows, product)
        return
    start = rows.by_account.get(rows.window.start, {})
    accounts = {account for month in rows.by_account.values() for account in month}
    linked = units(accounts, in_force_transfers(rows.transfers, rows.window), start)
    named = _names(rows, by)
    group_of = {account: named.get(linked.get(account, account)) or "" for account in accounts}
    for name, chosen in sorted(_partition(rows, group_of).items()):
        yield name or "(none)", name or f"no {by.value.replace('_', ' ')}", chosen


def _names(rows: Rows, by: By) -> dict[str, str]:
    if by is By.COHORT:
        known = rows.begins is not None and rows.begins >= rows.months[0]
        first = first_months(rows.by_account)
        return {
            account: f"{month:%Y-%m}" if month > rows.months[0] or known else f"before {add_months(month, 1):%Y-%m}"
            for account, month in first.items()
        }
    if by.of_our_people:
        # The book as it stood at the start; whoever came later counts with the one who served them at the end.
        before = held_on(rows.window.starts_on, by.value, rows.accounts.values(), rows.assignments)
        after = held_on(rows.window.ends_on, by.value, rows.accounts.values(), rows.assignments)
        start = rows.by_account.get(rows.window.start, {})
        served = {a: (before if start.get(a, 0) != 0 else after).get(a) or after.get(a) for a in rows.accounts}
        return {account: held.person_id for account, held in served.items() if held is not None}
    return {account.account_id: getattr(account, by.value) or "" for account in rows.accounts.values()}


class _Keyed(Protocol):
    @property
    def account_id(self) -> str: ...


R = TypeVar("R", bound=_Keyed)


def _partition(rows: Rows, group_of: Mapping[str, str]) -> dict[str, Rows]:
    """The rows of every group, each row in one; rows of accounts that never paid nor owned are in none."""
    names = sorted(set(group_of.values()))

    def parted(listed: Iterable[R]) -> dict[str, tuple[R, ...]]:
        found: dict[str, list[R]] = {name: [] for name in names}
        for row in listed:
            if row.account_id in group_of:
                found[group_of[row.account_id]].append(row)
        return {name: tuple(group) for name, group in found.items()}

    by_account: dict[str, dict[date, dict[str, int | None]]] = {
        name: {month: {} for month in rows.by_account} for name in names
    }
    for month, mrrs in rows.by_account.items():
        for account, mrr in mrrs.items():
            by_account[group_of[account]][month][account] = mrr
    first_owned: dict[str, dict[str, Mapping[str, date]]] = {name: {} for name in names}
    for account, products in rows.first_owned.items():
        if account in group_of:
            first_owned[group_of[account]][account] = products
    start, end, moves = parted(rows.start), parted(rows.end), parted(rows.moves)
    unknown = parted(rows.unknown_moves)
    before, after = parted(rows.lines_at_start), parted(rows.lines_at_end)
    overage = parted(rows.overage or ())
    return {
        name: replace(
            rows, by_account=by_account[name], start=start[name], end=end[name], moves=moves[name],
            unknown_moves=unknown[name],
            first_owned=first_owned[name], lines_at_start=before[name], lines_at_end=after[name],
            due=None if rows.due is None else frozenset(key for key in rows.due if group_of.get(key[0]) == name),
            transfers=tuple(t for t in rows.transfers if group_of.get(t.from_account_id) == name),
            overage=None if rows.overage is None else overage[name],
        )
        for name in names
    }  # fmt: skip


def _of_product(rows: Rows, product: str) -> Rows:
    """The rows of one product: an account counts with what it pays for that product alone."""
    start = tuple(row for row in rows.start if row.product_id == product)
    end = tuple(row for row in rows.end if row.product_id == product)
    by_account: dict[date, dict[str, int | None]] = {month: {} for month in rows.months}
    for row in (*start, *end):
        sums = by_account.setdefault(row.month_start, {})
        so_far = sums.get(row.account_id, 0)
        sums[row.account_id] = None if so_far is None or row.mrr is None else so_far + row.mrr
    return replace(
        rows,
        by_account=by_account,
        start=start,
        end=end,
        moves=tuple(move for move in rows.moves if move.product_id == product),
        unknown_moves=tuple(move for move in rows.unknown_moves if move.product_id == product),
        first_owned={a: {p: m for p, m in found.items() if p == product} for a, found in rows.first_owned.items()},
        lines_at_start=tuple(line for line in rows.lines_at_start if line.product_id == product),
        lines_at_end=tuple(line for line in rows.lines_at_end if line.product_id == product),
        due=None if rows.due is None else frozenset(key for key in rows.due if key[2] == product),
        why_unknown={key: why for key, why in rows.why_unknown.items() if key[1] == product},
        products={product: rows.products[product]} if product in rows.products else {},
    )
