"""From verdicts on rows to findings: the single crossing from relations to objects, for candidates only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from upcross.motions import Mechanism
from upcross.opportunities.candidate import Finding, Identity, Potential, Reason, Status, Timing
from upcross.opportunities.evidence import Attested, Evidence, HoldReason, Missing, Truth
from upcross.plays.attestation import Attestation, attesting
from upcross.plays.exemption import Exemption, exempting
from upcross.plays.fields import placeholders
from upcross.plays.gate import BoundGate
from upcross.plays.judgement import JudgedComparison, JudgedGate, Judgement, deciding, judged_leaves
from upcross.plays.play import Play, PlayKind
from upcross.plays.verdicts import Verdict, deciding_signal
from upcross.signals.model import Scope, Signal

WhyUnknown = Callable[[str], tuple[Missing, ...]]
"""What is missing where a signal is unknown: tables, or rows of them."""


def find(
    play: Play,
    judgement: Judgement,
    row: Mapping[str, Any],
    signals: Mapping[str, Signal],
    attestations: Iterable[Attestation],
    as_of: date,
    why_unknown: WhyUnknown,
    exemptions: Iterable[Exemption] = (),
) -> Finding:
    """The finding of one play on one row of the wide relation that it fired on or is held on.

    ``row`` holds the scope's keys and every signal visible in it. The mechanism is the play's own, or in white space
    the kind of the product offered; adoption work has none.
    """
    facts = _Facts(row, signals)
    identity = identity_of(play, row, _mechanism(play, row))
    mentioned = [name for name in placeholders(play.texts()) if name in signals]
    trigger = [leaf for leaf in deciding(judgement.trigger) if leaf.signal != deciding_signal(play)]
    spoken = tuple(facts.compared(leaf) for leaf in trigger)
    told = {item.signal for item in spoken}
    shown = tuple(facts.fact(name, shown=True) for name in play.show if name not in told)
    told |= {item.signal for item in shown}
    floor, expected, ceiling = (row.get(name) for name in play.potential_signals() or ("", "", ""))
    exhausted = row.get("allowance_exhausted_in") if play.scope is Scope.METER else None
    against = tuple(_hold(gate, facts, why_unknown) for gate in judgement.gates if not gate.passes)
    answers = play.kind is PlayKind.ANSWER
    reason = Reason(
        play_id=play.id,
        kind=play.kind,
        title=play.title,
        version=play.version,
        evidence=(*spoken, *shown, *(facts.fact(name) for name in mentioned if name not in told)),
        holds=() if answers else against,
        care=against if answers else (),
        asked_on=_asked_on(play, row, as_of) if answers else None,
        attested=tuple(
            Attested(gate.id, said.by, said.until, said.why)
            for gate in judgement.gates
            if gate.attested
            for said in attesting(attestations, gate.id, row["account_id"], row["account_segment"], as_of)[:1]
        )
        + tuple(
            Attested(gate.id, rule.by, rule.until, rule.why, exempt=True)
            for gate in judgement.gates
            if gate.exempt
            for rule in exempting(exemptions, gate.id, row["account_id"], row["business_unit"], as_of)[:1]
        ),
        potential=Potential(floor, expected, ceiling),
        touch=play.touch.value,
        timing=Timing(play.timing.with_renewal_within, row.get("renewal_on")),
        surface=play.owner.surface,
        close=play.owner.close,
        respond_within=play.respond_within,
        cooldown=play.cooldown,
        next_step=play.next_step,
        guide=play.guide,
        limit_on=as_of + timedelta(days=exhausted) if exhausted is not None else None,
        metric=str(row.get("metric") or ""),
        whole_account=_whole_account(play, row),
    )
    return Finding(identity, reason)


def once_an_account(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with one of each play on support that the account lacks, which every unit's row has found.

    One that fires comes first, then the largest; of equals the first by its words, so that order is immaterial.
    """
    found: dict[tuple[Identity, str], Finding] = {}
    others = []
    for finding in findings:
        if finding.identity.mechanism is not Mechanism.SUPPORT or finding.identity.business_unit:
            others.append(finding)
            continue
        key = (finding.identity, finding.reason.play_id)
        best = found.setdefault(key, finding)
        if _worth(finding.reason) > _worth(best.reason):
            found[key] = finding
    return (*others, *found.values())


def _worth(reason: Reason) -> tuple[bool, tuple[int, ...], str]:
    return (reason.status is Status.FIRED, reason.potential.size, repr((sorted(reason.gates), reason.evidence)))


def sketch(play: Play, verdict: Verdict, row: Mapping[str, Any], gates: Mapping[str, BoundGate],
           as_of: date) -> Finding:  # fmt: skip
    """The finding of one play on one row without its evidence: who is asked for what, how much, and what holds it.

    ``row`` holds the scope's keys and the signals of ``sketched``; ``gates`` are the play's by id. For replays, which
    count verdicts and explain none.
    """
    identity = identity_of(play, row, _mechanism(play, row))
    against = tuple(_plain_hold(gates[name], Truth.FALSE) for name in verdict.gates_false)
    against += tuple(_plain_hold(gates[name], Truth.UNKNOWN) for name in verdict.gates_unknown)
    answers = play.kind is PlayKind.ANSWER
    reason = Reason(
        play_id=play.id,
        kind=play.kind,
        title=play.title,
        version=play.version,
        holds=() if answers else against,
        care=against if answers else (),
        asked_on=_asked_on(play, row, as_of) if answers else None,
        potential=Potential(*(row.get(name) for name in play.potential_signals())),
        touch=play.touch.value,
        timing=Timing(play.timing.with_renewal_within, row.get("renewal_on")),
        surface=play.owner.surface,
        close=play.owner.close,
        respond_within=play.respond_within,
        cooldown=play.cooldown,
        metric=str(row.get("metric") or ""),
        whole_account=_whole_account(play, row),
    )
    return Finding(identity, reason)


