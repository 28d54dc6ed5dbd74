"""`upcross doctor`: what is installed, reachable, permitted and missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from upcross.cli.book import HERE, Folder, Format
from upcross.doctor import READABLE, Finding, State, can_run, examine
from upcross.project import FILE, open_project
from upcross.terminal import page

_SIGNS = {State.FINE: "✓", State.DOUBTFUL: "!", State.MISSING: "–", State.WRONG: "✗"}
_ABOUT = {
    "machine": "This machine",
    "project": "The project's folder",
    "resources": "What computing may take",
    "engine": "Engines",
    "source": "The project's engine",
}


def _gathered(found: list[Finding]) -> Iterator[Finding]:
    """The same, with what is readable in one line."""
    fine = [one for one in found if one.told == READABLE]
    for one in found:
        if one.told != READABLE:
            yield one
        elif one is fine[0]:
            yield Finding(one.about, f"{len(fine)} tables", one.state, READABLE)


def doctor(
    project: Folder = HERE,
    format_: Annotated[Format, typer.Option("--format", help="Text for people or JSON.")] = Format.TABLE,
) -> None:
    """Say what is installed, reachable, permitted and missing; ends with 1 where the project cannot run."""
    # Outside a project the machine is still there to be looked at.
    opened = open_project(project) if project != HERE or (project / FILE).exists() else None
    found = examine(opened)
    if format_ is Format.JSON:
        print(json.dumps({"can_run": can_run(found), "findings": [one.to_dict() for one in found]}, indent=2,
                         ensure_ascii=False))  # fmt: skip
        raise typer.Exit(0 if can_run(found) else 1)
    out = page.console()
    for about, title in _ABOUT.items():
        chosen = [one for one in found if one.about == about]
        if chosen:
            out.print(f"\n{title}", style="bold")
            table = Table(box=None, show_header=False, pad_edge=False)
            for one in _gathered(chosen):
                told = f"{one.told}\n→ {one.advice}" if one.advice and one.state is not State.FINE else one.told
                table.add_row(_SIGNS[one.state], Text(one.name), Text(told))
            out.print(table)
    wrong = sum(one.state is State.WRONG for one in found)
    out.print(f"\n{wrong} of these must be mended before the project runs." if wrong else "\nThe project can run."
              if opened else "\nNo project here: `upcross init FOLDER` begins one.")  # fmt: skip
    raise typer.Exit(1 if wrong else 0)
