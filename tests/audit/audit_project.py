"""A project on disk with the few rows that a test of the audit needs, loaded as of 30 June 2026."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from upcross.project import Project, open_project
from upcross.verbs import load

AS_OF = date(2026, 6, 30)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]

CATALOG = """
products:
  crm:
    name: Harbour CRM
    kind: product
    plans:
      crm-std: {name: Standard, rank: 1, charge: per_unit, prices: {EUR: 20}}
      crm-pro: {name: Professional, rank: 2, charge: per_unit, prices: {EUR: 40}}
  desk:
    name: Harbour Desk
    kind: product
    plans:
      desk-suite: {name: Suite, rank: 1, charge: per_unit, prices: {EUR: 30}}
  wfm:
    name: Shift Planner
    kind: add_on
    parent: desk
    plans:
      wfm-seat: {name: Shift Planner, rank: 1, charge: per_unit, prices: {EUR: 10}}
"""
COVERED = ("tickets", "incidents", "billing_disputes", "price_changes", "crm_opportunities")


def account(name: str, **cells: Any) -> dict[str, Any]:
    return {"account_id": name, "name": name.capitalize(), "csm": "lena", **cells}


def line(account: str, product: str = "crm", **cells: Any) -> dict[str, Any]:
    """Fifty seats at 20 a month, 1,000 EUR, renewing on the first of January."""
    return {
        "line_id": f"{account}-{product}", "valid_from": "2025-01-01", "account_id": account, "product_id": product,
        "plan_id": {"crm": "crm-std", "desk": "desk-suite", "wfm": "wfm-seat"}[product], "quantity": 50, "mrr": 1000,
        "term_ends_on": "2027-01-01", "term_months": 12, **cells,
    }  # fmt: skip


def deal(number: int, account: str, name: str = "", **cells: Any) -> dict[str, Any]:
    return {
        "crm_opportunity_id": f"D{number}", "account_id": account, "name": name, "owner": "petra",
        "created_on": f"2026-05-{number:02d}", "kind": "expansion", "mrr": 100 * number, **cells,
    }  # fmt: skip


def about(number: int, product: str, line: int = 1, **cells: Any) -> dict[str, Any]:
    return {"crm_opportunity_id": f"D{number}", "line_id": line, "product_id": product, **cells}


def make(folder: Path, rows: Rows, *, catalog: str = CATALOG) -> Project:
    """The project in a folder, loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    mapped = ["name: Harbour", "reporting_currency: EUR", "tables:"]
    for table, listed in rows.items():
        columns = list(dict.fromkeys(key for row in listed for key in row))
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, columns)
            writer.writeheader()
            writer.writerows(listed)
        span = f", coverage: {{from: 2024-01-01, through: {AS_OF}}}" if table in COVERED else ""
        mapped.append(f"  {table}: {{file: {table}.csv{span}}}")
    (folder / "upcross.yaml").write_text("\n".join(mapped) + "\n", encoding="utf-8")
    if catalog:
        (folder / "catalog.yaml").write_text(catalog, encoding="utf-8")
    project = open_project(folder)
    load(project, AS_OF)
    return project
