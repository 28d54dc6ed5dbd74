"""The tables behind Unlock, to take away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from upcross.money import quantise
from upcross.sheets import Sheet, Value
from upcross.signals.model import Unit


def blocker_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a gate, account and motion; money in ten-thousandths a month."""
    columns = {"gate": Unit.TEXT, "account_id": Unit.TEXT, "account": Unit.TEXT, "motion": Unit.TEXT,
               "why": Unit.TEXT, "who_can_clear": Unit.TEXT, "by": Unit.TEXT, "held_since": Unit.DATE,
               "looked_at_again": Unit.DATE, "held_asks": Unit.COUNT, "held_mrr": Unit.MONEY,
               "alone_asks": Unit.COUNT, "alone_mrr": Unit.MONEY, "of_unknown_worth": Unit.COUNT}  # fmt: skip
    found: list[tuple[Value, ...]] = [
        (row["gate"], row["account_id"], row["account"], _MOTION[lane], row["sentence"], row["person"], row["action"],
         _day(row["since"]), _day(row["look_again_on"]), told["held"]["asks"], _amount(told["held"]["mrr"]),
         told["alone"]["asks"], _amount(told["alone"]["mrr"]), told["held"]["unknown"])
        for row in rows for lane, told in row["lanes"].items()
    ]  # fmt: skip
    return Sheet(columns, tuple(found))


def gate_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a gate and motion."""
    columns = {"gate": Unit.TEXT, "motion": Unit.TEXT, "held_asks": Unit.COUNT, "held_mrr": Unit.MONEY,
               "alone_asks": Unit.COUNT, "alone_mrr": Unit.MONEY, "let_go": Unit.COUNT, "won_after": Unit.COUNT,
               "won_after_mrr": Unit.MONEY, "asked_anyway": Unit.COUNT, "won_anyway_mrr": Unit.MONEY}  # fmt: skip
    found: list[tuple[Value, ...]] = [
        (row["gate"], _MOTION[lane], told["held"]["asks"], _amount(told["held"]["mrr"]), told["alone"]["asks"],
         _amount(told["alone"]["mrr"]), told["released"]["asks"], told["won_after"]["asks"],
         _amount(told["won_after"]["mrr"]), sum(told["asked_anyway"].values()), _amount(told["won_anyway_mrr"]))
        for row in rows for lane, told in row["lanes"].items()
    ]  # fmt: skip
    return Sheet(columns, tuple(found))


_MOTION = {"deeper": "upsell", "wider": "cross_sell"}


def _amount(text: str | None) -> int | None:
    return None if text is None else quantise(Decimal(text))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
