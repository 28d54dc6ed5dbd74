"""The forms of the steps: which fields each takes, filled in with what is known already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from upcross.app.today.ours import Ours
from upcross.app.today.rows import AT_ONCE
from upcross.ledger.changes import OVERRIDE_AT_MOST, SNOOZE_AT_MOST
from upcross.ledger.given import CONTEXT, UNKNOWN
from upcross.ledger.house import House
from upcross.ledger.models import Opportunity
from upcross.ledger.refusals import Fault
from upcross.ledger.stage import Stage
from upcross.ledger.step import Step
from upcross.opportunities.outcomes import Outcome

WORDS = {
    Step.ACCEPT: "Accept", Step.CLAIM: "Take it", Step.QUALIFY: "Hand over", Step.HAND_OFF: "Hand over",
    Step.RETURN: "Return", Step.WIN: "Won", Step.LOSE: "Lost", Step.FINISH: "Done", Step.DISMISS: "Dismiss",
    Step.SNOOZE: "Snooze", Step.WAKE: "Take it up", Step.REASSIGN: "Reassign", Step.OVERRIDE: "Ask anyway",
    Step.COMMENT: "Comment",
}  # fmt: skip
KEYS = {Step.ACCEPT: "a", Step.CLAIM: "a", Step.QUALIFY: "a", Step.HAND_OFF: "a", Step.FINISH: "a", Step.WIN: "a",
        Step.WAKE: "a", Step.DISMISS: "d", Step.SNOOZE: "h"}  # fmt: skip
SELLERS = ("ae", "account_manager", "specialist", "renewals_manager")
_LABELS = {"need": "What they need", "goal": "What they want to reach with it", "buyer": "Who decides",
           "budget_owner": "Who pays"}  # fmt: skip
_SAID = {
    Step.RETURN: "It goes back with your reason; nothing is lost of what was handed over.",
    Step.DISMISS: "It ends here. The reason says how long we do not ask again, and goes into the play's precision.",
    Step.SNOOZE: "It comes back by itself.",
    Step.OVERRIDE: "The record keeps that it was asked in spite of a gate, by whom and why.",
    Step.FINISH: "The work is done; nothing was sold.",
}  # fmt: skip
_PUT_OFF = 14
_ORDER = (Step.ACCEPT, Step.CLAIM, Step.HAND_OFF, Step.QUALIFY, Step.FINISH, Step.WIN, Step.WAKE, Step.RETURN,
          Step.LOSE, Step.SNOOZE, Step.DISMISS, Step.OVERRIDE, Step.REASSIGN, Step.COMMENT)  # fmt: skip


def offered(steps: Iterable[Step]) -> list[Step]:
    """The steps in the order in which people think of them: qualifying is a part of handing over."""
    found = set(steps)
    if Step.QUALIFY in found and Step.HAND_OFF in found:
        found.discard(Step.QUALIFY)
    return [step for step in _ORDER if step in found]


def form(
    step: Step, row: Opportunity, ours: Ours, today: date, known: Mapping[str, str], *,
    given: Mapping[str, str] | None = None, faults: Sequence[Fault] = (),
) -> dict[str, Any]:  # fmt: skip
    """One step's form. ``known`` is what was said before, ``given`` what was typed and stays, with faults."""
    typed = given or {}
    wrong = {fault.field.removeprefix("context."): fault.message for fault in faults}
    fields = [
        {
            **one,
            "value": typed.get(one["name"], one.get("value", "")),
            "fault": _fault(wrong.get(one["name"]), one["kind"]),
        }
        for one in _fields(step, row, ours, today, known)
    ]
    names = {one["name"] for one in fields}
    return {
        "step": step.value, "words": WORDS[step], "said": _SAID.get(step), "fields": fields,
        "at_once": step in AT_ONCE, "buttons": _buttons(step, row, ours),
        "faults": [message for name, message in wrong.items() if name not in names],
    }  # fmt: skip


