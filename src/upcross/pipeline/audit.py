"""The audit of the pipeline: what speaks against each open deal that a person made, and what is counted twice.

Read-only. Works from accounts, subscriptions and CRM deals alone; whatever else is missing is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from upcross.book.load import Progress
from upcross.errors import ProjectError, Severity, issue_code
from upcross.motions import Mechanism, Motion
from upcross.opportunities import Candidate, Status
from upcross.opportunities.candidate import ALTERNATIVES
from upcross.pipeline.buyers import Buyer, Buyers
from upcross.pipeline.deals import Deal, Proposal, mechanism_words
from upcross.pipeline.open_deals import Pipeline, read_pipeline
from upcross.pipeline.standing import Standing, Standings
from upcross.project import Project
from upcross.verbs import Plan, plan

NO_DEALS = issue_code("no-deals", Severity.ERROR, "An audit was asked for and no CRM deal is loaded.")

RENEWAL_DAYS = 90
"""A deal that is expected to close so near to a renewal is one conversation with it."""
OWN_GATES = ("already-in-pipeline",)
"""Gates that a deal would hold by being there itself."""


class Fault(StrEnum):
    """What an audit finds of a deal, gravest first."""

    HELD = "held"
    TWICE = "twice"
    NO_BUYER = "no_buyer"
    UNTAGGED = "untagged"
    MISTAGGED = "mistagged"
    RENEWAL = "renewal"
    MAYBE_OURS = "maybe_ours"
    UNKNOWN = "unknown"

    def words(self, deals: int = 2) -> str:
        """What is said of so many deals: "14 of 52 stand on held accounts", "1 of 3 stands on a held account"."""
        one, several = _WORDS[self]
        return one if deals == 1 else several


_WORDS = {
    Fault.HELD: ("stands on a held account", "stand on held accounts"),
    Fault.TWICE: ("is counted twice", "are counted twice"),
    Fault.NO_BUYER: ("has no buyer we know", "have no buyer we know"),
    Fault.UNTAGGED: ("is untagged", "are untagged"),
    Fault.MISTAGGED: ("is tagged as what it does not look like", "are tagged as what they do not look like"),
    Fault.RENEWAL: ("overlaps a renewal", "overlap a renewal"),
    Fault.MAYBE_OURS: ("may be an ask of ours", "may be an ask of ours"),
    Fault.UNKNOWN: ("cannot be judged for want of data", "cannot be judged for want of data"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One line of an audited deal: how it is tagged, what it looks like, and what it would bring."""

    product: str
    tag: Mechanism | None
    proposal: Proposal
    mrr: int | None

    @property
    def motion(self) -> Motion | None:
        """The motion it looks like, else that of its tag; None where neither is known."""
        return self.proposal.motion or (self.tag.motion if self.tag else None)

    @property
    def mistagged(self) -> bool:
        """Whether the tag says another mechanism than the line looks like."""
        return self.tag is not None and self.proposal.mechanism not in (None, self.tag)


@dataclass(frozen=True, slots=True)
class AuditedDeal:
    """One open human-made deal and all that was found of it."""

    deal: Deal
    account: str
    owner: str
    parts: tuple[Part, ...]
    standing: Standing
    buyer: Buyer
    renewal: tuple[str, ...]
    """How it overlaps a renewal, in words."""
    twice: tuple[str, ...]
    """What else counts the same money, in words."""
    twice_mrr: Mapping[Motion | None, int]
    """How much of it is in the pipeline a second time, where that is known."""
    maybe_ours: tuple[str, ...]
    """Asks of ours that it may be, in words."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that was found, gravest first."""
        found = {
            Fault.HELD: bool(self.standing.false),
            Fault.TWICE: bool(self.twice),
            Fault.NO_BUYER: self.buyer.known is False,
            Fault.UNTAGGED: any(part.tag is None for part in self.parts),
            Fault.MISTAGGED: any(part.mistagged for part in self.parts),
            Fault.RENEWAL: bool(self.renewal),
            Fault.MAYBE_OURS: bool(self.maybe_ours),
            Fault.UNKNOWN: not self.standing.false and bool(self.standing.unknown),
        }
        return tuple(fault for fault in Fault if found[fault])


