"""What waits behind gates, as the page tells it: blockers, gates and months, the two motions always apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from upcross.access.personal import HIDDEN
from upcross.app.shell.words import with_days
from upcross.ledger.models import Opportunity
from upcross.ledger.unlock import Blocker, Unlock, unlock
from upcross.motions import Motion

LANES = {"deeper": Motion.UPSELL, "wider": Motion.CROSS_SELL}
NOTHING: Mapping[str, Any] = {"asks": 0, "mrr": "0", "unknown": 0}


@dataclass(frozen=True)
class Apart:
    """What the gates hold, once for each motion; nothing here is a sum of both."""

    by: Mapping[str, Unlock]
    names_people: bool = True
    """Whether the reader may see what tells of the customer's people, as sentences may."""

    def held(self) -> dict[str, Any]:
        """All that is held, each ask once."""
        return {lane: dict((self.by[lane].to_dict()["held"] or {}).get(motion.value, NOTHING))
                for lane, motion in LANES.items()}  # fmt: skip

    def blockers(self) -> list[dict[str, Any]]:
        """Each gate at each account with what it holds there; those first whose larger motion is the most money."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for lane, told in self.by.items():
            for blocker in told.blockers:
                key = (blocker.gate, blocker.account_id)
                row = found.setdefault(key, self._blocker(blocker))
                row["lanes"][lane] = {"held": blocker.held.to_dict(), "alone": blocker.alone.to_dict()}
                row["since"] = min(filter(None, (row["since"], _day(blocker.since))), default=None)
                row["look_again_on"] = min(filter(None, (row["look_again_on"], _day(blocker.look_again_on))),
                                           default=None)  # fmt: skip
        return sorted(found.values(), key=lambda row: (-_most(row, "alone"), -_most(row, "held"), row["gate"],
                                                       row["account"]))  # fmt: skip

    def gates(self) -> list[dict[str, Any]]:
        """Each gate with what it holds, by itself alone, and what became of what it let go or was asked in spite of."""
        found: dict[str, dict[str, Any]] = {}
        for lane, motion in LANES.items():
            for price in self.by[lane].to_dict()["gates"]:
                gate = price["gate"]
                new = {"gate": gate, "words": _words(gate), "lanes": {}, "href": _held(gate=gate)}
                row = found.setdefault(gate, new)
                row["lanes"][lane] = {
                    "held": price["held"].get(motion.value, NOTHING),
                    "alone": price["alone"].get(motion.value, NOTHING), "blockers": price["blockers"],
                    "released": price["released"], "won_after": price["won_after"],
                    "asked_anyway": price["asked_anyway"], "won_anyway_mrr": price["won_anyway_mrr"],
                }  # fmt: skip
        return sorted(found.values(), key=lambda row: (-_most(row, "alone"), -_most(row, "held"), row["gate"]))

    def months(self) -> list[dict[str, Any]]:
        """What was let go and what was won of it, month by month, the latest first."""
        found: dict[str, dict[str, Any]] = {}
        for lane, told in self.by.items():
            for month in told.months:
                row = found.setdefault(month.month, {"month": month.month, "lanes": {}})
                row["lanes"][lane] = {"released": month.released.to_dict(), "won": month.won.to_dict()}
        return [found[month] for month in sorted(found, reverse=True)]

    def _blocker(self, blocker: Blocker) -> dict[str, Any]:
        return {
            "gate": blocker.gate, "words": _words(blocker.gate), "account_id": blocker.account_id,
            "account": blocker.account, "account_href": f"/accounts/{quote(blocker.account_id, safe='')}/",
            "sentence": with_days(blocker.sentence) if self.names_people else HIDDEN,
            "person": blocker.person, "action": blocker.action if self.names_people else HIDDEN,
            "since": _day(blocker.since),
            "look_again_on": _day(blocker.look_again_on), "lanes": {},
            "href": _held(gate=blocker.gate, account=blocker.account_id),
        }  # fmt: skip


def apart(rows: Iterable[Opportunity], currency: str, *, names_people: bool) -> Apart:
    """What gates hold among some opportunities, motion by motion."""
    everything = list(rows)
    return Apart({lane: unlock([row for row in everything if row.motion == motion], currency)
                  for lane, motion in LANES.items()}, names_people)  # fmt: skip


def _held(**chosen: str) -> str:
    """The opportunities behind it, in the inbox."""
    return f"/?{urlencode({'tab': 'held', 'whose': 'all', **chosen})}"


def _most(row: Mapping[str, Any], which: str) -> Decimal:
    return max((Decimal(lane[which]["mrr"] or 0) for lane in row["lanes"].values()), default=Decimal(0))


def _words(gate: str) -> str:
    return gate.replace("-", " ")


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
