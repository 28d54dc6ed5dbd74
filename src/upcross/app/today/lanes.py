"""The lanes of a tab: deeper and wider, each with its rows and its own sum; adoption work apart, without money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from upcross.access import scope
from upcross.app.today.asking import LANES, Asked, Sort, Tab
from upcross.app.today.ours import Ours
from upcross.ledger.models import Opportunity
from upcross.ledger.stage import ENDED, WORKED, Stage
from upcross.ledger.unlock import money_of
from upcross.motions import Motion
from upcross.opportunities.evidence import amount
from upcross.plays.play import PlayKind

LATELY = timedelta(days=30)
"""For how long what ended is still shown."""
A_PAGE = 25
"""Rows of a lane on one page."""
_LANE = {Motion.UPSELL.value: "deeper", Motion.CROSS_SELL.value: "wider"}
LANE_WORDS = {"deeper": "Deeper", "wider": "Wider", "adoption": "Adoption"}
_MEANS = {
    "deeper": "more of what they own",
    "wider": "what they do not own yet",
    "adoption": "sells nothing",
}
_LAST = date.max


class Light(NamedTuple):
    """What is read of every opportunity of a list: enough to count, sum and order it."""

    id: UUID
    stage: str
    kind: str
    motion: str
    potential_expected: int | None
    alternative_of: str
    due_on: date | None
    owner: str
    handed_to: str
    account_name: str
    product_name: str
    updated_at: Any
    snoozed_until: date | None
    ended_on: date | None
    look_again_on: date | None
    won_mrr: int | None

    @property
    def holder(self) -> str:
        """Who is to do something about it now: whom it was handed to until they answer, else its owner."""
        return self.handed_to if self.stage == Stage.HANDED_OFF and self.handed_to else self.owner


@dataclass(frozen=True)
class Listed:
    """Every opportunity that an address is about, of whatever tab, and who of ours is whom."""

    asked: Asked
    ours: Ours
    rows: tuple[Light, ...]

    def of(self, tab: Tab) -> list[Light]:
        """Those of one tab."""
        return [row for row in self.rows if self.has(tab, row)]

    def has(self, tab: Tab, row: Light) -> bool:
        """Whether a tab shows a row."""
        match tab:
            case Tab.OPEN:
                return row.stage in WORKED and row.kind != PlayKind.ANSWER
            case Tab.ANSWER:
                return row.stage in WORKED and row.kind == PlayKind.ANSWER
            case Tab.HELD:
                return row.stage == Stage.HELD
            case Tab.SNOOZED:
                return row.stage == Stage.SNOOZED
            case Tab.DONE:
                return row.stage in ENDED
            case Tab.UNOWNED:
                return row.stage not in ENDED and not self.ours.works(row.holder)
        return False

    def needing(self) -> list[Light]:
        """What is due today or before, and is with the viewer where they look at their own."""
        me, today = self.asked.viewer.person_id, self.asked.today
        return [row for row in self.rows if row.stage in WORKED and row.due_on and row.due_on <= today
                and (not self.asked.mine or row.holder == me)]  # fmt: skip

    def lane(self, name: str, rows: list[Light]) -> list[Light]:
        """Those of some rows that stand in a lane, in the order asked for."""
        found = [row for row in rows if _LANE.get(row.motion, "adoption") == name]
        return sorted(found, key=lambda row: (*self._key(row), row.account_name, str(row.id)))

    def _key(self, row: Light) -> tuple[Any, ...]:
        match self.asked.sort:
            case Sort.MONEY:
                return (row.potential_expected is None, -(row.potential_expected or 0))
            case Sort.ACCOUNT:
                return ()
            case Sort.LATEST:
                return (-row.updated_at.timestamp(),)
        if self.asked.tab is Tab.DONE:
            return (-(row.ended_on or _LAST).toordinal(),)
        return (row.due_on or row.snoozed_until or row.look_again_on or _LAST,)


def visible(asked: Asked) -> QuerySet[Opportunity]:
    """What the viewer sees of all that is open, held, put off, or ended lately."""
    here = ~Q(stage__in=sorted(ENDED)) | Q(ended_on__gt=asked.today - LATELY)
    return scope.opportunities(asked.viewer).filter(here & asked.belongs())


def listed(asked: Asked, ours: Ours, *, filtered: bool = True) -> Listed:
    """All that an address is about; without its filters where ``filtered`` is false."""
    rows = asked.chosen(visible(asked)) if filtered else visible(asked)
    return Listed(asked, ours, tuple(Light(*row) for row in rows.values_list(*Light._fields)))


def lane_facts(listed: Listed, name: str) -> tuple[dict[str, Any], list[Light]]:
    """One lane of the tab that is open: its sum, its pages, and the rows of the page."""
    asked = listed.asked
    everything = listed.lane(name, listed.of(asked.tab))
    pages = max(1, -(-len(everything) // A_PAGE))
    page = min(asked.page_of(name), pages)
    start = (page - 1) * A_PAGE
    here = everything[start : start + A_PAGE]
    told = {
        "name": name, "words": LANE_WORDS[name], "means": _MEANS[name], "count": len(everything),
        "expected": _expected(everything) if name != "adoption" and asked.tab is not Tab.DONE else None,
        "won": _won(everything) if name != "adoption" and asked.tab is Tab.DONE else None,
        "from": start + 1 if here else 0, "to": start + len(here),
        "before": asked.href(**{name: page - 1 if page > 2 else None}) if page > 1 else None,
        "after": asked.href(**{name: page + 1}) if page < pages else None,
    }  # fmt: skip
    return told, here


def lanes_of(listed: Listed) -> list[tuple[dict[str, Any], list[Light]]]:
    """The lanes of the tab; adoption only where there is any, and where nothing is sold there are no answers to it."""
    found = [lane_facts(listed, name) for name in LANES]
    return [one for one in found if one[0]["name"] != "adoption" or one[0]["count"]]


def _expected(rows: Iterable[Light]) -> dict[str, Any]:
    return money_of(rows).to_dict()  # type: ignore[arg-type] # the three columns that it reads


def _won(rows: Iterable[Light]) -> dict[str, Any]:
    won = [row.won_mrr for row in rows if row.stage == Stage.WON]
    return {"deals": len(won), "mrr": amount(sum(mrr for mrr in won if mrr is not None)),
            "unknown": sum(mrr is None for mrr in won)}  # fmt: skip
