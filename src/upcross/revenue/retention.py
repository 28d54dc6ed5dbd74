"""Retention: what the customers of one day still bring on another.

Closed cohort: the accounts that paid at the start, and only they. Net retention (NRR) is their revenue at the end
over their revenue at the start, those who left and came back included; gross retention (GRR) lets no account count
for more than it brought at the start. Accounts that were merged or split inside the window are one unit, so a
transfer neither loses nor wins anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from upcross.revenue.calendar import Window
from upcross.revenue.history import PRICE_KINDS, Move, States, Transfer, in_window, month_changes
from upcross.revenue.movement import Kind
from upcross.revenue.rate import Part, Rate, counted

NRR_LINES = (100, 120)
"""Percent: a base that grows by itself, and what the best reach."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Retention of one cohort over one window, with the parts behind every ratio."""

    window: Window
    nrr: Rate
    nrr_without_price: Rate
    grr: Rate
    grr_by_movements: Rate
    logos: Rate
    unknown: tuple[str, ...]
    """Accounts left out because their revenue at the start or the end is unknown."""

    def short_of(self, line: int) -> int | None:
        """Ten-thousandths of revenue that NRR lacks to a line in percent; negative: it is above. None: no NRR."""
        if self.nrr.reason:
            return None
        needed, rest = divmod(self.nrr.denominator * line, 100)
        return needed + (rest > 0) - self.nrr.numerator


def units(accounts: Iterable[str], transfers: Iterable[Transfer], start: Mapping[str, int | None]) -> dict[str, str]:
    """The unit of each account that was merged or split: named after its account with the most revenue at the start."""
    root: dict[str, str] = {}

    def find(account: str) -> str:
        while root.get(account, account) != account:
            account = root[account]
        return account

    for transfer in transfers:
        one, other = find(transfer.from_account_id), find(transfer.to_account_id)
        if one != other:
            root[one] = other
            root.setdefault(other, other)
    members: dict[str, list[str]] = {}
    for account in set(accounts) | set(root):
        members.setdefault(find(account), []).append(account)
    return {
        account: min(listed, key=lambda name: (-(start.get(name) or 0), name))
        for listed in members.values()
        if len(listed) > 1
        for account in listed
    }


def in_force_transfers(transfers: Iterable[Transfer], window: Window) -> list[Transfer]:
    """The merges and splits that took effect inside a window."""
    return [transfer for transfer in transfers if window.first <= transfer.effective_on < window.after]


@dataclass(frozen=True, slots=True)
class Cohort:
    """The units that paid at a window's start, with what they brought then and bring at its end."""

    start: dict[str, int]
    end: dict[str, int]
    unknown: tuple[str, ...]
    """Units that paid or may have paid at the start, and whose revenue at the start or the end is unknown."""
    left_out: frozenset[str]
    """All units whose revenue at the start or the end is unknown."""
    unit: Callable[[str], str]
    paid_nothing: int


def cohort_of(by_account: States, window: Window, moves: Iterable[Move], transfers: Iterable[Transfer] = ()) -> Cohort:
    """The closed cohort of a window; merged and split accounts are one unit, accounts of unknown revenue left out."""
    before, after = by_account.get(window.start, {}), by_account.get(window.last, {})
    linked = units((*before, *after), in_force_transfers(transfers, window), before)

    def unit(account: str) -> str:
        return linked.get(account, account)

    unknown_then = {unit(account) for account, mrr in before.items() if mrr is None}
    left_out = unknown_then | {unit(account) for account, mrr in after.items() if mrr is None}
    start: dict[str, int] = {}
    end: dict[str, int] = {}
    for month, sums in ((before, start), (after, end)):
        for account, mrr in month.items():
            sums[unit(account)] = sums.get(unit(account), 0) + (mrr or 0)
    for move in moves:
        # A customer won inside the window and then merged brings revenue that no customer of the start had.
        if move.kind == "new" and move.account_id in linked:
            name = unit(move.account_id)
            end[name] = max(0, end.get(name, 0) - move.amount)
    kept = {name: mrr for name, mrr in start.items() if mrr > 0 and name not in left_out}
    unknown = tuple(sorted(name for name in left_out if start.get(name, 0) > 0 or name in unknown_then))
    paid_nothing = sum(1 for name, mrr in start.items() if mrr <= 0 and name not in left_out)
    return Cohort(kept, end, unknown, frozenset(left_out), unit, paid_nothing)


