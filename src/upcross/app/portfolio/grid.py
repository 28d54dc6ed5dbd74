"""The published map in memory: a row for each account and unit, filtered and added up without reading the cells.

The two motions have sums of their own and never one of both. Unknown amounts are counted and never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from upcross.motions import Motion
from upcross.portfolio.cells import State
from upcross.publishing.publication import Publication
from upcross.publishing.white_space import COUNTS, COVERED, SELLABLE

OWNED = frozenset({State.OWNED, State.OWNED_UNUSED, State.NOT_SWITCHED_ON})
"""States in which the customer has the product."""


@dataclass(frozen=True, slots=True)
class Product:
    """One column of the map."""

    id: str
    name: str
    motion: Motion


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell, as far as the map needs it; amounts in ten-thousandths a month."""

    state: State
    flags: int
    floor: int | None
    expected: int | None
    ceiling: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One account, or one business unit of it, with its marks by product."""

    account_id: str
    name: str
    unit: str
    segment: str
    owner: str
    marks: Mapping[int, Mark]


@dataclass(slots=True)
class Tally:
    """What some cells amount to: how many, in which states, what they may bring by state, how many are worked."""

    cells: int = 0
    owned: int = 0
    sellable: int = 0
    covered: int = 0
    states: dict[State, int] = field(default_factory=dict)
    sized: dict[State, int] = field(default_factory=dict)
    """Cells that could be sold, by state: the others bring nothing, whatever they would cost."""
    floor: dict[State, int] = field(default_factory=dict)
    expected: dict[State, int] = field(default_factory=dict)
    ceiling: dict[State, int] = field(default_factory=dict)
    unknown: dict[State, int] = field(default_factory=dict)

    def add(self, mark: Mark) -> None:
        """Count one cell; only cells of which one may be sold beside the others bring their potential."""
        state, flags = mark.state, mark.flags
        self.cells += 1
        self.states[state] = self.states.get(state, 0) + 1
        if state in OWNED:
            self.owned += 1
        if flags & SELLABLE:
            self.sized[state] = self.sized.get(state, 0) + 1
        if flags & SELLABLE and state is not State.ELIGIBILITY_UNKNOWN:
            self.sellable += 1
            self.covered += bool(flags & COVERED)
        if flags & COUNTS:
            if mark.expected is None:
                self.unknown[state] = self.unknown.get(state, 0) + 1
            for sums, amount in (
                (self.floor, mark.floor),
                (self.expected, mark.expected),
                (self.ceiling, mark.ceiling),
            ):
                sums[state] = sums.get(state, 0) + (amount or 0)

    def known(self, state: State) -> int | None:
        """What is known of the expected potential in a state; None where cells could be sold and no amount is known."""
        counted, unknown = self.expected.get(state), self.unknown.get(state, 0)
        return None if counted == 0 and unknown else counted or 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the map; '' is all of it."""

    segment: str = ""
    owner: str = ""
    account: str = ""
    unit: str = ""
    product: str = ""
    state: str = ""
    motion: str = ""
    sort: str = "potential"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows that were asked for, in order, with sums of rows, of columns, and of all, motion by motion."""

    rows: tuple[Row, ...]
    columns: tuple[int, ...]
    by_row: Mapping[tuple[str, str], Mapping[Motion, Tally]]
    by_column: Mapping[int, Tally]
    total: Mapping[Motion, Tally]
    unnamed_deals: int


class Grid:
    """The whole map of one publication."""

    def __init__(self, published: Publication) -> None:
        self.facts: Mapping[str, Any] = published.kept("white_space") or {}
        states = [State(value) for value in self.facts.get("states", ())]
        self.products = tuple(
            Product(one["id"], one["name"], Motion(one["motion"])) for one in self.facts.get("products", ())
        )
        self.people: Mapping[str, str] = self.facts.get("people", {})
        self.unnamed: dict[str, int] = {}
        rows = []
        for account in self.facts.get("accounts", ()):
            by_unit: dict[int, dict[int, Mark]] = {}
            for product, unit, state, *rest in account["marks"]:
                by_unit.setdefault(unit, {})[product] = Mark(states[state], *rest)
            for unit, marks in sorted(by_unit.items()):
                rows.append(Row(account["id"], account["name"], account["units"][unit], account["segment"],
                                account["csm"], marks))  # fmt: skip
            if account["unnamed_deals"]:
                self.unnamed[account["id"]] = account["unnamed_deals"]
        self.rows = tuple(rows)
        open_now = sorted(m.expected for row in rows for m in row.marks.values()
                          if m.state is State.FITS and m.expected is not None)  # fmt: skip
        self.steps = tuple(open_now[len(open_now) * part // 3] for part in (1, 2)) if open_now else ()
        self.choose = lru_cache(maxsize=32)(self._choose)

    def seen(self, accounts: frozenset[str] | None) -> tuple[Row, ...]:
        """The rows of some accounts; None: all."""
        return self.rows if accounts is None else tuple(row for row in self.rows if row.account_id in accounts)

    def heat(self, mark: Mark) -> int:
        """How much a cell that fits may bring beside the others of the map: 1 the lowest third, 3 the highest."""
        return 1 + sum((mark.expected or 0) >= step for step in self.steps)

    def _choose(self, wanted: Wanted, accounts: frozenset[str] | None) -> Chosen:
        columns = tuple(
            place
            for place, product in enumerate(self.products)
            if wanted.product in ("", product.id) and wanted.motion in ("", product.motion.value)
        )
        motions = {place: self.products[place].motion for place in columns}
        rows, by_row = [], {}
        by_column = {place: Tally() for place in columns}
        total = {motion: Tally() for motion in Motion}
        for row in self.seen(accounts):
            if not _is_wanted(row, wanted):
                continue
            own = {motion: Tally() for motion in Motion}
            for place in columns:
                mark = row.marks.get(place)
                if mark is None or (wanted.state and mark.state.value != wanted.state):
                    continue
                own[motions[place]].add(mark)
                by_column[place].add(mark)
                total[motions[place]].add(mark)
            if any(tally.cells for tally in own.values()):
                rows.append(row)
                by_row[row.account_id, row.unit] = own
        rows.sort(key=lambda row: _place(row, by_row[row.account_id, row.unit], wanted.sort))
        deals = sum(self.unnamed.get(account, 0) for account in {row.account_id for row in rows})
        return Chosen(tuple(rows), columns, by_row, by_column, total, deals)


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    return (
        wanted.segment in ("", row.segment)
        and wanted.owner in ("", row.owner)
        and wanted.account in ("", row.account_id)
        and wanted.unit in ("", row.unit)
    )


SORTS = {"potential": "wider, most open first", "deeper": "deeper, most open first", "owned": "most owned first",
         "name": "name"}  # fmt: skip
"""Orders of rows, and what they are called."""


def _place(row: Row, own: Mapping[Motion, Tally], sort: str) -> tuple[Any, ...]:
    name = (row.name.casefold(), row.account_id, row.unit)
    match sort:
        case "name":
            return name
        case "owned":
            return (-sum(tally.owned for tally in own.values()), *name)
        case "deeper":
            return (-(own[Motion.UPSELL].known(State.FITS) or 0), *name)
        case _:
            return (-(own[Motion.CROSS_SELL].known(State.FITS) or 0), *name)


@lru_cache(maxsize=2)
def grid_of(published: Publication) -> Grid:
    """The map of a publication, laid out once as long as it is the newest or the one before."""
    return Grid(published)
