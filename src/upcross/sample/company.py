"""The sample's vendor: its fixed day, its people, rates and targets, and its prices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

from upcross import documents
from upcross.periods import add_months

AS_OF = date(2026, 9, 30)
FIRST_DAY = date(2024, 10, 1)
"""Of what happened before it, only contracts tell."""
CURRENCY = "EUR"
PROJECT = Path(__file__).parent / "project"
"""The project's own files, copied as they are."""

Cells = dict[str, str]


def _member(person: str, name: str, role: str, manager: str, **cells: str) -> Cells:
    return {"person_id": person, "name": name, "role": role, "manager": manager,
            "email": f"{person}@lindhafen.example", **cells}  # fmt: skip


SUCCESS, SALES = "stefan.albrecht", "anja.keller"

TEAM = (
    _member("ulrike.sommer", "Ulrike Sommer", "leader", ""),
    _member(SUCCESS, "Stefan Albrecht", "manager", "ulrike.sommer"),
    _member(SALES, "Anja Keller", "manager", "ulrike.sommer"),
    _member("lena.hoffmann", "Lena Hoffmann", "csm", SUCCESS),
    _member("tom.becker", "Tom Becker", "csm", SUCCESS),
    _member("aylin.demir", "Aylin Demir", "csm", SUCCESS),
    _member("julia.wagner", "Julia Wagner", "csm", SUCCESS),
    _member("paul.schreiber", "Paul Schreiber", "csm", SUCCESS),
    _member("carla.mendes", "Carla Mendes", "csm", SUCCESS),
    _member("oliver.grant", "Oliver Grant", "csm", SUCCESS),
    _member("rachel.moore", "Rachel Moore", "csm", SUCCESS),
    _member("henrik.lund", "Henrik Lund", "csm", SUCCESS),
    _member("jonas.kuhn", "Jonas Kuhn", "csm", SUCCESS, left_on="2026-06-30"),
    _member("petra.vogel", "Petra Vogel", "account_manager", SALES),
    _member("marc.lehmann", "Marc Lehmann", "account_manager", SALES),
    _member("grace.ellis", "Grace Ellis", "account_manager", SALES),
    _member("sofia.ricci", "Sofia Ricci", "ae", SALES),
    _member("david.osei", "David Osei", "ae", SALES),
    _member("connor.blake", "Connor Blake", "ae", SALES),
    _member("nina.brandt", "Nina Brandt", "specialist", SALES, product_id="compliance"),
    _member("felix.arnold", "Felix Arnold", "specialist", SALES, product_id="desk"),
    _member("malik.traore", "Malik Traoré", "support", "ulrike.sommer"),
    _member("doreen.fuchs", "Doreen Fuchs", "finance", "ulrike.sommer"),
    _member("renewals", "Renewals desk", "queue", SALES),
    _member("revops", "Revenue operations", "queue", "ulrike.sommer"),
)

SELLERS = (("petra.vogel", "sofia.ricci"), ("marc.lehmann", "david.osei"))
"""Account manager and account executive at home, one pair for every other account."""
SELLERS_ABROAD = ("grace.ellis", "connor.blake")

RATES = tuple(
    {"currency": currency, "valid_from": day, "rate": rate}
    for currency, rates in {
        "USD": {"2021-01-01": "0.92", "2025-01-01": "0.94", "2026-01-01": "0.92"},
        "GBP": {"2021-01-01": "1.17", "2025-01-01": "1.19", "2026-01-01": "1.17"},
    }.items()
    for day, rate in rates.items()
)

QUARTERLY_TARGETS = {
    ("petra.vogel", "upsell"): 11_000, ("marc.lehmann", "upsell"): 11_000, ("grace.ellis", "upsell"): 8_000,
    ("sofia.ricci", "cross_sell"): 9_000, ("david.osei", "cross_sell"): 9_000, ("connor.blake", "cross_sell"): 7_000,
}  # fmt: skip
"""More MRR that each seller is to win in a quarter; a CSM has none."""

QUARTERS = [add_months(FIRST_DAY, 3 * number).isoformat() for number in range(10)]
"""First days of the quarters from the beginning of the history to the end of this year."""


def targets() -> list[Cells]:
    """Targets of the sellers from the fourth quarter of 2024 to the end of 2026, five per cent more each year."""
    return [
        {"person_id": person, "motion": motion, "period_start": start, "period_end": end,
         "mrr": str(mrr * (100 + 5 * (int(start[:4]) - 2024)) // 100)}
        for (person, motion), mrr in QUARTERLY_TARGETS.items()
        for start, end in pairwise(QUARTERS)
    ]  # fmt: skip


SEGMENTS = ((1000, "enterprise"), (200, "mid-market"), (0, "small business"))


def segment(employees: int) -> str:
    """The segment of an account with so many people."""
    return next(name for least, name in SEGMENTS if employees >= least)


@cache
def products() -> dict[str, dict[str, object]]:
    """Every product of the sample's catalogue by its id, as the file has it."""
    found = documents.read(PROJECT / "catalog.yaml", "catalog.yaml").data["products"]
    assert isinstance(found, dict), "the sample's own catalogue"
    return found


@cache
def plans_of(product: str) -> dict[str, dict[str, object]]:
    """The pricing plans of a product by their ids, lowest first, as the file has them."""
    plans = products()[product]["plans"]
    assert isinstance(plans, dict), "the sample's own catalogue"
    return plans


@cache
def catalog() -> dict[str, dict[str, object]]:
    """Every pricing plan of the sample's catalogue by its id, as the file has it."""
    return {plan_id: plan for product in products() for plan_id, plan in plans_of(product).items()}


def name_of(product: str) -> str:
    """What people call a product."""
    return str(products()[product]["name"]).removeprefix("Lindhafen ")


def kind_of(product: str) -> str:
    """Product, module, add-on or support."""
    return str(products()[product]["kind"])


@cache
def list_price(plan: str, currency: str) -> Decimal | None:
    """List price of a plan per month in a currency; None where the plan has none."""
    prices = catalog()[plan].get("prices")
    return Decimal(str(prices[currency])) if isinstance(prices, dict) else None


def is_flat(plan: str) -> bool:
    """Whether a plan has one price, whatever the number of its users."""
    return catalog()[plan]["charge"] == "flat"


def seat_type(plan: str) -> str:
    """The kind of seat that a plan sells; empty where its product has one kind only."""
    return str(catalog()[plan].get("seat_type", ""))


@cache
def limit(plan: str, metric: str) -> int:
    """What a plan includes of a metric, per seat where it is sold by the seat; 0 where it says nothing."""
    limits = catalog()[plan].get("limits")
    stated = limits.get(metric) if isinstance(limits, dict) else None
    return int(stated["amount"]) if isinstance(stated, dict) else 0


def automation_limit(plan: str) -> int:
    """Automation runs that a CRM plan includes per seat and month; 0 for other plans."""
    return limit(plan, "automation_runs")
