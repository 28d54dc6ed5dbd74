"""How much of what each mechanism won is still there twelve months later, wherever the money has gone since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from upcross.motions import Mechanism
from upcross.periods import add_months
from upcross.revenue.calendar import Window
from upcross.revenue.history import Carried, Move, Position, in_window
from upcross.revenue.metrics import ORDER
from upcross.revenue.movement import Kind
from upcross.revenue.rate import Part, Rate

KEPT_AFTER = 12
"""Months after which expansion is looked at again."""

Standing = Mapping[tuple[str, str, str, date], int | None]
"""Revenue of a position (account, unit, product) at the end of a month; absent: none, None: unknown."""


def kept_window(window: Window) -> Window:
    """The movements that are looked at again inside a window: those of twelve months before it."""
    return Window(add_months(window.first, -KEPT_AFTER), add_months(window.last, -KEPT_AFTER))


def expansion_kept(moves: Iterable[Move], later: Standing, window: Window, begins: date | None = None,
                   carried: Iterable[Carried] = ()) -> dict[Mechanism, Rate]:  # fmt: skip
    """How much of each mechanism's expansion is still there twelve months later.

    An expansion is kept as far as the position stands above the level it had before it: what was won last is lost
    first. Money that was transferred since (a merger, a replaced line, a product's successor) is followed: it stands
    as far as the position it went to is above the level that one had, and is nothing the other position kept.
    """
    old = kept_window(window)
    parts: dict[Mechanism, list[Part]] = {mechanism: [] for mechanism in Mechanism}
    unknown = dict.fromkeys(Mechanism, 0)
    followed = _Followed(later, carried)
    for rows in _by_position(in_window(moves, old.first, old.last)).values():
        month = rows[0].month_start
        level = later.get((*rows[0].position, add_months(month, -1)), 0) or 0
        now = followed.own(rows[0].position, month, add_months(month, KEPT_AFTER))
        for move in rows:
            if move.amount > 0 and move.motion:
                mechanism = Mechanism(move.mechanism)
                if now is None:
                    unknown[mechanism] += 1
                else:
                    kept = max(0, min(move.amount, now - level))
                    parts[mechanism].append(Part(move.account_id, kept, move.amount))
            level += move.amount
    young = begins is not None and old.last < begins
    empty = f"young book: it begins {begins:%Y-%m}" if young and begins else f"none was won in {old}"
    return {
        mechanism: Rate.over(found, empty=empty, of="movements",
                             note=f"{unknown[mechanism]} of unknown revenue left out" if unknown[mechanism] else "")
        for mechanism, found in parts.items()
    }  # fmt: skip


def _by_position(moves: Iterable[Move]) -> dict[tuple[Position, date], list[Move]]:
    # Transfers and losses first, so that what was won in the same month stands on the level that was left.
    found: dict[tuple[Position, date], list[Move]] = {}

    def order(move: Move) -> tuple[bool, int]:
        won = move.amount > 0 and move.kind != Kind.TRANSFER.value
        return won, ORDER.index(move.kind) if move.kind in ORDER else 0

    for move in sorted(moves, key=order):
        found.setdefault((move.position, move.month_start), []).append(move)
    return found


class _Followed:
    """What positions bring, with the money that went elsewhere since and without what came from elsewhere."""

    def __init__(self, later: Standing, carried: Iterable[Carried]) -> None:
        self.later = later
        self.came: dict[Position, list[Carried]] = {}
        self.went: dict[Position, list[Carried]] = {}
        for move in carried:
            self.came.setdefault(move.to, []).append(move)
            self.went.setdefault(move.position, []).append(move)

    def own(self, position: Position, since: date, until: date) -> int | None:
        """What the position of the month ``since`` brings at the end of ``until``, wherever that is now."""
        shares = [self._share(m, until) for m in self.came.get(position, ()) if since < m.month_start <= until]
        return _sum((self._total(position, since, until), *(None if share is None else -share for share in shares)))

    def _total(self, position: Position, since: date, until: date) -> int | None:
        """What the position brings itself, and what is left of the money that went elsewhere."""
        shares = [self._share(m, until) for m in self.went.get(position, ()) if since < m.month_start <= until]
        return _sum((self.later.get((*position, until), 0), *shares))

    def _share(self, move: Carried, until: date) -> int | None:
        """What is left of transferred money: what its new position stands above the level before, at most all."""
        total = self._total(move.to, move.month_start, until)
        level = self.later.get((*move.to, add_months(move.month_start, -1)), 0)
        return None if total is None or level is None else max(0, min(move.mrr, total - level))


def _sum(amounts: Iterable[int | None]) -> int | None:
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
