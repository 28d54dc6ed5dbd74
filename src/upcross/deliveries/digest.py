"""What waits for each of our people, told once a day: the list to begin the morning with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from upcross.deliveries.message import Message
from upcross.deliveries.routing import Guard, message_id, new_delivery, unguarded
from upcross.deliveries.settings import AnyDestination, Digest, WebhookDestination
from upcross.deliveries.telling import names_of, told_opportunity
from upcross.ledger.models import ChainHead, Delivery, Opportunity
from upcross.ledger.stage import WORKED, Stage

MOST = 10
"""Lines of one group; the rest is counted."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day_of(digest: Digest, moment: datetime) -> date | None:
    """The day whose digests are due at a moment, where the company is; None before their time and on days without."""
    here = moment.astimezone(digest.timezone)
    return here.date() if _DAYS[here.weekday()] in digest.days and here.time() >= digest.at else None


def make_digests(
    destinations: Sequence[AnyDestination], day: date, moment: datetime, *, link: str = "", guard: Guard = unguarded
) -> int:
    """A delivery for each reader of each destination with digests for whom something waits; once a day, however often.

    The first run's backlog is told here and nowhere else.
    """
    readable = [place for place in destinations if not isinstance(place, WebhookDestination) and place.digest]
    places = [place for place in readable if not _made(place.name, day)]
    if not places:
        return 0
    with transaction.atomic():
        guard()
        names = names_of()
        head = ChainHead.objects.filter(pk=1).values_list("hash", flat=True).first() or ""
        waiting: dict[str, list[Opportunity]] = {}
        rows = Opportunity.objects.filter(stage__in=sorted(WORKED), alternative_of="")
        for row in rows.order_by(F("potential_expected").desc(nulls_last=True), "id"):
            for reader in {row.handed_to or row.owner, row.owner}:
                waiting.setdefault(reader, []).append(row)
        made = []
        for place in places:
            for reader, mine in sorted(waiting.items()):
                groups = _groups(reader, mine, day, _last(place.name, reader, day), names, link)
                if groups:
                    data = {
                        "day": day.isoformat(),
                        "groups": groups,
                        "link": link,
                        "reader_name": names.get(reader, ""),
                    }
                    key = f"digest {place.name} {reader} {day}"
                    message = Message(message_id(head, key), "digest", moment, data, reader)
                    made.append(new_delivery(place.name, key, message, moment))
        Delivery.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _made(destination: str, day: date) -> bool:
    """Whether the day's digests of a destination were made: all of them are, in one transaction."""
    mine = Delivery.objects.filter(dedupe__startswith=f"digest {destination} ")
    return mine.filter(dedupe__endswith=f" {day}").exists()


def _last(destination: str, reader: str, day: date) -> date | None:
    """The day of the last digest before this one; None where there was none."""
    start = f"digest {destination} {reader} "
    keys = Delivery.objects.filter(dedupe__startswith=start, dedupe__lt=f"{start}{day}").values_list(
        "dedupe", flat=True
    )
    days = [key.removeprefix(start) for key in keys]
    return date.fromisoformat(max(days)) if days else None


def _groups(
    reader: str, rows: list[Opportunity], day: date, last: date | None, names: dict[str, str], link: str
) -> list[dict[str, Any]]:
    """What waits, each once, the most urgent first."""
    told: dict[str, list[Opportunity]] = {name: [] for name in ("Overdue", "Handed to you", "Due today", "New")}
    for row in rows:
        mine = row.handed_to or row.owner
        if mine == reader and row.due_on and row.due_on < day:
            told["Overdue"].append(row)
        elif row.handed_to == reader and row.stage == Stage.HANDED_OFF:
            told["Handed to you"].append(row)
        elif mine == reader and row.due_on == day:
            told["Due today"].append(row)
        elif mine == reader and row.stage == Stage.SURFACED and (last is None or (row.opened_on or day) > last):
            told["New"].append(row)
    return [
        {"title": title, "count": len(found), "items": [told_opportunity(row, names, link) for row in found[:MOST]]}
        for title, found in told.items()
        if found
    ]
