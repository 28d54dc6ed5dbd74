"""Subscription lines as rows: their versions and roll-outs, how they are used, and what is billed for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from upcross.periods import add_months, months_until
from upcross.sample.company import AS_OF, Cells, automation_limit, is_flat, list_price, seat_type
from upcross.sample.story import MONTHS, TOLD, Line, Step, Story

PERIODS = months_until(AS_OF, MONTHS)
"""The months of history as [start, end)."""
ONLY_WHAT_HAPPENED = ("turned_away", "runs_stopped", "queries_refused", "uploads_refused", "calls_refused")
"""Metrics of which no row means none."""
_SPANS = [(start.isoformat(), end.isoformat()) for start, end in PERIODS]


def versions(story: Story, line: Line, line_id: str) -> list[Cells]:
    """One row a version of a line: its start, every renewal until today, and every step, contracted ones included."""
    starts = date.fromisoformat(line.since)
    terms = _terms(date.fromisoformat(line.terms_from or line.since), line.term_months)
    first = Step(line.since, line.quantity, line.origin, line.booked_on or before(starts, 20), line.price, line.plan,
                 line.status)  # fmt: skip
    changes = {line.since: first}
    for term in terms[1:-1]:
        day = term.isoformat()
        if line.since < day and (not line.ends_on or day < line.ends_on):
            changes[day] = Step(day, origin="renewal", booked_on=before(term, 14))
    changes |= {step.day: step for step in line.steps}
    rows = []
    now = replace(first, price=line.price)
    for day, step in sorted(changes.items()):
        now = Step(day, step.quantity or now.quantity, step.origin, step.booked_on or day, step.price or now.price,
                   step.plan or now.plan, step.status or now.status)  # fmt: skip
        rows.append(_version(story, line, line_id, now, terms))
    return rows


def _version(story: Story, line: Line, line_id: str, now: Step, terms: list[date]) -> Cells:
    listed = list_price(now.plan, story.currency)
    price = (Decimal(now.price) if now.price else listed) if line.priced else None
    discounted = now.day < line.discount_until and price is not None and listed is not None
    return {
        "line_id": line_id, "valid_from": now.day, "account_id": story.id, "business_unit": line.unit,
        "contract_id": f"C-{story.id}{line.contract}", "product_id": line.product, "plan_id": now.plan,
        "sku": line.sku or f"LH-{now.plan.upper()}", "quantity": str(now.quantity),
        "unit_price": "" if price is None else str(price), "list_unit_price": "" if listed is None else str(listed),
        "discount": f"{1 - price / listed:.4f}" if discounted and price is not None and listed else "",
        "discount_ends_on": line.discount_until if discounted else "",
        "mrr": line.mrr or ("" if price is None else str(now.quantity * price)), "currency": story.currency,
        "status": now.status, "starts_on": line.since, "ends_on": line.ends_on,
        "cancelled_on": line.cancelled_on, "notice_on": line.notice_on, "replaces_line_id": line.replaces,
        "term_months": str(line.term_months or ""), "escalator": line.escalator,
        "term_ends_on": next((term.isoformat() for term in terms if term.isoformat() > now.day), ""),
        "rolling": str(not line.term_months).lower(), "booked_on": now.booked_on, "origin": now.origin,
    }  # fmt: skip


def _terms(starts: date, months: int) -> list[date]:
    """First days of a line's terms so far, then the end of the current one; none of a rolling line."""
    if not months:
        return []
    terms = [starts]
    while terms[-1] <= AS_OF:
        terms.append(add_months(starts.replace(day=1), months * len(terms)).replace(day=starts.day))
    return terms


def roll_out(story: Story, line: Line) -> Cells:
    """When a line was rolled out, went live and gave its first value."""
    starts = date.fromisoformat(line.since)
    return {
        "account_id": story.id, "business_unit": line.unit, "product_id": line.product, "started_on": line.since,
        "live_on": _by_today(starts, 30) if line.live_on == "" else line.live_on or "",
        "first_value_on": _by_today(starts, 60) if line.value_on == "" else line.value_on or "",
    }  # fmt: skip


