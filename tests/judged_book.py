"""A project folder loaded and judged as `plan` does it, down to the verdicts: what tests of whole projects compare."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from upcross import documents
from upcross.book.catalog import parse_catalog
from upcross.book.load import LoadResult, load
from upcross.book.mapping import parse_tables, resolve_folder
from upcross.book.snapshot import Snapshot
from upcross.book.store import Store
from upcross.contract import TABLES
from upcross.engine.dialects import render
from upcross.errors import Place, ProjectError, Report
from upcross.plays.attestation import read_attestations
from upcross.plays.library import SHIPPED, load_library
from upcross.plays.verdicts import compile_verdicts, decode
from upcross.signals.frame import Frame, wide_relation
from upcross.signals.model import Scope
from upcross.signals.registry import build, shipped_models
from upcross.signals.scorecard import health_model, parse_scorecard


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict that is not quiet."""

    account: str
    unit: str
    product: str
    metric: str
    play: str
    status: str
    gates_false: tuple[str, ...]
    gates_unknown: tuple[str, ...]
    attested: tuple[str, ...]


def load_project(folder: Path, store: Path, today: date) -> LoadResult:
    """Load a project folder into a store of its own."""
    report = Report()
    project = documents.read(folder / "upcross.yaml")
    data = resolve_folder(str(project.data.get("data", ".")), folder, Place(), report, os.environ)
    report.raise_errors(ProjectError)
    assert data is not None
    mappings = parse_tables(project, ("tables",), data, report)
    catalog = parse_catalog(documents.read(folder / "catalog.yaml"), report)
    report.raise_errors(ProjectError)
    return load(mappings, catalog, Store(store), reporting_currency=project.data["reporting_currency"], today=today)


def judge(folder: Path, store: Path, as_of: date) -> list[Judged]:
    """All verdicts of a loaded project on a day that are not quiet."""
    report = Report()
    book = Store(store)
    manifest, connection = book.manifest(), book.connect()
    own = folder / "scorecard.yaml"
    signals = build((), shipped_models()).signals
    scorecard = parse_scorecard(documents.read(own if own.exists() else SHIPPED / own.name), signals, report)
    report.raise_errors(ProjectError)
    assert scorecard is not None
    given = TABLES["health_scores"].max_lag_days if "health_scores" in manifest.tables else None
    frame = Frame(
        build((), (*shipped_models(), health_model(scorecard, signals, given))), Snapshot(manifest, as_of, as_of)
    )
    library = load_library(frame.registry.signals, folder)
    attestations = read_attestations(folder / "attestations.yaml", library.gates, report)
    library.report.raise_errors(ProjectError)
    report.raise_errors(ProjectError)

    kept = {scope: f"kept_{scope.value}" for scope in Scope}
    for scope, name in kept.items():
        connection.execute(f"CREATE TABLE {name} AS {render(frame.statement(scope))}")
    found = []
    for scope in Scope:
        compiled = compile_verdicts(scope, library.running, attestations, as_of, wide_relation(frame, scope, kept))
        for row in connection.sql(render(compiled.select)).to_arrow_table().to_pylist():
            found.extend(
                Judged(row["account_id"], row.get("business_unit", ""), row.get("product_id", ""),
                       row.get("metric", ""), verdict.play_id, verdict.status.value, verdict.gates_false,
                       verdict.gates_unknown, verdict.gates_attested)
                for verdict in decode(compiled.bits, row)
            )  # fmt: skip
    return found
