"""What holds for every contract history: exact sums, windows that compose, and what must change nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_book import book, check_balance, line, rows
from small_book import SmallBook

AS_OF = date(2025, 12, 31)
FIRST = date(2024, 6, 1)
Versions = list[dict[str, Any]]

examples = settings(
    max_examples=300 if os.environ.get("UPCROSS_SOAK") else 3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

ACCOUNTS = ("acme", "beta", "gamma", "delta")
SOLD = (("crm", "std"), ("crm", "std"), ("crm", "pro"), ("crm", "bare"), ("api", "api1"), ("api", "api2"), ("old", "old1"),
        ("desk", "desk1"), ("audit", None), ("care", "care1"), ("care", "care2"))  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> SmallBook:
    """A book of lines that begin, change, pause, move, are replaced and end; amounts are even in cents."""
    lines: Versions = []
    for number in range(draw(st.integers(3, 10))):
        lines += draw(one_line(f"l{number}"))
    replaced = draw(st.sampled_from([None, *range(1, len(lines))]))
    if replaced is not None:
        lines[replaced]["replaces_line_id"] = "l0"
    transfers = draw(st.lists(st.sampled_from(("merge", "split")), max_size=2))
    return book(
        *lines,
        *(line(f"own-{name}", "2024-01-01", 2, 20, account_id=name) for name in ACCOUNTS[:2]),
        account_transfers=[
            {"from_account_id": ACCOUNTS[at], "to_account_id": ACCOUNTS[-1 - at], "kind": kind,
             "effective_on": str(draw(days()))}
            for at, kind in enumerate(transfers)
        ],
    )  # fmt: skip


def days() -> st.SearchStrategy[date]:
    return st.integers(0, 570).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def one_line(draw: st.DrawFn, line_id: str) -> Versions:
    account, unit = draw(st.sampled_from(ACCOUNTS)), draw(st.sampled_from(("", "", "emea")))
    product, plan = draw(st.sampled_from(SOLD))
    found: Versions = []
    for day in sorted(draw(st.lists(days(), min_size=1, max_size=4, unique=True))):
        account = draw(st.sampled_from((account,) * 9 + ACCOUNTS))
        product, plan = draw(st.sampled_from(((product, plan),) * 3 + tuple(s for s in SOLD if s[0] == product)))
        units = draw(st.integers(0, 60)) * 2
        cells: dict[str, Any] = {
            "account_id": account, "business_unit": unit, "product_id": product, "plan_id": plan,
            "status": draw(st.sampled_from(("active",) * 6 + ("trial", "paused"))),
            "origin": draw(st.sampled_from((None, None, "amendment", "contracted_escalator", "true_up"))),
            "escalator": draw(st.sampled_from((None, None, "0.05"))),
        }  # fmt: skip
        mrr = units * draw(st.integers(0, 1500)) * 2
        if draw(st.integers(0, 3)) == 0:
            cells |= {"list_unit_price": 40, "discount": "0.1", "discount_ends_on": str(draw(days()))}
            mrr = units * 3000
        found.append(line(line_id, str(day), units, f"{mrr // 100}.{mrr % 100:02}", **cells))
    if draw(st.booleans()):
        found[-1]["ends_on"] = str(
            date.fromisoformat(found[-1]["valid_from"]) + timedelta(days=draw(st.integers(1, 300)))
        )
    return found


def told(small: SmallBook, as_of: date = AS_OF, leave_out: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    found = rows(small, "movements", as_of, AS_OF)
    return [{name: cell for name, cell in row.items() if name not in leave_out} for row in found]


def altered(small: SmallBook, change: Callable[[Versions], Versions]) -> SmallBook:
    return SmallBook({**small.rows, "subscriptions": change([dict(row) for row in small.rows["subscriptions"]])})


@examples
@given(histories())
def test_amounts_sum_to_the_change_of_every_product_and_month(small: SmallBook) -> None:
    check_balance(small)


@examples
@given(histories())
def test_transfers_and_only_transfers_sum_to_nothing(small: SmallBook) -> None:
    by_month: dict[date, int] = {}
    for row in rows(small, "movements"):
        if row["kind"] == "transfer":
            by_month[row["month_start"]] = by_month.get(row["month_start"], 0) + row["amount"]
    assert set(by_month.values()) <= {0}


@examples
@given(histories(), st.sampled_from((date(2024, 12, 31), date(2025, 4, 30), date(2025, 9, 30))))
def test_windows_compose(small: SmallBook, earlier: date) -> None:
    """Read as of an earlier month, with the same knowledge, the months until then say the same."""
    assert told(small, earlier) == [row for row in told(small) if row["month_start"] <= earlier]


@examples
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(small: SmallBook, random: Any) -> None:
    def shuffled(lines: Versions) -> Versions:
        random.shuffle(lines)
        return lines

    assert told(altered(small, shuffled)) == told(small)


@examples
@given(histories())
def test_a_line_split_in_two_of_the_same_terms_changes_nothing(small: SmallBook) -> None:
    """Half the units at half the money on each of two lines; a flat plan has nothing to halve."""
    flat = {
        row["line_id"] for row in small.rows["subscriptions"] if row["plan_id"] in ("api1", "api2", "care1", "care2")
    }
    replaced = {row.get("replaces_line_id") for row in small.rows["subscriptions"]}

    def halved(lines: Versions) -> Versions:
        found = []
        for row in lines:
            if row["line_id"] in flat | replaced:
                found.append(row)
                continue
            cents = int(str(row["mrr"]).replace(".", "")) if "." in str(row["mrr"]) else int(row["mrr"]) * 100
            half = f"{cents // 2 // 100}.{cents // 2 % 100:02}"
            found += [{**row, "line_id": f"{row['line_id']}-{part}", "quantity": row["quantity"] // 2, "mrr": half}
                      for part in "ab"]  # fmt: skip
        return found

    assert told(altered(small, halved)) == told(small)


@examples
@given(histories())
def test_another_currency_at_a_constant_rate_changes_nothing(small: SmallBook) -> None:
    """Every amount doubled in a currency of which two make one euro: list prices of lines too."""
    other = SmallBook(
        {**small.rows, "exchange_rates": [{"currency": "USD", "valid_from": "2020-01-01", "rate": "0.5"}]}
    )

    def doubled(lines: Versions) -> Versions:
        for row in lines:
            cents = int(str(row["mrr"]).replace(".", "")) if "." in str(row["mrr"]) else int(row["mrr"]) * 100
            row |= {"currency": "USD", "mrr": f"{cents * 2 // 100}.{cents * 2 % 100:02}"}
            if row.get("list_unit_price"):
                row["list_unit_price"] *= 2
        return lines

    assert told(altered(other, doubled)) == told(small)
