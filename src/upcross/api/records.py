"""The record of everything that happened, and the tokens by which programs come in."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from upcross.access import scope, tokens
from upcross.access.models import ServiceToken
from upcross.access.roles import Capability, TokenScope
from upcross.api.paging import By, Paged, page
from upcross.api.routes import route, viewer_of
from upcross.api.shapes import NewTokenShape, PageOf, RecordShape, TokenShape
from upcross.api.values import Asked, Id, Moment
from upcross.ledger.models import Entry

router = Router()


class RecordAsked(Paged):
    """Which entries, and which page of them."""

    subject: Annotated[Id | None, Field(description="About what: opportunity, run, access, account plan, …")] = None
    subject_id: Annotated[Id | None, Field(description="About which of them.")] = None
    kind: Annotated[Id | None, Field(description="What happened, such as win.")] = None
    by: Annotated[Id | None, Field(description="Who did it, as the record names them.")] = None
    since: Annotated[Moment | None, Field(description="At a moment or later.")] = None


@route(router, "GET", "/audit-log", needs=Capability.SEE_AUDIT, gives=PageOf[RecordShape], tags=["Record"],
       summary="Read the record")  # fmt: skip
def read_record(request: HttpRequest, asked: Query[RecordAsked]) -> Any:
    """Everything that happened, in its order, as the chain of hashes covers it; what people wrote lies apart."""
    rows = scope.entries(viewer_of(request))
    equal = {"subject": asked.subject, "subject_id": asked.subject_id, "kind": asked.kind, "by": asked.by}
    rows = rows.filter(**{name: value for name, value in equal.items() if value is not None})
    if asked.since is not None:
        rows = rows.filter(at__gte=asked.since)
    return page(rows, (By("seq"),), asked).to_dict(_entry)


def _entry(row: Entry) -> dict[str, Any]:
    return {
        "seq": row.seq, "subject": row.subject, "subject_id": row.subject_id, "version": row.version, "kind": row.kind,
        "at": row.at.isoformat(), "by": row.by, "as_of": row.as_of.isoformat() if row.as_of else None,
        "facts": row.facts, "digests": row.digests, "previous": row.previous, "hash": row.hash,
    }  # fmt: skip


class TokensAsked(Paged):
    """Which page of the tokens."""


@route(router, "GET", "/tokens", needs=Capability.MANAGE_TOKENS, gives=PageOf[TokenShape], tags=["Tokens"],
       summary="List tokens")  # fmt: skip
def list_tokens(request: HttpRequest, asked: Query[TokensAsked]) -> Any:
    """Every token there ever was, the newest first, without its secret."""
    order = (By("made_at", falling=True), By("key"))
    return page(ServiceToken.objects.all(), order, asked).to_dict(_facts)


class TokenAsked(Asked):
    """What a new token is for."""

    name: Annotated[Id, Field(description="What it is for, such as the program's name.")]
    scopes: Annotated[list[TokenScope], Field(min_length=1, description="What it may do.")]
    role: Annotated[Id, Field(description="A role that limits it further; none: every account.")] = ""
    person_id: Annotated[Id, Field(description="The one of our people whose accounts it sees.")] = ""
    expires_at: Annotated[Moment | None, Field(description="When it ends; null: when it is revoked.")] = None


@route(router, "POST", "/tokens", needs=Capability.MANAGE_TOKENS, gives=NewTokenShape, status=201, key=True, hides=True,
       tags=["Tokens"], summary="Make a token",
       examples={"request": {"name": "warehouse export", "scopes": ["read"]}})  # fmt: skip
def make_token(request: HttpRequest, asked: TokenAsked) -> Any:
    """Make a token. Its secret is in this answer and nowhere else: what is kept of it opens nothing.

    Sent a second time with the same key, the answer comes without the secret: revoke the token and make another.
    """
    token, secret = tokens.make(
        viewer_of(request).actor, asked.name, [one.value for one in asked.scopes], role=asked.role,
        person_id=asked.person_id, expires_at=asked.expires_at,
    )  # fmt: skip
    return {**_facts(token), "secret": secret}


@route(router, "DELETE", "/tokens/{key}", needs=Capability.MANAGE_TOKENS, gives=TokenShape, tags=["Tokens"],
       summary="Revoke a token")  # fmt: skip
def revoke_token(request: HttpRequest, key: str) -> Any:
    """The token opens nothing any more, at once. A second time it is 404."""
    return _facts(tokens.revoke(viewer_of(request).actor, key))


def _facts(row: ServiceToken) -> dict[str, Any]:
    moments = ("made_at", "expires_at", "used_at", "revoked_at")
    return {
        "key": row.key, "name": row.name, "scopes": list(row.scopes), "role": row.role, "person_id": row.person_id,
        "made_by": row.made_by,
        **{name: getattr(row, name).isoformat() if getattr(row, name) else None for name in moments},
    }  # fmt: skip
