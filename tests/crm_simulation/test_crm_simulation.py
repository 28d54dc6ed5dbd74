"""The CRM simulation's project, on a small look-alike and, where UPCROSS_CRM_SIMULATION is set, on the real files."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import lookalike
import pytest

from upcross import verbs
from upcross.book.load import LoadResult
from upcross.motions import Mechanism
from upcross.project import Project, open_project
from upcross.replaying.history import Step
from upcross.replaying.labels import read_happened
from upcross.replaying.replay import replay
from upcross.signals.model import Scope

EXAMPLE = Path(__file__).parents[2] / "examples" / "crm-simulation"
AS_OF = date(2023, 6, 30)
VARIABLE = "UPCROSS_CRM_SIMULATION"
REAL = os.environ.get(VARIABLE, "")
ATTESTED = {"escalation", "outage", "dispute", "price-absorbed", "value-delivered"} | {
    "implementation", "renewal-at-risk", "already-in-pipeline", "do-not-contact"
}  # fmt: skip
"""Upsell gates that stand on Carla Weiss's word."""

Loaded = tuple[Project, LoadResult]
Verdict = dict[str, Any]


def load(data: str, folder: Path, today: date = AS_OF) -> Loaded:
    """The example's own files in a folder of the test's, loaded from ``data``."""
    for file in EXAMPLE.glob("*.yaml"):
        shutil.copy(file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, data)
        project = open_project(folder)
        return project, verbs.load(project, today)


def judge(project: Project, as_of: date) -> list[Verdict]:
    found: list[Verdict] = verbs.plan(project, as_of).run.verdicts().to_pylist()
    return found


