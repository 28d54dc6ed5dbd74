"""The sample's stories come true: what each account was written to show is what the plays say, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from judged_book import Judged, judge, load_project
from upcross.book.load import LoadResult
from upcross.sample import write_sample
from upcross.sample.company import AS_OF
from upcross.sample.stories import STORIES
from upcross.sample.story import Expected, Story


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, LoadResult]:
    folder = tmp_path_factory.mktemp("sample")
    as_of = write_sample(folder)
    return folder, folder / "book", load_project(folder, folder / "book", as_of)


@pytest.fixture(scope="module")
def verdicts(loaded: tuple[Path, Path, LoadResult]) -> dict[str, list[Judged]]:
    folder, store, _ = loaded
    by_account: dict[str, list[Judged]] = defaultdict(list)
    for judged in judge(folder, store, AS_OF):
        by_account[judged.account].append(judged)
    return by_account


def seen(judged: Judged) -> Expected:
    """A verdict in the words of the stories."""
    return Expected(judged.play, judged.product, judged.status, tuple(sorted(judged.gates_false)),  # type: ignore[arg-type]
                    tuple(sorted(judged.gates_unknown)), tuple(sorted(judged.attested)), judged.unit)  # fmt: skip


def told(expected: Expected) -> Expected:
    return Expected(expected.play, expected.product, expected.status, tuple(sorted(expected.held_by)),
                    tuple(sorted(expected.unknown_gates)), tuple(sorted(expected.attested)), expected.unit)  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.id} {story.name}")
def test_the_story_comes_true_and_nothing_else_is_said(story: Story, verdicts: dict[str, list[Judged]]) -> None:
    assert {seen(judged) for judged in verdicts[story.id]} == {told(expected) for expected in story.expected}


def test_no_verdict_speaks_of_an_account_without_a_story(verdicts: dict[str, list[Judged]]) -> None:
    assert {account for account, found in verdicts.items() if found} <= {story.id for story in STORIES}


def test_the_load_sets_aside_the_two_untidy_rows_and_says_where_they_are(
    loaded: tuple[Path, Path, LoadResult],
) -> None:
    _, _, result = loaded
    set_aside = {name: table.set_aside for name, table in result.manifest.tables.items() if table.set_aside}
    assert set_aside == {"seats": 1, "usage": 1}
    text = str(result.report)
    assert "2026-13-01" in text and "seats.csv:" in text, "the month that does not exist"
    assert "usage.account_id" in text, "the row of nobody"
