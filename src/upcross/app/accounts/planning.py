"""An account plan as it is read and written: ten typed fields with their age, and value, goals, actions and reviews.

A field is kept as it is left. Where somebody else wrote the same field since it was shown, nothing is overwritten:
both texts are shown, and whoever is looking decides.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from upcross.access.models import User
from upcross.access.roles import Capability
from upcross.access.viewer import user_name
from upcross.api.project import served
from upcross.app.accounts.opened import Opened, head_facts
from upcross.app.accounts.people import products_of
from upcross.app.accounts.typed import Typed, given_of
from upcross.app.shell.version import version_of
from upcross.kept_ledger import plan_names
from upcross.ledger.account_plan import FIELDS, SUBJECT, Edit, edit_plan, plan_facts, plan_version
from upcross.ledger.models import Entry, EntryText, PlanField
from upcross.ledger.refusals import ConflictError
from upcross.sheets import Sheet
from upcross.signals.model import Unit

_BESIDE = ("goals", "proof", "actions", "reviews")
_NOT_SAID = "\0"
_SHOWN = 60
"""Entries of the history that are shown."""
_KEPT = {"field": "Field", "stakeholder": "Person", "goal": "Goal", "proof": "Value", "action": "Action",
         "review": "Review"}  # fmt: skip


def plan_page(found: Opened, history: bool, typed: Typed | None = None) -> dict[str, Any]:
    """What the page of the plan is told; ``typed`` was not taken, and is told again."""
    told = plan_facts(found.account_id, found.today, () if history else _BESIDE)
    may = found.viewer.may(Capability.WORK)
    return {
        "head": head_facts(found, "plan"),
        "version": told["version"],
        "may": may,
        "path": f"{found.path}plan/",
        "write": f"{found.path}plan/write/",
        "fields": [{**one, "by": found.called(one["author"]) if one["author"] else "",
                    "state": _state(one["name"], one["text"] or "", told["version"])} for one in told["fields"]],
        "written": sum(one["text"] is not None for one in told["fields"]),
        **({} if history else _beside(found, told)),
        "products": [{"id": cell["product_id"], "name": cell["product"]} for cell in products_of(found)],
        "ours": sorted(({"id": key, "name": name or key} for key, name in found.ours.items()),
                       key=lambda one: one["name"]),
        "today": found.today.isoformat(),
        "refused": typed.facts() if typed else None,
        "given": {part: given_of(part, defaults, typed) for part, defaults in _begins(found).items()},
        "history": history_of(found) if history else None,
        "history_href": f"{found.path}plan/" + ("" if history else "?history=1#history"),
    }  # fmt: skip


def _beside(found: Opened, told: Mapping[str, Any]) -> dict[str, Any]:
    """What stands beside the fields: value, objectives, goals, actions and reviews; not where the history does."""
    card = found.card
    names = {one["contact_id"]: one["contact_name"] for one in card.get("people", [])}
    return {
        "outcomes": [{**one, "who": names.get(one["contact_id"], "")} for one in card.get("outcomes", [])][:12],
        "proof": [{**one, "by": found.called(one["author"])} for one in told["proof"]],
        "objectives": [{**one, "who": names.get(one["contact_id"], "")} for one in card.get("objectives", [])],
        "goals": [{**one, "by": found.called(one["author"])} for one in told["goals"]],
        "actions": sorted(
            ({**one, "who": found.called(one["owner"]), "by": found.called(one["author"]),
              "late": not one["done_on"] and bool(one["due_on"]) and one["due_on"] < found.today.isoformat()}
             for one in told["actions"]),
            key=lambda one: (bool(one["done_on"]), one["due_on"] or "9999"),
        ),
        "reviews": sorted(told["reviews"], key=lambda one: one["held_on"], reverse=True),
    }  # fmt: skip


def _begins(found: Opened) -> dict[str, dict[str, str]]:
    """What the forms below the plan begin with."""
    return {
        "proof": {"product_id": "", "sentence": ""},
        "goal": {"text": "", "product_id": "", "due_on": ""},
        "action": {"text": "", "owner": found.viewer.person_id or "", "due_on": ""},
        "review": {"held_on": found.today.isoformat(), "text": "", "next_on": ""},
    }


@dataclass(frozen=True)
class FieldWritten:
    """What came of writing one field: the state that its form goes on from, and whether it was refused."""

    state: Mapping[str, Any]
    refused: bool


def write_field(found: Opened, form: QueryDict) -> FieldWritten:
    """Write one field as it was left; where somebody wrote it since it was shown, tell both texts and write nothing."""
    name, text, was = form.get("name", ""), _lines(form.get("text", "")).strip(), _lines(form.get("was", ""))
    current = plan_version(found.account_id)
    row = PlanField.objects.filter(account_id=found.account_id, name=name).first()
    there = _lines(row.text) if row else ""
    if text == there:
        return FieldWritten(_state(name, there, current, saved=_clock()), False)
    if there != was and _lines(form.get("over", _NOT_SAID)) != there:
        theirs = {"text": there, "by": found.called(row.author) if row else "", "on": row.written_on if row else None}
        return FieldWritten(_state(name, was, current, theirs=theirs), True)
    try:
        version = edit_plan(found.account_id, found.viewer.actor, [Edit("field", {"name": name, "text": text})],
                            today=found.today, expected_version=current)  # fmt: skip
    except ConflictError as conflict:  # somebody wrote in the very same moment
        return FieldWritten(_state(name, was, conflict.version, theirs={"text": there, "by": "", "on": None}), True)
    return FieldWritten(_state(name, text, version, saved=_clock()), False)


def written_facts(found: Opened) -> dict[str, int]:
    """How many fields of the plan are written, of how many, and how often the plan was changed."""
    told = plan_facts(found.account_id, found.today, ())
    return {"written": sum(one["text"] is not None for one in told["fields"]), "fields": len(told["fields"]),
            "changes": told["version"]}  # fmt: skip


def write_part(found: Opened, form: QueryDict) -> int:
    """Add or change one person, goal, proof, action or review, as the form says; the plan's new version."""
    part = form.get("part", "")
    values: dict[str, Any] = {}
    for name, value in form.items():
        if name in ("part", "id", "csrfmiddlewaretoken", "version", "next", "person"):
            continue
        if name.endswith("_on"):
            values[name] = _day(str(value))
        elif str(value).strip() or form.get("id"):
            values[name] = _lines(str(value)).strip()
    return edit_plan(
        found.account_id, found.viewer.actor, [Edit(part, values, _key(form.get("id", "")))], today=found.today,
        expected_version=version_of(form["version"]) if "version" in form else None,
        names=plan_names(served(), found.account_id),
    )  # fmt: skip


