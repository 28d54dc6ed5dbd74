"""The one door through which people work an opportunity: checked, written with its entry, or refused with a reason."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from upcross.ledger import given as checks
from upcross.ledger.actor import Actor, Relation
from upcross.ledger.given import Given
from upcross.ledger.models import Entry, Opportunity, Person
from upcross.ledger.refusals import (
    ConflictError,
    Fault,
    ForbiddenError,
    LedgerError,
    NotFoundError,
    NotNowError,
    RefusedError,
)
from upcross.ledger.stage import ENDED, Stage
from upcross.ledger.state import Standing, State, state_of
from upcross.ledger.step import TRANSITIONS, UNDOABLE, Step, Transition
from upcross.ledger.undoing import what_was
from upcross.ledger.writer import OPPORTUNITY, writing
from upcross.opportunities.outcomes import SHIPPED, Outcome, OutcomeReason
from upcross.opportunities.route import SELF_SERVE
from upcross.periods import working_day
from upcross.plays.play import PlayKind

SNOOZE_AT_MOST = timedelta(days=366)
OVERRIDE_AT_MOST = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class House:
    """The company's own rules for steps: why things end, how long a step may take, and whether a CSM may close."""

    outcomes: Mapping[Outcome, Mapping[str, OutcomeReason]] = field(default_factory=lambda: SHIPPED)
    csm_may_close: bool = False
    accept_within: int = 3
    work_within: int = 14
    """Days after which an accepted deal that goes on is due to be told of; whoever works it comments on it."""
    soft_gates: frozenset[str] | None = None
    """The gates that may be overridden; None: not known here, so none is."""
    queues: frozenset[str] = frozenset()


DEFAULT_HOUSE = House()


@dataclass(frozen=True, slots=True)
class Acting:
    """One step on its way: who takes it, what they give, how the opportunity stands, and on which day."""

    step: Step
    actor: Actor
    given: Given
    row: Opportunity
    state: State
    today: date
    house: House
    entries: Callable[[], list[Entry]]

    def within(self, days: int) -> date:
        """The working day by which something is to be done that may take so many days."""
        return working_day(self.today + timedelta(days=days))

    def active_people(self) -> frozenset[str]:
        """The ids of our people who are still with us, and of queues."""
        rows = Person.objects.values_list("person_id", "left_on")
        return frozenset(p for p, left in rows if left is None or left > self.today) | self.house.queues

    def is_queue(self, person_id: str) -> bool:
        """Whether an id is no person but a queue, out of which people take what they work."""
        return person_id in self.house.queues or self.role_of(person_id) == "queue"

    def role_of(self, person_id: str) -> str:
        """The role of one of our people; '' where the team table has none."""
        person = Person.objects.filter(person_id=person_id).first()
        return person.role if person else ""


Changes = dict[str, Any]


def act(
    opportunity: uuid.UUID, step: Step, actor: Actor, given: Given | None = None, *, today: date,
    expected_version: int | None = None, house: House = DEFAULT_HOUSE, moment: datetime | None = None,
) -> Opportunity:  # fmt: skip
    """Take one step with one opportunity, and say how it stands then.

    ``expected_version`` is how the actor saw it: where somebody acted since, nothing is written, and
    ``ConflictError`` says who did what. Raises ``NotFoundError``, ``ForbiddenError``, ``NotNowError``, or
    ``RefusedError`` with all faults.
    """
    given = given or Given()
    with writing(moment) as writer:
        row = Opportunity.objects.select_for_update().filter(pk=opportunity).first()
        if row is None:
            raise NotFoundError(f"there is no opportunity {opportunity}")

        def entries() -> list[Entry]:
            found = Entry.objects.filter(subject=OPPORTUNITY, subject_id=str(opportunity))
            return list(found.order_by("-version")[:50])

        if expected_version is not None and expected_version != row.version:
            raise ConflictError(_conflict(entries()[0], row, expected_version), row.version)
        acting = Acting(step, actor, given, row, state_of(row), today, house, entries)
        transition = TRANSITIONS[step]
        _allow(acting, transition)
        changes = _CHANGES[step](acting)
        target = transition.target
        if target is not None:
            changes.setdefault("stage", target.value)
        texts = {"text": given.text.strip(), **{name: given.context.get(name, "").strip() for name in checks.CONTEXT}}
        return writer.change(row, step, actor, changes, reason=given.reason, texts=texts, as_of=today)


