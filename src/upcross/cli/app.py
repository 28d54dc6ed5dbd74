"""The command line: `upcross init | load | check | plan | explain | plays | signals | tables`.

Exit codes: 0 fine, 1 issues were found, 2 the command cannot mean anything, 3 nothing was loaded.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from upcross import explanation, sheets, verbs
from upcross.book.store import Manifest
from upcross.cli import book, deliveries, doctor, exporting, ledger, numbers, people, portfolio, replay, serve, watch
from upcross.cli.progress import progress as progress_bar
from upcross.engine.dialects import DIALECTS, render
from upcross.errors import LoadError, ProblemError, ProjectError, Report, UpcrossError, UsageError, suggest
from upcross.motions import Motion
from upcross.plan_sheet import SHORT, plan_sheet
from upcross.plays.library import Library
from upcross.plays.playtest import run_tests
from upcross.plays.schema import FILES, SchemaFile
from upcross.project import FILE, Project, open_project
from upcross.starting import start_project
from upcross.terminal import listing, page
from upcross.terminal.explanation import write_explanation
from upcross.terminal.plan import write_plan

app = typer.Typer(
    help="Expansion revenue for B2B software: who is ready for more, who should be left alone, and why.",
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
)  # fmt: skip
plays_app = typer.Typer(
    help="The plays: list, show, lint, test and compare them.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(plays_app, name="plays")
app.add_typer(numbers.metrics_app, name="metrics")
app.command()(numbers.movements)
app.command()(portfolio.white_space)
app.command()(portfolio.segments)
app.command()(portfolio.audit)
app.command()(replay.replay)
app.command()(ledger.apply)
app.command()(ledger.opportunities)
app.command()(ledger.work)
app.command()(ledger.reassign)
app.command()(ledger.log)
app.command("open")(ledger.open_)
app.command()(ledger.unlock)
app.command()(ledger.credit)
app.command()(ledger.backup)
app.command()(ledger.restore)
app.add_typer(ledger.audit_log_app, name="audit-log")
app.add_typer(deliveries.deliveries_app, name="deliveries")
app.command()(doctor.doctor)
app.command("export")(exporting.export)
app.command()(serve.serve)
app.command()(watch.watch)
app.add_typer(people.users_app, name="users")
plays_app.command("diff")(replay.diff)


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"


Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD",
                 help="The day whose end is judged; the book's newest by default."),
]  # fmt: skip
Shape = Annotated[Format, typer.Option("--format", help="Text for people or JSON.")]
SheetShape = Annotated[sheets.Format, typer.Option("--format", help="Text for people, JSON, CSV or Markdown.")]
HERE = Path()


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _code(report: Report) -> int:
    return 1 if report.errors else 0


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make or fill.")],
    sample: Annotated[bool, typer.Option("--sample", help="With the sample company and its data.")] = False,
) -> None:
    """Start a project: an upcross.yaml to fill in, or the sample company to look around in."""
    out = page.console()
    written = start_project(folder, sample=sample)
    out.print(f"{folder}: wrote {', '.join(written[:4])}{' …' if len(written) > 4 else ''}")
    out.print(f"next: cd {folder} && upcross load && upcross plan" if sample
              else f"next: map your files in {folder / FILE}, then `upcross load -C {folder}`")  # fmt: skip


app.command()(book.load)
app.command()(book.check)
app.command()(book.tables)


@app.command()
def plan(
    project: Folder = HERE,
    as_of: AsOf = None,
    motion: Annotated[Motion | None, typer.Option(help="Only one motion.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only what one person owns or closes (id or name).")] = None,
    most: Annotated[int, typer.Option(min=0, help="Lines to print of each lane; 0 for all.")] = 10,
    format_: SheetShape = sheets.Format.TABLE,
) -> None:
    """Say what a run would do: deeper, wider, held back, unknown. Nothing is written but the kept run."""
    opened = open_project(project)
    with progress_bar() as progress:
        result = verbs.plan(opened, _day(as_of), progress=progress)
    changes = result.changes
    if motion is not None:
        changes = changes.of_motion(motion)
    if owner is not None:
        changes = changes.of_owner(verbs.person(result, owner))
    if format_ is sheets.Format.JSON:
        _print_json({**changes.to_dict(), "data": [issue.to_dict() for issue in result.data]})
    elif format_ is sheets.Format.CSV:
        print(plan_sheet(changes).csv(), end="")
    elif format_ is sheets.Format.MARKDOWN:
        print(plan_sheet(changes).only(SHORT).markdown(), end="")
    else:
        write_plan(page.console(), result, changes, most or None)


@app.command()
def explain(
    account: Annotated[str, typer.Argument(help="The account's id or name.")],
    project: Folder = HERE,
    play: Annotated[str | None, typer.Option(help="Only one play.")] = None,
    product: Annotated[str | None, typer.Option(help="Only one product (id or name).")] = None,
    as_of: AsOf = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Say for one account what every play decides: each comparison, its threshold, its distance, its source."""
    opened = open_project(project)
    with progress_bar() as progress:
        told = explanation.explain(opened, account, play=play, product=product, as_of=_day(as_of), progress=progress)
    if format_ is Format.JSON:
        _print_json(told.to_dict())
    else:
        write_explanation(page.console(), told)


