"""What each step changes in an opportunity, or why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from upcross.ledger import given as checks
from upcross.ledger.actor import Actor
from upcross.ledger.given import Given
from upcross.ledger.house import House
from upcross.ledger.models import Entry, Opportunity, Person
from upcross.ledger.possible import may_end
from upcross.ledger.refusals import Fault, ForbiddenError, LedgerError, NotNowError, RefusedError
from upcross.ledger.stage import ENDED, Stage
from upcross.ledger.state import State
from upcross.ledger.step import Step
from upcross.ledger.undoing import what_was
from upcross.opportunities.outcomes import Outcome
from upcross.opportunities.route import SELF_SERVE
from upcross.periods import working_day

SNOOZE_AT_MOST = timedelta(days=366)
OVERRIDE_AT_MOST = timedelta(days=180)


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
    if may_end(state, actor.relations(state.owner, frozenset({state.closer} - {""}))):
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
    raise LedgerError(f"'{acting.step.words}' is not taken through this door")


CHANGES: Mapping[Step, Callable[[Acting], Changes]] = {
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
"""By step; those that people do not take refuse."""
