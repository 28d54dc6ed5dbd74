"""Deeper: what upsell brought by mechanism, how seats grew, who changed tier, and overage that became commitment."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from upcross.motions import Mechanism, Motion
from upcross.revenue.calendar import Window
from upcross.revenue.definitions import LineState
from upcross.revenue.history import Move, Position, Product, ProductMonth, in_window
from upcross.revenue.movement import Kind
from upcross.revenue.rate import Part, Rate

FLAT = "flat"


@dataclass(frozen=True, slots=True)
class Won:
    """What one mechanism won and lost in a window, in ten-thousandths a month, and in how many accounts it won."""

    mechanism: Mechanism
    won: int
    lost: int
    accounts: int
    forced: int = 0
    """Of what was won, what came with moves that we forced."""

    @property
    def net(self) -> int:
        """Won less lost."""
        return self.won + self.lost


def won_by_mechanism(moves: Iterable[Move], window: Window, motion: Motion,
                     forced: Container[Position] = frozenset()) -> list[Won]:  # fmt: skip
    """What each mechanism of one motion brought; downward parts bear the same name and stand under lost.

    Steps between plans of positions that were ``forced`` to move are shown apart: nobody sold them.
    """
    inside = [move for move in in_window(moves, window.first, window.last) if move.motion == motion.value]
    found = []
    for mechanism in Mechanism:
        own = [move for move in inside if move.mechanism == mechanism.value]
        if mechanism.motion is motion:
            up = [move for move in own if move.amount > 0]
            down = sum(move.amount for move in own if move.amount < 0)
            pushed = sum(m.amount for m in up if m.kind == Kind.TIER.value and m.position in forced)
            found.append(Won(mechanism, sum(m.amount for m in up), down, len({m.account_id for m in up}), pushed))
    return found


@dataclass(frozen=True, slots=True)
class Seats:
    """How seats of the positions owned at the start grew: gross counts what was added, net what is left at the end."""

    gross: Rate
    net: Rate


def seat_expansion(start: Iterable[ProductMonth], end: Iterable[ProductMonth], moves: Iterable[Move],
                   window: Window, without: Container[str] = ()) -> Seats:  # fmt: skip
    """Seats added ÷ seats at the start, and seats at the end ÷ seats at the start − 1, on all but flat plans.

    Net includes seats given back, dropped with a product, or lost with the account. ``without`` are products that are
    not sold by the seat (support). Positions that moved to a flat plan, or to or from another account, have nothing to
    compare and are left out.
    """
    inside = in_window(moves, window.first, window.last)
    after = {row.position: row for row in end}
    moved = {move.position for move in inside if move.kind == Kind.TRANSFER.value}
    held = {
        row.position: row.quantity
        for row in start
        if row.charge != FLAT and row.quantity is not None and row.quantity > 0 and row.owned
        and row.product_id not in without and row.position not in moved
        and (row.position not in after or after[row.position].charge != FLAT)
    }  # fmt: skip
    added: dict[tuple[str, str, str], int] = {}
    for move in inside:
        grown = (move.after_quantity or 0) - (move.before_quantity or 0)
        if move.kind == Kind.SEATS.value and grown > 0:
            added[move.position] = added.get(move.position, 0) + grown
    empty = f"nobody had seats on a plan by the seat at the end of {window.start:%Y-%m}"

    def rate(count: Callable[[tuple[str, str, str], int], int]) -> Rate:
        parts = _by_account((position[0], count(position, seats), seats) for position, seats in held.items())
        return Rate.over(parts, empty=empty, money=False)

    def left(position: tuple[str, str, str], seats: int) -> int:
        row = after.get(position)
        return (row.quantity or 0 if row is not None and row.owned else 0) - seats

    return Seats(rate(lambda position, _: added.get(position, 0)), rate(left))


def _by_account(counts: Iterable[tuple[str, int, int]]) -> list[Part]:
    sums: dict[str, tuple[int, int]] = {}
    for account, top, bottom in counts:
        so_far = sums.get(account, (0, 0))
        sums[account] = (so_far[0] + top, so_far[1] + bottom)
    return [Part(account, top, bottom) for account, (top, bottom) in sums.items()]


@dataclass(frozen=True, slots=True)
class Migration:
    """How many positions went from one plan to another between a window's start and end."""

    product_id: str
    from_plan: str
    to_plan: str
    direction: str
    """up, down, same (unchanged or of equal rank), or gone."""
    forced: bool
    """Whether we ended the plan they left, so that they had to move."""
    positions: int
    mrr_before: int | None
    mrr_after: int | None
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tiers:
    """Tier migration: the share that moved up by choice, and the matrix with downgrades and forced moves apart."""

    up: Rate
    down: Rate
    forced: Rate
    matrix: tuple[Migration, ...]


def plans_apart(start: Iterable[LineState], end: Iterable[LineState]) -> frozenset[Position]:
    """Positions with several plans, none of which lost units while another gained: nobody moved between them."""
    units: dict[Position, dict[str | None, list[int]]] = {}
    whole: set[Position] = set()
    for side, lines in enumerate((start, end)):
        for line in lines:
            if line.status == "active":
                position = (line.account_id, line.business_unit, line.product_id)
                plan = units.setdefault(position, {}).setdefault(line.plan_id, [0, 0, 0, 0])
                plan[side] += line.quantity or 0
                plan[2 + side] += 1
                if line.charge == FLAT:
                    whole.add(position)
    found = set()
    for position, plans in units.items():
        lost = any(after < before or not lines for before, after, _, lines in plans.values())
        gained = any(after > before or not lines for before, after, lines, _ in plans.values())
        if len(plans) > 1 and position not in whole and not (lost and gained):
            found.add(position)
    return frozenset(found)


