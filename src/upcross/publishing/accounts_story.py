"""What happened at each account and what came of it: health over time, events, value delivered and objectives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from upcross.engine.rows import rows
from upcross.opportunities.evidence import plain
from upcross.periods import days_before
from upcross.publishing.accounts_rows import Cards, by_account, table

if TYPE_CHECKING:
    from upcross.publishing.publish import Planned

_TYPED = "ledger:"
"""With what the ids begin of rows that people typed here."""
BACK = 365
"""Days of which the story is told."""


def story_of(planned: Planned, book: duckdb.DuckDBPyConnection) -> Cards:
    """``health_series``, ``events``, ``outcomes`` and ``objectives`` of each account, in order of days."""
    frame, day = planned.run.evaluation.frame, planned.run.as_of
    snapshot = frame.snapshot
    first = days_before(day, BACK)
    since = f"DATE '{first}'"
    health = table(book, snapshot, "health_scores", "measured_on", f"measured_on >= {since}")
    outcomes = table(book, snapshot, "outcomes", "measured_on DESC, outcome_id")
    objectives = table(book, snapshot, "objectives", "set_on DESC, objective_id")
    escalated = table(
        book, snapshot, "tickets", "escalated_on, ticket_id",
        f"escalated_on IS NOT NULL AND COALESCE(escalation_closed_on, DATE '{day}') >= {since}",
    )  # fmt: skip
    disputes = table(book, snapshot, "billing_disputes", "opened_on",
                     f"COALESCE(closed_on, DATE '{day}') >= {since}")  # fmt: skip
    changes = table(book, snapshot, "org_changes", "happened_on", f"happened_on >= {since}")
    live = table(book, snapshot, "implementations", "live_on", f"live_on >= {since}")
    outages = rows(
        book, f"SELECT * FROM ({snapshot.relation('incidents')}) AS i WHERE severity = 'major'"
              f" AND COALESCE(ended_on, started_on) >= {since} ORDER BY started_on",
    )  # fmt: skip
    prices = rows(
        book, f"SELECT * FROM ({snapshot.relation('price_changes')}) AS p WHERE effective_on >= {since} AND change > 0"
              " ORDER BY effective_on",
    )  # fmt: skip
    renewals = by_account(
        rows(
            book,
            f"SELECT account_id, valid_from AS day, LIST(DISTINCT product_id ORDER BY product_id) AS products"
            f" FROM ({snapshot.relation('subscriptions')}) AS s WHERE origin = 'renewal' AND valid_from >= {since}"
            f" AND valid_from <= DATE '{day}' GROUP BY ALL ORDER BY day",
        )
    )
    ahead = by_account(
        rows(
            book,
            "SELECT account_id, renewal_on AS day, LIST(DISTINCT product_id ORDER BY product_id) AS products"
            " FROM signals_subscription WHERE renewal_on IS NOT NULL GROUP BY ALL ORDER BY day",
        )
    )
    notices = table(book, snapshot, "subscriptions", "cancelled_on",
                    f"cancelled_on >= {since} AND cancelled_on <= DATE '{day}'")  # fmt: skip
    owned = by_account(rows(book, "SELECT account_id, product_id FROM signals_subscription"))
    products = planned.run.products

    def events(account: str) -> Iterator[dict[str, Any]]:
        has = {row["product_id"] for row in owned[account]}
        for row in escalated[account]:
            yield _event("escalation", row["escalated_on"], "Support escalation", until=row["escalation_closed_on"],
                         open_ended=row["escalation_closed_on"] is None, quote=row["subject"])  # fmt: skip
        for row in disputes[account]:
            yield _event("dispute", row["opened_on"], "Billing dispute", until=row["closed_on"],
                         open_ended=row["closed_on"] is None, quote=row["reason"])  # fmt: skip
        for row in outages:
            if row["account_id"] in ("", account) and (row["product_id"] is None or row["product_id"] in has):
                ours = (row["summary"] or "Outage") if row["account_id"] == "" else "Outage"
                theirs = row["summary"] if row["account_id"] else ""  # of one customer alone: it may name their people
                yield _event("outage", row["started_on"], ours, until=row["ended_on"], quote=theirs)
        for row in prices:
            if row["account_id"] in ("", account) and (row["product_id"] is None or row["product_id"] in has):
                product = products.get(row["product_id"], "")
                text = f"Price rise of {float(row['change']):.1%}{f' on {product}' if product else ''}"
                yield _event("price_rise", row["effective_on"], text)
        for row in renewals[account]:
            yield _event("renewal", row["day"], f"Renewed: {_listed(row['products'], products)}")
        for row in ahead[account]:
            yield _event("renewal", row["day"], f"Renewal due: {_listed(row['products'], products)}")
        for row in notices[account]:
            yield _event("notice", row["cancelled_on"], f"Notice given: {_listed([row['product_id']], products)}")
        for row in changes[account]:
            text = (row["kind"] or "change").replace("_", " ").capitalize()
            yield _event("organisation", row["happened_on"], text, quote=row["quote"])
        for row in live[account]:
            yield _event("live", row["live_on"], f"{_listed([row['product_id']], products)} went live")

    def make(account: str) -> dict[str, Any]:
        return {
            "story_from": first.isoformat(),
            "health_series": [
                {"day": row["measured_on"].isoformat(), "score": row["score"], "level": row["level"]}
                for row in health[account]
            ],
            "events": sorted(events(account), key=lambda one: (one["day"], one["kind"], one["text"])),
            "outcomes": [_outcome(row, products) for row in _loaded(outcomes[account], "outcome_id")],
            "objectives": [_objective(row, products, day) for row in _loaded(objectives[account], "objective_id")],
        }

    return Cards(make)


def _event(kind: str, day: date, text: str, *, until: date | None = None, open_ended: bool = False,
           quote: str | None = "") -> dict[str, Any]:  # fmt: skip
    """One thing that happened, on a day or until another; ``open`` where it goes on.

    ``text`` is in our words, for everybody who sees the account; ``quote`` is in theirs.
    """
    return {"kind": kind, "day": day.isoformat(), "until": plain(until), "open": open_ended, "text": text,
            "quote": quote or ""}  # fmt: skip


def _loaded(found: Iterable[dict[str, Any]], key: str) -> Iterator[dict[str, Any]]:
    """Rows that are loaded: what people typed here is shown as it stands in the ledger."""
    return (row for row in found if not str(row[key]).startswith(_TYPED))


def _outcome(row: Mapping[str, Any], products: Mapping[str, str]) -> dict[str, Any]:
    return {
        "day": plain(row["measured_on"]), "kind": row["kind"] or "", "unit": row["business_unit"],
        "product": products.get(row["product_id"], row["product_id"] or ""),
        "metric": row["metric"] or "",
        "value": None if row["value"] is None else f"{float(row['value']):g}", 
        "quote": row["sentence"] or "", "contact_id": row["contact_id"] or "",
    }  # fmt: skip


def _objective(row: Mapping[str, Any], products: Mapping[str, str], today: date) -> dict[str, Any]:
    met, dropped, due = row["met_on"], row["dropped_on"], row["due_on"]
    late = due is not None and due < today
    return {
        "quote": row["sentence"] or "", "unit": row["business_unit"],
        "product": products.get(row["product_id"], row["product_id"] or ""), "domain": row["domain"] or "",
        "set_on": plain(row["set_on"]), "due_on": plain(due), "met_on": plain(met), "dropped_on": plain(dropped),
        "status": "met" if met else "dropped" if dropped else "late" if late else "open",
        "contact_id": row["contact_id"] or "",
    }  # fmt: skip


def _listed(ids: Iterable[str], products: Mapping[str, str]) -> str:
    return ", ".join(products.get(one, one) for one in ids)
