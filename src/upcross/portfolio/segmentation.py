"""The whole base by what can be done next: both motions, one of them, something to mend first, or nurture.

Every customer is in exactly one segment. What is unknown never makes anybody ready: an ask that only missing data
holds is something to mend (bring the data), and a play that could not be judged leaves its account in nurture, counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from upcross.book.load import Progress
from upcross.motions import Motion
from upcross.names import known_names
from upcross.opportunities import Change
from upcross.opportunities.evidence import Truth
from upcross.opportunities.totals import Total, Totals, total
from upcross.project import Project
from upcross.runs import Run
from upcross.verbs import Plan, plan


class Segment(StrEnum):
    """What can be done next with an account, best first."""

    BOTH = "both"
    UPSELL_READY = "upsell_ready"
    CROSS_SELL_READY = "cross_sell_ready"
    FIX_FIRST = "fix_first"
    NURTURE = "nurture"

    @property
    def words(self) -> str:
        """The segment as people read it."""
        return _WORDS.get(self, self.value)


_WORDS = {
    Segment.UPSELL_READY: "upsell-ready", Segment.CROSS_SELL_READY: "cross-sell-ready", Segment.FIX_FIRST: "fix first",
}  # fmt: skip


class By(StrEnum):
    """What the segments can be set against."""

    SEGMENT = "segment"
    REGION = "region"
    INDUSTRY = "industry"
    CSM = "csm"
    ACCOUNT_MANAGER = "account_manager"


def ready(asks: Totals, motion: Motion) -> Total:
    """What can be talked about now in one motion: what we would ask, and what customers asked for themselves."""
    ours, theirs = asks.fired.of(motion), asks.answers.of(motion)
    return Total(ours.expected + theirs.expected, ours.asks + theirs.asks, ours.unknown + theirs.unknown)


@dataclass(frozen=True, slots=True)
class Placed:
    """One customer in its segment."""

    account_id: str
    account: str
    segment: Segment
    mrr: int | None
    asks: Totals
    """What is asked for and what is held, by motion, each ask once."""
    reason: str
    """What put it there: the first ask, what holds the largest, or that nothing crossed its threshold.

    Where that ask answers a customer who asked to buy, with the gates that call for care.
    """
    only_data: bool
    """Whether nothing but missing data holds it: fix first is then bringing the data."""
    unknown_plays: int
    """Plays that could not be judged somewhere at the account."""
    group: str
    """Where it stands by ``By``; '' where nothing was asked."""


@dataclass(frozen=True, slots=True)
class Share:
    """The customers of one segment, or of one segment within a group."""

    segment: Segment
    accounts: tuple[Placed, ...]
    asks: Totals

    @property
    def mrr(self) -> int:
        """What they pay, where it is known."""
        return sum(placed.mrr for placed in self.accounts if placed.mrr is not None)

    @property
    def unknown_mrr(self) -> int:
        """How many of them pay an amount that is not known."""
        return sum(placed.mrr is None for placed in self.accounts)

    @property
    def top_reason(self) -> str:
        """The reason that most of them have, and how many."""
        counted = Counter(placed.reason for placed in self.accounts)
        if not counted:
            return ""
        reason, count = min(counted.items(), key=lambda item: (-item[1], item[0]))
        return f"{reason} ({count:,})"


@dataclass(frozen=True, slots=True)
class Segments:
    """The base of one day."""

    as_of: date
    currency: str
    accounts: tuple[Placed, ...]
    """Every customer once: by segment, then by what could be asked, largest first."""
    shares: tuple[Share, ...]
    by: By | None
    others: int
    """Accounts of the book that are no customers today, or of which that is not known."""

    def groups(self) -> Mapping[str, Mapping[Segment, int]]:
        """How many customers each group has in each segment."""
        found: dict[str, Counter[Segment]] = {}
        for placed in self.accounts:
            found.setdefault(placed.group, Counter())[placed.segment] += 1
        return {group: found[group] for group in sorted(found)}


def segments(
    project: Project, as_of: date | None = None, *, by: By | None = None, progress: Progress | None = None
) -> Segments:
    """Every customer in one segment, from the plan of the day; nothing is written but the kept run."""
    return segments_of(project, plan(project, as_of, progress=progress), by=by)


def segments_of(project: Project, planned: Plan, *, by: By | None = None) -> Segments:
    """The same of a plan that is there already."""
    run = planned.run
    rows = run.signals("account").select(["account_id", "is_customer", "mrr"]).to_pylist()
    customers = {row["account_id"]: row for row in rows if row["is_customer"]}
    group_of = _groups(run, customers, by)
    names = known_names(run, set(customers))
    changes: dict[str, list[Change]] = {account: [] for account in customers}
    for change in planned.changes.changes:
        if change.identity.account_id in changes and change.motion is not None:  # adoption work sells nothing
            changes[change.identity.account_id].append(change)
    unknown = _unknown_plays(run)
    placed = [
        _place(account, names.accounts.get(account, account), row["mrr"], changes[account], unknown.get(account, 0),
               group_of(account))
        for account, row in customers.items()
    ]  # fmt: skip
    order = list(Segment)
    placed.sort(key=lambda p: (order.index(p.segment), -_size(p), p.account, p.account_id))
    shares = tuple(_share(segment, placed, changes) for segment in Segment)
    return Segments(
        run.as_of, project.settings.reporting_currency, tuple(placed), shares, by, len(rows) - len(customers)
    )


def _size(placed: Placed) -> int:
    """For the order within a segment only; money of two motions is never shown as one."""
    if placed.segment is Segment.FIX_FIRST:
        return placed.asks.held.expansion.expected
    return sum(ready(placed.asks, motion).expected for motion in Motion)


def _place(account: str, name: str, mrr: int | None, changes: list[Change], unknown: int, group: str) -> Placed:
    fired = [change for change in changes if change.kind.asks and change.candidate]
    held = [change for change in changes if not change.kind.asks and change.candidate]
    motions = {change.motion for change in fired}
    if len(motions) == 2:
        segment = Segment.BOTH
    elif motions:
        segment = Segment.UPSELL_READY if Motion.UPSELL in motions else Segment.CROSS_SELL_READY
    else:
        segment = Segment.FIX_FIRST if held else Segment.NURTURE
    return Placed(
        account, name, segment, mrr, _asks(changes), _reason(segment, fired, held, unknown),
        segment is Segment.FIX_FIRST and all(_lacks_data_alone(change) for change in held), unknown, group,
    )  # fmt: skip


def _asks(changes: Iterable[Change]) -> Totals:
    known = [(change.kind.asks, change.candidate) for change in changes if change.candidate]
    return total((c for asks, c in known if asks), (c for asks, c in known if not asks))


def _lacks_data_alone(change: Change) -> bool:
    return all(step.hold.truth is Truth.UNKNOWN for step in change.clearings)


def _reason(segment: Segment, fired: list[Change], held: list[Change], unknown: int) -> str:
    first = next(iter(fired or held), None)
    if first is None or first.candidate is None:
        return f"nothing crossed its threshold{', as far as is known' if unknown else ''}"
    if segment is Segment.FIX_FIRST:
        gates = [step.hold for step in first.clearings]
        known = [hold for hold in gates if hold.truth is Truth.FALSE] or gates
        return f"held by {known[0].gate}" if known else "held"
    # Who asked to buy is ready to be answered, whatever stands in the way; that is named, against a second ask.
    care = ", ".join(hold.gate for hold in first.candidate.care)
    return first.candidate.lead.title + (f" (with care: {care})" if care else "")


def _share(segment: Segment, placed: Iterable[Placed], changes: Mapping[str, list[Change]]) -> Share:
    mine = tuple(p for p in placed if p.segment is segment)
    return Share(segment, mine, _asks(change for p in mine for change in changes[p.account_id]))


def _groups(run: Run, customers: Mapping[str, Any], by: By | None) -> Callable[[str], str]:
    if by is None:
        return lambda account: ""
    if by in (By.CSM, By.ACCOUNT_MANAGER):
        people = known_names(run, set(customers)).people
        serving = {account: people.in_role(by.value, account, "", run.as_of) for account in customers}
        return lambda account: person.name if (person := serving[account]) is not None else f"no {_words(by)}"
    relation = run.evaluation.frame.snapshot.relation("accounts")
    with run.book() as book:
        known = dict(book.execute(f"SELECT account_id, {by.value} FROM ({relation}) AS a").fetchall())
    return lambda account: known.get(account) or f"no {_words(by)}"


def _words(by: By) -> str:
    return by.value.replace("_", " ")


def _unknown_plays(run: Run) -> dict[str, int]:
    """How many plays could not be judged somewhere, for each account."""
    table = run.verdicts().select(["account_id", "play", "status"])
    found = {(row["account_id"], row["play"]) for row in table.to_pylist() if row["status"] == "unknown"}
    return dict(Counter(account for account, _ in found))
