"""The numbers of a window: retention, the bridge, and the metrics of each motion side by side, for a book or a group.

One reading gives one result object that every face renders; nothing here prints. Money is in ten-thousandths of the
reporting currency a month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from upcross.errors import UsageError
from upcross.motions import Mechanism, Motion
from upcross.numbers.grouping import By, split
from upcross.numbers.leading import Leading, Led, led, open_sides
from upcross.numbers.reading import chosen_window, newest_month, read
from upcross.numbers.rows import Level, Rows
from upcross.project import Project
from upcross.revenue.calendar import Window, trailing_year
from upcross.revenue.credit import Credit, credits, held_on
from upcross.revenue.cross_sell import (
    Attach,
    ByProducts,
    SecondProduct,
    attach_rates,
    owned_products,
    owning,
    products_per_account,
    retention_by_products,
    time_to_second,
    using,
)
from upcross.revenue.definitions import Definition, Evidence, Outcome, apply, definition, side_by_side
from upcross.revenue.history import Move, Position
from upcross.revenue.kept import expansion_kept
from upcross.revenue.metrics import Balance, Bridge, balance, bridge
from upcross.revenue.rate import Rate
from upcross.revenue.retention import (
    CohortRow,
    Retention,
    left_out,
    quick_ratio,
    retention,
    settled,
    triangle,
)
from upcross.revenue.upsell import (
    Committed,
    Seats,
    Tiers,
    Won,
    overage_turned,
    plans_apart,
    seat_expansion,
    tier_migration,
    won_by_mechanism,
)


class Display(StrEnum):
    """Money a month, or twelve times that."""

    MRR = "mrr"
    ARR = "arr"

    @property
    def times(self) -> int:
        """By what an amount is multiplied for display; ratios stay as they are."""
        return 12 if self is Display.ARR else 1


@dataclass(frozen=True, slots=True)
class Upsell:
    """The metrics of going deeper."""

    won: tuple[Won, ...]
    seats: Seats
    tiers: Tiers
    committed: Committed | None
    """Overage that became commitment; None: there is a reason."""
    no_commitments: str = ""


@dataclass(frozen=True, slots=True)
class CrossSell:
    """The metrics of going wider."""

    won: tuple[Won, ...]
    products_per_account: Rate
    owning_two: Rate
    owning_three: Rate
    using_two: Rate
    using_three: Rate
    attach: tuple[Attach, ...]
    second: SecondProduct
    by_products: tuple[ByProducts, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The numbers of the whole book, or of one of its groups."""

    name: str
    """The group's value; empty for the whole book."""
    label: str
    retention: Retention
    bridge: Bridge
    quick_ratio: Rate
    named: Outcome | None
    """Net and gross retention under the definition that was asked for; None: the reference."""
    upsell: Upsell
    cross_sell: CrossSell
    kept: Mapping[Mechanism, Rate]
    """Expansion of twelve months before the window that is still there, by mechanism."""
    balance: Balance


@dataclass(frozen=True, slots=True)
class Numbers:
    """All numbers of one window."""

    window: Window
    level: Level
    by: By | None
    display: Display
    currency: str
    rules: tuple[str, ...]
    """The cohort, level, currency and knowledge rules that the numbers rest on, as sentences."""
    total: Group
    groups: tuple[Group, ...]
    trailing: tuple[Retention, ...]
    """Closed cohorts over twelve months, one ending in each month of the window."""
    cohorts: tuple[CohortRow, ...]
    credits: tuple[Credit, ...]
    rows: Rows

    def group(self, name: str) -> Group:
        """The group of that name; ``UsageError`` where there is none."""
        for group in (self.total, *self.groups):
            if group.name == name:
                return group
        raise UsageError(f"no group is called '{name}': there are {', '.join(g.name for g in self.groups)}")

    def led(self, indicators: Sequence[Leading]) -> list[Led]:
        """Whether indicators that were read led to each motion's expansion; nothing where none were read."""
        return led(indicators, self.rows.moves, self.window.last, self.rows.customer) if indicators else []


