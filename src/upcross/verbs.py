"""The verbs of Upcross, each a function from a project to a result object that every face renders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from upcross.absence import absences
from upcross.book import checks
from upcross.book.load import LoadResult, Progress
from upcross.book.load import load as load_book
from upcross.documents import ignored_files
from upcross.engine.compile import text_literal
from upcross.errors import Issue, LoadError, ProjectError, Report, UsageError, suggest
from upcross.frames import framed
from upcross.numbers.control import compare
from upcross.opportunities import (
    ChangePlan,
    Finding,
    Memory,
    People,
    Person,
    merge,
    plan_changes,
)
from upcross.opportunities.findings import find, once_an_account
from upcross.plan_sheet import plan_sheet
from upcross.plays.attestation import unmatched
from upcross.plays.exemption import unmatched_exemptions
from upcross.project import Project
from upcross.runs import Run, evaluate, find_kept, refused_models
from upcross.sheets import Sheet
from upcross.signals.model import Scope
from upcross.unknowns import unknown_notes, why_unknown


def load(
    project: Project,
    today: date | None = None,
    progress: Progress | None = None,
    *,
    frames: Mapping[str, Any] | None = None,
) -> LoadResult:
    """Read the project's data into its store; ``LoadError`` with every fault, and the last good book stays.

    ``frames`` gives tables from memory, by name, in place of their files: pandas, polars or Arrow, read through the
    same mapping and checks.
    """
    report = Report()
    catalog = project.catalog(report)
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
    report.extend(refused_models(evaluation, project.store))
    accounts, segments = _accounts_and_segments(project)
    report.extend(unmatched(evaluation.attestations, accounts, segments))
    report.extend(unmatched_exemptions(evaluation.exemptions, _units(project)))
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
    progress: Progress | None = None,
) -> Plan:
    """Judge every play on the book of one day, keep the run, and say what to do about it.

    Nothing is written but the run; ``memory`` is what was asked before (empty in a bare plan).
    """
    evaluation = project.evaluation(as_of, known_at)
    run = evaluate(evaluation, project.store, project.runs, progress)
    return Plan(run, _changes(project, run, memory or Memory.empty()), checks.check(project.store))


def kept_changes(project: Project) -> ChangePlan | None:
    """The change plan of the run kept for the book's newest day, from an empty memory; None where none is kept."""
    try:
        run = find_kept(project.evaluation(), project.store, project.runs)
    except ProjectError:
        return None  # signals, plays or attestations are at fault, which the check of those tells
    return _changes(project, run, Memory.empty()) if run else None


def _changes(project: Project, run: Run, memory: Memory) -> ChangePlan:
    findings = once_an_account(_findings(run))
    names = known_names(run, {finding.identity.account_id for finding in findings})
    excluded = exclusive_products(run)
    named = [
        replace(
            finding,
            account_name=names.accounts.get(finding.identity.account_id, finding.identity.account_id),
            product_name=names.products.get(finding.identity.product_id, finding.identity.product_id),
            excludes=excluded.get(finding.identity.product_id, frozenset()),
        )
        for finding in findings
    ]
    return plan_changes(
        merge(named), memory, names.people, run.as_of, project.routing,
        unknown=unknown_notes(run), limits=project.limits,
    )  # fmt: skip


def exclusive_products(run: Run) -> dict[str, frozenset[str]]:
    """For each product those of which a customer can have only one, it or them; products without any are left out."""
    relation = run.evaluation.frame.snapshot.relation("product_relations")
    found: dict[str, set[str]] = {}
    for row in _rows(run, f"SELECT * FROM ({relation}) AS r WHERE relation = 'exclusive_with'"):
        one, other = row["product_id"], row["other_product_id"]
        if one != other:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {product: frozenset(others) for product, others in found.items()}


def _findings(run: Run) -> Iterable[Finding]:
    evaluation = run.evaluation
    frame = evaluation.frame
    for scope in Scope:
        signals = frame.registry.visible_in(scope)
        for row, judgements in run.candidates(scope):
            for judgement in judgements:
                yield find(
                    evaluation.library.plays[judgement.play], judgement, row, signals, evaluation.attestations,
                    run.as_of, lambda name: why_unknown(frame, frame.registry.signals[name]), evaluation.exemptions,
                )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """What accounts and products are called, and who serves whom."""

    accounts: Mapping[str, str]
    products: Mapping[str, str]
    people: People


def known_names(run: Run, accounts: set[str]) -> Names:
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
    served = _assigned(run, found)
    assigned = {
        row["account_id"]: {role: row[role] for role in roles if row[role]} | served.get(row["account_id"], {})
        for row in found
    }
    return Names(
        {row["account_id"]: row["name"] for row in found},
        {row["product_id"]: row["name"] for row in _rows(run, snapshot.relation("products"))},
        People(assigned, persons),
    )


def _assigned(run: Run, accounts: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Who serves each account by ``account_assignments``: outweighs the account's columns; account before segment."""
    valid = [
        row
        for row in _rows(run, run.evaluation.frame.snapshot.relation("account_assignments"))
        if row["valid_until"] is None or row["valid_until"] > run.as_of
    ]
    valid.sort(key=lambda row: (bool(row["account_id"]), row["valid_from"]))
    found: dict[str, dict[str, str]] = {}
    for account in accounts:
        for row in valid:
            if row["account_id"] == account["account_id"] or (
                not row["account_id"] and row["segment"] == account["segment"]
            ):
                found.setdefault(account["account_id"], {})[row["role"]] = row["person_id"]
    return found


def _rows(run: Run, query: str) -> list[dict[str, Any]]:
    with run.book() as connection:
        rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
        return rows


def person(plan: Plan, wanted: str) -> str:
    """The id or name as the plan knows it; ``UsageError`` with the nearest where nobody is called that."""
    known = {name for change in plan.changes.changes for who in change.people for name in (who.person_id, who.name)}
    for name in known:
        if name.casefold() == wanted.casefold():
            return name
    raise UsageError(f"nobody in this plan is called '{wanted}'. {suggest(wanted, known)}")
