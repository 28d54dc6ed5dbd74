"""What was asked before, as the ledger knows it: the memory that the next plan is made with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from upcross.ledger.identity import identity_of
from upcross.ledger.models import Opportunity, StandIn
from upcross.ledger.stage import ENDED, OPEN, Stage
from upcross.opportunities import HeldAsk, Identity, Memory, OpenAsk, Opening, Override, route
from upcross.opportunities import Stage as Reached
from upcross.opportunities.memory import REMEMBERED, SNOOZED, ArmKey, arm_key
from upcross.plays.play import PlayKind

_REACHED = {
    Stage.SURFACED: Reached.SURFACED,
    Stage.QUALIFIED: Reached.QUALIFIED,
    Stage.HANDED_OFF: Reached.HANDED_OFF,
    Stage.ACCEPTED: Reached.ACCEPTED,
}


def remember(as_of: date, today: date | None = None) -> Memory:
    """Everything asked or held up to now, as a plan of a day takes it; equal ledgers give equal memories.

    What was put off before anybody had qualified it waits like a hold. What was qualified and then put off is still
    open: it does not expire by itself, and nothing else is asked for the same thing meanwhile. ``today`` is the
    calendar's day, where that is later than the data: what people decided until a day ends then.
    """
    stand_ins = tuple(
        route.StandIn(one.account_id, one.role, one.from_person, one.to_person)
        for one in StandIn.objects.order_by("account_id", "role")
    )
    memory = replace(memory_of(Opportunity.objects.all(), as_of), stand_ins=stand_ins)
    if today is None or today <= as_of:
        return memory
    return replace(
        memory,
        snoozed={key: until for key, until in memory.snoozed.items() if until > today},
        cooldowns={key: until for key, until in memory.cooldowns.items() if until > today},
        overrides={key: word for key, word in memory.overrides.items() if word.until >= today},
    )


def memory_of(rows: Iterable[Opportunity], as_of: date) -> Memory:
    """The memory that rows of the ledger amount to on a day."""
    open_: dict[Identity, OpenAsk] = {}
    held: dict[Identity, HeldAsk] = {}
    cooldowns: dict[Identity, date] = {}
    ended: dict[Identity, int] = {}
    answered: dict[Identity, date] = {}
    snoozed: dict[Identity, date] = {}
    openings: dict[Identity, Opening] = {}
    snoozed_while: dict[Identity, str] = {}
    overrides: dict[Identity, Override] = {}
    arms: dict[ArmKey, str] = {}
    by_hand: set[Identity] = set()
    for row in rows:
        key, stage = identity_of(row), Stage(row.stage)
        resumed = Stage(row.resume_stage) if stage is Stage.SNOOZED else stage
        if stage is Stage.SNOOZED and resumed is Stage.SURFACED:
            held[key] = HeldAsk(tuple(row.gates) or (SNOOZED,), row.held_since or as_of, row.arm, frozenset(row.plays))
            if row.snoozed_until and row.snoozed_until > as_of:
                snoozed[key] = row.snoozed_until
                if row.snoozed_while:
                    snoozed_while[key] = row.snoozed_while
        elif stage in OPEN:
            open_[key] = OpenAsk(
                _REACHED[resumed], row.owner, row.opened_on or as_of, row.owner_role, row.due_on, row.cooldown,
                PlayKind(row.kind), row.arm, row.handed_to if resumed is Stage.HANDED_OFF else "", frozenset(row.plays),
            )  # fmt: skip
        elif stage is Stage.HELD:
            held[key] = HeldAsk(tuple(row.gates), row.held_since or as_of, row.arm, frozenset(row.plays))
        if stage in ENDED and row.cooldown_until is not None and row.episode >= ended.get(key.first, 0):
            ended[key.first], cooldowns[key.first] = row.episode, row.cooldown_until
            if row.kind == PlayKind.ANSWER and row.ended_on:
                answered[key.first] = row.ended_on
        if row.opened_on and row.opened_on > as_of - REMEMBERED and row.opened_for:
            openings[key] = Opening(row.opened_on, row.opened_for)
        if stage not in ENDED and row.override_until is not None and row.override_until >= as_of:
            overrides[key] = Override(frozenset(row.override_gates), row.override_until, row.override_by)
        if row.arm:
            arms[arm_key(key)] = row.arm
        if row.origin == "hand" and stage not in ENDED:
            by_hand.add(key)
    return Memory(open_, held, cooldowns, ended, answered, snoozed, openings, snoozed_while, overrides, arms,
                  by_hand=frozenset(by_hand))  # fmt: skip
