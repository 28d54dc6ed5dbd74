"""The tables behind the map, for a spreadsheet: one row a row of the map, one row a cell, and the sums of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from upcross.app.portfolio.grid import Chosen, Grid, Tally
from upcross.app.portfolio.worked import Worked
from upcross.app.shell.told import money
from upcross.motions import Motion
from upcross.portfolio.cells import State
from upcross.portfolio.white_space_sheet import CELLS
from upcross.publishing.publication import Publication
from upcross.sheets import Sheet, Value
from upcross.signals.model import Unit


def sheets_of(published: Publication, grid: Grid, chosen: Chosen, worked: Worked) -> dict[str, Callable[[], Sheet]]:
    """The tables of one choice of the map, whole: not only the page that is shown."""
    return {
        "white_space": lambda: _map(grid, chosen),
        "cells": lambda: _cells(published, grid, chosen, worked),
        "products": lambda: _products(grid, chosen),
    }


_SUMS = {
    "fits_mrr": Unit.MONEY, "blocked_mrr": Unit.MONEY, "owned": Unit.COUNT, "worked": Unit.COUNT,
    "sellable": Unit.COUNT,
}  # fmt: skip


def _map(grid: Grid, chosen: Chosen) -> Sheet:
    motions = [motion for motion in (Motion.CROSS_SELL, Motion.UPSELL) if any(_of(grid, chosen, motion))]
    names = [grid.products[place].name for place in chosen.columns]
    columns: dict[str, Unit] = {
        "account_id": Unit.TEXT, "account": Unit.TEXT, "business_unit": Unit.TEXT, "segment": Unit.TEXT,
        "csm": Unit.TEXT,
    }  # fmt: skip
    for place, name in zip(chosen.columns, names, strict=True):
        columns[name if names.count(name) == 1 else f"{name} ({grid.products[place].id})"] = Unit.TEXT
    for motion in motions:
        columns |= {f"{motion.value}_{name}": unit for name, unit in _SUMS.items()}
    rows = []
    for row in chosen.rows:
        words = [mark.state.words if (mark := chosen.mark(row, place)) else None for place in chosen.columns]
        own = chosen.of_row(row)
        rows.append((
            row.account_id, row.name, row.unit, row.segment, grid.people.get(row.owner, row.owner), *words,
            *(value for motion in motions for value in _sums(grid, own[motion])),
        ))  # fmt: skip
    return Sheet(columns, tuple(rows))


def _of(grid: Grid, chosen: Chosen, motion: Motion) -> Iterator[bool]:
    return (grid.products[place].motion is motion for place in chosen.columns)


def _sums(grid: Grid, tally: Tally) -> tuple[Value, ...]:
    return (
        tally.known(State.FITS), tally.known(State.BLOCKED), tally.owned,
        tally.covered if grid.facts["coverage_known"] else None, tally.sellable,
    )  # fmt: skip


def _products(grid: Grid, chosen: Chosen) -> Sheet:
    columns = {"product_id": Unit.TEXT, "product": Unit.TEXT, "motion": Unit.TEXT, **_SUMS}
    return Sheet(columns, tuple(
        (grid.products[place].id, grid.products[place].name, grid.products[place].motion.value,
         *_sums(grid, chosen.by_column[place]))
        for place in chosen.columns
    ))  # fmt: skip


def _cells(published: Publication, grid: Grid, chosen: Chosen, worked: Worked) -> Sheet:
    places = {grid.products[place].id: place for place in chosen.columns}
    found = published.some("cells", dict.fromkeys(row.account_id for row in chosen.rows))
    rows = []
    for row in chosen.rows:
        for cell in found[row.account_id]:
            place = places.get(cell["product_id"])
            if cell["business_unit"] == row.unit and place is not None and (mark := chosen.mark(row, place)):
                by = cell["covered_by"]
                if not by and mark.is_worked:
                    by = worked.words(row.account_id, row.unit, cell["product_id"], cell["motion"])
                rows.append(_cell({**cell, "covered_by": by}, grid.facts["currency"]))
    return Sheet(CELLS, tuple(rows))


def _cell(cell: dict[str, Any], currency: str) -> tuple[Value, ...]:
    own: dict[str, Value] = {
        **{f"mrr_{part}": money(value) for part, value in cell["potential"].items()},
        "currency": currency, "mrr": money(cell["mrr"]), "motion": cell["motion"] or "",
        "retry_on": date.fromisoformat(cell["retry_on"]) if cell["retry_on"] else None,
        **{name: "; ".join(cell[name]) for name in CELLS if name.startswith("gates_")},
    }  # fmt: skip
    return tuple(own[name] if name in own else cell[name] for name in CELLS)
