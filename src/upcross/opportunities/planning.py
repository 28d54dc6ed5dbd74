"""From candidates and memory to a change plan: which asks open, go on, change hands, wait or end, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta

from upcross.motions import Motion
from upcross.opportunities.asks import link_alternatives
from upcross.opportunities.candidate import Candidate, Identity, Status
from upcross.opportunities.change_plan import Change, ChangeKind, ChangePlan, UnknownNote
from upcross.opportunities.limits import NO_SEGMENTS, Limits
from upcross.opportunities.memory import Memory, OpenAsk, Stage
from upcross.opportunities.memory_gates import STAGES, MemoryGate, sift
from upcross.opportunities.rank import rank
from upcross.opportunities.route import QUEUE, SURFACE, Assignee, People, Settings, assign, clearings, closer, route
from upcross.opportunities.turns import Turns
from upcross.periods import working_day
from upcross.plays.play import PlayKind

NO_LIMITS = Limits()
_KINDS = {kind: place for place, kind in enumerate(ChangeKind)}
_MOTIONS: Mapping[Motion | None, int] = {motion: place for place, motion in enumerate((*Motion, None))}


def plan_changes(
    candidates: Iterable[Candidate],
    memory: Memory,
    people: People,
    as_of: date,
    settings: Settings,
    *,
    kept_open: Set[Identity] = frozenset(),
    unknown: Iterable[UnknownNote] = (),
    limits: Limits = NO_LIMITS,
    segments: Mapping[str, str] = NO_SEGMENTS,
    stages: Sequence[MemoryGate] = STAGES,
) -> ChangePlan:
    """What to do about today's candidates, given what was asked before; the order of candidates is immaterial.

    ``candidates`` come from ``merge``. ``kept_open`` are identities (of any episode) that no play fires for today
    but whose ``keep_open_while`` is still true, or not known: they neither expire nor lose their hold.
    ``unknown`` is passed on as data; ``limits`` say how much is asked at once, ``segments`` which segment each account
    is of ('' where not given). Raises ``ValueError`` where two candidates have the same identity.
    """
    people = people.with_stand_ins(memory.stand_ins)
    today = link_alternatives(
        _decided(replace(c, identity=memory.current(c.identity)), memory, as_of)
        for given in candidates
        if (c := _unanswered(given, memory)) is not None
    )
    by_identity = {candidate.identity: candidate for candidate in today}
    if len(by_identity) != len(today):
        raise ValueError("two candidates are about the same thing; merge the findings first")
    lasting = {identity.first for identity in kept_open}
    # What stops being open today stands in nobody's way today; else the same plan would differ once applied.
    stopping = {
        identity
        for identity, ask in memory.open.items()
        if ask.stage is Stage.SURFACED and _stops(by_identity.get(identity), identity.first in lasting)
    }
    planner = _Planner(memory, people, as_of, settings, Turns.of(memory, today, people, settings, as_of))
    sifted = sift(today, memory.without(stopping), as_of, (*stages, *limits.stages(planner.owner, segments)))
    considered = link_alternatives((*sifted.kept, *sifted.held_out))
    planner.give_out(considered)
    changes = [planner.decide(candidate) for candidate in considered]
    changes += [
        change
        for identity in sorted({*memory.open, *memory.held} - by_identity.keys(), key=lambda identity: identity.order)
        if (change := planner.conclude(identity, identity.first in lasting)) is not None
    ]
    notes = sorted(unknown, key=lambda note: (_MOTIONS[note.motion], note.play, note.rows))
    return ChangePlan(as_of, _ordered(changes, considered), tuple(notes), settings.currency, memory.blank)


def _unanswered(candidate: Candidate, memory: Memory) -> Candidate | None:
    """The candidate without requests that were answered since; None where nothing else speaks for it."""
    answered = memory.answered.get(candidate.identity.first)
    if answered is None:
        return candidate
    left = tuple(r for r in candidate.reasons if r.kind is not PlayKind.ANSWER or (r.asked_on or date.max) > answered)
    return replace(candidate, reasons=left) if left else None


def _decided(candidate: Candidate, memory: Memory, as_of: date) -> Candidate:
    """The candidate under a person's decision to ask anyway, where one is valid today."""
    override = memory.overrides.get(candidate.identity)
    return candidate.in_spite_of(override) if override is not None and as_of <= override.until else candidate


