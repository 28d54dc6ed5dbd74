"""Which candidates are one ask, so that its money counts once: reasons merged, alternatives linked.

Alternatives are the ways to grow into one product, the units for which the same words about the whole account speak,
and products of which the customer can have only one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from upcross.opportunities.candidate import Ask, Candidate, Finding, Identity, Reason, Status
from upcross.plays.play import PlayKind

Item = TypeVar("Item")


def merge(findings: Iterable[Finding]) -> tuple[Candidate, ...]:
    """One candidate for each identity, with all findings about it as reasons; the order of findings is immaterial.

    Raises ``ValueError`` where one play gives two different verdicts on one row: the verdicts' grain is broken.
    """
    groups: defaultdict[Identity, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.identity].append(finding)
    return link_alternatives(_candidate(identity, group) for identity, group in groups.items())


def _candidate(identity: Identity, findings: list[Finding]) -> Candidate:
    reasons: dict[tuple[str, str], Reason] = {}
    for finding in findings:
        key = (finding.reason.play_id, finding.reason.metric)
        if reasons.setdefault(key, finding.reason) != finding.reason:
            raise ValueError(
                f"play {key[0]!r} gives two different verdicts on one row of account {identity.account_id}"
            )
    return Candidate(
        identity,
        max(finding.account_name for finding in findings) or identity.account_id,
        max(finding.product_name for finding in findings) or identity.product_id,
        tuple(reasons[key] for key in sorted(reasons)),
        excludes=frozenset().union(*(finding.excludes for finding in findings)),
    )


def link_alternatives(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates in the order of their identities, with the alternatives of each ask linked.

    An answer speaks for the ask, else the one that fires and has the largest potential; ties go by the order of
    identities. Of products that exclude each other the best takes in those that it excludes; what excludes only one of
    these stays an ask of its own, since both can be bought.
    """
    ordered = sorted(candidates, key=lambda c: c.identity.order)
    ways = _grouped(ordered, lambda c: c.identity.ask)
    shared = [[candidate for group in groups for candidate in group] for groups in _grouped(ways, _topic)]
    waiting = sorted(shared, key=lambda group: _speaker(group).identity.order)
    waiting.sort(key=lambda group: _voice(_speaker(group)), reverse=True)
    linked: list[Candidate] = []
    while waiting:
        best, *others = waiting
        instead = [group for group in others if _excludes(best, group)]
        waiting = [group for group in others if group not in instead]
        linked += _linked([candidate for group in (best, *instead) for candidate in group], _speaker(best))
    return tuple(sorted(linked, key=lambda c: c.identity.order))


def same_ask(one: Candidate, other: Identity) -> bool:
    """Whether an ask that is open stands in the way of a candidate: another way of it, or what it excludes."""
    return one.identity.ask == other.ask or (
        other.product_id in one.excludes
        and one.identity.account_id == other.account_id
        and one.motion is other.motion
        and (
            other.business_unit == one.identity.business_unit or "" in (one.identity.business_unit, other.business_unit)
        )
    )


def asks_of_today(candidates: Iterable[Candidate]) -> Callable[[Identity], Ask]:
    """The ask that an identity of another day belongs to today; its own where nothing of today is about it."""
    today = {candidate.identity.ask: candidate.ask for candidate in candidates}
    return lambda identity: today.get(identity.ask, identity.ask)


def _grouped(items: Iterable[Item], key: Callable[[Item], Ask]) -> list[list[Item]]:
    groups: defaultdict[Ask, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def _topic(ways: Sequence[Candidate]) -> Ask:
    """What the ways of one product are about: the unit, or the whole account where the speaker is about that."""
    speaker = _speaker(ways)
    account, unit, product, kind = speaker.identity.ask
    return (account, "" if speaker.whole_account else unit, product, kind)


def _speaker(group: Sequence[Candidate]) -> Candidate:
    return max(group, key=_voice)


def _voice(candidate: Candidate) -> tuple[bool, bool, tuple[int, ...]]:
    return (candidate.kind is PlayKind.ANSWER, candidate.status is Status.FIRED, candidate.potential.size)


def _excludes(group: Sequence[Candidate], other: Sequence[Candidate]) -> bool:
    # A group is of one account, and most pairs are of two: that is told before their members are compared.
    return group[0].identity.account_id == other[0].identity.account_id and any(
        same_ask(one, two.identity) for one in group for two in other
    )


def _linked(members: Sequence[Candidate], speaker: Candidate) -> Iterable[Candidate]:
    for member in members:
        yield replace(
            member,
            alternative_of=None if member is speaker else speaker.identity,
            alternatives=tuple(other.identity for other in members if other is not member),
        )
