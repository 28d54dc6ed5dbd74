"""What people bring in themselves: what they heard a customer say, and what they open without any play."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from upcross import periods
from upcross.hearing import Heard as Said
from upcross.hearing import Hearing, hear
from upcross.kept_ledger import open_ledger, remembered, typed_in
from upcross.kept_signals import Progress
from upcross.opening import Opened, open_by_hand
from upcross.opportunities import ChangePlan
from upcross.project import Project

if TYPE_CHECKING:
    from upcross.ledger.actor import Actor
    from upcross.ledger.applying import Applied
    from upcross.ledger.writer import Writer

First = Callable[["Writer", Hearing, str], None]


@dataclass(frozen=True, slots=True)
class Logged:
    """What was heard, what follows from it for the account, and what was written."""

    hearing: Hearing
    applied: Applied
    statement_id: str


def log(
    project: Project, account: str, quote: str, actor: Actor, *, kind: str = "need", product: str = "",
    domain: str = "", said_by: str = "", contact: str = "", business_unit: str = "", said_on: date | None = None,
    today: date | None = None, first: First | None = None, progress: Progress | None = None,
) -> Logged:  # fmt: skip
    """Keep what a customer said and what the gates make of it at once: an ask opened, answered or held, or nothing.

    ``account``, ``product`` and ``contact`` are ids or names. ``ProblemError`` with every fault; nothing is kept then.
    ``first`` is called in the transaction before anything is written, and may refuse it by what it raises.
    """
    open_ledger(project)
    from upcross.ledger.applying import apply_plan
    from upcross.ledger.hearing import write_heard
    from upcross.ledger.turns import alone

    day = today or periods.today()
    said = Said(
        f"heard-{uuid.uuid4()}", account, said_on or day, kind, quote, actor.person_id or actor.id, business_unit,
        product, domain, contact, said_by, recorded_on=day,
    )  # fmt: skip
    with alone("apply"):
        memory = remembered(project, project.day(None, project.store.manifest()))
        hearing = hear(project, [said], typed=typed_in(project), memory=memory, today=day, progress=progress)
        [row] = hearing.typed.rows["statements"]

        def keep(writer: Writer) -> None:
            if first is not None:
                first(writer, hearing, said.statement_id)
            write_heard(writer, row, actor, day)

        done = apply_plan(hearing.changes, None, actor, first=keep, run="heard", today=day)
    return Logged(hearing, done, said.statement_id)


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person opened, what the gates made of it, and what was written."""

    opened: Opened
    applied: Applied


def open_opportunity(
    project: Project, account: str, product: str, mechanism: str, actor: Actor, *, why: str = "",
    business_unit: str = "", first: Callable[[Writer, Opened], None] | None = None, progress: Progress | None = None,
) -> ByHand:  # fmt: skip
    """Open something by hand, through the same gates: surfaced, or held with every reason; where it is open, it goes
    on.

    ``account`` and ``product`` are ids or names. ``ProblemError`` with every fault; nothing is written then. ``first``
    is called in the transaction before anything is written, and may refuse it by what it raises.
    """
    open_ledger(project)
    from upcross.ledger.applying import apply_plan
    from upcross.ledger.turns import alone

    with alone("apply"):
        memory = remembered(project, project.day(None, project.store.manifest()))
        opened = open_by_hand(
            project, account, product, mechanism, business_unit=business_unit, memory=memory,
            typed=typed_in(project), progress=progress,
        )  # fmt: skip
        day = project.day(None, project.store.manifest())
        plan = ChangePlan(day, (opened.change,), (), project.settings.reporting_currency)

        def keep(writer: Writer) -> None:
            if first is not None:
                first(writer, opened)

        done = apply_plan(plan, None, actor, first=keep, run="open", by_hand=why, today=periods.today())
    return ByHand(opened, done)