@dataclass(frozen=True, slots=True)
class Money:
    """Some deals and what they would bring in one motion: known amounts added, unknown ones counted."""

    deals: int = 0
    mrr: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of one day."""

    as_of: date
    currency: str
    deals: tuple[AuditedDeal, ...]
    renewals: int
    """Open renewal deals, which are no expansion and not audited themselves."""
    no_customers: int
    """Open deals of accounts that buy nothing yet: new business, left out."""
    missing: tuple[str, ...]
    """What cannot be told for want of data, in words."""

    def with_fault(self, fault: Fault) -> tuple[AuditedDeal, ...]:
        """The deals of which something was found."""
        return tuple(deal for deal in self.deals if fault in deal.faults)

    def money(self, deals: Iterable[AuditedDeal]) -> dict[Motion | None, Money]:
        """What deals would bring, by motion; under None what is in no motion yet. Never added up."""
        listed = tuple(deals)
        return {motion: _money(listed, motion) for motion in (*Motion, None)}

    def counted_twice(self) -> dict[Motion | None, int]:
        """How much of the pipeline is a second count of the same money, by motion."""
        return {m: sum(deal.twice_mrr.get(m, 0) for deal in self.deals) for m in (*Motion, None)}


def audit(
    project: Project,
    as_of: date | None = None,
    *,
    csm: str | None = None,
    owner: str | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Hold every open deal that a person made to the gates and to the book, all of them or those of one person.

    ``owner`` is whose deals, ``csm`` whose accounts (ids or names). ``ProjectError`` where no deal is loaded,
    ``UsageError`` where nobody is called that. Nothing is triggered, changed or written but the kept run.
    """
    planned = plan(project, as_of, progress=progress)
    run = planned.run
    if (missing := run.evaluation.frame.snapshot.missing("crm_opportunities")) is not None:
        raise ProjectError(
            NO_DEALS.at(None, str(missing), hint="map it in upcross.yaml: `upcross tables crm_opportunities`")
        )
    pipeline = read_pipeline(run, mechanism_words(project.settings.deal_words))
    deals = [deal for deal in pipeline.deals if not deal.ours and not deal.renews]
    customers = [deal for deal in deals if deal.account_id in pipeline.customers]
    judge = _Judge(planned, pipeline, customers)
    chosen = pipeline.chosen(customers, csm=csm, owner=owner)
    return Audit(
        run.as_of, project.settings.reporting_currency, tuple(judge.audited(deal) for deal in chosen),
        sum(deal.renews and not deal.ours for deal in pipeline.deals), len(deals) - len(customers), pipeline.missing,
    )  # fmt: skip


