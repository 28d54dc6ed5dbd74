"""Runs the tests of plays: the production statement over the cases' values, in an embedded engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
from sqlglot import exp

from upcross.engine.embedded import open_engine
from upcross.errors import Issue, Place, Report, Severity, issue_code, suggest
from upcross.plays.attestation import Attestation
from upcross.plays.comparison import SIGNAL_UNKNOWN, UNIT_MISMATCH, Misfit, typed
from upcross.plays.condition import digits, read_literal
from upcross.plays.judgement import JudgedComparison, Judgement, compile_judgement, deciding
from upcross.plays.library import NOT_PLAYS, PLAY_UNKNOWN, Library, load_library
from upcross.plays.play import Play
from upcross.plays.testfile import Case, Expected, PlayTest
from upcross.plays.verdicts import SEGMENT, VerdictStatus, compared_signals
from upcross.signals.model import Signal, Unit, visible

TEST_FAILED = issue_code("play-test-failed", Severity.ERROR, "A play's test expected another verdict.")
TEST_MISSING = issue_code("play-test-missing", Severity.ERROR, "A play that is to be tested has no test file.")
TEST_INVALID = issue_code(
    "play-test-invalid", Severity.ERROR, "A play's test names a gate that does not bind the play."
)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: what was expected, what the engine said, and why."""

    play: str
    case: str
    expected: Expected
    got: Expected
    judgement: Judgement
    place: Place

    @property
    def passed(self) -> bool:
        """True where the verdict and the gates named are exactly those expected."""
        return _comparable(self.expected) == _comparable(self.got)

    def issue(self) -> Issue:
        """The failed case as an issue that names the comparisons which decided."""
        decided = "; ".join(_shown(leaf) for leaf in _deciding(self.judgement)) or "nothing stood in the way"
        return TEST_FAILED.at(self.place, f"{self.play}: '{self.case}' is {self.got}", expected=str(self.expected),
                              hint=f"decided by {decided}")  # fmt: skip


@dataclass(frozen=True, slots=True)
class TestRun:
    """The results of all cases, and every fault and failure as an issue."""

    __test__ = False  # not a class of tests, whatever pytest thinks of its name

    results: tuple[CaseResult, ...]
    report: Report


def run_tests(library: Library, plays: Iterable[str] | None = None) -> TestRun:
    """Run the test files of the given plays, or of all; nothing is raised for a failing case.

    The report begins with the errors of the library: all of them, or where plays are named those that are not about
    other plays. So a play or test file that cannot be read never passes by being left out, and a named play without
    a test file is an error.

    Each play's cases are rows of one relation (signals that a case does not name are null) that the compiled
    verdict statement judges, with the gates of the library and the case's attestations. Shipped tests are about the
    plays as shipped: a project's overlay and gates do not break them; a test file of the project replaces them.
    """
    report, results = Report(), list[CaseResult]()
    wanted = set(library.tests) if plays is None else set(plays)
    report.extend(issue for issue in library.report.errors if plays is None or _concerns(issue, wanted))
    told = {issue.place.file for issue in report if issue.place}
    shipped = load_library(library.signals, tests=False)
    with open_engine() as connection:
        for name in sorted(wanted):
            test = library.tests.get(name)
            play = (shipped if test and test.shipped else library).plays.get(name)
            if name in library.left_out or f"plays/{name}.test.yaml" in told:
                continue  # the library has said what is wrong with it
            if play is None:
                place = test.place("play") if test else None
                report.add(
                    PLAY_UNKNOWN.at(place, f"no sound play is called '{name}'", hint=suggest(name, library.plays))
                )
            elif test is None:
                report.add(
                    TEST_MISSING.at(play.place(), f"{name} has no test file", hint=f"write plays/{name}.test.yaml")
                )
            else:
                tried = library.gate_tests.on(test, play, visible(library.signals, play.scope))
                results += _run(play, tried, library, connection, report)
    report.extend(result.issue() for result in results if not result.passed)
    return TestRun(tuple(results), report)


def _concerns(issue: Issue, plays: set[str]) -> bool:
    """False for an issue in the file, or the test file, of a play that is not among those given."""
    folder, _, name = ((issue.place.file if issue.place else None) or "").rpartition("/")
    if folder not in ("plays", "library") or name in NOT_PLAYS:
        return True
    return name.removesuffix(".yaml").removesuffix(".test") in plays


