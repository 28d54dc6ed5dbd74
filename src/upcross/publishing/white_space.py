"""White space for pages: every cell under its account, and the whole map in a form that is quick to filter and add up.

``cells`` and ``consumption`` hold lists by account. ``white_space`` holds the map: each account with its segment, its
CSM and one mark a cell, ``[product, unit, state, flags, floor, expected, ceiling]``: places in the lists of products,
units and states, the sum of ``SELLABLE``, ``COUNTS`` and ``COVERED``, and ten-thousandths a month (null is unknown).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from upcross.motions import Motion
from upcross.names import known_names
from upcross.portfolio.cells import Cell, State, Use
from upcross.portfolio.white_space_sheet import BASIS, cell_facts, use_facts
from upcross.publishing.publication import Fact

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned

SELLABLE, COUNTS, COVERED = 1, 2, 4
"""What a mark says beside its state: it could be sold, its potential is in the sums, it is being worked."""
_STATES = list(State)


def white_space(planned: Planned) -> Iterator[Fact]:
    """The map of the run that was planned."""
    found = planned.white_space
    cells: dict[str, list[Cell]] = defaultdict(list)
    uses: dict[str, list[Use]] = defaultdict(list)
    for cell in found.cells:
        cells[cell.account_id].append(cell)
    for use in found.uses:
        uses[use.account_id].append(use)
    for account, listed in cells.items():
        yield "cells", account, [cell_facts(cell) for cell in listed]
        yield "consumption", account, [use_facts(use) for use in uses.get(account, ())]
    names = known_names(planned.run, set(cells))
    kinds = {cell.product_id: (cell.product, cell.kind, cell.motion) for cell in found.cells}
    products = sorted(kinds, key=lambda key: (_last(kinds[key][1]), kinds[key][0], key))
    places = {product: place for place, product in enumerate(products)}
    served = {account: names.people.in_role("csm", account, "", found.as_of) for account in cells}
    yield "white_space", "", {
        "currency": found.currency,
        "basis": BASIS,
        "missing": list(found.missing),
        "coverage_known": found.coverage_known,
        "states": [state.value for state in _STATES],
        "products": [
            {"id": product, "name": kinds[product][0], "kind": kinds[product][1] or None,
             "motion": (kinds[product][2] or Motion.CROSS_SELL).value}
            for product in products
        ],
        "gates": {
            gate.id: {"title": gate.title, "action": gate.action, "cleared_by": ", ".join(gate.cleared_by)}
            for gate in planned.run.evaluation.library.gates.values()
        },
        "people": {person.person_id: person.name for person in served.values() if person is not None},
        "accounts": [
            _account(account, listed, places, names.segments.get(account, ""),
                     person.person_id if (person := served[account]) else "", found.unnamed.get(account, 0))
            for account, listed in cells.items()
        ],
    }  # fmt: skip


def _account(
    account: str, cells: list[Cell], places: dict[str, int], segment: str, csm: str, unnamed_deals: int
) -> dict[str, Any]:
    units = sorted({cell.business_unit for cell in cells})
    return {
        "id": account, "name": cells[0].account, "segment": segment, "csm": csm, "unnamed_deals": unnamed_deals,
        "units": units,
        "marks": [
            [places[cell.product_id], units.index(cell.business_unit), _STATES.index(cell.state),
             SELLABLE * cell.sellable + COUNTS * cell.counts + COVERED * bool(cell.covered_by),
             cell.potential.floor, cell.potential.expected, cell.potential.ceiling]
            for cell in cells
        ],
    }  # fmt: skip


def _last(kind: str) -> int:
    """Products first, then what is sold with them, support at the end, as one reads a price list."""
    order = ("product", "module", "add_on", "", "support")
    return order.index(kind) if kind in order else 2
