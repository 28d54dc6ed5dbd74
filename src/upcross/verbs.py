"""The verbs of Upcross, each a function from a project to a result object that every face renders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from upcross.book import checks
from upcross.book.load import LoadResult, Progress
from upcross.book.load import load as load_book
from upcross.engine.compile import text_literal
from upcross.errors import LoadError, ProjectError, Report, UsageError, suggest
from upcross.opportunities import (
    ChangePlan,
    Finding,
    Memory,
    People,
    Person,
    merge,
    plan_changes,
)
from upcross.opportunities.findings import find
from upcross.plays.verdicts import VerdictStatus
from upcross.project import Project
from upcross.runs import Run, evaluate
from upcross.signals.model import Scope
from upcross.unknowns import unknown_notes, why_unknown

_OPEN = (VerdictStatus.FIRED, VerdictStatus.HELD)


def load(project: Project, today: date | None = None, progress: Progress | None = None) -> LoadResult:
    """Read the project's data into its store; ``LoadError`` with every fault, and the last good book stays."""
    report = Report()
    catalog = project.catalog(report)
    mappings = project.mappings(report)
    report.raise_errors(LoadError)
    return load_book(
        mappings,
        catalog,
        project.store,
        reporting_currency=project.settings.reporting_currency,
        today=today or date.today(),
        rates_on=project.settings.rates_on,
        progress=progress,
    )


def check(project: Project) -> Report:
    """Everything wrong, doubtful or worth knowing about the loaded book, then about plays, gates and attestations."""
    report = checks.check(project.store)
    try:
        evaluation = project.evaluation()
    except ProjectError as error:
        report.extend(error.report)
    else:
        report.extend(project.library(evaluation.frame.registry).report)
    return report


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


def plan(
    project: Project,
    as_of: date | None = None,
    *,
    known_at: date | None = None,
    memory: Memory | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Judge every play on the book of one day, keep the run, and say what to do about it.

    Nothing is written but the run; ``memory`` is what was asked before (empty in a bare plan).
    """
    evaluation = project.evaluation(as_of, known_at)
    run = evaluate(evaluation, project.store, project.runs, progress)
    findings = list(_findings(run))
    names = _names(run, {finding.identity.account_id for finding in findings})
    named = [
        replace(
            finding,
            account_name=names.accounts.get(finding.identity.account_id, finding.identity.account_id),
            product_name=names.products.get(finding.identity.product_id, finding.identity.product_id),
        )
        for finding in findings
    ]
    changes = plan_changes(
        merge(named),
        memory or Memory.empty(),
        names.people,
        run.as_of,
        project.routing,
        unknown=unknown_notes(run),
    )
    return Plan(run, changes, checks.check(project.store))


def _findings(run: Run) -> Iterable[Finding]:
    evaluation = run.evaluation
    frame = evaluation.frame
    for scope in Scope:
        signals = frame.registry.visible_in(scope)
        for row, judgements in run.candidates(scope):
            for judgement in judgements:
                if judgement.status in _OPEN:
                    yield find(
                        evaluation.library.plays[judgement.play], judgement, row, signals, evaluation.attestations,
                        run.as_of, lambda name: why_unknown(frame, frame.registry.signals[name]),
                    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Names:
    accounts: Mapping[str, str]
    products: Mapping[str, str]
    people: People


def _names(run: Run, accounts: set[str]) -> _Names:
    """Names and people of the accounts concerned, as known on the run's day."""
    snapshot = run.evaluation.frame.snapshot
    roles = ("csm", "account_manager", "ae", "renewals_manager", "partner")
    listed = ", ".join(text_literal(account) for account in sorted(accounts)) or "''"
    found = _rows(run, f"SELECT * FROM ({snapshot.relation('accounts')}) AS a WHERE account_id IN ({listed})")
    team = _rows(run, snapshot.relation("team"))
    persons = {
        row["person_id"]: Person(
            row["person_id"], row["name"] or row["person_id"], row["role"] or "", row["left_on"],
            row["product_id"] or "",
        )
        for row in team
    }  # fmt: skip
    assigned = {row["account_id"]: {role: row[role] for role in roles if row[role]} for row in found}
    return _Names(
        {row["account_id"]: row["name"] for row in found},
        {row["product_id"]: row["name"] for row in _rows(run, snapshot.relation("products"))},
        People(assigned, persons),
    )


def _rows(run: Run, query: str) -> list[dict[str, Any]]:
    with run.book() as connection:
        rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
        return rows


def person(plan: Plan, wanted: str) -> str:
    """The id or name as the plan knows it; ``UsageError`` with the nearest where nobody is called that."""
    known = {name for change in plan.changes.changes for who in (change.owner, change.closer)
             for name in (who.person_id, who.name)}  # fmt: skip
    for name in known:
        if name.casefold() == wanted.casefold():
            return name
    raise UsageError(f"nobody in this plan is called '{wanted}'. {suggest(wanted, known)}")