def _conflict(last: Entry, row: Opportunity, expected: int) -> str:
    if expected > row.version:
        return (
            f"there is no version {expected} of it yet: it is at version {row.version}; look at it again, then decide"
        )
    done = Step(last.kind).value.replace("_", " ")
    return (
        f"somebody was quicker: {last.by} took the step '{done}' at {last.at:%Y-%m-%d %H:%M} UTC; it is"
        f" {Stage(row.stage).words} now. Nothing was written: look at it again, then decide"
    )


def _allow(acting: Acting, transition: Transition) -> None:
    step, state = acting.step, acting.state
    relations = acting.actor.relations(state.owner, frozenset({state.closer, state.handed_to} - {""}))
    if not relations & transition.by:
        who = " or ".join(sorted(relation.value for relation in transition.by))
        raise ForbiddenError(f"'{_words(step)}' is for its {who}; it is owned by {state.owner}")
    if PlayKind(state.kind) not in transition.kinds:
        raise NotNowError(f"'{_words(step)}' is no step of {_kind(state.kind)}")
    if state.at not in transition.sources:
        possible = [step.value for step in possible_steps(state, acting.actor, acting.house)]
        raise NotNowError(
            f"'{_words(step)}' does not lead on from {state.at.words}; from here: {', '.join(possible) or 'nothing'}"
        )


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
        Step.WIN: _may_end(state, relations),
        Step.LOSE: _may_end(state, relations),
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


def _may_end(state: Standing, relations: frozenset[Relation]) -> bool:
    """Whether a deal may be won or lost by who stands so to it: its closer once accepted, or who oversees it."""
    if relations & {Relation.OVERSEER, Relation.SYSTEM} or state.closer_role == SELF_SERVE:
        return True
    return state.stage == Stage.ACCEPTED and Relation.CLOSER in relations


def _words(step: Step) -> str:
    return step.value.replace("_", " ")


def _kind(kind: str) -> str:
    return {"ask": "an ask", "answer": "an answer", "adoption": "adoption work"}[kind]


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise RefusedError(faults)


def _qualify(acting: Acting) -> Changes:
    given, state = acting.given, acting.state
    _refuse(checks.check_context(given, state.known) + checks.check_text(given))
    said = {name: text.strip().casefold() != checks.UNKNOWN for name, text in given.context.items() if text.strip()}
    return {"known": {**state.known, **said}}


def _hand_off(acting: Acting) -> Changes:
    given, state = acting.given, acting.state
    to = given.to or state.closer
    if to == SELF_SERVE:
        raise NotNowError("the customer closes it by self-serve: there is nobody to hand it to. Name a seller to do so")
    faults = checks.check_text(given) + checks.check_person("to", to, acting.active_people())
    faults += _may_close(acting, "to", to)
    _refuse(faults)
    role = state.closer_role if to == state.closer else acting.role_of(to)
    return {"closer": to, "closer_role": role, "handed_to": to, "escalated": 0,
            "due_on": acting.within(acting.house.accept_within)}  # fmt: skip


def _accept(acting: Acting) -> Changes:
    state = acting.state
    taker = state.handed_to or (state.closer if state.closer == state.owner else "")
    if not taker:
        raise NotNowError(f"it was not handed to anybody yet: its owner {state.owner} hands it off first")
    if taker == SELF_SERVE:
        raise NotNowError("the customer closes it by self-serve: there is nothing to accept")
    _refuse(checks.check_text(acting.given) + _may_close(acting, "to", taker))
    return {"owner": taker, "owner_role": state.closer_role, "closer": taker, "handed_to": "",
            "due_on": acting.within(acting.house.work_within), "escalated": 0}  # fmt: skip


def _may_close(acting: Acting, field: str, person: str) -> list[Fault]:
    if person and not acting.house.csm_may_close and acting.role_of(person) == "csm":
        return [Fault(field, f"{person} is a CSM, who qualifies and does not close; name a seller")]
    return []