def _stops(candidate: Candidate | None, lasting: bool) -> bool:
    return not lasting if candidate is None else candidate.status is Status.HELD


def _ordered(changes: Collection[Change], candidates: Iterable[Candidate]) -> tuple[Change, ...]:
    pool = tuple(candidates)
    ranked = [candidate.identity for motion in _MOTIONS for candidate in rank(pool, motion)]
    places = {identity: place for place, identity in enumerate(ranked)}

    def key(change: Change) -> tuple[object, ...]:
        motion = _MOTIONS[change.identity.motion]
        place = places.get(change.identity, len(places))
        return (change.play_kind is not PlayKind.ANSWER, motion, _KINDS[change.kind], place, change.identity.order)

    return tuple(sorted(changes, key=key))


@dataclass(frozen=True, slots=True)
class _Planner:
    memory: Memory
    people: People
    as_of: date
    settings: Settings
    turns: Turns

    def owner(self, candidate: Candidate) -> Assignee:
        """Who would own a candidate that is opened today."""
        return self.turns.give(route(candidate, self.people, self.as_of, self.settings).owner, candidate.identity)

    def give_out(self, candidates: Collection[Candidate]) -> None:
        """Settle whose turn each new ask of a pool is, the best first, each motion by itself."""
        new = [c for c in candidates if c.status is Status.FIRED and c.identity not in self.memory.open]
        for motion in _MOTIONS:
            for candidate in rank(new, motion):
                self.owner(candidate)

    def decide(self, candidate: Candidate) -> Change:
        """The change for a thing that fires or is held today."""
        ask = self.memory.open.get(candidate.identity)
        titles = "; ".join(dict.fromkeys(reason.title or reason.play_id for reason in candidate.deciding))
        if candidate.status is Status.HELD:
            gates = ", ".join(hold.gate for hold in candidate.holds)
            if ask and ask.stage is not Stage.SURFACED:
                return self._carry_on(candidate, ask, f"now held by {gates}; {ask.stage.words}, so its owner decides")
            before = "was open, now " if ask else "still " if candidate.identity in self.memory.held else ""
            return self._change(ChangeKind.HOLD, candidate, f"{before}held by {gates}")
        held = self.memory.held.get(candidate.identity)
        anyway = self._anyway(candidate)
        if ask:
            return self._carry_on(candidate, ask, f"{anyway or 'still fires'}: {titles}")
        if held:
            gates = ", ".join(held.gates)
            told = f"released: {anyway}" if anyway else f"released: no longer held by {gates}"
            return self._change(ChangeKind.RELEASE, candidate, f"{told}; {titles}")
        return self._change(ChangeKind.CREATE, candidate, f"{anyway or 'fires'}: {titles}")

    def _anyway(self, candidate: Candidate) -> str:
        """In spite of which gates it is asked, on whose word and until when; '' where it fires by itself."""
        override = candidate.override
        if override is None or not candidate.asked_anyway:
            return ""
        by = self.people.person(override.by).name
        return f"asked anyway: {', '.join(candidate.asked_anyway)} overridden by {by} until {override.until}"

    def conclude(self, identity: Identity, lasting: bool) -> Change | None:
        """The change for a thing in memory for which nothing fires or is held today; None: it stays as it is."""
        ask = self.memory.open.get(identity)
        if ask and (lasting or ask.stage is not Stage.SURFACED):
            told = "no play fires, but it has not cleared" if lasting else "its trigger has cleared; its owner decides"
            owner, moved = self._owner(identity, ask, ())
            kind = ChangeKind.REASSIGN if moved else ChangeKind.REFRESH
            close = closer(identity, (), self.people, self.as_of, self.settings)
            return Change(kind, identity, moved or told, owner, close, due_on=ask.due_on)
        if lasting:
            return None
        owner = self._owner(identity, ask, ())[0] if ask else self._assign(identity, SURFACE)
        close = closer(identity, (), self.people, self.as_of, self.settings)
        told = "its trigger has cleared" if ask else "held until now; its trigger has cleared"
        return Change(ChangeKind.EXPIRE, identity, told, owner, close)

    def _change(self, kind: ChangeKind, candidate: Candidate, reason: str) -> Change:
        way = route(candidate, self.people, self.as_of, self.settings)
        place = self.turns.known if kind is ChangeKind.HOLD else self.turns.give
        owner = place(way.owner, candidate.identity)
        steps = clearings(candidate, self.people, self.as_of, self.settings)
        if kind is ChangeKind.HOLD:
            due = min((step.look_again_on for step in steps if step.look_again_on), default=None)
        else:
            due = self._due(candidate, owner)
        renewal = candidate.renewal(self.as_of)
        return Change(kind, candidate.identity, reason, owner, way.closer, candidate, due, renewal, steps)

    def _carry_on(self, candidate: Candidate, ask: OpenAsk, reason: str) -> Change:
        """An open ask goes on with its owner, or with a new one where that owner no longer serves the account."""
        roles = candidate.lead.close if ask.stage is Stage.ACCEPTED else candidate.lead.surface
        owner, moved = self._owner(candidate.identity, ask, roles)
        change = self._change(ChangeKind.REASSIGN if moved else ChangeKind.REFRESH, candidate, moved or reason)
        due = ask.due_on
        if candidate.kind is PlayKind.ANSWER and change.due_on:  # who asks while we wait is answered at once
            due = min(due or change.due_on, change.due_on)
        return replace(change, owner=owner, due_on=due)

    def _owner(self, identity: Identity, ask: OpenAsk, roles: tuple[str, ...]) -> tuple[Assignee, str]:
        """The owner of an open ask from today on, and why it moved ('' where it did not)."""
        person = self.people.person(ask.owner)
        stays = Assignee(person.person_id, person.name, ask.owner_role)
        closes = closer(identity, roles, self.people, self.as_of, self.settings)
        new = closes if closes and ask.stage is Stage.ACCEPTED else self._assign(identity, roles or SURFACE)
        if ask.owner in ("", self.settings.fallback_queue):
            why = "nobody owned it"
        elif ask.owner in self.settings.pools:
            why = f"nobody of {ask.owner} had it"
        elif person.left(self.as_of):
            why = f"{person.name} left on {person.left_on}"
        elif new.role == QUEUE or new.person_id == ask.owner or not self._succeeded(identity, ask):
            return stays, ""
        else:
            why = f"{person.name} no longer looks after the account"
        taker = self.turns.give(new, identity)
        return taker, "" if taker.person_id == ask.owner else f"{why}; {taker.name} takes over"

    def _succeeded(self, identity: Identity, ask: OpenAsk) -> bool:
        """Whether somebody else, still with us, now serves the account in the role in which the ask was taken."""
        serving = self.people.assigned.get(identity.account_id, {}).get(ask.owner_role)
        if not serving or serving == ask.owner or self.turns.among(serving, ask.owner):
            return False
        return not self.people.person(serving).left(self.as_of)

    def _assign(self, identity: Identity, roles: tuple[str, ...]) -> Assignee:
        return assign(identity, roles, self.people, self.as_of, self.settings)

    def _due(self, candidate: Candidate, owner: Assignee) -> date | None:
        pool = self.settings.pools.get(owner.pool)
        days = [d for d in (candidate.respond_within, pool.respond_within if pool else None) if d is not None]
        return working_day(self.as_of + timedelta(days=min(days))) if days else None
