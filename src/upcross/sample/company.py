"""The sample's vendor: its fixed day, its people and rates, its prices, and the rows that nobody tidied."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from upcross import documents

AS_OF = date(2026, 9, 30)
CURRENCY = "EUR"
PROJECT = Path(__file__).parent / "project"
"""The project's own files, copied as they are."""

Cells = dict[str, str]


def _member(person: str, name: str, role: str, manager: str = "ulrike.sommer", **cells: str) -> Cells:
    return {"person_id": person, "name": name, "role": role, "manager": manager,
            "email": f"{person}@lindhafen.example", **cells}  # fmt: skip


TEAM = (
    _member("ulrike.sommer", "Ulrike Sommer", "leader", ""),
    _member("lena.hoffmann", "Lena Hoffmann", "csm"),
    _member("tom.becker", "Tom Becker", "csm"),
    _member("aylin.demir", "Aylin Demir", "csm"),
    _member("jonas.kuhn", "Jonas Kuhn", "csm", left_on="2026-06-30"),
    _member("petra.vogel", "Petra Vogel", "account_manager"),
    _member("marc.lehmann", "Marc Lehmann", "account_manager"),
    _member("sofia.ricci", "Sofia Ricci", "ae"),
    _member("david.osei", "David Osei", "ae"),
    _member("nina.brandt", "Nina Brandt", "specialist", product_id="compliance"),
    _member("renewals", "Renewals desk", "queue"),
    _member("revops", "Revenue operations", "queue"),
)

RATES = (
    {"currency": "USD", "valid_from": "2021-01-01", "rate": "0.92"},
    {"currency": "GBP", "valid_from": "2021-01-01", "rate": "1.17"},
)

ROUTINE_TICKETS = (
    ("How do I export a filtered list?", "question", "low"),
    ("New colleague cannot sign in", "problem", "normal"),
    ("Please raise our import limit for one day", "request", "normal"),
    ("A report shows last week's figures", "problem", "normal"),
    ("Which roles may edit a template?", "question", "low"),
)
"""What support hears all day: subject, kind, priority."""

DEALS = (
    {
        "crm_opportunity_id": "D-A01-1",
        "account_id": "A01",
        "name": "50 more seats",
        "kind": "expansion",
        "mechanism": "seats",
        "owner": "petra.vogel",
        "created_on": "2025-10-06",
        "stage": "Won",
        "stage_changed_on": "2025-11-12",
        "closed_on": "2025-11-12",
        "result": "won",
    },
    {
        "crm_opportunity_id": "D-A02-1",
        "account_id": "A02",
        "name": "Renewal 2026",
        "kind": "renewal",
        "owner": "renewals",
        "created_on": "2025-11-03",
        "stage": "Won",
        "stage_changed_on": "2026-01-18",
        "closed_on": "2026-01-18",
        "result": "won",
    },
)
"""What the pipeline holds: nothing open today."""

UNTIDY: tuple[tuple[str, Cells], ...] = (
    # set aside by the load: a month that does not exist, and a row of nobody
    ("seats", {"account_id": "A20", "product_id": "crm", "period_start": "2026-13-01", "period_end": "2027-01-01",
               "assigned": "54", "active": "48"}),
    ("usage", {"account_id": "", "product_id": "crm", "metric": "automation_runs", "period_start": "2026-09-01",
               "period_end": "2026-10-01", "value": "812"}),
    # loaded, and reported by the checks
    ("tickets", {"ticket_id": "T-9001", "account_id": "A99", "opened_on": "2026-08-14", "closed_on": "2026-08-15",
                 "priority": "normal", "kind": "question", "subject": "Which account am I?"}),
    ("invoices", {"invoice_id": "I-A08-CHF", "account_id": "A08", "issued_on": "2026-06-15", "due_on": "2026-07-15",
                  "paid_on": "2026-07-01", "amount": "1200", "currency": "CHF"}),
)  # fmt: skip


@cache
def catalog() -> dict[str, dict[str, object]]:
    """Every pricing plan of the sample's catalogue by its id, as the file has it."""
    products = documents.read(PROJECT / "catalog.yaml", "catalog.yaml").data["products"]
    return {plan_id: plan for product in products.values() for plan_id, plan in product["plans"].items()}


def list_price(plan: str, currency: str) -> Decimal | None:
    """List price of a plan per month in a currency; None where the plan has none."""
    prices = catalog()[plan].get("prices")
    return Decimal(str(prices[currency])) if isinstance(prices, dict) else None


def is_flat(plan: str) -> bool:
    """Whether a plan has one price, whatever the number of its users."""
    return catalog()[plan]["charge"] == "flat"


def automation_limit(plan: str) -> int:
    """Automation runs that a CRM plan includes per seat and month; 0 for other plans."""
    limits = catalog()[plan].get("limits")
    limit = limits.get("automation_runs") if isinstance(limits, dict) else None
    return int(limit["amount"]) if isinstance(limit, dict) else 0
