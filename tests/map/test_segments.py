"""Every customer in exactly one segment, by what its plan says."""

from __future__ import annotations

from pathlib import Path

import pytest

from upcross.portfolio.segmentation import By, Segment, Segments, segments
from upcross.portfolio.segments_sheet import segments_facts, segments_sheet
from upcross.project import open_project
from upcross.sample import write_sample
from upcross.verbs import load, plan


@pytest.fixture(scope="module")
def found(sample_project: Path) -> Segments:
    return segments(open_project(sample_project), by=By.CSM)


def test_every_customer_once(found, sample_project):
    run = plan(open_project(sample_project)).run
    customers = [row["account_id"] for row in run.signals("account").to_pylist() if row["is_customer"]]
    assert sorted(placed.account_id for placed in found.accounts) == sorted(customers)
    assert sum(len(share.accounts) for share in found.shares) == len(customers)
    assert sum(sum(counts.values()) for counts in found.groups().values()) == len(customers)


def test_segments_are_what_the_plan_fires_and_holds(found, sample_project):
    """The definition, computed a second way from the plan's changes."""
    fired: dict[str, set[str]] = {}
    held: set[str] = set()
    for change in plan(open_project(sample_project)).changes.changes:
        account = change.identity.account_id
        if change.motion is None:
            continue  # adoption work sells nothing
        if change.kind.asks:
            fired.setdefault(account, set()).add(change.motion.value)
        else:
            held.add(account)
    for placed in found.accounts:
        motions = fired.get(placed.account_id, set())
        expected = {
            frozenset({"upsell", "cross_sell"}): Segment.BOTH,
            frozenset({"upsell"}): Segment.UPSELL_READY,
            frozenset({"cross_sell"}): Segment.CROSS_SELL_READY,
        }.get(frozenset(motions))
        if expected is None:
            expected = Segment.FIX_FIRST if placed.account_id in held else Segment.NURTURE
        assert placed.segment is expected, placed.account


def test_money_of_the_segments_is_the_money_of_the_plan(found, sample_project):
    totals = plan(open_project(sample_project)).changes.totals
    for motion in ("upsell", "cross_sell"):
        for side in ("fired", "held", "answers"):
            added = sum(getattr(getattr(share.asks, side), motion).expected for share in found.shares)
            assert added == getattr(getattr(totals, side), motion).expected, (motion, side)


def test_what_is_missing_never_makes_ready(found):
    for placed in found.accounts:
        if placed.only_data:
            assert placed.segment is Segment.FIX_FIRST
    fix = next(share for share in found.shares if share.segment is Segment.FIX_FIRST)
    assert fix.accounts
    assert all(placed.reason.startswith("held by ") for placed in fix.accounts)


def test_who_asked_to_buy_while_an_escalation_is_open_is_ready_and_marked(tmp_path):
    write_sample(tmp_path, stories_only=True)
    project = open_project(tmp_path)
    (asking,) = (line.split(",")[0] for line in (tmp_path / "accounts.csv").read_text("utf-8").splitlines()
                 if "Sofortkauf Werkzeuge" in line)  # fmt: skip
    with (tmp_path / "tickets.csv").open("a", encoding="utf-8") as tickets:
        tickets.write(f"T-open,{asking},crm,,2026-09-20,,high,problem,2026-09-22,Down since noon\n")
    load(project)
    (placed,) = (placed for placed in segments(project).accounts if placed.account_id == asking)
    assert placed.segment is Segment.CROSS_SELL_READY
    assert placed.reason == "They asked to buy a product that they lack (with care: escalation)"


def test_groups_and_rows(found):
    assert all(placed.group for placed in found.accounts)
    facts = segments_facts(found)
    assert [share["segment"] for share in facts["segments"]] == [segment.value for segment in Segment]
    assert len(segments_sheet(found).rows) == len(facts["accounts"]) == len(found.accounts)
