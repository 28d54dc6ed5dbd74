"""The drawer of one opportunity: why this, why now; how to talk about it; every step that one may take; its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from upcross.access.personal import HIDDEN, for_eyes_of
from upcross.api.project import served
from upcross.app.shell.published import about
from upcross.app.today.asking import Asked
from upcross.app.today.forms import KEYS, WORDS, form, offered
from upcross.app.today.ours import Ours
from upcross.app.today.proven import proven
from upcross.app.today.record import Recorded
from upcross.app.today.returned import returned
from upcross.app.today.rows import AT_ONCE, row_facts, stage_words, steps_of
from upcross.app.today.why import reasons
from upcross.ledger.facts import entry_facts
from upcross.ledger.given import CONTEXT, UNKNOWN
from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.refusals import Fault
from upcross.ledger.step import Step
from upcross.ledger.undoing import last_decision

_DID = {
    "create": "found by a plan", "open": "opened", "refresh": "looked at again by a plan", "hold": "held",
    "release": "let go by its gates", "expire": "expired: what spoke for it is gone", "escalate": "overdue, escalated",
    "qualify": "qualified", "hand_off": "handed over", "accept": "accepted", "return": "returned", "win": "won",
    "lose": "lost", "finish": "done", "dismiss": "dismissed", "snooze": "put off", "wake": "taken up again",
    "reassign": "given to somebody else", "claim": "taken", "override": "asked in spite of a gate",
    "comment": "commented", "undo": "undone", "erase": "words of people erased",
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What somebody typed into a step that was not taken, and why it was not: both are shown, nothing is lost."""

    step: Step
    given: Mapping[str, str]
    said: str = ""
    faults: Sequence[Fault] = ()


def drawer_facts(
    row: Opportunity, asked: Asked, ours: Ours, record: Recorded, typed: Typed | None = None
) -> dict[str, Any]:
    """Everything about one opportunity that its drawer shows, as plain values."""
    viewer = asked.viewer
    told: Mapping[str, Any] = for_eyes_of(viewer, row.candidate) or {}
    entries, texts = record.history, record.texts
    last = last_decision(entries)
    steps = steps_of(row, asked, ours, last=last)
    doing = typed.step if typed else _doing(asked, steps)
    known = for_eyes_of(viewer, _known(told, texts, entries))
    facts = row_facts(row, asked, ours, returned(record.returns, ours).get(str(row.id)))
    return {
        **facts,
        "close": asked.href(open=None, do=None, at=str(row.id)), "title": row.title,
        "closer_name": ours.name(row.closer, viewer.person_id) if row.closer else None,
        "stage_words": stage_words(row),
        "reasons": [{**one, "proven": proven(viewer, one["play"], one["version"] or "")}
                    for one in reasons(told, served().settings.reporting_currency)],
        "quotes": [one for one in told.get("heard", ()) if one != HIDDEN], "guide": list(told.get("guide", ())),
        "as_of": about().get("as_of"), "feeds_behind": [one["table"] for one in about().get("feeds_behind", ())],
        "context": [{"name": name.replace("_", " "), "said": known[name]} for name in CONTEXT if known.get(name)]
        if row.known else [],
        "alternatives": [f"{one.get('mechanism') or one.get('task')} of {one['product_id']}".replace("_", " ")
                         for one in (told.get("candidate") or {}).get("alternatives", ())],
        "steps": [
            {"step": step.value, "words": WORDS[step], "key": KEYS.get(step), "at_once": step in AT_ONCE,
             "href": asked.opening(str(row.id), step.value), "here": step is doing}
            for step in offered(steps)
        ],
        "form": form(doing, row, ours, asked.today, known, given=typed.given if typed else None,
                     faults=typed.faults if typed else ()) if doing else None,
        "said": typed.said if typed else "",
        "next": asked.href(open=None, do=None, at=None),
        "undo": _undo(row, last, ours) if Step.UNDO in steps and last else None,
        "history": _history(entries, texts, ours, viewer.id, asked),
    }  # fmt: skip


def _doing(asked: Asked, steps: Sequence[Step]) -> Step | None:
    """The step whose form is open; qualifying and handing over share one."""
    wanted = asked.given.get("do", "")
    shown = offered(steps)
    if wanted in (Step.QUALIFY, Step.HAND_OFF):
        return next((step for step in shown if step in (Step.QUALIFY, Step.HAND_OFF)), None)
    return next((step for step in shown if step.value == wanted and step not in AT_ONCE), None)


def _known(told: Mapping[str, Any], texts: Mapping[int, Mapping[str, str]], entries: Sequence[Entry]) -> dict[str, str]:
    """Need, goal, buyer and budget owner: as somebody said last, else what the evidence says of them."""
    said: dict[str, str] = {}
    for entry in entries:
        for name, text in texts.get(entry.seq, {}).items():
            if name in CONTEXT:
                said.setdefault(name, text)
    facts: dict[str, Any] = {}
    for reason in (told.get("candidate") or {}).get("reasons", ()):
        for one in reason.get("evidence", ()):
            facts.setdefault(one["signal"], one.get("value"))
    heard = next(iter(told.get("heard", ())), "")
    found = {
        "need": heard or "; ".join(told.get("why", ())[:2]), "goal": facts.get("objective"),
        "buyer": facts.get("buyer"), "budget_owner": facts.get("budget_owner"),
    }  # fmt: skip
    return {name: said.get(name) or str(found.get(name) or UNKNOWN) for name in CONTEXT}


def _undo(row: Opportunity, last: Entry, ours: Ours) -> dict[str, str]:
    return {"words": f"Undo “{_DID.get(last.kind, last.kind)}”", "of": f"{row.id}.{row.version}"}


def _history(
    entries: Sequence[Entry], texts: Mapping[int, Mapping[str, str]], ours: Ours, me: str, asked: Asked
) -> list[dict[str, Any]]:
    found = []
    for entry in entries:
        facts = for_eyes_of(asked.viewer, entry_facts(entry, dict(texts.get(entry.seq, {}))))
        changed = facts["set"]
        system = entry.by == "system"
        who = "you" if entry.by == me else "a plan" if system else ours.callers.get(entry.by, entry.by)
        found.append({
            "did": _DID.get(entry.kind, entry.kind), "kind": entry.kind, "by": who.removeprefix("operator:"),
            "at": entry.at.isoformat(timespec="minutes"), "day": entry.as_of.isoformat() if entry.as_of else None,
            "reason": (facts["reason"] or "").replace("_", " ") or None,
            "to": ours.name(changed.get("handed_to") or changed.get("owner") or "") or None,
            "held_by": [gate.replace("-", " ") for gate in changed.get("gates") or ()],
            "texts": [{"name": name.replace("_", " "), "text": text} for name, text in facts["texts"].items()],
        })  # fmt: skip
    return found
