"""What holds an ask back because of what was asked before.

Memory gates are stages of one signature: candidates in, kept and held out, each hold with its name and reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from upcross.opportunities.asks import asks_of_today, same_ask
from upcross.opportunities.candidate import Candidate, Identity, Status
from upcross.opportunities.evidence import HoldReason, Truth
from upcross.opportunities.memory import SNOOZED, Memory
from upcross.plays.play import PlayKind


@dataclass(frozen=True, slots=True)
class Sifted:
    """What a stage lets through, and what it holds out, each with the stage's hold on all its reasons."""

    kept: tuple[Candidate, ...]
    held_out: tuple[Candidate, ...]


MemoryGate = Callable[[tuple[Candidate, ...], Memory, date], Sifted]


def open_ask(candidates: tuple[Candidate, ...], memory: Memory, as_of: date) -> Sifted:
    """Hold out another way of an ask that is already open, and what the customer can have only instead of it."""
    open_at: defaultdict[str, list[Identity]] = defaultdict(list)
    for identity in sorted(memory.open, key=lambda identity: identity.order):
        open_at[identity.account_id].append(identity)
    ask_of = asks_of_today(candidates)

    def judge(candidate: Candidate) -> HoldReason | None:
        others = [
            identity
            for identity in open_at[candidate.identity.account_id]
            if ask_of(identity) == candidate.ask or same_ask(candidate, identity)
        ]
        if not others or candidate.identity in others:
            return None
        other, what = memory.open[others[0]], _in_the_way(others[0], candidate.identity)
        return HoldReason(
            "open-ask",
            Truth.FALSE,
            f"{what} is already open since {other.opened_on} ({other.stage.words})",
            title="No open ask for the same thing",
            action="Bring both into the open conversation, or close it first",
            overridable=False,
        )

    return sift_each(candidates, judge)


def _in_the_way(other: Identity, identity: Identity) -> str:
    what = other.mechanism or other.task
    if other.product_id != identity.product_id:
        return f"{what} for {other.product_id}, which excludes this product,"
    if other.business_unit != identity.business_unit:
        return f"{what} for the same product in {other.business_unit or 'the whole account'}, on the same words,"
    return f"{what} for the same product"


def cooldown(candidates: tuple[Candidate, ...], memory: Memory, as_of: date) -> Sifted:
    """Hold out what was asked and ended not long ago."""

    def judge(candidate: Candidate) -> HoldReason | None:
        until = memory.cooldowns.get(candidate.identity.first)
        if until is None or until <= as_of or candidate.identity in memory.open:
            return None
        return HoldReason(
            "cooldown",
            Truth.FALSE,
            f"the last ask for this has ended; not again before {until}",
            title="Not asked again within the cooldown",
            action="Wait, or let the customer raise it",
            look_again=(until - as_of).days,
        )

    return sift_each(candidates, judge)


def snoozed(candidates: tuple[Candidate, ...], memory: Memory, as_of: date) -> Sifted:
    """Hold out what somebody put off."""

    def judge(candidate: Candidate) -> HoldReason | None:
        until = memory.put_off(candidate, as_of)
        if until is None:
            return None
        forever = until == date.max
        day = "" if forever else f"until {until}"
        change = "until what speaks for it changes" if candidate.identity in memory.snoozed_while else ""
        return HoldReason(
            SNOOZED,
            Truth.FALSE,
            f"put off {', or '.join(part for part in (day, change) if part)}".rstrip(),
            title="Not put off",
            action="Take it up earlier if the customer raises it",
            look_again=None if forever else (until - as_of).days,
            overridable=False,
        )

    return sift_each(candidates, judge)


STAGES: Sequence[MemoryGate] = (open_ask, cooldown, snoozed)
"""The memory gates in their order."""


def sift(
    candidates: tuple[Candidate, ...], memory: Memory, as_of: date, stages: Sequence[MemoryGate] = STAGES
) -> Sifted:
    """All candidates through all memory gates; every stage sees every candidate, so that all holds are listed.

    ``kept`` are those that no memory gate holds (a data gate may), ``held_out`` those that one or more hold.
    """
    everything, held_out = candidates, set[Identity]()
    for stage in stages:
        sifted = stage(everything, memory, as_of)
        held_out |= {candidate.identity for candidate in sifted.held_out}
        everything = tuple(sorted((*sifted.kept, *sifted.held_out), key=lambda candidate: candidate.identity.order))
    return Sifted(
        tuple(candidate for candidate in everything if candidate.identity not in held_out),
        tuple(candidate for candidate in everything if candidate.identity in held_out),
    )


def sift_each(candidates: tuple[Candidate, ...], judge: Callable[[Candidate], HoldReason | None]) -> Sifted:
    """Each candidate judged, answers apart: who asks to buy is answered, whatever was asked before."""
    holds = [(c, None if c.kind is PlayKind.ANSWER else judge(c)) for c in candidates]
    judged = [(c, True) if hold is None else _against(c, hold) for c, hold in holds]
    return Sifted(tuple(c for c, passes in judged if passes), tuple(c for c, passes in judged if not passes))


def _against(candidate: Candidate, hold: HoldReason) -> tuple[Candidate, bool]:
    """The candidate with one more hold, and whether a person decided to ask in spite of that."""
    held = candidate.held_back(hold)
    return held, held.status is Status.FIRED
