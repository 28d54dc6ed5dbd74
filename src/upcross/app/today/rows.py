"""One row of Today: who, what kind of ask, why now in a sentence, what holds it, what it may bring, whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

from django.db.models import Func, JSONField

from upcross.access.personal import HIDDEN, for_eyes_of
from upcross.access.roles import Capability
from upcross.access.viewer import Viewer
from upcross.app.today.asking import Asked
from upcross.app.today.ours import Ours
from upcross.ledger.house import House
from upcross.ledger.models import Opportunity
from upcross.ledger.possible import possible_steps
from upcross.ledger.stage import ENDED, WORKED, Stage
from upcross.ledger.step import Step
from upcross.opportunities.evidence import amount
from upcross.opportunities.outcomes import Outcome

_REPEATED = "potential expected"
"""What the money of a row says already."""
_MAIN = (Step.ACCEPT, Step.CLAIM, Step.HAND_OFF, Step.QUALIFY, Step.FINISH, Step.WIN, Step.WAKE)
MAIN_WORDS = {
    Step.ACCEPT: "Accept", Step.CLAIM: "Take it", Step.HAND_OFF: "Hand over", Step.QUALIFY: "Hand over",
    Step.FINISH: "Done", Step.WIN: "Won", Step.WAKE: "Take it up",
}  # fmt: skip
AT_ONCE = frozenset({Step.ACCEPT, Step.CLAIM, Step.WAKE})
"""Steps that take nothing but the click."""
_ENDINGS = {Stage.LOST: Outcome.LOST, Stage.DISMISSED: Outcome.DISMISSED}


class Shown(NamedTuple):
    """What a list shows of an opportunity: the columns of its row by their names, and no others."""

    id: UUID
    account_id: str
    account_name: str
    business_unit: str
    product_id: str
    product_name: str
    motion: str
    mechanism: str
    task: str
    kind: str
    version: int
    stage: str
    owner: str
    closer: str
    closer_role: str
    handed_to: str
    due_on: date | None
    snoozed_until: date | None
    snoozed_while: str
    look_again_on: date | None
    with_renewal_on: date | None
    ended_on: date | None
    end_reason: str
    asked_anyway: bool
    title: str
    potential_floor: int | None
    potential_expected: int | None
    potential_ceiling: int | None
    alternative_of: str
    won_mrr: int | None
    candidate: Mapping[str, Any] | None


_SAID = ("why", "heard", "next_step", "care", "holds")
"""What a list says of the evidence of an opportunity, which tells ten times as much."""


class _Said(Func):
    """Some parts of the evidence, cut out where it is kept."""

    output_field = JSONField()

    def _cut(self, compiler: Any, connection: Any, function: str, part: str) -> Any:
        inner, parameters = compiler.compile(self.source_expressions[0])
        told = ", ".join(f"'{name}', {part.format(inner, name)}" for name in _SAID)
        return f"{function}({told})", tuple(parameters) * len(_SAID)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._cut(compiler, connection, "json_object", "json_extract({}, '$.{}')")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._cut(compiler, connection, "jsonb_build_object", "{} -> '{}'")


def shown(keys: Iterable[str], viewer: Viewer, *, whole: bool = False) -> Mapping[str, Shown | Opportunity]:
    """Some opportunities as lists show them, by id; their keys were chosen among those that the viewer sees.

    ``whole`` reads all of their columns: for a list with one of its rows in the drawer. For who is not to read names
    and quotes all of the evidence is read: what it hides in one place is hidden in the sentences of another.
    """
    rows = Opportunity.objects.filter(pk__in=list(keys))
    if whole:
        return {str(row.id): row for row in rows}
    *columns, evidence = Shown._fields
    told = rows.values_list(*columns, _Said(evidence) if viewer.sees_contacts else evidence)
    return {str(row[0]): Shown._make(row) for row in told}


def steps_of(row: Shown | Opportunity, asked: Asked, ours: Ours, **more: Any) -> tuple[Step, ...]:
    """The steps that the viewer may take with it."""
    return possible_steps(row, asked.actor, ours.house, **more) if asked.viewer.may(Capability.WORK) else ()


def main_step(steps: tuple[Step, ...]) -> Step | None:
    """The step that leads on, of those that may be taken."""
    return next((step for step in _MAIN if step in steps), None)


def row_facts(row: Shown | Opportunity, asked: Asked, ours: Ours, returned: str | None = None) -> dict[str, Any]:
    """One opportunity as a list shows it; amounts as exact decimal text, null where unknown."""
    me = asked.viewer.person_id
    told: Mapping[str, Any] = for_eyes_of(asked.viewer, row.candidate) or {}
    steps = steps_of(row, asked, ours)
    main = main_step(steps)
    handed = row.stage == Stage.HANDED_OFF and row.handed_to
    key = str(row.id)
    return {
        "id": key, "version": row.version, "href": asked.opening(key),
        "account": row.account_name or row.account_id, "account_id": row.account_id,
        "account_href": f"/accounts/{quote(row.account_id, safe='')}/", "business_unit": row.business_unit or None,
        "product": row.product_name or row.product_id, "motion": row.motion or None,
        "mechanism": row.mechanism or row.task or None, "kind": row.kind, "stage": row.stage,
        "returned": returned,
        "evidence": evidence_sentence(told),
        "heard": next((one for one in told.get("heard") or () if one != HIDDEN), None),
        "next_step": told.get("next_step") or row.title, "care": [one["sentence"] for one in told.get("care") or ()],
        "holds": [_hold(one) for one in told.get("holds") or ()] if row.stage == Stage.HELD else [],
        "potential": {name: amount(getattr(row, f"potential_{name}")) for name in ("floor", "expected", "ceiling")},
        "counted_elsewhere": bool(row.alternative_of), "asked_anyway": row.asked_anyway,
        "owner": row.owner, "owner_name": ours.name(row.owner, me),
        "waits_for": ours.name(row.handed_to, me) if handed else None,
        "unowned": row.stage not in ENDED and not ours.works(row.handed_to if handed else row.owner),
        "due_on": _iso(row.due_on), "late": bool(row.due_on and row.due_on < asked.today and row.stage in WORKED),
        "due": _due(row.due_on, asked.today), "look_again_on": _iso(row.look_again_on),
        "snoozed_until": _iso(row.snoozed_until), "until_changed": bool(row.snoozed_while),
        "with_renewal_on": _iso(row.with_renewal_on), "ended_on": _iso(row.ended_on), "ended": ended(row, ours.house),
        "won_mrr": amount(row.won_mrr), "steps": [step.value for step in steps],
        "main": {"step": main.value, "words": MAIN_WORDS[main], "at_once": main in AT_ONCE,
                 "action": f"/today/{key}/step/" if main in AT_ONCE else None,
                 "href": asked.opening(key, main.value)} if main else None,
    }  # fmt: skip


def stage_words(row: Shown | Opportunity) -> str:
    """How far it has come, as people say it."""
    return "open" if row.stage == Stage.SURFACED else Stage(row.stage).words


def evidence_sentence(told: Mapping[str, Any]) -> str:
    """Why now, in the two comparisons that say most, each signal once; the money is told in its own column."""
    said: dict[str, str] = {}
    for line in told.get("why") or ():
        name = line.partition(":")[0]
        if _REPEATED not in name:
            said.setdefault(name, line)
    sentence = "; ".join(list(said.values())[:2])
    return sentence[:1].upper() + sentence[1:]


def ended(row: Shown | Opportunity, house: House) -> str | None:
    """How it ended, with the reason in words; null where it goes on."""
    if row.stage not in ENDED:
        return None
    outcome = _ENDINGS.get(Stage(row.stage))
    reason = house.outcomes[outcome].get(row.end_reason) if outcome else None
    return f"{Stage(row.stage).words}: {reason.title[:1].lower()}{reason.title[1:]}" if reason else row.stage


def _hold(told: Mapping[str, Any]) -> dict[str, Any]:
    person = told.get("person") or {}
    return {"gate": told["gate"], "words": told["gate"].replace("-", " "), "sentence": told.get("sentence") or "",
            "unknown": told.get("truth") == "unknown", "person": person.get("name") or person.get("person_id") or "",
            "action": told.get("action") or ""}  # fmt: skip


@lru_cache(maxsize=500)
def _due(day: date | None, today: date) -> str | None:
    """A day beside today as people say it."""
    if day is None:
        return None
    days = (day - today).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} late"
    if days < 2:
        return ("today", "tomorrow")[days]
    return f"{day:%a} {day.day} {day:%b}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
