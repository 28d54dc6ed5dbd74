"""Reading the rows that numbers are made from: one snapshot, its lines, months and movements, and who is who.

Metrics are read as known now: the snapshot's as-of day lies up to eleven months after the window where the book goes
on that far, so that what was cancelled or corrected late, back into the window, is seen. With a known-at day they are
read as known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from upcross.book.snapshot import MONTHS_BACK, Snapshot
from upcross.book.store import Manifest
from upcross.engine.compile import text_literal
from upcross.engine.routed import make_table
from upcross.errors import ProjectError, Severity, UsageError, issue_code
from upcross.kept_signals import copy, making, models_key
from upcross.numbers.rows import Level, Rows, at_parents
from upcross.periods import add_months, month_start, months_until
from upcross.project import Project
from upcross.revenue.calendar import Window, months_between, window
from upcross.revenue.credit import Assignment
from upcross.revenue.definitions import LineState
from upcross.revenue.history import (
    Account,
    Carried,
    Move,
    Product,
    ProductMonth,
    Transfer,
)
from upcross.revenue.upsell import Overage
from upcross.signals.frame import Frame

NO_MONEY = issue_code("no-subscriptions", Severity.ERROR, "Numbers were asked for and no subscription is loaded.")

FORCED = frozenset({"forced", "forced_migration", "migration", "sunset", "end_of_life"})
"""Words for an amendment by which we ended the plan that a customer was on."""


def frame_at(project: Project, manifest: Manifest, as_of: date, known_at: date, level: Level = Level.ACCOUNT) -> Frame:
    """The project's models over the book of one day as known on another; a customer is what ``level`` says."""
    return at_level(Frame(project.registry(manifest), Snapshot(manifest, as_of, known_at)), level)


def at_level(frame: Frame, level: Level) -> Frame:
    """The same models with new, lost and returned customers judged at a level."""
    if level is Level.ACCOUNT:
        return frame
    models = frame.registry.models
    swapped = {**models, "customers": replace(models["ultimate_parents"], name="customers")}
    return replace(frame, registry=replace(frame.registry, models=swapped))


def frame_of(project: Project, window: Window, known_at: date | None = None, level: Level = Level.ACCOUNT) -> Frame:
    """The models over the day at whose end a window is read, as known now or on a day."""
    manifest = project.store.manifest()
    as_of = read_as_of(window, newest_month(manifest, known_at))
    now = max(day for day in (manifest.loaded_on, manifest.newest_day(), as_of) if day is not None)
    return frame_at(project, manifest, as_of, known_at or now, level)


def newest_month(manifest: Manifest, known_at: date | None = None) -> date:
    """The last month that is over in the book; where no table tells, on the day of the load."""
    return months_until(known_at or manifest.newest_day() or manifest.loaded_on, 1)[0][0]


def chosen_window(project: Project, first: str | None, last: str | None, known_at: date | None = None) -> Window:
    """The window that a person means; ``UsageError`` where it is longer than the history that is read."""
    manifest = project.store.manifest()
    stored = manifest.tables.get("subscriptions")
    if stored is None or not stored.rows:
        raise ProjectError(
            NO_MONEY.at(None, "no table `subscriptions` is loaded: there is no recurring revenue to count",
                        hint="map it in upcross.yaml: `upcross tables subscriptions` says what it needs")
        )  # fmt: skip
    newest = newest_month(manifest, known_at)
    found = window(first, last, newest, project.settings.fiscal_year_starts)
    if months_between(found.start, found.last) + 1 > MONTHS_BACK:
        raise UsageError(f"{found} and its start are more than {MONTHS_BACK} months: choose a shorter window")
    return found


def read_as_of(window: Window, newest: date) -> date:
    """The day at whose end a window is read: late enough for late corrections, with a year of history before it."""
    last = max(window.last, min(newest, add_months(window.start, MONTHS_BACK - 13)))
    return Window(last, last).ends_on


COMPUTED = ("mrr_lines", "product_months", "movements", "moved_lines")
BESIDE = {"read_months": "months", "constant_rates": "constant_rates"}
"""Relations of the snapshot that are read beside them, by their names there."""


