"""Which steps somebody may take with an opportunity as it stands."""

from __future__ import annotations

from functools import cache

from upcross.ledger.actor import Actor, Relation
from upcross.ledger.house import DEFAULT_HOUSE, House
from upcross.ledger.models import Entry
from upcross.ledger.stage import Stage
from upcross.ledger.state import Standing
from upcross.ledger.step import TRANSITIONS, UNDOABLE, Step
from upcross.opportunities.route import SELF_SERVE
from upcross.plays.play import PlayKind


def possible_steps(
    state: Standing, actor: Actor, house: House = DEFAULT_HOUSE, last: Entry | None = None
) -> tuple[Step, ...]:
    """The steps that an actor may take with an opportunity as it stands, in the order of the table.

    ``last`` is its last entry that decided anything: without it, undoing is not offered.
    """
    relations = actor.relations(state.owner, frozenset({state.closer, state.handed_to} - {""}))
    offered = {
        Step.OPEN: False,
        Step.ERASE: False,
        Step.OVERRIDE: actor.may_override,
        Step.CLAIM: bool({state.owner, state.handed_to} & house.queues and actor.person_id),
        Step.ACCEPT: state.stage == Stage.HANDED_OFF or state.closer == state.owner,
        Step.WIN: may_end(state, relations),
        Step.LOSE: may_end(state, relations),
        Step.UNDO: last is not None and Step(last.kind) in UNDOABLE
        and (last.by == actor.id or Relation.OVERSEER in relations),
    }  # fmt: skip
    return tuple(step for step in _leading_on(state.stage, state.kind, relations) if offered.get(step, True))


_SYSTEM_ALONE = frozenset({Relation.SYSTEM})


@cache
def _leading_on(stage: str, kind: str, relations: frozenset[Relation]) -> tuple[Step, ...]:
    """What the table alone says; lists ask it of every row, and there are few different answers."""
    at, what = Stage(stage), PlayKind(kind)
    return tuple(
        t.step for t in TRANSITIONS.values()
        if t.by != _SYSTEM_ALONE and at in t.sources and what in t.kinds and t.by & relations
    )  # fmt: skip


def may_end(state: Standing, relations: frozenset[Relation]) -> bool:
    """Whether a deal may be won or lost by who stands so to it: its closer once accepted, or who oversees it."""
    if relations & {Relation.OVERSEER, Relation.SYSTEM} or state.closer_role == SELF_SERVE:
        return True
    return state.stage == Stage.ACCEPTED and Relation.CLOSER in relations
