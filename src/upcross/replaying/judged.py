"""Plays judged on every day of a history in one statement a scope, and what a replay reads of it.

Only what matters crosses into Python: rows that fired or are held, rows whose ask could still be open, how each play
stood where a customer expanded, and, per day, how many rows there were and how many of them expanded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import pyarrow as pa

from upcross.engine.compile import beneath, text_literal
from upcross.engine.dialects import render
from upcross.engine.embedded import open_engine
from upcross.engine.resources import DEFAULT, Resources
from upcross.engine.rows import rows
from upcross.kept_signals import view_days
from upcross.measure.baselines import Drawn
from upcross.measure.expansion import Expansion
from upcross.measure.scoring import Standing
from upcross.opportunities import Finding, Identity
from upcross.opportunities.findings import identities_of, once_an_account, sketch, sketched
from upcross.plays.comparison import NUMERIC
from upcross.plays.play import Play
from upcross.plays.verdicts import WORD, Bits, Verdict, compile_verdicts, deciding_signal, decode, kept_open
from upcross.runs import Evaluation
from upcross.signals.frame import DAY, wide_relation
from upcross.signals.model import Scope, Signal

RENEWAL = "days_to_renewal"
"""The signal that tells how near a renewal is."""
JUST_BEFORE = 45
"""Days before a decision in which a row must have been judged to say how the play stood then."""

_BOUGHT = pa.schema(
    [
        ("number", pa.int64()),
        ("account_id", pa.string()),
        ("business_unit", pa.string()),
        ("product_id", pa.string()),
        ("decided_on", pa.date32()),
    ]
)


class Gates(StrEnum):
    """Which gates hold asks back in a replay: what the company lives with, or what it would be without some of them."""

    ALL = "all"
    KNOWN = "known"
    NONE = "none"

    @property
    def meaning(self) -> str:
        """What it says in business words."""
        return _GATES[self]

    def binding(self, verdict: Verdict) -> Verdict:
        """The verdict with only the gates that hold under it."""
        if self is Gates.ALL:
            return verdict
        false = verdict.gates_false if self is Gates.KNOWN else ()
        return replace(verdict, gates_false=false, gates_unknown=())


_GATES = {
    Gates.ALL: "all gates hold, also where their data is missing",
    Gates.KNOWN: "gates whose data is missing hold nothing back, as if somebody had attested them",
    Gates.NONE: "no gate holds anything back: the triggers alone",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one play says on one day: what it would ask or hold back, and what its own end has not closed."""

    findings: tuple[Finding, ...]
    open: frozenset[Identity]


class Stretch(NamedTuple):
    """Kept days in a row on which something was true of what could be asked: until the first on which it was not."""

    account_id: str
    business_unit: str
    product_id: str
    mechanism: str
    since: date
    until: date | None


