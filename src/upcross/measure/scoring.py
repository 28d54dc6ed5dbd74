"""What a play's alerts were worth: which expansions they foresaw and how early, and what became of each alert.

Two readings of the same history, each case by case: from the expansions that happened back to the alerts (flagged,
held, missed), and from the alerts on to what followed (led to one, shrank, nothing).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from upcross.measure.alerts import Alert, Folded, HeldBack
from upcross.measure.expansion import Expansion, Expansions, Shrinkage, same_unit
from upcross.measure.statistics import Chance, Middle, Proportion, against_chance, middle, proportion
from upcross.motions import Motion

WEEK = timedelta(days=7)
OLD_ENOUGH = "alerts old enough to tell"


class Standing(StrEnum):
    """How a play stood at a customer when the customer expanded."""

    FLAGGED = "flagged"
    HELD = "held"
    UNKNOWN = "unknown"
    QUIET = "quiet"
    NOT_JUDGED = "not_judged"


STANDINGS: Mapping[Standing, str] = {
    Standing.FLAGGED: "the play asked before",
    Standing.HELD: "the play would have asked, and gates held it back",
    Standing.UNKNOWN: "the play could not be judged for want of data",
    Standing.QUIET: "the play was judged and did not fire",
    Standing.NOT_JUDGED: "there was no row to judge: the customer or the product was not there yet",
}
"""What each standing means."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One expansion that happened, and how the play stood before it.

    ``lead`` is the days from the alert's opening to the decision; ``at_least`` where the alert stood when the replay
    began.
    """

    expansion: Expansion
    standing: Standing
    alert: Alert | None = None
    lead: int | None = None
    at_least: bool = False
    gates: tuple[str, ...] = ()


class Fate(StrEnum):
    """What became of an alert within the window."""

    LED = "led"
    SHRANK = "shrank"
    NOTHING = "nothing"
    TOO_YOUNG = "too_young"


@dataclass(frozen=True, slots=True)
class Followed:
    """One alert, and what followed: an expansion of that kind, or what was given up instead.

    ``chance`` is the share of all rows that could have been flagged that day which expanded within the window.
    """

    alert: Alert
    fate: Fate
    expansion: Expansion | None = None
    shrinkage: Shrinkage | None = None
    chance: Fraction | None = None

    @property
    def mature(self) -> bool:
        """Whether the window after the alert is over, so that what followed is known."""
        return self.fate is not Fate.TOO_YOUNG


@dataclass(frozen=True, slots=True)
class Workload:
    """New alerts by owner and week; those that stood when the replay began are a backlog and no alerts."""

    weeks: int
    by_owner: Mapping[str, int]
    busiest: int
    """The most that one owner had in one week."""

    @property
    def alerts(self) -> int:
        """New alerts in all."""
        return sum(self.by_owner.values())

    @property
    def per_owner_and_week(self) -> float | None:
        """New alerts per owner and week, over owners that had any."""
        return self.alerts / (len(self.by_owner) * self.weeks) if self.by_owner and self.weeks else None


@dataclass(frozen=True, slots=True)
class Money:
    """Monthly recurring revenue of the expansions that happened (ten-thousandths), by how the play stood."""

    flagged: int
    held: int
    missed: int
    potential: int
    """What all alerts were expected to bring; those of unknown amount are not in it."""
    unknown: int
    """How many alerts have no known amount."""


@dataclass(frozen=True, slots=True)
class Score:
    """A play, or a rule to compare it with, held against what happened."""

    foreseen: tuple[Foreseen, ...]
    followed: tuple[Followed, ...]
    held: tuple[HeldBack, ...]
    workload: Workload
    flagged: Proportion
    """Expansions flagged beforehand, of all that happened."""
    lead: Middle
    """Days from alert to decision, of the expansions flagged."""
    led: Proportion
    """Alerts that led to an expansion within the window, of those old enough to tell."""
    shrank: Proportion
    """Alerts after which the customer shrank or left within the window, of those old enough to tell."""
    chance: Chance | None
    """Against flagging the same number at random on the same days; None where no alert is old enough."""
    money: Money

    @property
    def backlog(self) -> int:
        """Alerts that stood when the replay began."""
        return sum(item.alert.backlog for item in self.followed)


def score(
    folded: Folded, bought: Expansions, lost: Sequence[Shrinkage], days: Sequence[date], *, window: int, through: date,
    standing: Callable[[Expansion], Standing], chance: Mapping[date, Fraction], noun: str = "expansions",
) -> Score:  # fmt: skip
    """A fold's score over the days replayed.

    ``bought`` are the expansions to foresee: those decided after the first day, up to ``through``, the last day for
    which it is known what happened. ``standing`` says how the play stood at one that it neither flagged nor held.
    ``chance`` gives, for each day, the share of the rows judged that expanded within the ``window`` after it.
    """
    by_spot = _by_spot(folded.alerts)
    held_by_spot = _by_spot(folded.held)
    foreseen = tuple(_foreseen(e, by_spot, held_by_spot, window, standing) for e in bought.all)
    shrunk = _by_account(lost)
    followed = tuple(_followed(alert, bought, shrunk, window, through, chance) for alert in folded.alerts)
    mature = [item for item in followed if item.mature]
    flagged = [item for item in foreseen if item.standing is Standing.FLAGGED]
    leads = [item.lead for item in flagged if item.lead is not None and not item.at_least]
    lower = [item.lead for item in flagged if item.lead is not None and item.at_least]
    cases = [
        (item.alert.identity.account_id, item.fate is Fate.LED, float(item.chance))
        for item in mature
        if item.chance is not None
    ]
    return Score(
        foreseen,
        followed,
        folded.held,
        _workload(folded.alerts, days),
        _share(foreseen, lambda i: i.expansion.account_id, lambda i: i.standing is Standing.FLAGGED, noun),
        middle(leads, lower),
        _share(mature, lambda i: i.alert.identity.account_id, lambda i: i.fate is Fate.LED, OLD_ENOUGH),
        _share(mature, lambda i: i.alert.identity.account_id, lambda i: i.shrinkage is not None, OLD_ENOUGH),
        against_chance(cases) if cases else None,
        _money(foreseen, folded.alerts),
    )


_Spot = tuple[str, str]


def _by_spot(items: Iterable[Alert | HeldBack]) -> dict[_Spot, list[Alert | HeldBack]]:
    found: defaultdict[_Spot, list[Alert | HeldBack]] = defaultdict(list)
    for item in items:
        found[item.identity.account_id, item.identity.product_id].append(item)
    return found


def _about(items: Iterable[Alert | HeldBack], expansion: Expansion) -> list[Alert | HeldBack]:
    return [
        item
        for item in items
        if item.identity.mechanism is expansion.mechanism
        and same_unit(item.identity.business_unit, expansion.business_unit)
    ]


def _foreseen(
    expansion: Expansion, alerts: Mapping[_Spot, list[Alert | HeldBack]],
    held: Mapping[_Spot, list[Alert | HeldBack]], window: int, standing: Callable[[Expansion], Standing],
) -> Foreseen:  # fmt: skip
    """An alert counts that opened before the decision and stood in the window before it; so does a hold."""
    spot, since = (expansion.account_id, expansion.product_id), expansion.decided_on - timedelta(days=window)
    open_ = [
        item
        for item in _about(alerts.get(spot, ()), expansion)
        if isinstance(item, Alert)
        and item.opened_on < expansion.decided_on
        and (item.closed_on is None or item.closed_on > since)
    ]
    if open_:
        first = min(open_, key=lambda alert: alert.opened_on)
        lead = (expansion.decided_on - first.opened_on).days
        return Foreseen(expansion, Standing.FLAGGED, first, lead, first.backlog)
    back = [
        item
        for item in _about(held.get(spot, ()), expansion)
        if isinstance(item, HeldBack)
        and item.since < expansion.decided_on
        and (item.until is None or item.until > since)
    ]
    if back:
        return Foreseen(expansion, Standing.HELD, gates=max(back, key=lambda hold: hold.since).gates)
    return Foreseen(expansion, standing(expansion))


def _by_account(lost: Iterable[Shrinkage]) -> dict[str, list[Shrinkage]]:
    found: defaultdict[str, list[Shrinkage]] = defaultdict(list)
    for item in sorted(lost, key=lambda item: item.on):
        found[item.account_id].append(item)
    return found


def _followed(
    alert: Alert, bought: Expansions, lost: Mapping[str, list[Shrinkage]], window: int, through: date,
    chance: Mapping[date, Fraction],
) -> Followed:  # fmt: skip
    until = alert.opened_on + timedelta(days=window)
    expansion = next(bought.answering(alert.identity, alert.opened_on, until), None)
    shrinkage = next((s for s in lost.get(alert.identity.account_id, ()) if _concerns(s, alert, until)), None)
    if until > through:
        fate = Fate.TOO_YOUNG  # also where something came of it: only the quick ones would count
    elif expansion:
        fate = Fate.LED
    else:
        fate = Fate.SHRANK if shrinkage else Fate.NOTHING
    return Followed(alert, fate, expansion, shrinkage, chance.get(alert.opened_on))


def _concerns(lost: Shrinkage, alert: Alert, until: date) -> bool:
    """Whether what was given up is of what the alert is about: its product, or, where that is new, anything."""
    identity = alert.identity
    if not alert.opened_on < lost.on <= until:
        return False
    if lost.product_id and identity.motion is Motion.UPSELL:
        return lost.product_id == identity.product_id and same_unit(lost.business_unit, identity.business_unit)
    return True


def _workload(alerts: Iterable[Alert], days: Sequence[date]) -> Workload:
    new = [alert for alert in alerts if not alert.backlog]
    weeks = max((days[-1] - days[0]) // WEEK, 1) if days else 0
    in_week = Counter((alert.owner, (alert.opened_on - days[0] - timedelta(days=1)) // WEEK) for alert in new)
    return Workload(weeks, Counter(alert.owner for alert in new), max(in_week.values(), default=0))


T = TypeVar("T")


def _share(items: Sequence[T], account: Callable[[T], str], hit: Callable[[T], bool], noun: str) -> Proportion:
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for item in items:
        groups[account(item)].append(hit(item))
    counted = [(sum(hits), len(hits)) for hits in groups.values()]
    return proportion(sum(hits for hits, _ in counted), len(items), groups=counted, what=noun)


def _money(foreseen: Iterable[Foreseen], alerts: Sequence[Alert]) -> Money:
    sums: Counter[Standing] = Counter()
    for item in foreseen:
        sums[item.standing] += item.expansion.mrr
    flagged, held = sums[Standing.FLAGGED], sums[Standing.HELD]
    known = [alert.expected for alert in alerts if alert.expected is not None]
    return Money(flagged, held, sum(sums.values()) - flagged - held, sum(known), len(alerts) - len(known))