@app.command()
def signals(
    name: Annotated[str | None, typer.Argument(help="One signal.")] = None,
    project: Folder = HERE,
    sql: Annotated[str | None, typer.Option(help=f"Print the SQL behind it: {' or '.join(DIALECTS)}.")] = None,
    as_of: AsOf = None,
    format_: Shape = Format.TABLE,
) -> None:
    """List the signals, or say what one means, when it is unknown, and the SQL that makes it."""
    opened = _project_or_none(project)
    manifest = _manifest_or_none(opened)
    registry = (opened or _bare_project()).registry(manifest)
    out = page.console()
    if name is None:
        if format_ is Format.JSON:
            _print_json([listing.signal_facts(signal) for signal in registry.signals.values()])
        else:
            listing.write_signals(out, registry.signals)
        return
    if name not in registry.signals:
        raise UsageError(f"no signal is called '{name}'. {suggest(name, registry.signals)}")
    signal = registry.signals[name]
    evaluation = opened.evaluation(_day(as_of)) if opened and manifest else None
    if sql is not None:
        if evaluation is None:
            raise UsageError("the SQL of a signal is made for a loaded book: run `upcross load` first")
        text = render(evaluation.frame.model_statement(signal.model), sql, pretty=True)
        if format_ is Format.JSON:
            _print_json({"signal": name, "dialect": sql, "sql": text})
        else:
            print(text)
        return
    if format_ is Format.JSON:
        _print_json(listing.signal_facts(signal))
        return
    library = (opened or _bare_project()).library(registry)
    missing = [str(why) for why in evaluation.frame.why_unknown(signal)] if evaluation else []
    listing.write_signal(out, signal, missing, _readers(library, name))


@plays_app.command("list")
def plays_list(project: Folder = HERE, format_: Shape = Format.TABLE) -> None:
    """List plays and gates, shipped and the project's own."""
    library = _library(project)
    if format_ is Format.JSON:
        _print_json([listing.play_facts(play) for play in library.plays.values()])
    else:
        listing.write_plays(page.console(), library.plays.values(), library.gates)
    _told_faults(library)


@plays_app.command("show")
def plays_show(
    play: Annotated[str, typer.Argument(help="The play's id.")], project: Folder = HERE, format_: Shape = Format.TABLE
) -> None:
    """Show one play as it runs: its trigger, gates, owners, guide, assumptions and gaps."""
    library = _library(project)
    found = library.play(play)
    if format_ is Format.JSON:
        _print_json(listing.play_facts(found))
    else:
        listing.write_play(page.console(), found)


@plays_app.command("lint")
def plays_lint(project: Folder = HERE, format_: Shape = Format.TABLE) -> None:
    """Hold every play, gate, overlay and attestation to the rules; report all faults with file, line and column."""
    opened = _project_or_none(project) or _bare_project()
    library = opened.library(opened.registry(_manifest_or_none(opened)))
    report = Report(list(library.report))
    opened.attestations(library, report)
    opened.exemptions(library, report)
    if format_ is Format.JSON:
        _print_json({"issues": [issue.to_dict() for issue in report]})
    else:
        out = page.console()
        out.print(f"{len(library.plays)} plays, {len(library.gates)} gates: {page.counted(report)}")
        page.write_report(out, report)
    raise typer.Exit(_code(report))