def compute(connection: duckdb.DuckDBPyConnection, frame: Frame, runs: Path | None = None) -> None:
    """Make the models that numbers are read from, each computed once, tables of the connection.

    Where the folder of the runs is given they are kept there, under a hash of the load, the models and the two days,
    and read back.
    """
    snapshot = frame.snapshot
    folder = (runs or Path()) / str(snapshot.as_of) / f"numbers-{models_key(frame)}-{snapshot.known_at}"
    kept = runs is not None and folder.exists()
    for name in (*COMPUTED, *BESIDE):
        file = text_literal(str(folder / f"{name}.parquet"))
        if name in COMPUTED and not kept:
            make_table(connection, name, frame.model_statement(name))
            continue
        made = f"SELECT * FROM read_parquet({file})" if kept else snapshot.relation(BESIDE[name])
        connection.execute(f"CREATE TEMP TABLE {name} AS {made}")
    if runs is not None and not kept:
        with suppress(ProjectError), making(folder) as unfinished:  # where nothing can be written, nothing is kept
            for name in (*COMPUTED, *BESIDE):
                copy(connection, name, unfinished)


@contextmanager
def tables(project: Project, frame: Frame) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the stored book with the computed models beside it."""
    connection = project.store.connect()
    try:
        compute(connection, frame, project.runs)
        yield connection
    finally:
        connection.close()


def read(project: Project, chosen: Window, known_at: date | None = None, level: Level = Level.ACCOUNT) -> Rows:
    """The rows of a window, at the level of accounts or of their ultimate parents."""
    frame = frame_of(project, chosen, known_at, level)
    with tables(project, frame) as connection:
        rows = rows_from(connection, frame, chosen)
    return at_parents(rows) if level is Level.ULTIMATE_PARENT else rows


def rows_from(connection: duckdb.DuckDBPyConnection, frame: Frame, window: Window) -> Rows:
    """The rows of a window from a connection in which the models are computed."""

    def fetch(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query).fetchall()

    def relation(table: str, columns: Iterable[str], where: str = "TRUE") -> list[tuple[Any, ...]]:
        return fetch(f"SELECT {', '.join(columns)} FROM ({frame.snapshot.relation(table)}) AS t WHERE {where}")

    months = tuple(month for month, _ in months_until(frame.snapshot.as_of, MONTHS_BACK))
    begins = fetch("SELECT MIN(from_on) FROM mrr_lines WHERE until_on IS NULL OR until_on > from_on")[0][0]
    by_account: dict[date, dict[str, int | None]] = {month: {} for month in months}
    for account, month, mrr in fetch(_ACCOUNT_MONTHS):
        if month in by_account:
            by_account[month][account] = None if mrr is None else int(mrr)
    moves = [Move(*row) for row in fetch(f"SELECT {', '.join(Move._fields)} FROM movements ORDER BY ALL")]
    known = tuple(move for move in moves if move.amount is not None)
    later = {(a, u, p, m): mrr for a, u, p, m, mrr in fetch(_LATER)}
    first_owned: dict[str, dict[str, date]] = {}
    for account, product, month in fetch(_FIRST_OWNED):
        first_owned.setdefault(account, {})[product] = month
    due = {
        (account, unit, product): day
        for account, unit, product, day in fetch(
            "SELECT account_id, business_unit, product_id, MAX(term_ends_on) FROM mrr_lines"
            f" WHERE term_ends_on >= DATE '{window.first}' AND term_ends_on < DATE '{window.after}' GROUP BY ALL"
        )
    }
    terms = fetch("SELECT COUNT(term_ends_on) FROM mrr_lines")[0][0]
    plans: dict[str, list[str]] = {}
    for product, plan in relation("pricing_plans", ("product_id", "plan_id")):
        plans.setdefault(product, []).append(plan)
    return Rows(
        window=window,
        frame=frame,
        currency=frame.snapshot.manifest.reporting_currency,
        begins=month_start(begins) if begins else None,
        months=months,
        by_account=by_account,
        start=_product_months(fetch, window.start),
        end=_product_months(fetch, window.last),
        moves=known,
        unknown_moves=tuple(move for move in moves if move.amount is None),
        later=later,
        carried=tuple(Carried(*row) for row in fetch(_CARRIED)),
        first_owned=first_owned,
        lines_at_start=tuple(LineState(*row) for row in fetch(_line_states(window.starts_on))),
        lines_at_end=tuple(LineState(*row) for row in fetch(_line_states(window.ends_on))),
        due=frozenset(due) if terms else None,
        accounts={row[0]: Account(*row) for row in relation("accounts", _ACCOUNT)},
        products=_products(relation),
        plans={product: tuple(listed) for product, listed in plans.items()},
        assignments=tuple(Assignment(*row) for row in relation("account_assignments", Assignment._fields)),
        transfers=tuple(Transfer(*row) for row in fetch(TRANSFERS)),
        forced_moves=frozenset(
            (account, unit or "", product)
            for account, unit, product, kind in relation(
                "subscriptions", ("account_id", "business_unit", "product_id", "amendment_kind"),
                f"amendment_kind IS NOT NULL AND valid_from >= DATE '{window.first}'"
                f" AND valid_from < DATE '{window.after}'",
            )
            if kind.strip().lower().replace(" ", "_").replace("-", "_") in FORCED
        ),
        used=_used(relation, frame, window),
        overage=_overage(fetch, frame.snapshot, window),
        why_unknown={(account, product): why for account, product, why in fetch(why_unknown(window))},
    )  # fmt: skip


_ACCOUNT = ("account_id", "name", "parent_account_id", "segment", "region", "industry", "csm", "account_manager")

_ACCOUNT_MONTHS = """
SELECT account_id, month_start, CASE WHEN COUNT(*) = COUNT(mrr) THEN SUM(mrr) END
FROM product_months GROUP BY account_id, month_start
"""

_LATER = """
SELECT p.account_id, p.business_unit, p.product_id, p.month_start, p.mrr
FROM product_months AS p
INNER JOIN (
  SELECT DISTINCT account_id, business_unit, product_id, CAST(month_start + INTERVAL 12 MONTH AS DATE) AS month_start
  FROM movements
  WHERE motion <> '' AND amount > 0
  UNION
  SELECT account_id, business_unit, product_id, CAST(month_start - INTERVAL 1 MONTH AS DATE) FROM movements
  UNION
  SELECT v.account_id, v.business_unit, v.product_id, m.month_start FROM moved_lines AS v, read_months AS m
  UNION
  SELECT v.to_account_id, v.to_business_unit, v.to_product_id, m.month_start FROM moved_lines AS v, read_months AS m
) AS m USING (account_id, business_unit, product_id, month_start)
"""

_CARRIED = """
SELECT v.account_id, v.business_unit, v.product_id, v.to_account_id, v.to_business_unit, v.to_product_id, m.month_start,
  SUM(v.mrr)
