"""The tables behind the pages of Admin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from upcross.ledger.models import Entry
from upcross.sheets import Sheet
from upcross.signals.model import Unit


def _sheet(rows: Iterable[Mapping[str, Any]], *names: str) -> Sheet:
    return Sheet(dict.fromkeys(names, Unit.TEXT), tuple(tuple(_plain(row.get(name)) for name in names) for row in rows))


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def people_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a user or an open invitation."""
    return _sheet(rows, "email", "name", "role", "person_id", "state", "last")


def teams_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a person of ours, with whom they report to."""
    return _sheet(rows, "manager", "id", "name", "role", "accounts", "leads", "comes_in", "as")


def tokens_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a token, without its secret."""
    return _sheet(rows, "key", "name", "scopes", "role", "state", "made_by", "made_at", "used_at", "until")


def deliveries_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a delivery."""
    return _sheet(
        rows, "id", "destination", "type", "state", "attempts", "created_at", "next_at", "delivered_at", "why"
    )


def connections_sheet(
    feeds: Iterable[Mapping[str, Any]], destinations: Iterable[Mapping[str, Any]], senders: Iterable[Mapping[str, Any]]
) -> Sheet:
    """One row a feed, a destination and a sender: what it is, when it last worked, how it stands."""
    rows = [
        *({"what": "feed", "name": one["table"], "where": one["sources"], "last": one["through"],
           "state": one["state"], "mended_by": one["mended_by"]} for one in feeds),
        *({"what": one["kind"], "name": one["name"], "where": one["to"], "last": one["last"], "state": one["stands"],
           "mended_by": one["mend"]} for one in destinations),
        *({"what": "sender", "name": one["name"], "where": one["steps"], "last": one["last"],
           "state": "cannot be believed" if one["lacking"] else "known", "mended_by": one["lacking"]}
          for one in senders),
    ]  # fmt: skip
    return _sheet(rows, "what", "name", "where", "last", "state", "mended_by")


def stand_ins_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row an account's role that somebody holds in another's place."""
    listed = list(rows)
    columns = {"account_id": Unit.TEXT, "account": Unit.TEXT, "role": Unit.TEXT, "from": Unit.TEXT, "to": Unit.TEXT}
    return Sheet(
        {**columns, "since": Unit.DATE},
        tuple((*(row[name] for name in columns), date.fromisoformat(row["since"])) for row in listed),
    )


def record_sheet(entries: Iterable[Entry], names_of: Callable[[Iterable[str]], dict[str, str]]) -> Sheet:
    """One row an entry, with what the chain of hashes covers."""
    listed = list(entries)
    names = names_of({one.by for one in listed})
    columns = {
        "entry": Unit.COUNT, "at": Unit.TEXT, "by": Unit.TEXT, "by_name": Unit.TEXT, "subject": Unit.TEXT,
        "subject_id": Unit.TEXT, "kind": Unit.TEXT, "as_of": Unit.DATE, "facts": Unit.TEXT, "hash": Unit.TEXT,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (one.seq, one.at.isoformat(), one.by, names.get(one.by, one.by), one.subject, one.subject_id, one.kind,
         one.as_of, one.facts, one.hash) for one in listed
    ))  # fmt: skip
