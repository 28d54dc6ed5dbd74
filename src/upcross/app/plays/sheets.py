"""The tables behind the pages of plays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from upcross.app.shell.told import money
from upcross.sheets import Sheet
from upcross.signals.model import Unit


def catalogue_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a play."""
    columns = {
        "play": Unit.TEXT, "title": Unit.TEXT, "motion": Unit.LEVEL, "mechanisms": Unit.TEXT, "status": Unit.LEVEL,
        "version": Unit.TEXT, "thresholds": Unit.TEXT, "asked": Unit.COUNT, "asked_expected": Unit.MONEY,
        "held": Unit.COUNT, "held_expected": Unit.MONEY, "unknown_rows": Unit.COUNT, "won": Unit.COUNT,
        "lost": Unit.COUNT, "dismissed": Unit.COUNT,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (row["id"], row["title"], row["motion"], ", ".join(row["mechanisms"]), row["status"], row["version"],
         "; ".join(row["thresholds"]), row["today"]["asked"]["count"], money(row["today"]["asked"]["expected"]),
         row["today"]["held"]["count"], money(row["today"]["held"]["expected"]), row["unknown"]["rows"],
         row["feedback"]["won"], row["feedback"]["lost"], row["feedback"]["dismissed"])
        for row in rows
    ))  # fmt: skip


def marks_sheet(marks: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row a thing that a play speaks for today."""
    columns = {
        "account_id": Unit.TEXT, "account": Unit.TEXT, "business_unit": Unit.TEXT, "product": Unit.TEXT,
        "motion": Unit.LEVEL, "mechanism": Unit.LEVEL, "state": Unit.LEVEL, "held_by": Unit.TEXT, "owner": Unit.TEXT,
        "expected": Unit.MONEY,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (one["account_id"], one["account"], one["business_unit"], one["product"], one["motion"], one["mechanism"],
         one["state"], ", ".join(one["gates"]), one["owner"], money(one["expected"]))
        for one in marks
    ))  # fmt: skip


def moves_sheet(moves: Iterable[Mapping[str, Any]]) -> Sheet:
    """One row an ask that a change of a play would move."""
    columns = {
        "what": Unit.LEVEL, "account_id": Unit.TEXT, "account": Unit.TEXT, "business_unit": Unit.TEXT,
        "product": Unit.TEXT, "motion": Unit.LEVEL, "mechanism": Unit.LEVEL, "held_by": Unit.TEXT, "owner": Unit.TEXT,
        "expected": Unit.MONEY,
    }  # fmt: skip
    return Sheet(columns, tuple(
        (one["kind"], one["account_id"], one["account"], one["business_unit"], one["product"], one["motion"],
         one["mechanism"], ", ".join(one["gates"]), one["owner"], money(one["expected"]))
        for one in moves
    ))  # fmt: skip
