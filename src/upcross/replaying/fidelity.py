"""How true a replayed past is: what was recorded as known then, what is put together anew, what stands as it is today.

Facts from after a day never reach that day: the snapshot cuts them. What cannot be cut is what a table says without a
day of its own; such values are today's on every past day, and are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from upcross.book.snapshot import Snapshot
from upcross.contract import TABLES
from upcross.plays.play import Play
from upcross.signals.frame import Frame


class Known(StrEnum):
    """Whence it is known what was known on a past day, the surest first."""

    RECORDED = "recorded"
    RECONSTRUCTED = "reconstructed"
    TODAY = "today"

    @property
    def meaning(self) -> str:
        """What it says in business words."""
        return _MEANINGS[self]


_MEANINGS = {
    Known.RECORDED: "each row bears the day on which it was recorded",
    Known.RECONSTRUCTED: "taken as known on the day on which it happened; late entries and corrections are not seen",
    Known.TODAY: "the table bears no days: its values are today's on every past day",
}

OFFER = frozenset(
    {
        "products", "product_domains", "product_relations", "product_eligibility", "pricing_plans", "plan_limits",
        "plan_features", "plan_prices", "metrics", "competitors", "skus", "team", "exchange_rates", "targets",
    }
)  # fmt: skip
"""Tables that say what we sell and who we are, not what customers do."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How each table is known on past days, and for each play which of its trigger's signals read today's values."""

    tables: Mapping[str, Known]
    """The loaded tables that the plays read, beside what we sell."""
    offer: tuple[str, ...]
    """Tables of what we sell that bear no days: as they are today."""
    plays: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By play: the signals of its trigger that read tables without days, and which."""

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            "tables": {name: known.value for name, known in self.tables.items()},
            "offer_as_of_today": list(self.offer),
            "plays": {play: {name: list(read) for name, read in found.items()} for play, found in self.plays.items()},
        }


def table_known(snapshot: Snapshot, name: str) -> Known:
    """How a loaded table's past is known."""
    table, stored = TABLES[name], snapshot.stored(name)
    if stored is not None and "recorded_at" in stored.columns:
        return Known.RECORDED
    dated = table.happened_on is not None or len(table.known_on) > 1 or "valid_from" in table.names
    return Known.RECONSTRUCTED if dated else Known.TODAY


def fidelity(frame: Frame, plays: Iterable[Play]) -> Fidelity:
    """How true a replay of some plays is, by the tables that are loaded."""
    read: dict[str, Known] = {}
    without_days: dict[str, dict[str, tuple[str, ...]]] = {}
    for play in plays:
        for name in play.reads():
            for table in tables_behind(frame, name):
                if frame.snapshot.stored(table) is not None:
                    read.setdefault(table, table_known(frame.snapshot, table))
        triggers = dict.fromkeys(name for leaf in play.comparisons() for name in leaf.reads)
        found = {}
        for name in triggers:
            today = tuple(t for t in tables_behind(frame, name) if read.get(t) is Known.TODAY and t not in OFFER)
            if today:
                found[name] = today
        without_days[play.id] = found
    return Fidelity(
        {name: known for name, known in sorted(read.items()) if name not in OFFER},
        tuple(name for name, known in sorted(read.items()) if name in OFFER and known is Known.TODAY),
        without_days,
    )


def tables_behind(frame: Frame, signal: str) -> tuple[str, ...]:
    """The contract tables that a signal is made from, through all models."""
    models, found, seen = frame.registry.models, dict[str, None](), set[str]()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        if name in TABLES:
            found[name] = None
        elif name in models:
            for inner in models[name].reads:
                visit(inner)

    visit(frame.registry.signals[signal].model)
    return tuple(sorted(found))
