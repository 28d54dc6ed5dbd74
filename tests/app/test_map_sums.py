"""Sums of the white-space map: what is not known is told as unknown, and what is known is summed."""

from __future__ import annotations

from upcross.app.portfolio.grid import COUNTS, SELLABLE, Mark, Tally
from upcross.portfolio.cells import State

FLAGS = SELLABLE | COUNTS


def test_a_sum_of_cells_of_unknown_worth_is_unknown_and_one_known_cell_makes_it_known() -> None:
    unsized = Mark(State.FITS.value, FLAGS, None, None, None)
    tally = Tally.of([unsized, unsized])
    assert [tally.known(State.FITS, part) for part in ("floor", "expected", "ceiling")] == [None] * 3
    assert tally.known(State.BLOCKED) == 0  # there is no such cell
    some = Tally.of([unsized, Mark(State.FITS.value, FLAGS, 0, 50, 70)])
    assert [some.known(State.FITS, part) for part in ("floor", "expected", "ceiling")] == [0, 50, 70]
