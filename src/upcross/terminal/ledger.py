"""What was written to the ledger, and what it holds, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from upcross.money import display
from upcross.motions import Motion
from upcross.terminal.page import heading

if TYPE_CHECKING:
    from upcross.ledger.applying import Applied
    from upcross.ledger.verifying import Verified

_STEPS = {
    "create": "opened", "release": "released", "reassign": "given to another owner", "refresh": "with newer evidence",
    "hold": "held back", "expire": "expired",
}  # fmt: skip


def write_applied(out: Console, applied: Applied) -> None:
    """How many of each step were written, what stood so already, and what people were quicker at."""
    told = [f"{count} {_STEPS.get(step, step)}" for step, count in applied.written.items()]
    out.print(Text("Applied", style="bold") + Text(f" as of {applied.as_of}: {', '.join(told) or 'nothing new'}"))
    if applied.unchanged:
        out.print(Padding(f"{applied.unchanged} stood so already", (0, 0, 0, 2)))
    if applied.backlog and applied.written:
        out.print(Padding("a backlog to work through: nobody is alerted one by one", (0, 0, 0, 2)))
    if applied.overtaken:
        heading(out, "Not written", "people were quicker; the next plan takes it from there")
        for item in applied.overtaken:
            identity = item.change.identity
            what = identity.mechanism or identity.task
            line = f"{identity.account_id} · {identity.product_id} · {what}: {item.why}"
            out.print(Padding(line, (0, 0, 0, 2)))


def write_verified(out: Console, verified: Verified) -> None:
    """Whether the record is whole, or its first bad entry."""
    counts = f"{verified.entries:,} entries, {verified.texts:,} texts ({verified.erased:,} erased)"
    if verified.fault:
        out.print(Text("The record is not whole: ", style="bold red") + Text(str(verified.fault)))
        out.print(Padding(f"looked at: {counts}", (0, 0, 0, 2)))
    else:
        out.print(Text("The record is whole: ", style="bold") + Text(counts))
        out.print(Padding(f"its last hash, to be kept elsewhere: {verified.head}", (0, 0, 0, 2)))


def write_opportunities(out: Console, rows: list[Any], currency: str, most: int | None) -> None:
    """Opportunities, the two motions apart, each with its own sum."""
    for motion in (*Motion, None):
        mine = [row for row in rows if row.motion == (motion.value if motion else "")]
        if not mine:
            continue
        name = f"{motion.lane.capitalize()}: {motion.value.replace('_', '-')}" if motion else "To do, not to sell"
        asks = [row for row in mine if not row.alternative_of]
        known = [row.potential_expected for row in asks if row.potential_expected is not None]
        unknown = len(asks) - len(known)
        told = f"{len(mine)} of them"
        if motion:
            told += f", {display(sum(known), currency)} expected MRR" + (
                f" ({unknown} of unknown amount)" if unknown else ""
            )
        heading(out, name, told)
        grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
        for column, ratio in (("id", None), ("account", 3), ("what", 3), ("stage", None), ("owner", 2), ("due", None)):
            grid.add_column(column, no_wrap=True, overflow="ellipsis", ratio=ratio)
        grid.add_column("MRR", no_wrap=True, justify="right")
        for row in mine[:most]:
            money = "unknown" if row.potential_expected is None else display(row.potential_expected, currency)
            grid.add_row(
                str(row.id)[:8],
                row.account_name or row.account_id,
                f"{row.mechanism or row.task} · {row.product_name or row.product_id}",
                row.stage.replace("_", " "),
                row.owner,
                str(row.due_on or ""),
                "" if motion is None else f"≈ {money}" if row.alternative_of else money,
            )
        out.print(Padding(grid, (0, 0, 0, 2)))
        if most and len(mine) > most:
            out.print(Padding(f"… {len(mine) - most} more", (0, 0, 0, 2)))
