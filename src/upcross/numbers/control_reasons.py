"""Why a month's total is not finance's: the lines that can be behind a difference, the surest reason first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from upcross.engine.compile import text_literal
from upcross.money import display
from upcross.periods import add_months

_MOST = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that can be behind a difference."""

    kind: str
    """same, exact, late, cancelled, currency, unknown, aside, committed, changes."""
    text: str
    amount: int | None = None
    lines: tuple[str, ...] = ()
    """The subscription lines or commitments concerned, largest first."""


def reasons(
    connection: duckdb.DuckDBPyConnection, month: date, segment: str, difference: int, earlier: int | None,
    aside: int,
) -> Iterator[Reason]:  # fmt: skip
    """What can be behind a month's difference, over the relation ``control_lines``.

    ``earlier`` is the difference of the month before, where there is one; ``aside`` the number of subscription rows
    that the load set aside.
    """
    end = add_months(month, 1) - timedelta(days=1)
    here = f"(segment = {text_literal(segment)})" if segment else "TRUE"
    in_force = f"{_in_force(end)} AND {here}"
    before = f"{_in_force(month - timedelta(days=1))} AND {here}"

    def fetch(what: str, where: str) -> list[tuple[Any, ...]]:
        return connection.execute(
            f"SELECT line_id, account_name, product_id, {what} AS amount FROM control_lines WHERE {where}"
            " ORDER BY abs(amount) DESC NULLS LAST, line_id"
        ).fetchall()

    if difference == earlier:
        yield Reason("same", "the same difference as the month before: look at the first month that has it", difference)
        return
    step = difference - (earlier or 0)
    for amount in dict.fromkeys((step, difference)):
        near = f"abs(mrr - {abs(amount)}) < 50"
        over = f"until_on <= DATE '{end}' AND {here} AND {near}"
        for line in fetch("mrr", f"{in_force} AND {near}" if amount > 0 else over)[:2]:
            where = "counted here, and not there" if amount > 0 else "over here, and perhaps counted there"
            yield Reason("exact", f"exactly one line: {_named(line)} ({where})", line[3], (line[0],))
    yield from _late(fetch, in_force, end, here)
    yield from _kinds(connection, fetch, in_force)
    if aside:
        yield Reason(
            "aside", f"{aside:,} rows of subscriptions were set aside when loading: upcross check --rejects DIR"
        )
    changes = connection.execute(
        "SELECT line_id, any_value(account_name), any_value(product_id), CAST(sum(CASE WHEN"
        f" {in_force} THEN mrr ELSE 0 END) - sum(CASE WHEN {before} THEN mrr ELSE 0 END) AS BIGINT) AS amount"
        f" FROM control_lines WHERE ({in_force}) OR ({before}) GROUP BY line_id HAVING amount <> 0"
        " ORDER BY abs(amount) DESC, line_id"
    ).fetchall()
    if changes:
        told = "; ".join(_named(row, sign=True) for row in changes[:_MOST])
        more = f"; and {len(changes) - _MOST} more" if len(changes) > _MOST else ""
        yield Reason(
            "changes", f"largest changes in the month: {told}{more}", None, tuple(r[0] for r in changes[:_MOST])
        )


def _in_force(day: date) -> str:
    return f"from_on <= DATE '{day}' AND (until_on IS NULL OR until_on > DATE '{day}')"


def _late(fetch: Any, in_force: str, end: date, here: str) -> Iterator[Reason]:
    late = fetch("mrr", f"{in_force} AND recorded_on > DATE '{end}'")
    if late:
        total = sum(row[3] or 0 for row in late)
        yield Reason("late", f"recorded after the month was over: {_count(late)}, {_money(total)}: {_listed(late)}",
                     total, tuple(row[0] for row in late[:_MOST]))  # fmt: skip
    last = "(line_id, from_on) IN (SELECT (line_id, max(from_on)) FROM control_lines GROUP BY line_id)"
    gone = fetch("-mrr", f"until_on <= DATE '{end}' AND cancelled_on > DATE '{end}' AND {here} AND {last}")
    if gone:
        total = sum(row[3] or 0 for row in gone)
        yield Reason("cancelled", f"cancelled after the month was over, back into it: {_count(gone)},"
                     f" {_money(total)}: {_listed(gone)}", total, tuple(row[0] for row in gone[:_MOST]))  # fmt: skip


def _kinds(connection: duckdb.DuckDBPyConnection, fetch: Any, in_force: str) -> Iterator[Reason]:
    unknown = fetch("mrr", f"{in_force} AND mrr IS NULL")
    if unknown:
        told = ", ".join(f"{row[1]} ({row[0]})" for row in unknown[:_MOST])
        yield Reason("unknown", f"{_count(unknown)} without a known MRR, for want of an amount or a rate: {told}",
                     None, tuple(row[0] for row in unknown[:_MOST]))  # fmt: skip
    for currency, count, amount in connection.execute(
        f"SELECT currency, count(*), sum(mrr) FROM control_lines WHERE {in_force} AND currency <> ''"
        " AND mrr IS NOT NULL GROUP BY currency ORDER BY currency"
    ).fetchall():
        yield Reason("currency", f"{_lines(count)} in {currency}: {_money(int(amount))} at one constant rate;"
                     " finance may use the month's", int(amount))  # fmt: skip
    committed = fetch("mrr", f"{in_force} AND committed AND mrr <> 0")
    if committed:
        total = sum(row[3] for row in committed)
        yield Reason("committed", f"commitments counted as recurring, {_money(total)}:"
                     f" {_listed(committed)}", total, tuple(row[0] for row in committed[:_MOST]))  # fmt: skip


def _count(rows: list[tuple[Any, ...]]) -> str:
    return _lines(len(rows))


def _lines(count: int) -> str:
    return f"{count:,} line{'s'[: count != 1]}"


def _listed(rows: list[tuple[Any, ...]]) -> str:
    return "; ".join(_named(row) for row in rows[:3]) + (f"; and {len(rows) - 3} more" if len(rows) > 3 else "")


def _named(row: tuple[Any, ...], sign: bool = False) -> str:
    line, account, product, amount = row
    shown = ("+" if sign and amount > 0 else "") + _money(amount)
    return f"{account} · {product} {shown} (line {line})"


def _money(amount: int | None) -> str:
    return display(amount, cents=True)
