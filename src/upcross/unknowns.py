"""What is not known, and for want of which table, span or rows: said once, for plans and explanations alike."""

from __future__ import annotations

from dataclasses import replace

from upcross.opportunities import Missing, Potential, UnknownNote
from upcross.runs import Run
from upcross.signals.frame import Frame
from upcross.signals.model import Scope, Signal


def why_unknown(frame: Frame, signal: Signal) -> tuple[Missing, ...]:
    """What is missing where a signal is unknown: whole tables or spans of them, else the rows that it needs."""
    tables = frame.why_unknown(signal)
    if tables:
        return tuple(Missing(table.table, why=table.why) for table in tables)
    behind = signal.counts or next(iter(signal.needs), "") or next(iter(frame.registry.tables_behind(signal.model)), "")
    return (Missing(behind, why=f"{signal.label}: {signal.unknown_when}"),)


def unknown_notes(run: Run) -> list[UnknownNote]:
    """One note for each play that could not be judged on some rows: how many, the potential that waits, and why."""
    notes = []
    frame = run.evaluation.frame
    for scope in Scope:
        for unknown in run.unknowns(scope):
            missing: dict[Missing, None] = {}
            for name, count in sorted(unknown.lacking.items(), key=lambda item: -item[1]):
                for item in why_unknown(frame, frame.registry.signals[name]):
                    # Signals of one table that are unknown on the same rows lack the same thing: the first says it.
                    if not any(known.table == item.table and known.rows == count for known in missing):
                        missing[replace(item, rows=count)] = None
            notes.append(
                UnknownNote(
                    unknown.play.id, unknown.play.motion, unknown.rows, unknown.accounts,
                    Potential(*unknown.potential), tuple(missing), unknown.play.title, unknown.examples,
                )
            )  # fmt: skip
    return notes
