"""What people bring in: what they heard customers say, and what they open by hand; judged at once by the same gates."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, JsonResponse
from ninja import Query, Router
from pydantic import Field

from upcross.access import scope
from upcross.access.personal import for_eyes_of
from upcross.access.roles import Capability
from upcross.api import opportunities
from upcross.api.once import Tell, once_in_its_own_turn
from upcross.api.paging import By, Paged, page
from upcross.api.project import kept_run, served
from upcross.api.routes import route, viewer_of
from upcross.api.shapes import FollowsShape, HeardFollows, HeardShape, PageOf
from upcross.api.values import Asked, Day, Id, Text
from upcross.hearing import Hearing
from upcross.ledger.identity import key_of as identity_key
from upcross.ledger.models import Heard
from upcross.ledger.writer import Writer
from upcross.logged import log
from upcross.logged import open_opportunity as by_hand
from upcross.motions import Mechanism
from upcross.opening import Opened
from upcross.opportunities import Change

router = Router()
_TAGS = ["Heard"]


class HeardAsked(Paged):
    """Which statements, and which page of them."""

    account: Annotated[Id | None, Field(description="Of one account (id).")] = None


@route(router, "GET", "/heard", needs=Capability.SEE_CONTACTS, gives=PageOf[HeardShape], tags=_TAGS,
       summary="List what was heard")  # fmt: skip
def list_heard(request: HttpRequest, asked: Query[HeardAsked]) -> Any:
    """What customers of the accounts that you see were heard to say, the latest first; erased words stay empty."""
    rows = scope.heard(viewer_of(request))
    if asked.account is not None:
        rows = rows.filter(account_id=asked.account)
    return page(rows, (By("heard_at", falling=True), By("statement_id")), asked).to_dict(_facts)


def _facts(row: Heard) -> dict[str, Any]:
    return {
        "statement_id": row.statement_id, "account_id": row.account_id, "business_unit": row.business_unit,
        "said_on": row.said_on.isoformat(), "kind": row.kind, "product_id": row.product_id or None,
        "domain": row.domain or None, "quote": row.quote, "contact_id": row.contact_id or None,
        "said_by": row.said_by or None, "heard_by": row.heard_by, "heard_at": row.heard_at.isoformat(),
        "erased": row.erased_at is not None,
    }  # fmt: skip


class StatementAsked(Asked):
    """What somebody at an account said, always in their words."""

    account: Annotated[Id, Field(description="The account (id).")]
    quote: Annotated[Text, Field(min_length=1, description="What was said, in their words.")]
    kind: Annotated[Id, Field(description="need, pain, question, buying_request, objection, competitor, …")] = "need"
    product: Annotated[Id, Field(description="The product meant (id or name).")] = ""
    domain: Annotated[Id, Field(description="The problem that it touches.")] = ""
    contact: Annotated[Id, Field(description="Who said it: a known contact (id or name).")] = ""
    said_by: Annotated[Id, Field(description="Who said it, where they are no known contact.")] = ""
    business_unit: Annotated[Id, Field(description="The business unit.")] = ""
    said_on: Annotated[Day | None, Field(description="When; today by default.")] = None


@route(router, "POST", "/heard", needs=Capability.LOG, gives=HeardFollows, key=True, own_turn=True, reads_run=True,
       tags=_TAGS, summary="Log what you heard",
       examples={"request": {"account": "A-0042", "quote": "We need it for the support team too",
                             "product": "crm"}})  # fmt: skip
def log_statement(request: HttpRequest, asked: StatementAsked) -> Any:
    """Keep what a customer said, and what the plays and gates make of it at once: opened, answered, held, or nothing.

    Judged over the kept signals of the last run; the next run has it too.
    """
    viewer = viewer_of(request)
    account = scope.one(scope.accounts(viewer), "account", account_id=asked.account)
    kept_run()  # where there is none, nothing is made while somebody waits

    def work(tell: Tell) -> None:
        def first(writer: Writer, hearing: Hearing, statement_id: str) -> None:
            facts = {
                "statement_id": statement_id,
                "follows": [follows(change) for change in hearing.follows],
                "doubts": [str(issue) for issue in hearing.doubts],
            }
            tell(writer.moment, JsonResponse(for_eyes_of(viewer, facts)))

        log(
            served(), account.account_id, asked.quote, viewer.actor, kind=asked.kind, product=asked.product,
            domain=asked.domain, said_by=asked.said_by, contact=asked.contact, business_unit=asked.business_unit,
            said_on=asked.said_on, first=first,
        )  # fmt: skip

    return once_in_its_own_turn(viewer.id, request, work)


class HandAsked(Asked):
    """What is opened without any play."""

    account: Annotated[Id, Field(description="The account (id).")]
    product: Annotated[Id, Field(description="The product (id or name).")]
    mechanism: Annotated[Mechanism, Field(description="How it would be sold; it says which motion it is of.")]
    business_unit: Annotated[Id, Field(description="The business unit, where it owns or lacks it by itself.")] = ""
    text: Annotated[Text, Field(description="Why, in words.")] = ""


@route(opportunities.router, "POST", "/opportunities", needs=Capability.WORK, gives=FollowsShape, key=True,
       own_turn=True, reads_run=True, tags=["Opportunities"], summary="Open an opportunity by hand",
       examples={"request": {"account": "A-0042", "product": "analytics", "mechanism": "product",
                             "text": "Their new head of data asked"}})  # fmt: skip
def open_opportunity(request: HttpRequest, asked: HandAsked) -> Any:
    """Open something that no play found: through the same gates, and held with every reason where they hold it.

    Where it is open already it goes on. What does not exist there, or cannot be sold in this way, is 422.
    """
    viewer = viewer_of(request)
    account = scope.one(scope.accounts(viewer), "account", account_id=asked.account)
    kept_run()

    def work(tell: Tell) -> None:
        def first(writer: Writer, opened: Opened) -> None:
            tell(writer.moment, JsonResponse(for_eyes_of(viewer, follows(opened.change))))

        by_hand(
            served(), account.account_id, asked.product, asked.mechanism.value, viewer.actor, why=asked.text,
            business_unit=asked.business_unit, first=first,
        )  # fmt: skip

    return once_in_its_own_turn(viewer.id, request, work)


def follows(change: Change) -> dict[str, Any]:
    """One change of the account's plan, without anybody's words: those stand with the opportunity."""
    return {
        "opportunity": str(identity_key(change.identity)),
        "change": change.kind.value,
        "product_id": change.identity.product_id,
        "mechanism": change.identity.mechanism.value if change.identity.mechanism else None,
        "held_by": [clearing.hold.gate for clearing in change.clearings],
    }
