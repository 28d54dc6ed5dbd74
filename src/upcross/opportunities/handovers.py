"""What a person may be credited with for opportunities: qualified, taken by who closes them, and not given back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from upcross.motions import Motion
from upcross.opportunities.event import Accepted, Event, Qualified, Returned


@dataclass(frozen=True, slots=True)
class Handovers:
    """One person's qualified opportunities of a period, the motions apart.

    ``taken`` were accepted by somebody else in the period and not returned since; ``returned`` were returned in it.
    What became of them afterwards is no part of it: a booking is nobody's credit here.
    """

    person_id: str
    taken: dict[Motion, int]
    returned: dict[Motion, int]


def handovers(
    histories: Iterable[Sequence[Event]], first: date, last: date, as_of: date | None = None
) -> tuple[Handovers, ...]:
    """The handovers of every person who had any from ``first`` to ``last``, both included, in order of their ids.

    Each history is what happened to one opportunity in its order, without what was undone. It counts for the person who
    qualified it before it was taken, and once: as it stands on ``as_of`` (None: ``last``), so that a return after the
    period takes it out. Who takes what they qualified themselves has handed nothing over; adoption work is not sold.
    """
    until = as_of or last
    taken: defaultdict[str, dict[Motion, int]] = defaultdict(_none)
    returned: defaultdict[str, dict[Motion, int]] = defaultdict(_none)
    for history in histories:
        person, accepted, motion = "", date.min, None
        for event in history:
            motion = event.identity.motion
            if event.on > until or motion is None:
                continue
            match event:
                case Qualified():
                    person, accepted = event.by, date.min
                case Accepted() if person and accepted == date.min and (event.owner or event.by) != person:
                    accepted = event.on
                case Returned() if person:
                    if first <= event.on <= last:
                        returned[person][motion] += 1
                    person, accepted = "", date.min
        if motion is not None and first <= accepted <= last:
            taken[person][motion] += 1
    return tuple(Handovers(p, taken[p], returned[p]) for p in sorted({*taken, *returned}))


def _none() -> dict[Motion, int]:
    return dict.fromkeys(Motion, 0)