class _Judge:
    """Everything that a deal is held to, read once for all deals."""

    def __init__(self, planned: Plan, pipeline: Pipeline, deals: list[Deal]) -> None:
        self._pipeline = pipeline
        accounts = {deal.account_id for deal in deals}
        self._standings = Standings(planned.run, accounts, OWN_GATES)
        self._buyers = Buyers(planned.run)
        self._parts = {
            deal.deal_id: self._proposed(deal) for deal in pipeline.deals if deal.account_id in pipeline.customers
        }
        self._asks: dict[str, list[Candidate]] = {}
        for change in planned.changes.changes:
            if change.candidate is not None and change.motion and change.identity.account_id in accounts:
                self._asks.setdefault(change.identity.account_id, []).append(change.candidate)

    def audited(self, deal: Deal) -> AuditedDeal:
        """One deal with all that was found of it."""
        parts = self._parts[deal.deal_id]
        twice, money = self._twice(deal)
        products = tuple(dict.fromkeys(part.proposal.product_id for part in parts if part.proposal.product_id))
        wider = any(part.motion is Motion.CROSS_SELL for part in parts)
        return AuditedDeal(
            deal, self._pipeline.account(deal.account_id), self._pipeline.person(deal.owner), parts,
            self._standing(deal), self._buyers.of(deal, products, wider), tuple(self._renewal(deal, products)),
            twice, money, tuple(self._ours(deal)),
        )  # fmt: skip

    def _proposed(self, deal: Deal) -> tuple[Part, ...]:
        found = []
        for line in deal.lines:
            proposal = self._pipeline.propose(deal, line)
            called = self._pipeline.product(proposal.product_id) if proposal.product_id else ""
            found.append(Part(called, line.tag, proposal, line.mrr))
        return tuple(found)

    def _standing(self, deal: Deal) -> Standing:
        """All that holds any of its lines; where a line has no row to be judged on, what holds the account."""
        found = Standing()
        for part in self._parts[deal.deal_id]:
            motions = [part.motion] if part.motion else list(Motion)
            for motion in motions:
                standing = None
                if part.proposal.product_id:
                    standing = self._standings.of(motion, deal.account_id, deal.business_unit, part.proposal.product_id)
                found = found.and_also(
                    standing or self._standings.of_account(motion, deal.account_id, deal.business_unit)
                )
        return found

    def _renewal(self, deal: Deal, products: tuple[str, ...]) -> Iterable[str]:
        for other in self._pipeline.renewals_of(deal):
            closes = f", expected to close {other.expected_close_on}" if other.expected_close_on else ""
            yield f"renewal {other.deal_id} of {self._pipeline.person(other.owner) or 'nobody'} is open{closes}"
        day = self._pipeline.renewal_on(deal, products)
        close = deal.expected_close_on
        if day is not None and close is not None and abs((day - close).days) <= RENEWAL_DAYS:
            yield f"the term ends {day}, the deal is expected to close {close}: one conversation"

    def _twice(self, deal: Deal) -> tuple[tuple[str, ...], dict[Motion | None, int]]:
        told: list[str] = []
        money: dict[Motion | None, int] = {}
        for part in self._parts[deal.deal_id]:
            second = 0
            for other in self._pipeline.beside(deal):
                for theirs in self._parts[other.deal_id]:
                    if self._same(part, other, theirs):
                        told.append(self._said(part, other))
                        second = max(second, _second(deal, part, other, theirs))
            money[part.motion] = money.get(part.motion, 0) + second
        return tuple(dict.fromkeys(told)), money

    def _same(self, part: Part, other: Deal, theirs: Part) -> bool:
        """Whether two lines count the same money: one product and one motion, and the same way of growing."""
        product, mechanism = part.proposal.product_id, part.proposal.mechanism or part.tag
        if not product or product != theirs.proposal.product_id:
            return False
        if other.renews:
            return self._pipeline.grows(other, product)
        their = theirs.proposal.mechanism or theirs.tag
        if mechanism is None or their is None:
            return True  # the same product, and nothing tells them apart
        return mechanism is their or {mechanism, their} <= ALTERNATIVES

    def _said(self, part: Part, other: Deal) -> str:
        called = part.product or "the same product"
        if other.renews:
            return f"{called} is in renewal {other.deal_id} too"
        whose = "our own deal" if other.ours else f"deal {other.deal_id} of {self._pipeline.person(other.owner)}"
        return f"{whose} is open for {called} too" + (f" ({other.deal_id})" if other.ours else "")

    def _ours(self, deal: Deal) -> Iterable[str]:
        for ask in self._asks.get(deal.account_id, ()):
            if any(_alike(part, ask) for part in self._parts[deal.deal_id]) and deal.meets(ask.identity.business_unit):
                held = " (held)" if ask.status is Status.HELD else ""
                what = ask.identity.mechanism.value.replace("_", "-") if ask.identity.mechanism else ""
                yield f"{what} of {ask.product_name}{held}: link it, or keep them apart"


def _second(deal: Deal, part: Part, other: Deal, theirs: Part) -> int:
    """The money of a line that is counted elsewhere too; of two human-made deals the later one is the second count.

    The smaller of the two amounts; one that is not known adds nothing.
    """
    first = not (other.renews or other.ours) and (deal.created_on, deal.deal_id) < (other.created_on, other.deal_id)
    if first or part.mrr is None or (theirs.mrr is None and not (other.renews or other.ours)):
        return 0
    return part.mrr if theirs.mrr is None else min(part.mrr, theirs.mrr)


def _alike(part: Part, ask: Candidate) -> bool:
    mechanism = part.proposal.mechanism or part.tag
    if part.proposal.product_id:
        same = part.proposal.product_id == ask.identity.product_id
        return same and (part.motion is None or part.motion is ask.motion)
    return mechanism is ask.identity.mechanism


def _money(deals: tuple[AuditedDeal, ...], motion: Motion | None) -> Money:
    parts = [[part for part in deal.parts if part.motion is motion] for deal in deals]
    amounts = [part.mrr for listed in parts for part in listed]
    return Money(
        sum(bool(listed) for listed in parts), sum(amount for amount in amounts if amount is not None),
        sum(amount is None for amount in amounts),
    )  # fmt: skip
