"""Connections: where the book comes from, where messages go, who sends us some, and how people sign in.

For each: of what kind it is, when it last worked, how it stands, and how to mend it. Secrets are named, never shown.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse

from upcross.api.project import served
from upcross.app.admin.sheets import connections_sheet
from upcross.app.admin.tabs import tabs
from upcross.app.shell.answering import answer
from upcross.app.shell.frame import viewer_for
from upcross.app.shell.published import published
from upcross.app.shell.words import plural
from upcross.deliveries.settings import (
    AnyDestination,
    EmailDestination,
    SlackDestination,
    Source,
    WebhookDestination,
)
from upcross.errors import ProblemError
from upcross.ledger.models import Delivery, Received
from upcross.project import Project

_ORDER = {"missing": 0, "behind": 1, "fresh": 2}


def connections(request: HttpRequest) -> HttpResponse:
    """Every connection with how it stands and how to mend it."""
    viewer, project = viewer_for(request), served()
    results = published()
    feeds = ((results.get("quality") if results else None) or {"feeds": []})["feeds"]
    listed = sorted((_feed(one) for one in feeds), key=lambda one: (_ORDER[one["state"]], one["table"]))
    mapped = [one for one in listed if one["state"] != "missing"]
    deliveries = project.deliveries
    told: dict[str, Any] = {
        "tabs": tabs(viewer, "connections"),
        "book": _book(project),
        "troubled": [one for one in mapped if one["state"] == "behind" or one["set_aside"]],
        "fresh": [one for one in mapped if one["state"] == "fresh" and not one["set_aside"]],
        "missing": [one for one in listed if one["state"] == "missing"],
        "destinations": _destinations(deliveries.destinations),
        "senders": _senders(deliveries.inbound),
        "providers": [
            {"name": one.name, "issuer": one.issuer, "for": list(one.domains), **_secrets([one.client_secret_env])}
            for one in project.settings.sign_in.oidc
        ],
    }  # fmt: skip
    sheets = {"connections": lambda: connections_sheet(listed, told["destinations"], told["senders"])}
    return answer(request, "connections.html", told, title="Connections", sheets=sheets)


def _book(project: Project) -> dict[str, Any]:
    """The source of the whole book: files, or an engine in which it lies, and how it is read anew."""
    settings = project.settings
    kind, where, fault = "Files (CSV, Parquet)", str(settings.data or "."), ""
    if settings.source is not None:
        try:
            kind, where = project.engine.engine, project.engine.shown
        except ProblemError as error:
            kind, where, fault = "An engine", "", error.report.issues[0].message
    try:
        manifest = project.store.manifest()
    except ProblemError:
        manifest = None
    serve = settings.serve
    how = [f"at {', '.join(f'{at:%H:%M}' for at in serve.schedule)}"] if serve.schedule else []
    if serve.watch:
        pause = plural(round(serve.watch.total_seconds()), "second")
        how.append(f"whenever data lands (looked at every {pause})" if settings.source is None else f"every {pause}")
    tables = manifest.tables.values() if manifest else ()
    return {
        "kind": kind, "where": where, "fault": fault, "how": " and ".join(how), "loaded_at": _loaded(manifest),
        "tables": len(tables), "rows": sum(table.rows for table in tables),
        "set_aside": sum(table.set_aside for table in tables),
        "state": "bad" if fault or manifest is None else "good",
    }  # fmt: skip


def _loaded(manifest: Any) -> str | None:
    """When the book was loaded: its id begins with the moment."""
    if manifest is None:
        return None
    try:
        return datetime.strptime(manifest.load_id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).isoformat()
    except ValueError:
        return str(manifest.loaded_on.isoformat())


def _feed(one: Mapping[str, Any]) -> dict[str, Any]:
    behind = one["days_behind"]
    return {
        "table": one["table"], "meaning": one["meaning"], "subject": one["subject"], "state": one["state"],
        "sources": one["sources"], "through": one["through"], "days_behind": behind, "allowed": one["allowed"],
        "set_aside": one["set_aside"], "mended_by": one["mended_by"], "without": one["without"],
        "href": f"/runs/data/?{urlencode({'table': one['table']})}#findings",
    }  # fmt: skip


def _destinations(listed: Iterable[AnyDestination]) -> list[dict[str, Any]]:
    rows = Delivery.objects.order_by().values("destination").annotate(
        last=Max("delivered_at"), sent=Count("id", filter=Q(state="delivered")),
        waiting=Count("id", filter=Q(state="pending")), dead=Count("id", filter=Q(state="dead")),
    )  # fmt: skip
    known = {row["destination"]: row for row in rows}
    nothing = {"last": None, "sent": 0, "waiting": 0, "dead": 0}
    found = []
    for one in listed:
        row = known.pop(one.name, nothing)
        told = {**_place(one), "name": one.name, **_counts(one.name, row)}
        if told["lacking"]:
            told |= {"state": "bad", "stands": "cannot send", "mend": told["lacking"]}
        found.append(told)
    for name, row in known.items():  # the project file named them once
        gone = {"name": name, "kind": "gone", "to": "not in upcross.yaml any more", "secrets": [], "lacking": ""}
        found.append({**gone, **_counts(name, row)})
    return found


def _counts(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    state, stands, mend = "good", "works", ""
    if row["dead"]:
        state, stands = "bad", f"{row['dead']:,} given up"
        mend = "see why, mend it there, then send again"
    elif row["waiting"] and not row["last"]:
        state, stands, mend = "warn", f"{row['waiting']:,} on the way", "nothing arrived yet: see what went wrong last"
    elif not row["last"]:
        state, stands = "", "nothing sent yet"
    wanted = {"destination": name} | ({"state": "dead"} if row["dead"] else {})
    return {
        "last": row["last"].isoformat() if row["last"] else None, "sent": row["sent"], "waiting": row["waiting"],
        "dead": row["dead"], "state": state, "stands": stands, "mend": mend,
        "href": f"/admin/deliveries/?{urlencode(wanted)}",
    }  # fmt: skip


def _place(one: AnyDestination) -> dict[str, Any]:
    """Of what kind a destination is, and where it is, without the part of an address that may be a secret."""
    match one:
        case WebhookDestination():
            parts = urlsplit(one.url)
            to = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
            return {"kind": "webhook", "to": to, **_secrets(one.secret_env)}
        case SlackDestination():
            to = one.channel or "direct messages to owners"
            return {"kind": "Slack", "to": to, **_secrets(filter(None, (one.token_env, one.signing_secret_env)))}
        case EmailDestination():
            to = f"{one.host}:{one.port}" if one.host else f"files in {one.folder}" if one.folder else "the console"
            return {"kind": "e-mail", "to": f"{to}, from {one.sender}", **_secrets(filter(None, (one.password_env,)))}
    return {"kind": one.kind, "to": "kept in memory", **_secrets(())}


def _senders(listed: Collection[Source]) -> list[dict[str, Any]]:
    """Who may send us signed webhooks, and when the last one of each was taken."""
    taken = Received.objects.filter(source__in=[f"webhook {one.name}" for one in listed])
    last = dict(taken.order_by().values_list("source").annotate(Max("at")))
    return [
        {"name": one.name, "steps": [step.replace("_", " ") for step in one.steps],
         "last": moment.isoformat() if (moment := last.get(f"webhook {one.name}")) else None,
         **_secrets(one.secret_env)}
        for one in listed
    ]  # fmt: skip


def _secrets(names: Iterable[str]) -> dict[str, Any]:
    """The environment variables that hold its secrets, whether each is set where this process runs, and what to do."""
    listed = [{"name": name, "is_set": bool(os.environ.get(name))} for name in names]
    lacking = [str(one["name"]) for one in listed if not one["is_set"]]
    said = f"set {' and '.join(lacking)} where the server runs, and start it anew" if lacking else ""
    return {"secrets": listed, "lacking": said}
