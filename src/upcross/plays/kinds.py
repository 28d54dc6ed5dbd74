"""What comes of a play, and what it must say for that: adoption work sells nothing, an answer answers somebody."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from upcross.documents import FIELD_MISSING, Document
from upcross.errors import Report, Severity, issue_code
from upcross.motions import Mechanism
from upcross.plays.comparison import ResolvedComparison
from upcross.plays.condition import Op
from upcross.plays.play import PlayKind, PlayText
from upcross.plays.rule import Finding, Rule, Subject, always_needs, number_of
from upcross.signals.model import Scope, Unit

REQUESTS = frozenset(
    {
        "requests_for_more_30d", "days_since_request_for_more", "requests_to_buy_30d", "days_since_request_to_buy",
    }
)  # fmt: skip
"""Signals that say that a customer asked to buy."""
SAME_DAY = 1
OFFERED = (Mechanism.PRODUCT, Mechanism.MODULE, Mechanism.ADD_ON, Mechanism.SUPPORT)
PLAY_MECHANISM = issue_code(
    "play-mechanism", Severity.ERROR, "A play's mechanisms do not share a motion, or do not fit its scope."
)


def check_selling(text: PlayText, document: Document, report: Report) -> None:
    """Report mechanisms that do not share a motion or do not fit the scope, and what a play that sells must name."""
    motions = {mechanism.motion for mechanism in text.mechanism}
    place = document.place("mechanism")
    if len(motions) > 1:
        report.add(PLAY_MECHANISM.at(place, "the mechanisms belong to two motions", hint="write two plays"))
    if text.scope is Scope.WHITE_SPACE and any(m not in OFFERED for m in text.mechanism):
        expected = f"one of: {', '.join(OFFERED)}"
        report.add(PLAY_MECHANISM.at(place, "in white space a product is offered", expected=expected))
    answers = text.kind is PlayKind.ANSWER and text.scope is Scope.SUBSCRIPTION
    if text.scope is not Scope.WHITE_SPACE and len(text.mechanism) > 1 and not answers:
        report.add(PLAY_MECHANISM.at(place, "only in white space may a play name several mechanisms",
                                     hint="write one play for each"))  # fmt: skip
    if text.kind is PlayKind.ADOPTION:
        return
    if not text.mechanism:
        report.add(FIELD_MISSING.at(document.place(), "'mechanism' is missing", expected=", ".join(Mechanism),
                                    hint="work that sells nothing is `kind: adoption`"))  # fmt: skip
    if not text.owner.close:
        report.add(FIELD_MISSING.at(document.place("owner"), "'owner.close' is missing",
                                    hint="add 'close:' with the roles that may close, best first"))  # fmt: skip


class AdoptionSellsNothing(Rule):
    """Switching on what is paid for, or taking back what nobody uses, is adoption and no revenue: such a play names no
    mechanism, potential, timing, closer or gate."""

    ignorable = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for whatever belongs to selling."""
        play = subject.play
        if play.kind is not PlayKind.ADOPTION:
            return
        given = {
            "mechanism": play.mechanism,
            "potential": play.potential,
            "timing": play.timing.with_renewal_within,
            "owner.close": play.owner.close,
            "gates": play.gates.add or play.gates.tighten,
        }
        for name, value in given.items():
            if value:
                yield Finding(f"is adoption work and sets {name}", play.place(name))


class AnswerIsAskedFor(Rule):
    """An answer goes to a customer who asked to buy, on the same day and whatever the gates say: its trigger needs
    such a request, and `respond_within` is 1d. What nobody asked for is an ask, and stands behind the gates."""

    ignorable = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for a way to fire without a request, and for a slow answer."""
        play = subject.play
        if play.kind is not PlayKind.ANSWER:
            return
        if not always_needs(play.when, _is_request):
            yield Finding("can fire although nobody asked to buy", play.blamed("when", *play.comparisons()))
        if play.respond_within > SAME_DAY:
            yield Finding(f"lets the customer wait for {play.respond_within} days", play.place("respond_within"))


def _is_request(comparison: ResolvedComparison) -> bool:
    number = number_of(comparison)
    if comparison.signal not in REQUESTS or number is None:
        return False
    if comparison.unit is Unit.DAYS:
        return comparison.op in (Op.AT_MOST, Op.LESS, Op.EQUAL)
    least = {Op.AT_LEAST: number, Op.EQUAL: number, Op.MORE: number + 1}
    return least.get(comparison.op, Decimal(0)) > 0
