"""The first page of an account: terms, consumption and white space side by side, then what there is to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from upcross.app.accounts.consumption import bar_facts, quantity
from upcross.app.accounts.opened import Opened, head_facts
from upcross.app.portfolio.words import GLYPHS
from upcross.app.portfolio.worked import worked_of
from upcross.ledger.facts import opportunity_facts
from upcross.ledger.models import Opportunity
from upcross.ledger.stage import Stage
from upcross.money import quantise
from upcross.portfolio.cells import SIZED, State
from upcross.sheets import Sheet
from upcross.signals.model import Unit

_ORDER = (
    State.IN_PIPELINE, State.FITS, State.BLOCKED, State.ELIGIBILITY_UNKNOWN, State.LOST_BEFORE, State.ON_TRIAL,
    State.CONTRACTED_LATER, State.OWNED, State.OWNED_UNUSED, State.NOT_SWITCHED_ON, State.NOT_ELIGIBLE,
)  # fmt: skip
"""The states of a cell, in the order in which they are shown."""
_LANES = (
    ("Deeper", "upsell", "More of what they own"),
    ("Wider", "cross_sell", "What they lack"),
    ("Adoption", "", "Bringing into use"),
)
_OWNED = (State.OWNED, State.OWNED_UNUSED, State.NOT_SWITCHED_ON)


def overview_facts(found: Opened) -> dict[str, Any]:
    """All that the first page is told."""
    card = found.card
    cells = [_cell(cell) for cell in _as_worked(found)]
    order = {state.value: place for place, state in enumerate(_ORDER)}
    cells.sort(key=lambda c: (order[c["state"]], -float(c["potential"]["expected"] or 0), c["product"], c["unit"]))
    lines = card.get("lines", [])
    return {
        "head": head_facts(found, ""),
        "lines": [_line(line) for line in lines if not line["ahead"]],
        "lines_ahead": [_line(line) for line in lines if line["ahead"]],
        "commitments": [_commitment(one) for one in card.get("commitments", [])],
        "bars": sorted((bar_facts(bar) for bar in card.get("consumption", [])), key=_urgency),
        "use_unknown": card.get("use_unknown", []),
        "lacking": [cell for cell in cells if cell["state"] not in (*_OWNED, State.NOT_ELIGIBLE)],
        "owned": [cell for cell in cells if cell["state"] in _OWNED],
        "not_eligible": [cell for cell in cells if cell["state"] == State.NOT_ELIGIBLE],
        "open_deals_without_product": card.get("open_deals_without_product", 0),
        "lanes": lanes_of(found),
        "units": card.get("units", []),
    }


def overview_sheets(found: Opened) -> Mapping[str, Callable[[], Sheet]]:
    """The tables behind the page."""
    return {
        "consumption": lambda: _consumption_sheet(found),
        "white_space": lambda: _cells_sheet(found),
        "contract_lines": lambda: _lines_sheet(found),
        "opportunities": lambda: _opportunities_sheet(found),
    }


def lanes_of(found: Opened) -> list[dict[str, Any]]:
    """What is open here, each motion by itself; adoption work beside them where there is any."""
    lanes = []
    for name, motion, said in _LANES:
        rows = [_opportunity(row, found) for row in found.opportunities if row.motion == motion]
        if rows or motion:
            lanes.append({
                "name": name, "motion": motion, "said": said,
                "open": [row for row in rows if not row["held"]], "held": [row for row in rows if row["held"]],
            })  # fmt: skip
    return lanes


def _opportunity(row: Opportunity, found: Opened) -> dict[str, Any]:
    return {
        **{name: value for name, value in opportunity_facts(row).items()
           if name in ("id", "title", "product", "business_unit", "mechanism", "motion", "kind", "stage", "due_on",
                       "potential", "held_by", "look_again_on", "snoozed_until", "asked_anyway")},
        "held": row.stage == Stage.HELD,
        "owner": found.called(row.handed_to or row.closer or row.owner),
        "late": row.due_on is not None and row.due_on < found.today and row.stage != Stage.HELD,
        "href": f"/?open={row.id}",
    }  # fmt: skip


def _as_worked(found: Opened) -> Iterator[dict[str, Any]]:
    """The cells as the ledger stands now: what somebody took up since the run is covered, too."""
    worked = worked_of(found.opportunities)
    for cell in found.card.get("white_space", []):
        by = cell["covered_by"]
        if not by and cell["sellable"] and cell["state"] in SIZED:
            by = worked.words(found.account_id, cell["unit"], cell["product_id"], cell["motion"], found.ours)
        yield {**cell, "covered_by": by}


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    potential = cell["potential"]
    return {**cell, "shape": GLYPHS[State(cell["state"])], "ranges": potential["floor"] != potential["ceiling"]}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a contract as one reads it: how much of what, until when, and what is special about it."""
    said = []
    if line["discount"]:
        said.append(f"{line['discount']:.0%} off" + (f" until {line['discount_ends_on']}"
                                                     if line["discount_ends_on"] else ""))  # fmt: skip
    if line["escalator"]:
        said.append(f"+{line['escalator']:.0%} a year")
    if line["included_in"]:
        said.append(f"included in {line['included_in']}")
    if line["status"] != "active":
        said.append(line["status"])
    if line["committed"]:
        said.append("commitment")
    term = "rolling" if line["rolling"] else line["term_ends_on"]
    bought = "" if line["quantity"] is None or line["charge"] == "flat" else quantity(line["quantity"])
    return {**line, "said": said, "term": term, "bought": bought}


