"""What the ledger refuses, each with what was wrong, what was expected and what to do.

LedgerError
├── NotFoundError     there is no such thing, or it is not for these eyes
├── ForbiddenError    this actor may not take this step here
├── NotNowError       the step does not lead on from the stage
├── ConflictError     somebody else acted in between
└── RefusedError      what was given is wrong: all faults at once
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from upcross.errors import UpcrossError


class LedgerError(UpcrossError):
    """The ledger did nothing, and says why; ``code`` is the reason's stable name."""

    code = "refused"


class NotFoundError(LedgerError):
    """There is no such thing, or it is not for these eyes: which of the two is not told."""

    code = "not-found"


class ForbiddenError(LedgerError):
    """The actor may see it, and may not take this step."""

    code = "forbidden"


class NotNowError(LedgerError):
    """The step does not lead on from the stage in which the opportunity is."""

    code = "not-now"


class ConflictError(LedgerError):
    """Somebody acted since the actor looked: what they did and when is told, and nothing was overwritten."""

    code = "conflict"

    def __init__(self, message: str, version: int) -> None:
        super().__init__(message)
        self.version = version


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong input: which, what is wrong with it, and what was expected."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class RefusedError(LedgerError):
    """What was given cannot be taken; every fault of it is told."""

    code = "invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)
