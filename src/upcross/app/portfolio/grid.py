"""The published map in memory: a row for each account and unit, filtered and added up without reading the cells.

The two motions have sums of their own and never one of both. Unknown amounts are counted and never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from upcross.app.portfolio.worked import Worked
from upcross.motions import Motion
from upcross.portfolio.cells import State
from upcross.publishing.publication import Publication
from upcross.publishing.white_space import COUNTS, COVERED, SELLABLE

OWNED = frozenset({State.OWNED, State.OWNED_UNUSED, State.NOT_SWITCHED_ON})
"""States in which the customer has the product."""
WORKED = "worked"
"""What is asked for in place of a state: every cell that is being worked, whatever its state."""


@dataclass(frozen=True, slots=True)
class Product:
    """One column of the map."""

    id: str
    name: str
    motion: Motion


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell, as far as the map needs it; amounts in ten-thousandths a month."""

    value: str
    """The state's value."""
    flags: int
    floor: int | None
    expected: int | None
    ceiling: int | None

    @property
    def state(self) -> State:
        """The state of the cell."""
        return State(self.value)

    @property
    def is_worked(self) -> bool:
        """Whether it could be sold, as far as is known, and somebody works it: the cells that coverage counts."""
        return self.flags & (SELLABLE | COVERED) == SELLABLE | COVERED and self.value != State.ELIGIBILITY_UNKNOWN

    def stands_in(self, state: str) -> bool:
        """Whether it is in a state that was asked for; '' is any."""
        return self.is_worked if state == WORKED else state in ("", self.value)


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

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> Tally:
        """The sums of some cells; only cells of which one may be sold beside the others bring their potential."""
        by_state: dict[str, list[Mark]] = {}
        for mark in marks:
            by_state.setdefault(mark.value, []).append(mark)
        made = cls()
        for value, listed in by_state.items():
            state = State(value)
            made.states[state] = len(listed)
            made.cells += len(listed)
            if state in OWNED:
                made.owned += len(listed)
            sized = [mark for mark in listed if mark.flags & SELLABLE]
            if not sized:
                continue
            made.sized[state] = len(sized)
            if state is not State.ELIGIBILITY_UNKNOWN:
                made.sellable += len(sized)
                made.covered += sum(mark.flags & COVERED > 0 for mark in sized)
            counting = [mark for mark in sized if mark.flags & COUNTS]
            known = [mark for mark in counting if mark.expected is not None]  # a range over the same cells
            made.floor[state] = sum(mark.floor or 0 for mark in known)
            made.expected[state] = sum(mark.expected or 0 for mark in known)
            made.ceiling[state] = sum(mark.ceiling or 0 for mark in known)
            made.unknown[state] = len(counting) - len(known)
        return made

    @classmethod
    def together(cls, tallies: Iterable[Tally]) -> Tally:
        """Sums added up; they are of one motion."""
        made = cls()
        for one in tallies:
            made.cells, made.owned = made.cells + one.cells, made.owned + one.owned
            made.sellable, made.covered = made.sellable + one.sellable, made.covered + one.covered
            for name in ("states", "sized", "floor", "expected", "ceiling", "unknown"):
                sums = getattr(made, name)
                for state, amount in getattr(one, name).items():
                    sums[state] = sums.get(state, 0) + amount
        return made

    def known(self, state: State, part: str = "expected") -> int | None:
        """What is known of the potential in a state, or of its floor or ceiling.

        None where cells could be sold and no amount is known.
        """
        counted = getattr(self, part).get(state, 0)
        nothing = not self.expected.get(state) and self.unknown.get(state, 0)
        return None if nothing and not counted else counted


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
    """The rows that were asked for, in order, with sums of columns and of all, motion by motion."""

    rows: tuple[Row, ...]
    columns: Mapping[int, Motion]
    """The places of the products shown, each with its motion."""
    state: str
    """The one state that is shown, or ``WORKED``; '' for all."""
    by_column: Mapping[int, Tally]
    total: Mapping[Motion, Tally]
    unnamed_deals: int

    def mark(self, row: Row, place: int) -> Mark | None:
        """A cell that is shown; None where there is none, or it is in another state."""
        found = row.marks.get(place)
        return found if found is not None and found.stands_in(self.state) else None

    def of_row(self, row: Row) -> dict[Motion, Tally]:
        """The sums of a row."""
        return {
            motion: Tally.of(
                mark for place, own in self.columns.items() if own is motion and (mark := self.mark(row, place))
            )
            for motion in Motion
        }


