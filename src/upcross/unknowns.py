"""What is not known, and for want of which table, span or rows: said once, for plans and explanations alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest

from upcross.opportunities import Missing, Potential, UnknownNote
from upcross.plays.play import Play
from upcross.plays.verdicts import WORD, compared_signals
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


@dataclass(slots=True)
class UnknownRows:
    """The rows on which one play could not be judged."""

    play: Play
    rows: int = 0
    accounts: int = 0
    potential: tuple[int | None, int | None, int | None] = (None, None, None)
    """Floor, expected and ceiling, summed over the rows where they are known."""
    lacking: dict[str, int] = field(default_factory=dict)
    """On how many of the rows each signal of the trigger is unknown; those known on all are left out."""
    examples: tuple[str, ...] = ()
    """The first three accounts."""


def unknown_rows(run: Run, scope: Scope) -> list[UnknownRows]:
    """For each play that is unknown somewhere in a scope: how many rows and how much wait, for want of what.

    Rows are alike by what is unknown of them and what they lack, and there are few such kinds, as of accounts: the
    engine counts kinds, and plays are counted over those, which costs little however many rows and plays there are.
    """
    plays = [run.evaluation.library.plays[name] for name in run.evaluation.bits(scope).plays]
    if not plays:
        return []
    found = [UnknownRows(play) for play in plays]
    compared = [compared_signals([p.model_copy(update={"bound": (), "keep_open_while": None})]) for p in plays]
    words = [f"unknown_{start // WORD}" for start in range(0, len(plays), WORD)]
    lacked = list(dict.fromkeys(signal for signals in compared for signal in signals))
    amounts = list(dict.fromkeys(signal for play in plays for signal in play.potential_signals()))

    kind = [*(f"v.{word}" for word in words), *(f"w.{signal} IS NULL" for signal in lacked)]
    on = " AND ".join(f"v.{key} = w.{key}" for key in scope.keys)
    some = " OR ".join(f"{word} <> 0" for word in words)
    sums = ["COUNT(*)", *(f"CAST(SUM(w.{signal}) AS BIGINT)" for signal in amounts)]
    for row in run.connect().execute(
        f"SELECT {', '.join(kind)}, {', '.join(sums)} FROM verdicts_{scope.value} AS v"
        f" JOIN ({run.evaluation.wide(scope)}) AS w ON {on} WHERE {some}"
        f" GROUP BY {', '.join(str(place) for place, _ in enumerate(kind, 1))}"
    ).fetchall():  # fmt: skip
        lacks = dict(zip(lacked, row[len(words) :], strict=False))
        count, *total = row[len(kind) :]
        of = dict(zip(amounts, total, strict=True))
        for index in _set(row[: len(words)]):
            one = found[index]
            one.rows += count
            one.potential = _added(one.potential, [of[name] for name in one.play.potential_signals()])
            for signal in compared[index]:
                if lacks[signal]:
                    one.lacking[signal] = one.lacking.get(signal, 0) + count

    anywhere = ", ".join(f"BIT_OR({word}) AS {word}" for word in words)
    for row in run.connect().execute(
        f"SELECT {', '.join(words)}, COUNT(*), MIN(account_id, 3) FROM (SELECT account_id, {anywhere}"
        f" FROM verdicts_{scope.value} WHERE {some} GROUP BY account_id) AS t GROUP BY {', '.join(words)}"
    ).fetchall():  # fmt: skip
        count, first = row[len(words) :]
        for index in _set(row[: len(words)]):
            found[index].accounts += count
            found[index].examples = tuple(nsmallest(3, (*found[index].examples, *first)))
    for one, signals in zip(found, compared, strict=True):
        one.lacking = {signal: one.lacking[signal] for signal in signals if signal in one.lacking}
    return [one for one in found if one.rows]


def _set(words: Iterable[int]) -> Iterator[int]:
    """The numbers of the plays whose bits are set."""
    for number, word in enumerate(words):
        while word:
            low = word & -word
            yield number * WORD + low.bit_length() - 1
            word ^= low


def _added(
    known: tuple[int | None, int | None, int | None], more: Sequence[int | None]
) -> tuple[int | None, int | None, int | None]:  # fmt: skip
    """Sums of what is known; None where nothing is."""
    floor, expected, ceiling = (
        have if new is None else (have or 0) + new for have, new in zip(known, more or (None,) * 3, strict=True)
    )
    return floor, expected, ceiling


def unknown_notes(run: Run) -> list[UnknownNote]:
    """One note for each play that could not be judged on some rows: how many, the potential that waits, and why."""
    notes = []
    frame = run.evaluation.frame
    for scope in Scope:
        for unknown in unknown_rows(run, scope):
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
