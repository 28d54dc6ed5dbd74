"""What can go wrong, said once: issue codes, places, issues, reports and the error tree.

    UpcrossError
    ├── UsageError        the command or call cannot mean anything (exit code 2)
    └── ProblemError      carries a Report of every fault found (exit code 1)
        ├── ProjectError  the project file, catalogue, plays, gates or signals are wrong
        ├── LoadError     the data cannot be read as mapped; the last good book stays (exit code 3)
        └── EngineError   the engine refused a statement or cannot be reached

Anything that an author can fix is an ``Issue`` in a ``Report``; an exception is raised only where the run
cannot go on. Every issue says what, where, what was expected and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much an issue costs the reader: wrong results, doubtful results, or good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an issue stands: a position in a file, or a cell of the book, or both."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    table: str | None = None
    field: str | None = None
    account: str | None = None

    def __str__(self) -> str:
        spot = ":".join(str(p) for p in (self.file, self.line, self.column) if p is not None)
        cell = ".".join(p for p in (self.table, self.field) if p)
        parts = [spot, cell, f"account {self.account}" if self.account else ""]
        return " ".join(p for p in parts if p)


@dataclass(frozen=True, slots=True)
class IssueCode:
    """One kind of fault: its stable name, its usual severity and its meaning, as the docs list it."""

    name: str
    severity: Severity
    meaning: str

    def at(
        self,
        place: Place | None,
        message: str,
        *,
        expected: str = "",
        hint: str = "",
        severity: Severity | None = None,
        count: int | None = None,
        total: int | None = None,
        examples: tuple[str, ...] = (),
        costs: str = "",
    ) -> Issue:
        """An issue of this kind at a place; ``hint`` says what to do, ``costs`` what follows as long as nobody does."""
        return Issue(
            self.name, severity or self.severity, message, place, expected, hint, count, total, examples, costs
        )


CODES: dict[str, IssueCode] = {}


def issue_code(name: str, severity: Severity, meaning: str) -> IssueCode:
    """Declare an issue code, once; the docs' list of codes is made from these declarations."""
    if name in CODES:
        raise ValueError(f"issue code {name!r} is declared twice")
    code = IssueCode(name, severity, meaning)
    CODES[name] = code
    return code


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault, told so that its reader can mend it."""

    code: str
    severity: Severity
    message: str
    place: Place | None = None
    expected: str = ""
    hint: str = ""
    count: int | None = None
    total: int | None = None
    examples: tuple[str, ...] = ()
    costs: str = ""
    """What follows from the fault, as long as it stands."""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place and str(self.place) else self.message
        if self.examples:
            text += f" (for example {', '.join(self.examples)})"
        if self.expected:
            text += f"; expected {self.expected}"
        text += f" [{self.code}]"
        if self.costs:
            text += f"\n  costs: {self.costs}"
        return f"{text}\n  → {self.hint}" if self.hint else text

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Issue:
        """The issue that ``to_dict`` gave; ``KeyError`` or ``ValueError`` where the facts are others."""
        place = Place(*(facts[name] for name in ("file", "line", "column", "table", "field", "account")))
        return cls(
            facts["code"], Severity(facts["severity"]), facts["message"], None if place == Place() else place,
            facts["expected"], facts["hint"], facts["count"], facts["total"], tuple(facts["examples"]), facts["costs"],
        )  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values, for JSON."""
        place = self.place or Place()
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "table": place.table,
            "field": place.field,
            "account": place.account,
            "expected": self.expected,
            "hint": self.hint,
            "count": self.count,
            "total": self.total,
            "examples": list(self.examples),
            "costs": self.costs,
        }


@dataclass(slots=True)
class Report:
    """All issues of one piece of work, in the order found."""

    issues: list[Issue] = field(default_factory=list)

    def add(self, issue: Issue) -> None:
        """Append one issue."""
        self.issues.append(issue)

    def extend(self, issues: Iterable[Issue]) -> None:
        """Append issues, or the issues of another report."""
        self.issues.extend(issues)

    def of(self, severity: Severity) -> list[Issue]:
        """The issues of one severity."""
        return [issue for issue in self.issues if issue.severity is severity]

    @property
    def errors(self) -> list[Issue]:
        """The issues that make results wrong or impossible."""
        return self.of(Severity.ERROR)

    def __iter__(self) -> Iterator[Issue]:
        return iter(self.issues)

    def __len__(self) -> int:
        return len(self.issues)

    def __str__(self) -> str:
        return "\n".join(str(issue) for issue in self.issues)

    def raise_errors(self, kind: type[ProblemError]) -> None:
        """Raise ``kind`` with the whole report if it holds an error."""
        if self.errors:
            raise kind(self)


class UpcrossError(Exception):
    """Any error that Upcross raises on purpose."""


class UsageError(UpcrossError):
    """The command or call cannot mean anything; nothing was done."""


class ProblemError(UpcrossError):
    """The work cannot go on; ``report`` holds every fault found so far."""

    def __init__(self, report: Report | Issue) -> None:
        self.report = report if isinstance(report, Report) else Report([report])
        super().__init__(str(self.report))


class ProjectError(ProblemError):
    """The project file, catalogue, plays, gates or signals are wrong."""


class LoadError(ProblemError):
    """The data cannot be read as mapped; the last good book stays in place."""


class EngineError(ProblemError):
    """The engine refused a statement or cannot be reached."""


def suggest(name: str, known: Iterable[str]) -> str:
    """The nearest known name as "did you mean …?", or an empty string where nothing is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""