def _fault(message: str | None, kind: str) -> str | None:
    """What is wrong with a field; where one chooses, what can be chosen stands there already."""
    return "is missing: choose one" if message and kind == "choice" and message.startswith("is missing") else message


def _buttons(step: Step, row: Opportunity, ours: Ours) -> list[dict[str, str]]:
    if step in (Step.QUALIFY, Step.HAND_OFF):
        return [{"value": "hand_off", "words": "Hand it over"}, {"value": "qualify", "words": "Keep it, qualified"}]
    return [{"value": step.value, "words": WORDS[step]}]


def _fields(step: Step, row: Opportunity, ours: Ours, today: date, known: Mapping[str, str]) -> list[dict[str, Any]]:
    match step:
        case Step.QUALIFY | Step.HAND_OFF:
            context = [
                {"name": name, "label": _LABELS[name], "kind": "area" if name == "need" else "text", "needed": True,
                 "value": "" if known.get(name) == UNKNOWN else known.get(name, ""), "hint": "not known yet"}
                for name in CONTEXT
            ]  # fmt: skip
            sellers = ours.choice(() if ours.house.csm_may_close else SELLERS)
            return [*context, {"name": "to", "label": "Hand it to", "kind": "choice", "options": _people(sellers),
                               "value": row.closer}, _note("A word with it (optional)")]  # fmt: skip
        case Step.RETURN:
            return [_reasons(Outcome.RETURNED, "Why it goes back", ours.house), _note("In words")]
        case Step.LOSE:
            return [_reasons(Outcome.LOST, "Why it was lost", ours.house), _note("In words"), _on(today)]
        case Step.DISMISS:
            return [_reasons(Outcome.DISMISSED, "Why it is no ask", ours.house), _note("In words")]
        case Step.WIN:
            return [{"name": "mrr", "label": f"MRR won, {row.currency} a month", "kind": "text", "mode": "decimal",
                     "help": "Leave it empty where it is not known yet."}, _on(today),
                    _note("In words (optional)")]  # fmt: skip
        case Step.SNOOZE:
            later = today + timedelta(days=_PUT_OFF)
            return [
                {"name": "until", "label": "Until", "kind": "day", "value": later.isoformat(),
                 "least": (today + timedelta(days=1)).isoformat(), "most": (today + SNOOZE_AT_MOST).isoformat()},
                {"name": "until_changed", "label": "or sooner, when what speaks for it changes", "kind": "tick",
                 "value": ""},
                _note("Why (optional)"),
            ]  # fmt: skip
        case Step.REASSIGN:
            roles = SELLERS if row.stage == Stage.ACCEPTED and not ours.house.csm_may_close else ()
            return [{"name": "to", "label": "To whom", "kind": "choice", "options": _people(ours.choice(roles)),
                     "value": "", "needed": True}, _note("A word with it (optional)")]  # fmt: skip
        case Step.OVERRIDE:
            later = today + timedelta(days=30)
            return [{"name": "until", "label": "Counts until", "kind": "day", "value": later.isoformat(),
                     "least": (today + timedelta(days=1)).isoformat(), "most": (today + OVERRIDE_AT_MOST).isoformat()},
                    {**_note("Why ask although it is held"), "needed": True}]  # fmt: skip
        case Step.COMMENT:
            return [{**_note("Comment"), "needed": True}]
        case Step.FINISH:
            return [_note("What came of it (optional)")]
    return []


def _note(label: str) -> dict[str, Any]:
    return {"name": "text", "label": label, "kind": "area"}


def _on(today: date) -> dict[str, Any]:
    return {"name": "on", "label": "On", "kind": "day", "value": today.isoformat(), "most": today.isoformat()}


def _reasons(outcome: Outcome, label: str, house: House) -> dict[str, Any]:
    options = [{"value": one.id, "words": one.title} for one in house.outcomes[outcome].values()]
    return {"name": "reason", "label": label, "kind": "choice", "options": options, "value": "", "needed": True}


def _people(people: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{"value": one["id"], "words": f"{one['name']} ({one['role']})"} for one in people]
