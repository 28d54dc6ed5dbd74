"""Wider: how many products accounts own and use, which were attached to which, and how soon the second one came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from upcross.revenue.calendar import Window, months_between
from upcross.revenue.history import Account, Move, Product, ProductMonth, States, Transfer
from upcross.revenue.rate import Part, Rate, counted
from upcross.revenue.retention import Retention, retention


def owned_products(months: Iterable[ProductMonth], products: Mapping[str, Product]) -> dict[str, set[str]]:
    """The products that each account owns, as far as they count; a product the catalogue lacks counts as one."""
    found: dict[str, set[str]] = {}
    for row in months:
        if row.owned and (row.product_id not in products or products[row.product_id].counts):
            found.setdefault(row.account_id, set()).add(row.product_id)
    return found


def products_per_account(owned: Mapping[str, set[str]], paying: Iterable[str]) -> Rate:
    """Products owned ÷ accounts that pay."""
    parts = [Part(account, len(owned.get(account, ())), 1) for account in paying]
    return Rate.over(parts, empty="no account pays", money=False, plain=True)


def owning(owned: Mapping[str, set[str]], paying: Iterable[str], at_least: int) -> Rate:
    """The share of paying accounts that own so many products or more."""
    parts = [Part(account, int(len(owned.get(account, ())) >= at_least), 1) for account in paying]
    return Rate.over(parts, empty="no account pays", money=False)


def using(used: Mapping[str, Mapping[str, bool | None]], paying: Sequence[str], at_least: int) -> Rate:
    """The share of paying accounts that use so many of their products or more.

    ``used`` says of each owned product whether it is in use; None is unknown. An account whose known products do not
    decide it is left out, and counted in the note.
    """
    parts, undecided = [], 0
    for account in paying:
        uses = used.get(account, {})
        sure = sum(1 for use in uses.values() if use)
        possible = sum(1 for use in uses.values() if use is not False)
        if sure < at_least <= possible:
            undecided += 1
        else:
            parts.append(Part(account, int(sure >= at_least), 1))
    note = f"{counted(undecided, 'account')} whose use is unknown left out" if undecided else ""
    empty = "the use of no account's products is known" if paying else "no account pays"
    return Rate.over(parts, empty=empty, money=False, note=note)


@dataclass(frozen=True, slots=True)
class Attach:
    """How many of those who could own a product do, and who could."""

    product: Product
    rate: Rate
    among: str
    """Who stands in the denominator, in words."""


def attach_rates(owned: Mapping[str, set[str]], paying: Sequence[str], accounts: Mapping[str, Account],
                 products: Mapping[str, Product], on: date | None = None) -> list[Attach]:  # fmt: skip
    """Owners of a product ÷ paying accounts that may own it and have what it needs.

    What it needs: the products that it requires and the one it belongs to; where it needs none, any other product.
    Accounts outside its eligibility, or with a product that excludes it, are in neither number.
    A product that is retired by the day ``on`` has no rate, unless somebody still owns it.
    """
    found = []
    still_owned = {product for account in paying for product in owned.get(account, ())}
    for product in products.values():
        needs = product.requires | ({product.parent_product_id} if product.parent_product_id else set())
        retired = on is not None and product.retired_on is not None and product.retired_on <= on
        if not product.counts or (retired and product.product_id not in still_owned):
            continue
        parts = []
        for account in paying:
            has = owned.get(account, set())
            others = has - {product.product_id}
            fit = needs <= others if needs else bool(others)
            blocked = bool(product.excludes & others) and product.product_id not in has
            if fit and not blocked and _eligible(product, accounts.get(account)):
                parts.append(Part(account, int(product.product_id in has), 1))
        names = " and ".join(sorted(products[n].name if n in products else n for n in needs))
        among = f"eligible owners of {names}" if needs else "eligible owners of any other product"
        found.append(Attach(product, Rate.over(parts, empty=f"there are no {among}", money=False), among))
    return found


def _eligible(product: Product, account: Account | None) -> bool:
    if not product.eligible or account is None:
        return True
    return all(getattr(account, attribute, None) in allowed for attribute, allowed in product.eligible.items())


@dataclass(frozen=True, slots=True)
class SecondProduct:
    """Months from the first product to the second: the median of those who got there, and how many have not."""

    median: Fraction | None
    reached: int
    not_yet: int
    reason: str = ""


def time_to_second(first_owned: Mapping[str, Mapping[str, date]], since: date | None) -> SecondProduct:
    """How long after its first product an account took a second one.

    ``first_owned`` holds the first month of each product an account ever owned; accounts that owned something in the
    month ``since`` (the first of the history, unless the book begins there) started before it and are left out.
    """
    waits, waiting = [], 0
    for months in first_owned.values():
        in_order = sorted(months.values())
        if not in_order or (since is not None and in_order[0] <= since):
            continue
        if len(in_order) > 1:
            waits.append(months_between(in_order[0], in_order[1]))
        else:
            waiting += 1
    if not waits:
        return SecondProduct(None, 0, waiting, "no account that began within the history has a second product")
    waits.sort()
    half = len(waits) // 2
    middle = Fraction(waits[half]) if len(waits) % 2 else Fraction(waits[half - 1] + waits[half], 2)
    return SecondProduct(middle, len(waits), waiting)


@dataclass(frozen=True, slots=True)
class ByProducts:
    """Retention of the accounts that owned so many products at the start."""

    products: str
    retention: Retention


def retention_by_products(by_account: States, window: Window, moves: Sequence[Move], transfers: Sequence[Transfer],
                          owned_at_start: Mapping[str, set[str]]) -> list[ByProducts]:  # fmt: skip
    """Retention apart for owners of one, two, and three or more products at the start. An association, not a cause."""
    found = []
    start = by_account.get(window.start, {})
    for label, low, high in (("1", 0, 1), ("2", 2, 2), ("3 or more", 3, 10**6)):
        members = {a for a in start if low <= len(owned_at_start.get(a, ())) <= high}
        chosen = {
            month: {a: mrr for a, mrr in mrrs.items() if a in members or a not in start}
            for month, mrrs in by_account.items()
            if month in (window.start, window.last)
        }
        inside = [move for move in moves if move.account_id in members]
        linked = [t for t in transfers if t.from_account_id in members]
        found.append(ByProducts(label, retention(chosen, window, inside, linked)))
    return found
