"""A project folder written from rows of contract tables, as a company's own files would be, and loaded."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from upcross import verbs
from upcross.contract import TABLES
from upcross.periods import add_months
from upcross.project import Project, open_project

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
GATES = (
    "adoption-dip", "adoption-floor", "value-delivered", "escalation", "outage", "dispute", "price-absorbed",
    "credibility", "implementation", "already-in-pipeline", "renewal-at-risk", "do-not-contact", "layoff-measured",
    "sponsor-left",
)  # fmt: skip


def write_project(
    folder: Path, rows: Rows, *, today: date, coverage: Mapping[str, Mapping[str, Any]] | None = None,
    attested: Sequence[str] = (),
) -> Project:  # fmt: skip
    """The rows as CSV files in a project of that folder, loaded on a day; somebody's word stands for some gates."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Any] = {}
    for name, listed in rows.items():
        columns = list(dict.fromkeys(column for row in listed for column in row)) or TABLES[name].names
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(listed)
        tables[name] = {"file": f"{name}.csv", **({"coverage": coverage[name]} if name in (coverage or {}) else {})}
    settings = {"name": "Small", "reporting_currency": "EUR", "tables": tables}
    _write(folder / "upcross.yaml", settings)
    quarters = [add_months(date(today.year - 2, 1, 1), 3 * number) for number in range(12)]
    words = [
        {"gate": gate, "scope": "book", "by": "Ann Lee", "why": "Seen to in every weekly review",
         "from": str(begins), "until": str(add_months(begins, 3))}
        for gate in attested
        for begins in quarters
    ]  # fmt: skip
    if words:
        _write(folder / "attestations.yaml", words)
    project = open_project(folder)
    verbs.load(project, today)
    return project


def _write(path: Path, what: Any) -> None:
    path.write_text(yaml.safe_dump(what, sort_keys=False), encoding="utf-8")
