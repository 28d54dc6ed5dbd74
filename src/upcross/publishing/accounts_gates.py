"""How the gates about a whole account stood over the last months: judged by the engine at each month's end and today.

A day that was judged before over the same load and gates is taken from the publication before.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from upcross.book.spans import Spans, read_spans
from upcross.engine.dialects import render
from upcross.engine.rows import rows
from upcross.errors import Report
from upcross.kept_signals import loaded_key
from upcross.opportunities import Evidence
from upcross.opportunities.sentences import fill
from upcross.periods import months_until
from upcross.plays.comparison import comparison_sql, leaves, tree_sql
from upcross.plays.fields import placeholders
from upcross.plays.gate import BoundGate, bind
from upcross.publishing.accounts_rows import Cards
from upcross.publishing.publication import Fact, newest
from upcross.signals.model import Scope

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned

MONTHS = 6
"""How many months' ends are looked at: each costs a third of a second, whatever the book's size."""
PASSES, HOLDS, UNKNOWN = "1", "0", "?"
_PART = "gate_days"


class GateHistory:
    """The gates about a whole account, on each day looked at: one letter a gate for each account."""

    def __init__(self, planned: Planned) -> None:
        self._planned = planned
        frame = planned.run.evaluation.frame
        self.gates = tuple(_about_accounts(planned))
        self.days = days_of(planned.run.as_of)
        names = dict.fromkeys(name for gate in self.gates for leaf in leaves(gate.must) for name in leaf.reads)
        self._models = list({frame.registry.signals[name].model: None for name in names})
        facts = [loaded_key(frame), [repr(gate.must) for gate in self.gates]]
        self._key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
        self._stood: dict[date, Mapping[str, str]] = {}

    def read(self, book: duckdb.DuckDBPyConnection) -> None:
        """Judge every day, or take it from the publication before."""
        before = newest(self._planned.project.folder / ".upcross")
        kept = {day: before.get(_PART, day.isoformat()) or {} for day in self.days} if before is not None else {}
        self._stood = {day: one["stood"] for day, one in kept.items() if one.get("key") == self._key}
        wanted = [day for day in self.days if day not in self._stood]
        spans = read_spans(self._planned.project.store, self._planned.run.evaluation.frame.snapshot.manifest)
        # Most of the time goes into planning statements of a thousand lines, which is done on one core each.
        with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as several:
            judged = several.map(lambda day: self._judge(book, spans, day), wanted)
            self._stood |= dict(zip(wanted, judged, strict=True))

    def facts(self) -> Iterator[Fact]:
        """``gate_days`` by day: what was judged, for the next publication."""
        for day, stood in self._stood.items():
            yield _PART, day.isoformat(), {"key": self._key, "stood": dict(stood)}

    def cards(self, signals: Mapping[str, Mapping[str, Any]]) -> Cards:
        """``gate_days`` and ``gates`` of each account: for each gate a letter a day, and why it holds today."""
        registry = self._planned.run.evaluation.frame.registry
        currency = self._planned.project.settings.reporting_currency

        def make(account: str) -> dict[str, Any]:
            letters = [self._stood[day].get(account, "") for day in self.days]
            gates = []
            for place, gate in enumerate(self.gates):
                stood = "".join(one[place] if one else " " for one in letters)
                row = signals.get(account, {})
                evidence = [
                    Evidence(name, registry.signals[name].label, row.get(name), registry.signals[name].unit)
                    for name in placeholders([gate.reason]) if name in registry.signals
                ]  # fmt: skip
                reason = fill(gate.reason, evidence, currency) if stood.endswith(HOLDS) else ""
                gates.append({"gate": gate.id, "title": gate.gate.title, "stood": stood, "reason": reason})
            return {"gate_days": [day.isoformat() for day in self.days], "gates": gates}

        return Cards(make)

    def _judge(self, book: duckdb.DuckDBPyConnection, spans: Spans, day: date) -> dict[str, str]:
        frame = self._planned.run.evaluation.frame
        then = replace(frame.snapshot, manifest=spans.on(day, day), as_of=day, known_at=day)
        models = [frame.registry.models[name] for name in self._models]
        signals = replace(frame, snapshot=then).statement(Scope.ACCOUNT, models)
        told = [f"({render(tree_sql(gate.must, comparison_sql))}) AS g{place}"
                for place, gate in enumerate(self.gates)]  # fmt: skip
        with closing(book.cursor()) as cursor:
            found = rows(cursor, f"SELECT {', '.join(['account_id', *told])} FROM ({signals}) AS s")
        letters = {True: PASSES, False: HOLDS, None: UNKNOWN}
        return {row["account_id"]: "".join(letters[row[f"g{place}"]] for place in range(len(self.gates)))
                for row in found}  # fmt: skip


def days_of(as_of: date) -> Sequence[date]:
    """The ends of the last months, then the as-of day, oldest first."""
    ends = [end - timedelta(days=1) for _, end in months_until(as_of, MONTHS)]
    return [*[day for day in ends if day < as_of], as_of]


def _about_accounts(planned: Planned) -> Iterator[BoundGate]:
    evaluation = planned.run.evaluation
    for gate in evaluation.library.gates.values():
        for scope in (Scope.SUBSCRIPTION, Scope.WHITE_SPACE):
            bound = bind(gate, evaluation.frame.registry.visible_in(scope), scope, Report())
            if bound is not None and bound.about_account:
                yield bound
                break
