"""The tables behind Today: exactly the rows that the filters leave in the tab, on all of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from upcross.app.today.asking import LANES, Asked
from upcross.app.today.lanes import Listed
from upcross.app.today.ours import Ours
from upcross.app.today.rows import row_facts
from upcross.app.today.unknown import unknown_facts
from upcross.ledger.models import Opportunity
from upcross.money import quantise
from upcross.sheets import Sheet, Value
from upcross.signals.model import Unit

_COLUMNS = {
    "id": Unit.TEXT, "account_id": Unit.TEXT, "account": Unit.TEXT, "business_unit": Unit.TEXT, "product": Unit.TEXT,
    "motion": Unit.TEXT, "mechanism": Unit.TEXT, "kind": Unit.TEXT, "stage": Unit.TEXT, "evidence": Unit.TEXT,
    "next_step": Unit.TEXT, "held_by": Unit.TEXT, "expected_mrr": Unit.MONEY, "floor_mrr": Unit.MONEY,
    "ceiling_mrr": Unit.MONEY, "counted_elsewhere": Unit.FLAG, "owner": Unit.TEXT, "waits_for": Unit.TEXT,
    "due_on": Unit.DATE, "snoozed_until": Unit.DATE, "looked_at_again": Unit.DATE, "ended_on": Unit.DATE,
    "ended": Unit.TEXT, "won_mrr": Unit.MONEY,
}  # fmt: skip


def opportunity_sheet(asked: Asked, people: Ours, found: Listed) -> Sheet:
    """One row an opportunity of the tab, lane by lane in their order; money in ten-thousandths a month."""
    rows = found.of(asked.tab)
    order = [UUID(light.key) for name in LANES for light in found.lane(name, rows)]
    whole: dict[Any, Opportunity] = {}
    for start in range(0, len(order), 500):
        whole.update(Opportunity.objects.in_bulk(order[start : start + 500]))
    return Sheet(_COLUMNS, tuple(_row(whole[key], asked, people) for key in order if key in whole))


def _row(row: Opportunity, asked: Asked, people: Ours) -> tuple[Value, ...]:
    told = row_facts(row, asked, people)
    return (
        told["id"], told["account_id"], told["account"], told["business_unit"], told["product"], told["motion"],
        told["mechanism"], told["kind"], told["stage"], told["heard"] or told["evidence"], told["next_step"],
        ", ".join(row.gates), row.potential_expected, row.potential_floor, row.potential_ceiling,
        told["counted_elsewhere"], people.name(row.owner), people.name(row.handed_to) or None, row.due_on,
        row.snoozed_until, row.look_again_on, row.ended_on, told["ended"], row.won_mrr,
    )  # fmt: skip


def unknown_sheet(asked: Asked) -> Sheet:
    """One row a play that could not be judged somewhere."""
    columns = {"play": Unit.TEXT, "title": Unit.TEXT, "motion": Unit.TEXT, "accounts": Unit.COUNT, "rows": Unit.COUNT,
               "expected_mrr": Unit.MONEY, "missing": Unit.TEXT, "tables": Unit.TEXT}  # fmt: skip
    notes = [note for lane in unknown_facts(asked.viewer) for note in lane["notes"]]
    return Sheet(columns, tuple(_note(note) for note in notes))


def _note(note: Mapping[str, Any]) -> tuple[Value, ...]:
    expected = None if note["expected"] is None else quantise(Decimal(note["expected"]))
    return (note["play"], note["title"], note["motion"], note["accounts"], note["rows"], expected,
            "; ".join(note["missing"]), ", ".join(note["tables"]))  # fmt: skip
