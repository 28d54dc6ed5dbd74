"""Why an ask was lost, dismissed or returned: reasons to choose from, and how long each keeps us from asking again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of an ask, of the kinds that need a reason."""

    LOST = "lost"
    DISMISSED = "dismissed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class OutcomeReason:
    """One reason for an outcome.

    ``cooldown`` is the days for which the same thing is not asked again; None: as long as the ask's own plays say. A
    returned ask stays open, so that none of its reasons has one. ``needs_text``: it says nothing without a sentence.
    """

    id: str
    title: str
    cooldown: int | None = None
    needs_text: bool = False


def _reasons(*reasons: OutcomeReason) -> Mapping[str, OutcomeReason]:
    return {reason.id: reason for reason in (*reasons, OutcomeReason("other", "Another reason", needs_text=True))}


SHIPPED: Mapping[Outcome, Mapping[str, OutcomeReason]] = {
    Outcome.LOST: _reasons(
        OutcomeReason("no_budget", "They have no money for it now", 180),
        OutcomeReason("no_need", "They do not need it", 365),
        OutcomeReason("bad_timing", "They want it later", 90),
        OutcomeReason("competitor", "They chose a competitor", 365),
        OutcomeReason("price", "It costs too much for what it gives them", 180),
        OutcomeReason("no_decision", "They never decided", 120),
        OutcomeReason("product_gap", "The product lacks what they need", 180),
        OutcomeReason("relationship", "They do not trust us with it", 270),
    ),
    Outcome.DISMISSED: _reasons(
        OutcomeReason("wrong_data", "The data behind it is wrong", 30),
        OutcomeReason("not_ready", "The customer is not ready for it", 60),
        OutcomeReason("already_discussed", "It is being discussed already", 90),
        OutcomeReason("customer_declined", "The customer said no before", 180),
        OutcomeReason("duplicate", "It is the same as another one", 30),
        OutcomeReason("not_a_fit", "It does not fit this customer", 365),
    ),
    Outcome.RETURNED: _reasons(
        OutcomeReason("no_need", "The customer has no such need"),
        OutcomeReason("no_buyer", "Nobody is known who could buy it"),
        OutcomeReason("bad_timing", "The customer wants it later"),
        OutcomeReason("not_qualified", "Too little is known to work on it"),
        OutcomeReason("wrong_owner", "It belongs to another closer"),
    ),
}


def with_cooldowns(
    days: Mapping[Outcome, Mapping[str, int]],
    reasons: Mapping[Outcome, Mapping[str, OutcomeReason]] = SHIPPED,
) -> Mapping[Outcome, Mapping[str, OutcomeReason]]:
    """The reasons with a company's own cooldowns in days, by outcome and id; ``KeyError`` for a reason unknown."""
    found = {outcome: dict(named) for outcome, named in reasons.items()}
    for outcome, own in days.items():
        for name, cooldown in own.items():
            found[outcome][name] = replace(found[outcome][name], cooldown=cooldown)
    return found
