"""What no play could judge for want of data: which play, what is missing, and at which accounts how much waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from upcross.opportunities.evidence import amount
from upcross.publishing.publication import Fact
from upcross.signals.model import Scope
from upcross.unknowns import unknown_rows

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned


def unknown(planned: Planned) -> Iterator[Fact]:
    """One list: each play that is unknown somewhere, with its accounts, so that a reader's own can be summed."""
    run = planned.run
    at: dict[str, dict[str, Any]] = {}
    for scope in Scope:
        bits = run.evaluation.bits(scope)
        for found in unknown_rows(run, scope):
            if found.play.id in bits.plays:
                at[found.play.id] = {
                    account: {"rows": rows, "floor": amount(floor), "expected": amount(expected),
                              "ceiling": amount(ceiling)}
                    for account, rows, floor, expected, ceiling in run.unknown_at(scope, found.play)
                }  # fmt: skip
    yield "unknown", "", [
        {
            "play": note.play, "title": note.title, "motion": note.motion.value if note.motion else None,
            "missing": [{"table": one["table"], "sentence": one["sentence"]} for one in note.to_dict()["missing"]],  # type: ignore[attr-defined]
            "accounts": at.get(note.play, {}),
        }
        for note in planned.plan.changes.unknown
    ]  # fmt: skip
