"""What comes after a replayed day changes nothing that a replay says up to it: the whole way from files to alerts.

Everything is altered at once, or (``UPCROSS_SOAK=1``) a random part of it: later rows changed, dropped and doubled;
cells that were not known yet; corrections and old facts recorded too late; tables whose first row comes later.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project_files import GATES, Rows, write_project

from rich_book import rich_book
from upcross.contract import TABLES, Table, Type
from upcross.measure.alerts import Folded
from upcross.project import Project
from upcross.replaying.history import Step
from upcross.replaying.judged import JudgedHistory
from upcross.replaying.labels import Happened
from upcross.replaying.played import Replayer
from upcross.replaying.replay import set_scene

DAY = date(2026, 3, 18)
LOADED = date(2026, 7, 31)
SOAK = os.environ.get("UPCROSS_SOAK") == "1"
Chosen = Callable[[], bool]


def test_nothing_recorded_or_dated_later_changes_the_past(tmp_path: Path) -> None:
    """The book as a load on the day would have found it, and the book with all that came later, altered as it may be."""
    before, happened = replayed(then(tmp_path / "then"), None)
    assert any(folded.alerts for folded in before.folded.values())
    assert any(folded.held for folded in before.folded.values())
    now = write_project(tmp_path / "now", altered(book(), lambda: True), today=LOADED, attested=GATES)
    before.assert_same(replayed(now, happened)[0])


def then(folder: Path) -> Project:
    """The project with nothing that came later."""
    return write_project(folder, altered(book(), lambda: False), today=DAY, attested=GATES)


@pytest.mark.skipif(not SOAK, reason="UPCROSS_SOAK is not 1")
def test_no_part_of_what_came_later_changes_the_past(tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = book()
    folder = tmp_path_factory.mktemp("soak")
    before, happened = replayed(then(folder / "then"), None)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 10**6), st.sampled_from([0.1, 0.5, 0.9]))
    def holds(seed: int, share: float) -> None:
        dice = random.Random(seed)
        later = altered(rows, lambda: dice.random() < share)
        project = write_project(folder / f"altered-{seed}-{share}", later, today=LOADED, attested=GATES)
        before.assert_same(replayed(project, happened)[0])

    holds()


class Past:
    """All that a replay says up to the last day: every verdict word, and what each play asks and holds."""

    def __init__(self, words: Mapping[str, list[tuple[Any, ...]]], folded: Mapping[str, Folded]) -> None:
        self.words, self.folded = words, folded

    def assert_same(self, other: Past) -> None:
        for scope, rows in self.words.items():
            assert other.words[scope] == rows, scope
        for play, folded in self.folded.items():
            assert other.folded[play] == folded, play


def replayed(project: Project, happened: Happened | None) -> tuple[Past, Happened]:
    """The replay up to the day. What customers bought is a fact of the world, and taken from the book as it is."""
    evaluation = project.evaluation(DAY)
    scene, folders, _ = set_scene(project, evaluation, since=DAY - timedelta(days=7), step=Step.WEEK, window=90,
                                  progress=None)  # fmt: skip
    scene = replace(scene, happened=happened or scene.happened)
    with JudgedHistory(evaluation, evaluation.library.running, folders) as judged:
        words = {
            scope.value: judged._connection.execute(f"SELECT * FROM judged_{scope.value} ORDER BY ALL").fetchall()
            for scope in dict.fromkeys(play.scope for play in evaluation.library.running)
        }
        replayer = Replayer(judged, scene)
        folded = {play.id: replayer.replay(play).folded for play in evaluation.library.running}
    return Past(words, folded), scene.happened


def book() -> Rows:
    """The rich book, where the company's own health scores and its new leaders come only after the day."""
    rows = dict(rich_book().rows)
    rows["health_scores"] = [{"account_id": "acme", "measured_on": "2026-04-20", "score": 90}]
    return rows


def altered(rows: Rows, chosen: Chosen) -> Rows:
    """The same book where what was not known on the day is altered, dropped, doubled, or recorded only now."""
    return {name: list(_altered(TABLES[name], listed, chosen)) for name, listed in rows.items()}


def _altered(table: Table, rows: Sequence[Mapping[str, Any]], chosen: Chosen) -> Sequence[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    dated = table.happened_on is not None or len(table.known_on) > 1
    for number, row in enumerate(rows):
        if not _visible(table, row):
            if chosen():
                found.append({**row, **_other(table, row)} if number % 2 else _again(table, row, number))
            continue
        found.append({**row, **_unmasked(table, row)} if chosen() else row)
        if dated and chosen():
            found.append({**row, **_other(table, row), "recorded_at": "2026-04-05"})
        if dated and chosen():
            found.append({**_again(table, row, number), "recorded_at": "2026-04-06"})
    return found


def _day(row: Mapping[str, Any], column: str | None) -> date | None:
    return date.fromisoformat(str(row[column])) if column and row.get(column) else None


def _visible(table: Table, row: Mapping[str, Any]) -> bool:
    happened = _day(row, table.happened_on)
    known = next((day for column in table.known_on if (day := _day(row, column))), None)
    last = DAY + timedelta(days=1 if table.exclusive else 0)
    return (happened is None or happened <= last) and (known is None or known <= DAY)


def _other(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Other values in every cell that is neither key, day nor reference."""
    values = {Type.TEXT: "altered", Type.INTEGER: 987, Type.DECIMAL: "98.7", Type.RATE: "9.87", Type.MONEY: "987.65"}
    fixed = {*table.key, *table.known_on, table.happened_on, "period_start"}
    return {
        column.name: values[column.type]
        for column in table.columns
        if column.name in row and column.name not in fixed and column.type in values
        and not column.references and not column.values
    }  # fmt: skip


def _unmasked(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Later days, and other values, in cells that were not known yet."""
    found: dict[str, Any] = {}
    for column in table.columns:
        known = _day(row, column.known_from) if column.known_from else None
        if known and known > DAY and row.get(column.name):
            found[column.name] = str(known + timedelta(days=5)) if column.type is Type.DATE else row[column.name]
    return found


def _again(table: Table, row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The same fact once more, a hundred days later than it was, under an id of its own."""
    copy = dict(row)
    for column in table.columns:
        if column.type is Type.DATE and copy.get(column.name):
            copy[column.name] = str(date.fromisoformat(str(copy[column.name])) + timedelta(days=100))
    [own, *_] = [name for name in table.key if not table.column(name).references] or [""]
    if own and table.column(own).type is Type.TEXT and own.endswith("_id"):
        copy[own] = f"{row.get(own)}-{number}"
    return copy
