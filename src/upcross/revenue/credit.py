"""Who looked after which account on a day, and what retention a person may be credited with.

A CSM's credit is the retention of her book as it stood at the period's start, never closed bookings. Accounts that
she had held for less than 90 days then, or gave away within 90 days, are shown apart: neither hers nor anybody's yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from upcross.revenue.calendar import Window
from upcross.revenue.history import Account, Move, States, Transfer, in_window
from upcross.revenue.retention import Retention, retention

SETTLED = 90
"""Days for which an account must have been, and stay, in one pair of hands."""


class Assignment(NamedTuple):
    """A person who serves an account, or a whole segment, in a role from a day until (exclusive) a day."""

    account_id: str
    segment: str
    role: str
    person_id: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """Whose an account was on a day, since when and until when as far as that is known."""

    person_id: str
    since: date | None = None
    until: date | None = None


def held_on(day: date, role: str, accounts: Iterable[Account], assignments: Sequence[Assignment]) -> dict[str, Held]:
    """Who served each account in a role on a day: by its own assignment, else its segment's, else the account's field.

    The account's field says who serves it now; it stands where no assignment of the role, of any day, is known.
    """
    by_account: dict[str, list[Assignment]] = {}
    by_segment: dict[str, list[Assignment]] = {}
    for row in assignments:
        if row.role == role:
            (by_account if row.account_id else by_segment).setdefault(row.account_id or row.segment, []).append(row)
    found = {}
    for account in accounts:
        own = by_account.get(account.account_id, [])
        segments = by_segment.get(account.segment or "", [])
        held = _on(day, own) or _on(day, segments)
        if held is None and not own and not segments:
            person = getattr(account, role, None)
            held = Held(person) if person else None
        if held is not None:
            found[account.account_id] = held
    return found


def _on(day: date, rows: Iterable[Assignment]) -> Held | None:
    current = [r for r in rows if r.valid_from <= day and (r.valid_until is None or r.valid_until > day)]
    if not current:
        return None
    latest = max(current, key=lambda row: (row.valid_from, row.person_id))
    return Held(latest.person_id, latest.valid_from, latest.valid_until)


def unsettled(held: Held, window: Window) -> str:
    """Why an account stands apart in a credit report; empty where it was in one pair of hands."""
    start = window.first
    if held.since is not None and held.since > start - timedelta(days=SETTLED):
        return f"taken over {held.since}, less than {SETTLED} days before {start}"
    if held.until is not None and held.until < start + timedelta(days=SETTLED):
        return f"given away {held.until}, within {SETTLED} days of {start}"
    return ""


@dataclass(frozen=True, slots=True)
class Credit:
    """One person's credit: retention of the book as it stood at the start, and the accounts that stand apart."""

    person_id: str
    settled: Retention
    apart: Retention
    why_apart: Mapping[str, str]


def credits(by_account: States, window: Window, moves: Sequence[Move], transfers: Sequence[Transfer],
            held: Mapping[str, Held], begins: date | None = None) -> list[Credit]:  # fmt: skip
    """The credit of every person whose book had a paying account at the window's start, in order of their ids."""
    start, end = by_account.get(window.start, {}), by_account.get(window.last, {})
    books: dict[str, set[str]] = {}
    for account in start:
        if account in held:
            books.setdefault(held[account].person_id, set()).add(account)
    of_account: dict[str, list[Move]] = {}
    for move in in_window(moves, window.first, window.last):
        of_account.setdefault(move.account_id, []).append(move)

    def of(members: set[str]) -> Retention:
        # Accounts that were not there at the start may have received a member's revenue by a merge or a split.
        linked = [t for t in transfers if t.from_account_id in members]
        chosen = members | {t.to_account_id for t in linked if t.to_account_id not in start}
        states = {
            window.start: {account: start[account] for account in chosen if account in start},
            window.last: {account: end[account] for account in chosen if account in end},
        }
        own = [move for account in sorted(chosen) for move in of_account.get(account, ())]
        return retention(states, window, own, linked, begins)

    found = []
    for person, book in sorted(books.items()):
        why = {account: told for account in sorted(book) if (told := unsettled(held[account], window))}
        found.append(Credit(person, of(book - set(why)), of(set(why)), why))
    return found
