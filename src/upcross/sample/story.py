"""What an account's story is made of: its lines, what was said and happened, and what should come of it.

Days are ISO text, as in the files; people are named by their name, and become contacts when the story is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MONTHS = 24
"""Months of history, ending with the sample's last month."""
TOLD = 15
"""Months of a story's own series; in the months before them it had been as in the first."""

Status = Literal["fired", "held", "unknown"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What one play should say of one product of the account: declared from the story, never from output."""

    play: str
    product: str
    status: Status
    held_by: tuple[str, ...] = ()
    """Gates that are false."""
    unknown_gates: tuple[str, ...] = ()
    attested: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A later quantity, price, plan or status of a line, from a day on."""

    day: str
    quantity: int = 0
    """0: the quantity stays."""
    origin: str = "amendment"
    booked_on: str = ""
    """Empty: agreed on that day."""
    price: str = ""
    """Empty: the price stays."""
    plan: str = ""
    """Empty: the plan stays."""
    status: str = ""
    """Empty: the status stays."""


@dataclass(frozen=True, slots=True)
class Line:
    """One subscription line, and how it is used: monthly series, aligned to the sample's last month."""

    product: str
    plan: str
    quantity: int
    since: str
    active: tuple[int, ...] = ()
    assigned: tuple[int, ...] = ()
    """Empty: a few more than are active."""
    usage: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unit: str = ""
    term_months: int = 12
    """0: a rolling line."""
    terms_from: str = ""
    """Day from which terms count, where a later line ends with an earlier one; empty: its own start."""
    status: str = "active"
    ends_on: str = ""
    cancelled_on: str = ""
    notice_on: str = ""
    steps: tuple[Step, ...] = ()
    priced: bool = True
    price: str = ""
    """Of one unit; empty: the list price."""
    mrr: str = ""
    """Empty: quantity times price."""
    live_on: str | None = ""
    """Empty: 30 days after the start; None: not live yet."""
    value_on: str | None = ""
    """First value; empty: 60 days after the start; None: not yet."""
    booked_on: str = ""
    """Empty: agreed 20 days before the start."""
    origin: str = "new"
    contract: str = ""
    """What its contract's id ends with, where it is not the account's main contract."""
    sku: str = ""
    """The price-book item; empty: the plan's own."""
    discount_until: str = ""
    """First day without the discount, which is what the price lies below the list price until then."""
    escalator: str = ""
    replaces: str = ""
    shared: bool = False
    """Use only: the seats belong to a pool that another account holds, and there is no line here."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the account."""

    name: str
    title: str
    department: str = "Sales"
    seniority: str = "director"
    unit: str = ""
    reports_to: str = ""
    joined_on: str = "2024-01-15"
    left_on: str = ""
    do_not_contact: bool = False
    roles: tuple[Role, ...] = ()

    def there(self, day: str) -> bool:
        """Whether the person worked there on a day."""
        return self.joined_on <= day and not (self.left_on and self.left_on <= day)


@dataclass(frozen=True, slots=True)
class Role:
    """The part that somebody plays for a product, and where they stand."""

    role: str
    product: str = ""
    stance: str = "unknown"
    confirmed_on: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a contract table as the story tells it; ids and the account are filled in when it is written."""

    table: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """One account: who it is, the sentence that it stands for, its data, and what should come of it.

    Accounts that nobody wrote a story for are drawn by chance (``crowd``): their sentence is empty.
    """

    id: str
    name: str
    sentence: str = ""
    expected: tuple[Expected, ...] = ()
    lines: tuple[Line, ...] = ()
    rows: tuple[Row, ...] = ()
    people: tuple[Person, ...] = ()
    industry: str = "Services"
    employees: int = 200
    currency: str = "EUR"
    region: str = "DACH"
    parent: str = ""
    csm: str = "lena.hoffmann"
    sellers: tuple[str, str] | None = None
    """Account manager and account executive; None: one of the vendor's pairs, in turn."""
    health: int | None = 82
    health_was: int | None = None
    """Two years ago; None: as today."""
    unpaid_since: str = ""
    pays_after: int = 21
    """Days from an invoice to its payment."""

    @property
    def ends_on(self) -> str:
        """First day on which no line goes on, even if it is yet to come; empty where one does."""
        ends = [line.ends_on for line in self.lines]
        return max(ends) if ends and all(ends) else ""


def there(people: tuple[Person, ...], day: str) -> tuple[Person, ...]:
    """Those who worked there on a day; everybody, where that is nobody."""
    return tuple(person for person in people if person.there(day)) or people


def steady(value: int, months: int = TOLD) -> tuple[int, ...]:
    """The same value every month."""
    return (value,) * months


def trend(first: int, last: int, months: int = TOLD) -> tuple[int, ...]:
    """A straight line from the first month's value to the last month's, in whole numbers."""
    return tuple(first + (last - first) * month // (months - 1) for month in range(months))


def row(table: str, **cells: str) -> Row:
    """A row of any table."""
    return Row(table, cells)


def outcome(product: str, on: str, sentence: str, by: str, *, unit: str = "", **cells: str) -> Row:
    """A measured result, a reference or a signed sentence (``kind``)."""
    return row("outcomes", product_id=product, measured_on=on, sentence=sentence, contact_id=by, business_unit=unit,
               **{"kind": "measured", **cells})  # fmt: skip


def request(product: str, feature: str, on: str, quote: str, by: str) -> Row:
    """Somebody asked for a feature."""
    return row("feature_requests", product_id=product, feature=feature, requested_on=on, quote=quote, contact_id=by)


def said(domain: str, on: str, quote: str, by: str, *, kind: str = "pain", unit: str = "", source: str = "call",
         **cells: str) -> Row:  # fmt: skip
    """Somebody said something that touches a domain."""
    return row("statements", domain=domain, said_on=on, quote=quote, contact_id=by, kind=kind, business_unit=unit,
               source=source, **cells)  # fmt: skip


def ticket(on: str, subject: str, **cells: str) -> Row:
    """A support ticket; escalated where ``escalated_on`` is given."""
    return row("tickets", opened_on=on, subject=subject, **{"priority": "normal", "kind": "problem", **cells})


def talk(on: str, body: str, by: str, kind: str = "call", direction: str = "both", **cells: str) -> Row:
    """A conversation somebody of ours had with somebody of theirs."""
    return row("activities", happened_on=on, body=body, contact_id=by, kind=kind, direction=direction, **cells)


def fires(play: str, product: str, *, unit: str = "", attested: tuple[str, ...] = ()) -> Expected:
    """The play should fire."""
    return Expected(play, product, "fired", unit=unit, attested=attested)


def holds(play: str, product: str, *gates: str, unknown: tuple[str, ...] = ()) -> Expected:
    """The play should be held by these gates."""
    return Expected(play, product, "held", held_by=gates, unknown_gates=unknown)
