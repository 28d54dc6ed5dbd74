"""The commands about what leaves: deliveries list, deliveries retry."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from upcross import kept_ledger
from upcross.cli.ledger import HERE, Folder, Format, Shape
from upcross.errors import UsageError, suggest
from upcross.project import open_project
from upcross.terminal import page
from upcross.terminal.deliveries import write_deliveries

deliveries_app = typer.Typer(
    help="What is told to webhooks, Slack and e-mail: list it, send again what was given up.", no_args_is_help=True,
    rich_markup_mode=None,
)  # fmt: skip
STATES = ("dead", "pending", "delivered")


@deliveries_app.command("list")
def list_(
    project: Folder = HERE,
    state: Annotated[str | None, typer.Option(help="Only one state: dead, pending or delivered.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Deliveries to print of each state.")] = 20,
    format_: Shape = Format.TABLE,
) -> None:
    """List what is on its way, what arrived, and what did not, with why."""
    if state is not None and state not in STATES:
        raise UsageError(f"no state is called '{state}'. {suggest(state, STATES)}")
    kept_ledger.need_ledger(open_project(project))
    from upcross.deliveries.dispatch import delivery_facts
    from upcross.ledger.models import Delivery

    wanted = [state] if state else STATES
    counts = {name: Delivery.objects.filter(state=name).count() for name in STATES}
    found = [row for name in wanted for row in Delivery.objects.filter(state=name).order_by("-pk")[:most]]
    rows = [delivery_facts(row) for row in found]
    if format_ is Format.JSON:
        print(json.dumps({"counts": counts, "deliveries": rows}, ensure_ascii=False, indent=2))
    else:
        write_deliveries(page.console(), rows, counts)


@deliveries_app.command("try")
def try_(
    destination: Annotated[str, typer.Argument(help="The destination's name in the project file.")],
    project: Folder = HERE,
    to: Annotated[str, typer.Option(help="Whom it is for (id), where people read there.")] = "",
) -> None:
    """Send one message of no consequence to a destination, and say what came of it."""
    opened = open_project(project)
    places = {place.name: place for place in opened.deliveries.destinations}
    if destination not in places:
        raise UsageError(f"no destination is called '{destination}'. {suggest(destination, places)}")
    kept_ledger.need_ledger(opened)
    from upcross.deliveries.clients import clients
    from upcross.deliveries.message import Delivered
    from upcross.deliveries.trial import trial_message

    outcome = clients(opened.deliveries, opened.folder)[destination].send(trial_message(datetime.now(UTC), to))
    out = page.console()
    if isinstance(outcome, Delivered):
        out.print(f"{destination} has it")
        return
    out.print(f"{destination} does not have it: {outcome.why}")
    raise typer.Exit(1)


@deliveries_app.command("retry")
def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Their ids, as the list gives them.")] = None,
    project: Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")] = HERE,
    all_: Annotated[bool, typer.Option("--all", help="Everything that was given up.")] = False,
    destination: Annotated[str | None, typer.Option(help="With --all: only what goes to one destination.")] = None,
) -> None:
    """Send again what was given up, for as long as if it were new; the worker does it."""
    if bool(ids) == all_:
        raise UsageError("say which: ids as `upcross deliveries list --state dead` gives them, or --all")
    kept_ledger.need_ledger(open_project(project))
    from upcross.deliveries.dispatch import send_again
    from upcross.ledger.models import Delivery

    dead = Delivery.objects.filter(state="dead")
    if destination is not None:
        dead = dead.filter(destination=destination)
    known = set(dead.values_list("pk", flat=True))
    strange = sorted(set(ids or ()) - known)
    if strange:
        raise UsageError(
            f"{', '.join(map(str, strange))}: not given up, or not there; nothing was done. Those that were:"
            " upcross deliveries list --state dead"
        )
    count = send_again(sorted(known if all_ else set(ids or ())), datetime.now(UTC))
    page.console().print(f"{count} {'delivery' if count == 1 else 'deliveries'} will be sent again by the worker")
