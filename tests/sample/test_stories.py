"""The sample's stories come true: what each account was written to show is what the plan says, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from upcross.sample.stories import STORIES
from upcross.sample.story import Expected, Story
from upcross.verbs import Plan

COMPLAINTS = {
    "value-invalid", "value-missing", "reference-missing", "end-before-start", "mrr-differs", "mrr-unknown",
    "line-overlap", "date-in-future", "rate-missing", "owner-left", "plan-without-price",
    "feed-stale", "sku-unknown", "account-duplicate",
}  # fmt: skip
"""What is wrong with the sample's data, and nothing else is."""


@pytest.fixture(scope="module")
def verdicts(planned: Plan) -> dict[str, set[Expected]]:
    """What the plan's run says of each account, in the words of the stories."""
    by_account: dict[str, set[Expected]] = defaultdict(set)
    for row in planned.run.verdicts().to_pylist():
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
def test_the_story_comes_true_and_nothing_else_is_asked(story: Story, verdicts: dict[str, set[Expected]]) -> None:
    """What fires, is held by which gates, and is unknown is what the story says, no more and no less."""
    assert verdicts[story.id] == {told(expected) for expected in story.expected}


def test_the_check_finds_each_of_the_untidy_records(planned: Plan) -> None:
    said = {
        (issue.code, str(issue.place)): tuple(example.split(" at ")[0] for example in issue.examples)
        for issue in planned.data
        if issue.severity != "note"
    }
    assert said["reference-missing", "tickets.account_id"] == ("A99",)
    assert said["end-before-start", "subscriptions.ends_on"] == ("L-A36-2",)
    assert said["mrr-differs", "subscriptions.mrr"] == ("L-A36-1",)
    assert "L-A36-3" in said["line-overlap", "subscriptions.line_id"]
    assert said["date-in-future", "outcomes.measured_on"] == ("OU-A36-9 2036-02-11",)
    assert said["rate-missing", "invoices.currency"] == ("CHF",)
    assert said["owner-left", "accounts.csm"] == ("jonas.kuhn",)
    assert said["plan-without-price", "pricing_plans.plan_id"] == ("crm-legacy",)
    assert ("feed-stale", "account_transfers") in said
    assert said["sku-unknown", "subscriptions.sku"] == ("LH-START-2022",)
    assert "A901" in str(said["account-duplicate", "accounts.name"])
    notes = [issue.examples for issue in planned.data if issue.code == "account-duplicate" and issue.severity == "note"]
    assert [examples[0].split(" at ")[0] for examples in notes] == [
        "A01 Holländer Zeitarbeit and A902 Zeitarbeit Holländer KG"
    ], "the same words the other way round"
    assert {code for code, _ in said} == COMPLAINTS
