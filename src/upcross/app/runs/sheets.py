"""The tables behind the pages of runs and data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from upcross.app.shell.told import day, money
from upcross.sheets import Sheet
from upcross.signals.model import Unit

_STEPS = ("create", "release", "hold", "expire", "reassign", "refresh")


def runs_sheet(runs: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row an applied plan."""
    columns = {
        "entry": Unit.COUNT, "applied_at": Unit.TEXT, "as_of": Unit.DATE, "by": Unit.TEXT, "inputs": Unit.TEXT,
        "load": Unit.TEXT, "seconds": Unit.AMOUNT, **dict.fromkeys(_STEPS, Unit.COUNT),
    }  # fmt: skip
    return Sheet(columns, tuple(
        (one["seq"], one["at"], day(one["as_of"]), one["by"], one["run"], one["load"],
         None if one["seconds"] is None else Decimal(str(one["seconds"])),
         *(None if one["written"] is None else one["written"].get(step, 0) for step in _STEPS))
        for one in runs
    ))  # fmt: skip


def changes_sheet(changed: Mapping[str, Any]) -> Sheet:
    """One row an ask that was changed, or a step that somebody took."""
    columns = {
        "what": Unit.LEVEL, "account_id": Unit.TEXT, "account": Unit.TEXT, "product": Unit.TEXT, "motion": Unit.LEVEL,
        "mechanism": Unit.LEVEL, "gates": Unit.TEXT, "owner": Unit.TEXT, "expected": Unit.MONEY, "by": Unit.TEXT,
        "entry": Unit.COUNT,
    }  # fmt: skip
    listed = [one for group in changed["groups"] for lane in group["lanes"] for one in lane["changes"]]
    return Sheet(columns, tuple(
        (one["step"], one["account_id"], one["account"], one["product"], one["motion"], one["mechanism"],
         ", ".join(one["gates"]), one["owner"], money(one["expected"]), one.get("by", ""), one["seq"])
        for one in (*listed, *changed["people"])
    ))  # fmt: skip


def findings_sheet(findings: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a fault of the data."""
    columns = {
        "severity": Unit.LEVEL, "code": Unit.TEXT, "table": Unit.TEXT, "field": Unit.TEXT, "what": Unit.TEXT,
        "examples": Unit.TEXT, "costs": Unit.TEXT, "accounts": Unit.COUNT, "waits_upsell": Unit.MONEY,
        "waits_cross_sell": Unit.MONEY, "mended_by": Unit.TEXT, "how": Unit.TEXT,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (one["severity"], one["code"], one["table"], one["field"], one["message"], "; ".join(one["examples"]),
         one["costs"], one["accounts"], money(one["waiting"].get("upsell")), money(one["waiting"].get("cross_sell")),
         one["mended_by"], one["hint"])
        for one in findings
    ))  # fmt: skip


def feeds_sheet(feeds: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a table that can be loaded."""
    columns = {
        "table": Unit.TEXT, "state": Unit.LEVEL, "rows": Unit.COUNT, "set_aside": Unit.COUNT, "through": Unit.DATE,
        "days_behind": Unit.DAYS, "allowed": Unit.DAYS, "waits_upsell": Unit.MONEY, "waits_cross_sell": Unit.MONEY,
        "without": Unit.TEXT, "sources": Unit.TEXT,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (one["table"], one["state"], one["rows"], one["set_aside"], day(one["through"]), one["days_behind"],
         one["allowed"], money(one["waiting"].get("upsell")), money(one["waiting"].get("cross_sell")),
         one["without"], ", ".join(one["sources"]))
        for one in feeds
    ))  # fmt: skip
