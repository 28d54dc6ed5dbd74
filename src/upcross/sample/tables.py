"""Stories told as rows: every story becomes cells of the contract's tables, all of them text."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from upcross.contract import TABLES
from upcross.periods import add_months, months_until
from upcross.sample.company import (
    AS_OF,
    DEALS,
    RATES,
    ROUTINE_TICKETS,
    TEAM,
    UNTIDY,
    Cells,
    automation_limit,
    is_flat,
    list_price,
)
from upcross.sample.story import MONTHS, Line, Step, Story

Rows = dict[str, list[Cells]]

PERIODS = months_until(AS_OF, MONTHS)
FIRST_INVOICE = date(2026, 1, 1)
SEGMENTS = ((1000, "enterprise"), (200, "mid-market"), (0, "small business"))
SELLERS = (("petra.vogel", "sofia.ricci"), ("marc.lehmann", "david.osei"))
"""Account manager and account executive, one pair for every other account."""


def tell(stories: tuple[Story, ...]) -> Rows:
    """All rows of the sample by table: the company's own, every story's, and the untidy ones."""
    rows: Rows = defaultdict(list)
    rows["team"].extend(dict(member) for member in TEAM)
    rows["crm_opportunities"].extend(dict(deal) for deal in DEALS)
    rows["exchange_rates"].extend(dict(rate) for rate in RATES)
    for index, story in enumerate(stories):
        _account(story, *SELLERS[index % 2], rows)
        for number, line in enumerate(story.lines, start=1):
            _subscription(story, line, f"L-{story.id}-{number}", rows)
            _roll_out(story, line, rows)
            _use(story, line, rows)
        _events(story, rows)
        _routine(story, index, rows)
        _invoices(story, rows)
    for table, cells in UNTIDY:
        rows[table].append(dict(cells))
    return rows


def _account(story: Story, account_manager: str, ae: str, rows: Rows) -> None:
    segment = next(name for least, name in SEGMENTS if story.employees >= least)
    rows["accounts"].append({
        "account_id": story.id, "name": story.name, "parent_account_id": story.parent, "segment": segment,
        "region": story.region, "industry": story.industry, "employees": str(story.employees),
        "currency": story.currency, "csm": story.csm, "account_manager": account_manager, "ae": ae,
        "renewals_manager": "renewals",
    })  # fmt: skip
    for number, person in enumerate(story.people, start=1):
        rows["contacts"].append({
            "contact_id": f"{story.id}-C{number}", "account_id": story.id, "business_unit": person.unit,
            "name": person.name, "title": person.title, "seniority": person.seniority,
            "department": person.department, "joined_on": "2024-01-15",
        })  # fmt: skip
    if story.health is not None:
        for day in ("2026-06-28", "2026-09-27"):
            rows["health_scores"].append({"account_id": story.id, "measured_on": day, "score": str(story.health)})


def _subscription(story: Story, line: Line, line_id: str, rows: Rows) -> None:
    """One row a version: the start, every renewal until today, and every step, even a contracted later one."""
    starts = date.fromisoformat(line.since)
    terms = _terms(starts, line.term_months)
    changes = {starts: Step(line.since, line.quantity, "new", _before(starts, 20))}
    changes |= {term: Step(term.isoformat(), 0, "renewal", _before(term, 14)) for term in terms[1:-1]}
    changes |= {date.fromisoformat(step.day): step for step in line.steps}
    listed = list_price(line.plan, story.currency)
    price = (Decimal(line.price) if line.price else listed) if line.priced else None
    quantity = line.quantity
    for valid_from, step in sorted(changes.items()):
        quantity = step.quantity or quantity
        price = Decimal(step.price) if step.price else price
        mrr = line.mrr or ("" if price is None else str(quantity * price))
        rows["subscriptions"].append({
            "line_id": line_id, "valid_from": valid_from.isoformat(), "account_id": story.id,
            "business_unit": line.unit, "contract_id": f"C-{story.id}", "product_id": line.product,
            "plan_id": line.plan, "quantity": str(quantity), "unit_price": "" if price is None else str(price),
            "list_unit_price": "" if listed is None else str(listed), "mrr": mrr, "currency": story.currency,
            "status": line.status, "starts_on": line.since, "ends_on": line.ends_on,
            "term_months": str(line.term_months or ""),
            "term_ends_on": next((term.isoformat() for term in terms if term > valid_from), ""),
            "rolling": str(not line.term_months).lower(), "booked_on": step.booked_on or step.day,
            "origin": step.origin,
        })  # fmt: skip


def _terms(starts: date, months: int) -> list[date]:
    """First days of a line's terms so far, then the end of the current one; none of a rolling line."""
    if not months:
        return []
    terms = [starts]
    while terms[-1] <= AS_OF:
        terms.append(add_months(starts.replace(day=1), months * len(terms)).replace(day=starts.day))
    return terms


