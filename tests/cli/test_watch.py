"""`upcross watch` as a process over real files: what lands is loaded, judged and told, and a fault does not end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from upcross.sample import write_sample
from upcross.watching import changed, sources

STORY = "Weberknecht Logistik"


class Watching:
    def __init__(self, folder: Path, *options: str) -> None:
        self.said = folder.parent / "said.log"
        with self.said.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from upcross.cli.app import main; main()", "watch", "-C", str(folder),
                 "--every", "1s", "--quiet", "1s", *options],
                stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "UPCROSS_TODAY": "2026-09-30"},
            )  # fmt: skip

    def text(self) -> str:
        return self.said.read_text()

    def waits_for(self, text: str, times: int = 1, seconds: float = 300) -> None:
        end = time.monotonic() + seconds
        while self.text().count(text) < times:
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < end, self.text()
            time.sleep(0.2)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_sample(tmp_path / "project", stories_only=True)
    return tmp_path / "project"


@pytest.fixture
def watching(folder: Path) -> Iterator[Watching]:
    """A watch that writes to the ledger, over the stories without the seats of one of them."""
    seats = folder / "seats.csv"
    account = next(line.split(",")[0] for line in (folder / "accounts.csv").read_text().splitlines() if STORY in line)
    seats.with_suffix(".whole").write_text(seats.read_text())
    seats.write_text("".join(line for line in seats.read_text().splitlines(True) if not line.startswith(f"{account},")))
    started = Watching(folder, "--apply")
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait()


def test_what_lands_is_judged_a_fault_is_told_and_the_rest_goes_on(folder: Path, watching: Watching) -> None:
    watching.waits_for("written to the ledger: ")
    assert STORY not in watching.text()
    good = (folder / "accounts.csv").read_text()
    (folder / "accounts.csv").write_text("")
    watching.waits_for("not done; the last good book and the ledger stay as they are:")
    assert "accounts.csv: the file is empty" in watching.text()
    (folder / "accounts.csv").write_text(good)
    (folder / "seats.csv").write_text((folder / "seats.whole").read_text())
    watching.waits_for("written to the ledger: ", 2)
    said = watching.text()
    assert f"opens: {STORY} · " in said and "expected MRR, for " in said
    assert " as they were" in said and said.count(" 0 as they were") == 1  # all was read once
    assert watching.end() == 0
    assert watching.text().endswith("ended\n") and "Traceback" not in watching.text()


def test_what_is_looked_at_are_the_mapped_files_and_the_project_s_own(folder: Path) -> None:
    before = sources(folder)
    assert {Path(name).name for name in before} >= {"upcross.yaml", "catalog.yaml", "usage.csv", "seats.csv"}
    (folder / "nobody-maps-this.csv").write_text("a\n")
    assert changed(before, sources(folder)) == ()
    (folder / "plays").mkdir()
    (folder / "plays" / "overlay.yaml").write_text("")
    (folder / "usage.csv").unlink()
    assert {Path(name).name for name in changed(before, sources(folder))} == {"overlay.yaml", "usage.csv"}
    (folder / "upcross.yaml").write_text("tables: [")
    assert {Path(name).name for name in sources(folder)} >= {"upcross.yaml", "overlay.yaml"}
