"""From verdicts to a change plan: candidates, memory, rank, route. Pure functions over frozen values.

``merge`` makes candidates of findings, ``plan_changes`` a plan of candidates and memory; the functions that they
are made of stand in the modules named after them (``rank.rank``, ``route.route``, ``memory.sift``, ``sentences``).
"""

from upcross.opportunities.candidate import (
    Candidate,
    Finding,
    Identity,
    Potential,
    Reason,
    Status,
    Timing,
    link_alternatives,
    merge,
)
from upcross.opportunities.change_plan import Change, ChangeKind, ChangePlan, UnknownNote
from upcross.opportunities.evidence import Attested, Evidence, HoldReason, Missing, Truth
from upcross.opportunities.memory import HeldAsk, Memory, OpenAsk, Sifted, Stage
from upcross.opportunities.planning import plan_changes
from upcross.opportunities.route import Assignee, Clearing, People, Person, Route, Settings
from upcross.opportunities.totals import GateTotal, Parts, Total, Totals

__all__ = [
    "Assignee",
    "Attested",
    "Candidate",
    "Change",
    "ChangeKind",
    "ChangePlan",
    "Clearing",
    "Evidence",
    "Finding",
    "GateTotal",
    "HeldAsk",
    "HoldReason",
    "Identity",
    "Memory",
    "Missing",
    "OpenAsk",
    "Parts",
    "People",
    "Person",
    "Potential",
    "Reason",
    "Route",
    "Settings",
    "Sifted",
    "Stage",
    "Status",
    "Timing",
    "Total",
    "Totals",
    "Truth",
    "UnknownNote",
    "link_alternatives",
    "merge",
    "plan_changes",
]
