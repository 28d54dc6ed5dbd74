"""The commands that write to the ledger and look at it: apply, opportunities, reassign, audit-log."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from upcross import applied, kept_ledger, logged, periods
from upcross import credit as credited
from upcross.cli.progress import progress as progress_bar
from upcross.errors import UsageError, suggest
from upcross.kept_signals import forget_typed
from upcross.money import quantise
from upcross.project import Project, open_project
from upcross.terminal import page
from upcross.terminal.ledger import (
    write_applied,
    write_change,
    write_credits,
    write_logged,
    write_opportunities,
    write_unlock,
    write_verified,
)
from upcross.terminal.plan import write_plan

Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day; the book's newest by default."),
]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day that counts as today.")
]
HERE = Path()


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"


Shape = Annotated[Format, typer.Option("--format", help="Text for people or JSON.")]
audit_log_app = typer.Typer(
    help="The record of everything that happened: verify it, read it, erase personal text.", no_args_is_help=True,
    rich_markup_mode=None,
)  # fmt: skip


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def apply(
    project: Folder = HERE,
    as_of: AsOf = None,
    most: Annotated[int, typer.Option(min=0, help="Lines to print of each lane; 0 for all.")] = 3,
    format_: Shape = Format.TABLE,
) -> None:
    """Write today's change plan into the ledger: exactly what `plan` shows; a second time it changes nothing."""
    opened = open_project(project)
    with progress_bar() as progress:
        done = applied.apply(opened, as_of.date() if as_of else None, progress=progress)
    if format_ is Format.JSON:
        _print_json({"plan": done.plan.changes.to_dict(), "applied": done.applied.to_dict()})
        return
    out = page.console()
    write_plan(out, done.plan, done.plan.changes, most or None)
    out.print()
    write_applied(out, done.applied)


def opportunities(
    project: Folder = HERE,
    owner: Annotated[str | None, typer.Option(help="Only what one person has (id).")] = None,
    stage: Annotated[str | None, typer.Option(help="Only one stage; all open ones by default.")] = None,
    most: Annotated[int, typer.Option(min=0, help="Lines to print of each motion; 0 for all.")] = 20,
    format_: Shape = Format.TABLE,
) -> None:
    """List what is open, held or ended in the ledger, the two motions apart."""
    opened = open_project(project)
    kept_ledger.need_ledger(opened)
    from upcross.ledger.models import Opportunity
    from upcross.ledger.stage import OPEN, Stage

    if stage is not None and stage not in [item.value for item in Stage]:
        raise UsageError(f"no stage is called '{stage}'. {suggest(stage, [item.value for item in Stage])}")
    wanted = [stage] if stage else sorted(OPEN)
    found = Opportunity.objects.filter(stage__in=wanted).order_by("motion", "-potential_expected", "id")
    if owner is not None:
        found = found.filter(owner=owner)
    rows = list(found)
    if format_ is Format.JSON:
        from upcross.ledger.facts import opportunity_facts

        _print_json([opportunity_facts(row) for row in rows])
    else:
        write_opportunities(page.console(), rows, opened.settings.reporting_currency, most or None)
        if not rows:
            page.console().print("nothing there")


