"""The numbers of a window for pages: its facts, why they moved, every definition, and the records behind every mark.

``numbers`` holds the facts of a window under its key; ``records`` those of each mark under ``KEY/MARK``; ``numbers``
'' says which windows a page offers. The trailing year is published; others are made the same way when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from upcross.errors import ProjectError
from upcross.numbers.causes import Moved, before, changes, moved
from upcross.numbers.drilldown import Movements, movements
from upcross.numbers.facts import Plain, numbers_facts
from upcross.numbers.grouping import By
from upcross.numbers.reading import chosen_window, newest_month
from upcross.numbers.records import Records
from upcross.numbers.report import Display, Numbers, evidence, metrics, settled_moves
from upcross.numbers.rows import Level
from upcross.opportunities.evidence import amount
from upcross.periods import add_months
from upcross.project import Project
from upcross.publishing.movements import movement_facts
from upcross.publishing.publication import Fact
from upcross.revenue.calendar import Window, fiscal_start
from upcross.revenue.definitions import side_by_side

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned

QUARTERS = 4
"""Quarters that are offered, back from the newest that has begun."""


def numbers(planned: Planned) -> Iterator[Fact]:
    """The trailing year and its movements, and which windows are offered; without revenue, why there are none."""
    project = planned.project
    try:
        trailing = chosen_window(project, None, None)
    except ProjectError as error:
        yield "numbers", "", {"reason": str(error), "windows": []}
        return
    told = movements(project)
    yield "numbers", "", {"reason": None, "trailing": key_of(trailing), "windows": offered(project)}
    yield from window_facts(metrics(project), told)
    yield from movement_facts(told)


def key_of(
    window: Window, level: Level = Level.ACCOUNT, by: By | None = None, display: Display = Display.MRR
) -> str:  # fmt: skip
    """Under what a window's numbers are found."""
    shown = "" if display is Display.MRR else f" {display.value}"
    return f"{window.first:%Y-%m}..{window.last:%Y-%m} {level.value}{f' {by.value}' if by else ''}{shown}"


def offered(project: Project) -> list[dict[str, Any]]:
    """The windows that a page offers: the last twelve months, this year so far, last year, the last quarters."""
    newest = newest_month(project.store.manifest())
    starts = project.settings.fiscal_year_starts
    year = newest.year + (1 if starts > 1 and newest.month >= starts else 0)
    this, last = fiscal_start(year, None, starts), fiscal_start(year - 1, None, starts)
    found = [
        ("Last 12 months", chosen_window(project, None, None)),
        ("This year so far", Window(this, newest)),
        ("Last year", Window(last, add_months(this, -1))),
    ]
    quarter = max(start for number in (1, 2, 3, 4) if (start := fiscal_start(year, number, starts)) <= newest)
    for back in range(QUARTERS):
        first = add_months(quarter, -3 * back)
        found.append((_quarter(first, starts), Window(first, min(add_months(first, 2), newest))))
    return [
        {"words": words, "first": f"{window.first:%Y-%m}", "last": f"{window.last:%Y-%m}"} for words, window in found
    ]


def _quarter(first: date, starts: int) -> str:
    ahead = (first.month - starts) % 12
    year = first.year + (1 if starts > 1 and first.month >= starts else 0)
    return f"{'FY' if starts > 1 else ''}{year} Q{ahead // 3 + 1}"


def window_facts(found: Numbers, told: Movements) -> Iterator[Fact]:
    """The facts and records of one window."""
    key = key_of(found.window, found.level, found.by, found.display)
    why, earlier = moved(found.rows, found.window), moved(found.rows, before(found.window))
    names = {account.account_id: account.name for account in found.rows.accounts.values()}
    times = found.display.times
    plain = Plain(times)
    mentioned = {*found.total.retention.unknown, *found.total.bridge.left_out,
                 *(account for credit in found.credits for account in credit.why_apart)}  # fmt: skip
    yield "numbers", key, {
        **numbers_facts(found),
        "months": len(found.window.months),
        "names": {account: names.get(account, account) for account in sorted(mentioned)},
        "bridge_by_cause": [
            {"cause": change.cause, "side": change.side.value, "words": change.words,
             "amount": amount(change.amount * times), "accounts": len(change.by_account)}
            for change in changes(settled_moves(found.rows))
        ],
        "bridge_start": amount(found.total.bridge.start * times),
        "bridge_end": amount(found.total.bridge.end * times),
        "why": _why(why, earlier, names, times),
        "definitions": [plain.outcome(outcome) for outcome in side_by_side(evidence(found.rows))],
        "products": {product.product_id: product.name for product in found.rows.products.values()},
    }  # fmt: skip
    for mark, record in Records(found, told).all(why):
        yield "records", f"{key}/{mark}", record


def _why(why: Moved, earlier: Moved, names: dict[str, str], times: int) -> dict[str, Any]:
    then = {change.cause: change for change in earlier.changes}
    now = {change.cause: change for change in why.changes}
    return {
        "reason": why.reason or None,
        "start": amount(why.start * times), "end": amount(why.end * times),
        "nrr": None if why.reason else why.end / why.start,
        "before": {
            "from": f"{earlier.window.first:%Y-%m}", "to": f"{earlier.window.last:%Y-%m}",
            "reason": earlier.reason or None,
            "nrr": None if earlier.reason else earlier.end / earlier.start,
        },
        "causes": [
            {
                "cause": cause, "side": change.side.value, "words": change.words,
                "amount": amount(now[cause].amount * times if cause in now else 0),
                "points": why.points(now.get(cause)), "points_before": earlier.points(then.get(cause)),
                "accounts": len(now[cause].by_account) if cause in now else 0,
                "largest": [
                    {"account_id": account, "name": names.get(account, account), "amount": amount(changed * times)}
                    for account, changed in (now[cause].largest(5) if cause in now else ())
                ],
            }
            for cause, change in {**then, **now}.items()
        ],
    }  # fmt: skip
