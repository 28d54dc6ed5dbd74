"""What people typed about an account, and the one door by which they do: facts come from the book, judgement from here.

Ten fields are typed and no more; each carries who wrote it and when, and goes stale visibly. Everything else of an
account plan is live.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from upcross.contract import TABLES
from upcross.errors import suggest
from upcross.ledger.actor import Actor
from upcross.ledger.given import LONGEST
from upcross.ledger.models import Account, Action, Entry, Goal, Person, PlanField, Proof, Review, Stakeholder
from upcross.ledger.refusals import ConflictError, Fault, NotFoundError, RefusedError
from upcross.ledger.writer import Writer, writing

SUBJECT = "account plan"

FIELDS: Mapping[str, str] = {
    "summary": "The account in three sentences",
    "priorities": "What the customer's business wants this year",
    "value_delivered": "What they gained with us so far",
    "renewal_strategy": "How the renewal will be won",
    "upsell_goal": "What deeper use to reach, and by when",
    "cross_sell_goal": "What else they should own, and by when",
    "risks": "What could go wrong",
    "competitors": "Who else is in the account, or wants to be",
    "decisions": "How they decide and who signs",
    "next_step": "What we do next",
}
"""The typed fields of an account plan, in their order."""

STALE_AFTER = timedelta(days=90)
"""After how long a typed field is shown as stale."""


def _values(table: str, column: str) -> tuple[str, ...]:
    return next(c.values for c in TABLES[table].columns if c.name == column) or ()


ROLES = _values("contact_roles", "role")
STANCES = _values("contact_roles", "stance")


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing typed: which part of the plan it is of, and its values by name; ``id`` changes what is there."""

    part: str
    values: Mapping[str, Any] = field(default_factory=dict)
    id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What the book knows that a plan may name: the account's own contacts and units, and what we sell."""

    contacts: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a plan: what it may be given, what it needs, and what more is wrong with it."""

    model: Any
    texts: tuple[str, ...]
    needs: tuple[str, ...]
    days: tuple[str, ...] = ()
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dated: str = "written_on"


_PARTS: Mapping[str, _Part] = {
    "field": _Part(PlanField, ("name", "text"), ("name",), choices={"name": tuple(FIELDS)}),
    "stakeholder": _Part(
        Stakeholder, ("contact_id", "name", "product_id", "role", "stance", "priorities", "reports_to"),
        ("name", "role"), ("removed_on",), {"role": ROLES, "stance": STANCES},
    ),
    "goal": _Part(
        Goal, ("text", "business_unit", "product_id", "domain", "status"), ("text",), ("due_on",),
        {"status": ("open", "met", "dropped")},
    ),
    "proof": _Part(
        Proof, ("business_unit", "product_id", "sentence", "contact_id"), ("product_id", "sentence"),
        dated="signed_on",
    ),
    "action": _Part(Action, ("text", "owner"), ("text", "owner"), ("due_on", "done_on")),
    "review": _Part(Review, ("text",), ("held_on", "text"), ("held_on", "next_on"), dated=""),
}  # fmt: skip

PARTS = tuple(_PARTS)


def edit_plan(
    account_id: str, actor: Actor, edits: Sequence[Edit], *, today: date, expected_version: int | None = None,
    moment: datetime | None = None, names: Names | None = None,
) -> int:  # fmt: skip
    """Write what somebody typed, all of it or nothing, and give the plan's new version.

    ``expected_version`` is the plan as they saw it: where somebody wrote since, ``ConflictError`` says who, and
    nothing is lost or overwritten. Raises ``NotFoundError`` for an account that the ledger does not know, and
    ``RefusedError`` with every fault of every edit, named ``edits.0.text``.
    """
    with writing(moment) as writer:
        if not Account.objects.filter(account_id=account_id).exists():
            raise NotFoundError(f"there is no account {account_id}")
        last = Entry.objects.filter(subject=SUBJECT, subject_id=account_id).order_by("-version").first()
        version = last.version if last else 0
        if expected_version is not None and expected_version != version:
            who = f"{last.by} wrote '{last.kind}' at {last.at:%Y-%m-%d %H:%M} UTC" if last else "it is empty"
            raise ConflictError(f"the plan has changed since: {who}; nothing was written", version)
        faults = [fault for place, edit in enumerate(edits) for fault in _faults(edit, place, account_id, today, names)]
        if not edits:
            faults = [Fault("edits", "is empty: there is nothing to write")]
        if faults:
            raise RefusedError(faults)
        for edit in edits:
            _write(writer, account_id, actor, edit, today)
        return version + len(edits)


def forget(account_id: str) -> None:
    """Remove everything typed about an account, as it stands; what the record says of it is erased elsewhere."""
    for part in _PARTS.values():
        part.model.objects.filter(account_id=account_id).delete()


def plan_version(account_id: str) -> int:
    """How many edits the plan of an account has seen."""
    last = Entry.objects.filter(subject=SUBJECT, subject_id=account_id).order_by("-version").first()
    return last.version if last else 0


def _faults(edit: Edit, place: int, account_id: str, today: date, names: Names | None) -> list[Fault]:
    at = f"edits.{place}"
    part = _PARTS.get(edit.part)
    if part is None:
        return [Fault(f"{at}.part", f"no part of a plan is called '{edit.part}'. {suggest(edit.part, PARTS)}")]
    found = []
    known = (*part.texts, *part.days)
    for name, value in edit.values.items():
        if name not in known:
            found.append(Fault(f"{at}.{name}", f"is no part of a {edit.part}. {suggest(name, known)}"))
        elif name in part.days and not (value is None or isinstance(value, date)):
            found.append(Fault(f"{at}.{name}", f"is '{value}'; expected a day such as 2026-06-30"))
        elif name in part.texts and not isinstance(value, str):
            found.append(Fault(f"{at}.{name}", "is no text"))
        elif isinstance(value, str) and (len(value) > LONGEST or "\0" in value):
            found.append(Fault(f"{at}.{name}", f"is longer than {LONGEST:,} characters, or holds a NUL character"))
        elif name in part.days and value is not None:
            found += _day_faults(f"{at}.{name}", name, value, today)
        elif name in part.needs and not str(value).strip():
            found.append(Fault(f"{at}.{name}", "is empty; a plan shows it, so it says something"))
        elif name in part.choices and value not in part.choices[name]:
            listed = part.choices[name]
            near = suggest(value, listed) or f"expected one of {', '.join(listed)}"
            found.append(Fault(f"{at}.{name}", f"'{value}' is none of them; {near}"))
    if edit.id is None:
        found += [Fault(f"{at}.{n}", "is missing") for n in part.needs if not edit.values.get(n)]
    elif edit.part == "field" or not part.model.objects.filter(pk=edit.id, account_id=account_id).exists():
        found.append(Fault(f"{at}.id", f"this plan has no {edit.part} with the id {edit.id}"))
    owner = edit.values.get("owner")
    if isinstance(owner, str) and owner:
        ids = [
            person for person, left in Person.objects.values_list("person_id", "left_on") if not left or left > today
        ]
        if owner not in ids:
            found.append(Fault(f"{at}.owner", f"nobody still with us has the id '{owner}'. {suggest(owner, ids)}"))
    return found + (_unknown_names(at, edit, names) if names else [])


def _day_faults(at: str, name: str, day: date, today: date) -> list[Fault]:
    """Days of what has happened lie behind, and every day lies in this century."""
    if name in ("held_on", "done_on", "removed_on") and day > today:
        return [Fault(at, f"{day} has not come yet; expected {today} at the latest")]
    if not 2000 <= day.year < 2100:
        return [Fault(at, f"{day} is no day of a plan; expected one of this century")]
    return []


def _unknown_names(at: str, edit: Edit, names: Names) -> list[Fault]:
    """Contacts and units are the account's own, products are what we sell: else one plan would speak for another."""
    known = {"contact_id": names.contacts, "reports_to": names.contacts, "product_id": names.products,
             "business_unit": names.units}  # fmt: skip
    told = {"contact_id": "the account has no contact", "reports_to": "the account has no contact",
            "product_id": "nothing that we sell has the id", "business_unit": "the account has no unit"}  # fmt: skip
    return [
        Fault(f"{at}.{name}", f"{told[name]} '{value}'. {suggest(value, ids)}")
        for name, ids in known.items()
        if isinstance(value := edit.values.get(name, ""), str) and value and value not in ids
    ]