def _commitment(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "said": f"{quantity(float(one['amount']))} {one['measured_in'] or one['metric']}"}


def _urgency(bar: Mapping[str, Any]) -> tuple[Any, ...]:
    order = ("over", "soon", "near", "calm", "low", "unknown")
    return order.index(bar["tone"]), bar["crossing_on"] or "9999", -(bar["share"] or 0), bar["product"], bar["metric"]


def _consumption_sheet(found: Opened) -> Sheet:
    columns = {
        "account_id": Unit.TEXT, "account": Unit.TEXT, "product": Unit.TEXT, "business_unit": Unit.TEXT,
        "what": Unit.TEXT, "kind": Unit.TEXT, "used": Unit.AMOUNT, "bought": Unit.AMOUNT, "share": Unit.RATIO,
        "reached_on": Unit.DATE, "earliest": Unit.DATE, "latest": Unit.DATE,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (found.account_id, found.name, bar["product"], bar["unit"], bar["metric"], bar["kind"], bar["used"],
         bar["limit"], bar["share"], _day(bar["reached_on"]), _day(bar["early_on"]), _day(bar["late_on"]))
        for bar in found.card.get("consumption", [])
    ))  # fmt: skip


def _cells_sheet(found: Opened) -> Sheet:
    columns = {
        "account_id": Unit.TEXT, "account": Unit.TEXT, "product": Unit.TEXT, "business_unit": Unit.TEXT,
        "motion": Unit.TEXT, "state": Unit.TEXT, "why": Unit.TEXT, "mrr_floor": Unit.MONEY,
        "mrr_expected": Unit.MONEY, "mrr_ceiling": Unit.MONEY, "covered_by": Unit.TEXT, "mrr": Unit.MONEY,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (found.account_id, found.name, cell["product"], cell["unit"], cell["motion"] or "", cell["words"],
         cell["why"], *(money(cell["potential"][part]) for part in ("floor", "expected", "ceiling")),
         cell["covered_by"], money(cell["mrr"]))
        for cell in _as_worked(found)
    ))  # fmt: skip


def _lines_sheet(found: Opened) -> Sheet:
    columns = {
        "account_id": Unit.TEXT, "contract": Unit.TEXT, "product": Unit.TEXT, "plan": Unit.TEXT,
        "business_unit": Unit.TEXT, "quantity": Unit.COUNT, "unit_price": Unit.MONEY, "price_currency": Unit.TEXT,
        "mrr": Unit.MONEY, "status": Unit.TEXT, "from": Unit.DATE, "term_ends_on": Unit.DATE, "rolling": Unit.FLAG,
        "notice_on": Unit.DATE,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (found.account_id, line["contract_id"], line["product"], line["plan"], line["unit"], line["quantity"],
         money(line["unit_price"]), line["currency"], money(line["mrr"]), line["status"], _day(line["from_on"]),
         _day(line["term_ends_on"]), line["rolling"], _day(line["notice_on"]))
        for line in found.card.get("lines", [])
    ))  # fmt: skip


def _opportunities_sheet(found: Opened) -> Sheet:
    columns = {
        "account_id": Unit.TEXT, "account": Unit.TEXT, "motion": Unit.TEXT, "mechanism": Unit.TEXT,
        "product": Unit.TEXT, "business_unit": Unit.TEXT, "title": Unit.TEXT, "stage": Unit.TEXT, "owner": Unit.TEXT,
        "due_on": Unit.DATE, "mrr_floor": Unit.MONEY, "mrr_expected": Unit.MONEY, "mrr_ceiling": Unit.MONEY,
        "held_by": Unit.TEXT,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (found.account_id, found.name, row.motion or "adoption", row.mechanism, row.product_name, row.business_unit,
         row.title, row.stage, found.called(row.owner), row.due_on, row.potential_floor, row.potential_expected,
         row.potential_ceiling, "; ".join(row.gates))
        for row in found.opportunities
    ))  # fmt: skip


def money(text: str | None) -> int | None:
    """Exact decimal text as ten-thousandths, for a sheet."""
    return None if text is None else quantise(text)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