def sketched(play: Play, signals: Mapping[str, Signal]) -> tuple[str, ...]:
    """The signals of a row that ``sketch`` reads for a play, of those that the row has."""
    asked = "days_since_request_to_buy" if play.scope is Scope.WHITE_SPACE else "days_since_request_for_more"
    whole = "about_whole_account" if play.scope is Scope.WHITE_SPACE else "more_asked_for_whole_account"
    named = (deciding_signal(play), *play.potential_signals(), "renewal_on", asked, whole)
    return tuple(dict.fromkeys(name for name in named if name in signals))


def _plain_hold(gate: BoundGate, truth: Truth) -> HoldReason:
    return HoldReason(gate.id, truth, gate.reason, title=gate.gate.title, cleared_by=gate.gate.cleared_by,
                      action=gate.action, look_again=gate.gate.look_again,
                      overridable=gate.gate.overridable)  # fmt: skip


def identity_of(play: Play, row: Mapping[str, Any], mechanism: Mechanism | None) -> Identity:
    """What a row's ask is about; support that is lacking is bought by the account, whichever unit the row is about."""
    account_wide = play.scope is Scope.WHITE_SPACE and mechanism is Mechanism.SUPPORT
    unit = "" if account_wide else row.get("business_unit", "")
    task = "" if mechanism else play.id
    return Identity(row["account_id"], unit, row.get("product_id", ""), mechanism, task=task)


def identities_of(play: Play, row: Mapping[str, Any]) -> tuple[Identity, ...]:
    """What a row's ask is about, for each mechanism that it could be of."""
    return tuple(identity_of(play, row, mechanism) for mechanism in play.mechanism or (None,))


def _mechanism(play: Play, row: Mapping[str, Any]) -> Mechanism | None:
    decides = deciding_signal(play)
    if decides:
        return Mechanism(row[decides])
    return play.mechanism[0] if play.mechanism else None


def _asked_on(play: Play, row: Mapping[str, Any], as_of: date) -> date | None:
    lacked = play.scope is Scope.WHITE_SPACE
    days = row.get("days_since_request_to_buy" if lacked else "days_since_request_for_more")
    return None if days is None else as_of - timedelta(days=days)


def _whole_account(play: Play, row: Mapping[str, Any]) -> bool:
    """Whether it rests on words about the whole account; what is measured is always measured in the unit."""
    if play.scope is Scope.WHITE_SPACE:
        return bool(row.get("about_whole_account"))
    return play.kind is PlayKind.ANSWER and bool(row.get("more_asked_for_whole_account"))


class _Facts:
    """Evidence made of one row."""

    def __init__(self, row: Mapping[str, Any], signals: Mapping[str, Signal]) -> None:
        self.row, self.signals = row, signals

    def compared(self, leaf: JudgedComparison) -> Evidence:
        signal = self.signals[leaf.signal]
        against = self.signals[leaf.other].label if leaf.other else ""
        return Evidence(leaf.signal, signal.label, leaf.value, leaf.unit, leaf.op, leaf.threshold, against,
                        self._metric(signal))  # fmt: skip

    def fact(self, name: str, *, shown: bool = False) -> Evidence:
        signal = self.signals[name]
        value = self.row.get(name)
        return Evidence(name, signal.label, value, signal.unit, metric=self._metric(signal), shown=shown)

    def known(self, name: str) -> bool:
        """Whether a signal has a value here."""
        return self.row.get(name) is not None

    def _metric(self, signal: Signal) -> str:
        return str(self.row.get("metric") or "") if signal.scope is Scope.METER else ""


def _bring_data(missing: Iterable[Missing], gate: JudgedGate) -> str:
    """What clears a gate whose data is missing: the data, or a person's word where that may stand in."""
    tables = ", ".join(dict.fromkeys(f"`{item.table}`" for item in missing if item.table))
    bring = f"Bring the data ({tables})" if tables else "Bring the data"
    return f"{bring}, or have a person attest '{gate.id}'" if gate.attestable else bring


def _hold(gate: JudgedGate, facts: _Facts, why_unknown: WhyUnknown) -> HoldReason:
    unknown = gate.truth is None
    leaves = judged_leaves(gate.condition)
    maybe = gate.maybe if unknown and all(facts.known(name) for name in placeholders([gate.maybe])) else ""
    told = {leaf.signal for leaf in leaves}
    missing = dict.fromkeys(
        item for leaf in deciding(gate.condition) for name in leaf.missing for item in why_unknown(name)
    )
    action = gate.action if maybe or not unknown else _bring_data(missing, gate)
    mentioned = [name for name in placeholders([maybe or gate.reason, action]) if name in facts.signals]
    return HoldReason(
        gate=gate.id,
        truth=Truth.UNKNOWN if unknown else Truth.FALSE,
        sentence=gate.reason,
        title=gate.title,
        cleared_by=gate.cleared_by,
        action=action,
        look_again=gate.look_again,
        evidence=(
            *(facts.compared(leaf) for leaf in leaves),
            *(facts.fact(name) for name in mentioned if name not in told),
        ),
        missing=tuple(missing) if unknown else (),
        maybe=maybe,
        overridable=gate.overridable,
    )
