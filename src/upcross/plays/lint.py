"""Named rules that a play must keep beyond being readable: what makes it a play, and not a wish or a nuisance.

A play may ignore a rule, with its reason, under ``ignore: {rule: reason}``; not every rule allows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from upcross.errors import Issue, Report, Severity, issue_code, suggest
from upcross.motions import Mechanism, Motion
from upcross.plays import kinds as _rules_of_kinds  # noqa: F401  (declares its rules)
from upcross.plays.comparison import NUMERIC, Names, ResolvedComparison, leaves, resolve
from upcross.plays.condition import Op
from upcross.plays.fields import placeholders
from upcross.plays.gate import Gate
from upcross.plays.play import Play, PlayKind, Status
from upcross.plays.rule import RULES, Finding, Rule, Subject, always_needs, is_stricter, may_hold, number_of, ways
from upcross.plays.testfile import PlayTest
from upcross.signals.model import Scope, Signal, Unit, visible

IGNORE_UNKNOWN = issue_code("lint-ignore-unknown", Severity.ERROR, "A play ignores a rule that does not exist.")
NOT_IGNORABLE = issue_code("lint-not-ignorable", Severity.ERROR, "A play ignores a rule that every play must keep.")

NEEDS = frozenset({"days_since_need", "latest_need", "latest_need_by", "need_contact", "stated_need_people_90d",
                   "tickets_about_it_90d"})  # fmt: skip
NEED_TABLES = frozenset({"statements", "org_changes", "competitor_products", "objectives", "feature_requests"})
SUPPORT_LOAD = frozenset({"tickets_90d", "tickets_per_100_people_90d"})
"""What shows a need of premium support, which is upsell although no product owned is asked for more of."""
MILESTONES = frozenset({"days_to_renewal", "renewal_on", "notice_given"})
CONTRACT_DATES = frozenset({"rolling", "days_since_start", "terms_completed", "commitment_elapsed"})
POTENTIALS = {
    "seats_potential": (Mechanism.SEATS,),
    "tier_potential": (Mechanism.TIER,),
    "usage_potential": (Mechanism.USAGE,),
    "support_potential": (Mechanism.SUPPORT,),
    "more_potential": (Mechanism.SEATS, Mechanism.TIER, Mechanism.USAGE, Mechanism.SUPPORT),
    "product_potential": (Mechanism.PRODUCT, Mechanism.MODULE, Mechanism.ADD_ON, Mechanism.SUPPORT),
}
VALUE = frozenset(
    {
        "value_delivered", "outcomes_365d", "references_365d", "goals_met_365d", "signed_sentences_365d",
        "first_value_reached", "adoption", "account_adoption", "seats_active", "usage_30d",
    }
)  # fmt: skip
HIGHEST_RATIO = 5
"""Ratios above it are taken for slips: 500%."""
PITCH = frozenset({"product", "next_plan"})


def lint(
    play: Play,
    test: PlayTest | None,
    signals: Mapping[str, Signal],
    gates: Mapping[str, Gate],
    *,
    tests_read: bool = True,
    csm_may_close: bool = False,
) -> list[Issue]:
    """What breaks the rules in one play that could be read, apart from the rules that it ignores with a reason.

    Where ``tests_read`` is false, the rules about test files are left out. ``csm_may_close`` is the company's own rule.
    """
    subject, issues = Subject(play, test, signals, gates, csm_may_close), list[Issue]()
    for name in play.ignore:
        if name not in RULES:
            hint = suggest(name, RULES)
            issues.append(IGNORE_UNKNOWN.at(play.place("ignore"), f"there is no rule '{name}'", hint=hint))
        elif not RULES[name].ignorable:
            issues.append(NOT_IGNORABLE.at(play.place("ignore"), f"'{name}' cannot be ignored"))
    for name, rule in RULES.items():
        if (name in play.ignore and rule.ignorable) or (rule.about_tests and not tests_read):
            continue
        for finding in rule().check(subject):
            place = finding.place or play.place()
            issues.append(rule.code.at(place, f"{play.id}: {finding.detail}", hint=rule.message()))
    return issues


class WhiteSpaceIsNotATrigger(Rule):
    """White space and peers are the map and the ranking, never the trigger: a cross-sell play needs at least one
    stated need, new team, change of the organisation or competitor that must be there for it to fire; premium support,
    which is upsell, one of these or a support load."""

    ignorable = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for a comparison that is false where nobody stated or showed a need."""
        play = subject.play
        if play.motion is None or (play.motion is Motion.UPSELL and play.scope is not Scope.WHITE_SPACE):
            return

        def is_need(comparison: ResolvedComparison) -> bool:
            signal = subject.signals[comparison.signal]
            load = play.motion is Motion.UPSELL and signal.name in SUPPORT_LOAD
            if not load and signal.name not in NEEDS and signal.counts not in NEED_TABLES:
                return False
            number = number_of(comparison)
            if number is None or comparison.unit is Unit.DAYS:
                return comparison.op in (Op.AT_MOST, Op.LESS, Op.EQUAL, Op.IN)
            least = {Op.AT_LEAST: number, Op.EQUAL: number, Op.MORE: number + 1, Op.DIFFERENT: 1 - abs(number)}
            return least.get(comparison.op, Decimal(0)) > 0

        if not always_needs(play.when, is_need):
            place = play.blamed("when", *play.comparisons())
            yield Finding("can fire although nobody stated or showed a need", place)


