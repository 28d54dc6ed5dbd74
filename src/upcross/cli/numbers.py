"""The commands about money: `upcross metrics`, `upcross metrics definitions`, `upcross movements`."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from upcross.errors import UsageError, suggest
from upcross.numbers import control, report
from upcross.numbers.drilldown import movements as read_movements
from upcross.numbers.facts import Plain, movements_facts, numbers_facts
from upcross.numbers.grouping import By
from upcross.numbers.leading import leading
from upcross.numbers.report import Display, Group
from upcross.numbers.rows import Level
from upcross.project import Project, open_project
from upcross.revenue.calendar import Window
from upcross.revenue.rate import Rate
from upcross.terminal import numbers as numbers_text
from upcross.terminal import page

metrics_app = typer.Typer(help="Retention, the bridge, and each motion's metrics.", rich_markup_mode=None)


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"


Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]
Shape = Annotated[Format, typer.Option("--format", help="Text for people or JSON.")]
First = Annotated[
    str | None,
    typer.Option("--from", metavar="MONTH", help="First month: 2026-01, 2026-Q1, FY2026 or FY2026-Q1."),
]
Last = Annotated[
    str | None,
    typer.Option("--to", metavar="MONTH", help="Last month, likewise; by default the last twelve whole months."),
]
LevelOf = Annotated[Level, typer.Option(help="Who counts as one customer.")]
KnownAt = Annotated[
    datetime | None,
    typer.Option("--known-at", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD",
                 help="As known on this day; by default as known now."),
]  # fmt: skip
HERE = Path()


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


@metrics_app.callback(invoke_without_command=True)
def metrics(
    context: typer.Context,
    project: Folder = HERE,
    first: First = None,
    last: Last = None,
    by: Annotated[By | None, typer.Option(help="The same numbers for each group.")] = None,
    level: LevelOf = Level.ACCOUNT,
    definition: Annotated[
        str | None, typer.Option(help="Also NRR and GRR by a named definition: `upcross metrics definitions`.")
    ] = None,
    display: Annotated[Display, typer.Option(help="Money a month, or times twelve.")] = Display.MRR,
    of: Annotated[
        str | None, typer.Option(metavar="RATE", help="Only the accounts behind one rate: nrr, grr …")
    ] = None,
    indicators: Annotated[bool, typer.Option("--leading", help="With the leading indicators, month by month.")] = False,
    known_at: KnownAt = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Print retention, the bridge, and the metrics of upsell and cross-sell side by side, never blended."""
    if context.invoked_subcommand is not None:
        return
    opened = open_project(project)
    found = report.metrics(opened, first, last, by=by, level=level, definition_name=definition, display=display,
                            known_at=_day(known_at))  # fmt: skip
    out = page.console()
    if of is not None:
        rate = _rate(found.total, of)
        if format_ is Format.JSON:
            _print_json({**Plain(display.times, parts=True).rate(rate), **_marks(opened, found.window)})
        else:
            _write_marks(opened, found.window)
            numbers_text.write_parts(out, of, rate, display.times)
        return
    months = leading(opened, found.window) if indicators else []
    if format_ is Format.JSON:
        _print_json({**numbers_facts(found, months), **_marks(opened, found.window)})
    else:
        _write_marks(opened, found.window)
        numbers_text.write_numbers(out, found, months)


def _marks(project: Project, window: Window) -> dict[str, Any]:
    return {"not_tied_out": list(control.notes(project, window))}


def _write_marks(project: Project, window: Window) -> None:
    """What of a window does not tie out with finance stands above its numbers."""
    for note in control.notes(project, window):
        page.console().print(Text(note, style="yellow"))


def _rate(group: Group, name: str) -> Rate:
    known: dict[str, Rate] = rates(group)
    # The JSON nests some rates: kept_after_12_months.seats, attach.crm.
    plain = name.replace(".", "_").replace("kept_after_12_months_", "kept_")
    plain = {"logos": "logo_retention"}.get(plain, plain)
    if plain not in known:
        near = suggest(name, known)
        raise UsageError(f"no rate is called '{name}'. {near and f'{near} '}There are: {', '.join(known)}")
    return known[plain]


def rates(group: Group) -> dict[str, Rate]:
    """Every rate of a group by its name."""
    found: dict[str, Any] = {
        name: getattr(group.retention, name) for name in ("nrr", "nrr_without_price", "grr", "grr_by_movements")
    }
    cross, upsell = group.cross_sell, group.upsell
    found |= {
        "logo_retention": group.retention.logos,
        "quick_ratio": group.quick_ratio,
        "seat_expansion_gross": upsell.seats.gross,
        "seat_expansion_net": upsell.seats.net,
        "tier_migration_up": upsell.tiers.up,
        "tier_migration_down": upsell.tiers.down,
        "tier_migration_forced": upsell.tiers.forced,
        "products_per_account": cross.products_per_account,
        "owning_2_or_more": cross.owning_two,
        "owning_3_or_more": cross.owning_three,
        "using_2_or_more": cross.using_two,
        "using_3_or_more": cross.using_three,
    }
    found |= {f"attach_{attach.product.product_id}": attach.rate for attach in cross.attach}
    found |= {f"kept_{mechanism.value}": rate for mechanism, rate in group.kept.items()}
    if upsell.committed is not None:
        found["overage_turned_commitment"] = upsell.committed.turned
    if group.named is not None:
        found |= {
            f"nrr_{group.named.definition.id}": group.named.net,
            f"grr_{group.named.definition.id}": group.named.gross,
        }
    return found


@metrics_app.command("definitions")
def metrics_definitions(
    project: Folder = HERE,
    first: First = None,
    last: Last = None,
    level: LevelOf = Level.ACCOUNT,
    known_at: KnownAt = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Count the same book under each published definition of retention, with what it counts and its source."""
    opened = open_project(project)
    rows, outcomes = report.compare(opened, first, last, level=level, known_at=_day(known_at))
    if format_ is Format.JSON:
        plain = Plain()
        _print_json({"from": f"{rows.window.first:%Y-%m}", "to": f"{rows.window.last:%Y-%m}",
                     "currency": rows.currency, "definitions": [plain.outcome(o) for o in outcomes],
                     **_marks(opened, rows.window)})  # fmt: skip
    else:
        _write_marks(opened, rows.window)
        numbers_text.write_definitions(page.console(), rows.window, rows.currency, outcomes)


def movements(
    project: Folder = HERE,
    account: Annotated[str | None, typer.Option(help="Only one account (id or name).")] = None,
    month: Annotated[str | None, typer.Option(metavar="MONTH", help="Only one month, quarter or year.")] = None,
    first: First = None,
    last: Last = None,
    level: LevelOf = Level.ACCOUNT,
    most: Annotated[int, typer.Option(min=0, help="Movements to print; 0 for all.")] = 40,
    known_at: KnownAt = None,
    format_: Shape = Format.TABLE,
) -> None:
    """Print the movements behind the numbers: each cause with its arithmetic, and the lines before and after."""
    opened = open_project(project)
    found = read_movements(opened, account=account, month=month, first=first, last=last, level=level,
                           known_at=_day(known_at))  # fmt: skip
    if format_ is Format.JSON:
        _print_json({**movements_facts(found), **_marks(opened, found.window)})
    else:
        _write_marks(opened, found.window)
        numbers_text.write_movements(page.console(), found, most or None)
