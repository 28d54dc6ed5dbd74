"""What is published of white space and numbers adds up to what they say themselves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from upcross.app.portfolio.grid import Wanted, grid_of
from upcross.app.portfolio.worked import Worked
from upcross.motions import Motion
from upcross.numbers.drilldown import movements
from upcross.numbers.grouping import By
from upcross.numbers.report import metrics
from upcross.opportunities import Memory
from upcross.portfolio.cells import SIZED
from upcross.portfolio.white_space import map_of
from upcross.project import Project, open_project
from upcross.publishing.numbers import key_of, numbers, window_facts
from upcross.publishing.publication import newest, write
from upcross.publishing.publish import Planned
from upcross.publishing.white_space import white_space
from upcross.verbs import load, plan


@pytest.fixture(scope="module")
def planned(company_project: Path) -> Planned:
    project = open_project(company_project)
    return Planned(project, plan(project, memory=Memory.empty()))


def test_the_published_map_adds_up_to_the_map_and_any_part_of_it_to_that_part(planned: Planned, tmp_path: Path) -> None:
    write(tmp_path, "map", white_space(planned))
    found = newest(tmp_path)
    assert found is not None
    grid, whole = grid_of(found), map_of(planned.project, planned.run)
    some = frozenset(sorted({cell.account_id for cell in whole.cells})[:40])
    for chosen, part in (
        (grid.choose(Wanted(), None, Worked()), whole),
        (grid.choose(Wanted(), some, Worked()), whole.within(some)),
        (grid.choose(Wanted(product="desk"), some, Worked()), whole.within(some, "desk")),
    ):
        for motion in Motion:
            ours, theirs = chosen.total[motion], part.total(motion)
            assert ours.cells == theirs.cells
            assert {state: ours.states.get(state, 0) for state in theirs.states} == theirs.states
            assert (ours.sellable, ours.covered) == (theirs.sellable, theirs.covered)
            for state in SIZED:
                potential = theirs.potential[state]
                sums = (ours.floor, ours.expected, ours.ceiling, ours.unknown, ours.sized)
                assert tuple(one.get(state, 0) for one in sums) == (
                    potential.floor, potential.expected, potential.ceiling, potential.unknown, potential.cells,
                )  # fmt: skip


@pytest.mark.parametrize("by", [By.PRODUCT, By.COHORT])
def test_groups_of_any_kind_have_records_that_add_up_to_them(planned: Planned, by: By) -> None:
    project: Project = planned.project
    found = metrics(project, "2026-04", "2026-09", by=by)
    facts = {
        (part, key): body
        for part, key, body in window_facts(found, movements(project, first="2026-04", last="2026-09"))
    }
    key = key_of(found.window, by=by)
    assert found.groups
    for group in found.groups:
        for side, amount in (("deeper", group.bridge.expansion.upsell), ("wider", group.bridge.expansion.cross_sell)):
            record: Any = facts["records", f"{key}/group.{group.name}.{side}"]
            assert sum(Decimal(row["amount"]) for row in record["rows"]) * 10_000 == amount


def test_without_subscriptions_the_publication_says_why_there_are_no_numbers(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id,name\na,A\n")
    (tmp_path / "upcross.yaml").write_text("name: small\nreporting_currency: EUR\ntables:\n  accounts: accounts.csv\n")
    project = open_project(tmp_path)
    load(project)
    told = list(numbers(Planned(project, None)))  # type: ignore[arg-type]
    assert len(told) == 1 and "subscriptions" in told[0][2]["reason"]
