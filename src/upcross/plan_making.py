"""From what plays say of rows to a change plan: findings with names, what lasts, and the company's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import Any

import duckdb

from upcross.by_hand import hand_findings
from upcross.engine.compile import text_literal
from upcross.names import names_at
from upcross.opportunities import ChangePlan, Finding, Identity, Memory, UnknownNote, merge, plan_changes
from upcross.opportunities.findings import find, identities_of, once_an_account
from upcross.plays.judgement import Judgement
from upcross.plays.play import Play
from upcross.plays.verdicts import VerdictStatus
from upcross.project import Project
from upcross.runs import Evaluation, judge
from upcross.signals.model import Scope
from upcross.unknowns import why_unknown


def findings_of(
    evaluation: Evaluation, scope: Scope, row: Mapping[str, Any], judgements: Iterable[Judgement]
) -> Iterable[Finding]:
    """The findings of plays that fired or are held on one row of a scope's wide relation."""
    frame = evaluation.frame
    signals = frame.registry.visible_in(scope)
    for judgement in judgements:
        yield find(
            evaluation.library.plays[judgement.play], judgement, row, signals, evaluation.attestations,
            evaluation.as_of, lambda name: why_unknown(frame, frame.registry.signals[name]), evaluation.exemptions,
        )  # fmt: skip


def lasting_of(said: Iterable[tuple[Play, Mapping[str, Any]]], memory: Memory) -> frozenset[Identity]:
    """What is open or held, and one of its own reasons keeps open; ``said`` are plays and the rows that they keep."""
    reasons = {key.first: ask.plays for asks in (memory.held, memory.open) for key, ask in asks.items()}
    return frozenset(
        identity
        for play, row in said
        for identity in identities_of(play, row)
        if identity in reasons and (not reasons[identity] or play.id in reasons[identity])
    )


def plan_accounts(
    project: Project,
    evaluation: Evaluation,
    connection: duckdb.DuckDBPyConnection,
    book: duckdb.DuckDBPyConnection,
    accounts: Set[str],
    memory: Memory,
) -> tuple[tuple[Finding, ...], ChangePlan]:
    """Everything that fires or is held at some accounts, and the plan of them alone.

    ``connection`` shows their signals as ``signals_<scope>``, ``book`` the book behind them.
    """
    mine = memory.of(accounts)
    listed = ", ".join(text_literal(account) for account in sorted(accounts)) or "''"
    findings: list[Finding] = []
    lasting: list[tuple[Play, Mapping[str, Any]]] = []
    for scope in Scope:
        chosen = f"SELECT * FROM ({evaluation.wide(scope)}) AS w WHERE account_id IN ({listed})"
        for row, judgements in judge(connection, evaluation, scope, chosen):
            speaking = [j for j in judgements if j.status in (VerdictStatus.FIRED, VerdictStatus.HELD)]
            findings += findings_of(evaluation, scope, row, speaking)
            lasting += [(evaluation.library.plays[j.play], row) for j in judgements if j.keeps_open]
    found = (*once_an_account(findings), *hand_findings(connection, evaluation, mine.by_hand))
    return found, make_plan(project, evaluation, book, found, mine, lasting=lasting_of(lasting, mine))


def make_plan(
    project: Project,
    evaluation: Evaluation,
    book: duckdb.DuckDBPyConnection,
    findings: Iterable[Finding],
    memory: Memory,
    *,
    lasting: Set[Identity] = frozenset(),
    unknown: Iterable[UnknownNote] = (),
) -> ChangePlan:
    """What to do about findings, given what was asked before, by the company's routing and limits.

    ``book`` shows the book that they were found in; ``lasting`` and ``unknown`` are as in ``plan_changes``.
    """
    named = tuple(findings)
    drawn = {account for account, _ in memory.known_arms()} if project.limits.holdout else set()
    names = names_at(book, evaluation.frame.snapshot, drawn | {finding.identity.account_id for finding in named})
    named = tuple(
        replace(
            finding,
            account_name=names.accounts.get(finding.identity.account_id, finding.identity.account_id),
            product_name=names.products.get(finding.identity.product_id, finding.identity.product_id),
            excludes=names.excludes.get(finding.identity.product_id, frozenset()),
        )
        for finding in named
    )
    return plan_changes(
        merge(named), memory, names.people, evaluation.as_of, project.routing,
        kept_open=lasting, unknown=unknown, limits=project.limits, segments=names.segments,
    )  # fmt: skip
