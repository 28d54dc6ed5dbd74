"""What people hear customers say: kept, judged at once by the same plays and gates, and acted on."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router
from pydantic import Field

from upcross.access import scope
from upcross.access.personal import for_eyes_of
from upcross.access.roles import Capability
from upcross.api.once import answered, keep, key_of
from upcross.api.paging import By, Paged, page
from upcross.api.project import kept_run, served
from upcross.api.routes import route, viewer_of
from upcross.api.shapes import HeardFollows, HeardShape, PageOf
from upcross.api.values import Asked, Day, Id, Text
from upcross.hearing import Hearing
from upcross.ledger.identity import key_of as identity_key
from upcross.ledger.models import Heard
from upcross.ledger.writer import Writer, now
from upcross.logged import log
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
    key_of(request)
    before = answered(viewer.id, request, now())
    if before is not None:
        return before
    kept_run()  # where there is none, nothing is made while somebody waits
    told: list[HttpResponse] = []

    def first(writer: Writer, hearing: Hearing, statement_id: str) -> None:
        """In the transaction: whoever came before with the same key, has the answer; else this is it."""
        earlier = answered(viewer.id, request, writer.moment)
        if earlier is not None:
            told.append(earlier)
            raise _AlreadyDone
        facts = {
            "statement_id": statement_id,
            "follows": [_follows(change) for change in hearing.changes.changes],
            "doubts": [str(issue) for issue in hearing.doubts],
        }
        response = JsonResponse(for_eyes_of(viewer, facts))
        keep(viewer.id, request, response, writer.moment)
        told.append(response)

    with suppress(_AlreadyDone):
        log(
            served(), account.account_id, asked.quote, viewer.actor, kind=asked.kind, product=asked.product,
            domain=asked.domain, said_by=asked.said_by, contact=asked.contact, business_unit=asked.business_unit,
            said_on=asked.said_on, first=first,
        )  # fmt: skip
    return told[-1]


def _follows(change: Change) -> dict[str, Any]:
    """One change of the account's plan, without anybody's words: those stand with the opportunity."""
    return {
        "opportunity": str(identity_key(change.identity)),
        "change": change.kind.value,
        "product_id": change.identity.product_id,
        "mechanism": change.identity.mechanism.value if change.identity.mechanism else None,
        "held_by": [clearing.hold.gate for clearing in change.clearings],
    }


class _AlreadyDone(Exception):
    """The same request was carried out meanwhile."""
