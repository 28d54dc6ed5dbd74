"""Why opportunities end or come back, and for how long each reason keeps the same thing from being asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_LOST: Mapping[str, tuple[bool, int | None]] = {
    "no_budget": (False, 180),
    "no_need": (False, 365),
    "bad_timing": (False, 90),
    "competitor": (False, 365),
    "price": (False, 180),
    "no_decision": (False, 90),
    "product_gap": (False, 180),
    "relationship": (False, 180),
    "other": (True, None),
}
_DISMISSED: Mapping[str, tuple[bool, int | None]] = {
    "wrong_data": (False, 30),
    "not_ready": (False, 90),
    "already_discussed": (False, 60),
    "customer_declined": (False, 180),
    "duplicate": (False, 30),
    "not_a_fit": (False, 365),
    "other": (True, None),
}
_RETURNED: Mapping[str, tuple[bool, int | None]] = {
    "no_need": (False, None),
    "no_buyer": (False, None),
    "bad_timing": (False, None),
    "not_qualified": (False, None),
    "wrong_owner": (False, None),
    "other": (True, None),
}


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons of each ending; ``days`` are the company's own cooldowns, by ending and reason."""

    days: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def lost(self) -> dict[str, bool]:
        """Why a deal was lost, each with whether it needs a sentence."""
        return {name: words for name, (words, _) in _LOST.items()}

    @property
    def dismissed(self) -> dict[str, bool]:
        """Why somebody decided against asking."""
        return {name: words for name, (words, _) in _DISMISSED.items()}

    @property
    def returned(self) -> dict[str, bool]:
        """Why a closer gave an opportunity back."""
        return {name: words for name, (words, _) in _RETURNED.items()}

    def cooldown(self, ending: str, reason: str) -> int | None:
        """Days for which the same thing is not asked again; None: as long as its play says."""
        own = self.days.get((ending, reason))
        shipped = {"lost": _LOST, "dismissed": _DISMISSED}[ending].get(reason, (False, None))[1]
        return shipped if own is None else own
