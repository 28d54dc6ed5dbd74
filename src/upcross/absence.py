"""What an absent or stale table costs: gates that need somebody's word, plays unknown, and the money waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from upcross.money import display
from upcross.motions import Motion
from upcross.opportunities import ChangePlan
from upcross.opportunities.change_plan import ChangeKind


@dataclass(frozen=True, slots=True)
class Absence:
    """What waits for one table, in the plan of one day; amounts in ten-thousandths of the currency a month."""

    table: str
    gates: tuple[str, ...]
    """Gates that hold an ask because the table cannot tell."""
    plays: tuple[str, ...]
    """Plays that could not be judged somewhere for want of it."""
    waiting: Mapping[Motion, int]
    """Expected MRR of the asks held by those gates, and of the rows on which those plays are unknown."""
    currency: str

    def __str__(self) -> str:
        """In words: ``3 gates need an attestation, 2 plays are unknown, 84,000 EUR of potential waits (…)``."""
        parts = []
        if self.gates:
            one = len(self.gates) == 1
            parts.append(f"{len(self.gates)} gate{'' if one else 's'} need{'s' if one else ''} an attestation"
                         f" ({', '.join(self.gates)})")  # fmt: skip
        if self.plays:
            one = len(self.plays) == 1
            parts.append(f"{len(self.plays)} play{'' if one else 's'} {'is' if one else 'are'} unknown"
                         f" ({', '.join(self.plays)})")  # fmt: skip
        sums = {motion: amount for motion, amount in self.waiting.items() if amount}
        if sums:
            sides = ", ".join(f"{display(amount)} {motion.lane}" for motion, amount in sums.items())
            parts.append(f"{display(sum(sums.values()), self.currency)} of potential waits a month ({sides})")
        return ", ".join(parts)


def absences(changes: ChangePlan) -> dict[str, Absence]:
    """What waits for each table that cannot tell, by table; an ask counts once a table, with its speaking way only."""
    gates: dict[str, dict[str, None]] = {}
    plays: dict[str, dict[str, None]] = {}
    waiting: dict[str, dict[Motion, int]] = {}

    def add(table: str, motion: Motion | None, expected: int | None) -> None:
        sums = waiting.setdefault(table, dict.fromkeys(Motion, 0))
        if motion is not None:  # a task that sells nothing has no money waiting
            sums[motion] += expected or 0

    for change in changes.changes:
        candidate = change.candidate
        if change.kind is not ChangeKind.HOLD or candidate is None:
            continue
        tables: dict[str, None] = {}
        for hold in candidate.holds:
            for missing in hold.missing:
                gates.setdefault(missing.table, {})[hold.gate] = None
                tables[missing.table] = None
        for table in tables if candidate.alternative_of is None else ():
            add(table, candidate.motion, candidate.potential.expected)
    for note in changes.unknown:
        for table in {missing.table: None for missing in note.missing}:
            plays.setdefault(table, {})[note.play] = None
            add(table, note.motion, note.potential.expected)
    return {
        table: Absence(table, tuple(gates.get(table, ())), tuple(plays.get(table, ())), sums, changes.currency)
        for table, sums in waiting.items()
    }
