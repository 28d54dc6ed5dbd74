"""The records behind every mark of a window's numbers: rows whose sum is the mark, to the last ten-thousandth.

A mark has a name: ``retention``, ``churn``, ``nrr.seats-down``, ``attach.crm``. Amounts are exact decimal text in
currency units a month, or a year where the numbers are shown as ARR; lines behind a movement are a month always.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from upcross.numbers.causes import CAUSES, Moved, cause_of
from upcross.numbers.drilldown import Line, Movements, Told
from upcross.numbers.grouping import split
from upcross.numbers.report import Group, Numbers, settled_moves
from upcross.numbers.rows import Rows
from upcross.opportunities.evidence import amount
from upcross.revenue.history import Move
from upcross.revenue.rate import Rate
from upcross.revenue.retention import Retention

Record = dict[str, Any]


class Records:
    """Records of one window, with names and the lines behind each movement."""

    def __init__(self, numbers: Numbers, told: Movements) -> None:
        self.numbers = numbers
        self.rows = numbers.rows
        self._times = numbers.display.times
        self._told: dict[tuple[Any, ...], list[Told]] = defaultdict(list)
        for item in told.told:
            self._told[_key(self._customer(item.move.account_id), item.move)].append(item)

    def all(self, why: Moved) -> Iterator[tuple[str, Record]]:
        """Every mark of the whole base, of its groups, of its cohort's changes and of its trend."""
        total = self.numbers.total
        yield "retention", self.retention(total.retention)
        for found in self.numbers.trailing:
            yield f"retention.{found.window.last:%Y-%m}", self.retention(found)
        yield "start", self.balances(self.rows, total, start=True)
        yield "end", self.balances(self.rows, total, start=False)
        yield from self.causes("", settled_moves(self.rows))
        yield from self.causes("nrr.", why.moves)
        for name, rate in rates(total):
            yield name, self.rate(rate)
        for by in total.cross_sell.by_products:
            yield f"products.{by.products}", self.retention(by.retention)
        for credit in self.numbers.credits:
            yield f"credit.{credit.person_id}", self.retention(credit.settled)
            if credit.why_apart:
                yield f"apart.{credit.person_id}", self.retention(credit.apart)
        if self.numbers.by is not None:
            rows_of = {name: rows for name, _, rows in split(self.rows, self.numbers.by)}
            for group in self.numbers.groups:
                yield f"group.{group.name}", self.retention(group.retention)
                moves = settled_moves(rows_of[group.name])
                for side, motion in (("deeper", "upsell"), ("wider", "cross_sell")):
                    won = [move for move in moves if move.motion == motion and move.amount > 0]
                    yield f"group.{group.name}.{side}", self.moves(won)

    def causes(self, prefix: str, moves: Iterable[Move]) -> Iterator[tuple[str, Record]]:
        """One mark for each cause of a change."""
        found: dict[str, list[Move]] = defaultdict(list)
        for move in moves:
            found[cause_of(move)].append(move)
        for cause in CAUSES:
            if cause in found:
                yield prefix + cause, self.moves(found[cause])

    def retention(self, found: Retention) -> Record:
        """One row an account: what it brought at the start and brings at the end, also without price and capped."""
        without = {part.account_id: part.numerator for part in found.nrr_without_price.parts}
        capped = {part.account_id: part.numerator for part in found.grr.parts}
        parts = sorted(found.nrr.parts, key=lambda part: (-abs(part.numerator - part.denominator), part.account_id))
        return {
            "kind": "retention",
            "from": f"{found.window.first:%Y-%m}", "to": f"{found.window.last:%Y-%m}",
            "reason": found.nrr.reason or None,
            "values": {"nrr": found.nrr.value, "nrr_without_price": found.nrr_without_price.value,
                       "grr": found.grr.value},
            "rows": [
                {"account_id": part.account_id, "account": self._name(part.account_id),
                 "start": self._amount(part.denominator), "end": self._amount(part.numerator),
                 "change": self._amount(part.numerator - part.denominator),
                 "without_price": self._amount(without[part.account_id]), "kept": self._amount(capped[part.account_id])}
                for part in parts
            ],
            "total": {
                "start": self._amount(found.nrr.denominator), "end": self._amount(found.nrr.numerator),
                "change": self._amount(found.nrr.numerator - found.nrr.denominator),
                "without_price": self._amount(found.nrr_without_price.numerator),
                "kept": self._amount(found.grr.numerator),
            },
        }  # fmt: skip

    def rate(self, rate: Rate) -> Record:
        """One row an account (or movement): what it adds above and below the line."""
        show = self._amount if rate.money else int
        return {
            "kind": "rate", "money": rate.money, "plain": rate.plain, "value": rate.value,
            "reason": rate.reason or None,
            "rows": [
                {"account_id": part.account_id, "account": self._name(part.account_id),
                 "numerator": show(part.numerator), "denominator": show(part.denominator)}
                for part in rate.parts
            ],
            "total": {"numerator": show(rate.numerator), "denominator": show(rate.denominator)},
        }  # fmt: skip

    def balances(self, rows: Rows, group: Group, *, start: bool) -> Record:
        """One row an account with what it pays at the start or the end; who is left out of the bridge is not here."""
        month = rows.window.start if start else rows.window.last
        paying = [(account, mrr) for account, mrr in rows.by_account.get(month, {}).items()
                  if mrr and account not in group.bridge.left_out]  # fmt: skip
        paying.sort(key=lambda one: (-one[1], one[0]))
        return {
            "kind": "balances", "month": f"{month:%Y-%m}",
            "rows": [{"account_id": a, "account": self._name(a), "amount": self._amount(mrr)} for a, mrr in paying],
            "total": {"amount": self._amount(sum(mrr for _, mrr in paying))},
        }  # fmt: skip

    def moves(self, moves: Sequence[Move]) -> Record:
        """One row a movement, with its arithmetic in words and the lines before and after."""
        ranked = sorted(moves, key=lambda move: (-abs(move.amount), move.account_id, move.month_start, move.product_id))
        return {
            "kind": "moves",
            "rows": [self._move(move) for move in ranked],
            "total": {"amount": self._amount(sum(move.amount for move in ranked))},
            "accounts": len({move.account_id for move in ranked}),
        }

    def _move(self, move: Move) -> Record:
        listed = self._told.get(_key(move.account_id, move), ())
        told = next((item for item in listed if item.move.business_unit in move.business_unit), None)
        account = told.move.account_id if told else move.account_id
        product = self.rows.products.get(move.product_id)
        return {
            "month": f"{move.month_start:%Y-%m}",
            "account_id": account, "account": told.account_name if told else self._name(account),
            "business_unit": told.move.business_unit if told else move.business_unit,
            "product": product.name if product else move.product_id,
            "kind": move.kind, "motion": move.motion or None,
            "words": told.words if told else "known at the start and the end, and not in between",
            "amount": self._amount(move.amount),
            "before": [_line(line) for line in (*told.before, *told.came)] if told else [],
            "after": [_line(line) for line in told.after] if told else [],
        }  # fmt: skip

    def _amount(self, amount_: int | None) -> str | None:
        return None if amount_ is None else amount(amount_ * self._times)

    def _customer(self, account: str) -> str:
        return self.rows.customer.get(account, account)

    def _name(self, account: str) -> str:
        found = self.rows.accounts.get(account)
        return found.name if found else account


