"""The shapes of what is told: opportunities, their history, accounts, people, tokens."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import Field

from upcross.api.routes import ProblemShape
from upcross.api.values import DayText, MomentText, MoneyText, Told

Row = TypeVar("Row")


class PageOf(Told, Generic[Row]):
    """One page of a list: its rows, how many there are on all pages, and where it goes on (null: it ends here)."""

    items: list[Row]
    total: int
    next: str | None


class PotentialShape(Told):
    """What it may bring a month; null where unknown, which is not zero."""

    floor: MoneyText | None
    expected: MoneyText | None
    ceiling: MoneyText | None


class OpportunityShape(Told):
    """One thing to ask of one account. Motion and mechanism are null for adoption work, which sells nothing."""

    id: str
    version: int = Field(description="How many entries it has; send it back as If-Match.")
    account_id: str
    account: str
    business_unit: str
    product_id: str
    product: str
    motion: str | None = Field(description="upsell (deeper) or cross_sell (wider); never merged.")
    mechanism: str | None
    task: str | None
    episode: int
    kind: str = Field(description="ask, answer (the customer asked to buy) or adoption.")
    title: str
    plays: list[str]
    stage: str
    owner: str
    owner_role: str
    closer: str | None
    handed_to: str | None
    opened_on: DayText | None
    due_on: DayText | None
    escalated: int
    snoozed_until: DayText | None
    until_changed: bool
    held_by: list[str]
    held_since: DayText | None
    look_again_on: DayText | None
    asked_anyway: bool
    overridden: list[str]
    overridden_until: DayText | None
    arm: str | None
    origin: str
    known: dict[str, bool] = Field(description="Whether need, goal, buyer and budget owner are known.")
    ended_on: DayText | None
    end_reason: str | None
    cooldown_until: DayText | None
    won_mrr: MoneyText | None
    currency: str
    potential: PotentialShape
    with_renewal_on: DayText | None
    alternative_of: str | None = Field(description="The opportunity with which it shares one ask; counted there.")
    updated_at: MomentText


class OpportunityWhole(OpportunityShape):
    """One opportunity with what speaks for it and what may be done with it now."""

    evidence: dict[str, Any] | None = Field(
        description="What the last plan found: the signals, the sentences, what holds it; null where it was erased."
    )
    steps: list[str] = Field(description="The steps that you may take now.")


class EntryShape(Told):
    """One thing that happened: what it set, by whom, and the words that were said with it."""

    seq: int
    version: int
    kind: str
    at: MomentText
    by: str
    by_name: str | None
    as_of: DayText | None
    reason: str | None
    set: dict[str, Any]
    texts: dict[str, str]
    erased: list[str] = Field(description="Texts that were erased.")
    hash: str


class RecordShape(Told):
    """One entry of the record of everything, with what it takes to check the chain of hashes; texts lie apart."""

    seq: int
    subject: str
    subject_id: str
    version: int
    kind: str
    at: MomentText
    by: str
    as_of: DayText | None
    facts: str = Field(description="The canonical JSON text that the hash covers.")
    digests: str
    previous: str
    hash: str


class MoneyShape(Told):
    """How many asks, alternatives counted once, their expected MRR, and how many have no known amount.

    `mrr` is null where no amount of any of them is known.
    """

    asks: int
    mrr: MoneyText | None
    unknown: int


class StageShape(Told):
    """One stage of one motion."""

    stage: str
    opportunities: int
    expected: MoneyShape


class MotionShape(Told):
    """One motion; `expected` counts alternatives once, so that it may be less than its stages together.

    `won_mrr` is null where something was won and no amount of it is known.
    `answers` is what customers asked to buy themselves, and in no other sum but that of its stage.
    """

    opportunities: int
    expected: MoneyShape
    answers: MoneyShape
    won_mrr: MoneyText | None
    stages: list[StageShape]


class SummaryShape(Told):
    """Counts and sums of a choice of opportunities: the two motions side by side, never added; adoption apart."""

    currency: str
    upsell: MotionShape
    cross_sell: MotionShape
    adoption: dict[str, int] = Field(description="Adoption work by stage; it has no amount.")


class BulkItem(Told):
    """What became of one opportunity: the status it would have been answered with alone, and it, or why not."""

    id: str
    status: int
    opportunity: OpportunityShape | None
    error: ProblemShape | None


class BulkShape(Told):
    """What became of each, in the order in which they were asked for."""

    items: list[BulkItem]
    taken: int
    refused: int


class AccountShape(Told):
    """One customer, as the book has it, and who serves it by role."""

    account_id: str
    name: str
    segment: str
    region: str
    parent_id: str
    served_by: dict[str, str]


class AccountWhole(AccountShape):
    """One customer with its opportunities of every stage that is not over, and the gates that hold any."""

    opportunities: list[OpportunityShape]
    held_by: list[str]


class PersonShape(Told):
    """One of our people; `left_on` null: still with us."""

    person_id: str
    name: str
    email: str
    role: str
    manager_id: str
    product_id: str
    left_on: DayText | None


class MeShape(Told):
    """Who you are here, what you may do, and whose accounts you see."""

    id: str
    name: str
    role: str
    person_id: str | None
    capabilities: list[str]
    sees_all: bool
    today: DayText = Field(description="The day that counts as today.")


class RunShape(Told):
    """One plan that was applied; how much it wrote is told to those who see every account."""

    as_of: DayText
    at: MomentText
    by: str
    backlog: bool
    written: dict[str, int] | None


class MovedShape(Told):
    """How much changed hands; `not_closing`: accepted opportunities that stay, because a CSM does not close."""

    opportunities: int
    accounts: int
    not_closing: list[str]


class ReasonShape(Told):
    """One reason to choose from; `cooldown` null: as long as the plays say."""

    id: str
    title: str
    cooldown: int | None
    needs_text: bool


class ReasonsShape(Told):
    """Why things end or come back, in the order in which they are offered."""

    lost: list[ReasonShape]
    dismissed: list[ReasonShape]
    returned: list[ReasonShape]


class DeliveryShape(Told):
    """One message on its way to one destination; `why` is what went wrong last."""

    id: int
    destination: str
    message: str
    type: str
    to: str
    account: str | None
    state: str
    attempts: int
    created_at: MomentText
    next_at: MomentText | None
    delivered_at: MomentText | None
    why: str


class TokenShape(Told):
    """One token: what it is for and who made it, never its secret."""

    key: str
    name: str
    scopes: list[str]
    role: str
    person_id: str
    made_by: str
    made_at: MomentText
    expires_at: MomentText | None
    used_at: MomentText | None
    revoked_at: MomentText | None


class NewTokenShape(TokenShape):
    """A new token; its secret is shown in this answer and never again (null when it is answered again)."""

    secret: str | None


class GateShape(Told):
    """What one gate holds, by motion: all of it, and what it alone holds, which clearing just this gate would free."""

    gate: str
    accounts: int
    held: dict[str, MoneyShape]
    alone: dict[str, MoneyShape]


class HoldsShape(Told):
    """What gates hold, the most money first; `held` counts each ask once, so that gates add up to more."""

    currency: str
    held: dict[str, MoneyShape]
    gates: list[GateShape]


class HeardShape(Told):
    """One statement of a customer; its words are empty where they were erased."""

    statement_id: str
    account_id: str
    business_unit: str
    said_on: DayText
    kind: str
    product_id: str | None
    domain: str | None
    quote: str
    contact_id: str | None
    said_by: str | None
    heard_by: str
    heard_at: MomentText
    erased: bool


class FollowsShape(Told):
    """One opportunity that is opened, answered, held or goes on because of it."""

    opportunity: str
    change: str
    product_id: str
    mechanism: str | None
    held_by: list[str]


class HeardFollows(Told):
    """What follows from what was heard: the changes of the account's plan, and what may have been meant otherwise."""

    statement_id: str
    follows: list[FollowsShape]
    doubts: list[str]


class CreditShape(Told):
    """What each person is credited with in a window of months."""

    first: str = Field(alias="from")
    last: str = Field(alias="to")
    retention: list[dict[str, Any]] = Field(description="NRR and GRR of each book, and the accounts that stand apart.")
    qualified: list[dict[str, Any]] = Field(description="What was taken and kept, and what was returned, by motion.")


class PlanWritten(Told):
    """Which version of an account plan was written; what it says is read where it stands."""

    account_id: str
    version: int
