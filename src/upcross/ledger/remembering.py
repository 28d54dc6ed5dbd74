"""What was asked before, as the ledger knows it: the memory that the next plan is made with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from upcross.ledger.identity import identity_of
from upcross.ledger.models import Opportunity
from upcross.ledger.stage import ENDED, OPEN, Stage
from upcross.opportunities import HeldAsk, Identity, Memory, OpenAsk, Opening
from upcross.opportunities import Stage as Reached
from upcross.opportunities.memory import REMEMBERED, SNOOZED
from upcross.plays.play import PlayKind

_REACHED = {
    Stage.SURFACED: Reached.SURFACED,
    Stage.QUALIFIED: Reached.QUALIFIED,
    Stage.HANDED_OFF: Reached.QUALIFIED,
    Stage.ACCEPTED: Reached.ACCEPTED,
}


def remember(as_of: date) -> Memory:
    """Everything asked or held up to now, as a plan of a day takes it; equal ledgers give equal memories.

    What was put off before anybody had qualified it waits like a hold. What was qualified and then put off is still
    open: it does not expire by itself, and nothing else is asked for the same thing meanwhile.
    """
    return memory_of(Opportunity.objects.all(), as_of)


def memory_of(rows: Iterable[Opportunity], as_of: date) -> Memory:
    """The memory that rows of the ledger amount to on a day."""
    open_: dict[Identity, OpenAsk] = {}
    held: dict[Identity, HeldAsk] = {}
    cooldowns: dict[Identity, date] = {}
    ended: dict[Identity, int] = {}
    answered: dict[Identity, date] = {}
    snoozed: dict[Identity, date] = {}
    openings: dict[Identity, Opening] = {}
    for row in rows:
        key, stage = identity_of(row), Stage(row.stage)
        resumed = Stage(row.resume_stage) if stage is Stage.SNOOZED else stage
        if stage is Stage.SNOOZED and resumed is Stage.SURFACED:
            held[key] = HeldAsk((SNOOZED,), row.held_since or as_of, row.arm)
            if row.snoozed_until and row.snoozed_until > as_of:
                snoozed[key] = row.snoozed_until
        elif stage in OPEN:
            open_[key] = OpenAsk(
                _REACHED[resumed], row.owner, row.opened_on or as_of, row.owner_role, row.due_on, row.cooldown,
                PlayKind(row.kind), row.arm,
            )  # fmt: skip
        elif stage is Stage.HELD:
            held[key] = HeldAsk(tuple(row.gates), row.held_since or as_of, row.arm)
        if stage in ENDED and row.cooldown_until is not None and row.episode >= ended.get(key.first, 0):
            ended[key.first], cooldowns[key.first] = row.episode, row.cooldown_until
            if row.kind == PlayKind.ANSWER and row.ended_on:
                answered[key.first] = row.ended_on
        if row.opened_on and row.opened_on > as_of - REMEMBERED and row.opened_for:
            openings[key] = Opening(row.opened_on, row.opened_for)
    return Memory(open_, held, cooldowns, ended, answered, snoozed, openings)