class MilestoneIsNotATrigger(Rule):
    """A contract date sets the timing of an ask and never causes it: use `timing`, and let usage or a stated need be
    the reason."""

    ignorable = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for renewal and notice in the trigger, and for triggers that are nothing but contract dates."""
        for comparison in subject.play.comparisons():
            for name in MILESTONES.intersection(comparison.reads):
                yield Finding(f"'{name}' stands in the trigger", comparison.place)
        if not always_needs(subject.play.when, lambda c: c.signal not in CONTRACT_DATES | MILESTONES):
            yield Finding("can fire on contract dates alone", subject.play.place("when"))


class NoThreshold(Rule):
    """ "Watch for signals" is not a process: every way to fire needs a number to reach, named under `params`."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for a way to fire without a named number."""
        if not always_needs(subject.play.when, lambda c: c.unit in NUMERIC and bool(c.param)):
            yield Finding("can fire without reaching a named number", subject.play.place("when"))


class NumberWithoutName(Rule):
    """Every number of a trigger but 0 and 1 has a name under `params`, so that a company can change it and a reader
    knows what it is."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for literal numbers in the trigger."""
        for comparison in subject.play.comparisons():
            number = number_of(comparison)
            if number is not None and not comparison.param and number not in (0, 1):
                yield Finding(f"'{comparison.text}' has a number without a name", comparison.place)


class UnusedParam(Rule):
    """A parameter that nothing names changes nothing, whatever a company sets it to."""

    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for declared parameters that neither a condition nor a text names."""
        for name in subject.play.unused_params:
            yield Finding(f"'{name}' is never used", subject.play.place(f"params.{name}"))


class ImplausibleThreshold(Rule):
    """A share of several hundred per cent is hardly ever reached, and without a cool-down the same thing is asked
    again at once: such a number is likely to be mistyped."""

    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for ratios that are far above the whole, and for a cool-down of no days."""
        play = subject.play
        ends = leaves(play.keep_open_while) if play.keep_open_while is not None else ()
        for comparison in dict.fromkeys((*play.comparisons(), *ends)):
            number = number_of(comparison)
            if comparison.unit is Unit.RATIO and number is not None and abs(number) > HIGHEST_RATIO:
                place = play.place(f"params.{comparison.param}") if comparison.param else comparison.place
                yield Finding(f"'{comparison.text}' asks for more than {HIGHEST_RATIO * 100}%", place)
        if play.cooldown == 0:
            yield Finding("has a cooldown of 0d", play.place("cooldown"))


class NeverClears(Rule):
    """What fires must be able to clear: say in `keep_open_while` what must stay true for the ask to stay open, with a
    margin below the trigger."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for a missing end, or one that holds for every value."""
        keep = subject.play.keep_open_while
        if keep is None:
            yield Finding("has no keep_open_while")
        elif not always_needs(keep, lambda c: not (c.op is Op.AT_LEAST and number_of(c) == 0)):
            place = subject.play.blamed("keep_open_while", *leaves(keep))
            yield Finding("stays open whatever happens", place)


class ClearAboveFire(Rule):
    """The end must be no stricter than the trigger: an ask that clears while its trigger is true opens and closes with
    every run."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for a way to fire in which the end already fails."""
        play = subject.play
        if play.keep_open_while is None:
            return
        for way in ways(play.when):
            if not may_hold(play.keep_open_while, way):
                shown = " and ".join(f"'{comparison.text}'" for comparison in way)
                place = play.blamed("keep_open_while", *leaves(play.keep_open_while), *way)
                yield Finding(f"may fire on {shown} and clear at once", place)


class DropsAGate(Rule):
    """A play may add gates and tighten them, never loosen or drop one: only the project's overlay says what a gate
    asks for, and every verdict prints it."""

    ignorable = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compares every tightened comparison with the gate's own."""
        play = subject.play
        for bound in play.bound:
            if not bound.tightened:
                continue
            names = Names(subject.signals, bound.gate.params)
            shipped = resolve(bound.gate.condition(play.scope), names, Report())
            pairs = zip(leaves(shipped), leaves(bound.must), strict=True) if shipped else ()
            for own, changed in pairs:
                if own != changed and not _tightens(changed, own):
                    yield Finding(
                        f"loosens the gate '{bound.id}': '{changed.text}' where it asks '{own.text}'",
                        play.place("gates"),
                    )


