"""The map of the sample company: sums that add up, blocks with their gates, and what a person types."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upcross.errors import UsageError
from upcross.money import SCALE
from upcross.motions import Motion
from upcross.opportunities import Potential
from upcross.portfolio.cells import SIZED, Cell, State, counted, total
from upcross.portfolio.white_space import WhiteSpace, white_space
from upcross.portfolio.white_space_sheet import cells_sheet, uses_sheet, white_space_facts
from upcross.project import Project, open_project
from upcross.sheets import Sheet
from upcross.verbs import load


@pytest.fixture(scope="module")
def found(sample_project: Path) -> WhiteSpace:
    return white_space(open_project(sample_project))


def test_totals_of_products_and_of_accounts_both_add_up_to_the_whole(found):
    for motion in Motion:
        whole = found.total(motion)
        assert whole.cells == len(found.of(motion))
        for parts in (found.by_product(motion), found.by_account(motion)):
            assert sum(part.cells for part in parts) == whole.cells
            assert sum((Counter(part.states) for part in parts), Counter()) == Counter(whole.states)
            assert sum(part.sellable for part in parts) == whole.sellable
            for state in SIZED:
                for name in ("floor", "expected", "ceiling", "cells", "unknown", "alternatives"):
                    added = sum(getattr(part.potential[state], name) for part in parts)
                    assert added == getattr(whole.potential[state], name), (motion, state, name)
    assert len(found.of(Motion.UPSELL)) + len(found.of(Motion.CROSS_SELL)) == len(found.cells)


def test_each_cell_once_and_money_only_where_it_could_be_sold(found):
    keys = [(cell.account_id, cell.business_unit, cell.product_id) for cell in found.cells]
    assert len(keys) == len(set(keys))
    for cell in found.cells:
        if cell.state not in SIZED:
            assert cell.potential == Potential()
            assert not cell.counts
        if cell.state in (State.NOT_ELIGIBLE, State.LOST_BEFORE, State.IN_PIPELINE, State.BLOCKED):
            assert cell.why, cell


def test_a_blocked_cell_names_the_gate_that_is_known_to_hold(found):
    blocked = [cell for cell in found.cells if cell.state is State.BLOCKED and cell.gates_false]
    assert blocked
    for cell in blocked:
        assert all(gate in cell.why for gate in cell.gates_false)
    for cell in found.cells:
        assert not (cell.state is State.FITS and cell.gates_false)


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=3, max_size=3))
def test_products_that_exclude_each_other_are_never_added(amounts):
    """a excludes b and b excludes c: either a and c count, or b alone; never two that exclude each other."""
    cells = [_fits(product, amount) for product, amount in zip("abc", amounts, strict=True)]
    pairs = {"a": frozenset("b"), "b": frozenset("ac"), "c": frozenset("b")}
    counting = {cell.product_id for cell in counted(cells, pairs) if cell.counts}
    assert counting in ({"a", "c"}, {"b"})
    known = [-1 if amount is None else amount for amount in amounts]
    assert ("b" in counting) == (known[1] > known[0] and known[1] >= known[2]), "the first of equals counts"


def test_support_counts_once_an_account_and_products_once_a_unit():
    cells = [replace(_fits(product, amount), business_unit=unit, kind=kind)
             for product, kind in (("care", "support"), ("desk", "product")) for unit, amount in (("n", 5), ("s", 8))]  # fmt: skip
    assert [(c.product_id, c.business_unit) for c in counted(cells, {}) if c.counts] == [
        ("care", "s"), ("desk", "n"), ("desk", "s")
    ]  # fmt: skip


def _fits(product: str, amount: int | None) -> Cell:
    return Cell("acme", "Acme", "", product, product.upper(), "product", State.FITS, "", Potential(amount, amount, amount),
                sellable=True)  # fmt: skip


def test_a_product_in_the_pipeline_comes_before_one_that_it_excludes():
    deal, larger = replace(_fits("a", 1), state=State.IN_PIPELINE), _fits("b", 9)
    marked = counted([deal, larger], {"a": frozenset("b"), "b": frozenset("a")})
    assert [cell.counts for cell in marked] == [True, False]


def test_a_range_is_over_the_cells_whose_amount_is_known():
    """400 to 600 expecting 500; of the other only a floor of 300 is known, so the range is no 700 to 600."""
    known = replace(_fits("a", 500), potential=Potential(400, 500, 600), counts=True)
    floored = replace(_fits("b", None), potential=Potential(300, None, None), counts=True)
    found = total("all", [known, floored]).potential[State.FITS]
    assert (found.floor, found.expected, found.ceiling, found.cells, found.unknown) == (400, 500, 600, 2, 1)


LINES = """line_id,valid_from,account_id,business_unit,product_id,plan_id,quantity,mrr,rolling
{lines}"""
CATALOGUE = """products:
  crm: {name: CRM, plans: {std: {rank: 1, charge: per_unit, prices: {EUR: 20}}}}
  vault: {name: Vault, eligible: {industry: [Insurance]}, plans: {flat: {rank: 1, charge: flat, prices: {EUR: 700}}}}
