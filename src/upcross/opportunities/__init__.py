"""From verdicts to a change plan: candidates, memory, rank, route. Pure functions over frozen values.

``merge`` makes candidates of findings, ``plan_changes`` a plan of candidates and memory; the functions that they
are made of stand in the modules named after them (``rank.rank``, ``route.route``, ``memory_gates.sift``).
"""

from upcross.opportunities.asks import link_alternatives, merge
from upcross.opportunities.candidate import Candidate, Finding, Identity, Potential, Reason, Status, Timing
from upcross.opportunities.change_plan import Change, ChangeKind, ChangePlan, UnknownNote
from upcross.opportunities.event import (
    Accepted,
    Dismissed,
    Ended,
    Event,
    Expired,
    HandedOff,
    Lost,
    OwnerChanged,
    Qualified,
    Returned,
    Snoozed,
    Won,
)
from upcross.opportunities.evidence import Attested, Evidence, HoldReason, Missing, Override, Truth
from upcross.opportunities.handovers import Handovers, handovers
from upcross.opportunities.limits import Limits
from upcross.opportunities.memory import HeldAsk, Memory, OpenAsk, Opening, Stage
from upcross.opportunities.memory_gates import Sifted
from upcross.opportunities.outcomes import Outcome, OutcomeReason
from upcross.opportunities.planning import plan_changes
from upcross.opportunities.route import Assignee, Clearing, People, Person, Pool, Route, Settings, StandIn
from upcross.opportunities.totals import GateTotal, Parts, Total, Totals

__all__ = [
    "Accepted",
    "Assignee",
    "Attested",
    "Candidate",
    "Change",
    "ChangeKind",
    "ChangePlan",
    "Clearing",
    "Dismissed",
    "Ended",
    "Event",
    "Evidence",
    "Expired",
    "Finding",
    "GateTotal",
    "HandedOff",
    "Handovers",
    "HeldAsk",
    "HoldReason",
    "Identity",
    "Limits",
    "Lost",
    "Memory",
    "Missing",
    "OpenAsk",
    "Opening",
    "Outcome",
    "OutcomeReason",
    "Override",
    "OwnerChanged",
    "Parts",
    "People",
    "Person",
    "Pool",
    "Potential",
    "Qualified",
    "Reason",
    "Returned",
    "Route",
    "Settings",
    "Sifted",
    "Snoozed",
    "Stage",
    "StandIn",
    "Status",
    "Timing",
    "Total",
    "Totals",
    "Truth",
    "UnknownNote",
    "Won",
    "handovers",
    "link_alternatives",
    "merge",
    "plan_changes",
]