def work(
    step: Annotated[str, typer.Argument(help="What to do: qualify, hand_off, accept, return, win, lose, dismiss, …")],
    opportunity: Annotated[str, typer.Argument(help="The opportunity's id, or its first letters.")],
    project: Folder = HERE,
    reason: Annotated[str, typer.Option(help="Why, where the step wants a reason.")] = "",
    text: Annotated[str, typer.Option(help="The same in words.")] = "",
    to: Annotated[str, typer.Option(help="To whom (id).")] = "",
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Snooze until, or override through, a day."),
    ] = None,
    until_changed: Annotated[bool, typer.Option("--until-changed", help="Snooze until its signal changes.")] = False,
    need: Annotated[str, typer.Option(help='The need, in words or "unknown".')] = "",
    goal: Annotated[str, typer.Option(help='The goal it serves, or "unknown".')] = "",
    buyer: Annotated[str, typer.Option(help='Who buys, or "unknown".')] = "",
    budget_owner: Annotated[str, typer.Option(help='Whose budget it is, or "unknown".')] = "",
    mrr: Annotated[str | None, typer.Option(help="The MRR that was won.")] = None,
    as_: Annotated[str | None, typer.Option("--as", help="The one of our people who does it (id).")] = None,
    today: Day = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Take one step with an opportunity, and say how it stands then."""
    opened = open_project(project)
    kept_ledger.need_ledger(opened)
    from upcross.ledger.acts import act
    from upcross.ledger.facts import opportunity_facts
    from upcross.ledger.given import Given
    from upcross.ledger.step import Step

    try:
        wanted = Step(step.replace("-", "_"))
    except ValueError:
        raise UsageError(f"no step is called '{step}'. {suggest(step, [s.value for s in Step])}") from None
    context = {"need": need, "goal": goal, "buyer": buyer, "budget_owner": budget_owner}
    given = Given(
        reason, text, {name: said for name, said in context.items() if said}, to, until.date() if until else None,
        until_changed, mrr=None if mrr is None else quantise(_decimal(mrr)),
    )  # fmt: skip
    row = act(
        _found(opportunity), wanted, kept_ledger.actor_of(opened, as_), given, today=_today(opened, today),
        house=kept_ledger.house_of(opened),
    )  # fmt: skip
    facts = opportunity_facts(row)
    if format_ is Format.JSON:
        _print_json(facts)
    else:
        told = f"{row.account_name or row.account_id}: {row.title}: {row.stage.replace('_', ' ')}, owned by {row.owner}"
        page.console().print(told + (f", to respond by {row.due_on}" if row.due_on else ""))


def _decimal(text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text)
    except InvalidOperation:
        raise UsageError(f"--mrr is '{text}'; expected an amount such as 250 or 99.50") from None


def _today(project: Project, given: datetime | None) -> date:
    """The day that counts as today: the one given, else the later of the calendar's and the ledger's."""
    from upcross.ledger.applying import last_applied

    return given.date() if given else max(periods.today(), last_applied() or date.min)


def _found(text: str) -> uuid.UUID:
    from upcross.ledger.models import Opportunity

    try:
        return uuid.UUID(text)
    except ValueError:
        pass
    near = [key for key in Opportunity.objects.values_list("id", flat=True) if str(key).startswith(text.casefold())]
    if len(near) == 1:
        return uuid.UUID(str(near[0]))
    what = f"{len(near)} opportunities begin" if near else "no opportunity begins"
    raise UsageError(f"{what} with '{text}'; list them: upcross opportunities")


def reassign(
    from_: Annotated[str, typer.Option("--from", help="Whose work moves (id).")],
    to: Annotated[str, typer.Option(help="Who takes it over (id).")],
    project: Folder = HERE,
    segment: Annotated[str | None, typer.Option(help="Only accounts of one segment.")] = None,
    today: Day = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Move a person's opportunities and accounts to another: a territory changes, or somebody leaves."""
    opened = open_project(project)
    kept_ledger.need_ledger(opened)
    from upcross.ledger.territory import move_book

    moved = move_book(
        from_, to, kept_ledger.actor_of(opened, None), today=_today(opened, today), segment=segment,
        house=kept_ledger.house_of(opened),
    )  # fmt: skip
    if format_ is Format.JSON:
        _print_json(moved.to_dict())
    else:
        out = page.console()
        out.print(
            f"{moved.opportunities} opportunities and {moved.accounts} accounts now are {to}'s, with their history"
        )
        if moved.accounts:
            out.print(f"new asks of these accounts go to {to} as long as the book still names {from_}")


@audit_log_app.command("verify")
def verify_log(
    project: Folder = HERE,
    head: Annotated[str, typer.Option(help="A hash that the record once ended with; it must still be in it.")] = "",
    format_: Shape = Format.TABLE,
) -> None:
    """Go through the whole record and name its first bad entry, if there is one."""
    kept_ledger.need_ledger(open_project(project))
    from upcross.ledger.verifying import verify

    told = verify(head)
    if format_ is Format.JSON:
        _print_json(told.to_dict())
    else:
        write_verified(page.console(), told)
    raise typer.Exit(1 if told.fault else 0)


@audit_log_app.command("erase")
def erase_texts(
    subject: Annotated[str, typer.Argument(help="What it is about: opportunity, heard, account plan.")],
    subject_id: Annotated[str, typer.Argument(help="Its id.")],
    project: Folder = HERE,
) -> None:
    """Erase the personal text of one subject for good; the record still shows that there was some."""
    opened = open_project(project)
    kept_ledger.need_ledger(opened)
    from upcross.ledger.erasing import erase

    count = erase(subject, subject_id, kept_ledger.actor_of(opened, None))
    forget_typed(opened.runs)  # kept signals quote what people typed; they are made again where needed
    page.console().print(f"{count} text{'' if count == 1 else 's'} erased; the record is as whole as before")


