"""The segments of the base as rows and as plain values."""

from __future__ import annotations

from typing import Any

from upcross.motions import Motion
from upcross.opportunities.evidence import amount
from upcross.portfolio.segmentation import Placed, Segments, Share, ready
from upcross.sheets import Sheet
from upcross.signals.model import Unit

COLUMNS = {
    "segment": Unit.TEXT, "account_id": Unit.TEXT, "account": Unit.TEXT, "group": Unit.TEXT, "mrr": Unit.MONEY,
    "deeper_asks": Unit.COUNT, "deeper_mrr": Unit.MONEY, "wider_asks": Unit.COUNT, "wider_mrr": Unit.MONEY,
    "deeper_held_mrr": Unit.MONEY, "wider_held_mrr": Unit.MONEY, "currency": Unit.TEXT, "reason": Unit.TEXT,
    "only_data_is_missing": Unit.FLAG, "plays_unknown": Unit.COUNT,
}  # fmt: skip
"""The columns of the segments' sheet: one row a customer; deeper is upsell, wider is cross-sell."""
SHORT = ("segment", "account", "mrr", "deeper_mrr", "wider_mrr", "deeper_held_mrr", "wider_held_mrr", "currency",
         "reason")  # fmt: skip


def segments_sheet(found: Segments) -> Sheet:
    """One row a customer."""
    return Sheet(COLUMNS, tuple(_row(placed, found.currency) for placed in found.accounts))


def _row(placed: Placed, currency: str) -> tuple[Any, ...]:
    held = placed.asks.held
    deeper, wider = (ready(placed.asks, motion) for motion in Motion)
    return (
        placed.segment.value, placed.account_id, placed.account, placed.group, placed.mrr, deeper.asks,
        deeper.expected, wider.asks, wider.expected, held.upsell.expected, held.cross_sell.expected, currency,
        placed.reason, placed.only_data, placed.unknown_plays,
    )  # fmt: skip


def segments_facts(found: Segments) -> dict[str, Any]:
    """The segments as plain values: amounts as exact decimal text in currency units."""
    return {
        "as_of": found.as_of.isoformat(), "currency": found.currency, "by": found.by.value if found.by else None,
        "no_customers": found.others,
        "segments": [_share(share) for share in found.shares],
        "groups": {
            group: {segment.value: count for segment, count in counts.items()}
            for group, counts in (found.groups() if found.by else {}).items()
        },
        "accounts": [
            {
                "account_id": placed.account_id, "account": placed.account, "segment": placed.segment.value,
                "group": placed.group or None, "mrr": amount(placed.mrr), "asked": placed.asks.fired.to_dict(),
                "answers": placed.asks.answers.to_dict(), "held": placed.asks.held.to_dict(),
                "reason": placed.reason, "only_data_is_missing": placed.only_data,
                "plays_unknown": placed.unknown_plays,
            }
            for placed in found.accounts
        ],
    }  # fmt: skip


def _share(share: Share) -> dict[str, Any]:
    return {
        "segment": share.segment.value, "accounts": len(share.accounts), "mrr": amount(share.mrr),
        "accounts_of_unknown_mrr": share.unknown_mrr, "asked": share.asks.fired.to_dict(),
        "answers": share.asks.answers.to_dict(), "held": share.asks.held.to_dict(), "top_reason": share.top_reason,
        "only_data_is_missing": sum(placed.only_data for placed in share.accounts),
        "with_unknown_plays": sum(bool(placed.unknown_plays) for placed in share.accounts),
    }  # fmt: skip