class JudgedHistory:
    """Plays of one library (or several variants of them) judged over kept days; to be closed, or used as a context."""

    def __init__(
        self, evaluation: Evaluation, plays: Sequence[Play], folders: Mapping[date, Path],
        resources: Resources = DEFAULT,
    ) -> None:  # fmt: skip
        self.evaluation = evaluation
        self.plays = {play.id: play for play in plays}
        self.days = tuple(folders)
        self._connection = open_engine(resources)
        view_days(self._connection, folders)
        self._bits: dict[Scope, Bits] = {}
        for scope in dict.fromkeys(play.scope for play in plays):
            self._judge(scope)

    def __enter__(self) -> JudgedHistory:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self._connection.close()

    def _judge(self, scope: Scope) -> None:
        evaluation = self.evaluation
        compiled = compile_verdicts(scope, self.plays.values(), evaluation.attestations, None, "wide",
                                    exemptions=evaluation.exemptions)  # fmt: skip
        self._bits[scope] = compiled.bits
        statement = beneath("wide", self.wide(scope), render(compiled.select))
        self._connection.execute(f"CREATE TABLE judged_{scope.value} AS {statement}")
        signals = evaluation.frame.registry.visible_in(scope)
        plays = [play for play in self.plays.values() if play.scope is scope]
        read = [name for play in plays for name in (*sketched(play, signals), leading_signal(play, signals))]
        columns = dict.fromkeys((DAY, *scope.keys, *(name for name in (*read, RENEWAL) if name in signals)))
        self._connection.execute(
            f"CREATE TABLE seen_{scope.value} AS SELECT {', '.join(columns)} FROM ({self.wide(scope)}) AS w"
        )

    def wide(self, scope: Scope) -> str:
        """A scope's kept signals of all days beside those that it inherits."""
        return wide_relation(self.evaluation.frame, scope, {s: f"signals_{s.value}" for s in Scope}, by_day=True)

    def said(self, play: Play, excludes: Mapping[str, frozenset[str]], binding: Gates = Gates.ALL) -> dict[date, Said]:
        """What a play says on each day; days on which it says nothing are absent.

        ``excludes`` gives the products of which a customer can have only one, ``binding`` which gates hold.
        """
        signals = self.evaluation.frame.registry.visible_in(play.scope)
        read = sketched(play, signals)
        gates = {bound.id: bound for bound in play.bound}
        findings: defaultdict[date, list[Finding]] = defaultdict(list)
        lasting: defaultdict[date, set[Identity]] = defaultdict(set)
        for row, fires_or_held in self._rows(play, read):
            day = row[DAY]
            if fires_or_held:
                [verdict] = [v for v in decode(self._bits[play.scope], row) if v.play_id == play.id]
                found = sketch(play, binding.binding(verdict), row, gates, day)
                findings[day].append(replace(found, excludes=excludes.get(found.identity.product_id, frozenset())))
            elif play.id in kept_open(self._bits[play.scope], row):
                lasting[day].update(identities_of(play, row))
        days = {*findings, *lasting}
        return {day: Said(once_an_account(findings[day]), frozenset(lasting[day])) for day in sorted(days)}

    def _rows(self, play: Play, read: Sequence[str]) -> Iterator[tuple[Mapping[str, Any], bool]]:
        """A play's rows that fire or are held on some day, each with whether it is so on its own day."""
        scope, keys = play.scope, play.scope.keys
        speaks = self._speaks(play)
        some_day = f"SELECT DISTINCT {', '.join(keys)} FROM judged_{scope.value} AS v WHERE {speaks}"
        columns = [f"w.{name}" for name in read if name not in keys]
        on = " AND ".join(f"w.{key} = v.{key}" for key in (DAY, *keys))
        once = " AND ".join(f"s.{key} = v.{key}" for key in keys)
        found = rows(
            self._connection,
            f"SELECT v.*, {''.join(f'{column}, ' for column in columns)}{speaks} AS speaks"
            f" FROM judged_{scope.value} AS v INNER JOIN ({some_day}) AS s ON {once}"
            f" INNER JOIN seen_{scope.value} AS w ON {on} ORDER BY ALL",
        )
        for row in found:
            yield row, row["speaks"]

    def _speaks(self, play: Play) -> str:
        number, mask = self._bit(play)
        return f"((v.fired_{number} | v.held_{number}) & {mask} <> 0)"

    def _bit(self, play: Play) -> tuple[int, int]:
        index = self._bits[play.scope].plays.index(play.id)
        return index // WORD, 1 << index % WORD

    def standing(self, play: Play, expansions: Sequence[Expansion]) -> dict[Expansion, Standing]:
        """How a play stood at each expansion on the last day before it: judged and quiet, unknown, or without a row."""
        if not expansions:
            return {}
        number, mask = self._bit(play)
        self._bring(expansions)
        rows = self._connection.execute(
            f"SELECT b.number, ARG_MAX(v.unknown_{number} & {mask} <> 0, v.{DAY}) AS unknown"
            f" FROM bought AS b INNER JOIN judged_{play.scope.value} AS v ON {_same_spot('v', play.scope)}"
            f" AND v.{DAY} < b.decided_on AND v.{DAY} >= b.decided_on - INTERVAL {JUST_BEFORE} DAY GROUP BY b.number"
        ).fetchall()
        found = {number: Standing.UNKNOWN if unknown else Standing.QUIET for number, unknown in rows}
        return {item: found.get(place, Standing.NOT_JUDGED) for place, item in enumerate(expansions)}

    def base_rates(
        self, play: Play, products: Collection[str], expansions: Sequence[Expansion], window: int
    ) -> dict[date, Fraction]:
        """Of the rows that could have been flagged on each day, the share that expanded within the window after it."""
        scope = play.scope
        self._bring(expansions)
        return {
            day: Fraction(hits, rows)
            for day, rows, hits in self._connection.execute(
                f"WITH rows_ AS ({self.eligible(play, products)})"
                f", hit AS (SELECT DISTINCT v.{DAY}, {', '.join(f'v.{key}' for key in scope.keys)}"
                f" FROM rows_ AS v INNER JOIN bought AS b ON {_same_spot('v', scope)}"
                f" AND b.decided_on > v.{DAY} AND b.decided_on <= v.{DAY} + INTERVAL {window} DAY)"
                f" SELECT r.{DAY}, r.rows, COALESCE(h.hits, 0)"
                f" FROM (SELECT {DAY}, COUNT(*) AS rows FROM rows_ GROUP BY {DAY}) AS r"
                f" LEFT JOIN (SELECT {DAY}, COUNT(*) AS hits FROM hit GROUP BY {DAY}) AS h ON h.{DAY} = r.{DAY}"
            ).fetchall()
        }

    def _bring(self, expansions: Sequence[Expansion]) -> None:
        """Put expansions beside the judged rows, as a table."""
        listed = [(number, e[0], e[1], e[2], e.decided_on) for number, e in enumerate(expansions)]
        names = [field.name for field in _BOUGHT]
        columns = {name: [row[place] for row in listed] for place, name in enumerate(names)}
        self._connection.register("bought", pa.table(columns, schema=_BOUGHT))

    def drawn(
        self, play: Play, products: Collection[str], expansions: Sequence[Expansion]
    ) -> dict[tuple[date, Expansion], Drawn]:
        """For each day and each expansion after it: on how many of the rows a flag would have been about it."""
        self._bring(expansions)
        return {
            (day, expansions[number]): Drawn(hits, rows)
            for day, number, hits, rows in self._connection.execute(
                f"WITH rows_ AS ({self.eligible(play, products)})"
                f", counted AS (SELECT {DAY}, COUNT(*) AS everything FROM rows_ GROUP BY {DAY})"
                f" SELECT v.{DAY}, b.number, COUNT(*), ANY_VALUE(c.everything) FROM rows_ AS v"
                f" INNER JOIN bought AS b ON {_same_spot('v', play.scope)} AND b.decided_on > v.{DAY}"
                f" INNER JOIN counted AS c ON c.{DAY} = v.{DAY} GROUP BY v.{DAY}, b.number"
            ).fetchall()
        }

    def eligible(self, play: Play, products: Collection[str], condition: str = "TRUE") -> str:
        """The rows of all days that could have led to a sale, each with the mechanism by which it would have sold.

        ``products`` are those of which somebody bought so, or for which a play asked: rows of a product that nobody
        can buy more of, such as an add-on without plans, would only make chance look worse than it is. None: any.
        """
        decides = deciding_signal(play)
        kinds = ", ".join(text_literal(mechanism.value) for mechanism in play.mechanism)
        sells = f"{decides} IN ({kinds})" if decides else "TRUE"
        if products and "product_id" in play.scope.keys:
            sells += f" AND product_id IN ({', '.join(text_literal(product) for product in sorted(products))})"
        keys = ", ".join((DAY, *play.scope.keys))
        own = decides or text_literal(play.mechanism[0].value)
        return f"SELECT {keys}, {own} AS mechanism FROM seen_{play.scope.value} AS e WHERE {sells} AND ({condition})"

    def stretches(self, play: Play, products: Collection[str], condition: str = "TRUE") -> list[Stretch]:
        """The stretches of days on which rows that could have led to a sale meet a condition over signals."""
        rows = self.eligible(play, products, condition)
        return self._stretches(play, rows)

    def rises(self, play: Play, products: Collection[str], signal: str, days: int) -> list[Stretch]:
        """The stretches on which a signal stands above its value so many days before, or the kept day before that."""
        keys = play.scope.keys
        same = " AND ".join(f"{{0}}.{key} = e.{key}" for key in keys)
        rows = (
            f"WITH w AS (SELECT * FROM seen_{play.scope.value})"
            f", earlier AS (SELECT d.{DAY}, MAX(b.{DAY}) AS before FROM (SELECT DISTINCT {DAY} FROM w) AS d"
            f" INNER JOIN (SELECT DISTINCT {DAY} FROM w) AS b ON b.{DAY} <= d.{DAY} - INTERVAL {days} DAY"
            f" GROUP BY d.{DAY})"
            f" SELECT e.* FROM ({self.eligible(play, products)}) AS e"
            f" INNER JOIN w ON w.{DAY} = e.{DAY} AND {same.format('w')}"
            f" INNER JOIN earlier AS d ON d.{DAY} = e.{DAY}"
            f" INNER JOIN w AS p ON p.{DAY} = d.before AND {same.format('p')} WHERE w.{signal} > p.{signal}"
        )
        return self._stretches(play, rows)

    def _stretches(self, play: Play, rows: str) -> list[Stretch]:
        spot = [name if name in play.scope.keys else "''" for name in ("account_id", "business_unit", "product_id")]
        named = "account_id, business_unit, product_id, mechanism"
        found = self._connection.execute(
            f"WITH numbered AS (SELECT {DAY}, ROW_NUMBER() OVER (ORDER BY {DAY}) AS place"
            f" FROM (SELECT DISTINCT {DAY} FROM signals_account) AS d)"
            f", met AS (SELECT DISTINCT {DAY}, {spot[0]} AS account_id, {spot[1]} AS business_unit,"
            f" {spot[2]} AS product_id, mechanism FROM ({rows}) AS r)"
            f", grouped AS (SELECT m.*, n.place,"
            f" n.place - ROW_NUMBER() OVER (PARTITION BY {named} ORDER BY m.{DAY}) AS stretch"
            f" FROM met AS m INNER JOIN numbered AS n ON n.{DAY} = m.{DAY})"
            f" SELECT {named}, MIN({DAY}), MAX(place) FROM grouped GROUP BY {named}, stretch ORDER BY ALL"
        ).fetchall()
        next_day = dict(enumerate(self.days))  # places count from one
        return [Stretch(a, u, p, m, since, next_day.get(last)) for a, u, p, m, since, last in found]


def leading_signal(play: Play, signals: Mapping[str, Signal]) -> str:
    """The first number that a play's trigger compares: what its trend is a trend of; '' where it compares none."""
    return next((c.signal for c in play.comparisons() if signals[c.signal].unit in NUMERIC), "")


def _same_spot(alias: str, scope: Scope) -> str:
    conditions = [f"{alias}.account_id = b.account_id"]
    if "product_id" in scope.keys:
        conditions.append(f"{alias}.product_id = b.product_id")
    if "business_unit" in scope.keys:
        unit = f"{alias}.business_unit"
        conditions.append(f"({unit} = b.business_unit OR {unit} = '' OR b.business_unit = '')")
    return " AND ".join(conditions)
