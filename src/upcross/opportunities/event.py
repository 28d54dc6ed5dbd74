"""What people do to an open ask between two plans: one small value each, folded into the memory in the order of days.

An event about an ask that is not open changes nothing, so that a list of events may be applied twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from upcross.opportunities.candidate import Identity


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one ask on a day, and who did it ('' where it came from data)."""

    identity: Identity
    on: date
    by: str = ""


@dataclass(frozen=True, slots=True)
class Qualified(Event):
    """Its owner heard that the need is real: it no longer expires by itself."""


@dataclass(frozen=True, slots=True)
class HandedOff(Event):
    """Its owner offered it to the one who shall close it, and owns it until that person takes it."""

    to: str = ""
    to_role: str = ""


@dataclass(frozen=True, slots=True)
class Accepted(Event):
    """The closer took it over, and owns it from now on."""

    owner: str = ""
    owner_role: str = ""


@dataclass(frozen=True, slots=True)
class Returned(Event):
    """The closer gave it back, with the reason; it is surfaced again, by the owner named."""

    owner: str = ""
    owner_role: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OwnerChanged(Event):
    """Somebody gave it to another person."""

    owner: str = ""
    owner_role: str = ""


@dataclass(frozen=True, slots=True)
class Snoozed(Event):
    """Put off until a day (the first on which it may be asked again); it is the same ask then.

    With a ``fingerprint`` (that of its candidate) it comes back sooner, as soon as what speaks for it has changed.
    """

    until: date = date.max
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """Closed for good: the cooldown begins.

    ``cooldown`` is in days, where the reason of the ending sets it; None: that of the ask's own plays.
    """

    reason: str = ""
    cooldown: int | None = None


@dataclass(frozen=True, slots=True)
class Dismissed(Ended):
    """Somebody decided against asking, and says why."""


@dataclass(frozen=True, slots=True)
class Won(Ended):
    """The customer bought."""


@dataclass(frozen=True, slots=True)
class Lost(Ended):
    """The customer decided against it."""


@dataclass(frozen=True, slots=True)
class Expired(Ended):
    """It ended without anybody's decision."""
