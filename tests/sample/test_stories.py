"""The sample's stories come true: what each account was written to show is what the plan says, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from upcross import verbs
from upcross.book.load import LoadResult
from upcross.project import open_project
from upcross.sample import write_sample
from upcross.sample.stories import STORIES
from upcross.sample.story import Expected, Story
from upcross.verbs import Plan


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadResult, Plan]:
    folder = tmp_path_factory.mktemp("sample")
    as_of = write_sample(folder)
    project = open_project(folder)
    return verbs.load(project, as_of), verbs.plan(project, as_of)


@pytest.fixture(scope="module")
def verdicts(planned: tuple[LoadResult, Plan]) -> dict[str, set[Expected]]:
    """What the plan's run says of each account, in the words of the stories."""
    by_account: dict[str, set[Expected]] = defaultdict(set)
    for row in planned[1].run.verdicts().to_pylist():
        by_account[row["account_id"]].add(seen(row))
    return by_account


def seen(row: dict[str, Any]) -> Expected:
    return Expected(row["play"], row["product_id"], row["status"], tuple(sorted(row["gates_false"])),
                    tuple(sorted(row["gates_unknown"])), tuple(sorted(row["gates_attested"])),
                    row["business_unit"])  # fmt: skip


def told(expected: Expected) -> Expected:
    return Expected(expected.play, expected.product, expected.status, tuple(sorted(expected.held_by)),
                    tuple(sorted(expected.unknown_gates)), tuple(sorted(expected.attested)), expected.unit)  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.id} {story.name}")
def test_the_story_comes_true_and_nothing_else_is_said(story: Story, verdicts: dict[str, set[Expected]]) -> None:
    assert verdicts[story.id] == {told(expected) for expected in story.expected}


def test_no_verdict_speaks_of_an_account_without_a_story(verdicts: dict[str, set[Expected]]) -> None:
    assert {account for account, found in verdicts.items() if found} <= {story.id for story in STORIES}


def test_the_load_sets_aside_the_two_untidy_rows_and_says_where_they_are(planned: tuple[LoadResult, Plan]) -> None:
    result, _ = planned
    set_aside = {name: table.set_aside for name, table in result.manifest.tables.items() if table.set_aside}
    assert set_aside == {"seats": 1, "usage": 1}
    text = str(result.report)
    assert "2026-13-01" in text and "seats.csv:" in text, "the month that does not exist"
    assert "usage.account_id" in text, "the row of nobody"


def test_the_check_finds_each_of_the_untidy_records(planned: tuple[LoadResult, Plan]) -> None:
    said = {(issue.code, str(issue.place)): issue.examples for issue in planned[1].data if issue.severity != "note"}
    assert said["reference-missing", "tickets.account_id"] == ("A99",)
    assert said["end-before-start", "subscriptions.ends_on"] == ("L-A36-2",)
    assert said["mrr-differs", "subscriptions.mrr"] == ("L-A36-1",)
    assert said["rate-missing", "invoices.currency"] == ("CHF",)
    assert said["owner-left", "accounts.csm"] == ("jonas.kuhn",)
    assert said["plan-without-price", "pricing_plans.plan_id"] == ("crm-legacy",)
