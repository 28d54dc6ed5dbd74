"""What Today is asked for: tab, filters, order, page and open drawer, all of it from the page's address and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from pydantic import ValidationError

from upcross.access.roles import Capability
from upcross.access.viewer import Viewer
from upcross.api.opportunities import Choice
from upcross.api.refusal import invalid
from upcross.app.shell.paging import page_of
from upcross.ledger.actor import Actor
from upcross.ledger.models import Opportunity

PATH = "/"


class Tab(StrEnum):
    """The parts of the page: each opportunities of some stages, and ``unknown`` what could not be judged."""

    OPEN = "open"
    ANSWER = "answer"
    WAITING = "waiting"
    HELD = "held"
    UNKNOWN = "unknown"
    SNOOZED = "snoozed"
    DONE = "done"
    UNOWNED = "unowned"


TAB_WORDS = {
    Tab.OPEN: "Open", Tab.ANSWER: "Answer them", Tab.WAITING: "Handed over", Tab.HELD: "Held",
    Tab.UNKNOWN: "Unknown", Tab.SNOOZED: "Snoozed", Tab.DONE: "Done lately", Tab.UNOWNED: "Unowned",
}  # fmt: skip


class Sort(StrEnum):
    """Orders of a lane."""

    DUE = "due"
    MONEY = "money"
    ACCOUNT = "account"
    LATEST = "latest"


SORT_WORDS = {Sort.DUE: "Due first", Sort.MONEY: "Most money first", Sort.ACCOUNT: "By account",
              Sort.LATEST: "Changed last"}  # fmt: skip

_DUE = {"late": (0, "overdue"), "today": (1, "due today or before"), "week": (7, "due within a week")}
_CHOSEN = ("mechanism", "motion", "segment", "owner", "gate", "account")
_FILTERS = ("q", "due", *_CHOSEN)
_KEPT = ("tab", "whose", *_FILTERS, "sort", "deeper", "wider", "adoption", "open", "do", "at")
LANES = ("deeper", "wider", "adoption")
_PLACE = frozenset({"open", "do", "at", *LANES})
"""Where one is in a list, as against what the list is of."""


@dataclass(frozen=True)
class Asked:
    """One address of the page, read; ``given`` holds what stands in it and nothing else."""

    viewer: Viewer
    today: date
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def tab(self) -> Tab:
        """Which tab is open."""
        return Tab(self.given.get("tab", Tab.OPEN))

    @property
    def sort(self) -> Sort:
        """The order of each lane."""
        return Sort(self.given.get("sort", Sort.DUE))

    @property
    def mine(self) -> bool:
        """Whether only what is with the viewer is shown; whoever is none of our people has nothing of their own."""
        return bool(self.viewer.person_id) and self.given.get("whose", self.begins_with) == "mine"

    @property
    def begins_with(self) -> str:
        """Whose opportunities the bare address shows: one's own, or everybody's for those who look after others."""
        return "all" if self.viewer.sees_all or self.viewer.manages else "mine"

    @property
    def opened(self) -> str:
        """The id of the opportunity in the drawer; '' where it is closed."""
        return self.given.get("open", "")

    @property
    def is_filtered(self) -> bool:
        """Whether anything beside the tab narrows the lists."""
        return any(name in self.given for name in _FILTERS)

    def page_of(self, lane: str) -> int:
        """Which page of a lane, from 1."""
        return page_of(self.given, lane)

    @cached_property
    def actor(self) -> Actor:
        """The viewer as the ledger's door takes them, made once for all rows of a page."""
        return self.viewer.actor

    def chosen(self, rows: QuerySet[Opportunity], *, without: str = "") -> QuerySet[Opportunity]:
        """Those of rows that the filters choose; ``without`` leaves one filter out."""
        given = {name: value for name, value in self.given.items() if name != without}
        rows = self._choice(without).of(rows, self.viewer)
        for word in given.get("q", "").split():
            rows = rows.filter(Q(account_name__icontains=word) | Q(product_name__icontains=word)
                               | Q(title__icontains=word))  # fmt: skip
        if given.get("due") in _DUE:
            rows = rows.filter(due_on__lt=self.today + timedelta(days=_DUE[given["due"]][0]))
        return rows

    def check(self) -> None:
        """Refuses a filter with a value that is none."""
        self._choice("")

    def _choice(self, without: str) -> Choice:
        told = {name: self.given[name] for name in _CHOSEN if name in self.given and name != without}
        try:
            return Choice.model_validate(told)
        except ValidationError as error:
            first = error.errors()[0]
            raise invalid(".".join(map(str, first["loc"])), str(first["msg"]).removeprefix("Value error, ")) from None

    @cached_property
    def filters(self) -> list[str]:
        """The names of the filters in force."""
        return [name for name in _FILTERS if name in self.given]

    def href(self, **changes: Any) -> str:
        """The address with some parts changed (None: left out); a filter, tab or order begins at the first pages."""
        kept = self.given
        if set(changes) - _PLACE:
            kept = {name: value for name, value in kept.items() if name not in _PLACE}
        told = {**kept, **changes}
        if not told.get("open"):
            told.pop("do", None)
        query = urlencode({name: told[name] for name in _KEPT if told.get(name)})
        return f"{PATH}?{query or 'tab=open'}"  # the bare address opens the view that one has chosen to begin with

    @cached_property
    def _before_open(self) -> str:
        return self.href(open=None, do=None, at=None)

    def opening(self, key: str, do: str = "") -> str:
        """The address with one opportunity's drawer open, and in it the form of a step."""
        return f"{self._before_open}&open={key}{f'&do={do}' if do else ''}"

    @property
    def cleared(self) -> str:
        """The address without any filter."""
        return self.href(**dict.fromkeys(_FILTERS))

    def chips(self, names: Mapping[str, str]) -> list[dict[str, str]]:
        """The filters in force in words, each with the address without it; ``names`` are those of our people."""
        return [{"name": name, "words": self.words_of(name, names), "without": self.href(**{name: None})}
                for name in self.filters]  # fmt: skip

    def words_of(self, name: str, names: Mapping[str, str]) -> str:
        """One filter as people read it."""
        value = self.given[name]
        match name:
            case "q":
                return f"“{value}”"
            case "due":
                return _DUE.get(value, (0, value))[1]
            case "owner":
                return f"owner: {'me' if value == 'me' else names.get(value, value)}"
            case "motion":
                return {"upsell": "deeper", "cross_sell": "wider"}.get(value, value)
            case "gate":
                return f"held by {value.replace('-', ' ')}"
            case _:
                return f"{name}: {value.replace('_', ' ')}"

    def whose(self) -> Iterator[dict[str, Any]]:
        """The choice between one's own and everything that one sees; nothing to choose for who owns nothing."""
        if not self.viewer.person_id:
            return
        everything = "Everybody's" if self.viewer.sees_all else "My team's" if self.viewer.manages else "My accounts"
        for value, words in (("mine", "Mine"), ("all", everything)):
            yield {"words": words, "href": self.href(whose=None if value == self.begins_with else value),
                   "here": self.mine == (value == "mine")}  # fmt: skip

    def tabs(self) -> list[Tab]:
        """The tabs that the viewer has."""
        last = [Tab.UNOWNED] if self.viewer.may(Capability.REASSIGN) and self.viewer.sees_all else []
        return [tab for tab in Tab if tab is not Tab.UNOWNED] + last


def read(query: Mapping[str, str], viewer: Viewer, today: date, **more: str) -> Asked:
    """What an address asks for; 422 with what was expected where a part of it is none. ``more`` is put in its place."""
    given = {name: value.strip() for name in _KEPT if (value := more.get(name) or query.get(name, "")).strip()}
    if any("\0" in value for value in given.values()):
        raise invalid("address", "holds a NUL character; leave it out")
    for name, known in (("tab", Tab), ("sort", Sort)):
        if name in given and given[name] not in [one.value for one in known]:
            raise invalid(name, f"'{given[name]}' is none of {', '.join(one.value for one in known)}")
    if "due" in given and given["due"] not in _DUE:
        raise invalid("due", f"'{given['due']}' is none of {', '.join(_DUE)}")
    asked = Asked(viewer, today, given)
    asked.check()
    return asked