def _state(name: str, was: str, version: int, *, saved: str = "", theirs: Mapping[str, Any] | None = None
           ) -> dict[str, Any]:  # fmt: skip
    """From where the form of a field goes on: what it was, when it was saved, and what somebody else wrote instead."""
    return {"name": name, "title": FIELDS.get(name, name), "was": was, "version": version, "saved": saved,
            "theirs": theirs}  # fmt: skip


def history_of(found: Opened) -> list[dict[str, Any]]:
    """What was written in the plan, newest first: when, by whom, and what it said."""
    entries = list(Entry.objects.filter(subject=SUBJECT, subject_id=found.account_id).order_by("-version")[:_SHOWN])
    signed_in = {user_name(user): user.name or user.email
                 for user in User.objects.all() if user_name(user) in {entry.by for entry in entries}}  # fmt: skip
    texts: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for one in EntryText.objects.filter(entry__in=[entry.seq for entry in entries]):
        texts[one.entry_id][one.name] = "(erased)" if one.erased_at else one.text
    return [
        {"version": entry.version, "kind": _KEPT.get(entry.kind, entry.kind), "at": entry.at.isoformat(),
         "clock": f"{entry.at:%H:%M}", "by": signed_in.get(entry.by) or found.called(entry.by),
         "said": _said(entry, texts[entry.seq])}
        for entry in entries
    ]  # fmt: skip


def _said(entry: Entry, texts: Mapping[str, str]) -> list[dict[str, str]]:
    facts = json.loads(entry.facts)
    told = {**{key: str(value) for key, value in facts.items() if key != "id"}, **texts}
    if entry.kind == "field":
        return [{"name": FIELDS.get(told.get("name", ""), told.get("name", "")), "text": told.get("text", "")}]
    return [{"name": name.replace("_", " "), "text": text} for name, text in told.items() if text and text != "None"]


def plan_sheets(found: Opened) -> Mapping[str, Callable[[], Sheet]]:
    """The typed fields as rows."""
    columns = {"account_id": Unit.TEXT, "field": Unit.TEXT, "text": Unit.TEXT, "author": Unit.TEXT,
               "written_on": Unit.DATE, "stale": Unit.FLAG}  # fmt: skip

    def make() -> Sheet:
        return Sheet(columns, tuple(
            (found.account_id, one["title"], one["text"], one["author"],
             date.fromisoformat(one["written_on"]) if one["written_on"] else None, one["stale"])
            for one in plan_facts(found.account_id, found.today)["fields"]
        ))  # fmt: skip

    return {"plan": make}


def _lines(text: str) -> str:
    """Text with its lines ended in one way: a browser sends CR and LF for what a program wrote with LF alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _clock() -> str:
    return f"{timezone.now():%H:%M}"


def _day(text: str) -> date | str | None:
    """A day, none where nothing was chosen, and what was typed where it is no day: the ledger says what is wrong."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _key(id: str) -> UUID | None:
    try:
        return UUID(id) if id else None
    except ValueError:
        return UUID(int=0)