def _write(writer: Writer, account_id: str, actor: Actor, edit: Edit, today: date) -> None:
    part = _PARTS[edit.part]
    author = actor.person_id or actor.id
    values = dict(edit.values)
    key = edit.id or uuid.uuid4()
    if edit.part == "field":
        text = str(values.get("text", "")).strip()
        PlanField.objects.update_or_create(
            account_id=account_id, name=values["name"],
            defaults={"text": text, "author": author, "written_on": today},
        )  # fmt: skip
        facts: dict[str, Any] = {"name": values["name"]}
        values = {"text": text}
    else:
        if edit.part == "goal" and "status" in values:
            values["closed_on"] = None if values["status"] == "open" else today
        if part.dated:
            values[part.dated] = today
        part.model.objects.update_or_create(id=key, defaults={**values, "author": author, "account_id": account_id})
        facts = {"id": str(key), **{name: str(value) for name, value in values.items() if name in part.days}}
    texts = {name: str(value) for name, value in values.items() if name in (*part.texts, "text")}
    writer.record(SUBJECT, account_id, edit.part, actor, facts, texts=texts, as_of=today)


def plan_facts(account_id: str, today: date, lists: Collection[str] | None = None) -> dict[str, Any]:
    """What was typed about an account, as plain values: each with its author, its age in days, and whether it is stale.

    A field that nobody wrote is there with a null text: what is missing is shown, not hidden. ``lists`` are those that
    are read beside the fields, by name; all of them by default, and those that are not read are empty.
    """
    written = {row.name: row for row in PlanField.objects.filter(account_id=account_id)}
    return {
        "account_id": account_id,
        "version": plan_version(account_id),
        "fields": [_field(name, title, written.get(name), today) for name, title in FIELDS.items()],
        **{
            plural: [_row(row, show, today) for row in _rows(model, account_id)]
            if lists is None or plural in lists
            else []
            for plural, model, show in _LISTS
        },
    }


