"""What went wrong at accounts of the crowd, and for everybody: tickets, escalations, disputes, complaints, outages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from upcross.sample.chance import Chance
from upcross.sample.company import AS_OF, Cells
from upcross.sample.crowd.profiles import Profile
from upcross.sample.sentences import DISPUTES, ESCALATIONS, PRICE_COMPLAINTS, TICKETS
from upcross.sample.story import Line, Person, Row, row, there

TICKETS_A_MONTH = {"small business": 0.22, "mid-market": 0.6, "enterprise": 1.5}
TROUBLE = {"growing": 0.7, "steady": 1.0, "fading": 1.6, "leaving": 1.9}

INCIDENTS: tuple[Cells, ...] = (
    {"incident_id": "INC-0231", "product_id": "desk", "started_on": "2025-02-11", "ended_on": "2025-02-11",
     "severity": "major", "summary": "Cases could not be opened for four hours"},
    {"incident_id": "INC-0274", "product_id": "analytics", "started_on": "2025-10-06", "ended_on": "2025-10-07",
     "severity": "minor", "summary": "Dashboards were refreshed a day late"},
    {"incident_id": "INC-0302", "product_id": "", "started_on": "2026-03-17", "ended_on": "2026-03-17",
     "severity": "major", "summary": "Nobody could sign in between nine and eleven"},
    {"incident_id": "INC-0338", "product_id": "enablement", "started_on": "2026-09-15", "ended_on": "2026-09-16",
     "severity": "major", "summary": "Decks could not be opened or downloaded for a day and a half"},
)  # fmt: skip
"""What every account with the product felt."""
PRICE_RISES: tuple[Cells, ...] = (
    {"price_change_id": "PC-2026-CONTENT", "product_id": "content", "announced_on": "2026-09-08",
     "effective_on": "2026-11-01", "change": "0.06"},
)  # fmt: skip
"""Rises announced to every account with the product."""


def service(profile: Profile, lines: tuple[Line, ...], people: tuple[Person, ...], until: date) -> Iterator[Row]:
    """An account's tickets, disputes and complaints, from its first day until it left."""
    chance = profile.chance("service")
    first = max(profile.since, date(2024, 10, 1))
    months = max((until - first).days // 30, 0)
    load = TICKETS_A_MONTH[profile.segment] * TROUBLE[profile.temper]
    for _ in range(int(months * load * chance.between(0.6, 1.4))):
        yield _ticket(chance, lines, people, first, until)
    if until == AS_OF and chance.happens(0.045 * TROUBLE[profile.temper]):
        yield _escalation(chance, lines, people, AS_OF - timedelta(days=24), closed=False)
    if chance.happens(0.1 * TROUBLE[profile.temper]) and months > 4:
        yield _escalation(chance, lines, people, chance.day(first, until - timedelta(days=70)), closed=True)
    if chance.happens(0.035 * TROUBLE[profile.temper]) and months > 3:
        yield _dispute(chance, chance.day(first, until - timedelta(days=60)), closed=True)
    if until == AS_OF and chance.happens(0.02 * TROUBLE[profile.temper]):
        yield _dispute(chance, AS_OF - timedelta(days=chance.whole(4, 30)), closed=False)
    if chance.happens(0.02 * TROUBLE[profile.temper]) and months > 1:
        opened = chance.day(max(first, until - timedelta(days=200)), until - timedelta(days=4))
        yield row("tickets", product_id=lines[0].product, contact_id=there(people, opened.isoformat())[0].name,
                  opened_on=opened.isoformat(), closed_on=(opened + timedelta(days=3)).isoformat(),
                  priority="normal", kind="price_complaint", subject=chance.pick(PRICE_COMPLAINTS))  # fmt: skip


def _ticket(chance: Chance, lines: tuple[Line, ...], people: tuple[Person, ...], first: date, until: date) -> Row:
    subject, kind, priority = chance.pick(TICKETS)
    opened = chance.day(first, until)
    closed = opened + timedelta(days=chance.whole(0, 9))
    return row("tickets", product_id=_owned(chance, lines, opened),
               contact_id=chance.pick(there(people, opened.isoformat())).name,
               opened_on=opened.isoformat(), closed_on=closed.isoformat() if closed <= AS_OF else "",
               priority=priority, kind=kind, subject=subject)  # fmt: skip


def _escalation(chance: Chance, lines: tuple[Line, ...], people: tuple[Person, ...], opened: date, *,
                closed: bool) -> Row:  # fmt: skip
    end = (opened + timedelta(days=chance.whole(12, 45))).isoformat() if closed else ""
    return row("tickets", product_id=_owned(chance, lines, opened),
               contact_id=there(people, opened.isoformat())[0].name, opened_on=opened.isoformat(),
               escalated_on=(opened + timedelta(days=chance.whole(2, 8))).isoformat(),
               escalation_closed_on=end, closed_on=end, priority="urgent", kind="problem",
               subject=chance.pick(ESCALATIONS))  # fmt: skip


def _dispute(chance: Chance, opened: date, *, closed: bool) -> Row:
    end = (opened + timedelta(days=chance.whole(10, 50))).isoformat() if closed else ""
    return row("billing_disputes", opened_on=opened.isoformat(), closed_on=end, amount=str(chance.whole(2, 60) * 50),
               reason=chance.pick(DISPUTES))  # fmt: skip


def _owned(chance: Chance, lines: tuple[Line, ...], on: date) -> str:
    """A product that the account had on a day; one ticket in six does not say which."""
    day = on.isoformat()
    had = [line.product for line in lines if line.since <= day and not (line.ends_on and line.ends_on <= day)]
    return "" if not had or chance.happens(0.16) else chance.pick(had)
