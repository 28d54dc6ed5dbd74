"""The verbs of Upcross, each a function from a project to a result object that every face renders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from upcross.absence import absences
from upcross.book import checks
from upcross.book.in_place.loading import load_in_place
from upcross.book.load import LoadResult, Progress
from upcross.book.load import load as load_book
from upcross.book.typed import Typed
from upcross.by_hand import hand_findings
from upcross.documents import ignored_files
from upcross.errors import Issue, LoadError, ProjectError, Report, UsageError, suggest
from upcross.frames import framed
from upcross.kept_ledger import remembered, typed_in
from upcross.kept_signals import refused_models
from upcross.numbers.control import compare
from upcross.opportunities import (
    ChangePlan,
    Identity,
    Memory,
)
from upcross.opportunities.findings import once_an_account
from upcross.plan_making import findings_of, lasting_of, make_plan
from upcross.plan_sheet import plan_sheet
from upcross.plays.attestation import unmatched
from upcross.plays.exemption import unmatched_exemptions
from upcross.project import Project
from upcross.runs import Evaluation, Run, evaluate, find_kept
from upcross.sheets import Sheet
from upcross.signals.model import Scope
from upcross.unknowns import unknown_notes


def load(
    project: Project,
    today: date | None = None,
    progress: Progress | None = None,
    *,
    frames: Mapping[str, Any] | None = None,
    anew: bool = False,
) -> LoadResult:
    """Read the project's data into its store; ``LoadError`` with every fault, and the last good book stays.

    What files gave that nobody wrote since the last load is taken over; ``anew`` reads every file.
    ``frames`` gives tables from memory, by name, in place of their files: pandas, polars or Arrow, read through the
    same mapping and checks.
    """
    report = Report()
    catalog = project.catalog(report)
    if project.settings.source is not None:
        report.raise_errors(LoadError)
        return load_in_place(
            project.engine,
            project.document,
            catalog,
            project.store,
            reporting_currency=project.settings.reporting_currency,
            today=today or date.today(),
            rates_on=project.settings.rates_on,
            progress=progress,
        )
    mappings = project.mappings(report)
    report.raise_errors(LoadError)
    with framed(mappings, frames or {}, project.document) as sources:
        return load_book(
            sources,
            catalog,
            project.store,
            reporting_currency=project.settings.reporting_currency,
            today=today or date.today(),
            rates_on=project.settings.rates_on,
            anew=anew,
            progress=progress,
        )


def check(project: Project, progress: Progress | None = None, *, examples: int = checks.EXAMPLES) -> Report:
    """Everything wrong, doubtful or worth knowing: the loaded book, then signals, plays, gates and attestations.

    Where a run is kept for the book's newest day, absent and stale tables say what waits for them. Control totals that
    the project names are compared.
    """
    found = checks.check(project.store, examples=examples, progress=progress)
    report = Report(list(_with_costs(project, found)))
    report.extend(ignored_files(project.folder / "signals", "signals", ".sql"))
    if project.settings.control is not None:
        report.extend(_control_issues(project))
    try:
        evaluation = project.evaluation()
    except ProjectError as error:
        report.extend(error.report)
        return report
    report.extend(project.library(evaluation.frame.registry).report)
    report.extend(refused_models(evaluation.frame, project.store))
    accounts, segments = _accounts_and_segments(project)
    report.extend(unmatched(evaluation.attestations, accounts, segments))
    report.extend(unmatched_exemptions(evaluation.exemptions, _units(project)))
    report.extend(project.strangers(_team(project)))
    return report


def _with_costs(project: Project, report: Report) -> Iterable[Issue]:
    lacking = [issue for issue in report if issue.code in checks.LACKING]
    changes = kept_changes(project) if lacking else None
    waiting = absences(changes) if changes else {}
    for issue in report:
        absence = waiting.get(issue.place.table or "") if issue.place and issue.code in checks.LACKING else None
        told = str(absence) if absence else ""
        yield replace(issue, costs="; ".join(part for part in (issue.costs, told) if part)) if told else issue


def _control_issues(project: Project) -> Iterable[Issue]:
    try:
        return list(compare(project).issues())
    except ProjectError as error:
        return error.report


def _accounts_and_segments(project: Project) -> tuple[set[str], set[str]]:
    with closing(project.store.connect()) as book:
        known = book.execute("SELECT table_name FROM information_schema.views WHERE table_schema = 'book'").fetchall()
        if ("accounts",) not in known:
            return set(), set()
        rows = book.execute("SELECT account_id, segment FROM book.accounts").fetchall()
    return {account for account, _ in rows}, {segment for _, segment in rows if segment}


def _team(project: Project) -> set[str]:
    """Everybody in the team table; nobody where there is none."""
    with closing(project.store.connect()) as book:
        known = book.execute("SELECT table_name FROM information_schema.views WHERE table_schema = 'book'").fetchall()
        rows = book.execute("SELECT person_id FROM book.team").fetchall() if ("team",) in known else []
    return {person for (person,) in rows}


def _units(project: Project) -> set[tuple[str, str]]:
    """Every business unit of the book that is listed, or has a subscription line."""
    with closing(project.store.connect()) as book:
        known = book.execute("SELECT table_name FROM information_schema.views WHERE table_schema = 'book'").fetchall()
        return {
            (account, unit)
            for table in ("business_units", "subscriptions")
            if (table,) in known
            for account, unit in book.execute(f"SELECT account_id, business_unit FROM book.{table}").fetchall()
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do: the change plan, the run behind it, and the health of the data it stands on."""

    run: Run
    changes: ChangePlan
    data: Report

    @property
    def as_of(self) -> date:
        """The day whose end the plan speaks of."""
        return self.changes.as_of

    def sheet(self) -> Sheet:
        """One row for each change: CSV, Markdown, Arrow, pandas or polars."""
        return plan_sheet(self.changes)


