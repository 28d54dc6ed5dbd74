"""The library of a project: shipped plays and gates, the project's own, and its overlay, read as one.

Faults are found rung by rung (YAML, schema, names and units, lint) and every rung reports those of all files; a
play or gate at fault is left out of the library, and its issues say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from upcross import documents
from upcross.documents import Document
from upcross.errors import Issue, Place, ProjectError, Report, Severity, issue_code, suggest
from upcross.plays.gate import Gate
from upcross.plays.lint import lint
from upcross.plays.overlay import Overlay
from upcross.plays.play import Play
from upcross.plays.reader import Reader, read_file
from upcross.plays.testfile import GateTests, PlayTest
from upcross.signals.model import Signal, visible

SHIPPED = Path(__file__).resolve().parent.parent / "library"
GATE_TESTS = "gates.test.yaml"
PROJECT_FILES = ("gates.yaml", GATE_TESTS, "scorecard.yaml", "definitions.yaml")
"""Files of the shipped library that are no plays; in a project they stand beside the project file."""
NOT_PLAYS = (*PROJECT_FILES, "overlay.yaml")

PLAY_UNKNOWN = issue_code("play-unknown", Severity.ERROR, "A command or test names a play that does not exist.")


@dataclass(frozen=True, slots=True)
class Library:
    """Plays and gates by id, the test files by play, and everything found wrong while reading them."""

    plays: Mapping[str, Play]
    gates: Mapping[str, Gate]
    signals: Mapping[str, Signal]
    tests: Mapping[str, PlayTest]
    gate_tests: GateTests = field(default_factory=GateTests)
    report: Report = field(default_factory=Report)
    left_out: Mapping[str, Report] = field(default_factory=dict)
    """Plays that could not be read, by the name of their file, each with what is wrong with it."""

    @property
    def running(self) -> tuple[Play, ...]:
        """The plays that a run judges, in the order of their ids."""
        return tuple(play for play in self.plays.values() if play.status.runs)

    def play(self, name: str) -> Play:
        """The play of that id; raises ``ProjectError`` with its faults, or the nearest name where there is none."""
        if name in self.left_out and name not in self.plays:
            raise ProjectError(self.left_out[name])
        if name not in self.plays:
            hint = suggest(name, self.plays) or "`upcross plays list` lists them all"
            raise ProjectError(PLAY_UNKNOWN.at(None, f"no play is called '{name}'", hint=hint))
        return self.plays[name]


def load_library(
    signals: Mapping[str, Signal],
    project: Path | None = None,
    shipped: Path = SHIPPED,
    *,
    tests: bool = True,
    csm_may_close: bool = False,
    overlay: Document | None = None,
    instead: Document | None = None,
) -> Library:
    """Read the shipped library and, where a project folder is given, its plays, gates and overlay.

    ``overlay`` is read in place of the project's own; ``instead`` is a play that stands in for the one of its id, or
    beside all others: what a change would make of the library.

    Without ``tests`` the test files stay unread and the lint rules about them are left out: what a run needs.
    ``csm_may_close`` is the company's own rule. ``report`` of the result holds all faults of all files; nothing is
    raised.
    """
    report = Report()
    own = project / "plays" if project else None
    laid_over = Overlay(overlay if overlay is not None else read_overlay(project, report), report)
    reader = Reader(signals, laid_over, report)
    reader.read_all_gates(project, shipped)
    for file, shown in (
        (shipped / GATE_TESTS, f"library/{GATE_TESTS}"),
        (project / GATE_TESTS if project else None, GATE_TESTS),
    ):
        if tests and file is not None and file.exists():
            reader.read_gate_tests(file, shown)
    for folder, shown in ((shipped, "library"), (own, "plays")):
        for path in sorted(folder.glob("*.yaml")) if folder else ():
            if path.name.endswith(".test.yaml"):
                if tests and path.name != GATE_TESTS:
                    reader.read_test(path, f"{shown}/{path.name}")
            elif path.name not in NOT_PLAYS and not (instead is not None and path.stem == instead.data.get("id")):
                reader.read_play(path, f"{shown}/{path.name}")
    if instead is not None:
        reader.add_play(instead, str(instead.data.get("id")))
    for issues in reader.unfit.values():
        report.extend(issues)
    laid_over.report_unused(report)
    if own:
        report.extend(_misplaced(own))
    for play in reader.plays.values():
        readable = tests and play.id not in reader.tests_at_fault
        test = reader.tests.get(play.id)
        tried = reader.gate_tests.on(test, play, visible(signals, play.scope)) if test else None
        report.extend(lint(play, tried, signals, reader.gates, tests_read=readable, csm_may_close=csm_may_close))
    plays = dict(sorted(reader.plays.items()))
    return Library(plays, reader.gates, signals, reader.tests, reader.gate_tests, report, reader.left_out)


def read_overlay(project: Path | None, report: Report) -> Document | None:
    """A project's overlay; None where it has none."""
    file = project / "plays" / "overlay.yaml" if project else None
    return read_file(file, "plays/overlay.yaml", report) if file is not None and file.exists() else None


def read_variants(
    play: Play, settings: Iterable[Mapping[str, Any]], signals: Mapping[str, Signal], project: Path | None = None,
    shipped: Path = SHIPPED,
) -> list[Play]:  # fmt: skip
    """The same play with other values of its parameters, one for each of ``settings``, as an overlay would set them.

    Raises ``ProjectError`` with every fault: a parameter that it lacks, a value of another unit.
    """
    report, found = Report(), []
    document = read_overlay(project, report)
    for params in settings:
        data = deepcopy(document.data) if document is not None and document.data else {}
        data.setdefault("plays", {}).setdefault(play.id, {}).setdefault("params", {}).update(params)
        reader = Reader(signals, Overlay(Document("the values given", data, {}), report), report)
        reader.read_all_gates(project, shipped)
        own = play.file.startswith("library/")
        path = shipped / play.file.removeprefix("library/") if own else (project or Path()) / play.file
        reader.read_play(path, play.file)
        report.raise_errors(ProjectError)
        found.append(reader.plays[play.id])
    return found


def _misplaced(own: Path) -> Iterator[Issue]:
    """Warnings for files of a project that look like plays, tests or gates, and are read as none."""
    yield from documents.ignored_files(own, "plays", ".yaml", ".yml")
    for name in PROJECT_FILES:
        if (own / name).is_file():
            place = Place(f"plays/{name}")
            yield documents.FILE_IGNORED.at(place, "is not read: it is no play", hint="move it beside upcross.yaml")
    for path in sorted(own.parent.glob("gates.*")):
        if path.suffix.lower() in (".yaml", ".yml") and path.name != "gates.yaml":
            yield documents.FILE_IGNORED.at(Place(path.name), "is not read", hint="rename it: gates.yaml")
