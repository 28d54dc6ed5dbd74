"""How much is asked at once: of one account, through one owner, and of whom nothing, so that asks can be measured.

Each limit is a memory gate made from the company's numbers. What it holds back is held like anything else: visible,
with its money, and released by rank as soon as there is room. Answers and adoption work count for none of them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from upcross.motions import Motion
from upcross.opportunities.asks import asks_of_today
from upcross.opportunities.candidate import Ask, Candidate, Status
from upcross.opportunities.evidence import HoldReason, Truth
from upcross.opportunities.memory import ArmKey, Memory, arm_key
from upcross.opportunities.memory_gates import MemoryGate, Sifted, sift_each
from upcross.opportunities.rank import rank
from upcross.opportunities.route import QUEUE, Assignee
from upcross.plays.play import PlayKind

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
TREATED, HOLDOUT = "treated", "holdout"
_BYTES = 8
NO_SEGMENTS: Mapping[str, str] = {}

OwnerOf = Callable[[Candidate], Assignee]


@dataclass(frozen=True, slots=True)
class Limits:
    """The company's numbers; what is None or zero limits nothing.

    ``per_owner_per_week``: new asks for one person in any 7 days. ``reserved_share``: the part of them kept free for
    each motion, so that neither crowds out the other (at most one half; whole asks, rounded down).
    ``per_account_30d``: asks open at, or opened for, one account in any 30 days. ``holdout``: the share of accounts of
    which, motion by motion and segment by segment, nothing is asked; ``salt`` draws another such share.
    """

    per_owner_per_week: int | None = None
    reserved_share: Decimal = Decimal(0)
    per_account_30d: int | None = None
    holdout: Decimal = Decimal(0)
    salt: str = ""

    @property
    def reserved(self) -> int:
        """How many of an owner's asks a week are kept free for each motion."""
        return int((self.per_owner_per_week or 0) * self.reserved_share)

    def stages(self, owner_of: OwnerOf, segments: Mapping[str, str] = NO_SEGMENTS) -> Sequence[MemoryGate]:
        """The memory gates of these limits in the order in which they stand: each counts what those before let by."""
        found: list[MemoryGate] = []
        if self.holdout:
            found.append(held_out(self, segments))
        if self.per_account_30d is not None:
            found.append(too_many_asks(self.per_account_30d))
        if self.per_owner_per_week is not None:
            found.append(weekly_cap(self, owner_of))
        return tuple(found)


def draw(
    newcomers: Iterable[ArmKey], known: Mapping[ArmKey, str], limits: Limits, segments: Mapping[str, str] = NO_SEGMENTS
) -> dict[ArmKey, str]:
    """The arms of accounts that have none yet for a motion, so that each segment has its share of the holdout.

    Within a segment and motion, of which n accounts have an arm already and m come anew, ⌊share · (n + m) + start⌋ are
    held out in all: the first of the new ones in the order of a hash of salt, account and motion. ``start`` is a hash
    between 0 and 1 too, so that many small segments together have the share. A whole account is in one arm for a
    motion, so that no ask of it touches the other arm. ``segments`` are those of accounts by id, '' where not known.
    """
    strata: defaultdict[tuple[str, Motion | None], set[ArmKey]] = defaultdict(set)
    before: defaultdict[tuple[str, Motion | None], list[str]] = defaultdict(list)
    for key in newcomers:
        strata[segments.get(key[0], ""), key[1]].add(key)
    for key, arm in known.items():
        before[segments.get(key[0], ""), key[1]].append(arm)
    arms: dict[ArmKey, str] = {}
    for stratum, keys in strata.items():
        new = sorted(keys - known.keys(), key=lambda key: (_hashed(limits, *key), key[0]))
        already = before[stratum]
        start = Fraction(_hashed(limits, "", *stratum), 256**_BYTES)
        wanted = floor(Fraction(limits.holdout) * (len(already) + len(new)) + start) - already.count(HOLDOUT)
        arms |= {key: HOLDOUT if place < wanted else TREATED for place, key in enumerate(new)}
    return arms


def _hashed(limits: Limits, *parts: object) -> int:
    """The first bytes of SHA-256 over the salt and what is drawn, as a number."""
    text = "\n".join(str(part) for part in (limits.salt, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:_BYTES], "big")


def held_out(limits: Limits, segments: Mapping[str, str] = NO_SEGMENTS) -> MemoryGate:
    """Hold out the accounts of which nothing is asked, and say of every new ask in which arm it stands."""

    def stage(candidates: tuple[Candidate, ...], memory: Memory, as_of: date) -> Sifted:
        known = memory.known_arms()
        arms = known | draw((arm_key(c.identity) for c in candidates if _is_new(c, memory)), known, limits, segments)
        armed = tuple(replace(c, arm=arms[arm_key(c.identity)]) if _is_new(c, memory) else c for c in candidates)
        return sift_each(armed, lambda c: _HELD_OUT if c.arm == HOLDOUT and _is_new(c, memory) else None)

    return stage


_HELD_OUT = HoldReason(
    HOLDOUT,
    Truth.FALSE,
    "this account is in the holdout: nothing of this motion is asked, to measure what asks bring",
    title="Not in the holdout",
    action="Leave it alone; what the customer asks for is answered as ever",
    overridable=False,
)


