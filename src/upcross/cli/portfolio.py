"""The commands that look over the whole book: `upcross white-space`, `upcross segments`, `upcross audit`."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from upcross.cli.progress import progress as progress_bar
from upcross.pipeline.audit import audit as read_audit
from upcross.pipeline.sheet import SHORT as AUDIT_SHORT
from upcross.pipeline.sheet import audit_facts, audit_sheet
from upcross.portfolio.segmentation import By
from upcross.portfolio.segmentation import segments as read_segments
from upcross.portfolio.segments_sheet import SHORT as SEGMENTS_SHORT
from upcross.portfolio.segments_sheet import segments_facts, segments_sheet
from upcross.portfolio.white_space import white_space as read_white_space
from upcross.portfolio.white_space_sheet import CELLS_SHORT, USES_SHORT, cells_sheet, uses_sheet, white_space_facts
from upcross.project import open_project
from upcross.sheets import Format, Sheet
from upcross.terminal import page
from upcross.terminal.audit import write_audit
from upcross.terminal.segments import write_segments
from upcross.terminal.white_space import write_white_space

Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD",
                 help="The day whose end is judged; the book's newest by default."),
]  # fmt: skip
Shape = Annotated[Format, typer.Option("--format", help="Text for people, JSON, CSV or Markdown.")]
Most = Annotated[int, typer.Option(min=0, help="Lines to print of each list; 0 for all.")]
HERE = Path()


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _print_sheet(sheet: Sheet, short: tuple[str, ...], format_: Format) -> None:
    print(sheet.csv() if format_ is Format.CSV else sheet.only(short).markdown(), end="")


def white_space(
    project: Folder = HERE,
    account: Annotated[str | None, typer.Option(help="Only one account (id or name).")] = None,
    segment: Annotated[str | None, typer.Option(help="Only one segment.")] = None,
    product: Annotated[str | None, typer.Option(help="Only one product (id or name).")] = None,
    csm: Annotated[str | None, typer.Option(help="Only the book of one CSM (id or name).")] = None,
    consumption: Annotated[
        bool, typer.Option("--consumption", help="As CSV or Markdown: use against what was bought, not the cells.")
    ] = False,
    as_of: AsOf = None,
    most: Most = 25,
    format_: Shape = Format.TABLE,
) -> None:
    """Map products against accounts and business units, and beside it what they use of what they bought."""
    with progress_bar() as progress:
        found = read_white_space(
            open_project(project), _day(as_of), account=account, segment=segment, product=product, csm=csm,
            progress=progress,
        )  # fmt: skip
    if format_ is Format.JSON:
        _print_json(white_space_facts(found))
    elif format_ is Format.TABLE:
        write_white_space(page.console(), found, most or None)
    elif consumption:
        _print_sheet(uses_sheet(found), USES_SHORT, format_)
    else:
        _print_sheet(cells_sheet(found), CELLS_SHORT, format_)


def audit(
    project: Folder = HERE,
    csm: Annotated[str | None, typer.Option(help="Only deals at the accounts of one CSM (id or name).")] = None,
    owner: Annotated[str | None, typer.Option(help="Only the deals of one owner (id or name).")] = None,
    as_of: AsOf = None,
    most: Most = 25,
    format_: Shape = Format.TABLE,
) -> None:
    """Say what speaks against each open deal that people made: gates, mechanism, renewal, buyer, double counts."""
    with progress_bar() as progress:
        found = read_audit(open_project(project), _day(as_of), csm=csm, owner=owner, progress=progress)
    if format_ is Format.JSON:
        _print_json(audit_facts(found))
    elif format_ is Format.TABLE:
        write_audit(page.console(), found, most or None)
    else:
        _print_sheet(audit_sheet(found), AUDIT_SHORT, format_)


def segments(
    project: Folder = HERE,
    by: Annotated[By | None, typer.Option(help="Also how the segments spread over these.")] = None,
    as_of: AsOf = None,
    most: Most = 10,
    format_: Shape = Format.TABLE,
) -> None:
    """Put every customer into one segment: both motions ready, one of them, fix first, or nurture."""
    with progress_bar() as progress:
        found = read_segments(open_project(project), _day(as_of), by=by, progress=progress)
    if format_ is Format.JSON:
        _print_json(segments_facts(found))
    elif format_ is Format.TABLE:
        write_segments(page.console(), found, most or None)
    else:
        _print_sheet(segments_sheet(found), SEGMENTS_SHORT, format_)
