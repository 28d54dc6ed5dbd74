"""Published definitions of retention, side by side over the same rows; ``library/definitions.yaml`` holds them.

A definition says who counts, at which unit up and down are netted, and which movements its formula has no term for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from upcross import documents
from upcross.errors import ProjectError, Report, UsageError, suggest
from upcross.revenue.calendar import Window
from upcross.revenue.history import PRICE_KINDS, Move, ProductMonth, Transfer, in_window, states
from upcross.revenue.rate import Part, Rate
from upcross.revenue.retention import Cohort, cohort_of, reasons

FILE = "library/definitions.yaml"


class Who(StrEnum):
    """Whose revenue a definition follows."""

    COHORT = "cohort"
    EXISTING = "existing"
    RENEWALS_DUE = "renewals_due"


class Unit(StrEnum):
    """Where up and down are netted, and what must have existed at the start."""

    ACCOUNT = "account"
    PRODUCT = "product"
    SUBSCRIPTION = "subscription"


class Method(StrEnum):
    """Whether a rate compares two states or adds up movements."""

    END_OVER_START = "end_over_start"
    CAPPED = "capped"
    MOVEMENTS = "movements"


class Source(BaseModel):
    """Where a definition is published."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    url: str


class Definition(BaseModel):
    """One published way to count retention."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    title: str
    who: Who
    unit: Unit
    net: Method
    gross: Method
    leaves_out: list[str] = Field(default_factory=list)
    counts: str
    reading: str = ""
    source: Source


class _Definitions(BaseModel):
    model_config = ConfigDict(extra="forbid")
    definitions: list[Definition]


@cache
def definitions() -> Mapping[str, Definition]:
    """The shipped definitions by id, the reference first."""
    source = resources.files("upcross").joinpath(FILE).read_text("utf-8")
    document = documents.parse(source, FILE)
    report = Report()
    read = documents.validate(documents.Document(FILE, {"definitions": document.data}, {}), _Definitions, report)
    report.raise_errors(ProjectError)
    assert read is not None
    return {definition.id: definition for definition in read.definitions}


def definition(name: str) -> Definition:
    """The definition of that id; ``UsageError`` with the nearest where there is none."""
    known = definitions()
    if name not in known:
        near = suggest(name, known)
        raise UsageError(f"no definition is called '{name}'. {near and f'{near} '}There are: {', '.join(known)}")
    return known[name]


class LineState(NamedTuple):
    """One line in force on a day: what a subscription-wise definition counts."""

    line_id: str
    contract_id: str | None
    account_id: str
    business_unit: str
    product_id: str
    mrr: int | None
    term_ends_on: date | None = None
    plan_id: str | None = None
    quantity: int | None = None
    charge: str | None = None
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows that every definition is applied to; states at the window's start and last month are enough."""

    window: Window
    months: tuple[ProductMonth, ...]
    moves: tuple[Move, ...]
    transfers: tuple[Transfer, ...] = ()
    lines_at_start: tuple[LineState, ...] = ()
    lines_at_end: tuple[LineState, ...] = ()
    due: frozenset[tuple[str, str, str]] | None = None
    """Account, unit and product whose term ended in the window; None: no line has a term."""
    begins: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Net and gross retention under one definition."""

    definition: Definition
    net: Rate
    gross: Rate


def apply(rule: Definition, evidence: Evidence) -> Outcome:
    """Net and gross retention of the window under one definition; accounts of unknown revenue are left out."""
    if rule.who is Who.RENEWALS_DUE and not evidence.due:
        why = (
            "no line has the day on which its term ends"
            if evidence.due is None
            else f"no term ended in {evidence.window}"
        )
        return Outcome(rule, Rate.unknown(why), Rate.unknown(why))
    return Outcome(rule, _rate(rule, rule.net, evidence, gross=False), _rate(rule, rule.gross, evidence, gross=True))


def side_by_side(evidence: Evidence) -> list[Outcome]:
    """The same book under every definition, the reference first."""
    return [apply(rule, evidence) for rule in definitions().values()]


def _rate(rule: Definition, method: Method, evidence: Evidence, *, gross: bool) -> Rate:
    window = evidence.window
    cohort = cohort_of(states(evidence.months), window, in_window(evidence.moves, window.first, window.last),
                       evidence.transfers)  # fmt: skip
    start, end = _states(rule, evidence, cohort)
    if method is Method.MOVEMENTS:
        parts = _moved(rule, evidence, cohort, start, gross=gross)
    else:
        capped = method is Method.CAPPED
        parts = {}
        for (name, key), before in start.items():
            after = end.get((name, key), 0)
            so_far = parts.get(name, (0, 0))
            parts[name] = (so_far[0] + (max(0, min(before, after)) if capped else after), so_far[1] + before)
    empty, zero = reasons(window, evidence.begins, cohort)
    listed = (Part(name, top, bottom) for name, (top, bottom) in parts.items())
    return Rate.over(listed, empty=empty, zero=zero)


_Key = tuple[str, str]
"""The account's unit, and what inside it is compared."""