def _run(
    play: Play, test: PlayTest, library: Library, connection: duckdb.DuckDBPyConnection, report: Report
) -> list[CaseResult]:
    signals = visible(library.signals, play.scope)
    before = len(report.errors)
    given = _values(test.given, signals, lambda name: test.place("given", name), report)
    rows = []
    for index, case in enumerate(test.cases):
        rows.append(given | _values(case.signals, signals, case.signal_place, report))
        _check_gates(case, play, test, index, report)
    if len(report.errors) > before:
        return []
    names = sorted(set(compared_signals([play])).union(*rows))
    attestations = [
        Attestation.model_validate(
            {"gate": gate, "scope": {"account": str(index)}, "by": "the test", "why": "the test",
             "from": test.as_of, "until": test.as_of}
        )
        for index, case in enumerate(test.cases) for gate in case.attested
    ]  # fmt: skip
    relation = _relation(play, names, rows, signals)
    compiled = compile_judgement(play.scope, [play], attestations, test.as_of, relation)
    cursor = connection.execute(compiled.select.sql("duckdb"))
    columns = [column[0] for column in cursor.description or ()]
    judged = {row[0]: compiled.read(dict(zip(columns, row, strict=True)))[0] for row in cursor.fetchall()}
    results = [
        CaseResult(play.id, case.name, case.expect, _verdict(judged[str(index)]), judged[str(index)],
                   case.place)
        for index, case in enumerate(test.cases)
    ]  # fmt: skip
    # Where the case that gates are tried on fails itself, their cases say nothing of their own.
    failed = {result.case for result in results if not result.passed}
    return [r for r, case in zip(results, test.cases, strict=True) if case.laid_over not in failed]


def _values(
    given: Mapping[str, Any], signals: Mapping[str, Signal], place_of: Callable[[str], Place], report: Report
) -> dict[str, str | None]:
    """The values of a mapping of signals as text that the engine casts; faults are reported with their places."""
    values: dict[str, str | None] = {}
    for name, value in given.items():
        place, signal = place_of(name), signals.get(name)
        if signal is None:
            report.add(SIGNAL_UNKNOWN.at(place, f"unknown signal '{name}'", hint=suggest(name, signals)))
        elif value is None:
            values[name] = None
        elif signal.unit is Unit.DATE and isinstance(value, date):
            values[name] = value.isoformat()
        else:
            literal = read_literal(value)
            scalar = Misfit(literal, "") if isinstance(literal, str) else typed(literal, signal)
            if isinstance(scalar, Misfit):
                report.add(UNIT_MISMATCH.at(place, scalar.message, expected=scalar.expected, hint=scalar.hint))
            else:
                values[name] = digits(scalar) if isinstance(scalar, Decimal) else str(scalar)
    return values


def _check_gates(case: Case, play: Play, test: PlayTest, index: int, report: Report) -> None:
    bound = {gate.id: gate.gate for gate in play.bound}
    place = test.place("cases", index, "expect")
    for name in (*case.expect.held, *case.expect.unknown, *case.expect.care, *case.attested):
        if name not in bound:
            report.add(TEST_INVALID.at(place, f"no gate '{name}' binds {play.id}",
                                       expected=f"one of: {', '.join(bound)}",
                                       hint=suggest(name, bound)))  # fmt: skip
    for name in case.attested:
        if name in bound and not bound[name].attestable:
            report.add(TEST_INVALID.at(place, f"the gate '{name}' is never attested"))


def _relation(
    play: Play, names: list[str], rows: list[dict[str, str | None]], signals: Mapping[str, Signal]
) -> exp.Query:
    """The cases as a VALUES relation in text, each column cast to its signal's type; account_id numbers the case."""
    cells = [(str(index), *(row.get(name) for name in names)) for index, row in enumerate(rows)]
    table = exp.values(cells, alias="cases", columns=["account_id", *names])
    keys = [exp.alias_(exp.Literal.string(""), key) for key in play.scope.keys if key != "account_id"]
    segment = exp.alias_(exp.cast(exp.Null(), "VARCHAR"), SEGMENT)
    typed_cells = [
        exp.alias_(exp.cast(exp.column(name), signals[name].unit.sql, dialect="duckdb"), name) for name in names
    ]
    return exp.select("account_id", *keys, segment, *typed_cells).from_(table)


def _verdict(judgement: Judgement) -> Expected:
    holding = [gate for gate in judgement.gates if not gate.passes]
    if judgement.status is not VerdictStatus.HELD:
        fired = judgement.status is VerdictStatus.FIRED
        return Expected(status=judgement.status.value, care=tuple(gate.id for gate in holding) if fired else ())
    return Expected(
        status="held",
        held=tuple(gate.id for gate in holding if gate.truth is False),
        unknown=tuple(gate.id for gate in holding if gate.truth is None),
    )


def _comparable(expected: Expected) -> tuple[str, frozenset[str], frozenset[str], frozenset[str]]:
    return expected.status, frozenset(expected.held), frozenset(expected.unknown), frozenset(expected.care)


def _deciding(judgement: Judgement) -> list[JudgedComparison]:
    """What made the verdict: the trigger's comparisons where it is not true, else those of the gates that hold."""
    if judgement.trigger.truth is not True:
        return list(deciding(judgement.trigger))
    holding = [leaf for gate in judgement.gates if not gate.passes for leaf in deciding(gate.condition)]
    return holding or list(deciding(judgement.trigger))


def _shown(leaf: JudgedComparison) -> str:
    value = leaf.value
    if value is None:
        text = "unknown"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif leaf.unit is Unit.RATIO:
        text = f"{digits(Decimal(str(value)) * 100)}%"
    elif leaf.unit is Unit.MONEY:
        text = digits(Decimal(value) / 10_000)
    else:
        text = str(value)
    return f"{leaf.text} (is {text})"
