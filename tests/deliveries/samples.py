"""Messages as routing makes them, for what shows and sends them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from upcross.deliveries.message import Message

AT = datetime(2026, 6, 30, 9, 30, tzinfo=UTC)


def opportunity(**changes: Any) -> dict[str, Any]:
    return {
        "id": "6f1b1c1e-0000-5000-8000-000000000001", "version": 3, "account_id": "a-1", "account": "Acme Corp",
        "business_unit": "", "product_id": "insights", "product": "Insights", "kind": "ask", "motion": "cross_sell",
        "mechanism": "module", "task": "", "stage": "handed_off", "owner": "p-7", "owner_name": "Ana Silva",
        "closer": "p-9", "closer_name": "Ben Okoro", "handed_to": "p-9", "handed_to_name": "Ben Okoro",
        "due_on": "2026-07-03", "currency": "EUR", "potential": {"floor": "1000", "expected": "1250.5", "ceiling": "2000"},
        "why": ["seat utilization: 96% (threshold 90%)"], "link": "https://upcross.example/opportunities/1",
    } | changes  # fmt: skip


def handed_off(to: str = "p-9", **changes: Any) -> Message:
    data = {"entry": {"version": 3, "step": "hand_off"}, "opportunity": opportunity(**changes)}
    return Message("msg_1", "opportunity.hand_off", AT, data, to)


def digest(to: str = "p-7") -> Message:
    groups = [{"title": "Overdue", "count": 12, "items": [opportunity(account=f"Account {n}") for n in range(10)]}]
    data = {"day": "2026-06-30", "groups": groups, "link": "https://upcross.example", "reader_name": "Ana Silva"}
    return Message("msg_2", "digest", AT, data, to)
