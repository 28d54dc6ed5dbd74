"""The lanes of a tab: deeper and wider, each with its rows and its own sum; adoption work apart, without money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Replace

from upcross.access import scope
from upcross.app.today.asking import LANES, Asked, Sort, Tab
from upcross.app.today.ours import Ours
from upcross.ledger.models import Opportunity
from upcross.ledger.stage import ENDED, WORKED, Stage
from upcross.ledger.unlock import money_of_asks, won_of
from upcross.motions import Motion
from upcross.plays.play import PlayKind

LATELY = timedelta(days=30)
"""For how long what ended is still shown."""
A_PAGE = 25
"""Rows of a lane on one page."""
_FEWER = {"adoption": 10}
_LANE = {Motion.UPSELL.value: "deeper", Motion.CROSS_SELL.value: "wider"}
LANE_WORDS = {"deeper": "Deeper", "wider": "Wider", "adoption": "Adoption"}
_MEANS = {
    "deeper": "more of what they own",
    "wider": "what they do not own yet",
    "adoption": "sells nothing",
}
TAB_OF: dict[str, Tab] = {Stage.HELD: Tab.HELD, Stage.SNOOZED: Tab.SNOOZED}
"""The tabs of what nobody works just now; all else that is not worked has ended."""


class Light(NamedTuple):
    """What is read of every opportunity of a list: enough to count and to sum; ids and days as the ledger keeps them.

    ``key`` is the id's 32 hexadecimal digits, ``due`` the day as ISO text ('' for none): to make thousands of values
    of them would cost more than all else on the page.
    """

    key: str
    stage: str
    kind: str
    motion: str
    potential_expected: int | None
    alternative_of: str
    due: str
    owner: str
    handed_to: str
    account_name: str
    product_name: str
    won_mrr: int | None

    @property
    def id(self) -> str:
        """The id as it is written elsewhere."""
        key = self.key
        return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"

    @property
    def ask(self) -> str:
        """The key of the ask that it counts for: its own, or that of which it is another way."""
        return self.alternative_of.replace("-", "") or self.key

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
        return self._tabs.get(tab, [])

    @cached_property
    def _tabs(self) -> dict[Tab, list[Light]]:
        found: defaultdict[Tab, list[Light]] = defaultdict(list)
        me, working = self.asked.viewer.person_id, self.ours.working
        for row in self.rows:
            if row.stage in WORKED:
                if row.stage == Stage.HANDED_OFF and row.holder != me:
                    found[Tab.WAITING].append(row)
                    if self.asked.mine:  # it is with somebody else until they answer
                        continue
                found[Tab.OPEN].append(row)
                if row.kind == PlayKind.ANSWER:
                    found[Tab.ANSWER].append(row)
            else:
                found[TAB_OF.get(row.stage, Tab.DONE)].append(row)
            if row.stage not in ENDED and row.holder not in working:
                found[Tab.UNOWNED].append(row)
        return found

    def needing(self) -> list[Light]:
        """What of the open is due today or before."""
        today = self.asked.today.isoformat()
        return [row for row in self.of(Tab.OPEN) if row.due and row.due <= today]

    def lane(self, name: str, rows: list[Light]) -> list[Light]:
        """Those of some rows that stand in a lane, in the order asked for."""
        return [row for row in rows if _LANE.get(row.motion, "adoption") == name]


def visible(asked: Asked) -> QuerySet[Opportunity]:
    """What the viewer sees of all that is open, held, put off, or ended lately."""
    here = ~Q(stage__in=sorted(ENDED)) | Q(ended_on__gt=asked.today - LATELY)
    return (scope.in_hand if asked.mine else scope.opportunities)(asked.viewer).filter(here)


def listed(asked: Asked, ours: Ours, *, filtered: bool = True, without: str = "") -> Listed:
    """All that an address is about; without its filters, or one of them, where that is asked for."""
    rows = asked.chosen(visible(asked), without=without) if filtered else visible(asked)
    due = Coalesce(Cast("due_on", TextField()), Value("", output_field=TextField()))
    key = Replace(Cast("id", TextField()), Value("-"), Value(""), output_field=TextField())
    told = rows.annotate(key=key, due=due).order_by(*_order(asked), "account_name", "id")
    return Listed(asked, ours, tuple(map(Light._make, told.values_list(*Light._fields))))


def _order(asked: Asked) -> tuple[Any, ...]:
    """The order of lanes; money ranks within a lane, which is of one motion."""
    match asked.sort:
        case Sort.MONEY:
            return (F("potential_expected").desc(nulls_last=True),)
        case Sort.ACCOUNT:
            return ()
        case Sort.LATEST:
            return ("-updated_at",)
    if asked.tab is Tab.DONE:
        return (F("ended_on").desc(nulls_last=True),)
    return (Coalesce("due_on", "snoozed_until", "look_again_on").asc(nulls_last=True),)


def lane_facts(listed: Listed, name: str) -> tuple[dict[str, Any], list[Light]]:
    """One lane of the tab that is open: its sum, its pages, and the rows of the page."""
    asked = listed.asked
    everything = listed.lane(name, listed.of(asked.tab))
    size = _FEWER.get(name, A_PAGE)
    pages = max(1, -(-len(everything) // size))
    page = min(asked.page_of(name), pages)
    start = (page - 1) * size
    here = everything[start : start + size]
    told = {
        "name": name, "words": LANE_WORDS[name], "means": _MEANS[name], "count": len(everything),
        "answers": sum(row.kind == PlayKind.ANSWER for row in everything) if asked.tab is Tab.OPEN else 0,
        "expected": _expected(everything, asked.tab) if name != "adoption" and asked.tab is not Tab.DONE else None,
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


def _expected(rows: list[Light], tab: Tab) -> dict[str, Any]:
    """What they may bring; among the open, what customers asked for themselves is in no sum of our asks."""
    summed = [row for row in rows if tab is not Tab.OPEN or row.kind != PlayKind.ANSWER]
    return money_of_asks((row.ask, row.potential_expected) for row in summed).to_dict()


def _won(rows: Iterable[Light]) -> dict[str, Any]:
    told = won_of(row.won_mrr for row in rows if row.stage == Stage.WON).to_dict()
    return {"deals": told["asks"], "mrr": told["mrr"], "unknown": told["unknown"]}
