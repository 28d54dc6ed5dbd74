"""Who reads a table: the signals made from it, the plays and gates that compare those, and the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from upcross.book.store import Manifest
from upcross.contract import TABLES
from upcross.numbers.reading import COMPUTED
from upcross.plays.condition import comparisons
from upcross.project import Project

_NUMBERS = ("accounts", "account_assignments", "products", "pricing_plans", "product_relations", "product_eligibility",
            "usage", "seats", "commitments", "commitment_products", "exchange_rates")  # fmt: skip
_ROUTING = ("accounts", "account_assignments", "team", "products")


@dataclass(frozen=True, slots=True)
class Readers:
    """What stands on one table."""

    signals: tuple[str, ...] = ()
    plays: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    """What else reads it: the numbers, the routing."""

    def __str__(self) -> str:
        parts = [f"{len(names)} {what}{'s'[: len(names) != 1]}" for what, names in
                 (("signal", self.signals), ("play", self.plays), ("gate", self.gates)) if names]  # fmt: skip
        return ", ".join([*parts, *self.beside])


def readers(project: Project, manifest: Manifest | None) -> dict[str, Readers]:
    """Who reads each table of the contract, directly or through other models."""
    registry = project.registry(manifest)
    library = project.library(registry, tests=False)
    behind = {name: set(registry.tables_behind(signal.model)) for name, signal in registry.signals.items()}
    numbers = {table for model in COMPUTED for table in registry.tables_behind(model)} | set(_NUMBERS)
    found = {}
    for table in TABLES:
        signals = {name for name, tables in behind.items() if table in tables}
        found[table] = Readers(
            tuple(sorted(signals)),
            tuple(play.id for play in library.plays.values() if signals & set(play.reads())),
            tuple(g.id for g in library.gates.values() if any(c.signal in signals for c in comparisons(g.must))),
            tuple(name for name, tables in (("the numbers", numbers), ("the routing", _ROUTING)) if table in tables),
        )
    return found
