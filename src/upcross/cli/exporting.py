"""`upcross export`: results as tables for a BI tool."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from upcross.cli.book import HERE, Folder
from upcross.cli.progress import progress as progress_bar
from upcross.engine.connections import read_address
from upcross.errors import UsageError
from upcross.exporting import results, write_files, write_into
from upcross.project import open_project
from upcross.terminal import page


class Kind(StrEnum):
    """How a table is written to a file."""

    PARQUET = "parquet"
    CSV = "csv"


def export(
    folder: Annotated[Path | None, typer.Argument(help="The folder to write, a file a table.")] = None,
    project: Folder = HERE,
    into: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A schema to write instead: postgresql://user@host/db?schema=results."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day; the newest by default."),
    ] = None,
    kind: Annotated[Kind, typer.Option(help="How files are written.")] = Kind.PARQUET,
    with_people: Annotated[
        bool, typer.Option("--with-people", help="Columns too that may name or quote people at customers.")
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="table, or json for what was written.")] = "table",
) -> None:
    """Write signals, verdicts, plan, white space, movements and opportunities as tables, all of them or none."""
    if (folder is None) == (into is None):
        raise UsageError("say where to: a folder, or --into postgresql://…?schema=…")
    opened = open_project(project)
    address = read_address(into) if into is not None else None
    with progress_bar() as progress:
        tables = results(opened, as_of.date() if as_of else None, people=with_people, progress=progress)
    written = (
        [str(file) for file in write_files(tables, folder, csv=kind is Kind.CSV)]
        if folder is not None
        else write_into(tables, address)  # type: ignore[arg-type]  # one of the two is given
    )
    if format_ == "json":
        print(json.dumps({"written": written, "rows": {table.name: table.rows.num_rows for table in tables}}, indent=2))
        return
    out = page.console()
    for table, place in zip(tables, written, strict=False):
        out.print(f"{table.rows.num_rows:>9,} rows  {place}")
    out.print(f"{'':>9} columns  {written[-1]}")