def plan(
    project: Project,
    as_of: date | None = None,
    *,
    known_at: date | None = None,
    memory: Memory | None = None,
    typed: Typed | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Judge every play on the book of one day, keep the run, and say what to do about it.

    Nothing is written but the run; ``memory`` is what was asked before: what the project's ledger knows, and nothing
    where there is none. ``typed`` is what people typed beside what is loaded: what the ledger has of it.
    """
    evaluation = project.evaluation(as_of, known_at, typed_in(project) if typed is None else typed)
    run = evaluate(evaluation, project.store, project.runs, progress)
    before = remembered(project, run.as_of) if memory is None else memory
    return Plan(run, _changes(project, run, before), checks.check(project.store))


def plan_of(
    project: Project, evaluation: Evaluation, progress: Progress | None = None, memory: Memory | None = None
) -> ChangePlan:
    """The change plan of an evaluation, from an empty memory where none is given; its run is kept."""
    return _changes(project, evaluate(evaluation, project.store, project.runs, progress), memory or Memory.empty())


def kept_changes(project: Project) -> ChangePlan | None:
    """The change plan of the run kept for the book's newest day, from an empty memory; None where none is kept."""
    try:
        run = find_kept(project.evaluation(typed=typed_in(project)), project.store, project.runs)
    except ProjectError:
        return None  # signals, plays or attestations are at fault, which the check of those tells
    return _changes(project, run, Memory.empty()) if run else None


def _changes(project: Project, run: Run, memory: Memory) -> ChangePlan:
    findings = once_an_account(
        finding
        for scope in Scope
        for row, judgements in run.candidates(scope)
        for finding in findings_of(run.evaluation, scope, row, judgements)
    )
    if memory.by_hand:
        findings += hand_findings(run.connect(), run.evaluation, memory.by_hand)
    with run.book() as book:
        return make_plan(
            project, run.evaluation, book, findings, memory, lasting=_lasting(run, memory), unknown=unknown_notes(run)
        )


def _lasting(run: Run, memory: Memory) -> frozenset[Identity]:
    """What is open or held, and one of its reasons still keeps open, or cannot tell: it does not end by itself."""
    said = (
        (run.evaluation.library.plays[name], row)
        for scope in Scope
        for row, names in run.kept_open(scope, memory.accounts)
        for name in names
    )
    return lasting_of(said, memory)


def person(plan: Plan, wanted: str) -> str:
    """The id or name as the plan knows it; ``UsageError`` with the nearest where nobody is called that."""
    known = {name for change in plan.changes.changes for who in change.people for name in (who.person_id, who.name)}
    for name in known:
        if name.casefold() == wanted.casefold():
            return name
    raise UsageError(f"nobody in this plan is called '{wanted}'. {suggest(wanted, known)}")