def log(
    account: Annotated[str, typer.Argument(help="The account's id or name.")],
    quote: Annotated[str, typer.Argument(help="What was said, in their words.")],
    project: Folder = HERE,
    kind: Annotated[str, typer.Option(help="need, pain, question, buying_request, objection, competitor, …")] = "need",
    product: Annotated[str, typer.Option(help="The product meant (id or name).")] = "",
    domain: Annotated[str, typer.Option(help="The problem that it touches.")] = "",
    said_by: Annotated[str, typer.Option(help="Who said it, where they are no known contact.")] = "",
    contact: Annotated[str, typer.Option(help="Who said it: a known contact (id or name).")] = "",
    unit: Annotated[str, typer.Option(help="The business unit.")] = "",
    said_on: Day = None,
    as_: Annotated[str | None, typer.Option("--as", help="The one of our people who heard it (id).")] = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Log what you heard: kept with the account, judged at once by the same plays and gates, and acted on."""
    opened = open_project(project)
    kept_ledger.open_ledger(opened)
    with progress_bar() as progress:
        done = logged.log(
            opened, account, quote, kept_ledger.actor_of(opened, as_), kind=kind, product=product, domain=domain,
            said_by=said_by, contact=contact, business_unit=unit, said_on=said_on.date() if said_on else None,
            progress=progress,
        )  # fmt: skip
    if format_ is Format.JSON:
        _print_json({"statement_id": done.statement_id, "plan": done.hearing.changes.to_dict(),
                     "applied": done.applied.to_dict()})  # fmt: skip
    else:
        write_logged(page.console(), done.hearing, done.applied)


def unlock(
    project: Folder = HERE,
    most: Annotated[int, typer.Option(min=0, help="Blockers to print; 0 for all.")] = 15,
    format_: Shape = Format.TABLE,
) -> None:
    """Rank what stands in the way by the money that waits behind it, with who can clear it and what a gate costs."""
    opened = open_project(project)
    kept_ledger.need_ledger(opened)
    from upcross.ledger.models import Opportunity
    from upcross.ledger.unlock import unlock as unlocked

    told = unlocked(Opportunity.objects.all(), opened.settings.reporting_currency)
    if format_ is Format.JSON:
        _print_json(told.to_dict())
    else:
        write_unlock(page.console(), told, most or None)


def backup(
    to: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")], project: Folder = HERE
) -> None:
    """Copy the ledger while people work; the copy is verified before it counts."""
    place = kept_ledger.need_ledger(open_project(project))
    from upcross.ledger.backup import back_up

    copy = back_up(place, to)
    page.console().print(f"{copy.file}: {copy.entries:,} entries, verified; last hash {copy.head}", soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `upcross backup` wrote.")],
    project: Folder = HERE,
    replace: Annotated[bool, typer.Option("--replace", help="Set the ledger that is there aside.")] = False,
) -> None:
    """Make the ledger what a backup holds; the backup is verified first, and what was there is set aside."""
    from upcross.ledger.place import connect

    place = kept_ledger.ledger_of(open_project(project))
    connect(place, migrated=False)
    from upcross.ledger.backup import restore as bring_back

    back = bring_back(place, source, replace=replace)
    connect(place)  # a backup of an older version is brought up to date
    out = page.console()
    out.print(f"the ledger is back: {back.entries:,} entries, verified; last hash {back.head}", soft_wrap=True)
    if back.set_aside:
        out.print(f"the one before is set aside: {back.set_aside}", soft_wrap=True)


def open_(
    account: Annotated[str, typer.Argument(help="The account's id or name.")],
    product: Annotated[str, typer.Argument(help="The product's id or name.")],
    mechanism: Annotated[str, typer.Argument(help="seats, tier, usage, support, product, module or add_on.")],
    project: Folder = HERE,
    unit: Annotated[str, typer.Option(help="The business unit.")] = "",
    text: Annotated[str, typer.Option(help="Why, in words.")] = "",
    as_: Annotated[str | None, typer.Option("--as", help="The one of our people who opens it (id).")] = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Open an opportunity by hand: through the same gates as any other, and held where they hold it."""
    opened = open_project(project)
    kept_ledger.open_ledger(opened)
    with progress_bar() as progress:
        done = logged.open_opportunity(
            opened, account, product, mechanism, kept_ledger.actor_of(opened, as_), why=text, business_unit=unit,
            progress=progress,
        )  # fmt: skip
    if format_ is Format.JSON:
        _print_json({"change": done.opened.change.to_dict(opened.settings.reporting_currency),
                     "applied": done.applied.to_dict()})  # fmt: skip
    else:
        write_change(page.console(), done.opened.change, opened.settings.reporting_currency)


def credit(
    project: Folder = HERE,
    first: Annotated[str | None, typer.Option("--from", help="Month, quarter or fiscal period; a year back.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last one; the last whole month.")] = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Say what each CSM is credited with: NRR of her book, and what she qualified that its closer took and kept."""
    told = credited.credit(open_project(project), first, last)
    if format_ is Format.JSON:
        _print_json(told.to_dict())
    else:
        write_credits(page.console(), told)
