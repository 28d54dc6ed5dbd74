"""Exemptions: a written rule that a gate about the whole account does not bind one business unit that stands apart.

A unit with a contract and contacts of its own may be asked although another unit of the account has an escalation. A
named person says so, with the reason and an end; what is known of the unit itself, and health, always bind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, PrivateAttr

from upcross.documents import Document
from upcross.errors import Issue, Place, Report, Severity, issue_code, suggest
from upcross.plays.attestation import check_span, read_items
from upcross.plays.condition import comparisons
from upcross.plays.fields import Name, Sentence, Text
from upcross.plays.gate import Gate
from upcross.signals.model import Scope, Signal

EXEMPTION_INVALID = issue_code(
    "exemption-invalid",
    Severity.ERROR,
    "An exemption names no gate, one that does not look at the whole account, one that always binds, or bad dates.",
)
EXEMPTION_UNMATCHED = issue_code(
    "exemption-unmatched", Severity.WARNING, "An exemption is for a business unit that the book lacks."
)


class Exemption(Text):
    """A written rule that a gate about the whole account does not bind one of its units."""

    gate: Name
    account: Sentence
    business_unit: Sentence
    by: Sentence
    why: Sentence
    start: Annotated[date, Field(alias="from")]
    until: date
    _place: Place | None = PrivateAttr(default=None)

    def valid_on(self, as_of: date) -> bool:
        """True where the as-of day lies between ``from`` and ``until``, both included."""
        return self.start <= as_of <= self.until


def read_exemptions(
    path: Path, gates: Mapping[str, Gate], signals: Mapping[str, Signal], report: Report
) -> tuple[Exemption, ...]:
    """The exemptions of a file: a list, or a list under ``exemptions:``; every fault goes into ``report``.

    A file that does not exist holds none. Those at fault are left out.
    """
    found = []
    for document, place, exemption in read_items(path, "exemptions", Exemption, report):
        if _is_allowed(exemption, document, place, gates, signals, report):
            exemption._place = document.place(*place, "business_unit")
            found.append(exemption)
    return tuple(found)


def about_accounts(gate: Gate, signals: Mapping[str, Signal]) -> bool:
    """Whether some condition of a gate looks at the whole account alone, so that a unit can stand apart from it."""
    return any(
        all(signals[c.signal].scope is Scope.ACCOUNT for c in comparisons(condition) if c.signal in signals)
        for condition in gate.conditions
    )


def _is_allowed(
    exemption: Exemption,
    document: Document,
    place: tuple[str | int, ...],
    gates: Mapping[str, Gate],
    signals: Mapping[str, Signal],
    report: Report,
) -> bool:
    before = len(report)
    gate, where = gates.get(exemption.gate), document.place(*place, "gate")
    may = [gate.id for gate in gates.values() if gate.attestable and about_accounts(gate, signals)]
    if gate is None:
        hint = suggest(exemption.gate, may)
        report.add(EXEMPTION_INVALID.at(where, f"no gate is called '{exemption.gate}'", hint=hint))
    elif gate.id not in may:
        why = "looks at the unit itself" if gate.attestable else "binds everybody"
        expected = f"one of: {', '.join(may)}"
        report.add(EXEMPTION_INVALID.at(where, f"the gate '{gate.id}' {why}", expected=expected))
    check_span(exemption.start, exemption.until, document.place(*place, "until"), EXEMPTION_INVALID, report)
    return len(report) == before


def exempting(
    exemptions: Iterable[Exemption], gate: str, account_id: str, business_unit: str, as_of: date
) -> tuple[Exemption, ...]:
    """The exemptions from a gate for a unit on a day."""
    return tuple(
        e
        for e in exemptions
        if (e.gate, e.account, e.business_unit) == (gate, account_id, business_unit) and e.valid_on(as_of)
    )


def unmatched_exemptions(exemptions: Iterable[Exemption], units: set[tuple[str, str]]) -> list[Issue]:
    """Warnings for exemptions of units that the book does not know: they exempt nobody."""
    return [
        EXEMPTION_UNMATCHED.at(
            e._place, f"the book has no unit '{e.business_unit}' of account '{e.account}'",
            hint=suggest(e.business_unit, [unit for account, unit in units if account == e.account]),
        )
        for e in exemptions
        if (e.account, e.business_unit) not in units
    ]  # fmt: skip