def seats(story: Story, line: Line) -> list[Cells]:
    """People on a line by the month: assigned, where nothing else is told, a few more than are active."""
    if not line.active:
        return []
    key = {"account_id": story.id, "business_unit": line.unit, "product_id": line.product,
           "seat_type": seat_type(line.plan)}  # fmt: skip
    bought = sorted([(line.since, line.quantity)] + [(step.day, step.quantity) for step in line.steps if step.quantity])
    flat = is_flat(line.plan)
    rows = []
    for (start, end), active, assigned in zip(_SPANS, _aligned(line.active), _aligned(line.assigned), strict=True):
        if active is None or not _in_force(line, start):
            continue
        purchased = [quantity for day, quantity in bought if day < end][-1]
        usual = active if flat else active + min(max(purchased - active, 0) // 2, 4)
        rows.append({**key, "period_start": start, "period_end": end, "active": str(active),
                     "assigned": str(usual if assigned is None else assigned)})  # fmt: skip
    return rows


def usage(story: Story, line: Line) -> list[Cells]:
    """Metered use of a line by the month."""
    key = {"account_id": story.id, "business_unit": line.unit, "product_id": line.product}
    # two automation runs in five of what the CRM's plan includes: used, and far from its limit
    runs = line.quantity * automation_limit(line.plan) * 2 // 5 if line.status != "trial" else 0
    metered = line.usage or ({"automation_runs": (runs,) * TOLD} if runs else {})
    return [
        {**key, "metric": metric, "period_start": start, "period_end": end, "value": str(value)}
        for metric, series in metered.items()
        for (start, end), value in zip(_SPANS, _aligned(series), strict=True)
        if (value or (value == 0 and metric not in ONLY_WHAT_HAPPENED)) and _in_force(line, start)
    ]


def invoices(story: Story, lines: list[Cells]) -> list[Cells]:
    """One invoice a month for what is in force on its first day, due after 30 days and paid when the account pays."""
    billed = [cells for cells in lines if cells["mrr"] and cells["status"] == "active"]
    rows = []
    for issued, _ in PERIODS:
        day = issued.isoformat()
        in_force = {cells["line_id"]: cells for cells in billed
                    if cells["valid_from"] <= day and not (cells["ends_on"] and cells["ends_on"] <= day)}  # fmt: skip
        amount = sum((Decimal(cells["mrr"]) for cells in in_force.values()), Decimal(0))
        if amount:
            unpaid = story.unpaid_since and day >= story.unpaid_since
            rows.append({
                "invoice_id": f"I-{story.id}-{issued:%Y%m}", "account_id": story.id, "contract_id": f"C-{story.id}",
                "issued_on": day, "due_on": before(issued, -30),
                "paid_on": "" if unpaid else _by_today(issued, story.pays_after),
                "amount": str(amount), "currency": story.currency,
            })  # fmt: skip
    return rows


def _in_force(line: Line, start: str) -> bool:
    """Whether a line began by the month and had not ended before it."""
    return line.since[:7] <= start[:7] and not (line.ends_on > line.since and line.ends_on <= start)


def _aligned(series: tuple[int, ...]) -> list[int | None]:
    """A series that ends with the last month; what a story does not tell was as at its beginning, else None."""
    earlier = series[0] if len(series) == TOLD else None
    return [earlier] * (MONTHS - len(series)) + list(series)


def before(day: date, days: int) -> str:
    """The day so many days before; after it where they are negative."""
    return (day - timedelta(days=days)).isoformat()


def _by_today(day: date, days: int) -> str:
    """The day so many days later; empty where it has not come."""
    later = day + timedelta(days=days)
    return later.isoformat() if later <= AS_OF else ""