def too_many_asks(most: int) -> MemoryGate:
    """Hold out what would be one ask too many for an account within 30 days; the motions take turns, each by rank."""

    def stage(candidates: tuple[Candidate, ...], memory: Memory, as_of: date) -> Sifted:
        asked: defaultdict[str, set[Ask]] = defaultdict(set)
        ask_of = asks_of_today(candidates)
        for identity, ask in memory.open.items():
            if ask.kind is PlayKind.ASK:
                asked[identity.account_id].add(ask_of(identity))
        for identity, opening in memory.openings.items():
            if opening.on > as_of - MONTH:
                asked[identity.account_id].add(ask_of(identity))
        new = [c for c in candidates if _is_new(c, memory)]
        allowed: set[Ask] = set()
        for account in sorted({c.identity.account_id for c in new}):
            waiting = _by_motion(c for c in new if c.identity.account_id == account)
            already = asked[account]
            free = most - len(already)
            known = {ask for asks in waiting.values() for ask in asks if ask in already}
            room = dict.fromkeys(Motion, free)
            taken = _in_turns({m: [a for a in asks if a not in known] for m, asks in waiting.items()}, free, room)
            allowed |= known | taken

        def judge(candidate: Candidate) -> HoldReason | None:
            if not _is_new(candidate, memory) or candidate.ask in allowed:
                return None
            count = len(asked[candidate.identity.account_id])
            return HoldReason(
                "too-many-asks",
                Truth.FALSE,
                f"the account is asked for {count} thing{'' if count == 1 else 's'} already in 30 days,"
                f" and at most for {most}",
                title="Not asked too often",
                action="Bring what is open to an end first; the best of what waits follows by itself",
                look_again=WEEK.days,
            )

        return sift_each(candidates, judge)

    return stage


def weekly_cap(limits: Limits, owner_of: OwnerOf) -> MemoryGate:
    """Hold out what an owner has no room for this week; a queue is nobody's week and has no cap.

    Each motion has its own rank, and of the room that is left they take turns. What is kept free for a motion stays
    free even where it has nothing to ask today: its next ask must not wait for the other's.
    """
    most = limits.per_owner_per_week or 0

    def stage(candidates: tuple[Candidate, ...], memory: Memory, as_of: date) -> Sifted:
        opened: defaultdict[str, set[Ask]] = defaultdict(set)
        ask_of = asks_of_today(candidates)
        motions: dict[Ask, Motion | None] = {}
        for identity, opening in memory.openings.items():
            if opening.on > as_of - WEEK:
                opened[opening.owner].add(ask_of(identity))
                motions[ask_of(identity)] = identity.motion
        new = [c for c in candidates if _is_new(c, memory)]
        owners: dict[Ask, Assignee] = {}
        for motion in Motion:
            for candidate in rank(new, motion):
                owners.setdefault(candidate.ask, owner_of(candidate))
        allowed = {ask for ask, owner in owners.items() if owner.role == QUEUE}
        for person in sorted({owner.person_id for owner in owners.values() if owner.role != QUEUE}):
            mine = [c for c in new if owners[c.ask].person_id == person]
            used = opened[person]
            again = {c.ask for c in mine if c.ask in used}
            waiting = {m: [a for a in asks if a not in again] for m, asks in _by_motion(mine).items()}
            room = {
                motion: most - limits.reserved - sum(1 for ask in used if motions[ask] is motion) for motion in Motion
            }
            allowed |= again | _in_turns(waiting, most - len(used), room)

        def judge(candidate: Candidate) -> HoldReason | None:
            if not _is_new(candidate, memory) or candidate.ask in allowed:
                return None
            name = owners[candidate.ask].name
            kept = f", {limits.reserved} of them kept for each motion" if limits.reserved else ""
            return HoldReason(
                "weekly-cap",
                Truth.FALSE,
                f"{name} takes up at most {most} new ask{'' if most == 1 else 's'} in 7 days{kept}",
                title="Its owner has room this week",
                action="Nothing: it follows by rank as soon as there is room",
                look_again=WEEK.days,
            )

        return sift_each(candidates, judge)

    return stage


def _is_new(candidate: Candidate, memory: Memory) -> bool:
    """Whether it would be opened today: an ask of ours that fires and is not open yet."""
    return candidate.kind is PlayKind.ASK and candidate.status is Status.FIRED and candidate.identity not in memory.open


def _by_motion(candidates: Iterable[Candidate]) -> dict[Motion, list[Ask]]:
    """The asks of each motion by rank, each once."""
    pool = tuple(candidates)
    return {motion: list(dict.fromkeys(c.ask for c in rank(pool, motion))) for motion in Motion}


def _in_turns(waiting: Mapping[Motion, Sequence[Ask]], free: int, room: Mapping[Motion, int]) -> set[Ask]:
    """As many asks as are free, the motions in turn, none of a motion beyond its room."""
    left = {motion: list(asks[: max(room[motion], 0)]) for motion, asks in waiting.items()}
    taken: set[Ask] = set()
    while len(taken) < free and any(left.values()):
        for asks in left.values():
            if asks and len(taken) < free:
                taken.add(asks.pop(0))
    return taken
