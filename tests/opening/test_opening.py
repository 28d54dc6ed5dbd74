"""What a person opens by hand goes through the same gates, and every later plan looks at it anew."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import upcross
from upcross.errors import ProblemError
from upcross.money import quantise
from upcross.motions import Mechanism
from upcross.opening import open_by_hand
from upcross.opportunities import ChangeKind, Memory
from upcross.project import Project
from upcross.verbs import Plan, plan


@pytest.fixture(scope="module")
def project(sample_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("opening") / "project"
    shutil.copytree(sample_project, folder)
    return upcross.open(folder)


@pytest.fixture(scope="module")
def base(project: Project) -> Plan:
    return plan(project, memory=Memory.empty())


def test_it_is_sized_and_routed_as_a_play_would(project):
    """Analytics costs 490 a month on its entry plan, which is flat."""
    opened = open_by_hand(project, "Pünktlich Personal", "analytics", "product")
    change = opened.change
    assert (change.kind, change.reason) == (ChangeKind.CREATE, "fires: Opened by hand")
    assert change.identity.motion.lane == "wider"
    assert change.candidate.potential.expected == quantise(490)
    assert change.owner.person_id and change.closer.role == "ae"


def test_the_same_gates_hold_it_and_hard_ones_are_hard(project, base):
    held = next(c for c in base.changes.of_kind(ChangeKind.HOLD).changes
                if "health" in {hold.gate for hold in c.candidate.holds} and c.identity.mechanism is Mechanism.SEATS)  # fmt: skip
    opened = open_by_hand(project, held.identity.account_id, held.identity.product_id, "tier",
                          business_unit=held.identity.business_unit)  # fmt: skip
    assert opened.change.kind is ChangeKind.HOLD
    gates = {hold.gate: hold for hold in opened.finding.reason.holds}
    assert gates.keys() == {hold.gate for hold in held.candidate.holds}
    assert gates["health"].overridable is False
    assert gates["health"].sentence == next(h.sentence for h in held.candidate.holds if h.gate == "health")


def test_what_a_play_sees_too_is_one_ask(project):
    opened = open_by_hand(project, "A10", "crm", "seats")
    assert [reason.play_id for reason in opened.change.candidate.reasons] == ["by-hand", "seat-expansion"]


def test_a_later_plan_keeps_it_as_long_as_it_can_be_sold(project, base):
    opened = open_by_hand(project, "A10", "analytics", "product")
    mine = opened.change.identity
    applied = replace(base.changes, changes=(*base.changes.changes, opened.change))
    memory = replace(Memory.empty(), by_hand=frozenset({mine})).after(applied)

    def then(memory):
        return [c.kind for c in plan(project, memory=memory).changes.changes if c.identity == mine]

    assert then(memory) == [ChangeKind.REFRESH]
    assert then(replace(memory, by_hand=frozenset())) == [ChangeKind.EXPIRE], "nothing else speaks for it"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("A10", "crm", "product"), ["owns Lindhafen CRM already", "open it as seats, tier or usage"]),
        (("A10", "analytics", "seats"), ["does not own Lindhafen Analytics", "open it as product"]),
        (("A10", "qa", "add_on"), ["cannot be sold to Pünktlich Personal", "requires Lindhafen Desk"]),
        (("A10", "desk", "module"), ["Lindhafen Desk is not sold as module", "open it as product"]),
        (
            ("Punktlich Personal", "crn", "seat"),
            ["did you mean 'Pünktlich Personal'?", "did you mean 'crm'?", "did you mean 'seats'?"],
        ),
    ],
)
def test_what_cannot_be_sold_in_this_way_is_told_with_what_can(asked, told, project):
    with pytest.raises(ProblemError) as caught:
        open_by_hand(project, *asked)
    for part in told:
        assert part in str(caught.value)
