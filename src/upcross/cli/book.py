"""The commands about the data: `upcross load`, `upcross check` and `upcross tables`."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from upcross import verbs
from upcross.absence import Absence, absences
from upcross.book.pricebook import price_book_facts, read_price_book
from upcross.book.rejects import write_rejects
from upcross.book.store import Manifest
from upcross.cli.progress import progress as progress_bar
from upcross.contract import TABLES
from upcross.errors import LoadError, ProjectError, Report, UsageError, suggest
from upcross.money import quantise
from upcross.numbers import control
from upcross.project import FILE, Project, open_project
from upcross.table_readers import readers
from upcross.terminal import book as book_text
from upcross.terminal import listing, page


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"


Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]
Shape = Annotated[Format, typer.Option("--format", help="Text for people or JSON.")]
HERE = Path()


def load(
    project: Folder = HERE,
    anew: Annotated[bool, typer.Option("--all", help="Read every file, not only what was written since.")] = False,
    format_: Shape = Format.TABLE,
) -> None:
    """Read what was written since the last load into the store. A faulty file stops it; the last good book stays."""
    try:
        opened = open_project(project)
    except ProjectError as error:
        raise LoadError(error.report) from error  # nothing is loaded, which is another thing than loaded with faults
    with progress_bar() as progress:
        result = verbs.load(opened, progress=progress, anew=anew)
    if format_ is Format.JSON:
        tables = [{"table": t.name, "rows": t.rows, "set_aside": t.set_aside, "left_out": t.left_out}
                  for t in result.manifest.tables.values()]  # fmt: skip
        _print_json(
            {
                "read": result.read,
                "unchanged": result.unchanged,
                "tables": tables,
                "issues": [issue.to_dict() for issue in result.report],
            }
        )
    else:
        book_text.write_load(page.console(), result)
    raise typer.Exit(_code(result.report))


def check(
    project: Folder = HERE,
    examples: Annotated[int, typer.Option(min=1, help="Examples to tell of each fault.")] = 3,
    skus: Annotated[bool, typer.Option("--skus", help="Only the price book: what each item is, or may be.")] = False,
    totals: Annotated[
        str | None, typer.Option("--control", metavar="FILE", help="Only finance's totals by month against the book.")
    ] = None,
    tolerance: Annotated[
        str, typer.Option(help="By how much a total may differ, in currency units; with --control.")
    ] = "0",
    rejects: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Only write the rows that were set aside there, a file a table.")
    ] = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Say everything that is wrong, doubtful or worth knowing about the book, the plays and the gates."""
    opened = open_project(project)
    if sum((skus, totals is not None, rejects is not None)) > 1:
        raise UsageError("--skus, --control and --rejects are each a check of their own: give one of them")
    if skus:
        _check_skus(opened, format_)
    elif totals is not None:
        _check_control(opened, totals, tolerance, format_)
    elif rejects is not None:
        _write_rejects(opened, rejects, format_)
    else:
        with progress_bar() as progress:
            report = verbs.check(opened, progress=progress, examples=examples)
        if format_ is Format.JSON:
            _print_json({"issues": [issue.to_dict() for issue in report]})
        else:
            book_text.write_check(page.console(), report)
        raise typer.Exit(_code(report))


def _check_skus(project: Project, format_: Format) -> None:
    found = read_price_book(project.store)
    if format_ is Format.JSON:
        _print_json(dict(price_book_facts(found)))
    else:
        book_text.write_price_book(page.console(), found)
    raise typer.Exit(1 if found.unmapped else 0)


def _check_control(project: Project, file: str, tolerance: str, format_: Format) -> None:
    try:
        allowed = quantise(tolerance)
    except (ArithmeticError, ValueError):
        raise UsageError(f"--tolerance is an amount such as 0.01, not '{tolerance}'") from None
    found = control.compare(project, file, abs(allowed))
    if format_ is Format.JSON:
        _print_json(found.to_dict())
    else:
        book_text.write_control(page.console(), found)
    raise typer.Exit(1 if found.differing else 0)


def _write_rejects(project: Project, folder: Path, format_: Format) -> None:
    if project.settings.source is not None:
        raise UsageError("--rejects copies lines of files; the rows set aside lie in the engine: `upcross check` tells"
                         " them by their keys")  # fmt: skip
    report = Report()
    mappings = project.mappings(report)
    report.raise_errors(LoadError)
    written = write_rejects(project.store, mappings, folder, report)
    if format_ is Format.JSON:
        _print_json({"rejects": [{"table": r.table, "file": str(r.file), "rows": r.rows} for r in written],
                     "issues": [issue.to_dict() for issue in report]})  # fmt: skip
    else:
        book_text.write_rejects(page.console(), written, folder)
        page.write_report(page.console(), report)
    raise typer.Exit(1 if written or report.errors else 0)


def tables(
    name: Annotated[str | None, typer.Argument(help="One table.")] = None,
    project: Folder = HERE,
    format_: Shape = Format.TABLE,
) -> None:
    """List the tables of the contract, what is loaded of them and what the absence of others costs; or explain one."""
    if name is not None and name not in TABLES:
        raise UsageError(f"no table is called '{name}'. {suggest(name, TABLES)}")
    # Outside a project the tables are still there to be looked at.
    opened = open_project(project) if project != HERE or (project / FILE).exists() else None
    manifest = _manifest_or_none(opened)
    waiting = _waiting(opened) if manifest else {}
    out = page.console()
    if format_ is Format.JSON:
        chosen = [TABLES[name]] if name else list(TABLES.values())
        found = readers(opened or Project.bare(), manifest)
        _print_json([listing.table_facts(table, manifest, found[table.name], waiting.get(table.name))
                     for table in chosen])  # fmt: skip
    elif name is None:
        listing.write_tables(out, manifest, waiting)
    else:
        found = readers(opened or Project.bare(), manifest)
        listing.write_table(out, TABLES[name], manifest, found[name], waiting.get(name))


def _waiting(project: Project | None) -> dict[str, Absence]:
    changes = verbs.kept_changes(project) if project else None
    return absences(changes) if changes else {}


def _manifest_or_none(project: Project | None) -> Manifest | None:
    try:
        return project.store.manifest() if project else None
    except ProjectError as error:
        if any(issue.code != "nothing-loaded" for issue in error.report):
            raise
        return None


def _code(report: Report) -> int:
    return 1 if report.errors else 0


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