FROM moved_lines AS v
INNER JOIN read_months AS m ON m.months_ago = v.months_ago
WHERE v.mrr IS NOT NULL
GROUP BY ALL
ORDER BY ALL
"""

TRANSFERS = """
SELECT DISTINCT v.account_id, v.to_account_id, m.month_start
FROM moved_lines AS v
INNER JOIN read_months AS m ON m.months_ago = v.months_ago
WHERE v.account_id <> v.to_account_id
"""

_FIRST_OWNED = """
SELECT account_id, product_id, MIN(month_start) FROM product_months WHERE owned GROUP BY account_id, product_id
"""


def _line_states(day: date) -> str:
    return (
        f"SELECT {', '.join(LineState._fields)} FROM mrr_lines"
        f" WHERE from_on <= DATE '{day}' AND (until_on IS NULL OR until_on > DATE '{day}')"
    )


WHY_UNKNOWN = """
CASE WHEN l.mrr IS NOT NULL THEN ''
  WHEN l.currency NOT IN (SELECT currency FROM constant_rates) THEN 'no exchange rate for ' || l.currency
  ELSE 'no price' END
"""
"""Why the revenue of a line ``l`` of ``mrr_lines`` is unknown, as an expression over the computed tables."""


def why_unknown(window: Window) -> str:
    """The query for accounts and products of unknown revenue at a window's start or end, each with its reason."""
    in_force = " OR ".join(
        f"(l.from_on <= DATE '{day}' AND (l.until_on IS NULL OR l.until_on > DATE '{day}'))"
        for day in (window.starts_on, window.ends_on)
    )
    return (
        f"SELECT DISTINCT l.account_id, l.product_id, {WHY_UNKNOWN} AS why FROM mrr_lines AS l"
        f" WHERE l.mrr IS NULL AND ({in_force}) ORDER BY ALL"
    )