@plays_app.command("test")
def plays_test(
    play: Annotated[list[str] | None, typer.Argument(help="Plays to test; all by default.")] = None,
    project: Folder = HERE,
    format_: Shape = Format.TABLE,
) -> None:
    """Run the plays' own tests: the production statement over the values of each case."""
    library = _library(project)
    for name in play or ():
        library.play(name)
    result = run_tests(library, play or None)
    failed = [case for case in result.results if not case.passed]
    if format_ is Format.JSON:
        _print_json({"passed": len(result.results) - len(failed), "failed": len(failed),
                     "issues": [issue.to_dict() for issue in result.report]})  # fmt: skip
    else:
        out = page.console()
        tested = len({case.play for case in result.results})
        out.print(f"{tested} plays, {len(result.results)} cases: {len(result.results) - len(failed)} passed,"
                  f" {len(failed)} failed")  # fmt: skip
        page.write_report(out, result.report)
    raise typer.Exit(_code(result.report))


@plays_app.command("schema")
def plays_schema(
    file: Annotated[SchemaFile, typer.Argument(help="The kind of file.")] = SchemaFile.PLAY, project: Folder = HERE
) -> None:
    """Print the JSON Schema of a file that you write, for editors: with the project's signals, gates and plays."""
    _print_json(FILES[file](_library(project)))


def _library(folder: Path) -> Library:
    opened = _project_or_none(folder) or _bare_project()
    return opened.library(opened.registry(_manifest_or_none(opened)))


def _told_faults(library: Library) -> None:
    if library.report.errors:
        out = page.console(error=True)
        out.print(f"{len(library.report.errors)} plays or gates are at fault and left out: `upcross plays lint`")


def _project_or_none(folder: Path) -> Project | None:
    # Outside a project the shipped plays, signals and tables are still there to be looked at.
    if folder == HERE and not (folder / FILE).exists():
        return None
    return open_project(folder)


def _bare_project() -> Project:
    return Project.bare()


def _manifest_or_none(project: Project | None) -> Manifest | None:
    try:
        return project.store.manifest() if project else None
    except ProjectError as error:
        if any(issue.code != "nothing-loaded" for issue in error.report):
            raise
        return None


def _readers(library: Library, signal: str) -> list[str]:
    found = [play.id for play in library.plays.values() if signal in play.reads()]
    return found + [gate.id for gate in library.gates.values() if signal in gate.reads]


def main() -> None:
    """Run the command line; faults that a user can mend are told without a traceback."""
    try:
        code = app(standalone_mode=False)  # an Exit inside a command comes back as its code
        sys.exit(code if isinstance(code, int) else 0)
    except typer.Abort:
        sys.exit(130)
    except UsageError as error:
        _fail([], f"upcross: {error}", 2)
    except ProblemError as error:
        out = page.console(error=True)
        if not _wants_json():
            out.print(f"upcross: {page.counted(error.report)}")
            page.write_report(out, error.report)
        _fail([issue.to_dict() for issue in error.report], "", 3 if isinstance(error, LoadError) else 1)
    except (UpcrossError, OSError) as error:
        _fail([], f"upcross: {error}", 1)
    except Exception as error:
        if hasattr(error, "exit_code") and hasattr(error, "show"):  # a usage error of the command parser
            error.show()
            sys.exit(2)
        raise


def _fail(issues: list[dict[str, object]], message: str, code: int) -> None:
    """End with a code: the message on the error stream, and JSON on the output where JSON was asked for."""
    if message:
        print(message, file=sys.stderr)
    if _wants_json():
        told: dict[str, object] = {"issues": issues}
        _print_json({**told, "message": message} if message else told)
    sys.exit(code)


def _wants_json() -> bool:
    return "json" in sys.argv[1:] or "--format=json" in sys.argv[1:]


if __name__ == "__main__":
    main()