def rates(group: Group) -> Iterator[tuple[str, Rate]]:
    """The rates of a group by the name of their mark."""
    upsell, cross = group.upsell, group.cross_sell
    yield "grr_by_movements", group.retention.grr_by_movements
    yield "logo_retention", group.retention.logos
    yield "quick_ratio", group.quick_ratio
    yield "seat_expansion_gross", upsell.seats.gross
    yield "seat_expansion_net", upsell.seats.net
    yield "tier_migration_up", upsell.tiers.up
    yield "tier_migration_down", upsell.tiers.down
    yield "tier_migration_forced", upsell.tiers.forced
    if upsell.committed is not None:
        yield "overage_turned_commitment", upsell.committed.turned
    yield "products_per_account", cross.products_per_account
    yield "owning_2_or_more", cross.owning_two
    yield "owning_3_or_more", cross.owning_three
    yield "using_2_or_more", cross.using_two
    yield "using_3_or_more", cross.using_three
    for attach in cross.attach:
        yield f"attach.{attach.product.product_id}", attach.rate
    for mechanism, rate in group.kept.items():
        yield f"kept.{mechanism.value}", rate


def _key(account: str, move: Move) -> tuple[Any, ...]:
    return account, move.product_id, move.month_start, move.kind, move.amount


def _line(line: Line) -> Record:
    return {
        "line_id": line.line_id, "plan_id": line.plan_id, "quantity": line.quantity, "mrr": amount(line.mrr),
        "from_on": line.from_on.isoformat(), "until_on": line.until_on.isoformat() if line.until_on else None,
    }  # fmt: skip