class Grid:
    """The whole map of one publication."""

    def __init__(self, published: Publication) -> None:
        self.facts: Mapping[str, Any] = published.kept("white_space") or {}
        states: list[str] = self.facts.get("states", [])
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
                          if m.value == State.FITS and m.expected is not None)  # fmt: skip
        self.steps = tuple(open_now[len(open_now) * part // 3] for part in (1, 2)) if open_now else ()
        self.choose = lru_cache(maxsize=32)(self._choose)

    def seen(self, accounts: frozenset[str] | None) -> tuple[Row, ...]:
        """The rows of some accounts; None: all."""
        return self.rows if accounts is None else tuple(row for row in self.rows if row.account_id in accounts)

    def heat(self, mark: Mark) -> int:
        """How much a cell that fits may bring beside the others of the map: 1 the lowest third, 3 the highest."""
        return 1 + sum((mark.expected or 0) >= step for step in self.steps)

    def _as_worked(self, row: Row, worked: Worked) -> Row:
        """A row as the ledger stands now: what somebody took up since the run is worked, too."""
        if row.account_id not in worked.accounts:
            return row
        marks = {
            place: replace(mark, flags=mark.flags | COVERED)
            if worked.at(row.account_id, row.unit, (of := self.products[place]).id, of.motion.value) else mark
            for place, mark in row.marks.items()
        }  # fmt: skip
        return replace(row, marks=marks)

    def _choose(self, wanted: Wanted, accounts: frozenset[str] | None, worked: Worked) -> Chosen:
        columns = {
            place: product.motion
            for place, product in enumerate(self.products)
            if wanted.product in ("", product.id) and wanted.motion in ("", product.motion.value)
        }
        rows = [self._as_worked(row, worked) for row in self.seen(accounts) if _is_wanted(row, wanted)]
        state = wanted.state
        if state or len(columns) < len(self.products):
            rows = [
                row for row in rows
                if any(place in columns and mark.stands_in(state) for place, mark in row.marks.items())
            ]  # fmt: skip
        by_column = {
            place: Tally.of(
                mark for row in rows if (mark := row.marks.get(place)) is not None and mark.stands_in(state)
            )
            for place in columns
        }
        total = {
            motion: Tally.together(by_column[place] for place, own in columns.items() if own is motion)
            for motion in Motion
        }
        rows.sort(key=_order(wanted, columns))
        deals = sum(self.unnamed.get(account, 0) for account in {row.account_id for row in rows})
        return Chosen(tuple(rows), columns, state, by_column, total, deals)


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


def _order(wanted: Wanted, columns: Mapping[int, Motion]) -> Callable[[Row], tuple[Any, ...]]:
    def name(row: Row) -> tuple[Any, ...]:
        return row.name.casefold(), row.account_id, row.unit

    def owned(row: Row) -> tuple[Any, ...]:
        return -sum(mark.value in _OWNED and place in columns for place, mark in row.marks.items()), *name(row)

    motion = Motion.UPSELL if wanted.sort == "deeper" else Motion.CROSS_SELL
    places = [
        place for place, own in columns.items() if own is motion and wanted.state in ("", WORKED, State.FITS.value)
    ]

    def open_now(row: Row) -> tuple[Any, ...]:
        marks = (row.marks.get(place) for place in places)
        shown = (m for m in marks if m is not None and m.value == _FITS and m.stands_in(wanted.state))
        return -sum(m.expected or 0 for m in shown if m.flags & COUNTS), *name(row)

    return {"name": name, "owned": owned}.get(wanted.sort, open_now)


_FITS = State.FITS.value
_OWNED = frozenset(state.value for state in OWNED)


@lru_cache(maxsize=2)
def grid_of(published: Publication) -> Grid:
    """The map of a publication, laid out once as long as it is the newest or the one before."""
    return Grid(published)
