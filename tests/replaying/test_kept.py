"""The last replay of a play is kept for its page: its figures, and the curve with the value that was chosen."""

from __future__ import annotations

import shutil
from pathlib import Path

from upcross.app.plays.curve import curve
from upcross.project import open_project
from upcross.replaying.history import Step
from upcross.replaying.judged import Gates
from upcross.replaying.kept import keep_replay, kept_replay, kept_replay_at
from upcross.replaying.replay import replay


def test_a_replay_is_kept_with_its_curve_and_one_without_gates_takes_neither_away(
    sample_project: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "sample"
    shutil.copytree(sample_project, folder)
    project = open_project(folder)
    day = project.day(None, project.store.manifest())
    since = day.replace(month=day.month - 2, day=28)
    found = replay(project, play="seat-expansion", since=since, step=Step.MONTH, window=60, sweep="fire_at=85%..95%:5%")
    keep_replay(folder / ".upcross", found)
    keep_replay(
        folder / ".upcross", replay(project, play="seat-expansion", since=since, step=Step.MONTH, gates=Gates.NONE)
    )
    figures, sweep = kept_replay(folder / ".upcross", "seat-expansion")
    assert figures is not None and sweep is not None
    assert figures["window_days"] == 60 and "cases" not in figures
    assert figures["version"] == found.plays[0].play.version
    drawn = curve(sweep, figures["version"])
    assert [(one["value"], one["chosen"]) for one in drawn["points"]] == [("85%", False), ("90%", True), ("95%", False)]
    assert found.sweep is not None
    for one, point in zip(drawn["points"], found.sweep.points, strict=True):
        score = point.replayed.score
        assert one["firings"] == score.workload.alerts + score.backlog
        assert (one["share"], one["low"], one["high"]) == (score.led.value, score.led.low, score.led.high)
    bars = [one["bar"] for one in drawn["points"]]
    firings = [one["firings"] for one in drawn["points"]]
    assert [bar == max(bars) for bar in bars] == [count == max(firings) for count in firings]
    assert not curve(sweep, "another")["of_now"]
    assert kept_replay(folder / ".upcross", "tier-upgrade") == (None, None)

    score = found.plays[0].score
    everywhere = {item.alert.identity.account_id for item in score.followed} | {
        item.expansion.account_id for item in score.foreseen
    }
    parts = sorted(everywhere)[::2], sorted(everywhere)[1::2]
    of = [kept_replay_at(folder / ".upcross", "seat-expansion", part) for part in (everywhere, *parts)]
    whole, one, other = (figures or {} for figures in of)
    for name in ("alerts_that_led", "expansions_flagged"):
        for count in ("hits", "of"):
            assert whole[name][count] == figures[name][count] == one[name][count] + other[name][count]
    assert whole["lead_days"]["value"] == figures["lead_days"]["value"]
    assert whole["too_young_to_tell"] == figures["too_young_to_tell"]
    assert kept_replay_at(folder / ".upcross", "tier-upgrade", everywhere) is None
