"""The one rule of which rows a viewer sees; whatever lists, counts, sums or exports begins with one of these.

An account is seen by those who serve it in any role, and by those who own, close or are handed an opportunity of it;
managers see what the people below them see; some roles see all. What hangs on an account is seen with it. What is not
seen does not exist: asking for it by its id is answered as asking for what was never there.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Func, Q, QuerySet, TextField
from django.db.models.functions import Cast

from upcross.access.roles import Capability
from upcross.access.viewer import Viewer
from upcross.ledger.models import Account, Assignment, Entry, Heard, Opportunity, StandIn
from upcross.ledger.refusals import NotFoundError
from upcross.ledger.stage import Stage


def accounts(viewer: Viewer) -> QuerySet[Account]:
    """The accounts that a viewer sees."""
    return _seen(Account.objects.all(), viewer)


def opportunities(viewer: Viewer) -> QuerySet[Opportunity]:
    """The opportunities that a viewer sees: those of the accounts that they see."""
    return _seen(Opportunity.objects.all(), viewer)


def in_hand(viewer: Viewer) -> QuerySet[Opportunity]:
    """The opportunities that are with a viewer: owned by them, handed to them, or accepted and theirs to close.

    Whoever owns, closes or is handed one sees its account by the rule itself: nothing more has to be asked.
    """
    me = viewer.person_id
    rows = Opportunity.objects.all()
    if not viewer.capabilities or not me:
        return rows.none()
    return rows.filter(Q(owner=me) | Q(handed_to=me) | Q(closer=me, stage=Stage.ACCEPTED))


def heard(viewer: Viewer) -> QuerySet[Heard]:
    """What customers were heard to say; quotes name people, so none for those who see no contacts."""
    rows = _seen(Heard.objects.all(), viewer)
    return rows if viewer.sees_contacts else rows.none()


def stand_ins(viewer: Viewer) -> QuerySet[StandIn]:
    """Who stands in for whom, on the accounts that a viewer sees."""
    return _seen(StandIn.objects.all(), viewer)


def entries(viewer: Viewer) -> QuerySet[Entry]:
    """What happened: all of it for those who read the record, else what happened to what a viewer sees."""
    everything = Entry.objects.all()
    if viewer.may(Capability.SEE_AUDIT) and viewer.sees_all:
        return everything
    keys = opportunities(viewer).annotate(key=_WrittenKey(Cast("id", TextField())))
    return everything.filter(
        Q(subject="opportunity", subject_id__in=keys.values("key"))
        | Q(subject="statement", subject_id__in=heard(viewer).values("statement_id"))
        | Q(subject="account plan", subject_id__in=accounts(viewer).values("account_id"))
    )


def changes_of_plays(viewer: Viewer) -> QuerySet[Entry]:
    """Who changed which play, when and how: about no account, so for everybody who may read at all."""
    rows = Entry.objects.filter(subject="play")
    return rows if viewer.may(Capability.READ) else rows.none()


def sees_every_account(viewer: Viewer) -> bool:
    """Whether a viewer may be told of the whole base: sums over it tell of every account."""
    return bool(viewer.sees_all and viewer.capabilities)


def account_ids(viewer: Viewer) -> frozenset[str] | None:
    """The accounts that a viewer sees, for results that are not kept in the ledger; None: every account."""
    if sees_every_account(viewer):
        return None
    if not viewer.capabilities or not viewer.people:
        return frozenset()
    served, worked = (rows.values_list("account_id", flat=True).order_by() for rows in _begins(viewer.people))
    return frozenset(served.union(worked))


def one(rows: QuerySet[Any], noun: str, **key: Any) -> Any:
    """The one row with a key, of rows that a viewer sees; ``NotFoundError`` says the same for hidden and for none."""
    try:
        found = rows.filter(**key).first()
    except (ValueError, ValidationError):  # what is no key at all is the key of nothing
        found = None
    if found is None:
        raise NotFoundError(
            f"there is no {noun} {', '.join(repr(str(value)) for value in key.values())} that you can see"
        )
    return found


class _WrittenKey(Func):
    """A key of 32 hexadecimal digits, as SQLite keeps it, in the notation in which the record names it."""

    template = "%(expressions)s"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        inner, parameters = compiler.compile(self.source_expressions[0])
        told = " || '-' || ".join(f"substr({inner}, {start}, {length})" for start, length in parts)
        return f"({told})", tuple(parameters) * len(parts)


def _seen(rows: QuerySet[Any], viewer: Viewer) -> QuerySet[Any]:
    """Those of rows with an ``account_id`` that are about an account that the viewer sees."""
    if not viewer.capabilities:
        return rows.none()
    if viewer.sees_all:
        return rows
    people = viewer.people
    if not people:
        return rows.none()
    served, worked = _begins(people)
    return rows.filter(Q(account_id__in=served.values("account_id")) | Q(account_id__in=worked.values("account_id")))


def _begins(people: frozenset[str]) -> tuple[QuerySet[Assignment], QuerySet[Opportunity]]:
    """What makes an account somebody's to see: serving it, or working an opportunity of it."""
    worked = Opportunity.objects.filter(Q(owner__in=people) | Q(closer__in=people) | Q(handed_to__in=people))
    return Assignment.objects.filter(person_id__in=people), worked
