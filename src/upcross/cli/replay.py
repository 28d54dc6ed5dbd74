"""The commands that look back: `upcross replay` and `upcross plays diff`."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from upcross.cli.progress import progress as progress_bar
from upcross.errors import UsageError
from upcross.periods import add_months
from upcross.project import open_project
from upcross.replaying.difference import diff as read_difference
from upcross.replaying.history import Step
from upcross.replaying.judged import Gates
from upcross.replaying.kept import keep_replay
from upcross.replaying.replay import WINDOW
from upcross.replaying.replay import replay as read_replay
from upcross.replaying.sheet import SHORT, difference_facts, replay_facts, replay_sheet
from upcross.sheets import Format
from upcross.terminal import page
from upcross.terminal.difference import write_difference
from upcross.terminal.replay import write_replay

Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]
Since = Annotated[
    str | None,
    typer.Option(help="Where to begin: a day (2025-07-01), or back from the end: 12m, 26w, 90d. Default: a year."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", 
                 help="The last day; the book's newest by default."),
]  # fmt: skip
Steps = Annotated[Step, typer.Option(help="How far the days lie apart.")]
Within = Annotated[
    str, typer.Option(help="How long after an alert an expansion counts as what it led to: 180d.", metavar="DAYS")
]
Most = Annotated[int, typer.Option(min=0, help="Lines to print of each list; 0 for all.")]
HERE = Path()
_BACK = re.compile(r"(\d{1,4})([mwd])")


def replay(
    project: Folder = HERE,
    play: Annotated[str | None, typer.Option(help="Only one play, with its cases.")] = None,
    since: Since = None,
    as_of: Until = None,
    step: Steps = Step.WEEK,
    within: Within = f"{WINDOW}d",
    sweep: Annotated[
        str | None, typer.Option(help="Values of one parameter of the play: fire_at=70%..100% or fire_at=70%..100%:5%.")
    ] = None,
    gates: Annotated[
        Gates, typer.Option(help="Which gates hold asks back: all, only those whose data is known, or none.")
    ] = Gates.ALL,
    html: Annotated[Path | None, typer.Option(help="Write the report, with charts and every case, as a page.")] = None,
    most: Most = 12,
    format_: Annotated[Format, typer.Option("--format", help="Text for people, JSON, CSV or Markdown.")] = Format.TABLE,
) -> None:
    """Say what each play would have flagged on every past day, how early, and what became of it."""
    opened = open_project(project)
    last = as_of.date() if as_of else None
    with progress_bar() as progress:
        found = read_replay(
            opened, play=play, since=_since(since, last or opened.day(None, opened.store.manifest())), until=last,
            step=step, window=_days(within), sweep=sweep, gates=gates, progress=progress,
        )  # fmt: skip
    keep_replay(opened.folder / ".upcross", found)
    if html is not None:
        from upcross.pages.replay import replay_page

        html.write_text(replay_page(found), encoding="utf-8")
        page.console(error=True).print(f"written: {html}")
    if format_ is Format.JSON:
        print(json.dumps(replay_facts(found), ensure_ascii=False, indent=2))
    elif format_ is Format.TABLE:
        if html is None:
            write_replay(page.console(), found, most or None)
    else:
        sheet = replay_sheet(found)
        short = (*([found.sweep.param] if found.sweep else []), *SHORT)
        print(sheet.csv() if format_ is Format.CSV else sheet.only(short).markdown(), end="")


def diff(
    project: Folder = HERE,
    overlay: Annotated[
        Path | None, typer.Option(help="An overlay file, in place of plays/overlay.yaml.", exists=True, dir_okay=False)
    ] = None,
    play: Annotated[Path | None, typer.Option(help="A play file, new or changed.", exists=True, dir_okay=False)] = None,
    since: Since = None,
    as_of: Until = None,
    step: Steps = Step.WEEK,
    within: Within = f"{WINDOW}d",
    history: Annotated[bool, typer.Option(help="Also replay the changed plays before and after.")] = True,
    most: Most = 12,
    json_: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
) -> None:
    """Say what a change of plays would add, hold and drop today, and how it would have done, before it is applied."""
    opened = open_project(project)
    last = as_of.date() if as_of else None
    with progress_bar() as progress:
        found = read_difference(
            opened, overlay=overlay, play=play, as_of=last, step=step, window=_days(within), history=history,
            since=_since(since, last or opened.day(None, opened.store.manifest())), progress=progress,
        )  # fmt: skip
    if json_:
        print(json.dumps(difference_facts(found), ensure_ascii=False, indent=2))
    else:
        write_difference(page.console(), found, most or None)


def _days(text: str) -> int:
    number = text.removesuffix("d")
    if not number.isdigit() or not 1 <= int(number) <= 730:
        raise UsageError(f"--within {text}: give days from 1d to 730d, such as 180d")
    return int(number)


def _since(text: str | None, last: date) -> date | None:
    if text is None:
        return None
    if found := _BACK.fullmatch(text):
        count = int(found[1])
        if found[2] == "m":
            return add_months(last.replace(day=1), -count).replace(day=min(last.day, 28))
        return last - timedelta(days=count * (7 if found[2] == "w" else 1))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--since {text}: give a day such as 2025-07-01, or 12m, 26w, 90d back from the end") from None