def left_out(by_account: States, window: Window, transfers: Iterable[Transfer] = ()) -> frozenset[str]:
    """The accounts of every unit whose revenue at a window's start or end is unknown."""
    cohort = cohort_of(by_account, window, (), transfers)
    accounts = {*by_account.get(window.start, {}), *by_account.get(window.last, {})}
    accounts |= {
        a for move in in_force_transfers(transfers, window) for a in (move.from_account_id, move.to_account_id)
    }
    return frozenset(account for account in accounts if cohort.unit(account) in cohort.left_out)


def retention(
    by_account: States,
    window: Window,
    moves: Iterable[Move],
    transfers: Iterable[Transfer] = (),
    begins: date | None = None,
) -> Retention:
    """Retention of the accounts that paid at the end of ``window.start``.

    ``by_account`` holds at least the states at the window's start and last month, ``moves`` at least its movements;
    ``begins`` is the first month of the book, named where the window starts before it.
    """
    inside = in_window(moves, window.first, window.last)
    cohort = cohort_of(by_account, window, inside, transfers)
    empty, zero = reasons(window, begins, cohort)

    def rate(parts: Iterable[Part], money: bool = True, note: str = "") -> Rate:
        return Rate.over(parts, empty=empty, zero=zero, money=money, note=note or _note(cohort))

    ends = {name: cohort.end.get(name, 0) for name in cohort.start}
    price = _price_parts(inside, cohort)
    lost = _lost(inside, cohort)
    overdrawn = any(lost.get(name, 0) > mrr for name, mrr in cohort.start.items())
    return Retention(
        window,
        rate(Part(name, ends[name], mrr) for name, mrr in cohort.start.items()),
        rate(Part(name, without_price(ends[name], price.get(name, 0)), mrr) for name, mrr in cohort.start.items()),
        rate(Part(name, max(0, min(ends[name], mrr)), mrr) for name, mrr in cohort.start.items()),
        rate((Part(name, mrr - lost.get(name, 0), mrr) for name, mrr in cohort.start.items()),
             note="losses include revenue won inside the window" if overdrawn else ""),
        rate((Part(name, int(ends[name] > 0), 1) for name in cohort.start), money=False),
        cohort.unknown,
    )  # fmt: skip


def without_price(end: int, price: int) -> int:
    """What an account would bring at the end without the window's price parts; one that is gone brings nothing."""
    return max(0, end - price) if end > 0 else 0


def _price_parts(moves: Iterable[Move], cohort: Cohort) -> dict[str, int]:
    found: dict[str, int] = {}
    for move in moves:
        if move.kind in PRICE_KINDS:
            name = cohort.unit(move.account_id)
            found[name] = found.get(name, 0) + move.amount
    return found


def _lost(moves: Iterable[Move], cohort: Cohort) -> dict[str, int]:
    """What each unit lost in the months in which it shrank, netted within the month."""
    changes: dict[tuple[str, date], int] = {}
    for move in moves:
        name = cohort.unit(move.account_id)
        if name in cohort.start and move.kind not in ("transfer", "new"):
            key = (name, move.month_start)
            changes[key] = changes.get(key, 0) + move.amount
    found: dict[str, int] = {}
    for (name, _), amount in changes.items():
        if amount < 0:
            found[name] = found.get(name, 0) - amount
    return found


