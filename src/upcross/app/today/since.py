"""What changed since yesterday, of what one looks at: found, let go, held, expired, handed over, come back."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from upcross.app.today.asking import Asked
from upcross.app.today.lanes import Light, Listed
from upcross.ledger.models import Entry

_KINDS = {
    "handed": "handed to me", "back": "came back", "accepted": "accepted", "new": "new", "released": "let go by gates",
    "held": "held by gates", "expired": "expired",
}  # fmt: skip
_OF = {"create": "new", "open": "new", "release": "released", "hold": "held", "expire": "expired", "return": "back",
       "accept": "accepted", "hand_off": "handed", "wake": "back"}  # fmt: skip
_NAMED = 8
_MOST = 5_000
_AT_ONCE = 500
"""So many are looked up one by one; of more, everything that happened is read."""


def since_yesterday(listed: Listed) -> dict[str, Any]:
    """Counts of what others and plans did since the last working day, each with the opportunities behind it."""
    asked = listed.asked
    first = _last_working_day(asked.today)
    rows = {str(UUID(row.key)): row for row in listed.rows}
    entries = Entry.objects.filter(
        subject="opportunity", kind__in=sorted(_OF), at__gte=datetime.combine(first, time.min, UTC), as_of__gte=first
    )
    if len(rows) <= _AT_ONCE:
        entries = entries.filter(subject_id__in=list(rows))
    found: defaultdict[str, dict[str, Light]] = defaultdict(dict)
    for key, kind, by in entries.order_by("-seq").values_list("subject_id", "kind", "by")[:_MOST]:
        row = rows.get(key)
        if row is None or by == asked.viewer.id:
            continue
        if kind == "hand_off" and row.handed_to != asked.viewer.person_id:
            continue
        found[_OF[kind]][key] = row
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


def _named(row: Light, asked: Asked) -> dict[str, str]:
    return {"words": f"{row.account_name}: {row.product_name}", "href": asked.opening(row.id)}


def _last_working_day(today: date) -> date:
    day = today - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day
