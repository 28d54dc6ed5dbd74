"""The map of the sample company: sums that add up, blocks with their gates, and what a person types."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upcross.errors import UsageError
from upcross.motions import Motion
from upcross.opportunities import Potential
from upcross.portfolio.cells import SIZED, Cell, State, counted
from upcross.portfolio.white_space import WhiteSpace, white_space
from upcross.portfolio.white_space_sheet import cells_sheet, uses_sheet, white_space_facts
from upcross.project import open_project
from upcross.sheets import Sheet


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


def _fits(product: str, amount: int | None) -> Cell:
    return Cell("acme", "Acme", "", product, product.upper(), "product", State.FITS, "", Potential(amount, amount, amount),
                sellable=True)  # fmt: skip


def test_a_product_in_the_pipeline_comes_before_one_that_it_excludes():
    deal, larger = replace(_fits("a", 1), state=State.IN_PIPELINE), _fits("b", 9)
    marked = counted([deal, larger], {"a": frozenset("b"), "b": frozenset("a")})
    assert [cell.counts for cell in marked] == [True, False]


def test_filters_take_ids_and_names(found, sample_project):
    project = open_project(sample_project)
    one = white_space(project, account="Weberknecht Logistik")
    assert {cell.account_id for cell in one.cells} == {"A02"}
    assert {use.account_id for use in one.uses} == {"A02"}
    desk = white_space(project, product="Lindhafen Desk")
    assert {cell.product_id for cell in desk.cells} == {"desk"}
    books = [white_space(project, csm=name) for name in ("Lena Hoffmann", "Aylin Demir")]
    assert all(book.cells for book in books)
    assert not {c.account_id for c in books[0].cells} & {c.account_id for c in books[1].cells}
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
