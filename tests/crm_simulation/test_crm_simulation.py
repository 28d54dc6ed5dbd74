"""The CRM simulation's project, on a small look-alike and, where UPCROSS_CRM_SIMULATION is set, on the real files."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import lookalike
import pytest

from judged_book import Judged, judge, load_project
from upcross.book.load import LoadResult

EXAMPLE = Path(__file__).parents[2] / "examples" / "crm-simulation"
AS_OF = date(2023, 6, 30)
REAL = os.environ.get("UPCROSS_CRM_SIMULATION", "")
ATTESTED = {"escalation", "outage", "dispute", "price-absorbed", "value-delivered"}
"""Upsell gates that stand on Carla Weiss's word."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadResult, Path]:
    data = tmp_path_factory.mktemp("lookalike")
    lookalike.write(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UPCROSS_CRM_SIMULATION", str(data))
        return load_project(EXAMPLE, data / "book", AS_OF), data / "book"


@pytest.fixture(scope="module")
def small_verdicts(small: tuple[LoadResult, Path]) -> list[Judged]:
    return judge(EXAMPLE, small[1], AS_OF)


def tier(verdicts: list[Judged]) -> dict[str, Judged]:
    return {verdict.account: verdict for verdict in verdicts if verdict.play == "tier-upgrade"}


def test_the_mapping_takes_every_row_and_leaves_out_the_month_without_billing(small: tuple[LoadResult, Path]) -> None:
    result, _ = small
    assert not result.report.errors, str(result.report)
    assert all(table.set_aside == 0 for table in result.manifest.tables.values())
    assert {name: table.left_out for name, table in result.manifest.tables.items() if table.left_out} == {
        "seats": 11,  # the eleven accounts of January 2024
        "usage": 13,  # and two of them with an add-on
    }


def test_a_plan_is_tier_and_period_and_its_user_limit_is_no_quantity(small: tuple[LoadResult, Path]) -> None:
    from upcross.book.store import Store

    rows = (
        Store(small[1])
        .connect()
        .execute(
            "SELECT line_id, plan_id, quantity, period_months, mrr, currency, rolling, ends_on FROM book.subscriptions"
            " WHERE account_id = '4' AND valid_from = DATE '2023-04-01' ORDER BY line_id"
        )
    )
    assert rows.fetchall() == [
        ("4-crm", "advanced_annual", 1, 12, 9_000_000, "USD", True, date(2024, 4, 1)),  # 1,000 less 10 % is 900.0000
        ("4-search_unlimited", "search_unlimited", 1, 12, 2_000_000, "USD", True, date(2024, 4, 1)),
    ]


@pytest.mark.parametrize("customer", lookalike.CUSTOMERS, ids=lambda customer: f"{customer.id} {customer.story}")
def test_the_tier_play_goes_by_the_user_limit(customer: lookalike.Customer, small_verdicts: list[Judged]) -> None:
    found = tier(small_verdicts).get(str(customer.id))
    assert (found.status if found else "quiet") == ("quiet" if customer.expected == "absent" else customer.expected)
    if customer.expected == "fired":
        assert found is not None and set(found.attested) == ATTESTED, "every verdict names the gates that are attested"
    if customer.expected == "held":
        assert found is not None and (found.gates_false, found.gates_unknown) == ((), ("adoption-dip",))


def test_who_left_is_not_judged(small_verdicts: list[Judged]) -> None:
    assert not [verdict for verdict in small_verdicts if verdict.account == "5"]


def test_seats_and_usage_are_quiet_and_what_has_no_table_is_unknown(small_verdicts: list[Judged]) -> None:
    statuses = Counter((verdict.play, verdict.status) for verdict in small_verdicts)
    assert {status for play, status in statuses if play in ("seat-expansion", "usage-expansion")} == set()
    assert {status for play, status in statuses if play == "stated-need"} == {"unknown"}
    # eleven customers; nine lack both add-ons and two lack one
    assert statuses["stated-need", "unknown"] == 9 * 2 + 2


def test_outside_the_attested_span_the_same_asks_are_held(small: tuple[LoadResult, Path]) -> None:
    found = tier(judge(EXAMPLE, small[1], date(2023, 10, 31)))
    assert {found[account].status for account in ("0", "1", "4", "9", "11")} == {"held"}
    assert all(set(found[account].gates_unknown) >= ATTESTED for account in ("0", "1", "4", "9", "11"))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadResult, Path]:
    store = tmp_path_factory.mktemp("real")
    return load_project(EXAMPLE, store, AS_OF), store


@pytest.mark.skipif(not REAL, reason="UPCROSS_CRM_SIMULATION is not set")
class TestRealFiles:
    def test_every_row_is_taken(self, real: tuple[LoadResult, Path]) -> None:
        rows = {name: table.rows for name, table in real[0].manifest.tables.items()}
        assert (rows["accounts"], rows["subscriptions"]) == (695, 8563)
        assert all(table.set_aside == 0 for table in real[0].manifest.tables.values())

    def test_the_tier_play_finds_exactly_whom_a_query_on_the_raw_files_finds(
        self, real: tuple[LoadResult, Path]
    ) -> None:
        # The files themselves, without any of our code: plan in force on the day, June's peak, at 90 % of the limit.
        near = duckdb.execute(
            f"""
            SELECT CAST(s.account_id AS VARCHAR)
            FROM '{REAL}/subscription.csv.gz' AS s
            JOIN '{REAL}/users_monthly.csv.gz' AS u ON u.account_id = s.account_id AND u.month = '2023-06'
            WHERE s.units = 'users' AND s.start_date <= DATE '2023-06-30' AND s.end_date > DATE '2023-06-30'
              AND u.peak_daily_users * 10 >= s.quantity * 9 AND s.product NOT LIKE 'premier%'
            """
        ).fetchall()
        verdicts = judge(EXAMPLE, real[1], AS_OF)
        found = tier(verdicts)
        assert {account for account, v in found.items() if v.status != "unknown"} == {account for (account,) in near}
        assert Counter(v.status for v in found.values()) == {"fired": 143, "held": 12, "unknown": 1}
        assert {v.gates_unknown for v in found.values() if v.status == "held"} == {("adoption-dip",)}

        statuses = {(v.play, v.status) for v in verdicts}
        assert not [status for play, status in statuses if play == "seat-expansion"]
        assert {status for play, status in statuses if play == "stated-need"} == {"unknown"}
