"""A change plan as rows: one for each ask that is made or held back, with its amounts, people and sentences."""

from __future__ import annotations

from upcross.opportunities import Change, ChangePlan, sentences
from upcross.plays.play import PlayKind
from upcross.sheets import Sheet, Value
from upcross.signals.model import Unit

COLUMNS = {
    "change": Unit.TEXT, "play_kind": Unit.TEXT,
    "motion": Unit.TEXT, "mechanism": Unit.TEXT, "account_id": Unit.TEXT, "account": Unit.TEXT,
    "business_unit": Unit.TEXT, "product_id": Unit.TEXT, "product": Unit.TEXT, "mrr_floor": Unit.MONEY,
    "mrr_expected": Unit.MONEY, "mrr_ceiling": Unit.MONEY, "currency": Unit.TEXT, "counts": Unit.FLAG,
    "plays": Unit.TEXT, "why": Unit.TEXT, "heard": Unit.TEXT, "owner": Unit.TEXT, "owner_role": Unit.TEXT,
    "closer": Unit.TEXT, "closer_role": Unit.TEXT, "due_on": Unit.DATE, "timing": Unit.TEXT, "next_step": Unit.TEXT,
    "held_by": Unit.TEXT, "because": Unit.TEXT, "care": Unit.TEXT,
}  # fmt: skip
"""The columns of a plan's sheet. ``play_kind`` is ask, answer or adoption; adoption has neither motion nor closer.

``counts`` is false on what is in no sum of asks: another way of an ask, an answer, and adoption work.
"""

SHORT = ("change", "play_kind", "motion", "mechanism", "account", "product", "mrr_expected", "currency", "why", "owner",
         "due_on", "next_step", "held_by")  # fmt: skip
"""The columns that a page or message has room for."""


def plan_sheet(changes: ChangePlan) -> Sheet:
    """One row for each change, in the plan's order; several sentences of one kind stand in one cell."""
    return Sheet(COLUMNS, tuple(_row(change, changes.currency) for change in changes.changes))


def _row(change: Change, currency: str) -> tuple[Value, ...]:
    candidate, identity = change.candidate, change.identity
    size = candidate.potential if candidate else None
    return (
        change.kind.value, change.play_kind.value, identity.motion.value if identity.motion else None,
        identity.mechanism.value if identity.mechanism else None, identity.account_id,
        candidate.account_name if candidate else identity.account_id, identity.business_unit, identity.product_id,
        candidate.product_name if candidate else identity.product_id,
        size.floor if size else None, size.expected if size else None, size.ceiling if size else None, currency,
        candidate is not None and candidate.alternative_of is None and change.play_kind is PlayKind.ASK,
        "; ".join(reason.play_id for reason in candidate.reasons) if candidate else "",
        "; ".join(sentences.why(candidate, currency)) if candidate else "",
        " ".join(sentences.heard(candidate)) if candidate else "",
        change.owner.name, change.owner.role, change.closer.name if change.closer else None,
        change.closer.role if change.closer else None, change.due_on, change.timing,
        sentences.next_step(candidate, currency) if candidate else "",
        "; ".join(step.hold.gate for step in change.clearings),
        "; ".join(sentences.hold(step.hold, currency) for step in change.clearings),
        "; ".join(sentences.hold(hold, currency) for hold in candidate.care) if candidate else "",
    )  # fmt: skip
