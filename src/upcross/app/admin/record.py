"""The record of everything that happened: looked through, one entry by its address, and verified."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from upcross.access import scope
from upcross.api.names import names_of
from upcross.api.refusal import invalid
from upcross.app.admin.sheets import record_sheet
from upcross.app.admin.tabs import tabs
from upcross.app.runs.facts import who
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.paging import number_of, page_of
from upcross.ledger.models import Entry, EntryText, Opportunity
from upcross.ledger.verifying import verify

PAGE = 50
FILTERS = ("subject", "subject_id", "kind", "by", "since", "until")
MOST_EXPORTED = 20_000
"""Entries that a file holds, the newest: each has all its facts. The page says so where there are more."""


def record(request: HttpRequest) -> HttpResponse:
    """The record, the newest first, by filters; ``seq`` shows one entry with all that the chain covers."""
    viewer = viewer_for(request)
    wanted = {name: request.GET.get(name, "").strip() for name in FILTERS}
    rows = scope.entries(viewer).order_by("-seq")
    equal = {name: wanted[name] for name in ("subject", "subject_id", "kind", "by") if wanted[name]}
    rows = rows.filter(**equal)
    for name, look in (("since", "at__date__gte"), ("until", "at__date__lte")):
        if wanted[name]:
            if not _is_day(wanted[name]):
                raise invalid(name, f"'{wanted[name]}' is no day; expected one such as 2026-09-30")
            rows = rows.filter(**{look: wanted[name]})
    page = page_of(request.GET)
    total, seq = rows.count(), number_of(request.GET.get("seq", ""))
    shown = list(rows[(page - 1) * PAGE : page * PAGE])
    opened = scope.entries(viewer).filter(seq=seq).first() if seq else None
    names = names_of([*(one.by for one in shown), *([opened.by] if opened else [])])
    about = _abouts([*shown, *([opened] if opened else [])])
    query = {name: value for name, value in wanted.items() if value}
    verified = verify().to_dict() if request.method == "POST" else None
    told = {
        "tabs": tabs(viewer, "record"), "total": total, "page": page, **wanted, "query": urlencode(query),
        "entries": [_entry(one, names, about, query) for one in shown],
        "opened": _whole(opened, names, about, viewer.sees_contacts),
        "subjects": sorted(Entry.objects.order_by().values_list("subject", flat=True).distinct()),
        "kinds": sorted(Entry.objects.order_by().values_list("kind", flat=True).distinct()),
        "chips": [
            {"words": f"{name.replace('_', ' ')}: {names_of([value]).get(value, value)}",
             "without": "?" + urlencode({k: v for k, v in query.items() if k != name})}
            for name, value in query.items()
        ],
        "older": page + 1 if page * PAGE < total else None, "newer": page - 1 if page > 1 else None,
        "verified": verified, "exported": min(total, MOST_EXPORTED), "close": "?" + urlencode(query),
    }  # fmt: skip
    sheets = {"record": lambda: record_sheet(rows[:MOST_EXPORTED], names_of)}
    return answer(request, "record.html", told, title="Record", sheets=sheets)


def _entry(row: Entry, names: dict[str, str], about: dict[str, str], query: dict[str, str]) -> dict[str, Any]:
    return {
        "seq": row.seq, "at": row.at.isoformat(), "by": who(row.by, names), "by_key": row.by,
        "subject": row.subject, "subject_id": row.subject_id, "about": about.get(row.subject_id, row.subject_id),
        "kind": row.kind, "version": row.version, "as_of": row.as_of.isoformat() if row.as_of else None,
        "href": "?" + urlencode({**query, "seq": row.seq}), "hash": row.hash,
    }  # fmt: skip


def _whole(row: Entry | None, names: dict[str, str], about: dict[str, str], sees_words: bool) -> dict[str, Any] | None:
    """One entry with its facts, and its texts as far as they were not erased."""
    if row is None:
        return None
    texts = EntryText.objects.filter(entry=row).exclude(name="candidate") if sees_words else ()
    return {
        **_entry(row, names, about, {}), "previous": row.previous, "digests": json.loads(row.digests),
        "facts": json.dumps(json.loads(row.facts), indent=2, ensure_ascii=False),
        "texts": [{"name": one.name, "text": None if one.erased_at else one.text} for one in texts],
    }  # fmt: skip


def _abouts(entries: list[Entry]) -> dict[str, str]:
    """What subjects are called where their key says nothing to people."""
    keys = {one.subject_id for one in entries if one.subject == "opportunity"}
    rows = Opportunity.objects.filter(pk__in=keys).values_list("id", "account_name", "product_name")
    found = {str(key): f"{account}, {product}" for key, account, product in rows}
    return found | names_of({one.subject_id for one in entries if one.subject == "access"})


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