def metrics(project: Project, first: str | None = None, last: str | None = None, *, by: By | None = None,
            level: Level = Level.ACCOUNT, definition_name: str | None = None, display: Display = Display.MRR,
            known_at: date | None = None) -> Numbers:  # fmt: skip
    """The numbers of a window (default: the last twelve whole months), as known now or on ``known_at``.

    ``first`` and ``last`` are months, quarters or fiscal periods as ``calendar.span`` reads them. Raises
    ``UsageError`` for words that mean no window, and ``ProjectError`` like ``Project.evaluation``.
    """
    rule = definition(definition_name) if definition_name else None
    chosen = chosen_window(project, first, last, known_at)
    rows = read(project, chosen, known_at, level)
    lacking, limited = open_sides(project, chosen, known_at)
    rows = replace(rows, white_space=top(rows, lacking), at_limit=top(rows, limited))
    return numbers_of(rows, level=level, by=by, rule=rule, display=display)


def top(rows: Rows, accounts: set[str] | None) -> frozenset[str] | None:
    """Accounts at the level of the rows."""
    return None if accounts is None else frozenset(rows.customer.get(account, account) for account in accounts)


def numbers_of(rows: Rows, *, level: Level = Level.ACCOUNT, by: By | None = None, rule: Definition | None = None,
               display: Display = Display.MRR) -> Numbers:  # fmt: skip
    """The numbers of rows that were read."""
    groups = tuple(
        _group(chosen, name, label, rule) for name, label, chosen in (split(rows, by) if by is not None else ())
    )
    trailing = tuple(
        retention(rows.by_account, trailing_year(month), rows.moves, rows.transfers, _known_from(rows))
        for month in rows.window.months[-12:]
    )
    months = [month for month in rows.months if month <= rows.window.last]
    held = held_on(rows.window.starts_on, "csm", rows.accounts.values(), rows.assignments)
    return Numbers(
        rows.window, level, by, display, rows.currency, _rules(rows, level), _group(rows, "", "all accounts", rule),
        groups, trailing, tuple(triangle(rows.by_account, months, rows.begins)),
        tuple(credits(rows.by_account, rows.window, rows.moves, rows.transfers, held, _known_from(rows))), rows,
    )  # fmt: skip


def _known_from(rows: Rows) -> date | None:
    """The first month for which states are known: of the book, or of the history that is read."""
    return max(rows.begins, rows.months[0]) if rows.begins else rows.months[0]


def _rules(rows: Rows, level: Level) -> tuple[str, ...]:
    snapshot, window = rows.snapshot, rows.window
    who = "accounts" if level is Level.ACCOUNT else "ultimate parents with their subsidiaries"
    rates = snapshot.manifest.rates_on or min(snapshot.as_of, snapshot.known_at)
    return (
        f"closed cohort: {who} that paid at the end of {window.start:%Y-%m}, seen again at the end of"
        f" {window.last:%Y-%m}; merged or split accounts are one",
        f"amounts in {rows.currency} a month at the constant rates of {rates}",
        f"as known on {snapshot.known_at}{_ahead(rows)}",
    )


def _ahead(rows: Rows) -> str:
    over = newest_month(rows.snapshot.manifest)
    if rows.window.last <= over:
        return ""
    return f"; the book ends {over:%Y-%m}: what follows is as contracted until now"


def evidence(rows: Rows) -> Evidence:
    """The rows as the definitions take them."""
    return Evidence(
        rows.window, (*rows.start, *rows.end), settled_moves(rows), rows.transfers, rows.lines_at_start,
        rows.lines_at_end, rows.due, _known_from(rows),
    )  # fmt: skip


def compare(project: Project, first: str | None = None, last: str | None = None, *, level: Level = Level.ACCOUNT,
            known_at: date | None = None) -> tuple[Rows, list[Outcome]]:  # fmt: skip
    """The same window of the same book under every named definition, the reference first."""
    rows = read(project, chosen_window(project, first, last, known_at), known_at, level)
    return rows, side_by_side(evidence(rows))


def settled_moves(rows: Rows) -> tuple[Move, ...]:
    """The movements of the window that explain it: see ``retention.settled``."""
    return settled(rows.by_account, rows.window, rows.moves, rows.unknown_moves, rows.transfers)


def _left_out(rows: Rows) -> dict[str, str]:
    """The accounts whose revenue at the window's start or end is unknown, each with the reason."""
    found = {}
    for account in sorted(left_out(rows.by_account, rows.window, rows.transfers)):
        reasons = sorted({why for (name, _), why in rows.why_unknown.items() if name == account})
        found[account] = ", ".join(reasons) or "merged or split with an account of unknown revenue"
    return found


