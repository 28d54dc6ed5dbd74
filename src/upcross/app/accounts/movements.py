"""How an account's recurring revenue moved: each movement with its arithmetic, price apart from what was bought."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    rows = sorted(rows, key=lambda one: (one.get("month", ""), one.get("product", "")), reverse=True)
    return {"head": head_facts(found, "movements"), "window": window.get("window"), "known": bool(window),
            "rows": rows}  # fmt: skip


def movements_sheets(found: Opened) -> Mapping[str, Callable[[], Sheet]]:
    """The movements as rows."""
    columns = {"account_id": Unit.TEXT, "month": Unit.TEXT, "product": Unit.TEXT, "kind": Unit.TEXT,
               "amount": Unit.MONEY}  # fmt: skip

    def make() -> Sheet:
        return Sheet(columns, tuple(
            (found.account_id, one.get("month"), one.get("product"), one.get("kind"), money(one.get("amount")))
            for one in movements_facts(found)["rows"]
        ))  # fmt: skip

    return {"movements": make}