def _return(acting: Acting) -> Changes:
    given, state = acting.given, acting.state
    _refuse(checks.check_reason(given, acting.house.outcomes[Outcome.RETURNED]) + checks.check_text(given))
    people = acting.active_people()
    back = state.owner if state.at is Stage.HANDED_OFF else state.opened_for
    owner = back if back in people or not people else state.owner
    role = acting.role_of(owner) or state.owner_role
    return {"owner": owner, "owner_role": role if owner != state.owner else state.owner_role, "handed_to": "",
            "due_on": acting.within(acting.house.accept_within), "escalated": 0}  # fmt: skip


def _ending(acting: Acting, days: int | None) -> Changes:
    on = acting.given.on or acting.today
    if on > acting.today:
        raise RefusedError([Fault("on", f"{on} has not come yet; expected {acting.today} at the latest")])
    if acting.state.opened_on and on < acting.state.opened_on:
        raise RefusedError([Fault("on", f"{on} lies before it was opened, on {acting.state.opened_on}")])
    wait = acting.state.cooldown if days is None else days
    return {"ended_on": on, "end_reason": acting.given.reason, "cooldown_until": acting.today + timedelta(days=wait),
            "due_on": None, "handed_to": "", "gates": (), "held_since": None, "look_again_on": None,
            "snoozed_until": None, "snoozed_while": "", "resume_stage": ""}  # fmt: skip


def _win(acting: Acting) -> Changes:
    given = acting.given
    faults = checks.check_text(given)
    if given.mrr is not None and given.mrr < 0:
        faults.append(Fault("mrr", "is below zero; expected the MRR that was won, or leave it out where unknown"))
    _refuse(faults + _closes(acting))
    return {**_ending(acting, None), "won_mrr": given.mrr}


def _lose(acting: Acting) -> Changes:
    reasons = acting.house.outcomes[Outcome.LOST]
    _refuse(checks.check_reason(acting.given, reasons) + checks.check_text(acting.given) + _closes(acting))
    return _ending(acting, reasons[acting.given.reason].cooldown)


def _closes(acting: Acting) -> list[Fault]:
    state, actor = acting.state, acting.actor
    if actor.role == "csm" and not acting.house.csm_may_close:
        return [Fault("step", "a CSM qualifies and does not close: its closer says whether it is won or lost")]
    if _may_end(state, actor.relations(state.owner, frozenset({state.closer} - {""}))):
        return []
    return [Fault("stage", f"it is {state.at.words}: its closer says that it is won or lost, once they accepted it")]


def _finish(acting: Acting) -> Changes:
    _refuse(checks.check_text(acting.given))
    return _ending(acting, None)


def _dismiss(acting: Acting) -> Changes:
    reasons = acting.house.outcomes[Outcome.DISMISSED]
    _refuse(checks.check_reason(acting.given, reasons) + checks.check_text(acting.given))
    return _ending(acting, reasons[acting.given.reason].cooldown)


def _snooze(acting: Acting) -> Changes:
    given, state = acting.given, acting.state
    faults = checks.check_until(given, acting.today, SNOOZE_AT_MOST, needed=not given.until_changed)
    fingerprint = str((acting.row.candidate or {}).get("fingerprint", ""))
    if given.until_changed and not fingerprint:
        faults.append(Fault("until_changed", "no signal speaks for it today, so none can change; give a day instead"))
    _refuse(faults + checks.check_text(given))
    until = given.until or acting.today + SNOOZE_AT_MOST
    return {"snoozed_until": until, "snoozed_while": fingerprint if given.until_changed else "",
            "resume_stage": state.stage, "held_since": acting.today, "due_on": None}  # fmt: skip


def _wake(acting: Acting) -> Changes:
    return {"stage": acting.state.resume_stage, "snoozed_until": None, "snoozed_while": "", "resume_stage": "",
            "held_since": None, "escalated": 0,
            "due_on": acting.within(acting.house.accept_within)}  # fmt: skip


def _reassign(acting: Acting) -> Changes:
    given = acting.given
    faults = checks.check_text(given) + checks.check_person("to", given.to, acting.active_people())
    if acting.state.at is Stage.ACCEPTED:
        faults += _may_close(acting, "to", given.to)
    _refuse(faults)
    changes: Changes = {"owner": given.to, "owner_role": "", "escalated": 0}  # '' : a person chose
    if acting.state.closer == acting.state.owner or acting.state.at is Stage.ACCEPTED:
        changes |= {"closer": given.to, "closer_role": acting.state.closer_role}
    return changes


