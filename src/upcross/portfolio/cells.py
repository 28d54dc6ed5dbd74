"""What stands in one cell of the white-space map, and what many cells amount to.

Money is potential MRR; unknown is counted and never zero, and of products that exclude each other only the larger
potential is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from upcross.motions import Mechanism, Motion
from upcross.opportunities import Potential


class State(StrEnum):
    """What stands in a cell of the map."""

    OWNED = "owned"
    OWNED_UNUSED = "owned_unused"
    NOT_SWITCHED_ON = "not_switched_on"
    ON_TRIAL = "on_trial"
    CONTRACTED_LATER = "contracted_later"
    IN_PIPELINE = "in_pipeline"
    FITS = "fits"
    BLOCKED = "blocked"
    LOST_BEFORE = "lost_before"
    ELIGIBILITY_UNKNOWN = "eligibility_unknown"
    NOT_ELIGIBLE = "not_eligible"

    @property
    def words(self) -> str:
        """The state as people read it."""
        return _WORDS.get(self, self.value.replace("_", " "))


_WORDS = {State.OWNED_UNUSED: "owned but unused", State.NOT_SWITCHED_ON: "included but not switched on"}
SIZED = (State.IN_PIPELINE, State.FITS, State.BLOCKED, State.LOST_BEFORE, State.ELIGIBILITY_UNKNOWN)
"""The states that have a potential, in the order in which products that exclude each other take precedence."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One product at one account or business unit ('' is the whole account)."""

    account_id: str
    account: str
    business_unit: str
    product_id: str
    product: str
    kind: str
    """Product, module, add-on or support; '' where the catalogue lacks the product."""
    state: State
    why: str
    """What makes the state, in words; '' where nothing more is to be said."""
    potential: Potential = field(default_factory=Potential)
    counts: bool = False
    """Whether its potential is in the sums: not where a product that it excludes, or is excluded by, is larger."""
    sellable: bool = False
    """Whether it could be sold, as far as is known, and so has a potential."""
    covered_by: str = ""
    """The open deal, or the dated decision with a named contact, that covers it."""
    gates_false: tuple[str, ...] = ()
    gates_unknown: tuple[str, ...] = ()
    gates_attested: tuple[str, ...] = ()
    gates_exempt: tuple[str, ...] = ()
    """Gates that would hold it and do not bind its unit, by a written rule."""
    anchor: str = ""
    peers_owning: float | None = None
    retry_on: date | None = None
    mrr: int | None = None
    """What is paid for it today; None where it is not owned here, or not known."""

    @property
    def motion(self) -> Motion | None:
        """The motion in which it would be sold; None where its kind is not known."""
        return Mechanism(self.kind).motion if self.kind else None


@dataclass(frozen=True, slots=True)
class Sum:
    """The potential of some cells: what is known added up, and how many cells have no known amount."""

    floor: int = 0
    expected: int = 0
    ceiling: int = 0
    cells: int = 0
    unknown: int = 0
    alternatives: int = 0
    """Cells left out because a larger one excludes them."""


@dataclass(frozen=True, slots=True)
class Total:
    """Some cells by state, their potential by state, and how many of those that could be sold are covered.

    Coverage leaves out cells of which nobody knows whether the account is eligible.
    """

    label: str
    states: Mapping[State, int]
    potential: Mapping[State, Sum]
    sellable: int
    covered: int

    @property
    def cells(self) -> int:
        """All cells."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Use:
    """What one owned product is used for against what was bought: people on seats, or one metric of its allowance."""

    account_id: str
    account: str
    business_unit: str
    product_id: str
    product: str
    what: str
    """"seats", or the metric."""
    used: Any
    bought: Any
    share: float | None
    potential: Potential


def counted(cells: list[Cell], exclusive: Mapping[str, frozenset[str]]) -> tuple[Cell, ...]:
    """The cells with those marked whose potential is added: in pipeline first, then the largest.

    Of products that exclude each other one counts in a unit; support counts once in an account, which buys it for all
    its units.
    """
    taken: dict[tuple[str, str], set[str]] = {}
    supported: set[tuple[str, str]] = set()
    counting: set[int] = set()
    ranked = sorted(
        (index for index, cell in enumerate(cells) if cell.sellable),
        key=lambda i: (SIZED.index(cells[i].state), tuple(-part for part in cells[i].potential.size),
                       cells[i].product_id),
    )  # fmt: skip
    for index in ranked:
        others = taken.setdefault((cells[index].account_id, cells[index].business_unit), set())
        support = (cells[index].account_id, cells[index].product_id) if cells[index].kind == Mechanism.SUPPORT else None
        if support not in supported and others.isdisjoint(exclusive.get(cells[index].product_id, ())):
            others.add(cells[index].product_id)
            counting.add(index)
            if support:
                supported.add(support)
    return tuple(replace(cell, counts=True) if index in counting else cell for index, cell in enumerate(cells))


def totals(cells: Iterable[Cell], key: Callable[[Cell], tuple[str, str]]) -> tuple[Total, ...]:
    """One total for each group of cells, in order of the groups' labels; ``key`` gives label and id."""
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    return tuple(total(label, group) for (label, _), group in sorted(groups.items()))


def total(label: str, cells: Iterable[Cell]) -> Total:
    """What some cells amount to, by state."""
    listed = list(cells)
    states = {state: sum(cell.state is state for cell in listed) for state in State}
    sellable = [cell for cell in listed if cell.sellable]
    eligible = [cell for cell in sellable if cell.state is not State.ELIGIBILITY_UNKNOWN]
    return Total(
        label, states, {state: _sum(cell for cell in sellable if cell.state is state) for state in SIZED},
        len(eligible), sum(bool(cell.covered_by) for cell in eligible),
    )  # fmt: skip


def _sum(cells: Iterable[Cell]) -> Sum:
    listed = list(cells)
    counted = [cell.potential for cell in listed if cell.counts]
    known = [potential for potential in counted if potential.expected is not None]  # a range over the same cells

    def added(part: str) -> int:
        return sum(amount for potential in known if (amount := getattr(potential, part)) is not None)

    return Sum(added("floor"), added("expected"), added("ceiling"), len(listed),
               len(counted) - len(known), len(listed) - len(counted))  # fmt: skip
