"""The movements behind any number: each with its arithmetic in words, and the lines in force before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from upcross.engine.compile import text_literal
from upcross.errors import UsageError, suggest
from upcross.numbers.reading import TRANSFERS, WHY_UNKNOWN, chosen_window, frame_of, tables, why_unknown
from upcross.numbers.rows import Level
from upcross.periods import add_months
from upcross.project import Project
from upcross.revenue.calendar import Window
from upcross.revenue.history import Move, Transfer
from upcross.revenue.movement import Kind, in_words
from upcross.revenue.retention import left_out, settled
from upcross.signals.frame import Frame


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a contract in force on a day."""

    line_id: str
    contract_id: str | None
    plan_id: str | None
    quantity: int | None
    mrr: int | None
    status: str
    from_on: date
    until_on: date | None
    why: str = ""
    """Why its revenue is unknown; empty where it is known."""


@dataclass(frozen=True, slots=True)
class Told:
    """One movement, told: who, what, why, and the lines whose difference it is a part of."""

    move: Move
    account_name: str
    product_name: str
    words: str
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    came: tuple[Line, ...]
    """Lines as they stood elsewhere before the month, in which they were transferred to the position."""
    counted: bool = True
    """Whether it is in the sum: its amount is known, and so is its account's revenue at the start and the end."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An account in no sum, because its revenue at the window's start or end is unknown."""

    account_id: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Movements:
    """The movements of a window, oldest first; those that are counted add up to the change of revenue."""

    window: Window
    currency: str
    start: int
    end: int
    told: tuple[Told, ...]
    while_unknown: int
    """What revenue changed by where it was known at the start and the end, and unknown in between."""
    left_out: tuple[LeftOut, ...]

    @property
    def total(self) -> int:
        """The sum of all movements that are counted, and of what changed while it was unknown."""
        return self.while_unknown + sum(item.move.amount for item in self.told if item.counted)


def movements(project: Project, *, account: str | None = None, month: str | None = None, first: str | None = None,
              last: str | None = None, level: Level = Level.ACCOUNT,
              known_at: date | None = None) -> Movements:  # fmt: skip
    """The movements of an account, a month, or a window (default: the last twelve whole months).

    ``account`` is an id or a name; at the level of ultimate parents it stands for all accounts of its group, and what
    is new, lost or back is so for the group. Raises ``UsageError`` for an account or a window that is not there.
    """
    window = chosen_window(project, month or first, month or last, known_at)
    frame = frame_of(project, window, known_at, level)
    with tables(project, frame) as connection:
        accounts = _names(connection, frame.snapshot.relation("accounts"), "account_id")
        products = _names(connection, frame.snapshot.relation("products"), "product_id")
        plans = _names(connection, frame.snapshot.relation("pricing_plans"), "plan_id")
        customer = _customers(connection, frame)
        chosen = customer.get(wanted, wanted) if account and (wanted := _account(account, accounts)) else None
        moves = [
            Move(*row)
            for row in connection.execute(
                f"SELECT {', '.join(Move._fields)} FROM movements WHERE month_start >= DATE '{window.first}'"
                f" AND month_start <= DATE '{window.last}'"
                " ORDER BY month_start, account_id, business_unit, product_id, kind, amount"
            ).fetchall()
            if chosen is None or customer.get(row[0], row[0]) == chosen
        ]
        came = _came(connection)
        lines = _lines(
            connection, {m.account_id for m in moves} | {source[0] for c in came.values() for source, _ in c}
        )
        footing = _footing(connection, window, moves, customer, chosen)

    def told(move: Move) -> Told:
        day = move.month_start - timedelta(days=1)
        before = _in_force(lines.get(move.position, ()), day)
        arrived = tuple(
            line
            for source, line_id in sorted(came.get((move.position, move.month_start), ()))
            for line in _in_force(lines.get(source, ()), day)
            if line.line_id == line_id
        )
        after = _in_force(lines.get(move.position, ()), add_months(move.month_start, 1) - timedelta(days=1))
        why = ", ".join(sorted({line.why for line in (*before, *arrived, *after) if line.why}))
        return Told(
            move, accounts.get(move.account_id, move.account_id), products.get(move.product_id, move.product_id),
            in_words(move, plans, why), before, after, arrived,
            move.amount is not None and customer.get(move.account_id, move.account_id) not in footing.left_out,
        )  # fmt: skip

    return Movements(
        window, frame.snapshot.manifest.reporting_currency, footing.start, footing.end,
        tuple(told(move) for move in moves), footing.while_unknown,
        tuple(LeftOut(name, accounts.get(name, name), why) for name, why in footing.left_out.items()),
    )  # fmt: skip