def _product_months(fetch: Any, month: date) -> tuple[ProductMonth, ...]:
    found = fetch(f"SELECT {', '.join(ProductMonth._fields)} FROM product_months WHERE month_start = DATE '{month}'")
    return tuple(ProductMonth(*row) for row in found)


def _products(relation: Any) -> dict[str, Product]:
    requires: dict[str, set[str]] = {}
    excludes: dict[str, set[str]] = {}
    for product, kind, other in relation("product_relations", ("product_id", "relation", "other_product_id")):
        if kind == "requires":
            requires.setdefault(product, set()).add(other)
        else:
            excludes.setdefault(product, set()).add(other)
            excludes.setdefault(other, set()).add(product)
    eligible: dict[str, dict[str, set[str]]] = {}
    for product, attribute, value in relation("product_eligibility", ("product_id", "attribute", "value")):
        eligible.setdefault(product, {}).setdefault(attribute, set()).add(value)
    columns = (
        "product_id",
        "name",
        "kind",
        "parent_product_id",
        "successor_product_id",
        "retired_on",
        "counts_as_product",
    )
    return {
        row[0]: replace(
            Product(*row),
            requires=frozenset(requires.get(row[0], ())),
            excludes=frozenset(excludes.get(row[0], ())),
            eligible={name: frozenset(values) for name, values in eligible.get(row[0], {}).items()} or None,
        )
        for row in relation("products", columns)
    }


def _used(relation: Any, frame: Frame, window: Window) -> dict[str, dict[str, bool | None]]:
    """Whether each account used each product in the window's last month; a product without measurement is absent."""
    inside = f"period_start < DATE '{window.after}' AND period_end > DATE '{window.last}'"
    found: dict[str, dict[str, bool | None]] = {}
    for table, measure in (("usage", "value"), ("seats", "active")):
        if frame.snapshot.stored(table) is None:
            continue
        for account, product, most in relation(
            table, ("account_id", "product_id", f"MAX({measure})"),
            f"{inside} AND {measure} IS NOT NULL GROUP BY account_id, product_id",
        ):  # fmt: skip
            products = found.setdefault(account, {})
            products[product] = bool(products.get(product)) or most > 0
    return found


def _overage(fetch: Any, snapshot: Snapshot, window: Window) -> tuple[Overage, ...] | None:
    """What each commitment that began before the window's end has used, and the price of use beyond it."""
    if snapshot.stored("commitments") is None or snapshot.stored("usage") is None:
        return None
    return tuple(
        Overage(*row)
        for row in fetch(
            f"""
SELECT c.commitment_id, c.account_id, c.business_unit, c.product_id, c.metric, c.starts_on, c.ends_on,
  CAST(c.amount AS DOUBLE), CAST(SUM(u.value) AS DOUBLE), CAST(MAX(c.overage_rate * r.rate) AS BIGINT)
FROM ({snapshot.relation("commitments")}) AS c
INNER JOIN ({snapshot.relation("usage")}) AS u
  ON u.account_id = c.account_id AND u.metric = c.metric AND u.period_start >= c.starts_on
  AND u.period_end <= c.ends_on AND u.period_end <= DATE '{window.after}'
  AND (u.product_id = c.product_id OR EXISTS (
    SELECT 1 FROM ({snapshot.relation("commitment_products")}) AS o
    WHERE o.commitment_id = c.commitment_id AND o.product_id = u.product_id))
LEFT JOIN ({snapshot.relation("constant_rates")}) AS r ON r.currency = COALESCE(c.currency, '')
WHERE c.starts_on < DATE '{window.after}' AND c.ends_on > DATE '{window.first}'
GROUP BY c.commitment_id, c.account_id, c.business_unit, c.product_id, c.metric, c.starts_on, c.ends_on, c.amount
"""
        )
    )
