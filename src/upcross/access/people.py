"""Who is invited, joins, changes roles, and is shown out; each is an entry of the record."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from upcross.access.models import Invitation, User, plain_email
from upcross.access.roles import Role
from upcross.access.viewer import user_name
from upcross.ledger.actor import Actor
from upcross.ledger.models import Person
from upcross.ledger.refusals import Fault, NotFoundError, RefusedError
from upcross.ledger.writer import Writer, now, writing

SUBJECT = "access"
INVITED_FOR = timedelta(days=7)


def invite(by: Actor, email: str, role: str, *, person_id: str = "", name: str = "") -> str:
    """The secret of a link by which somebody makes their account: shown once, good once, for a week.

    An earlier invitation of the same address is withdrawn. ``RefusedError`` with every fault of what was given.
    """
    address = plain_email(email)
    secret = secrets.token_urlsafe(32)
    with writing() as writer:
        _refuse([*_address_faults(address), *_role_faults(role), *_person_faults(person_id)])
        Invitation.objects.filter(email=address, accepted_at=None, withdrawn_at=None).update(withdrawn_at=writer.moment)
        made = Invitation.objects.create(
            digest=digest(secret), email=address, name=name, role=role, person_id=person_id, invited_by=by.id,
            invited_at=writer.moment, expires_at=writer.moment + INVITED_FOR,
        )  # fmt: skip
        _record(writer, f"invitation:{made.digest[:12]}", "invite", by, {"role": role, "person_id": person_id}, address)
    return secret


def open_invitation(secret: str) -> Invitation:
    """The invitation that a link opens; ``NotFoundError`` for one that is used, old, withdrawn or made up."""
    found = Invitation.objects.filter(digest=digest(secret)).first()
    if found is None or not found.is_open(now()):
        raise NotFoundError(
            "this invitation is not open: it was used, is older than 7 days, or was replaced by a newer one;"
            " ask who invited you for another"
        )
    return found


def accept(secret: str, *, password: str, name: str = "") -> User:
    """The account that an invitation is for, with the password chosen; the invitation is used up."""
    with writing() as writer:  # writers take turns: of two who accept at once, the second finds it used
        invitation = open_invitation(secret)
        _refuse(_address_faults(invitation.email))
        invitation.accepted_at = writer.moment
        invitation.save(update_fields=["accepted_at"])
        user = User(
            email=invitation.email, name=name or invitation.name, role=invitation.role, person_id=invitation.person_id
        )
        user.set_password(password)
        user.save()
        _joined(writer, user, "invitation")
    return user


def admit(email: str, *, name: str, role: Role, provider: str) -> User:
    """The account of somebody for whom a configured provider of identities vouches; it has no password."""
    address = plain_email(email)
    with writing() as writer:
        _refuse(_address_faults(address))
        user = User(email=address, name=name, role=role.value, person_id=_person_with(address))
        user.set_unusable_password()
        user.save()
        _joined(writer, user, f"provider {provider}")
    return user


def change_role(by: Actor, user: User, role: str, *, person_id: str | None = None) -> User:
    """Another role, and where given another of our people; the sessions go on with what the new role may do."""
    with writing() as writer:
        row = _fresh(user)
        _refuse([*_role_faults(role), *_person_faults(person_id or "", row)])
        if role != Role.ADMIN:
            _keep_an_admin(row)
        was = {"role": row.role, "person_id": row.person_id}
        row.role, row.person_id = role, row.person_id if person_id is None else person_id
        row.save(update_fields=["role", "person_id"])
        _record(
            writer,
            user_name(row),
            "change_role",
            by,
            {"set": {"role": row.role, "person_id": row.person_id}, "was": was},
        )
    return row


def disable(by: Actor, user: User) -> User:
    """They may not come in any more, and whoever is in is out."""
    with writing() as writer:
        row = _fresh(user)
        _keep_an_admin(row)
        row.is_active, row.sessions_since = False, row.sessions_since + 1
        row.save(update_fields=["is_active", "sessions_since"])
        _record(writer, user_name(row), "disable", by, {})
    return row


def enable(by: Actor, user: User) -> User:
    """They may come in again, by signing in."""
    with writing() as writer:
        row = _fresh(user)
        row.is_active = True
        row.save(update_fields=["is_active"])
        _record(writer, user_name(row), "enable", by, {})
    return row


def end_sessions(by: Actor, user: User) -> User:
    """Sign a user out everywhere."""
    with writing() as writer:
        row = _fresh(user)
        row.sessions_since += 1
        row.save(update_fields=["sessions_since"])
        _record(writer, user_name(row), "end_sessions", by, {})
    return row


def reset_password(by: Actor, user: User) -> User:
    """They are to choose a new password: whoever is in is out, and the record says who asked for it.

    The password that they have stays good until the link to a new one is used; ``disable`` shuts somebody out.
    """
    with writing() as writer:
        row = _fresh(user)
        if not row.is_active:
            _refuse([Fault("user", f"{row.email} may not come in: let them in again first")])
        if not row.has_usable_password():
            _refuse([Fault("user", f"{row.email} signs in with a provider and has no password here: mend it there")])
        row.sessions_since += 1
        row.save(update_fields=["sessions_since"])
        _record(writer, user_name(row), "reset_password", by, {})
    return row


def user_with(email: str) -> User:
    """The user with an e-mail address, however it is written; ``NotFoundError`` where nobody has it."""
    found = User.objects.filter(email=plain_email(email)).first()
    if found is None:
        raise NotFoundError(f"nobody has the address {plain_email(email)}; `upcross users list` names everybody")
    return found


def digest(secret: str) -> str:
    """The hash under which a secret is kept: it has 256 random bits, so that nothing slower is needed."""
    return sha256(secret.encode()).hexdigest()


def _fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def _joined(writer: Writer, user: User, way: str) -> None:
    actor = Actor(user_name(user), user.person_id, user.role)
    _record(
        writer, user_name(user), "join", actor, {"role": user.role, "person_id": user.person_id, "way": way}, user.email
    )


def _record(writer: Writer, subject_id: str, kind: str, by: Actor, facts: dict[str, object], email: str = "") -> None:
    writer.record(SUBJECT, subject_id, kind, by, facts, texts={"email": email})


def _person_with(email: str) -> str:
    """The one of our people with an address; '' where nobody or more than one has it."""
    found = list(Person.objects.filter(email__iexact=email).values_list("person_id", flat=True)[:2])
    return found[0] if len(found) == 1 and not User.objects.filter(person_id=found[0]).exists() else ""


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise RefusedError(faults)


def _address_faults(email: str) -> list[Fault]:
    try:
        validate_email(email)
    except ValidationError:
        return [Fault("email", f"'{email}' is no e-mail address; expected one such as ann@company.example")]
    if User.objects.filter(email=email).exists():
        return [Fault("email", f"{email} has an account already; change its role instead")]
    return []


def _role_faults(role: str) -> list[Fault]:
    known = [known.value for known in Role if known is not Role.SERVICE]
    return (
        [] if role in known else [Fault("role", f"'{role}' is no role of people; expected one of {', '.join(known)}")]
    )


def _person_faults(person_id: str, user: User | None = None) -> list[Fault]:
    if not person_id:
        return []
    if not Person.objects.filter(person_id=person_id).exists():
        return [Fault("person_id", f"nobody of the team table is '{person_id}'; `upcross apply` brings the team in")]
    other = User.objects.filter(person_id=person_id).exclude(pk=user.pk if user else None).first()
    return [Fault("person_id", f"'{person_id}' is {other.email} already; one account a person")] if other else []


def _keep_an_admin(user: User) -> None:
    admins = User.objects.filter(role=Role.ADMIN.value, is_active=True)
    if user.role == Role.ADMIN and user.is_active and not admins.exclude(pk=user.pk).exists():
        _refuse([Fault("role", "this is the last administrator; make another one first, or nobody can let people in")])
