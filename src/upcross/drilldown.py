"""The movements behind any number: each with its arithmetic in words, and the lines in force before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from upcross.engine.compile import text_literal
from upcross.errors import UsageError, suggest
from upcross.periods import add_months
from upcross.project import Project
from upcross.reading import Level, chosen_window, frame_of, tables
from upcross.revenue.calendar import Window
from upcross.revenue.history import Move
from upcross.revenue.movement import in_words
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


@dataclass(frozen=True, slots=True)
class Told:
    """One movement, told: who, what, why, and the lines whose difference it is a part of."""

    move: Move
    account_name: str
    product_name: str
    words: str
    before: tuple[Line, ...]
    after: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Movements:
    """The movements of a window, oldest first; their amounts add up to the change of revenue."""

    window: Window
    currency: str
    start: int
    end: int
    told: tuple[Told, ...]

    @property
    def total(self) -> int:
        """The sum of all movements."""
        return sum(item.move.amount or 0 for item in self.told)


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
        where = ""
        if account:
            chosen = _group(connection, frame, _account(account, accounts))
            where = f" AND account_id IN ({', '.join(text_literal(member) for member in chosen)})"
        moves = [
            Move(*row)
            for row in connection.execute(
                f"SELECT {', '.join(Move._fields)} FROM movements WHERE month_start >= DATE '{window.first}'"
                f" AND month_start <= DATE '{window.last}'{where}"
                " ORDER BY month_start, account_id, business_unit, product_id, kind, amount"
            ).fetchall()
        ]
        lines = _lines(connection, {move.account_id for move in moves})
        start, end = (_mrr(connection, at, where) for at in (window.start, window.last))
    told = tuple(
        Told(
            move,
            accounts.get(move.account_id, move.account_id),
            products.get(move.product_id, move.product_id),
            in_words(move, plans),
            _in_force(lines, move, move.month_start - timedelta(days=1)),
            _in_force(lines, move, add_months(move.month_start, 1) - timedelta(days=1)),
        )
        for move in moves
    )
    return Movements(window, frame.snapshot.manifest.reporting_currency, start, end, told)


def _names(connection: duckdb.DuckDBPyConnection, relation: str, key: str) -> dict[str, str]:
    return dict(connection.execute(f"SELECT {key}, name FROM ({relation}) AS t").fetchall())


def _account(wanted: str, names: Mapping[str, str]) -> str:
    if wanted in names:
        return wanted
    for account, name in names.items():
        if name.casefold() == wanted.casefold():
            return account
    raise UsageError(f"no account is called '{wanted}'. {suggest(wanted, [*names, *names.values()])}")


def _group(connection: duckdb.DuckDBPyConnection, frame: Frame, account: str) -> list[str]:
    """All accounts of one customer: the account alone, or those under its ultimate parent."""
    found = connection.execute(
        f"WITH customers AS ({frame.model_statement('customers')}) SELECT m.account_id FROM customers AS a"
        f" INNER JOIN customers AS m ON m.customer_id = a.customer_id WHERE a.account_id = {text_literal(account)}"
        " ORDER BY m.account_id"
    ).fetchall()
    return [member for (member,) in found]


def _mrr(connection: duckdb.DuckDBPyConnection, month: date, where: str) -> int:
    found = connection.execute(
        f"SELECT COALESCE(SUM(mrr), 0) FROM product_months WHERE month_start = DATE '{month}'{where}"
    ).fetchall()
    return int(found[0][0])


def _lines(connection: duckdb.DuckDBPyConnection, accounts: Iterable[str]) -> dict[tuple[str, str, str], list[Line]]:
    listed = ", ".join(text_literal(account) for account in sorted(accounts)) or "''"
    found: dict[tuple[str, str, str], list[Line]] = {}
    for account, unit, product, *cells in connection.execute(
        "SELECT account_id, business_unit, product_id, line_id, contract_id, plan_id, quantity, mrr, status, from_on,"
        f" until_on FROM mrr_lines WHERE account_id IN ({listed}) ORDER BY line_id, from_on"
    ).fetchall():
        found.setdefault((account, unit, product), []).append(Line(*cells))
    return found


def _in_force(lines: Mapping[tuple[str, str, str], list[Line]], move: Move, day: date) -> tuple[Line, ...]:
    return tuple(
        line
        for line in lines.get(move.position, ())
        if line.from_on <= day and (line.until_on is None or line.until_on > day)
    )
