"""The one door through which people work an opportunity: checked, written with its entry, or refused with a reason."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from upcross.ledger import given as checks
from upcross.ledger.actor import Actor
from upcross.ledger.changes import CHANGES, Acting
from upcross.ledger.given import Given
from upcross.ledger.house import DEFAULT_HOUSE, House
from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.possible import possible_steps
from upcross.ledger.refusals import ConflictError, ForbiddenError, NotFoundError, NotNowError
from upcross.ledger.stage import Stage
from upcross.ledger.state import state_of
from upcross.ledger.step import TRANSITIONS, Step, Transition
from upcross.ledger.writer import OPPORTUNITY, writing
from upcross.plays.play import PlayKind


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
        changes = CHANGES[step](acting)
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
    done = Step(last.kind).words
    return (
        f"somebody was quicker: {last.by} took the step '{done}' at {last.at:%Y-%m-%d %H:%M} UTC; it is"
        f" {Stage(row.stage).words} now. Nothing was written: look at it again, then decide"
    )


def _allow(acting: Acting, transition: Transition) -> None:
    step, state = acting.step, acting.state
    relations = acting.actor.relations(state.owner, frozenset({state.closer, state.handed_to} - {""}))
    if not relations & transition.by:
        who = " or ".join(sorted(relation.value for relation in transition.by))
        raise ForbiddenError(f"'{step.words}' is for its {who}; it is owned by {state.owner}")
    if PlayKind(state.kind) not in transition.kinds:
        raise NotNowError(f"'{step.words}' is no step of {_kind(state.kind)}")
    if state.at not in transition.sources:
        possible = [step.value for step in possible_steps(state, acting.actor, acting.house)]
        raise NotNowError(
            f"'{step.words}' does not lead on from {state.at.words}; from here: {', '.join(possible) or 'nothing'}"
        )


def _kind(kind: str) -> str:
    return {"ask": "an ask", "answer": "an answer", "adoption": "adoption work"}[kind]