def _group(rows: Rows, name: str, label: str, rule: Definition | None) -> Group:
    window, begins = rows.window, _known_from(rows)
    start, end = rows.by_account.get(window.start, {}), rows.by_account.get(window.last, {})
    paying = {account for account, mrr in end.items() if mrr is None or mrr > 0}
    moves = settled_moves(rows)
    return Group(
        name,
        label,
        retention(rows.by_account, window, moves, rows.transfers, begins),
        bridge(start, end, moves, window, _left_out(rows)),
        quick_ratio(moves, window),
        apply(rule, evidence(rows)) if rule is not None else None,
        Upsell(
            tuple(won_by_mechanism(moves, window, Motion.UPSELL, _forced(rows))),
            _seats(rows),
            tier_migration(rows.start, rows.end, window, products=rows.products, plans=rows.plans,
                           forced_moves=rows.forced_moves,
                           apart=plans_apart(rows.lines_at_start, rows.lines_at_end)),
            overage_turned(rows.overage, moves, window) if rows.overage is not None else None,
            "" if rows.overage is not None else "no table `commitments`, or no `usage` that draws on it, is loaded",
        ),
        _cross_sell(rows, moves),
        expansion_kept(rows.moves, rows.later, window, begins, rows.carried),
        balance(moves, window, _count(rows.white_space, paying), _count(rows.at_limit, paying)),
    )  # fmt: skip


def _seats(rows: Rows) -> Seats:
    stored = rows.snapshot.stored("subscriptions")
    if stored is None or "quantity" not in stored.columns:
        unknown = Rate.unknown("how many units a line has is not mapped: `quantity` of `subscriptions`", money=False)
        return Seats(unknown, unknown)
    support = {product.product_id for product in rows.products.values() if product.kind == "support"}
    return seat_expansion(rows.start, rows.end, rows.moves, rows.window, support)


def _count(accounts: frozenset[str] | None, paying: Iterable[str]) -> int | None:
    return None if accounts is None else len(accounts & set(paying))


def _cross_sell(rows: Rows, moves: Sequence[Move]) -> CrossSell:
    end = rows.by_account.get(rows.window.last, {})
    paying = sorted(account for account, mrr in end.items() if mrr is None or mrr > 0)
    owned = owned_products(rows.end, rows.products)
    complete = {t.name for t in rows.snapshot.manifest.tables.values() if t.every_account and t.rows}
    absent: bool | None = False if "usage" in complete else None
    used = {
        account: {product: rows.used.get(account, {}).get(product, absent) for product in products}
        for account, products in owned.items()
    }
    started_before = None if rows.begins is not None and rows.begins >= rows.months[0] else rows.months[0]
    no_use = "no table `usage` or `seats` is loaded" if not _measured(rows) else ""
    return CrossSell(
        tuple(won_by_mechanism(moves, rows.window, Motion.CROSS_SELL)),
        products_per_account(owned, paying),
        owning(owned, paying, 2),
        owning(owned, paying, 3),
        Rate.unknown(no_use, money=False) if no_use else using(used, paying, 2),
        Rate.unknown(no_use, money=False) if no_use else using(used, paying, 3),
        tuple(attach_rates(owned, paying, rows.accounts, rows.products, rows.window.ends_on)),
        time_to_second(_counted_firsts(rows), started_before),
        tuple(retention_by_products(rows.by_account, rows.window, moves, rows.transfers,
                                    owned_products(rows.start, rows.products))),
    )  # fmt: skip


def _forced(rows: Rows) -> frozenset[Position]:
    """Positions that had to move: an amendment says so, or they took over what belonged to a product we retire."""
    ended = {p.product_id for p in rows.products.values() if p.successor_product_id or p.retired_on}
    taken_over = {
        carried.to
        for carried in rows.carried
        if carried.product_id in ended and carried.product_id != carried.to_product_id
        and rows.window.first <= carried.month_start <= rows.window.last
    }  # fmt: skip
    return rows.forced_moves | taken_over


def _measured(rows: Rows) -> bool:
    return any(rows.snapshot.stored(table) is not None for table in ("usage", "seats"))


def _counted_firsts(rows: Rows) -> dict[str, dict[str, date]]:
    uncounted = {product.product_id for product in rows.products.values() if not product.counts}
    return {
        account: {product: month for product, month in products.items()
                  if product not in uncounted and month <= rows.window.last}
        for account, products in rows.first_owned.items()
    }  # fmt: skip