def _claim(acting: Acting) -> Changes:
    state, actor = acting.state, acting.actor
    if not actor.person_id:
        raise ForbiddenError("only one of our people can take an opportunity out of a queue")
    if state.handed_to and acting.is_queue(state.handed_to):  # its closer is whoever takes it
        _refuse(_may_close(acting, "step", actor.person_id))
        return {"handed_to": actor.person_id, "closer": actor.person_id, "closer_role": actor.role}
    if not acting.is_queue(state.owner):
        raise NotNowError(f"it is owned by {state.owner}, who is no queue: ask for it to be reassigned")
    if state.at is Stage.ACCEPTED:
        _refuse(_may_close(acting, "step", actor.person_id))
        return {"owner": actor.person_id, "owner_role": "", "closer": actor.person_id, "closer_role": actor.role}
    return {"owner": actor.person_id, "owner_role": ""}


def _override(acting: Acting) -> Changes:
    given, state, house = acting.given, acting.state, acting.house
    if not acting.actor.may_override:
        raise ForbiddenError("only a manager may ask against a gate; what holds it is with who can clear it")
    gates = given.gates or state.gates
    faults = checks.check_until(given, acting.today, OVERRIDE_AT_MOST, needed=True) + checks.check_text(given)
    if not given.text.strip():
        faults.append(Fault("text", "is missing: say why to ask although a gate holds it"))
    left = set(state.gates) - set(gates)
    if left:
        faults.append(Fault("gates", f"it is held by {', '.join(sorted(left))} too, and would still be held"))
    soft = house.soft_gates or frozenset()
    strange = [gate for gate in gates if gate not in state.gates]
    if strange:
        faults.append(Fault("gates", f"{', '.join(strange)} does not hold it; it is held by {', '.join(state.gates)}"))
    hard = [gate for gate in gates if gate not in soft and gate not in strange]
    if hard:
        faults.append(Fault("gates", f"nobody asks against {', '.join(hard)}: it has to clear first"))
    _refuse(faults)
    return {"asked_anyway": True, "override_gates": tuple(gates), "override_until": given.until,
            "override_by": acting.actor.id, "gates": (), "released_from": state.gates, "held_since": None,
            "look_again_on": None, "opened_on": acting.today, "opened_for": state.owner, "escalated": 0,
            "due_on": acting.within(house.accept_within)}  # fmt: skip


def _comment(acting: Acting) -> Changes:
    faults = checks.check_text(acting.given)
    if not acting.given.text.strip():
        faults.append(Fault("text", "is missing: a comment says something"))
    _refuse(faults)
    if acting.state.at is Stage.ACCEPTED and acting.actor.person_id == acting.state.owner:  # it is told how it goes on
        return {"due_on": acting.within(acting.house.work_within), "escalated": 0}
    return {}


def _undo(acting: Acting) -> Changes:
    newer = Opportunity.objects.filter(
        account_id=acting.row.account_id, business_unit=acting.row.business_unit, product_id=acting.row.product_id,
        mechanism=acting.row.mechanism, task=acting.row.task, episode__gt=acting.row.episode,
    ).exists()  # fmt: skip
    if newer and acting.state.at in ENDED:
        raise NotNowError("the same thing is being asked again already: work that opportunity instead")
    return what_was(acting.entries(), acting.actor, acting.state)


def _nobody(acting: Acting) -> Changes:
    raise LedgerError(f"'{_words(acting.step)}' is not taken through this door")


_CHANGES: Mapping[Step, Callable[[Acting], Changes]] = {
    **dict.fromkeys(Step, _nobody),
    Step.QUALIFY: _qualify,
    Step.HAND_OFF: _hand_off,
    Step.ACCEPT: _accept,
    Step.RETURN: _return,
    Step.WIN: _win,
    Step.LOSE: _lose,
    Step.FINISH: _finish,
    Step.DISMISS: _dismiss,
    Step.SNOOZE: _snooze,
    Step.WAKE: _wake,
    Step.REASSIGN: _reassign,
    Step.CLAIM: _claim,
    Step.OVERRIDE: _override,
    Step.COMMENT: _comment,
    Step.UNDO: _undo,
}