def tier(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {verdict["account_id"]: verdict for verdict in verdicts if verdict["play"] == "tier-upgrade"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    data = tmp_path_factory.mktemp("lookalike")
    lookalike.write(data)
    return load(str(data), tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def small_verdicts(small: Loaded) -> list[Verdict]:
    return judge(small[0], AS_OF)


def test_the_mapping_takes_every_row_and_leaves_out_the_month_without_billing(small: Loaded) -> None:
    _, result = small
    assert not result.report.errors, str(result.report)
    assert all(table.set_aside == 0 for table in result.manifest.tables.values())
    assert {name: table.left_out for name, table in result.manifest.tables.items() if table.left_out} == {
        "seats": 11,  # the eleven accounts of January 2024
        "usage": 13,  # and two of them with an add-on
    }


def test_a_plan_is_tier_and_period_and_its_user_limit_is_no_quantity(small: Loaded) -> None:
    rows = (
        small[0]
        .store.connect()
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
def test_the_tier_play_goes_by_the_user_limit(customer: lookalike.Customer, small_verdicts: list[Verdict]) -> None:
    found = tier(small_verdicts).get(str(customer.id))
    assert (found["status"] if found else "quiet") == ("quiet" if customer.expected == "absent" else customer.expected)
    if customer.expected == "fired":
        assert found is not None and set(found["gates_attested"]) == ATTESTED, (
            "every verdict names the gates that are attested"
        )
    if customer.expected == "held":
        assert found is not None and (found["gates_false"], found["gates_unknown"]) == ([], ["adoption-dip"])


def test_health_is_computed_from_the_parts_there_are(small: Loaded) -> None:
    rows = verbs.plan(small[0], AS_OF).run.signals(Scope.ACCOUNT).to_pylist()
    health = {row["account_id"]: (row["health_score"], row["health_confidence"]) for row in rows}
    assert health["0"] == (100, 1.0)  # 5 of 5 people: 100 × 60 %; no change: 100 × 40 %
    assert health["8"] == (82, 1.0)  # 3 of 5 people: 70 × 60 %; no change: 100 × 40 %
    assert health["10"] == (60, 0.6)  # 10 of 10 people: 100 × 60 %; no month before June to compare with
    assert health["7"] == (None, 0.0)  # no users in June: nothing to go by


def test_who_left_is_not_judged(small_verdicts: list[Verdict]) -> None:
    assert not [verdict for verdict in small_verdicts if verdict["account_id"] == "5"]


def test_seats_and_usage_are_quiet_and_what_has_no_table_is_unknown(small_verdicts: list[Verdict]) -> None:
    statuses = Counter((verdict["play"], verdict["status"]) for verdict in small_verdicts)
    assert {status for play, status in statuses if play in ("seat-expansion", "usage-expansion")} == set()
    assert {status for play, status in statuses if play == "stated-need"} == {"unknown"}
    # eleven customers; nine lack both add-ons and two lack one
    assert statuses["stated-need", "unknown"] == 9 * 2 + 2


def test_outside_the_attested_span_the_same_asks_are_held(small: Loaded) -> None:
    found = tier(judge(small[0], date(2023, 10, 31)))
    assert {found[account]["status"] for account in ("0", "1", "4", "9", "11")} == {"held"}
    assert all(set(found[account]["gates_unknown"]) >= ATTESTED for account in ("0", "1", "4", "9", "11"))


def test_upgrades_are_the_label_and_seats_have_none(small: Loaded) -> None:
    """Customer 6 went from basic to standard, 200 to 500 a month; plans are flat, so that nobody buys seats."""
    found = read_happened(small[0]).expansions
    upgrades = [(e.account_id, str(e.decided_on), e.mrr // 10_000) for e in found if e.mechanism is Mechanism.TIER]
    assert upgrades == [("6", "2023-04-12", 300)]
    assert not [e for e in found if e.mechanism is Mechanism.SEATS]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(REAL, tmp_path_factory.mktemp("real"))


@pytest.mark.skipif(not REAL, reason=f"{VARIABLE} is not set")
class TestRealFiles:
    def test_every_row_is_taken(self, real: Loaded) -> None:
        tables = real[1].manifest.tables
        assert (tables["accounts"].rows, tables["subscriptions"].rows) == (695, 8563)
        assert all(table.set_aside == 0 for table in tables.values())

    def test_the_tier_play_finds_exactly_whom_a_query_on_the_raw_files_finds(self, real: Loaded) -> None:
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
        verdicts = judge(real[0], AS_OF)
        found = tier(verdicts)
        asked = {account for account, verdict in found.items() if verdict["status"] != "unknown"}
        assert asked == {account for (account,) in near}
        assert Counter(verdict["status"] for verdict in found.values()) == {"fired": 143, "held": 12, "unknown": 1}
        held = [verdict for verdict in found.values() if verdict["status"] == "held"]
        assert all((v["gates_false"], v["gates_unknown"]) == ([], ["adoption-dip"]) for v in held), "new in June"

        assert not [verdict for verdict in verdicts if verdict["play"] == "seat-expansion"]
        assert {verdict["status"] for verdict in verdicts if verdict["play"] == "stated-need"} == {"unknown"}
        # Nobody comes near the add-ons' limits, save one that bought its add-on in June and used 3,795 of 5,000.
        usage = {(v["account_id"], v["status"]) for v in verdicts if v["play"] == "usage-expansion"}
        assert usage == {("453", "unknown")}  # 76 % in its first month with the add-on: no trend yet

    def test_a_replay_is_held_against_the_upgrades_of_the_raw_files(self, tmp_path: Path) -> None:
        # A billing row of a higher tier than the account's row before it, without any of our code.
        [(upgrades,)] = duckdb.execute(
            f"""
            SELECT COUNT(*) FROM (
              SELECT start_date, tier, LAG(tier) OVER (PARTITION BY account_id ORDER BY start_date) AS before
              FROM (SELECT *, LIST_POSITION(['starter', 'basic', 'standard', 'advanced', 'premier'],
                      SPLIT_PART(product, '_', 1)) AS tier FROM '{REAL}/subscription.csv.gz' WHERE units = 'users'))
            WHERE tier > before AND start_date > DATE '2023-04-30' AND start_date <= DATE '2023-12-31'
            """
        ).fetchall()
        project, _ = load(REAL, tmp_path, date(2024, 1, 31))
        found = replay(project, play="tier-upgrade", since=date(2023, 4, 30), until=date(2023, 12, 31),
                       step=Step.MONTH, window=90)  # fmt: skip
        [tiers] = found.plays
        assert tiers.score.flagged.of == upgrades == 113
        assert (tiers.score.flagged.hits, tiers.score.led.hits, tiers.score.led.of) == (53, 24, 208)
        assert tiers.against_chance == "more often than chance"
        assert tiers.score.led.high is not None and tiers.score.led.high < 0.2, "a sign, and a weak one"
        [seats] = replay(project, play="seat-expansion", since=date(2023, 4, 30), until=date(2023, 12, 31),
                         step=Step.MONTH, window=90).plays  # fmt: skip
        assert seats.score.flagged.reason == "no seat expansions in the period"
        assert seats.against_chance == "too few to tell"
