"""Which candidates are one ask, so that its money counts once: reasons merged, alternatives linked.

Alternatives are the ways to grow into one product, the units for which the same words about the whole account speak,
and products of which the customer can have only one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from upcross.opportunities.candidate import Ask, Candidate, Finding, Identity, Reason, Status
from upcross.plays.play import PlayKind

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


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
    linked = [c for groups in _grouped(shared, _account) for c in _of_account(groups)]
    return tuple(sorted(linked, key=lambda c: c.identity.order))


def _account(group: Sequence[Candidate]) -> str:
    return group[0].identity.account_id


def _of_account(groups: list[list[Candidate]]) -> Iterable[Candidate]:
    """The asks of one account, the best first; each takes in those that it excludes."""
    spoken = sorted(((_speaker(group), group) for group in groups), key=lambda pair: pair[0].identity.order)
    waiting = sorted(spoken, key=lambda pair: _voice(pair[0]), reverse=True)
    while waiting:
        (speaker, best), *others = waiting
        waiting = [pair for pair in others if not _excludes(best, pair[1])]
        instead = [group for _, group in others if _excludes(best, group)] if len(waiting) < len(others) else []
        yield from _linked([candidate for group in (best, *instead) for candidate in group], speaker)


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


def _grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> list[list[Item]]:
    groups: defaultdict[Key, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def _topic(ways: Sequence[Candidate]) -> Ask:
    """What the ways of one product are about: the unit, or the whole account where the speaker is about that."""
    speaker = _speaker(ways)
    account, unit, product, kind = speaker.identity.ask
    return (account, "" if speaker.whole_account else unit, product, kind)


def _speaker(group: Sequence[Candidate]) -> Candidate:
    return max(group, key=_voice) if len(group) > 1 else group[0]


def _voice(candidate: Candidate) -> tuple[bool, bool, tuple[int, ...]]:
    return (candidate.kind is PlayKind.ANSWER, candidate.status is Status.FIRED, candidate.potential.size)


def _excludes(group: Sequence[Candidate], other: Sequence[Candidate]) -> bool:
    return any(same_ask(one, two.identity) for one in group for two in other)


def _linked(members: Sequence[Candidate], speaker: Candidate) -> Iterable[Candidate]:
    for member in members:
        yield replace(
            member,
            alternative_of=None if member is speaker else speaker.identity,
            alternatives=tuple(other.identity for other in members if other is not member),
        )
