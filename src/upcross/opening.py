"""Opening something by hand: whether it can be sold there in this way, and what the plan makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from upcross.book.typed import Typed
from upcross.by_hand import hand_findings
from upcross.engine.compile import text_literal
from upcross.engine.rows import rows
from upcross.errors import Place, ProblemError, Report, Severity, issue_code
from upcross.kept_ledger import remembered, typed_in
from upcross.kept_signals import Progress
from upcross.meant import Known, Mistake, one_of
from upcross.motions import Mechanism, Motion
from upcross.opportunities import Change, Finding, Identity, Memory
from upcross.plan_making import plan_accounts
from upcross.project import Project
from upcross.runs import Evaluation, evaluate
from upcross.signals.model import Scope

BY_HAND_WRONG = issue_code(
    "by-hand-wrong", Severity.ERROR, "A person opens what does not exist, or cannot be sold there in this way."
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a person opens: its finding, and the change that the plan of its account has for it.

    The change creates it, or holds it with every gate in the way; where it is open already, it goes on.
    """

    finding: Finding
    change: Change


def open_by_hand(
    project: Project,
    account: str,
    product: str,
    mechanism: str,
    *,
    business_unit: str = "",
    as_of: date | None = None,
    memory: Memory | None = None,
    typed: Typed | None = None,
    progress: Progress | None = None,
) -> Opened:
    """What becomes of something that a person opens for an account (by id or name), by the same gates and limits.

    Nothing is written but the run, where none is kept. ``memory`` and ``typed`` are what was asked and typed before:
    what the project's ledger knows. ``ProblemError`` with every fault: an account, product, mechanism or unit that does
    not exist, or what cannot be sold there in this way, with what can be.
    """
    evaluation = project.evaluation(as_of, typed=typed_in(project) if typed is None else typed)
    run = evaluate(evaluation, project.store, project.runs, progress)
    report = Report()
    before = remembered(project, run.as_of) if memory is None else memory
    with closing(project.store.connect(evaluation.frame.snapshot.manifest)) as book:
        known = Known(book)
        wish = _wish(known, account, product, mechanism, business_unit, report)
        report.raise_errors(ProblemError)
        wanted = _Standing(wish, known, run.connect(), evaluation, book, report).placed()
        report.raise_errors(ProblemError)
        asked = replace(before, by_hand=before.by_hand | {before.current(wanted)})
        _, changes = plan_accounts(project, evaluation, run.connect(), book, {wanted.account_id}, asked)
        [finding] = hand_findings(run.connect(), evaluation, [wanted])
    [change] = [change for change in changes.changes if change.identity.first == wanted]
    return Opened(finding, change)


def _wish(known: Known, account: str, product: str, mechanism: str, unit: str, report: Report) -> Identity:
    """The identity that is meant; each name that means nothing is a fault."""

    def meant(field: str, value: str, named: Mapping[str, str], told: str) -> str:
        found = one_of(value, named, told)
        if isinstance(found, Mistake):
            place = Place(field=field)
            report.add(BY_HAND_WRONG.at(place, found.problem, expected=found.expected, hint=found.hint))
            return ""
        return found

    account_id = meant("account", account, known.named("accounts.account_id"), "no account is called ")
    product_id = meant("product", product, known.named("products.product_id"), "no product is called ")
    mechanisms = {one.value: one.value.replace("_", "-") for one in Mechanism}
    way = meant("mechanism", mechanism, mechanisms, "nothing is sold as ")
    if unit and account_id:
        units = {one: one for one in known.units.get(account_id, ())}
        unit = meant("business_unit", unit, units, f"{account_id} has no unit ")
    return Identity(account_id, unit, product_id, Mechanism(way) if way else None)


class _Standing:
    """How an account stands to a product: in which units it has it or lacks it, and why it cannot be sold there."""

    def __init__(
        self, wish: Identity, known: Known, connection: duckdb.DuckDBPyConnection, evaluation: Evaluation,
        book: duckdb.DuckDBPyConnection, report: Report,
    ) -> None:  # fmt: skip
        self.wish, self.report = wish, report
        self.evaluation, self.book = evaluation, book
        self.account = known.named("accounts.account_id")[wish.account_id]
        self.product = known.named("products.product_id")[wish.product_id]
        here = f"account_id = {text_literal(wish.account_id)} AND product_id = {text_literal(wish.product_id)}"
        owned = f"SELECT business_unit FROM signals_{Scope.SUBSCRIPTION.value} WHERE {here} ORDER BY ALL"
        self.owned = [row["business_unit"] for row in rows(connection, owned)]
        lacked = f"SELECT business_unit, target_kind FROM signals_{Scope.WHITE_SPACE.value} WHERE {here} ORDER BY ALL"
        self.lacked = {row["business_unit"]: row["target_kind"] for row in rows(connection, lacked)}

    def placed(self) -> Identity:
        """The wish in the unit that it is for; a fault where it cannot be sold there in this way."""
        mechanism = self.wish.mechanism
        assert mechanism is not None
        if mechanism is Mechanism.SUPPORT and mechanism.value in self.lacked.values():
            return replace(self.wish, business_unit="")  # support that is lacking is bought by the account
        deeper = mechanism.motion is Motion.UPSELL
        if deeper and not self.owned:
            told = f"{self.account} does not own {self.product}"
            self._fault("mechanism", told, self._as_new() or self._barred())
        elif not deeper and not self.lacked:
            told = f"{self.account} owns {self.product} already" if self.owned else ""
            told = told or f"{self.product} cannot be sold to {self.account}"
            hint = "open it as seats, tier or usage: it would be more of what they own" if self.owned else ""
            self._fault("mechanism", told, hint or self._barred())
        elif not deeper and mechanism.value not in self.lacked.values():
            self._fault(
                "mechanism", f"{self.product} is not sold as {mechanism.value.replace('_', '-')}", self._as_new()
            )
        else:
            return replace(self.wish, business_unit=self._unit(self.owned if deeper else list(self.lacked), deeper))
        return self.wish

    def _unit(self, units: list[str], deeper: bool) -> str:
        unit = self.wish.business_unit
        if unit in units:
            return unit
        if "" in units:  # owned or lacking for the whole account
            return ""
        if not unit and len(units) == 1:
            return units[0]
        verb = "owns" if deeper else "lacks"
        told = f"unit '{unit}' is none that {verb} it" if unit else f"{self.account} {verb} it in several units"
        self._fault("business_unit", told, "name one of them", f"one of {', '.join(units)}")
        return unit

    def _as_new(self) -> str:
        kinds = sorted(set(self.lacked.values()))
        return f"open it as {kinds[0].replace('_', '-')}: it would be new to them" if kinds else ""

    def _barred(self) -> str:
        """Why it is no white space of theirs, in words."""
        statement = self.evaluation.frame.model_statement("ineligible")
        found = self.book.execute(
            f"SELECT DISTINCT reason FROM ({statement}) AS i WHERE account_id = ? AND product_id = ? ORDER BY ALL",
            [self.wish.account_id, self.wish.product_id],
        ).fetchall()
        return "; ".join(reason for (reason,) in found) or "they are no customer today, or cannot have it"

    def _fault(self, field: str, problem: str, hint: str, expected: str = "") -> None:
        self.report.add(BY_HAND_WRONG.at(Place(field=field), problem, expected=expected, hint=hint))
