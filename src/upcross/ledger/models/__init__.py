"""The ledger's tables."""

from upcross.ledger.models.account_plan import Action, Goal, PlanField, Proof, Review, Stakeholder
from upcross.ledger.models.company import Account, Assignment, Person
from upcross.ledger.models.delivery import Delivery, DeliveryAttempt, Lease, Outbox, Received
from upcross.ledger.models.entry import ChainHead, Entry, EntryText
from upcross.ledger.models.heard import Heard
from upcross.ledger.models.idempotent import IdempotentRequest
from upcross.ledger.models.opportunity import Opportunity
from upcross.ledger.models.stand_in import StandIn

__all__ = [
    "Account",
    "Action",
    "Assignment",
    "ChainHead",
    "Delivery",
    "DeliveryAttempt",
    "Entry",
    "EntryText",
    "Goal",
    "Heard",
    "IdempotentRequest",
    "Lease",
    "Opportunity",
    "Outbox",
    "Person",
    "PlanField",
    "Proof",
    "Received",
    "Review",
    "Stakeholder",
    "StandIn",
]
