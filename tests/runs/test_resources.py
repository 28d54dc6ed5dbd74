"""What computing may take of the machine is what the project file grants, on every connection to the book."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

import upcross
from upcross.cli.app import app
from upcross.errors import EngineError, ProjectError


@pytest.fixture
def folder(sample_project: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "project"
    shutil.copytree(sample_project, copied)
    return copied


def granted(folder: Path, text: str) -> upcross.project.Project:
    file = folder / "upcross.yaml"
    file.write_text(f"{file.read_text('utf-8').split('resources:')[0]}resources: {text}\n", "utf-8")
    return upcross.open(folder)


def test_a_run_within_400_mb_and_one_processor_says_what_one_without_bounds_says(folder: Path) -> None:
    free = upcross.plan(upcross.open(folder)).run.verdicts()
    shutil.rmtree(folder / ".upcross" / "runs")
    assert upcross.plan(granted(folder, "{memory: 400MB, threads: 1}")).run.verdicts() == free


def test_what_memory_does_not_hold_goes_to_the_folder_given(folder: Path) -> None:
    project = granted(folder, "{memory: 100MB, threads: 2, temporary: big/disk}")
    with closing(project.store.connect()) as connection:
        connection.execute("CREATE TEMP TABLE much AS SELECT range AS n, hash(range) AS h FROM range(20_000_000)")
        paths = [Path(path) for (path,) in connection.execute("SELECT path FROM duckdb_temporary_files()").fetchall()]
        assert connection.execute("SELECT count(DISTINCT n % 10) FROM much").fetchone() == (10,)
    assert paths and {path.parent.parent for path in paths} == {folder / "big" / "disk"}
    assert not list((folder / "big" / "disk").iterdir())  # nothing stays


def test_what_a_killed_process_left_there_goes_with_the_next_connection(folder: Path) -> None:
    project = granted(folder, "{memory: 100MB, threads: 2, temporary: disk}")
    code = f"""
import os, upcross
connection = upcross.open({str(folder)!r}).store.connect()
connection.execute("CREATE TEMP TABLE much AS SELECT range AS n, hash(range) AS h FROM range(20_000_000)")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert [path for path in (folder / "disk").rglob("*") if path.is_file()]
    with closing(project.store.connect()):
        assert not [path for path in (folder / "disk").rglob("*") if path.is_file()]


def test_a_run_that_memory_does_not_suffice_for_says_what_to_change(folder: Path) -> None:
    shutil.rmtree(folder / ".upcross" / "runs", ignore_errors=True)
    with pytest.raises(EngineError, match="memory does not suffice") as caught:
        upcross.plan(granted(folder, "{memory: 64MB}"))
    assert "'memory:'" in caught.value.report.issues[0].hint
    assert not list((folder / ".upcross" / "runs").rglob("run.json"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{memory: lots}", "must be an amount of memory, such as 1GB"),
        ("{memory: 1MB}", "must be at least 64MB"),
        ("{threads: 0}", "must be"),
        ("{ram: 1GB}", "unknown field 'ram'"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(folder: Path, text: str, told: str) -> None:
    with pytest.raises(ProjectError, match=told) as caught:
        granted(folder, text)
    place = caught.value.report.issues[0].place
    assert place is not None and place.file == "upcross.yaml"
    line = (folder / "upcross.yaml").read_text("utf-8").split("\n")[(place.line or 0) - 1]
    assert line.startswith("resources:") and (place.column or 0) > len("resources:")


def test_doctor_says_what_is_granted(folder: Path) -> None:
    granted(folder, "{memory: 1GB, threads: 3, temporary: upcross.yaml/no}")
    result = CliRunner().invoke(app, ["doctor", "-C", str(folder)])
    assert result.exit_code == 1
    assert "953.6 MiB" in result.stdout and "cannot be written" in result.stdout
    granted(folder, "{threads: 3}")
    result = CliRunner().invoke(app, ["doctor", "-C", str(folder)])
    assert result.exit_code == 0 and "chosen by DuckDB" in result.stdout
