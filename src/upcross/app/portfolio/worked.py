"""What of the map somebody works, as the ledger stands now: asks that were taken up, before the run or since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.ledger.models import Opportunity, Person
from upcross.ledger.stage import Stage

_TAKEN_UP = frozenset({Stage.QUALIFIED, Stage.HANDED_OFF, Stage.ACCEPTED})
"""Stages that somebody brought an ask to. What a play alone surfaced is asked for and not yet worked."""

_HOW = {Stage.SURFACED: "opened by hand", Stage.HANDED_OFF: "handed over"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One ask that is worked: about which product where ('' is the whole account), how far it came, and with whom.

    More of a product that one unit has is no ask for the unit that lacks it: it is of another motion.
    """

    account_id: str
    business_unit: str
    product_id: str
    motion: str
    stage: str
    owner: str

    def covers(self, unit: str) -> bool:
        """Whether it is about a cell of its account and product: one without a unit is about every unit's."""
        return "" in (unit, self.business_unit) or unit == self.business_unit


@dataclass(frozen=True)
class Worked:
    """The asks that are worked at some accounts; two of the same asks are equal."""

    asks: frozenset[Taken] = frozenset()

    @cached_property
    def _by_cell(self) -> dict[tuple[str, str, str], list[Taken]]:
        found: dict[tuple[str, str, str], list[Taken]] = {}
        for ask in sorted(self.asks, key=lambda one: (one.business_unit, one.stage, one.owner)):
            found.setdefault((ask.account_id, ask.product_id, ask.motion), []).append(ask)
        return found

    @cached_property
    def accounts(self) -> frozenset[str]:
        """Where something is worked."""
        return frozenset(ask.account_id for ask in self.asks)

    def at(self, account: str, unit: str, product: str, motion: str) -> Taken | None:
        """The ask that is worked in a cell of a motion; None where there is none."""
        return next((ask for ask in self._by_cell.get((account, product, motion), ()) if ask.covers(unit)), None)

    def words(
        self, account: str, unit: str, product: str, motion: str, ours: Mapping[str, str] | None = None
    ) -> str:  # fmt: skip
        """How a cell is worked, read after "covered by"; '' where it is not. ``ours``: what our people are called."""
        ask = self.at(account, unit, product, motion)
        if ask is None:
            return ""
        people = self._people if ours is None else ours
        return f"an ask {_HOW.get(Stage(ask.stage), Stage(ask.stage).words)}, with {people.get(ask.owner) or ask.owner}"

    @cached_property
    def _people(self) -> dict[str, str]:
        people = Person.objects.filter(person_id__in={ask.owner for ask in self.asks})
        return dict(people.values_list("person_id", "name"))


def worked_asks(viewer: Viewer, **at: str) -> Worked:
    """What is worked of all that a viewer sees, or of the part with some values; adoption work sells nothing."""
    rows = scope.opportunities(viewer).filter(**at)
    taken = rows.filter(Q(stage__in=_TAKEN_UP) | Q(stage=Stage.SURFACED, origin="hand"))
    return worked_of(taken.only("id", "account_id", "business_unit", "product_id", "motion", "stage", "origin", "owner",
                                "closer", "handed_to"))  # fmt: skip


def worked_of(rows: Iterable[Opportunity]) -> Worked:
    """What is worked of some opportunities that are at hand."""
    return Worked(frozenset(
        Taken(row.account_id, row.business_unit, row.product_id, row.motion, row.stage, _with(row))
        for row in rows
        if row.motion and (row.stage in _TAKEN_UP or (row.stage == Stage.SURFACED and row.origin == "hand"))
    ))  # fmt: skip


def _with(row: Opportunity) -> str:
    """Who has an ask in hand: whom it was handed to, who closes it once they accepted it, else its owner."""
    return row.handed_to or (row.closer if row.stage == Stage.ACCEPTED else "") or row.owner
