"""What a change of plays would do: to today's asks and their owners, and on the history, with nothing applied."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from upcross import verbs
from upcross.errors import ProjectError, UsageError
from upcross.plays.library import SHIPPED
from upcross.project import Project, open_project
from upcross.replaying.difference import Moved, diff

SEAT = "seat-expansion"


@pytest.fixture(scope="module")
def project(sample_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("difference") / "project"
    shutil.copytree(sample_project, folder)
    return open_project(folder)


def overlay(folder: Path, text: str) -> Path:
    file = folder / "changed.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_stricter_threshold_drops_asks_and_lightens_work(project: Project, tmp_path: Path) -> None:
    """48 of 50 seats are 96%: asked for at 90%, not at 99%. The plan afterwards is the one that was shown."""
    file = overlay(tmp_path, f"plays:\n  {SEAT}:\n    params: {{fire_at: 99%}}\n")
    found = diff(project, overlay=file, history=False)
    assert found.changed == (SEAT,)
    moved = {(move.identity.account_id, move.kind) for move in found.moves}
    assert ("A02", Moved.DROPPED) in moved and "A01" not in {account for account, _ in moved}  # 198 of 200 are 99%
    assert {kind for _, kind in moved} <= {Moved.DROPPED, Moved.HELD}
    asks = [move for move in found.moves if move.kind is Moved.DROPPED]
    lighter = sum(before - after for before, after in found.workload.values())
    assert 0 < lighter <= len(asks)
    assert not (project.folder / "plays" / "overlay.yaml").exists()
    (project.folder / "plays").mkdir()
    shutil.copy(file, project.folder / "plays" / "overlay.yaml")
    try:
        assert verbs.plan(project).changes.totals == found.after
    finally:
        shutil.rmtree(project.folder / "plays")


def test_a_changed_play_is_replayed_before_and_after(project: Project, tmp_path: Path) -> None:
    file = overlay(tmp_path, f"plays:\n  {SEAT}:\n    params: {{fire_at: 99%}}\n")
    day = project.day(None, project.store.manifest())
    found = diff(project, overlay=file, since=day - timedelta(days=7))
    [(name, before, after)] = found.replayed
    assert name == SEAT and before is not None and after is not None
    asked, still = ({a.identity.account_id for a in one.folded.alerts} for one in (before, after))
    assert still < asked and "A02" in asked - still


def test_a_file_that_changes_nothing_moves_nothing(project: Project, tmp_path: Path) -> None:
    found = diff(project, overlay=overlay(tmp_path, "plays: {}\n"))
    assert (found.changed, found.moves, dict(found.workload), found.replayed) == ((), (), {}, ())
    assert found.before == found.after


def test_a_faulty_file_tells_all_its_faults(project: Project, tmp_path: Path) -> None:
    text = f"plays:\n  {SEAT}:\n    params: {{fire_att: 99%}}\n  tier-upgrad:\n    status: draft\n"
    with pytest.raises(ProjectError) as told:
        diff(project, overlay=overlay(tmp_path, text), history=False)
    assert "fire_att" in str(told.value) and "tier-upgrad" in str(told.value)


def test_one_file_is_given(project: Project) -> None:
    with pytest.raises(UsageError, match="give one file"):
        diff(project)


def test_a_file_that_is_no_play_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no id"):
        diff(project, play=overlay(tmp_path, "title: Nothing\n"))


def test_a_changed_play_file_moves_what_the_same_overlay_moves(project: Project, tmp_path: Path) -> None:
    shipped = (SHIPPED / f"{SEAT}.yaml").read_text("utf-8")
    assert "fire_at: 90%" in shipped
    as_file = diff(project, play=overlay(tmp_path, shipped.replace("fire_at: 90%", "fire_at: 99%")), history=False)
    as_overlay = diff(
        project, overlay=overlay(tmp_path, f"plays:\n  {SEAT}:\n    params: {{fire_at: 99%}}\n"), history=False
    )
    assert as_file.changed == (SEAT,) and as_file.moves
    assert (as_file.moves, as_file.after) == (as_overlay.moves, as_overlay.after)
