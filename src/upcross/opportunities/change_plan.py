"""What a run would do, as one immutable list of changes with reasons, and what that list amounts to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from upcross.motions import Motion
from upcross.opportunities import sentences
from upcross.opportunities.candidate import Ask, Candidate, Identity, Potential
from upcross.opportunities.evidence import Missing
from upcross.opportunities.route import Assignee, Clearing
from upcross.opportunities.totals import Totals, total
from upcross.plays.play import PlayKind


class ChangeKind(StrEnum):
    """What happens to one ask, in the order in which a plan lists it."""

    CREATE = "create"
    RELEASE = "release"
    REASSIGN = "reassign"
    REFRESH = "refresh"
    HOLD = "hold"
    EXPIRE = "expire"

    @property
    def asks(self) -> bool:
        """Whether the ask is open after the change."""
        return self not in (ChangeKind.HOLD, ChangeKind.EXPIRE)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a plan would do to one ask, and why.

    ``candidate`` is None where nothing fires or is held for it today (it expires, or its trigger only faded).
    ``due_on`` is the day of the first response, or on a hold the day to look again; None: not set.
    ``with_renewal_on`` is the renewal that it folds into; None: a deal of its own. ``clearings`` are for holds.
    """

    kind: ChangeKind
    identity: Identity
    reason: str
    owner: Assignee
    closer: Assignee | None
    candidate: Candidate | None = None
    due_on: date | None = None
    with_renewal_on: date | None = None
    clearings: tuple[Clearing, ...] = ()

    @property
    def motion(self) -> Motion | None:
        """Deeper or wider; None for adoption work."""
        return self.identity.motion

    @property
    def play_kind(self) -> PlayKind:
        """An ask of ours, the answer to a request, or adoption work."""
        if self.candidate:
            return self.candidate.kind
        return PlayKind.ASK if self.identity.mechanism else PlayKind.ADOPTION

    @property
    def ask(self) -> Ask:
        """The key of the ask that it belongs to; alternatives share it."""
        return self.candidate.ask if self.candidate else self.identity.ask

    @property
    def asked_anyway(self) -> tuple[str, ...]:
        """The gates in spite of which it is asked, on a named person's decision."""
        return self.candidate.asked_anyway if self.candidate else ()

    @property
    def timing(self) -> str:
        """The timing in words: "own" or "with renewal on DATE"."""
        return f"with renewal on {self.with_renewal_on}" if self.with_renewal_on else "own"

    def concerns(self, owner: str) -> bool:
        """Whether a person, by id or name, owns it or closes it."""
        wanted = owner.casefold()
        return any(wanted in (who.person_id.casefold(), who.name.casefold()) for who in self.people)

    @property
    def people(self) -> tuple[Assignee, ...]:
        """Its owner, and who closes it where anything is sold."""
        return (self.owner, self.closer) if self.closer else (self.owner,)

    def to_dict(self, currency: str = "") -> dict[str, object]:
        """The same facts as plain values, with the sentences that people read."""
        candidate = self.candidate
        return {
            "kind": self.kind.value,
            "play_kind": self.play_kind.value,
            **self.identity.to_dict(),
            "reason": self.reason,
            "asked_anyway": list(self.asked_anyway),
            "owner": self.owner.to_dict(),
            "closer": self.closer.to_dict() if self.closer else None,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "timing": self.timing,
            "with_renewal_on": self.with_renewal_on.isoformat() if self.with_renewal_on else None,
            "candidate": candidate.to_dict() if candidate else None,
            "why": list(sentences.why(candidate, currency)) if candidate else [],
            "heard": list(sentences.heard(candidate)) if candidate else [],
            "next_step": sentences.next_step(candidate, currency) if candidate else "",
            "guide": list(sentences.guide(candidate, currency)) if candidate else [],
            "holds": [{**c.to_dict(), "sentence": sentences.hold(c.hold, currency)} for c in self.clearings],
            "care": [{"gate": hold.gate, "sentence": sentences.hold(hold, currency)} for hold in candidate.care]
            if candidate
            else [],
        }


