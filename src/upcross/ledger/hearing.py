"""What people heard customers say: written down once, with what followed from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from upcross.ledger.actor import Actor
from upcross.ledger.models import Heard
from upcross.ledger.writer import Writer

SUBJECT = "heard"


def write_heard(writer: Writer, row: Mapping[str, Any], actor: Actor, today: date) -> Heard:
    """Keep one statement, a row of the book's ``statements`` with names made ids; the words lie apart in the record."""
    heard = Heard(
        statement_id=row["statement_id"], account_id=row["account_id"], business_unit=row["business_unit"] or "",
        said_on=row["said_on"], kind=row["kind"], product_id=row["product_id"] or "", domain=row["domain"] or "",
        quote=row["quote"], contact_id=row["contact_id"] or "", said_by=row["person"] or "",
        heard_by=actor.person_id or actor.id, heard_at=writer.moment,
    )  # fmt: skip
    heard.save(force_insert=True)
    facts = {"account_id": heard.account_id, "kind": heard.kind, "product_id": heard.product_id,
             "domain": heard.domain, "said_on": heard.said_on}  # fmt: skip
    texts = {"quote": heard.quote, "said_by": heard.said_by, "contact_id": heard.contact_id}
    writer.record(SUBJECT, heard.statement_id, "log", actor, facts, texts=texts, as_of=today)
    return heard


def typed_statements() -> list[dict[str, Any]]:
    """Everything heard that was not erased since: rows of the book's ``statements``."""
    return [
        {"statement_id": row.statement_id, "account_id": row.account_id, "business_unit": row.business_unit,
         "said_on": row.said_on, "kind": row.kind, "product_id": row.product_id or None, "domain": row.domain or None,
         "quote": row.quote, "contact_id": row.contact_id or None, "person": row.said_by or None,
         "source": f"heard by {row.heard_by}", "explicit": True, "recorded_at": row.heard_at.date()}
        for row in Heard.objects.filter(erased_at=None).order_by("statement_id")
    ]  # fmt: skip
