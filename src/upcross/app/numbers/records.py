"""The page of records behind a mark: its rows, and their sum, which is the mark."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from upcross.api.refusal import Refusal
from upcross.app.numbers.asked import Asked, asked_for, found_for, refuse_parts_of_the_base, sees_credit
from upcross.app.numbers.charts import span_words
from upcross.app.numbers.people import names
from upcross.app.numbers.tables import record_sheet
from upcross.app.numbers.views import PER, account, movements_of
from upcross.app.shell.answering import answer
from upcross.app.shell.paging import page_of
from upcross.numbers.causes import CAUSES

ROWS = 500
"""Rows on a page."""
_TITLES = {
    "retention": "Customers behind NRR and GRR", "start": "Revenue at the start", "end": "Revenue at the end",
    "grr_by_movements": "Gross retention by movements", "logo_retention": "Customers kept", "quick_ratio": "Won ÷ lost",
    "seat_expansion_gross": "Seats added", "seat_expansion_net": "Seats added less given back, by leavers too",
    "tier_migration_up": "Moved to a higher plan", "tier_migration_down": "Moved to a lower plan",
    "tier_migration_forced": "Had to move to another plan",
    "overage_turned_commitment": "Overage turned into commitment",
    "products_per_account": "Products per customer",
    "owning_2_or_more": "Own two or more products",
    "owning_3_or_more": "Own three or more products", "using_2_or_more": "Use two or more products",
    "using_3_or_more": "Use three or more products",
}  # fmt: skip


def records(request: HttpRequest) -> HttpResponse:
    """What one mark is made of."""
    refuse_parts_of_the_base(request)
    asked, mark = asked_for(request), request.GET.get("mark", "")
    found = found_for(asked)
    of_people = mark.partition(".")[0] in ("credit", "apart")
    record = None if of_people and not sees_credit(request) else found.record(mark)
    if record is None:
        said = f"the numbers of {found.key} have no mark '{mark}': open one from the page of numbers"
        raise Refusal(404, "not-found", said)
    facts = found.facts
    title = title_of(mark, facts)
    to = movements_of if record["kind"] == "moves" else account
    rows = record["rows"]
    if mark == "logo_retention":  # whoever looks asks who left: they come first
        rows = sorted(rows, key=lambda row: (row["numerator"], row["account"]))
        record = {**record, "rows": rows}
    last = max(1, -(-len(rows) // ROWS))
    here = min(page_of(request.GET), last)
    told = {
        **{name: value for name, value in record.items() if name != "rows"},
        "mark": mark, "title": title, "from": record.get("from", facts["from"]), "to": record.get("to", facts["to"]),
        "period_words": span_words(record.get("from", facts["from"]), record.get("to", facts["to"])),
        "currency": facts["currency"], "show": asked.show.value, "per": PER[asked.show], "level": facts["level"],
        "rules": facts["rules"],
        "rows": [
            {**row, "href": to(row["account_id"]), "left": mark == "logo_retention" and not row["numerator"]}
            for row in rows[(here - 1) * ROWS : here * ROWS]
        ],
        "count": len(rows), "page": here, "pages": last,
        "before": f"?{asked.query(mark=mark, page=str(here - 1))}" if here > 1 else None,
        "after": f"?{asked.query(mark=mark, page=str(here + 1))}" if here < last else None,
        "back": f"{reverse('numbers')}?{asked.query(**_view(mark, asked))}",
        "query": asked.query(mark=mark),
    }  # fmt: skip
    return answer(
        request,
        "numbers_records.html",
        told,
        title=title,
        sheets={"records": lambda: record_sheet(record, asked.show.value)},
    )


def title_of(mark: str, facts: Any) -> str:
    """A mark in words."""
    head, _, rest = mark.partition(".")
    if mark in CAUSES:
        return CAUSES[mark][1]
    if head == "nrr":
        return f"{CAUSES[rest][1]}, among the customers of the start"
    if head == "retention" and rest:
        return f"Twelve months to {rest}: customers behind NRR and GRR"
    if head == "attach":
        return f"Own {facts['products'].get(rest, rest)}, of those it could be sold to"
    if head == "kept":
        return f"Kept after twelve months: {rest.replace('_', ' ')}"
    if head == "products":
        return f"Retention of customers with {rest} products"
    if head in ("credit", "apart"):
        return f"{'Book of' if head == 'credit' else 'Apart from the book of'} {names().get(rest, rest)}"
    if head == "group":
        group, _, side = rest.rpartition(".") if rest.endswith((".deeper", ".wider")) else (rest, "", "")
        return f"{group}: {'won by ' + ('upsell' if side == 'deeper' else 'cross-sell') if side else 'NRR and GRR'}"
    return _TITLES.get(mark, mark.replace("_", " "))


def _view(mark: str, asked: Asked) -> dict[str, str]:
    head = mark.partition(".")[0]
    if asked.by is not None:
        return {"view": "groups"}
    if head in ("credit", "apart"):
        return {"view": "credit"}
    shown = head in ("retention", "start", "end", "nrr", "logo_retention", "quick_ratio") or mark in CAUSES
    return {"view": "" if shown else "motions"}
