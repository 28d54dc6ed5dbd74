"""The same books counted by an independent implementation: `saas-metrics` from PyPI, by account and month.

It is installed for tests only, by the Makefile.

Where definitions agree, numbers must be equal: the bridge of every month (new, reactivation, expansion, contraction and
churn of whole accounts), NRR, GRR and logo retention over twelve months, and the quick ratio. Where they differ:

    price, discounts, fx      there they are expansion or contraction; here they stand under their own names
    mechanisms and motions    there an account has one movement a month; here one for each cause, which add up to it
    transfers                 there a merge is churn and expansion; here neither (not in these books)
    unknown revenue           there a missing amount is an error; here the account is left out (not in these books)
    before the first month    there everybody in the first month is new; here they began before (months from the second)
    cents                     there money is rounded to cents; these books have whole cents
"""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pandas
import pytest
import saas_metrics
from money_book import book, line, read

from upcross.numbers.report import numbers_of
from upcross.numbers.rows import Rows
from upcross.periods import add_months
from upcross.revenue.calendar import Window
from upcross.revenue.history import in_window, month_changes
from upcross.revenue.retention import quick_ratio

pytestmark = pytest.mark.filterwarnings("ignore:Inferring datetime64")  # of theirs

FIRST = date(2025, 1, 1)
MONTHS = [add_months(FIRST, ahead) for ahead in range(24)]
YEAR = Window(date(2026, 1, 1), date(2026, 12, 1))


def random_lines(seed: int) -> list[dict[str, Any]]:
    """Accounts that begin, grow, shrink, leave and come back at random, on one or two products."""
    chance = random.Random(seed)
    lines = []
    for number in range(40):
        account = f"a{number:02}"
        for product in ("crm", "ana")[: 1 + (chance.random() < 0.4)]:
            month, spell = chance.randrange(0, 20), 0
            while month < 24:
                spell += 1
                seats = chance.randrange(1, 60)
                stays = chance.randrange(1, 12)
                name = f"{account}-{product}-{spell}"
                gone = add_months(FIRST, month + stays)
                changes = sorted(chance.sample(range(1, stays + 1), k=min(stays, chance.randrange(0, 3))))
                for ahead in (0, *[c for c in changes if c < stays]):
                    lines.append(
                        line(name, account, str(add_months(FIRST, month + ahead)), seats * 10, str(gone),
                             product_id=product, quantity=seats, cancelled_on=str(FIRST))
                    )  # fmt: skip
                    seats = max(1, seats + chance.randrange(-20, 30))
                month += stays + chance.randrange(0, 6)
    return lines


def theirs(rows: Rows) -> Any:
    """Their report of the same revenue by account and month."""
    paid = [
        {"customer_id": account, "period": str(month), "revenue": (mrr or 0) / 10_000}
        for month, mrrs in rows.by_account.items()
        for account, mrr in mrrs.items()
        if month >= FIRST
    ]
    return saas_metrics.analyze(pandas.DataFrame(paid), allow_warnings=True, today=date(2027, 1, 1))


@pytest.mark.parametrize("seed", range(5))
def test_the_bridge_of_every_month_is_theirs(seed: int) -> None:
    rows = read(book(random_lines(seed)), YEAR)
    for row in theirs(rows).waterfall.to_dict("records")[1:]:
        month = row["period_end"].date().replace(day=1)
        changes = month_changes(in_window(rows.moves, month, month))
        arrivals = {kind: sum(m.amount for m in rows.moves if m.month_start == month and m.kind == kind)
                    for kind in ("new", "reactivation", "churn")}  # fmt: skip
        stayed = {account for (account, _) in changes} - {
            m.account_id for m in rows.moves if m.month_start == month and m.kind in arrivals
        }
        ours = {
            "beginning": sum(mrr or 0 for mrr in rows.by_account[add_months(month, -1)].values()),
            "new_logo": arrivals["new"],
            "reactivation": arrivals["reactivation"],
            "expansion": sum(changes[(a, month)] for a in stayed if changes[(a, month)] > 0),
            "contraction": -sum(changes[(a, month)] for a in stayed if changes[(a, month)] < 0),
            "churn": -arrivals["churn"],
            "ending": sum(mrr or 0 for mrr in rows.by_account[month].values()),
        }
        assert {name: round(float(row[name]) * 10_000) for name in ours} == ours, month


@pytest.mark.parametrize("seed", range(5))
def test_retention_over_twelve_months_is_theirs(seed: int) -> None:
    rows = read(book(random_lines(seed)), YEAR)
    metrics = {row["period_end"].date().replace(day=1): row for row in theirs(rows).metrics.to_dict("records")}
    for found in numbers_of(rows).trailing:
        row = metrics[found.window.last]
        assert found.nrr.value == pytest.approx(row["nrr_12m"], abs=1e-12)
        assert found.grr.value == pytest.approx(row["grr_12m"], abs=1e-12)
        assert found.logos.value == pytest.approx(row["logo_retention_12m"], abs=1e-12)
        month = Window(found.window.last, found.window.last)
        quick = quick_ratio(rows.moves, month).value
        assert quick == (pytest.approx(row["quick_ratio"]) if row["quick_ratio"] == row["quick_ratio"] else None)