"""


def _project(folder: Path, accounts: str, *units: str, tickets: str = "") -> Project:
    """Each account owns ten seats of the CRM, in one unit or in several."""
    lines = [f"{account}{unit},2025-01-01,{account},{unit},crm,std,10,200,true"
             for account in [row.split(",")[0] for row in accounts.split()] for unit in units or ("",)]  # fmt: skip
    (folder / "accounts.csv").write_text(f"account_id,industry\n{accounts}\n", encoding="utf-8")
    (folder / "subscriptions.csv").write_text(LINES.format(lines="\n".join(lines)), encoding="utf-8")
    (folder / "tickets.csv").write_text(f"ticket_id,account_id,opened_on,escalated_on\n{tickets}", encoding="utf-8")
    (folder / "catalog.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "upcross.yaml").write_text(
        "name: Harbour\nreporting_currency: EUR\ntables:\n  accounts: {file: accounts.csv, columns: {name: account_id}}\n"
        "  subscriptions: {file: subscriptions.csv}\n"
        "  tickets: {file: tickets.csv, coverage: {from: 2024-01-01, through: 2026-06-30}}\n",
        encoding="utf-8",
    )
    project = open_project(folder)
    load(project, date(2026, 6, 30))
    return project


def test_of_whom_nobody_knows_whether_they_are_eligible_stands_apart(tmp_path):
    """Vault is sold to insurers: acme is one, beta a shop, and of gamma nobody has recorded what it is."""
    project = _project(tmp_path, "acme,Insurance\nbeta,Retail\ngamma,")
    found = white_space(project, date(2026, 6, 30), product="vault")
    states = {cell.account_id: (cell.state, cell.why) for cell in found.cells}
    assert states["gamma"] == (
        State.ELIGIBILITY_UNKNOWN, "record the industry of the account: it is sold to some only"
    )  # fmt: skip
    assert (states["acme"][0], states["beta"][0]) == (State.FITS, State.NOT_ELIGIBLE)
    total = found.total(Motion.CROSS_SELL)
    assert total.potential[State.FITS].expected == total.potential[State.ELIGIBILITY_UNKNOWN].expected == 700 * SCALE
    assert total.sellable == 1, "acme's; coverage is no share of what nobody knows"


def test_a_unit_that_stands_apart_is_not_blocked_by_the_account(tmp_path):
    (tmp_path / "exemptions.yaml").write_text(
        "- {gate: escalation, account: acme, business_unit: north, by: Ann Berg, why: own contacts,"
        " from: 2026-05-01, until: 2026-09-30}\n",
        encoding="utf-8",
    )
    project = _project(tmp_path, "acme,Insurance", "north", "south", tickets="t1,acme,2026-06-20,2026-06-21")
    found = white_space(project, date(2026, 6, 30), product="vault")
    north, south = sorted(found.cells, key=lambda cell: cell.business_unit)
    assert (north.state, north.gates_exempt) == (State.FITS, ("escalation",))
    assert "exempt from escalation" in north.why
    assert (south.state, south.why) == (State.BLOCKED, "held by escalation")


def test_filters_take_ids_and_names(found, sample_project):
    project = open_project(sample_project)
    one = white_space(project, account="Weberknecht Logistik")
    assert {cell.account_id for cell in one.cells} == {"A02"}
    assert {use.account_id for use in one.uses} == {"A02"}
    lena = white_space(project, csm="Lena Hoffmann", product="Lindhafen Desk")
    assert {cell.product_id for cell in lena.cells} == {"desk"}
    hers = {cell.account_id for cell in lena.cells}
    assert hers and hers < {cell.account_id for cell in found.cells}
    with pytest.raises(UsageError, match="did you mean 'Lindhafen Desk'"):
        white_space(project, product="Lindhafen Dsk")


def test_the_same_map_as_rows_and_as_plain_values(found):
    facts = white_space_facts(found)
    sheet: Sheet = cells_sheet(found)
    assert len(facts["cells"]) == len(sheet.rows) == len(found.cells)
    assert len(uses_sheet(found).rows) == len(facts["consumption"])
    assert "all" not in facts["totals"], "the motions are never added"


def test_seats_stand_beside_what_is_lacking(found):
    seats = next(use for use in found.uses if use.account_id == "A02" and use.what == "seats")
    assert (seats.used, seats.bought) == (48, 50)
    assert seats.share == pytest.approx(0.96)
