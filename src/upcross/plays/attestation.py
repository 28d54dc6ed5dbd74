"""Attestations: a named person's word where a gate's data is missing, for a time, in the open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, PrivateAttr

from upcross import documents
from upcross.errors import Issue, IssueCode, Place, ProjectError, Report, Severity, issue_code, suggest
from upcross.plays.fields import Name, Sentence, Text
from upcross.plays.gate import Gate

LONGEST_DAYS = 180
ATTESTATION_INVALID = issue_code(
    "attestation-invalid", Severity.ERROR, "An attestation names no gate, one that nobody may attest, or bad dates."
)
UNMATCHED = issue_code(
    "attestation-unmatched", Severity.WARNING, "An attestation speaks for an account or segment that the book lacks."
)


def _scope(value: object) -> object:
    if value == "book":
        return {"kind": "book"}
    kind, name = "", None
    if isinstance(value, dict) and len(value) == 1:
        kind, name = next(iter(value.items()))
    elif isinstance(value, str):
        kind, _, name = value.partition(":")
    named = isinstance(name, str | int | date) and not isinstance(name, bool) and str(name).strip()
    if kind not in ("segment", "account"):
        raise ValueError("must be book, 'segment: NAME' or 'account: ID'")
    if not named:
        raise ValueError(f"must name the {kind}, as text or a whole number, such as '{kind}: NAME'")
    return {"kind": kind, "name": str(name).strip()}


class AttestedScope(Text):
    """For whom an attestation speaks: the whole book, one segment or one account."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


class Attestation(Text):
    """A person's word that a gate holds although its data is missing; it never turns false to true."""

    gate: Name
    scope: Annotated[AttestedScope, BeforeValidator(_scope)]
    by: Sentence
    why: Sentence
    start: Annotated[date, Field(alias="from")]
    until: date
    _place: Place | None = PrivateAttr(default=None)

    @property
    def place(self) -> Place | None:
        """Where its scope stands, for messages; None where it was read from no file."""
        return self._place

    def at(self, place: Place) -> Attestation:
        """The same attestation, knowing where it stands."""
        self._place = place
        return self

    def valid_on(self, as_of: date) -> bool:
        """True where the as-of day lies between ``from`` and ``until``, both included."""
        return self.start <= as_of <= self.until

    def covers(self, account_id: str, segment: str | None) -> bool:
        """True where the attestation speaks for that account."""
        match self.scope.kind:
            case "account":
                return self.scope.name == account_id
            case "segment":
                return self.scope.name == segment
        return True


def read_attestations(
    path: Path, gates: Mapping[str, Gate], report: Report, shown_as: str | None = None
) -> tuple[Attestation, ...]:
    """The attestations of a file: a list, or a list under ``attestations:``; every fault goes into ``report``.

    A file that does not exist holds none. Those at fault are left out.
    """
    found = []
    for document, place, attestation in read_items(path, "attestations", Attestation, report, shown_as):
        if _is_allowed(attestation, document, place, gates, report):
            found.append(attestation.at(document.place(*place, "scope")))
    return tuple(found)


Item = TypeVar("Item", bound=Text)


def read_items(
    path: Path, name: str, model: type[Item], report: Report, shown_as: str | None = None
) -> Iterator[tuple[documents.Document, tuple[str | int, ...], Item]]:
    """The items of a file that is a list, or a list under its name, each with its document and its place in it.

    A file that does not exist, or is empty, holds none; what cannot be read is reported and left out.
    """
    if not path.exists():
        return
    try:
        document = documents.read(path, shown_as or path.name)
    except ProjectError as error:
        report.extend(error.report)
        return
    if document.data is None:
        return
    listed: tuple[str, ...] = (name,) if isinstance(document.data, dict) else ()
    items = document.data.get(name) if isinstance(document.data, dict) else document.data
    if not isinstance(items, list):
        report.add(documents.FIELD_INVALID.at(document.place(*listed), f"the file must be a list of {name}"))
        return
    for index in range(len(items)):
        item = documents.validate(document, model, report, *listed, index)
        if item is not None:
            yield document, (*listed, index), item


def check_span(start: date, until: date, place: Place, code: IssueCode, report: Report) -> None:
    """Report a span that ends before it begins, or that is too long for somebody's word."""
    if until < start:
        report.add(code.at(place, "ends before it begins"))
    elif (days := (until - start).days) > LONGEST_DAYS:
        report.add(code.at(place, f"runs for {days} days", expected=f"at most {LONGEST_DAYS}",
                           hint="say it again when it ends"))  # fmt: skip


def _is_allowed(
    attestation: Attestation,
    document: documents.Document,
    path: tuple[str | int, ...],
    gates: Mapping[str, Gate],
    report: Report,
) -> bool:
    before = len(report)
    gate = gates.get(attestation.gate)
    if gate is None:
        report.add(
            ATTESTATION_INVALID.at(document.place(*path, "gate"), f"no gate is called '{attestation.gate}'",
                                   expected=f"one of: {', '.join(gates)}", hint=suggest(attestation.gate, gates))
        )  # fmt: skip
    elif not gate.attestable:
        report.add(
            ATTESTATION_INVALID.at(document.place(*path, "gate"), f"the gate '{gate.id}' is never attested",
                                   hint="bring the data: no person's word stands in for it")
        )  # fmt: skip
    check_span(attestation.start, attestation.until, document.place(*path, "until"), ATTESTATION_INVALID, report)
    return len(report) == before


def attesting(
    attestations: Iterable[Attestation], gate: str, account_id: str, segment: str | None, as_of: date
) -> tuple[Attestation, ...]:
    """The attestations that speak for a gate at an account on a day: by whom, why and until when."""
    return tuple(a for a in attestations if a.gate == gate and a.valid_on(as_of) and a.covers(account_id, segment))


def unmatched(attestations: Iterable[Attestation], accounts: set[str], segments: set[str]) -> list[Issue]:
    """Warnings for attestations whose account or segment the book does not know: they speak for nobody."""
    known = {"account": accounts, "segment": segments}
    return [
        UNMATCHED.at(a.place, f"the book has no {a.scope.kind} '{a.scope.name}'; the word of {a.by} speaks for nobody",
                     hint=suggest(a.scope.name, known[a.scope.kind]))
        for a in attestations
        if a.scope.kind in known and a.scope.name not in known[a.scope.kind]
    ]  # fmt: skip
