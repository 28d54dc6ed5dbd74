"""The commands that say who may come in: invite, list, change, disable; tokens for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from upcross.kept_ledger import operator_name
from upcross.project import Project, open_project
from upcross.terminal import page

if TYPE_CHECKING:
    from upcross.ledger.actor import Actor

users_app = typer.Typer(
    help="Who may come in: people by invitation, programs by tokens.", no_args_is_help=True, rich_markup_mode=None
)
HERE = Path()
Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]
Email = Annotated[str, typer.Argument(help="Their e-mail address.")]
Person = Annotated[str | None, typer.Option(help="Who they are in the team table.")]


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"


Shape = Annotated[Format, typer.Option("--format", help="Text for people or JSON.")]


def _opened(folder: Path) -> tuple[Project, Actor]:
    """The project, connected to its ledger, and whoever sits at the command line."""
    project = open_project(folder)
    from upcross.web.settings import use

    use(project)
    from upcross.ledger.actor import operator

    return project, operator(operator_name())


def _address(project: Project, path: str) -> str:
    """Where people reach a page: the public address, else this machine's, on the port that `serve` says it is at."""
    return f"{project.settings.serve.public_url or 'http://127.0.0.1:8000'}{path}"


@users_app.command("add")
def add(
    email: Email,
    role: Annotated[str, typer.Option(help="What they may do: csm, manager, revops, admin and others.")],
    project: Folder = HERE,
    person: Person = None,
    name: Annotated[str, typer.Option(help="Their name.")] = "",
) -> None:
    """Invite somebody: prints a link by which they make their account, once, within 7 days."""
    opened, by = _opened(project)
    from upcross.access import people

    secret = people.invite(by, email, role, person_id=person or "", name=name)
    out = page.console()
    out.print(f"{email} is invited as {role}. Send them this link; it is good once, for 7 days:")
    print(_address(opened, f"/invitation/{secret}/"))


@users_app.command("list")
def list_(project: Folder = HERE, format_: Shape = Format.TABLE) -> None:
    """List everybody who may come in, who is invited, and whose account is disabled."""
    _opened(project)
    from upcross.access.models import Invitation, User
    from upcross.ledger.writer import now

    moment = now()
    rows: list[dict[str, Any]] = [
        {"email": user.email, "name": user.name, "role": user.role, "person_id": user.person_id,
         "state": "active" if user.is_active else "disabled",
         "last_signed_in": user.last_login.date().isoformat() if user.last_login else None}
        for user in User.objects.order_by("email")
    ]  # fmt: skip
    rows += [
        {"email": invited.email, "name": invited.name, "role": invited.role, "person_id": invited.person_id,
         "state": "invited", "last_signed_in": None}
        for invited in Invitation.objects.order_by("email") if invited.is_open(moment)
    ]  # fmt: skip
    _show(rows, format_, "nobody yet; invite somebody: upcross users add EMAIL --role admin")


@users_app.command("role")
def role(
    email: Email,
    role: Annotated[str, typer.Argument(help="The new role.")],
    project: Folder = HERE,
    person: Person = None,
) -> None:
    """Change what somebody may do, and who they are in the team table."""
    _, by = _opened(project)
    from upcross.access import people

    changed = people.change_role(by, people.user_with(email), role, person_id=person)
    page.console().print(f"{changed.email} is {changed.role} now")


@users_app.command("disable")
def disable(email: Email, project: Folder = HERE) -> None:
    """Shut somebody out: their sessions end at once."""
    _, by = _opened(project)
    from upcross.access import people

    page.console().print(f"{people.disable(by, people.user_with(email)).email} may not come in any more")


@users_app.command("enable")
def enable(email: Email, project: Folder = HERE) -> None:
    """Let somebody in again who was shut out."""
    _, by = _opened(project)
    from upcross.access import people

    page.console().print(f"{people.enable(by, people.user_with(email)).email} may sign in again")


@users_app.command("reset")
def reset(email: Email, project: Folder = HERE) -> None:
    """Sign somebody out and print a link to a new password, good once, for 2 hours; for those without mail."""
    opened, by = _opened(project)
    from upcross.access import people
    from upcross.access.resetting import reset_path

    print(_address(opened, reset_path(people.reset_password(by, people.user_with(email)))))


@users_app.command("token")
def token(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="What it may do: read, contacts, write, log, admin.")],
    project: Folder = HERE,
    role: Annotated[str, typer.Option(help="No more than this role may.")] = "",
    person: Person = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days for which it is good.")] = 365,
) -> None:
    """Make a token for a program; it is printed once and kept nowhere."""
    _, by = _opened(project)
    from upcross.access import tokens

    until = datetime.now(UTC) + timedelta(days=days)
    made, secret = tokens.make(by, name, scope, role=role, person_id=person or "", expires_at=until)
    page.console().print(f"Token {made.key} for {made.name}, good until {until:%Y-%m-%d}; it is not shown again:")
    print(secret)


@users_app.command("tokens")
def tokens_(project: Folder = HERE, format_: Shape = Format.TABLE) -> None:
    """List the tokens: what each may do, when it was last used, and whether it is still good."""
    _opened(project)
    from upcross.access.models import ServiceToken
    from upcross.ledger.writer import now

    moment = now()
    rows: list[dict[str, Any]] = [
        {"key": token.key, "name": token.name, "scopes": ", ".join(token.scopes), "role": token.role,
         "person_id": token.person_id, "last_used": token.used_at.date().isoformat() if token.used_at else None,
         "until": token.expires_at.date().isoformat() if token.expires_at else None,
         "state": "revoked" if token.revoked_at else "good" if token.is_valid(moment) else "over"}
        for token in ServiceToken.objects.order_by("made_at")
    ]  # fmt: skip
    _show(rows, format_, "no token yet; make one: upcross users token NAME --scope read")


@users_app.command("revoke")
def revoke(key: Annotated[str, typer.Argument(help="The token's key.")], project: Folder = HERE) -> None:
    """Make a token open nothing any more."""
    _, by = _opened(project)
    from upcross.access import tokens

    page.console().print(f"token {tokens.revoke(by, key).key} opens nothing any more")


def _show(rows: list[dict[str, Any]], format_: Format, nothing: str) -> None:
    if format_ is Format.JSON:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    out = page.console()
    if not rows:
        out.print(nothing)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(rows[0]):
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*("-" if value in (None, "") else str(value) for value in row.values()))
    out.print(table)
