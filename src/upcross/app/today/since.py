"""What changed since yesterday, of what one looks at: found, let go, held, expired, handed over, come back."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

from upcross.app.today.asking import Asked
from upcross.app.today.lanes import Light, Listed
from upcross.ledger.head import Head
from upcross.ledger.models import Entry
from upcross.ledger.writer import OPPORTUNITY

_KINDS = {
    "handed": "handed to me", "back": "came back", "accepted": "accepted", "new": "new", "released": "let go by gates",
    "held": "held by gates", "expired": "expired",
}  # fmt: skip
_OF = {"create": "new", "open": "new", "release": "released", "hold": "held", "expire": "expired", "return": "back",
       "accept": "accepted", "hand_off": "handed", "wake": "back"}  # fmt: skip
_NAMED = 8
_MOST = 5_000
"""So much of what happened is looked through, the newest of it."""


def since_yesterday(listed: Listed, at: Head) -> dict[str, Any]:
    """Counts of what others and plans did since the last working day, each with the opportunities behind it.

    ``at`` is how far the ledger has come.
    """
    asked = listed.asked
    first = _last_working_day(asked.today)
    told = _news(first, at)
    happened = [
        (number, kind, row) for row in listed.rows for number, _, kind, by in told.get(row.key, ())
        if by != asked.viewer.id and (kind != "hand_off" or row.handed_to == asked.viewer.person_id)
    ]  # fmt: skip
    found: defaultdict[str, dict[str, Light]] = defaultdict(dict)
    for _, kind, row in sorted(happened, reverse=True):
        found[_OF[kind]][row.key] = row
    return {
        "since": first.isoformat(),
        "words": "Since yesterday" if first == asked.today - timedelta(days=1) else f"Since {first:%A}",
        "changes": [
            {"kind": kind, "words": words, "count": len(found[kind]),
             "rows": [_named(row, asked) for row in list(found[kind].values())[:_NAMED]],
             "more": max(0, len(found[kind]) - _NAMED)}
            for kind, words in _KINDS.items() if found[kind]
        ],
    }  # fmt: skip


_Happened = tuple[int, str, str, str]
"""Number of the entry, key of the opportunity (32 hexadecimal digits), kind of entry, by whom."""


class _News(NamedTuple):
    """What happened to opportunities since a day: all of it, oldest first, and of each opportunity by its key.

    ``at`` is the last entry that was looked at.
    """

    at: Head
    told: tuple[_Happened, ...]
    of: Mapping[str, list[_Happened]]


_turn = threading.Lock()
_kept: dict[date, _News] = {}
"""The news since one day, about everybody's opportunities. Entries are never changed: new ones are put behind."""


def _news(first: date, at: Head) -> Mapping[str, list[_Happened]]:
    """Everything that is news since a day, by opportunity: what was written since it was asked last is read, no more.

    The last entry known is read with those after it: where it is another by its hash, the ledger is another (a backup
    was restored), and everything is read again.
    """
    begin = datetime.combine(first, time.min, UTC)
    since = Entry.objects.filter(subject=OPPORTUNITY, kind__in=sorted(_OF), at__gte=begin, as_of__gte=first)
    with _turn:
        known = _kept.get(first)
        if known and known.at == at:
            return known.of
        found = _read(Entry.objects.filter(seq__gte=known.at.seq)) if known else []
        if not known or not found or found[0][:2] != known.at:
            known, found = _News(Head(0, ""), (), {}), _read(since)
        news = (
            (seq, subject_id.replace("-", ""), kind, by)
            for seq, _, subject, subject_id, kind, by, when, day in found
            if seq > known.at.seq and subject == OPPORTUNITY and kind in _OF and when >= begin and day and day >= first
        )
        told = (*known.told, *news)[-_MOST:]
        of: defaultdict[str, list[_Happened]] = defaultdict(list)
        for one in told:
            of[one[1]].append(one)
        _kept.clear()
        _kept[first] = _News(Head(*found[-1][:2]) if found else at, told, of)
        return of


def _read(entries: QuerySet[Entry]) -> list[tuple[Any, ...]]:
    rows = entries.order_by("-seq").values_list("seq", "hash", "subject", "subject_id", "kind", "by", "at", "as_of")
    return list(reversed(rows[:_MOST]))


def _named(row: Light, asked: Asked) -> dict[str, str]:
    return {"words": f"{row.account_name}: {row.product_name}", "href": asked.opening(row.id)}


def _last_working_day(today: date) -> date:
    day = today - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day
