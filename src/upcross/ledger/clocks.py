"""What time alone does: response times that ran out go up, and what was put off comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from upcross.ledger.actor import SYSTEM
from upcross.ledger.models import Opportunity, Person
from upcross.ledger.stage import WORKED, Stage
from upcross.ledger.step import Step
from upcross.ledger.writer import writing
from upcross.periods import working_day

LEVELS = 2
"""How often one response time goes up: to the manager, and then to those who answer for everybody's work."""

AGAIN_AFTER = timedelta(days=3)
"""How long the first level has before the second is told."""


RESPOND_WITHIN = 3
"""Days that its owner has for what came back by itself."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """How many response times went up, and how many opportunities came back."""

    escalated: int = 0
    woken: int = 0


def run_clocks(today: date, moment: datetime | None = None) -> Ticked:
    """Escalate what is overdue on a day and wake what was put off until it; run twice, it does the same once.

    Who has to respond is the closer whom it was handed to, else its owner. What wakes unqualified is surfaced again;
    the next plan knows whether anything still speaks for it.
    """
    overdue = Opportunity.objects.filter(stage__in=sorted(WORKED), due_on__lt=today, escalated__lt=LEVELS)
    asleep = Opportunity.objects.filter(stage=Stage.SNOOZED, snoozed_until__lte=today)
    if not (overdue.exists() or asleep.exists()):
        return Ticked()
    escalated = woken = 0
    with writing(moment) as writer:
        above = dict(Person.objects.values_list("person_id", "manager_id"))
        for row in overdue.select_for_update():
            level = row.escalated + 1
            if level == 2 and row.due_on + AGAIN_AFTER >= today:
                continue
            waits_for = row.handed_to or row.owner
            facts = {"waits_for": waits_for, "told": above.get(waits_for, "") if level == 1 else "", "level": level}
            writer.change(row, Step.ESCALATE, SYSTEM, {"escalated": level}, as_of=today, more=facts)
            escalated += 1
        for row in asleep.select_for_update():
            due = working_day(today + timedelta(days=RESPOND_WITHIN))
            back = {"stage": row.resume_stage, "snoozed_until": None, "snoozed_while": "", "resume_stage": "",
                    "held_since": None, "escalated": 0, "due_on": due}  # fmt: skip
            writer.change(row, Step.WAKE, SYSTEM, back, as_of=today)
            woken += 1
    return Ticked(escalated, woken)
