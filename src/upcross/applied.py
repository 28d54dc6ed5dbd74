"""`apply`: the change plan of a day made with what the ledger remembers, shown, and written exactly as shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING

from upcross.kept_ledger import company_of, open_ledger, operator_name
from upcross.kept_signals import Progress
from upcross.periods import today
from upcross.project import Project
from upcross.publishing.publish import publish
from upcross.verbs import Plan, plan

if TYPE_CHECKING:
    from upcross.ledger.applying import Applied


@dataclass(frozen=True, slots=True)
class Application:
    """A plan, and what writing it did to the ledger."""

    plan: Plan
    applied: Applied


def apply(project: Project, as_of: date | None = None, *, progress: Progress | None = None) -> Application:
    """Make the plan of a day with what was asked before, and write it into the ledger: all of it, or
    nothing; then it is published for pages.

    One apply at a time: a second one waits, and then plans on what the first has written. ``UsageError`` where the
    ledger stands at a later day.
    """
    open_ledger(project)
    from upcross.ledger.actor import operator
    from upcross.ledger.applying import apply_plan
    from upcross.ledger.clocks import run_clocks
    from upcross.ledger.turns import alone

    with alone("apply"):
        run_clocks(today())  # what was put off until today is looked at like anything else
        begun = monotonic()
        made = plan(project, as_of, progress=progress)
        company = company_of(made.run)
        told = {**_inputs(made), "seconds": round(monotonic() - begun, 1)}
        done = apply_plan(made.changes, company, operator(operator_name()), today=today(), told=told)
        publish(project, made)  # in the same turn: an older plan is never published after a newer one
    return Application(made, done)


def _inputs(made: Plan) -> dict[str, str]:
    """Of which inputs a plan is, for the record: the hash of all of them, the load, and when it was known."""
    snapshot = made.run.evaluation.frame.snapshot
    return {
        "run": made.run.folder.name, "load": snapshot.manifest.load_id, "known_at": snapshot.known_at.isoformat()
    }  # fmt: skip
