"""What a watch tells, a line at a time: what landed, what it changed, what went wrong."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from upcross.errors import UpcrossError
from upcross.money import display
from upcross.opportunities import Change, ChangeKind
from upcross.watching import Done, Failed, Landed, Said

_SHOWN = 20
_STEPS = {
    ChangeKind.CREATE: "opens", ChangeKind.RELEASE: "released", ChangeKind.REASSIGN: "another owner",
    ChangeKind.REFRESH: "newer evidence", ChangeKind.HOLD: "held back", ChangeKind.EXPIRE: "over",
}  # fmt: skip


def told(said: Said, folder: Path) -> Iterator[str]:
    """The lines of one thing that a watch says of the project in a folder."""
    match said:
        case Landed(None):
            yield "looking at everything for the first time"
        case Landed(from_engine=True):
            yield "reading the engine's tables again"
        case Landed(names):
            shown = [os.path.relpath(name, folder) for name in names or ()]
            more = f", and {len(shown) - 5} more" if len(shown) > 5 else ""
            yield f"{_files(len(shown))} landed or changed: {', '.join(shown[:5])}{more}" if shown else "trying again"
        case Failed(why):
            yield "not done; the last good book and the ledger stay as they are:"
            what = str(why) if isinstance(why, UpcrossError) else f"{type(why).__name__}: {why}"
            yield from (f"  {line}" for line in what.splitlines())
        case Done():
            yield from _done(said)


def _done(done: Done) -> Iterator[str]:
    loaded, changes = done.loaded, done.plan.changes
    faults = len(loaded.report.errors)
    yield (
        f"loaded: {_files(loaded.read)} read, {loaded.unchanged:,} as they were"
        + (f"; {faults} kinds of faults (upcross check)" if faults else "")
    )
    counts = Counter(change.kind for change in done.crossed)
    summed = ", ".join(f"{counts[kind]} {_STEPS[kind]}" for kind in ChangeKind if counts[kind])
    if done.first:
        yield f"as of {changes.as_of}: {summed or 'nothing to change'}"
    else:
        yield f"as of {changes.as_of}, since the last look: {summed or 'nothing crossed a threshold'}"
        yield from (f"  {_change(change, changes.currency)}" for change in done.crossed[:_SHOWN])
        if len(done.crossed) > _SHOWN:
            yield f"  and {len(done.crossed) - _SHOWN} more"
    if done.written is not None:
        steps = ", ".join(f"{count} {step}" for step, count in done.written.items())
        yield f"written to the ledger: {steps or 'nothing new'}"


def _change(change: Change, currency: str) -> str:
    identity, candidate = change.identity, change.candidate
    account = candidate.account_name if candidate else identity.account_id
    product = candidate.product_name if candidate else identity.product_id
    amount = candidate.potential.expected if candidate else None
    worth = f", {display(amount, currency)} expected MRR" if amount is not None else ""
    what = identity.mechanism or identity.task
    owner = f", for {change.owner.name or change.owner.person_id}" if change.kind.asks else ""
    return f"{_STEPS[change.kind]}: {account} · {product} · {what}{worth}{owner}"


def _files(count: int) -> str:
    return f"{count:,} file{'s'[: count != 1]}"
