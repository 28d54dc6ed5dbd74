"""Which numbers a page asks for, and where they are: the trailing year is published, others are made once a process."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from upcross.access import scope
from upcross.access.roles import Capability
from upcross.api.portfolio import NOT_BY_PERSON
from upcross.api.project import served
from upcross.api.refusal import Refusal, invalid
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.published import published
from upcross.numbers.drilldown import movements
from upcross.numbers.grouping import By
from upcross.numbers.reading import chosen_window
from upcross.numbers.report import Display, metrics
from upcross.numbers.rows import Level
from upcross.publishing.numbers import key_of, window_facts
from upcross.revenue.calendar import Window, span

_PERIOD = re.compile(r"(\d{4}-\d{2})\.\.(\d{4}-\d{2})", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9-]{4,10}", re.ASCII)
_KEPT = 6
"""Windows that are kept beside the published one while the process lives."""

_made: OrderedDict[tuple[str, str], dict[tuple[str, str], Any]] = OrderedDict()
_making = threading.Lock()


@dataclass(frozen=True, slots=True)
class Asked:
    """One window at one level, whole or in groups; ``period`` '' is the last twelve months."""

    period: str = ""
    level: Level = Level.ACCOUNT
    by: By | None = None
    show: Display = Display.MRR
    """Amounts a month, or a year: twelve times that."""

    def query(self, **more: str) -> str:
        """The address of it, with more."""
        own = {
            "period": self.period, "level": "" if self.level is Level.ACCOUNT else self.level.value,
            "by": self.by.value if self.by else "", "show": "" if self.show is Display.MRR else self.show.value,
        }  # fmt: skip
        return urlencode({name: value for name, value in (own | more).items() if value})


class Found:
    """The facts of a window and the records behind its marks."""

    def __init__(self, key: str, facts: Any) -> None:
        self.key, self._facts = key, facts

    @property
    def facts(self) -> Any:
        """All that is told of the window."""
        return self._facts("numbers", self.key)

    def record(self, mark: str) -> Any:
        """The record behind a mark; None where the window has no such mark."""
        return self._facts("records", f"{self.key}/{mark}")


def refuse_parts_of_the_base(request: HttpRequest) -> None:
    """Numbers of the whole base are for those who see every account: a sum tells about each of its parts."""
    if scope.account_ids(viewer_for(request)) is not None:
        raise Refusal(403, "forbidden", "numbers of the whole base are for those who see every account")


def sees_credit(request: HttpRequest) -> bool:
    """Whether one sees what single people are credited with: a tab of its own, which not everybody has."""
    return viewer_for(request).may(Capability.SEE_CREDIT)


def groupings(request: HttpRequest) -> list[By]:
    """What one may group by: by our own people only who sees what they are credited with."""
    return [by for by in By if not by.of_our_people or sees_credit(request)]


def asked_for(request: HttpRequest) -> Asked:
    """What the address asks for; refused with what would be right where that is nothing."""
    asked = request.GET
    level, by = asked.get("level") or Level.ACCOUNT, asked.get("by") or None
    show = asked.get("show") or Display.MRR
    for name, value, kind in (("level", level, Level), ("by", by, By), ("show", show, Display)):
        if value is not None and value not in list(kind):
            raise invalid(name, f"'{value}' is none of {', '.join(kind)}")
    found = Asked(asked.get("period", ""), Level(level), By(by) if by else None, Display(show))
    if found.by not in (None, *groupings(request)):
        raise Refusal(403, "forbidden", NOT_BY_PERSON)
    return found


def found_for(asked: Asked) -> Found:
    """The numbers that are asked for: looked up where they are published, else made and kept."""
    newest = published()
    known = newest.kept("numbers") if newest else None
    if newest and known and asked == Asked(asked.period):
        first, _, last = (known.get("trailing") or "").partition(" ")[0].partition("..")
        if asked.period in ("", f"{first}..{last}"):
            return Found(known["trailing"], newest.kept if known.get("trailing") else newest.get)
    window = window_of(asked.period)
    key = key_of(window, asked.level, asked.by, asked.show)
    made = _make(window, asked, key)
    return Found(key, lambda part, name: made.get((part, name)))


def window_of(period: str) -> Window:
    """The window of a period as addresses name it: '', 2026-01..2026-06, 2026-Q2, FY2026."""
    project = served()
    if not period:
        return chosen_window(project, None, None)
    if both := _PERIOD.fullmatch(period):
        return chosen_window(project, both[1], both[2])
    if not _WORD.fullmatch(period):
        raise invalid("period", f"'{period}' is no period: give 2026-01..2026-06, 2026-Q1 or FY2026")
    found = span(period, project.settings.fiscal_year_starts)
    return chosen_window(project, f"{found.first:%Y-%m}", f"{found.last:%Y-%m}")


def _make(window: Window, asked: Asked, key: str) -> dict[tuple[str, str], Any]:
    project = served()
    place = (project.store.manifest().load_id, key)
    with _making:
        if place not in _made:
            first, last = f"{window.first:%Y-%m}", f"{window.last:%Y-%m}"
            numbers = metrics(project, first, last, by=asked.by, level=asked.level, display=asked.show)
            told = movements(project, first=first, last=last, level=asked.level)
            _made[place] = {(part, name): body for part, name, body in window_facts(numbers, told)}
            while len(_made) > _KEPT:
                _made.popitem(last=False)
        _made.move_to_end(place)
        return _made[place]