def _field(name: str, title: str, row: PlanField | None, today: date) -> dict[str, Any]:
    told = {"name": name, "title": title}
    if row is None or not row.text:
        return {**told, "text": None, "author": None, "written_on": None, "age_days": None, "stale": False}
    return {**told, "text": row.text, **_signed(row.author, row.written_on, today)}


def _signed(author: str, written_on: date, today: date) -> dict[str, Any]:
    age = today - written_on
    return {"author": author, "written_on": written_on.isoformat(), "age_days": age.days, "stale": age > STALE_AFTER}


def _row(row: Any, show: tuple[str, ...], today: date) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(row.id)}
    for name in show:
        value = getattr(row, name)
        told[name] = value.isoformat() if isinstance(value, date) else value
    day = getattr(row, "written_on", None) or getattr(row, "signed_on", None) or row.held_on
    return {**told, **_signed(row.author, day, today)}


def _rows(model: Any, account_id: str) -> list[Any]:
    rows = model.objects.filter(account_id=account_id)
    return list((rows.filter(removed_on=None) if model is Stakeholder else rows).order_by("pk"))


_LISTS: Sequence[tuple[str, Any, tuple[str, ...]]] = (
    ("stakeholders", Stakeholder,
     ("contact_id", "name", "product_id", "role", "stance", "priorities", "reports_to")),
    ("goals", Goal, ("text", "business_unit", "product_id", "domain", "due_on", "status", "closed_on")),
    ("proof", Proof, ("business_unit", "product_id", "sentence", "contact_id")),
    ("actions", Action, ("text", "owner", "due_on", "done_on")),
    ("reviews", Review, ("held_on", "text", "next_on")),
)  # fmt: skip


def typed_contact_roles() -> list[dict[str, Any]]:
    """Roles and stances of known contacts as people judged them: rows of the book's ``contact_roles``."""
    found = Stakeholder.objects.filter(removed_on=None).exclude(contact_id="").order_by("written_on", "id")
    return [
        {"contact_id": row.contact_id, "product_id": row.product_id, "crm_opportunity_id": "", "role": row.role,
         "stance": row.stance, "confirmed_on": row.written_on}
        for row in found
    ]  # fmt: skip


def typed_objectives() -> list[dict[str, Any]]:
    """Objectives as people wrote them down: rows of the book's ``objectives``."""
    return [
        {"objective_id": f"ledger:{row.id}", "account_id": row.account_id, "business_unit": row.business_unit,
         "product_id": row.product_id or None, "domain": row.domain or None, "set_on": row.written_on,
         "due_on": row.due_on, "met_on": row.closed_on if row.status == "met" else None,
         "dropped_on": row.closed_on if row.status == "dropped" else None, "sentence": row.text, "contact_id": None}
        for row in Goal.objects.order_by("id")
    ]  # fmt: skip


def typed_outcomes() -> list[dict[str, Any]]:
    """Customers' sentences that one of ours signed: rows of the book's ``outcomes``."""
    return [
        {"outcome_id": f"ledger:{row.id}", "account_id": row.account_id, "business_unit": row.business_unit,
         "product_id": row.product_id, "measured_on": row.signed_on, "kind": "signed_sentence", "metric": None,
         "value": None, "sentence": row.sentence, "contact_id": row.contact_id or None}
        for row in Proof.objects.exclude(sentence="").order_by("id")
    ]  # fmt: skip
