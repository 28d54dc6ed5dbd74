"""A change plan into the ledger, in one transaction: applied twice it is applied once.

What people did since the plan was made wins: a change that would undo it is overtaken, and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from upcross.errors import UsageError
from upcross.ledger.actor import SYSTEM, Actor
from upcross.ledger.chain import canonical
from upcross.ledger.company import Company, refresh_company
from upcross.ledger.identity import blank_row, key_of
from upcross.ledger.models import Entry, Opportunity
from upcross.ledger.stage import ENDED, OPEN, Stage
from upcross.ledger.state import state_of
from upcross.ledger.step import Step
from upcross.ledger.writer import Writer, writing
from upcross.opportunities import Change, ChangeKind, ChangePlan
from upcross.opportunities.memory import SNOOZED
from upcross.periods import working_day
from upcross.plays.play import PlayKind

RUN = "run"


@dataclass(frozen=True, slots=True)
class Overtaken:
    """One change of the plan that was not made, because the opportunity had moved on meanwhile."""

    change: Change
    why: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a plan wrote: how many of each step, what stood so already, and what was overtaken."""

    as_of: date
    written: Mapping[str, int] = field(default_factory=dict)
    unchanged: int = 0
    overtaken: tuple[Overtaken, ...] = ()
    backlog: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The same facts as plain values."""
        return {
            "as_of": self.as_of.isoformat(),
            "backlog": self.backlog,
            "written": dict(self.written),
            "unchanged": self.unchanged,
            "overtaken": [
                {**item.change.identity.to_dict(), "kind": item.change.kind.value, "why": item.why}
                for item in self.overtaken
            ],
        }


def apply_plan(
    plan: ChangePlan, company: Company | None, actor: Actor = SYSTEM, moment: datetime | None = None, *,
    first: Callable[[Writer], None] | None = None, run: str = "apply", by_hand: str | None = None,
    today: date | None = None, told: Mapping[str, Any] | None = None,
) -> Applied:  # fmt: skip
    """Write exactly what a plan shows; ``UsageError`` where the ledger stands at a later day already.

    ``company`` are the accounts and people of the same book; who left or moved is known with the plan (None: as
    before). ``first`` writes what led to the plan, in the same transaction; ``run`` is what the record calls it.
    ``today`` is the day on which owners learn of it, where that is later than the plan's own: response times count
    from then. ``told`` is what else the record says of the run: of which inputs it is. ``by_hand`` is why a person
    opens what the plan creates or holds, in their words; None: plays do.
    """
    with writing(moment) as writer:
        last = last_applied()
        if last and last > plan.as_of:
            raise UsageError(
                f"the ledger stands at {last}: a plan of {plan.as_of} comes too late to be applied. Plan for"
                f" {last} or later, or look at the day without applying: upcross plan --as-of {plan.as_of}"
            )
        moved = company is not None and refresh_company(company)
        if first is not None:
            first(writer)
        keys = [key_of(change.identity) for change in plan.changes]
        rows = {row.id: row for row in _rows(keys)}
        making = _Applying(writer, plan, rows, actor, by_hand, max(today or plan.as_of, plan.as_of) - plan.as_of)
        for change in plan.changes:
            making.make(change)
        if writer.written or moved or last != plan.as_of:
            facts = {"written": dict(sorted(making.written.items())), "backlog": plan.backlog, **(told or {})}
            writer.record(RUN, str(plan.as_of), run, actor, facts, as_of=plan.as_of)
    return Applied(
        plan.as_of, dict(sorted(making.written.items())), making.unchanged, tuple(making.overtaken), plan.backlog
    )


def last_applied() -> date | None:
    """The day of the last plan that was applied; None where there was none."""
    last = Entry.objects.filter(subject=RUN).order_by("-seq").first()
    return last.as_of if last else None


def _rows(keys: list[Any]) -> list[Opportunity]:
    found: list[Opportunity] = []
    for start in range(0, len(keys), 500):  # databases bound how many values one statement takes
        found += Opportunity.objects.select_for_update().filter(pk__in=keys[start : start + 500])
    return found


class _Applying:
    """One plan on its way into the ledger."""

    def __init__(
        self, writer: Writer, plan: ChangePlan, rows: dict[Any, Opportunity], actor: Actor, by_hand: str | None,
        late: timedelta,
    ) -> None:  # fmt: skip
        self.late = late
        self.writer, self.plan, self.rows, self.actor, self.by_hand = writer, plan, rows, actor, by_hand
        self.written: Counter[str] = Counter()
        self.unchanged = 0
        self.overtaken: list[Overtaken] = []

    def make(self, change: Change) -> None:
        """One change: written, standing so already, or overtaken."""
        row = self.rows.get(key_of(change.identity)) or blank_row(change.identity)
        if row.version == 0 and change.kind not in (ChangeKind.CREATE, ChangeKind.RELEASE, ChangeKind.HOLD):
            self.overtaken.append(Overtaken(change, "the ledger does not know it"))
            return
        stage = Stage(row.stage) if row.stage else None
        match change.kind:
            case ChangeKind.CREATE | ChangeKind.RELEASE:
                self._open(change, row, stage)
            case ChangeKind.REFRESH | ChangeKind.REASSIGN:
                self._go_on(change, row, stage)
            case ChangeKind.HOLD:
                self._hold(change, row, stage)
            case ChangeKind.EXPIRE:
                self._expire(change, row, stage)

    def _open(self, change: Change, row: Opportunity, stage: Stage | None) -> None:
        if stage in OPEN and not self._waits(row):
            self._go_on(change, row, stage)
        elif stage in ENDED and row.cooldown_until is not None:
            self._overtaken(change, row)
        else:
            step = Step.RELEASE if stage in (Stage.HELD, Stage.SNOOZED) else Step.CREATE
            counted = {"opened_for": change.owner.person_id} if change.play_kind is PlayKind.ASK else {}
            self._write(change, row, step, {
                **self._told(change), **self._routed(change), **counted, "stage": Stage.SURFACED.value,
                "opened_on": self.plan.as_of, "due_on": self._due(change), "escalated": 0, "ended_on": None,
                "released_from": tuple(row.gates) if stage is Stage.HELD else (), "gates": (), "held_since": None,
                "look_again_on": None, **_AWAKE,
            })  # fmt: skip

    def _go_on(self, change: Change, row: Opportunity, stage: Stage | None) -> None:
        if stage not in OPEN or self._waits(row):
            self._overtaken(change, row)
            return
        told: dict[str, Any] = {**self._told(change), "due_on": change.due_on}
        if change.due_on and row.due_on and change.due_on < row.due_on:  # who asks while we wait is answered at once
            told["due_on"] = min(row.due_on, working_day(change.due_on + self.late))
        if stage is not Stage.SURFACED:  # later the stage's own clock runs, which the plan does not set
            told.pop("due_on")
        step = Step.REFRESH
        if change.kind is ChangeKind.REASSIGN:
            step = Step.REASSIGN
            told |= {"owner": change.owner.person_id, "owner_role": change.owner.role}
        self._write(change, row, step, told)

    def _due(self, change: Change) -> date | None:
        return working_day(change.due_on + self.late) if change.due_on else None

    def _hold(self, change: Change, row: Opportunity, stage: Stage | None) -> None:
        gates = tuple(clearing.hold.gate for clearing in change.clearings)
        if self._waits(row) and SNOOZED in gates:
            self._write(change, row, Step.REFRESH, {**self._told(change), "gates": gates})
        elif self._waits(row) or (stage in (None, Stage.SURFACED, Stage.HELD, Stage.EXPIRED) and not self._spent(row)):
            told = {
                **self._told(change), **self._routed(change), "stage": Stage.HELD.value, "gates": gates,
                "held_since": row.held_since or self.plan.as_of, "due_on": None, "ended_on": None, **_AWAKE,
            }  # fmt: skip
            if gates != tuple(row.gates) or row.look_again_on is None or row.look_again_on <= self.plan.as_of:
                told["look_again_on"] = change.due_on  # else the day to look again would move on with every run
            self._write(change, row, Step.REFRESH if stage is Stage.HELD else Step.HOLD, told)
        else:
            self._overtaken(change, row)

    def _expire(self, change: Change, row: Opportunity, stage: Stage | None) -> None:
        if stage is Stage.SURFACED or stage is Stage.HELD or (stage is Stage.SNOOZED and self._waits(row)):
            told: dict[str, Any] = {"stage": Stage.EXPIRED.value, "ended_on": self.plan.as_of, "due_on": None,
                                    "gates": (), "held_since": None, "look_again_on": None, **_AWAKE}  # fmt: skip
            if stage is Stage.SURFACED:
                told["cooldown_until"] = date.fromordinal(self.plan.as_of.toordinal() + row.cooldown)
            self._write(change, row, Step.EXPIRE, told)
        elif stage is Stage.EXPIRED:
            self.unchanged += 1
        else:
            self._overtaken(change, row)

    def _waits(self, row: Opportunity) -> bool:
        """Put off before anybody had qualified it."""
        return row.stage == Stage.SNOOZED and row.resume_stage == Stage.SURFACED

    def _spent(self, row: Opportunity) -> bool:
        return row.stage == Stage.EXPIRED and row.cooldown_until is not None

    def _overtaken(self, change: Change, row: Opportunity) -> None:
        last = Entry.objects.filter(subject="opportunity", subject_id=str(row.id)).order_by("-version").first()
        did = f" ({last.kind} by {last.by})" if last else ""
        self.overtaken.append(Overtaken(change, f"it is {Stage(row.stage).words} meanwhile{did}"))

    def _write(self, change: Change, row: Opportunity, step: Step, told: dict[str, Any]) -> None:
        full = _evidence(change, self.plan.currency) if change.candidate else None
        changed = state_of(row).differing(told)
        same = full is None or (row.candidate is not None and canonical(full) == canonical(row.candidate))
        if step is Step.REASSIGN and not changed.keys() & {"owner", "owner_role"}:
            step = Step.REFRESH
        if step is Step.REFRESH and not changed and same:
            self.unchanged += 1
            return
        texts = {"why": change.reason}
        if self.by_hand is not None and step in (Step.CREATE, Step.HOLD):
            step, told, texts = Step.OPEN, {**told, "origin": "hand"}, {**texts, "text": self.by_hand}
        more = {"backlog": True} if self.plan.backlog and self.by_hand is None else None
        self.writer.change(
            row, step, self.actor, told, texts=texts, candidate=None if same else full,
            as_of=self.plan.as_of, more=more,
        )  # fmt: skip
        self.rows[row.id] = row
        self.written[step.value] += 1

    def _told(self, change: Change) -> dict[str, Any]:
        """What the plan says of it, whoever works it; nothing where no play speaks for it today."""
        candidate = change.candidate
        if candidate is None:
            return {}
        potential = candidate.potential
        return {
            "kind": change.play_kind.value,
            "account_name": candidate.account_name,
            "product_name": candidate.product_name,
            "title": candidate.lead.title or candidate.lead.play_id,
            "plays": tuple(sorted({reason.play_id for reason in candidate.reasons})),
            "currency": self.plan.currency,
            "potential_floor": potential.floor,
            "potential_expected": potential.expected,
            "potential_ceiling": potential.ceiling,
            "with_renewal_on": change.with_renewal_on,
            "alternative_of": str(key_of(candidate.alternative_of)) if candidate.alternative_of else "",
            "cooldown": candidate.cooldown,
            **({"arm": candidate.arm} if candidate.arm else {}),
        }

    def _routed(self, change: Change) -> dict[str, Any]:
        closer = change.closer
        return {
            "owner": change.owner.person_id, "owner_role": change.owner.role,
            "closer": closer.person_id if closer else "", "closer_role": closer.role if closer else "",
        }  # fmt: skip


def _evidence(change: Change, currency: str) -> dict[str, Any]:
    """What people read of it: the candidate, its sentences, what holds it. Not who has it nor when: that is state."""
    told = change.to_dict(currency)
    holds = [{name: value for name, value in hold.items() if name != "look_again_on"} for hold in _holds(told)]
    return {
        **{name: told[name] for name in ("candidate", "why", "heard", "next_step", "guide", "care")},
        "holds": holds,
        "fingerprint": _fingerprint(change),
    }


def _fingerprint(change: Change) -> str:
    return change.candidate.fingerprint if change.candidate else ""


def _holds(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(told["holds"])


_AWAKE = {"snoozed_until": None, "snoozed_while": "", "resume_stage": ""}