def _names(connection: duckdb.DuckDBPyConnection, relation: str, key: str) -> dict[str, str]:
    return dict(connection.execute(f"SELECT {key}, name FROM ({relation}) AS t").fetchall())


def _account(wanted: str, names: Mapping[str, str]) -> str:
    if wanted in names:
        return wanted
    for account, name in names.items():
        if name.casefold() == wanted.casefold():
            return account
    near = suggest(wanted, [*names, *names.values()])
    raise UsageError(f"no account is called '{wanted}'{near and f': {near}'}")


def _customers(connection: duckdb.DuckDBPyConnection, frame: Frame) -> dict[str, str]:
    """Who each account counts under: itself, or its ultimate parent where that is who counts."""
    return dict(connection.execute(frame.model_statement("customers")).fetchall())


@dataclass(frozen=True, slots=True)
class _Footing:
    """What the movements of a window lead from and to, without the customers of unknown revenue."""

    start: int
    end: int
    while_unknown: int
    left_out: Mapping[str, str]


def _footing(connection: duckdb.DuckDBPyConnection, window: Window, moves: Iterable[Move], customer: Mapping[str, str],
             chosen: str | None) -> _Footing:  # fmt: skip
    def of(account: str) -> str:
        return customer.get(account, account)

    by_account: dict[date, dict[str, int | None]] = {window.start: {}, window.last: {}}
    for account, month, mrr in connection.execute(
        "SELECT account_id, month_start, mrr FROM product_months"
        f" WHERE month_start IN (DATE '{window.start}', DATE '{window.last}')"
    ).fetchall():
        so_far = by_account[month].get(of(account), 0)
        by_account[month][of(account)] = None if so_far is None or mrr is None else so_far + mrr
    transfers = [
        Transfer(of(source), of(target), day)
        for source, target, day in connection.execute(TRANSFERS).fetchall()
        if of(source) != of(target)
    ]
    why: dict[str, set[str]] = {}
    for account, _, reason in connection.execute(why_unknown(window)).fetchall():
        why.setdefault(of(account), set()).add(reason)
    skipped = {
        account: ", ".join(sorted(why.get(account, ()))) or "merged or split with an account of unknown revenue"
        for account in sorted(left_out(by_account, window, transfers))
        if chosen is None or account == chosen
    }
    of_customers = [move._replace(account_id=of(move.account_id)) for move in moves]
    explained = settled(by_account, window, [m for m in of_customers if m.amount is not None],
                        [m for m in of_customers if m.amount is None], transfers)  # fmt: skip
    start, end = (
        sum(mrr or 0 for account, mrr in by_account[month].items()
            if account not in skipped and (chosen is None or account == chosen))
        for month in (window.start, window.last)
    )  # fmt: skip
    return _Footing(start, end, sum(m.amount for m in explained if m.kind == Kind.UNKNOWN.value), skipped)


_Position = tuple[str, str, str]


def _came(connection: duckdb.DuckDBPyConnection) -> dict[tuple[_Position, date], set[tuple[_Position, str]]]:
    """The lines that were transferred to a position in a month, each with the position that it came from."""
    found: dict[tuple[_Position, date], set[tuple[_Position, str]]] = {}
    for row in connection.execute(
        "SELECT v.to_account_id, v.to_business_unit, v.to_product_id, m.month_start, v.account_id, v.business_unit,"
        " v.product_id, v.line_id FROM moved_lines AS v INNER JOIN read_months AS m ON m.months_ago = v.months_ago"
    ).fetchall():
        found.setdefault((row[:3], row[3]), set()).add((row[4:7], row[7]))
    return found


def _lines(connection: duckdb.DuckDBPyConnection, accounts: Iterable[str]) -> dict[_Position, list[Line]]:
    listed = ", ".join(text_literal(account) for account in sorted(accounts)) or "''"
    found: dict[_Position, list[Line]] = {}
    for account, unit, product, *cells in connection.execute(
        "SELECT account_id, business_unit, product_id, line_id, contract_id, plan_id, quantity, mrr, status, from_on,"
        f" until_on, {WHY_UNKNOWN} AS why FROM mrr_lines AS l WHERE account_id IN ({listed}) ORDER BY line_id, from_on"
    ).fetchall():
        found.setdefault((account, unit, product), []).append(Line(*cells))
    return found


def _in_force(lines: Iterable[Line], day: date) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.from_on <= day and (line.until_on is None or line.until_on > day))