@dataclass(frozen=True, slots=True)
class UnknownNote:
    """A play that could not be judged on some rows for want of data, and what would have to be loaded.

    ``rows`` and ``accounts`` are counts; ``potential`` is the sum over those rows whose potential is known.
    """

    play: str
    motion: Motion | None
    rows: int
    accounts: int
    potential: Potential
    missing: tuple[Missing, ...] = ()
    title: str = ""
    examples: tuple[str, ...] = ()
    """Some of the accounts."""

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {
            "play": self.play,
            "examples": list(self.examples),
            "title": self.title,
            "motion": self.motion.value if self.motion else None,
            "rows": self.rows,
            "accounts": self.accounts,
            "potential": self.potential.to_dict(),
            "missing": [{**item.to_dict(), "sentence": sentences.missing(item)} for item in self.missing],
        }


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """All changes of one run, one at most for each ask: answers, then by motion, adoption work last.

    Within each by kind of change, then rank; equal inputs, equal plans.

    ``as_of`` is the day whose end the plan speaks of; ``currency`` the reporting currency of its amounts.
    """

    as_of: date
    changes: tuple[Change, ...] = ()
    unknown: tuple[UnknownNote, ...] = ()
    currency: str = ""
    backlog: bool = False
    """Whether nothing was asked before, so that all of it is a backlog to work through and no alert."""

    @property
    def totals(self) -> Totals:
        """Expected MRR asked for, answered and held, by motion and by gate, each ask counted once."""
        known = [(change.kind, change.candidate) for change in self.changes if change.candidate]
        return total(
            (candidate for kind, candidate in known if kind.asks),
            (candidate for kind, candidate in known if kind is ChangeKind.HOLD),
        )

    @property
    def product_names(self) -> dict[str, str]:
        """What the products are called that anything is asked or held for, by id."""
        return {c.identity.product_id: c.candidate.product_name for c in self.changes if c.candidate}

    @property
    def answers(self) -> tuple[Change, ...]:
        """What customers asked to buy, and other ways of the same things that plays point to."""
        answered = {change.ask for change in self.changes if change.play_kind is PlayKind.ANSWER}
        return tuple(change for change in self.changes if change.kind.asks and change.ask in answered)

    def asks(self, motion: Motion) -> tuple[Change, ...]:
        """Our open asks of one motion, in their rank; what customers asked for themselves stands in ``answers``."""
        answers = {change.identity for change in self.answers}
        return tuple(c for c in self.changes if c.kind.asks and c.motion is motion and c.identity not in answers)

    @property
    def tasks(self) -> tuple[Change, ...]:
        """Open adoption work: to do, and nothing to sell."""
        return tuple(change for change in self.changes if change.kind.asks and change.motion is None)

    def of_kind(self, *kinds: ChangeKind) -> ChangePlan:
        """The plan with only the changes of some kinds."""
        return self._where(lambda change: change.kind in kinds)

    def of_motion(self, motion: Motion) -> ChangePlan:
        """The plan of one motion, its unknown plays included."""
        kept = self._where(lambda change: change.identity.motion is motion)
        return replace(kept, unknown=tuple(note for note in self.unknown if note.motion is motion))

    def of_owner(self, owner: str) -> ChangePlan:
        """The plan of one person, by id or name: what that person owns or closes. Unknown plays stay: they are ours."""
        return self._where(lambda change: change.concerns(owner))

    def _where(self, wanted: Callable[[Change], bool]) -> ChangePlan:
        return replace(self, changes=tuple(change for change in self.changes if wanted(change)))

    def to_dict(self) -> dict[str, object]:
        """The whole plan as plain values; amounts as exact decimal text in currency units, days as ISO text."""
        return {
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "backlog": self.backlog,
            "changes": [change.to_dict(self.currency) for change in self.changes],
            "totals": self.totals.to_dict(),
            "unknown": [note.to_dict() for note in self.unknown],
        }

    def to_json(self) -> str:
        """The whole plan as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)