def _states(rule: Definition, evidence: Evidence, cohort: Cohort) -> tuple[dict[_Key, int], dict[_Key, int]]:
    """Revenue at the start and the end of each unit that counts; those of unknown revenue are left out."""
    window = evidence.window
    if rule.unit is Unit.SUBSCRIPTION:
        before = _sum((_line_key(line, cohort), line.mrr) for line in evidence.lines_at_start)
        after = _sum((_line_key(line, cohort), line.mrr) for line in evidence.lines_at_end)
    else:
        key = _position_key(rule, cohort)
        before = _sum((key(m.position), m.mrr) for m in evidence.months if m.month_start == window.start)
        after = _sum((key(m.position), m.mrr) for m in evidence.months if m.month_start == window.last)
        if rule.unit is Unit.ACCOUNT:  # a merged customer's own purchases are no retention: see `cohort_of`
            after |= {(name, ""): mrr for name, mrr in cohort.end.items()}
    start = {key: mrr for key, mrr in before.items() if mrr is not None and mrr > 0 and key[0] not in cohort.left_out}
    if rule.who is Who.RENEWALS_DUE:
        due = {_position_key(rule, cohort)(position) for position in evidence.due or ()}
        start = {key: mrr for key, mrr in start.items() if key in due}
    return start, {key: mrr or 0 for key, mrr in after.items()}


def _position_key(rule: Definition, cohort: Cohort) -> Callable[[tuple[str, str, str]], _Key]:
    if rule.unit is Unit.ACCOUNT:
        return lambda position: (cohort.unit(position[0]), "")
    return lambda position: (cohort.unit(position[0]), f"{position[1]}/{position[2]}")


def _line_key(line: LineState, cohort: Cohort) -> _Key:
    return cohort.unit(line.account_id), f"contract {line.contract_id}" if line.contract_id else line.line_id


def _sum(amounts: Iterable[tuple[_Key, int | None]]) -> dict[_Key, int | None]:
    found: dict[_Key, int | None] = {}
    for key, amount in amounts:
        so_far = found.get(key, 0)
        found[key] = None if so_far is None or amount is None else so_far + amount
    return found


def _moved(rule: Definition, evidence: Evidence, cohort: Cohort, start: Mapping[_Key, int], *,
           gross: bool) -> dict[str, tuple[int, int]]:  # fmt: skip
    """Start plus what counts (gross: less what was lost), by account."""
    bases: dict[str, int] = {}
    for (name, _), mrr in start.items():
        bases[name] = bases.get(name, 0) + mrr
    key = _position_key(rule, cohort)
    changes: dict[tuple[_Key, date], int] = {}
    for move in _counted(rule, evidence, cohort, bases):
        at = (key(move.position), move.month_start)
        changes[at] = changes.get(at, 0) + move.amount
    sums: dict[str, int] = {}
    for ((name, _), _), amount in changes.items():
        if amount < 0 or not gross:
            sums[name] = sums.get(name, 0) + amount
    return {name: (bases.get(name, 0) + sums.get(name, 0), bases.get(name, 0)) for name in {*bases, *sums}}


def _counted(rule: Definition, evidence: Evidence, cohort: Cohort, bases: Mapping[str, int]) -> Iterable[Move]:
    """The movements that the definition's formula has a term for."""
    window = evidence.window
    skipped = {"transfer", "new", *(PRICE_KINDS if "price" in rule.leaves_out else ())}
    if "reactivation" in rule.leaves_out:
        skipped.add("reactivation")
    gone: set[str] = set()
    moves = sorted(in_window(evidence.moves, window.first, window.last), key=lambda move: move.month_start)
    left_in: dict[str, date] = {}
    for move in moves:
        name = cohort.unit(move.account_id)
        if rule.who is Who.COHORT and name not in bases:
            continue
        if name in cohort.left_out:
            continue
        if rule.who is Who.COHORT and "reactivation" in rule.leaves_out:
            # Who left is lost for good here: what happens after a return belongs to nobody of the cohort.
            if name in gone and move.month_start > left_in[name]:
                continue
            if move.kind == "churn":
                gone.add(name)
                left_in[name] = move.month_start
        if move.kind not in skipped:
            yield move
