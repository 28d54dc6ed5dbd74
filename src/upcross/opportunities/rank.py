"""What to do first, within one motion: a wider ask never competes with a deeper one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from upcross.motions import Motion
from upcross.opportunities.candidate import Candidate

_NO_HURRY = 10**6


def rank(candidates: Iterable[Candidate], motion: Motion | None) -> tuple[Candidate, ...]:
    """The candidates of one motion (None: adoption work), most worth doing first; those of others are left out.

    By expected potential, unknown last; then by urgency (response time, day of the limit); then by account.
    Alternatives follow the one that speaks for their ask.
    """
    inside = [candidate for candidate in candidates if candidate.motion is motion]
    speakers = {candidate.identity: candidate for candidate in inside}

    def key(candidate: Candidate) -> tuple[Any, ...]:
        speaker = speakers.get(candidate.alternative_of) if candidate.alternative_of else None
        return (*_worth(speaker or candidate), speaker is not None, _worth(candidate))

    return tuple(sorted(inside, key=key))


def _worth(candidate: Candidate) -> tuple[Any, ...]:
    expected = candidate.potential.expected
    return (
        expected is None,
        -(expected or 0),
        _NO_HURRY if candidate.respond_within is None else candidate.respond_within,
        candidate.limit_on or date.max,
        candidate.identity.order,
    )