def _tightens(changed: ResolvedComparison, own: ResolvedComparison) -> bool:
    if isinstance(changed.threshold, tuple) and isinstance(own.threshold, tuple):
        return set(changed.threshold) <= set(own.threshold)
    return is_stricter(changed, own)


class NoPotential(Rule):
    """Every ask is sized: name the potential signals, so that each cell and each hold has money."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for the three potential signals of the play's scope."""
        play = subject.play
        if not play.potential and play.kind is not PlayKind.ADOPTION:
            yield Finding("names no potential")
        known = visible(subject.signals, play.scope)
        for name in play.potential_signals():
            if name not in known or known[name].unit is not Unit.MONEY:
                hint = suggest(name, [n for n in known if "potential" in n])
                detail = f"there is no signal '{name}' in money{f'; {hint}' if hint else ''}"
                yield Finding(detail, play.place("potential"))


class PotentialMismatch(Rule):
    """The potential belongs to what is sold: seats are sized as seats, a plan as the step to the next plan."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compares the mechanism with the potential's."""
        play = subject.play
        fitting = POTENTIALS.get(play.potential)
        if fitting and not set(play.mechanism) <= set(fitting):
            sold = ", ".join(play.mechanism)
            yield Finding(f"sells {sold} and is sized by {play.potential}", play.place("potential"))


class GuideStartsWithProduct(Rule):
    """The conversation starts with the value already delivered, from the account's own evidence, and the product comes
    last: let the first line speak of {value_delivered}, an outcome or use, and not of what is offered."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks at the first line of the guide."""
        first = set(placeholders(subject.play.guide[:1]))
        offered = first & PITCH
        if offered:
            yield Finding(f"the first line speaks of {{{min(offered)}}}", subject.play.place("guide"))
        if not first & VALUE:
            yield Finding("the first line does not speak of value delivered", subject.play.place("guide"))


class CsmCloses(Rule):
    """Customer success surfaces and qualifies; a seller closes. A number on the CSM spoils the trust that the signal
    comes from. A company that wants it otherwise says so once: `routing: {csm_may_close: true}`."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for the CSM among those who close."""
        if "csm" in subject.play.owner.close and not subject.csm_may_close:
            yield Finding("the CSM is among those who close", subject.play.place("owner.close"))


class NoTest(Rule):
    """A play comes with its test file, `<play>.test.yaml`: a pinned day, a few values, the verdict expected."""

    severity = Severity.WARNING
    about_tests = True

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for the test file."""
        if subject.test is None:
            yield Finding("has no test file")


class NoNegativeTest(Rule):
    """A test file shows when the play fires and when it does not: at least one case fired, one quiet, one unknown, and
    one held for every gate that binds the play."""

    severity = Severity.WARNING
    about_tests = True

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for kinds of cases, and gates, that no case expects."""
        if subject.test is None:
            return
        expected = [case.expect for case in subject.test.cases]
        for status in ("fired", "quiet", "unknown"):
            if status not in {e.status for e in expected}:
                yield Finding(f"no case expects {status}", subject.test.place("cases"))
        shown = {gate for e in expected for gate in (*e.held, *e.unknown, *e.care)}
        # A shipped test answers for the shipped gates; what a project adds or changes cannot be mended in it.
        answers_for = [g.id for g in subject.play.bound if not subject.test.shipped or _as_shipped(g.gate)]
        missing = [name for name in answers_for if name not in shown]
        if missing:
            yield Finding(f"no case is held by {', '.join(missing)}", subject.test.place("cases"))


def _as_shipped(gate: Gate) -> bool:
    return gate.shipped and not gate.overlaid


class NoAssumptions(Rule):
    """Say what the play takes for granted (`assumptions`) and what it misses (`known_gaps`): its reader decides on
    money by it."""

    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for both lists."""
        for name in ("assumptions", "known_gaps"):
            if not getattr(subject.play, name):
                yield Finding(f"{name} is empty")


class DeprecatedWithoutReason(Rule):
    """Ids never vanish: a play that is no longer used stays, deprecated with a date and a reason."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Looks for the reason, and for a reason without the status."""
        play = subject.play
        if play.status is Status.DEPRECATED and play.deprecated is None:
            place = play.place("status")
            yield Finding("is deprecated without a date and a reason", place)
        if play.status is not Status.DEPRECATED and play.deprecated is not None:
            yield Finding(f"gives a reason for deprecation and is {play.status}", play.place("deprecated"))