def _roll_out(story: Story, line: Line, rows: Rows) -> None:
    starts = date.fromisoformat(line.since)
    rows["implementations"].append({
        "account_id": story.id, "business_unit": line.unit, "product_id": line.product, "started_on": line.since,
        "live_on": _before(starts, -30) if line.live_on == "" else line.live_on or "",
        "first_value_on": _before(starts, -60) if line.value_on == "" else line.value_on or "",
    })  # fmt: skip


def _use(story: Story, line: Line, rows: Rows) -> None:
    key = {"account_id": story.id, "business_unit": line.unit, "product_id": line.product}
    quantities = [(line.since, line.quantity)] + [(step.day, step.quantity) for step in line.steps]
    for (start, end), active, assigned in zip(PERIODS, _aligned(line.active), _aligned(line.assigned), strict=True):
        if active is None or start < date.fromisoformat(line.since).replace(day=1):
            continue
        purchased = [quantity for day, quantity in quantities if day < end.isoformat()][-1]
        between = active if is_flat(line.plan) else active + max(purchased - active, 0) // 2
        rows["seats"].append({**key, **_period(start, end), "active": str(active),
                              "assigned": str(between if assigned is None else assigned)})  # fmt: skip
    # two automation runs in five of what the CRM's plan includes: used, and far from its limit
    runs = line.quantity * automation_limit(line.plan) * 2 // 5
    usage = line.usage or ({"automation_runs": (runs,) * MONTHS} if runs else {})
    for metric, series in usage.items():
        for (start, end), value in zip(PERIODS, _aligned(series), strict=True):
            if value is not None and start >= date.fromisoformat(line.since).replace(day=1):
                rows["usage"].append({**key, "metric": metric, **_period(start, end), "value": str(value)})


def _events(story: Story, rows: Rows) -> None:
    """The story's own rows, with the account, an id where the table has one, and people by their contact ids."""
    contacts = {person.name: f"{story.id}-C{number}" for number, person in enumerate(story.people, start=1)}
    for number, event in enumerate(story.rows, start=1):
        cells = {"account_id": story.id, **event.cells}
        key = TABLES[event.table].key[0]
        if key != "account_id":
            cells.setdefault(key, f"{event.table[:2].upper()}-{story.id}-{number}")
        if "contact_id" in cells:
            cells["contact_id"] = contacts[cells["contact_id"]]
        rows[event.table].append(cells)


def _routine(story: Story, index: int, rows: Rows) -> None:
    """One to three everyday tickets of the last months, all closed: support load that means nothing."""
    for number in range(1 + index % 3):
        subject, kind, priority = ROUTINE_TICKETS[(index + number) % len(ROUTINE_TICKETS)]
        opened = AS_OF - timedelta(days=12 + index + 41 * number)
        rows["tickets"].append({
            "ticket_id": f"T-{story.id}-{number + 1}", "account_id": story.id, "product_id": story.lines[0].product,
            "contact_id": f"{story.id}-C1", "opened_on": opened.isoformat(), "closed_on": _before(opened, -2),
            "priority": priority, "kind": kind, "subject": subject,
        })  # fmt: skip


def _invoices(story: Story, rows: Rows) -> None:
    """One invoice a month for what is in force on its first day, due after 30 days and paid after 21."""
    lines = [
        cells
        for cells in rows["subscriptions"]
        if cells["account_id"] == story.id and cells["mrr"] and cells["status"] == "active"
    ]
    issued = FIRST_INVOICE
    while issued <= AS_OF:
        day = issued.isoformat()
        in_force = {cells["line_id"]: cells for cells in lines
                    if cells["valid_from"] <= day and not (cells["ends_on"] and cells["ends_on"] <= day)}  # fmt: skip
        amount = sum((Decimal(cells["mrr"]) for cells in in_force.values()), Decimal(0))
        if amount:
            unpaid = story.unpaid_since and day >= story.unpaid_since
            rows["invoices"].append({
                "invoice_id": f"I-{story.id}-{issued:%Y%m}", "account_id": story.id, "contract_id": f"C-{story.id}",
                "issued_on": day, "due_on": _before(issued, -30), "paid_on": "" if unpaid else _before(issued, -21),
                "amount": str(amount), "currency": story.currency,
            })  # fmt: skip
        issued = add_months(issued, 1)


def _aligned(series: tuple[int, ...]) -> list[int | None]:
    """A series that ends with the last month; months before it begins are None."""
    return [None] * (MONTHS - len(series)) + list(series)


def _period(start: date, end: date) -> Cells:
    return {"period_start": start.isoformat(), "period_end": end.isoformat()}


def _before(day: date, days: int) -> str:
    return (day - timedelta(days=days)).isoformat()
