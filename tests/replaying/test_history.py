"""Days of a replay: which they are, kept one by one, and taken up where a replay was interrupted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from project_files import GATES, write_project
from simulated import ENDS, OnePlay, end_of, filling, rows

from upcross.errors import UsageError
from upcross.replaying.history import Step, period
from upcross.replaying.judged import JudgedHistory
from upcross.replaying.played import PlayReplay, Replayer
from upcross.replaying.replay import set_scene


def test_months_go_back_by_their_ends_and_weeks_by_seven_days() -> None:
    months = period(date(2025, 11, 15), date(2026, 2, 28), Step.MONTH).days
    assert months == (date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28))
    weeks = period(date(2026, 2, 14), date(2026, 2, 28), Step.WEEK).days
    assert weeks == (date(2026, 2, 14), date(2026, 2, 21), date(2026, 2, 28))
    with pytest.raises(UsageError, match="less than two weeks"):
        period(date(2026, 2, 22), date(2026, 2, 28), Step.WEEK)


class Killed(Exception):
    """Somebody pressed Ctrl-C."""


def test_an_interrupted_replay_makes_only_the_rest_and_says_the_same(tmp_path: Path) -> None:
    book = rows(filling("filling", 3, 8))

    def project(name: str) -> OnePlay:
        made = write_project(tmp_path / name, book, today=ENDS, attested=GATES)
        return OnePlay(made.folder, made.document, made.settings)

    def kill(what: str, done: int, of: int) -> None:
        if done == 2:
            raise Killed

    killed = project("killed")
    with pytest.raises(Killed):
        replayed(killed, kill)
    assert len(list(killed.runs.rglob("signals.json"))) == 2
    rest, made = replayed(killed)
    whole, all_made = replayed(project("whole"))
    assert (made, all_made) == (2, 4)
    assert (rest.folded, rest.score, rest.baselines) == (whole.folded, whole.score, whole.baselines)
    assert replayed(killed)[1] == 0


def replayed(project: OnePlay, progress=None) -> tuple[PlayReplay, int]:
    evaluation = project.evaluation(ENDS)
    scene, folders, made = set_scene(project, evaluation, since=end_of(14), step=Step.MONTH, window=60,
                                     progress=progress)  # fmt: skip
    play = evaluation.library.play("seat-expansion")
    with JudgedHistory(evaluation, [play], folders) as judged:
        return Replayer(judged, scene).replay(play), made