def reasons(window: Window, begins: date | None, cohort: Cohort) -> tuple[str, str]:
    """Why a cohort has no rate: where it has no member, and where its members paid nothing."""
    when = f"{window.start:%Y-%m}"
    if begins is not None and window.start < begins:
        return (f"young book: it begins {begins:%Y-%m}, the window starts with the end of {when}",) * 2
    unknown, nothing = len(cohort.unknown), cohort.paid_nothing
    if unknown and not cohort.start:
        told = f"the revenue of {'all ' if not nothing else ''}{counted(unknown, 'account')} is unknown"
        others = f", {counted(nothing, 'account')} paid nothing" if nothing else ""
        return (f"{told}{others}: at the end of {when} or {window.last:%Y-%m}",) * 2
    zero = f"zero start: the {counted(nothing, 'account')} at the end of {when} paid nothing"
    empty = zero if nothing else f"empty cohort: no account paid at the end of {when}"
    return empty, zero


def _note(cohort: Cohort) -> str:
    return f"{counted(len(cohort.unknown), 'account')} of unknown revenue left out" if cohort.unknown else ""


def quick_ratio(moves: Iterable[Move], window: Window) -> Rate:
    """Revenue won over revenue lost in a window, each account netted within the month; transfers and fx apart."""
    won: dict[str, int] = {}
    lost: dict[str, int] = {}
    for (account, _), amount in month_changes(in_window(moves, window.first, window.last), ("transfer", "fx")).items():
        side = won if amount > 0 else lost
        side[account] = side.get(account, 0) + abs(amount)
    parts = [Part(name, won.get(name, 0), lost.get(name, 0)) for name in sorted({*won, *lost})]
    quiet = f"no revenue moved in {window}"
    return Rate.over(parts, empty=quiet, zero=f"nothing was lost in {window}", plain=True)


def settled(by_account: States, window: Window, moves: Iterable[Move], unknown: Iterable[Move],
            transfers: Iterable[Transfer] = ()) -> tuple[Move, ...]:  # fmt: skip
    """The movements of a window whose amounts explain it to the last cent, whatever was unknown in between.

    Accounts that are unknown at the window's start or end have no movements here. An account that is known at both and
    was not in between has one of kind unknown, in the last month in which it was: what its other movements leave.
    """
    inside = in_window(moves, window.first, window.last)
    skipped = left_out(by_account, window, transfers)
    last_unknown: dict[str, Move] = {}
    for move in sorted(in_window(unknown, window.first, window.last), key=lambda move: move.month_start):
        if move.account_id not in skipped:
            last_unknown[move.account_id] = move
    start, end = by_account.get(window.start, {}), by_account.get(window.last, {})
    rest = {account: (end.get(account) or 0) - (start.get(account) or 0) for account in last_unknown}
    for move in inside:
        if move.account_id in rest:
            rest[move.account_id] -= move.amount
    between = [
        Move(account, "", "", move.month_start, Kind.UNKNOWN.value, rest[account])
        for account, move in last_unknown.items()
        if rest[account]
    ]
    return (*(move for move in inside if move.account_id not in skipped), *between)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """The accounts that began in one month: their revenue and number at the end of each month since."""

    cohort: date
    mrr: tuple[int, ...]
    accounts: tuple[int, ...]

    def kept(self, age: int) -> Fraction | None:
        """Revenue after ``age`` months over revenue at the end of the first month; None where that was nothing."""
        return Fraction(self.mrr[age], self.mrr[0]) if self.mrr[0] > 0 else None


def triangle(by_account: States, months: Sequence[date], begins: date | None = None) -> list[CohortRow]:
    """Cohorts by the month in which an account first paid, each with its revenue and accounts in every month since.

    ``months`` are the consecutive months for which ``by_account`` holds states. Accounts that paid in the first of
    them began before it, unless the book begins there; they are left out.
    """
    if not months:
        return []
    first: dict[str, date] = {}
    for month in months:
        for account, mrr in by_account.get(month, {}).items():
            if mrr is None or mrr > 0:
                first.setdefault(account, month)
    known = begins is not None and begins >= months[0]
    rows = []
    for index, cohort in enumerate(months):
        members = [account for account, month in first.items() if month == cohort]
        if not members or (index == 0 and not known):
            continue
        paid = [[by_account.get(month, {}).get(account) or 0 for account in members] for month in months[index:]]
        rows.append(CohortRow(cohort, tuple(sum(p) for p in paid), tuple(sum(1 for x in p if x > 0) for p in paid)))
    return rows
