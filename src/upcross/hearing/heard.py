"""One statement of a customer, as one of us typed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from upcross.book.typed import Cell, Typed


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody at an account said: always a quote, and who of us heard it.

    ``business_unit`` '' is the whole account; ``product_id``, ``domain`` and ``contact_id`` '' are not known.
    ``person`` is who said it, where that is no known contact. ``recorded_on`` None: the day on which it was said.
    ``explicit`` False: the need was implied, not stated.
    """

    statement_id: str
    account_id: str
    said_on: date
    kind: str
    quote: str
    heard_by: str
    business_unit: str = ""
    product_id: str = ""
    domain: str = ""
    contact_id: str = ""
    person: str = ""
    source: str = ""
    explicit: bool = True
    recorded_on: date | None = None

    def row(self) -> dict[str, Cell]:
        """The same as a row of the contract's table ``statements``; what is not known is null."""
        return {
            "statement_id": self.statement_id,
            "account_id": self.account_id,
            "business_unit": self.business_unit,
            "said_on": self.said_on,
            "kind": self.kind,
            "product_id": self.product_id or None,
            "domain": self.domain or None,
            "quote": self.quote,
            "contact_id": self.contact_id or None,
            "person": self.person or None,
            "source": self.source or f"heard by {self.heard_by}",
            "explicit": self.explicit,
            "recorded_at": self.recorded_on or self.said_on,
        }


def typed_of(heard: Iterable[Heard]) -> Typed:
    """Statements as rows beside those that are loaded."""
    return Typed({"statements": tuple(one.row() for one in heard)})
