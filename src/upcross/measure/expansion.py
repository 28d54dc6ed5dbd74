"""The expansions that did happen, as days and positions: what a replayed play is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from upcross.motions import Mechanism
from upcross.opportunities import Identity


class Expansion(NamedTuple):
    """One purchase of more, or of another product, that a customer decided on.

    ``decided_on`` is the day on which it was booked, or came into force where that is earlier or nothing else is
    known: to ask from that day on is no foresight. ``mrr`` is in ten-thousandths of the reporting currency.
    """

    account_id: str
    business_unit: str
    product_id: str
    mechanism: Mechanism
    decided_on: date
    mrr: int
    origin: str = ""

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values."""
        return {**self._asdict(), "mechanism": self.mechanism.value, "decided_on": self.decided_on.isoformat()}


class Shrinkage(NamedTuple):
    """Recurring revenue that was given up on a day: of one product, or ('' as product) of the whole account."""

    account_id: str
    business_unit: str
    product_id: str
    on: date
    mrr: int


def same_unit(one: str, other: str) -> bool:
    """Whether two business units are the same, or one of them is the whole account."""
    return not one or not other or one == other


@dataclass(frozen=True, slots=True)
class Expansions:
    """Expansions found by what an ask is about: account and product, and either the same unit or a whole account."""

    all: tuple[Expansion, ...]
    _by_spot: dict[tuple[str, str, Mechanism], list[Expansion]]

    @classmethod
    def of(cls, expansions: Iterable[Expansion]) -> Expansions:
        """The expansions, in the order of their days."""
        listed = tuple(sorted(expansions, key=lambda e: (e.decided_on, *e[:4])))
        found: defaultdict[tuple[str, str, Mechanism], list[Expansion]] = defaultdict(list)
        for expansion in listed:
            found[expansion.account_id, expansion.product_id, expansion.mechanism].append(expansion)
        return cls(listed, found)

    def answering(self, identity: Identity, after: date, until: date) -> Iterator[Expansion]:
        """The expansions that an ask for something could have led to, decided after one day and by another."""
        if identity.mechanism is None:
            return
        for expansion in self._by_spot.get((identity.account_id, identity.product_id, identity.mechanism), ()):
            if after < expansion.decided_on <= until and same_unit(expansion.business_unit, identity.business_unit):
                yield expansion
