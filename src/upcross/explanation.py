"""Why an account is asked, held, unknown or left alone: every play, each comparison, and where its values come from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import duckdb

from upcross.book.load import Progress
from upcross.book.typed import Typed
from upcross.contract import TABLES, Coverage
from upcross.engine.compile import text_literal
from upcross.errors import ProjectError, Report, Severity, UsageError, issue_code, suggest
from upcross.kept_ledger import typed_in
from upcross.opportunities import Evidence, Potential
from upcross.opportunities.evidence import plain
from upcross.periods import days_before
from upcross.plays.attestation import attesting
from upcross.plays.exemption import exempting
from upcross.plays.fields import placeholders
from upcross.plays.judgement import Judgement, deciding, judged_leaves
from upcross.plays.play import Play
from upcross.plays.verdicts import VerdictStatus
from upcross.project import Project
from upcross.runs import Evaluation, Run, evaluate
from upcross.signals.model import Scope, Signal, Unit
from upcross.unknowns import why_unknown

ACCOUNT_UNKNOWN = issue_code("account-unknown", Severity.ERROR, "No account of the book has that id or name.")

_NO_ROW = {
    Scope.ACCOUNT: "the account is not in the book",
    Scope.SUBSCRIPTION: "the account owns no product",
    Scope.METER: "the account owns no product with a metered limit or a commitment",
    Scope.WHITE_SPACE: "it is no customer today, or lacks nothing that it could buy",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a signal's value comes from: a table, how many of its rows, and the days they span."""

    table: str
    rows: int
    first: date | None
    last: date | None

    def __str__(self) -> str:
        span = f", {self.first} to {self.last}" if self.first and self.first != self.last else ""
        span = span or (f", {self.last}" if self.last else "")
        return f"{self.table}: {self.rows:,} row{'' if self.rows == 1 else 's'}{span}"

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {"table": self.table, "rows": self.rows, "first": plain(self.first), "last": plain(self.last)}


@dataclass(frozen=True, slots=True)
class HealthPart:
    """One part of a computed health score: its signal's value, the points earned and the weight they have."""

    name: str
    signal: str
    label: str
    unit: Unit
    value: Any
    points: int | None
    weight: int


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """One play on one row of the account: the judgement, and the sources of every value compared."""

    scope: Scope
    business_unit: str
    product_id: str
    product_name: str
    metric: str
    judgement: Judgement
    values: Mapping[str, Any]
    sources: Mapping[str, tuple[Source, ...]]
    labels: Mapping[str, str]
    """What people call each signal compared."""
    facts: tuple[Evidence, ...]
    """What the play shows beside its comparisons."""
    potential: Potential
    attested: Mapping[str, str]
    """Whose word each attested gate passes on, why, and until when."""
    reasons: Mapping[str, Evidence]
    """The signals that the gates' reasons mention beside those compared."""
    missing: tuple[str, ...]
    """What is missing, in words, where the play or a gate is unknown."""

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            "scope": self.scope.value,
            "business_unit": self.business_unit,
            "product_id": self.product_id,
            "metric": self.metric,
            **self.judgement.to_dict(),
            "missing_why": list(self.missing),
            "potential": self.potential.to_dict(),
            "shown": [fact.to_dict() for fact in self.facts],
            "sources": {name: [source.to_dict() for source in found] for name, found in self.sources.items()},
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """One account on one day: what it is worth, how healthy it is, and what every play says about it."""

    account_id: str
    account_name: str
    as_of: date
    currency: str
    facts: Mapping[str, Any]
    """The account's own signals."""
    units: Mapping[str, Unit]
    """The unit of each of them."""
    health: tuple[HealthPart, ...]
    """The parts of a computed score; none for a company's own."""
    rows: tuple[ExplainedRow, ...]
    absent: Mapping[str, str]
    """Plays that have no row to judge here, and why."""

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            "account_id": self.account_id,
            "account_name": self.account_name,
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "facts": {name: plain(value, self.units.get(name)) for name, value in self.facts.items()},
            "health": [
                {
                    "part": p.name,
                    "signal": p.signal,
                    "value": plain(p.value, p.unit),
                    "points": p.points,
                    "weight": p.weight,
                }
                for p in self.health
            ],
            "plays": [row.to_dict() for row in self.rows],
            "absent": dict(self.absent),
        }


