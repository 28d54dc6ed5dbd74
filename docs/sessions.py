"""Pages whose sessions are real: files are written, commands and Python run, and what they print is put on the page.

A page says what to do in comments above its blocks of code:

    <!-- session: sample -->       a new folder: `sample` (loaded), `empty`, or `crm` (needs UPCROSS_CRM_SIMULATION)
    <!-- file: plays/x.yaml -->    the block below is written to that file
    <!-- run: Deeper +9; Wider until Held -->   the command of the block below is run; of what it prints, nine lines
                                  from the first that begins with "Deeper", and those from "Wider" up to "Held";
                                  without a choice all of it
    <!-- python -->                the block below is run
    <!-- printed -->               the block below becomes what it printed
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from upcross import verbs
from upcross.book.checks import check
from upcross.cli import app
from upcross.kept_signals import keep_signals
from upcross.periods import TODAY
from upcross.project import open_project
from upcross.sample import write_sample

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
CRM_DATA = "UPCROSS_CRM_SIMULATION"
WIDTH = "100"

_STEP = re.compile(
    r"^<!-- (?P<kind>session|file|run|python|printed)(?:: (?P<what>[^\n]*?))? -->\n"
    r"(?:(?P<open>```\w*)\n(?P<body>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)
_PROGRESS = re.compile(r"\(\d+ of \d+\)$")


class PageError(Exception):
    """A page asks for something that its session does not give."""


def has_sessions(text: str) -> bool:
    """Whether a page runs anything."""
    return any(step["kind"] == "session" for step in _STEP.finditer(text))


def render(text: str) -> str:
    """The page with every session run anew; the same text where nothing changed.

    A page that needs data which is not there stays as it is.
    """
    if not os.environ.get(CRM_DATA) and "<!-- session: crm -->" in text:
        return text
    with _Session() as session:
        return _STEP.sub(session.step, text)


class _Session:
    """The folder in which a page's steps happen one after another."""

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="upcross-docs-"))
        self._began = 0
        self._names: dict[str, Any] = {}
        self._printed = ""
        self._back = Path.cwd()

    def __enter__(self) -> _Session:
        return self

    def __exit__(self, *_: object) -> None:
        os.chdir(self._back)
        shutil.rmtree(self._home)

    def step(self, match: re.Match[str]) -> str:
        """One step done; returns it as it reads now."""
        what = (match["what"] or "").strip()
        body: str = match["body"] or ""
        match match["kind"]:
            case "session":
                self._begin(what)
                return match[0]
            case "file":
                path = Path(what)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(body, encoding="utf-8")
                return match[0]
            case "run":
                command = body.splitlines()[0]
                told = _chosen(self._run(command), what)
                body = "\n".join([command, *told]) + "\n"
            case "python":
                printed = io.StringIO()
                with redirect_stdout(printed):
                    exec(compile(body, "the page's example", "exec"), self._names)
                self._printed = printed.getvalue()
            case _:
                body = self._printed
        head = match[0].split("\n", 1)[0]
        return f"{head}\n{match['open']}\n{body}```\n"

    def _begin(self, kind: str) -> None:
        self._began += 1
        folder = self._home / str(self._began) / "demo"
        match kind:
            case "sample":
                shutil.copytree(_loaded_sample(), folder)
            case "crm":
                shutil.copytree(ROOT / "examples" / "crm-simulation", folder, ignore=shutil.ignore_patterns(".upcross"))
            case _:
                folder.mkdir(parents=True)
        os.chdir(folder)
        self._names = {}

    def _run(self, command: str) -> list[str]:
        """What a command line prints; its progress is left out."""
        words = shlex.split(command.removeprefix("$ "))
        if words[0] != "upcross":
            raise PageError(f"only upcross is run on a page, not: {command}")
        out, err = io.StringIO(), io.StringIO()
        failed = False
        with _environment(), patch.object(sys, "argv", words), redirect_stdout(out), redirect_stderr(err):
            try:
                app.main()
            except SystemExit as ended:
                failed = bool(ended.code)
        lines = [line for line in err.getvalue().splitlines() if failed and not _PROGRESS.search(line)]
        return [line.rstrip() for line in (*out.getvalue().splitlines(), *lines)]


@contextmanager
def _environment() -> Iterator[None]:
    plain = {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "TTY_COMPATIBLE")}
    with patch.dict(os.environ, {**plain, "COLUMNS": WIDTH, "NO_COLOR": "1", TODAY: "2026-09-30"}, clear=True):
        yield


_SAMPLES: list[Path] = []


def _loaded_sample() -> Path:
    """The sample company, loaded once a process as on its own day, so that no page depends on the day it is made.

    Its signals and checks are kept, as they print nothing; no run is, since some commands say more where one is.
    """
    if not _SAMPLES:
        folder = Path(tempfile.mkdtemp(prefix="upcross-sample-"))
        as_of = write_sample(folder)
        project = open_project(folder)
        verbs.load(project, as_of)
        keep_signals(project.evaluation().frame, project.store, project.runs)
        check(project.store)
        _SAMPLES.append(folder)
    return _SAMPLES[0]


def _chosen(lines: list[str], choice: str) -> list[str]:
    """The lines of an output that a page shows, with … where some are left out."""
    lines = _without_blank_end(lines)
    if not choice:
        return lines
    shown: list[str] = []
    at = 0
    for part in choice.split(";"):
        begins, _, ends = part.partition(" until ")
        begins, _, count = begins.strip().partition(" +") if not ends else (begins.strip(), "", "")
        start = _line(lines, begins, at)
        if start > at:
            shown = [*_without_blank_end(shown), "…"]
        at = _line(lines, ends.strip(), start + 1) if ends else start + int(count)
        shown += lines[start:at]
    return [*_without_blank_end(shown), "…"] if at < len(lines) else shown


def _without_blank_end(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


def _line(lines: list[str], begins: str, after: int) -> int:
    """The number of the first line that begins with a text; indentation, a bullet or a number before it aside."""
    for number, line in enumerate(lines[after:], after):
        if line.strip().startswith(begins) or line.lstrip(" ·0123456789").startswith(begins):
            return number
    raise PageError(f"nothing printed begins with '{begins}' after line {after}:\n" + "\n".join(lines))
