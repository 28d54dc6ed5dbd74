"""The company's own rules for what people do with opportunities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from upcross.opportunities.outcomes import SHIPPED, Outcome, OutcomeReason


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
