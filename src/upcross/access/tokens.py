"""The secrets by which programs come in: made, shown once, checked, revoked; each is an entry of the record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hmac import compare_digest

from upcross.access.models import ServiceToken
from upcross.access.people import SUBJECT, digest
from upcross.access.roles import Role, TokenScope
from upcross.ledger.actor import Actor
from upcross.ledger.models import Person
from upcross.ledger.refusals import Fault, NotFoundError, RefusedError
from upcross.ledger.writer import now, writing

PREFIX = "upx_"
"""What every token begins with, so that one that leaked is recognised by those who look for secrets."""

_USED_EVERY = timedelta(hours=1)
"""How often it is written down that a token was used: reading waits for nobody, but then."""


def make(
    by: Actor,
    name: str,
    scopes: Iterable[str],
    *,
    role: str = "",
    person_id: str = "",
    expires_at: datetime | None = None,
) -> tuple[ServiceToken, str]:
    """A new token and its secret, which is not kept and cannot be shown again."""
    asked = sorted(set(scopes))
    _refuse_faults(name, asked, role, person_id, expires_at)
    key, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with writing() as writer:
        token = ServiceToken.objects.create(
            key=key, name=name.strip(), digest=digest(secret), scopes=asked, role=role, person_id=person_id,
            made_by=by.id, made_at=writer.moment, expires_at=expires_at,
        )  # fmt: skip
        facts = {"scopes": asked, "role": role, "person_id": person_id,
                 "expires_at": expires_at.isoformat() if expires_at else None}  # fmt: skip
        writer.record(SUBJECT, f"token:{key}", "make_token", by, facts, texts={"name": token.name})
    return token, f"{PREFIX}{key}_{secret}"


def revoke(by: Actor, key: str) -> ServiceToken:
    """The token opens nothing any more; ``NotFoundError`` for a key that no token in force has."""
    with writing() as writer:
        token = ServiceToken.objects.filter(key=key, revoked_at=None).first()
        if token is None:
            raise NotFoundError(f"no token in force has the key '{key}'; `upcross users tokens` lists them")
        token.revoked_at = writer.moment
        token.save(update_fields=["revoked_at"])
        writer.record(SUBJECT, f"token:{key}", "revoke_token", by, {})
    return token


def token_of(presented: str) -> ServiceToken | None:
    """The token that somebody presents; None for one that is made up, over or revoked. Notes that it was used."""
    if not presented.startswith(PREFIX):
        return None
    key, _, secret = presented.removeprefix(PREFIX).partition("_")
    token = ServiceToken.objects.filter(key=key).first()
    moment = now()
    if not compare_digest(token.digest if token else digest(""), digest(secret)) or token is None:
        return None
    if not token.is_valid(moment):
        return None
    if token.used_at is None or moment - token.used_at >= _USED_EVERY:  # to the hour: reading need not write
        ServiceToken.objects.filter(key=key).update(used_at=moment)
    return token


def _refuse_faults(name: str, scopes: list[str], role: str, person_id: str, expires_at: datetime | None) -> None:
    known_scopes, known_roles = (
        [scope.value for scope in TokenScope],
        [role.value for role in Role if role != Role.SERVICE],
    )
    faults = [Fault("name", "a token needs a name that says what it is for")] if not name.strip() else []
    if not scopes or set(scopes) - set(known_scopes):
        wrong = ", ".join(f"'{scope}'" for scope in scopes if scope not in known_scopes) or "none"
        faults.append(Fault("scopes", f"{wrong} given; expected one or more of {', '.join(known_scopes)}"))
    if role and role not in known_roles:
        faults.append(Fault("role", f"'{role}' is no role; expected one of {', '.join(known_roles)}, or none"))
    if person_id and not Person.objects.filter(person_id=person_id).exists():
        faults.append(Fault("person_id", f"nobody of the team table is '{person_id}'"))
    if expires_at is not None and expires_at <= now():
        faults.append(Fault("expires_at", "lies in the past; expected a moment to come"))
    if faults:
        raise RefusedError(faults)
