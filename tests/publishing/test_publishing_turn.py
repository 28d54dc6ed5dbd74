"""Two applies at once: what is published last is what was written last."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from upcross.applied import apply
from upcross.project import open_project


def test_nobody_else_applies_until_what_was_applied_is_published(
    sample_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(sample_project, tmp_path / "sample")
    rename, free = os.rename, list[bool]()

    def looked(source: Any, target: Any, **more: Any) -> None:
        if str(target).endswith(".sqlite3"):
            free.append(_may_apply())
        rename(source, target, **more)

    monkeypatch.setattr(os, "rename", looked)
    apply(open_project(tmp_path / "sample"))
    assert free == [False]
    assert _may_apply()
    connection.close()


def _may_apply() -> bool:
    """Whether another apply would begin now, rather than wait."""
    with Path(f"{connection.settings_dict['NAME']}.apply").open("a") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