def explain(
    project: Project,
    account: str,
    *,
    play: str | None = None,
    product: str | None = None,
    as_of: date | None = None,
    typed: Typed | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Every play on every row of an account (by id or name), with comparisons, distances and sources.

    Reads the kept run of the day, or makes it. ``UsageError`` where the account is ambiguous, ``ProjectError`` where
    the account, play or product does not exist. ``typed`` is what people typed beside what is loaded: what the ledger
    has of it.
    """
    evaluation = project.evaluation(as_of, typed=typed_in(project) if typed is None else typed)
    if play:
        evaluation.library.play(play)
    run = evaluate(evaluation, project.store, project.runs, progress)
    return explained(project, run, account, play=play, product=product)


def explained(
    project: Project, run: Run, account: str, *, play: str | None = None, product: str | None = None,
    sources: bool = True,
) -> Explanation:  # fmt: skip
    """The same of a run that is there already; counting the rows behind each value takes longer than all the rest.

    Without ``sources`` they are not counted, and each row's ``sources`` is empty.
    """
    evaluation = run.evaluation
    library = evaluation.library
    plays = [library.play(play).id] if play else list(library.plays)
    account_id, name = _account(run, account)
    products = run.products
    if product is not None and product not in products:
        by_name = {label.casefold(): key for key, label in products.items()}
        if product.casefold() not in by_name:
            near = suggest(product, [*products, *products.values()]) or f"known: {', '.join(sorted(products))}"
            raise UsageError(f"no product is called '{product}': {near}")
        product = by_name[product.casefold()]
    registry = evaluation.frame.registry
    rows: list[ExplainedRow] = []
    why = cache(lambda name: why_unknown(evaluation.frame, registry.signals[name]))
    with run.book() if sources else nullcontext() as book:
        counted = _Sources(run, account_id, book) if book is not None else None
        for scope in Scope:
            for row, judgements in run.judged(scope, "v.account_id = ?", [account_id]):
                offered: str = row.get("product_id", "")
                if product is not None and offered != product:
                    continue
                for judgement in judgements:
                    if judgement.play not in plays or not _offers(library.plays[judgement.play].mechanism, row, scope):
                        continue
                    missing = dict.fromkeys(item.why for signal in _lacking(judgement) for item in why(signal))
                    parts = (judgement.trigger, *(gate.condition for gate in judgement.gates))
                    compared = [leaf for part in parts for leaf in judged_leaves(part)]
                    named = dict.fromkeys(name for leaf in compared for name in (leaf.signal, leaf.other) if name)
                    rows.append(
                        ExplainedRow(
                            scope, row.get("business_unit", ""), offered, products.get(offered, offered),
                            str(row.get("metric") or ""),
                            judgement, row,
                            {leaf.signal: counted.of(registry.signals[leaf.signal], row) for leaf in compared}
                            if counted else {},
                            {name: registry.signals[name].label for name in named},
                            _shown(library.plays[judgement.play], row, registry.signals),
                            Potential(*(row.get(n) for n in library.plays[judgement.play].potential_signals())),
                            _words_given(evaluation, judgement, row),
                            _mentioned(judgement, row, registry.signals),
                            tuple(missing),
                        )
                    )  # fmt: skip
    order = {status: place for place, status in enumerate(VerdictStatus)}
    rows.sort(key=lambda r: (order[r.judgement.status], r.judgement.play, r.product_name, r.business_unit, r.metric))
    barred = _barred(run, account_id, product) if product is not None else ""
    present = {row.judgement.play for row in rows}
    absent = {
        p.id: _why_absent(p, product, products, barred)
        for p in library.plays.values()
        if p.id in plays and p.id not in present
    }
    facts = _facts(run, account_id)
    return Explanation(
        account_id, name, run.as_of, project.settings.reporting_currency, facts,
        {signal.name: signal.unit for signal in registry.signals.values()},
        _health_parts(project, run, facts), tuple(rows), absent,
    )  # fmt: skip


def _why_absent(play: Play, product: str | None, products: Mapping[str, str], barred: str) -> str:
    if not play.status.runs:
        return f"its status is {play.status.value}, so it opens nothing"
    if product is None:
        return _NO_ROW[play.scope]
    if play.scope is Scope.WHITE_SPACE and barred:
        return f"{products[product]} cannot be offered: {barred}"
    return f"nothing of {products[product]} is in its scope here"


def _barred(run: Run, account_id: str, product: str) -> str:
    """Why a product is no white space of an account, unit by unit; '' where it is."""
    statement = run.evaluation.frame.model_statement("ineligible")
    with run.book() as book:
        rows = book.execute(
            f"SELECT DISTINCT business_unit, reason FROM ({statement}) AS i"
            f" WHERE account_id = {text_literal(account_id)} AND product_id = {text_literal(product)} ORDER BY ALL"
        ).fetchall()
    return "; ".join(f"{reason} ({unit})" if unit else reason for unit, reason in rows)


def _shown(play: Play, row: Mapping[str, Any], signals: Mapping[str, Signal]) -> tuple[Evidence, ...]:
    """The facts that a play shows and that are known here."""
    return tuple(
        Evidence(name, signals[name].label, row[name], signals[name].unit, shown=True)
        for name in play.show
        if row.get(name) is not None
    )


def _lacking(judgement: Judgement) -> tuple[str, ...]:
    """The signals for want of which a play is unknown here; what its gates lack matters once its trigger is true."""
    if judgement.status is not VerdictStatus.UNKNOWN:
        return judgement.missing
    return tuple(dict.fromkeys(name for leaf in deciding(judgement.trigger) for name in leaf.missing))


def _words_given(evaluation: Evaluation, judgement: Judgement, row: Mapping[str, Any]) -> dict[str, str]:
    """Whose word each attested gate passes on, and by whose rule a gate does not bind."""
    said = {}
    for gate in judgement.gates:
        if gate.attested:
            found = attesting(
                evaluation.attestations, gate.id, row["account_id"], row["account_segment"], evaluation.as_of
            )
            said[gate.id] = "; ".join(f"{a.by} ({a.scope}, until {a.until}): {a.why}" for a in found)
        elif gate.exempt:
            unit, on = row["business_unit"], evaluation.as_of
            rules = exempting(evaluation.exemptions, gate.id, row["account_id"], unit, on)
            said[gate.id] = "; ".join(f"{e.by} ({unit}, until {e.until}): {e.why}" for e in rules)
    return said


def _mentioned(judgement: Judgement, row: Mapping[str, Any], signals: Mapping[str, Signal]) -> dict[str, Evidence]:
    texts = [text for gate in judgement.gates for text in (gate.reason, gate.maybe, gate.action)]
    names = [name for name in placeholders(texts) if name in signals]
    return {name: Evidence(name, signals[name].label, row.get(name), signals[name].unit) for name in names}


def _offers(mechanisms: tuple[Any, ...], row: Mapping[str, Any], scope: Scope) -> bool:
    sold = {mechanism.value for mechanism in mechanisms}
    return scope is not Scope.WHITE_SPACE or not sold or row["target_kind"] in sold


def _account(run: Run, wanted: str) -> tuple[str, str]:
    by_id = run.accounts
    if wanted in by_id:
        return wanted, by_id[wanted]
    named = [key for key, name in by_id.items() if name.casefold() == wanted.casefold()]
    if len(named) == 1:
        return named[0], by_id[named[0]]
    if named:
        raise UsageError(f"{len(named)} accounts are called '{wanted}': give the id ({', '.join(sorted(named)[:5])})")
    partly = sorted(f"{name} ({key})" for key, name in by_id.items() if wanted.casefold() in name.casefold())
    near = f"did you mean {', '.join(partly[:3])}?" if partly else suggest(wanted, [*by_id, *by_id.values()])
    raise ProjectError(ACCOUNT_UNKNOWN.at(None, f"no account has the id or name '{wanted}'", hint=near))


def _facts(run: Run, account_id: str) -> dict[str, Any]:
    found = run.connect().execute("SELECT * FROM signals_account WHERE account_id = ?", [account_id])
    names = [column[0] for column in found.description or ()]
    row = found.fetchone()
    return dict(zip(names, row, strict=True)) if row else {}


def _health_parts(project: Project, run: Run, facts: Mapping[str, Any]) -> tuple[HealthPart, ...]:
    if facts.get("health_source") != "computed":
        return ()
    scorecard = project.scorecard(run.evaluation.frame.registry, Report())
    if scorecard is None:
        return ()
    signals = run.evaluation.frame.registry.signals
    return tuple(
        HealthPart(p.name, p.signal, signals[p.signal].label, signals[p.signal].unit, facts.get(p.signal),
                   p.points_for(facts.get(p.signal)), p.weight)
        for p in scorecard.parts
    )  # fmt: skip


class _Sources:
    """Counts the rows behind signals of one account, each table, window and product once."""

    def __init__(self, run: Run, account_id: str, book: duckdb.DuckDBPyConnection) -> None:
        self._run, self._account, self._book = run, account_id, book
        self._known: dict[tuple[object, ...], Source | None] = {}

    def of(self, signal: Signal, row: Mapping[str, Any]) -> tuple[Source, ...]:
        snapshot = self._run.evaluation.frame.snapshot
        behind = self._run.evaluation.frame.registry.tables_behind(signal.model)
        measured = [name for name in behind if TABLES[name].coverage is Coverage.ONLY_LISTED and not signal.counts]
        tables = dict.fromkeys((*([signal.counts] if signal.counts else []), *signal.needs, *measured)) or behind
        product = row.get("product_id") if signal.scope in (Scope.SUBSCRIPTION, Scope.METER) else None
        if row.get("anchor_product_id") and signal.scope is Scope.SUBSCRIPTION:
            product = row["anchor_product_id"]
        metric = row.get("metric") if signal.scope is Scope.METER else None
        found = []
        for name in tables:
            if TABLES[name].has("account_id") and snapshot.stored(name) is not None:
                key = (name, signal.window, product, metric)
                if key not in self._known:
                    self._known[key] = self._count(name, signal.window, product, metric)
                source = self._known[key]
                if source is not None:
                    found.append(source)
        return tuple(found)

    def _count(self, name: str, window: int | None, product: str | None, metric: str | None) -> Source | None:
        snapshot = self._run.evaluation.frame.snapshot
        table = TABLES[name]
        day = table.happened_on or (table.known_on[1] if len(table.known_on) > 1 else None)
        shown = day or "CAST(NULL AS DATE)"
        if day and table.exclusive:
            shown = f"CAST({day} - INTERVAL 1 DAY AS DATE)"
        chosen = [f"account_id IN ('', {text_literal(self._account)})"]
        for column, value in (("product_id", product), ("metric", metric)):
            if value is not None and table.has(column):
                chosen.append(f"({column} = {text_literal(value)} OR {column} IS NULL)")
        if window is not None and table.happened_on is not None:
            chosen.append(f"{shown} > DATE '{days_before(snapshot.as_of, window)}'")
        query = (
            f"SELECT COUNT(*), MIN({shown}), MAX({shown}) FROM ({snapshot.relation(name)}) AS t"
            f" WHERE {' AND '.join(chosen)}"
        )
        [row] = self._book.execute(query).fetchall()
        return Source(name, *row) if row[0] else Source(name, 0, None, None)
