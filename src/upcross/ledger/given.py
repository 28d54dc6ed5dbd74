"""What people give with a step: one frozen value each, checked before anything is written, all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from upcross.errors import suggest
from upcross.ledger.refusals import Fault
from upcross.opportunities.outcomes import OutcomeReason

UNKNOWN = "unknown"
"""What is said of a need, goal, buyer or budget owner that nobody knows yet: allowed, and shown as a gap."""

CONTEXT = ("need", "goal", "buyer", "budget_owner")
"""What is handed over with an opportunity."""

LONGEST = 20_000
"""Characters of one text."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a step takes, each where it needs it; texts may name people and are kept apart.

    ``context`` gives need, goal, buyer and budget owner, each in words or "unknown". ``until`` is the first day on
    which something put off is taken up again, or the last on which an override counts. ``mrr`` is in ten-thousandths a
    month.
    """

    reason: str = ""
    text: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    to: str = ""
    until: date | None = None
    until_changed: bool = False
    gates: tuple[str, ...] = ()
    mrr: int | None = None
    on: date | None = None


def check_reason(given: Given, reasons: Mapping[str, OutcomeReason]) -> list[Fault]:
    """The reason is one of those listed, and its words are there where it needs some."""
    if not given.reason:
        return [Fault("reason", f"is missing; expected one of {', '.join(reasons)}")]
    if given.reason not in reasons:
        near = suggest(given.reason, reasons) or f"expected one of {', '.join(reasons)}"
        return [Fault("reason", f"'{given.reason}' is none of them; {near}")]
    if reasons[given.reason].needs_text and not given.text.strip():
        return [Fault("text", f"is missing: '{given.reason}' needs a sentence that says what it was")]
    return []


def check_text(given: Given) -> list[Fault]:
    """No text is longer than anybody reads, and none holds what no text holds."""
    texts = {"text": given.text, **given.context}
    found = [Fault(name, f"has {len(text):,} characters; expected at most {LONGEST:,}")
             for name, text in texts.items() if len(text) > LONGEST]  # fmt: skip
    return found + [Fault(name, "holds a NUL character; leave it out") for name, text in texts.items() if "\0" in text]


def check_context(given: Given, before: Mapping[str, bool]) -> list[Fault]:
    """All four are given, in words or as "unknown", unless they were before."""
    faults = [
        Fault(f"context.{name}", f"is not part of what is handed over. {suggest(name, CONTEXT)}")
        for name in given.context
        if name not in CONTEXT
    ]
    return faults + [
        Fault(f"context.{name}", 'is missing: say it in words, or "unknown"')
        for name in CONTEXT
        if not given.context.get(name, "").strip() and name not in before
    ]


def check_until(given: Given, today: date, longest: timedelta, *, needed: bool) -> list[Fault]:
    """The day lies ahead, and not too far."""
    if given.until is None:
        return [Fault("until", f"is missing; expected a day after {today}")] if needed else []
    if given.until <= today:
        return [Fault("until", f"{given.until} has come already; expected a day after {today}")]
    if given.until > today + longest:
        return [Fault("until", f"{given.until} lies too far ahead; expected {today + longest} at the latest")]
    return []


def check_person(name: str, person: str, known: Collection[str]) -> list[Fault]:
    """The person is one of ours and still with us."""
    if not person:
        return [Fault(name, "is missing; expected the id of one of our people")]
    if known and person not in known:
        near = suggest(person, known) or "expected the id of one of our people, as the team table has it"
        return [Fault(name, f"nobody still with us has the id '{person}'; {near}")]
    return []
