"""What a cell of the map opens: one product at one account, with why it stands so and what is asked about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from upcross.access import scope
from upcross.access.viewer import Viewer
from upcross.api.project import today
from upcross.app.portfolio.words import GLYPHS, MEANING
from upcross.app.portfolio.worked import worked_asks
from upcross.ledger.models import Opportunity
from upcross.ledger.refusals import NotFoundError
from upcross.portfolio.cells import SIZED, State
from upcross.publishing.publication import Publication


def opened(
    published: Publication, viewer: Viewer, seen: frozenset[str] | None, account: str, product: str, unit: str
) -> dict[str, Any] | None:
    """The panel of a cell; None where none is asked for. What is not seen does not exist."""
    if not account:
        return None
    cells = published.get("cells", account) if seen is None or account in seen else None
    cell = next((one for one in cells or () if (one["product_id"], one["business_unit"]) == (product, unit)), None)
    if cell is None:
        raise NotFoundError(f"there is no cell of product '{product}' at account '{account}' that you can see")
    state = State(cell["state"])
    sized = state in SIZED and cell["sellable"]
    worked = worked_asks(viewer, account_id=account, product_id=product) if sized and not cell["covered_by"] else None
    gates = (published.kept("white_space") or {}).get("gates", {})
    return {
        **cell,
        "glyph": GLYPHS[state],
        "state_words": state.words,
        "meaning": MEANING[state],
        "sized": sized,
        "coverage_known": (published.kept("white_space") or {}).get("coverage_known", True),
        "covered_by": cell["covered_by"] or (worked and worked.words(account, unit, product, cell["motion"])) or None,
        "basis": (published.kept("white_space") or {})["basis"],
        "account_href": f"/accounts/{quote(account, safe='')}/",
        "holding": [{"id": gate, **gates.get(gate, {"title": gate})} for gate in cell["gates_false"]],
        "unknown_gates": [{"id": gate, **gates.get(gate, {"title": gate})} for gate in cell["gates_unknown"]],
        "consumption": [
            {**use, "used": _plain(use["used"]), "bought": _plain(use["bought"])}
            for use in published.get("consumption", account) or ()
            if use["product_id"] == product and use["business_unit"] in ("", unit)
        ],
        "asks": _asks(viewer, account, product, unit),
        "ahead": bool(cell["retry_on"]) and cell["retry_on"] > today().isoformat(),
    }  # fmt: skip


def _plain(amount: Any) -> str | None:
    """A count without the places behind the point that say nothing: 9,600 and not 9600.0000."""
    if amount is None:
        return None
    whole, _, rest = str(amount).partition(".")
    digits = f"{int(whole):,}" if whole.lstrip("-").isdigit() else whole
    return f"{digits}.{rest.rstrip('0')}" if rest.strip("0") else digits


def _asks(viewer: Viewer, account: str, product: str, unit: str) -> list[dict[str, Any]]:
    rows = (
        scope.opportunities(viewer)
        .filter(account_id=account, product_id=product, business_unit=unit)
        .only("id", "title", "stage", "motion", "mechanism", "due_on", "ended_on", "end_reason")
        .order_by("ended_on", "-updated_at")
    )
    return [_ask(row) for row in rows[:5]]


def _ask(row: Opportunity) -> dict[str, Any]:
    return {
        "id": str(row.id), "title": row.title, "stage": row.stage, "motion": row.motion or None,
        "mechanism": row.mechanism or None, "due_on": row.due_on.isoformat() if row.due_on else None,
        "ended_on": row.ended_on.isoformat() if row.ended_on else None, "href": f"/?open={row.id}",
    }  # fmt: skip
