"""How an account's recurring revenue moved: each movement with its arithmetic, price apart from what was bought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from upcross.app.accounts.opened import Opened, head_facts
from upcross.app.accounts.overview import money
from upcross.app.shell.published import published
from upcross.sheets import Sheet
from upcross.signals.model import Unit


def movements_facts(found: Opened) -> dict[str, Any]:
    """What the page of movements is told: the window's movements, newest first."""
    publication = published()
    window = (publication.kept("movements") if publication else None) or {}
    rows = (publication.get("movements", found.account_id) if publication else None) or []
    rows = sorted(rows, key=lambda one: (one["month"], one["product"]), reverse=True)
    return {"head": head_facts(found, "movements"), "since": window.get("from"), "until": window.get("to"),
            "known": bool(window), "rows": rows, "sums": _sums(rows)}  # fmt: skip


def _sums(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each kind of movement came to: every motion, and price, by itself."""
    by_kind: defaultdict[tuple[str, str], list[Decimal | None]] = defaultdict(list)
    for one in rows:
        words = _MOTIONS.get(one["motion"] or "", one["kind"].replace("_", " ").capitalize())
        by_kind[words, {"upsell": "deeper", "cross_sell": "wider"}.get(one["motion"] or "", "")].append(
            None if one["amount"] is None else Decimal(one["amount"])
        )
    return [
        {"words": words, "tone": tone, "count": len(amounts),
         "amount": None if None in amounts else str(sum(one for one in amounts if one is not None))}
        for (words, tone), amounts in by_kind.items()
    ]  # fmt: skip


_MOTIONS = {"upsell": "Deeper", "cross_sell": "Wider"}


def movements_sheets(found: Opened) -> Mapping[str, Callable[[], Sheet]]:
    """The movements as rows."""
    columns = {"account_id": Unit.TEXT, "month": Unit.TEXT, "product": Unit.TEXT, "kind": Unit.TEXT,
               "motion": Unit.TEXT, "mechanism": Unit.TEXT, "what": Unit.TEXT, "amount": Unit.MONEY}  # fmt: skip

    def make() -> Sheet:
        return Sheet(columns, tuple(
            (found.account_id, one["month"], one["product"], one["kind"], one["motion"] or "", one["mechanism"] or "",
             one["words"], money(one["amount"]))
            for one in movements_facts(found)["rows"]
        ))  # fmt: skip

    return {"movements": make}
