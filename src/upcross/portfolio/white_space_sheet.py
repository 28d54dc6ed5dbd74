"""The white-space map as rows and as plain values."""

from __future__ import annotations

from typing import Any

from upcross.motions import Motion
from upcross.opportunities import Potential
from upcross.opportunities.evidence import amount, plain
from upcross.portfolio.cells import Cell, Sum, Total, Use
from upcross.portfolio.white_space import WhiteSpace
from upcross.sheets import Sheet
from upcross.signals.model import Unit

CELLS = {
    "account_id": Unit.TEXT, "account": Unit.TEXT, "business_unit": Unit.TEXT, "product_id": Unit.TEXT,
    "product": Unit.TEXT, "kind": Unit.TEXT, "motion": Unit.TEXT, "state": Unit.TEXT, "why": Unit.TEXT,
    "mrr_floor": Unit.MONEY, "mrr_expected": Unit.MONEY, "mrr_ceiling": Unit.MONEY, "currency": Unit.TEXT,
    "counts": Unit.FLAG, "anchor": Unit.TEXT, "peers_owning": Unit.RATIO, "covered_by": Unit.TEXT,
    "retry_on": Unit.DATE, "gates_false": Unit.TEXT, "gates_unknown": Unit.TEXT, "gates_attested": Unit.TEXT,
    "gates_exempt": Unit.TEXT,
    "mrr": Unit.MONEY,
}  # fmt: skip
"""The columns of the cells: ``mrr_…`` is potential, ``mrr`` is what is paid today."""
CELLS_SHORT = ("account", "business_unit", "product", "state", "why", "mrr_expected", "currency", "covered_by")

USES = {
    "account_id": Unit.TEXT, "account": Unit.TEXT, "business_unit": Unit.TEXT, "product_id": Unit.TEXT,
    "product": Unit.TEXT, "what": Unit.TEXT, "used": Unit.AMOUNT, "bought": Unit.AMOUNT, "share": Unit.RATIO,
    "mrr_floor": Unit.MONEY, "mrr_expected": Unit.MONEY, "mrr_ceiling": Unit.MONEY, "currency": Unit.TEXT,
}  # fmt: skip
USES_SHORT = ("account", "business_unit", "product", "what", "used", "bought", "share", "mrr_expected", "currency")

BASIS = {
    "floor": "the product's lowest plan at list price, for the people who stated the need (one at least)",
    "expected": "the same for the people active on the product that speaks for it (anchor)",
    "ceiling": "the same for everybody who could use it, or else for the anchor's seats",
}
"""What the potential of a product that is lacking is made from; a flat plan counts its price."""


def cells_sheet(found: WhiteSpace) -> Sheet:
    """One row a cell."""
    return Sheet(
        CELLS,
        tuple(
            (
                cell.account_id, cell.account, cell.business_unit, cell.product_id, cell.product, cell.kind,
                cell.motion.value if cell.motion else "", cell.state.value, cell.why, cell.potential.floor,
                cell.potential.expected, cell.potential.ceiling, found.currency, cell.counts, cell.anchor,
                cell.peers_owning, cell.covered_by, cell.retry_on, "; ".join(cell.gates_false),
                "; ".join(cell.gates_unknown), "; ".join(cell.gates_attested),
                "; ".join(cell.gates_exempt), cell.mrr,
            )
            for cell in found.cells
        ),
    )  # fmt: skip


def uses_sheet(found: WhiteSpace) -> Sheet:
    """One row for seats, and one for each metric, of every owned product."""
    return Sheet(
        USES,
        tuple(
            (
                use.account_id, use.account, use.business_unit, use.product_id, use.product, use.what, use.used,
                use.bought, use.share, use.potential.floor, use.potential.expected, use.potential.ceiling,
                found.currency,
            )
            for use in found.uses
        ),
    )  # fmt: skip


def white_space_facts(found: WhiteSpace) -> dict[str, Any]:
    """The whole map as plain values: amounts as exact decimal text in currency units, days as ISO text."""
    return {
        "as_of": found.as_of.isoformat(), "currency": found.currency, "basis": BASIS, "missing": list(found.missing),
        "open_deals_without_product": found.unnamed_deals,
        "totals": {
            motion.value: {
                **_total(found.total(motion), found.coverage_known),
                "products": [_total(total, found.coverage_known) for total in found.by_product(motion)],
                "accounts": [_total(total, found.coverage_known) for total in found.by_account(motion)],
            }
            for motion in Motion
        },
        "cells": [cell_facts(cell) for cell in found.cells],
        "consumption": [use_facts(use) for use in found.uses],
    }  # fmt: skip


def cell_facts(cell: Cell) -> dict[str, Any]:
    """One cell as plain values; unknown amounts are null."""
    return {
        "account_id": cell.account_id, "account": cell.account, "business_unit": cell.business_unit,
        "product_id": cell.product_id, "product": cell.product, "kind": cell.kind or None,
        "motion": cell.motion.value if cell.motion else None, "state": cell.state.value, "why": cell.why,
        "potential": cell.potential.to_dict(), "counts": cell.counts, "sellable": cell.sellable,
        "covered_by": cell.covered_by or None, "anchor": cell.anchor or None, "peers_owning": cell.peers_owning,
        "retry_on": plain(cell.retry_on), "gates_false": list(cell.gates_false),
        "gates_unknown": list(cell.gates_unknown), "gates_attested": list(cell.gates_attested),
        "gates_exempt": list(cell.gates_exempt),
        "mrr": amount(cell.mrr),
    }  # fmt: skip


def use_facts(use: Use) -> dict[str, Any]:
    """What one owned product is used for against what was bought, as plain values."""
    potential: Potential = use.potential
    return {
        "account_id": use.account_id, "account": use.account, "business_unit": use.business_unit,
        "product_id": use.product_id, "product": use.product, "what": use.what, "used": plain(use.used),
        "bought": plain(use.bought), "share": use.share, "potential": potential.to_dict(),
    }  # fmt: skip


def _total(total: Total, known: bool) -> dict[str, Any]:
    return {
        "label": total.label,
        "cells": total.cells,
        "states": {state.value: count for state, count in total.states.items()},
        "potential": {state.value: _sum(found) for state, found in total.potential.items()},
        "coverage": {"covered": total.covered if known else None, "of": total.sellable},
    }


def _sum(found: Sum) -> dict[str, Any]:
    return {
        "floor": amount(found.floor), "expected": amount(found.expected), "ceiling": amount(found.ceiling),
        "cells": found.cells, "unknown": found.unknown, "left_out_as_alternatives": found.alternatives,
    }  # fmt: skip