def tier_migration(start: Iterable[ProductMonth], end: Iterable[ProductMonth], window: Window, *,
                   products: Mapping[str, Product], plans: Mapping[str, Sequence[str]],
                   forced_moves: frozenset[Position] = frozenset(),
                   apart: frozenset[Position] = frozenset()) -> Tiers:  # fmt: skip
    """Moves between the plans of a product, of the positions that were on a tier at the start.

    ``plans`` lists each product's plans; a product with one plan has no tiers. A move is forced where the plan left
    belongs to a product that was retired by the window's end, or where the amendment says so (``forced_moves``).
    Where plans are ``apart``, buying or dropping one beside the others moves nobody.
    """
    after = {row.position: row for row in end if row.owned}
    cells: dict[tuple[str, str, str, str, bool], list[tuple[str, int | None, int | None]]] = {}
    for row in start:
        product = products.get(row.product_id)
        tiered = len(plans.get(row.product_id, ())) > 1 or (product is not None and product.successor_product_id)
        if not (row.owned and row.plan_id and row.rank is not None and tiered):
            continue
        now = _continued(row, after, products)
        direction, to_plan = "gone", ""
        forced = False
        if now is not None and row.position in apart and now.rank is not None and now.rank < row.rank:
            to_plan, direction = "", "gone"
        elif now is not None and row.position in apart:
            to_plan, direction = row.plan_id, "same"
        elif now is not None:
            to_plan = now.plan_id or ""
            moved = to_plan != row.plan_id
            direction = _direction(row, now) if moved else "same"
            retired = product is not None and product.retired_on is not None and product.retired_on <= window.ends_on
            forced = moved and (bool(retired) or now.product_id != row.product_id or row.position in forced_moves)
        key = (row.product_id, row.plan_id, to_plan, direction, forced)
        cells.setdefault(key, []).append((row.account_id, row.mrr, now.mrr if now else 0))
    matrix = tuple(
        Migration(*key, len(found), _sum(m for _, m, _ in found), _sum(m for _, _, m in found),
                  tuple(sorted({account for account, _, _ in found})))
        for key, found in sorted(cells.items())
    )  # fmt: skip
    counted = [(account, key) for key, found in cells.items() for account, _, _ in found]
    empty = f"nobody was on a tier at the end of {window.start:%Y-%m}"

    def rate(wanted: Callable[[str, bool], bool]) -> Rate:
        parts = _by_account((account, int(wanted(key[3], key[4])), 1) for account, key in counted)
        return Rate.over(parts, empty=empty, money=False)

    return Tiers(
        rate(lambda direction, forced: direction == "up" and not forced),
        rate(lambda direction, forced: direction == "down" and not forced),
        rate(lambda _, forced: forced),
        matrix,
    )


def _continued(row: ProductMonth, after: Mapping[tuple[str, str, str], ProductMonth],
               products: Mapping[str, Product]) -> ProductMonth | None:  # fmt: skip
    """The position at the end, under its own product or the one that succeeded it."""
    seen: set[str] = set()
    name: str | None = row.product_id
    while name and name not in seen:
        if (found := after.get((row.account_id, row.business_unit, name))) is not None:
            return found
        seen.add(name)
        name = products[name].successor_product_id if name in products else None
    return None


def _direction(before: ProductMonth, now: ProductMonth) -> str:
    if before.rank is None or now.rank is None or before.rank == now.rank:
        return "same"
    return "up" if now.rank > before.rank else "down"


def _sum(amounts: Iterable[int | None]) -> int | None:
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


class Overage(NamedTuple):
    """Use beyond one commitment: how much, and what it cost where a rate is agreed (ten-thousandths; not recurring)."""

    commitment_id: str
    account_id: str
    business_unit: str
    product_id: str
    metric: str
    starts_on: date
    ends_on: date
    committed: float
    used: float
    rate: int | None

    @property
    def beyond(self) -> float:
        """Units used beyond the commitment."""
        return max(0.0, self.used - self.committed)

    @property
    def cost(self) -> int | None:
        """What the use beyond cost, once; None where no rate is agreed."""
        return None if self.rate is None else round(self.beyond * self.rate)


@dataclass(frozen=True, slots=True)
class Committed:
    """Of the accounts that used more than they had committed to, how many committed to more, and how much."""

    turned: Rate
    mrr: int
    """Recurring revenue won by larger commitments in accounts that had overage before."""
    overage: int
    """What overage cost in all, once: never part of recurring revenue."""
    unpriced: int
    """Commitments with overage and no agreed rate."""


def overage_turned(rows: Iterable[Overage], moves: Iterable[Move], window: Window) -> Committed:
    """Overage that became commitment: an account and product above its commitment, whose commitment then grew."""
    over = [row for row in rows if row.beyond > 0 and row.starts_on < window.after]
    grown: dict[tuple[str, str], int] = {}
    for move in in_window(moves, window.first, window.last):
        if move.kind == Kind.USAGE.value and move.amount > 0:
            key = (move.account_id, move.product_id)
            grown[key] = grown.get(key, 0) + move.amount
    held = {(row.account_id, row.product_id) for row in over}
    parts = _by_account((account, int((account, product) in grown), 1) for account, product in sorted(held))
    return Committed(
        Rate.over(parts, empty=f"nobody was above a commitment by {window.last:%Y-%m}", money=False),
        sum(amount for key, amount in grown.items() if key in held),
        sum(row.cost or 0 for row in over),
        sum(1 for row in over if row.cost is None),
    )
