"""The tables behind the numbers of a window, and behind one mark, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from upcross.app.shell.told import money
from upcross.sheets import Sheet, Value
from upcross.signals.model import Unit

_RETENTION = ("nrr", "nrr_without_price", "grr", "grr_by_movements", "logo_retention")


def sheets_of(facts: Any) -> dict[str, Callable[[], Sheet]]:
    """The numbers of a window, each table made when it is asked for."""
    found = {
        "bridge": lambda: _bridge(facts), "why_nrr_moved": lambda: _why(facts), "retention": lambda: _retention(facts),
        "deeper": lambda: _won(facts, "upsell"), "wider": lambda: _won(facts, "cross_sell"),
        "definitions": lambda: _definitions(facts), "credit": lambda: _credit(facts),
    }  # fmt: skip
    return found | ({"groups": lambda: _groups(facts)} if facts["groups"] else {})


def _bridge(facts: Any) -> Sheet:
    columns = {"cause": Unit.TEXT, "side": Unit.TEXT, "mrr": Unit.MONEY, "accounts": Unit.COUNT}
    return _labelled(facts["display"], columns, (
        ("Start", "", money(facts["bridge_start"]), None),
        *((one["words"], one["side"], money(one["amount"]), one["accounts"]) for one in facts["bridge_by_cause"]),
        ("End", "", money(facts["bridge_end"]), None),
    ))  # fmt: skip


def _why(facts: Any) -> Sheet:
    columns = {"cause": Unit.TEXT, "side": Unit.TEXT, "mrr": Unit.MONEY, "of_start": Unit.RATIO,
               "of_start_before": Unit.RATIO, "accounts": Unit.COUNT, "largest": Unit.TEXT}  # fmt: skip
    return _labelled(facts["display"], columns, tuple(
        (one["words"], one["side"], money(one["amount"]), one["points"], one["points_before"], one["accounts"],
         "; ".join(f"{who['name']} {who['amount']}" for who in one["largest"]))
        for one in facts["why"]["causes"]
    ))  # fmt: skip


def _retention(facts: Any) -> Sheet:
    columns = {"from": Unit.TEXT, "to": Unit.TEXT, **dict.fromkeys(_RETENTION, Unit.RATIO), "accounts": Unit.COUNT}
    listed = [facts["total"]["retention"], *facts["trailing_12_months"]]
    return Sheet(columns, tuple(
        (one["from"], one["to"], *(one[name]["value"] for name in _RETENTION), one["nrr"]["count"]) for one in listed
    ))  # fmt: skip


def _won(facts: Any, motion: str) -> Sheet:
    columns = {"mechanism": Unit.TEXT, "won": Unit.MONEY, "lost": Unit.MONEY, "net": Unit.MONEY,
               "accounts": Unit.COUNT, "kept_after_12_months": Unit.RATIO}  # fmt: skip
    own = facts["total"][motion]
    return _labelled(facts["display"], columns, tuple(
        (one["mechanism"], money(one["won"]), money(one["lost"]), money(one["net"]), one["accounts"],
         own["kept_after_12_months"][one["mechanism"]]["value"])
        for one in own["by_mechanism"]
    ))  # fmt: skip


def _definitions(facts: Any) -> Sheet:
    columns = {"definition": Unit.TEXT, "net": Unit.RATIO, "gross": Unit.RATIO, "who": Unit.TEXT, "counts": Unit.TEXT,
               "source": Unit.TEXT}  # fmt: skip
    return Sheet(columns, tuple(
        (one["title"], one["net"]["value"], one["gross"]["value"], one["who"], one["counts"], one["source"]["url"])
        for one in facts["definitions"]
    ))  # fmt: skip


def _credit(facts: Any) -> Sheet:
    columns = {"person_id": Unit.TEXT, "nrr": Unit.RATIO, "nrr_without_price": Unit.RATIO, "grr": Unit.RATIO,
               "accounts": Unit.COUNT, "accounts_apart": Unit.COUNT}  # fmt: skip
    return Sheet(columns, tuple(
        (one["person_id"], *(one["retention"][name]["value"] for name in _RETENTION[:3]),
         one["retention"]["nrr"]["count"], len(one["apart"]["why"]) if one["apart"] else 0)
        for one in facts["csm_credit"]
    ))  # fmt: skip


def _groups(facts: Any) -> Sheet:
    columns = {"group": Unit.TEXT, "accounts": Unit.COUNT, "start": Unit.MONEY, "end": Unit.MONEY, "nrr": Unit.RATIO,
               "nrr_without_price": Unit.RATIO, "grr": Unit.RATIO, "upsell_won": Unit.MONEY,
               "cross_sell_won": Unit.MONEY}  # fmt: skip
    return _labelled(facts["display"], columns, tuple(
        (one["label"], found["nrr"]["count"], money(found["nrr"]["denominator"]), money(found["nrr"]["numerator"]),
         *(found[name]["value"] for name in _RETENTION[:3]), money(one["bridge"]["expansion"]["upsell"]),
         money(one["bridge"]["expansion"]["cross_sell"]))
        for one in facts["groups"] for found in (one["retention"],)
    ))  # fmt: skip


def _labelled(show: str, columns: dict[str, Unit], rows: tuple[tuple[Value, ...], ...]) -> Sheet:
    """A table whose columns of money say where they are a year: those of a month are called as ever."""
    if show == "mrr":
        return Sheet(columns, rows)
    said = {
        name if unit is not Unit.MONEY else name.replace("mrr", show) if "mrr" in name else f"{name}_{show}": unit
        for name, unit in columns.items()
    }
    return Sheet(said, rows)


RECORDS: dict[str, dict[str, Unit]] = {
    "retention": {"account_id": Unit.TEXT, "account": Unit.TEXT, "start": Unit.MONEY, "end": Unit.MONEY,
                  "change": Unit.MONEY, "without_price": Unit.MONEY, "kept": Unit.MONEY},
    "rate": {"account_id": Unit.TEXT, "account": Unit.TEXT, "numerator": Unit.AMOUNT, "denominator": Unit.AMOUNT},
    "balances": {"account_id": Unit.TEXT, "account": Unit.TEXT, "amount": Unit.MONEY},
    "moves": {"month": Unit.TEXT, "account_id": Unit.TEXT, "account": Unit.TEXT, "business_unit": Unit.TEXT,
              "product": Unit.TEXT, "kind": Unit.TEXT, "motion": Unit.TEXT, "words": Unit.TEXT, "amount": Unit.MONEY},
}  # fmt: skip
"""The columns of each kind of record."""


def record_sheet(record: Any, show: str = "mrr") -> Sheet:
    """The rows behind a mark; amounts a year say so in the names of their columns."""
    columns = dict(RECORDS[record["kind"]])
    if record.get("money"):
        columns |= {"numerator": Unit.MONEY, "denominator": Unit.MONEY}
    return _labelled(show, columns, tuple(
        tuple(money(row[name]) if unit is Unit.MONEY else row[name] for name, unit in columns.items())
        for row in record["rows"]
    ))  # fmt: skip
