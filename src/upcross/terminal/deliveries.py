"""What is on its way to outside, what arrived and what did not, as text."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from upcross.terminal.page import heading

_TITLES = {"dead": "Not delivered", "pending": "On their way", "delivered": "Delivered"}


def write_deliveries(out: Console, rows: list[dict[str, Any]], counts: dict[str, int]) -> None:
    """Deliveries by state, those that need somebody first, each with what went wrong last."""
    if not any(counts.values()):
        out.print("nothing there")
        return
    for state, title in _TITLES.items():
        mine = [row for row in rows if row["state"] == state]
        if not mine:
            continue
        heading(out, title, f"{counts[state]:,}" + (f", the newest {len(mine)}" if counts[state] > len(mine) else ""))
        grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
        for column in ("id", "destination", "what", "account", "to", "tries", "since"):
            grid.add_column(column, no_wrap=column != "account")
        for row in mine:
            cells = (row["id"], row["destination"], row["type"], row["account"] or "", row["to"], row["attempts"])
            grid.add_row(*map(str, cells), row["created_at"][:16].replace("T", " "))
        out.print(Padding(grid, (0, 0, 0, 2)))
        for row in mine:
            if row["why"]:
                out.print(Padding(Text(f"{row['id']}: {row['why']}", style="dim"), (0, 0, 0, 2)))
    if counts["dead"]:
        out.print()
        out.print("mend the cause, then send them again: upcross deliveries retry ID … (or --all)")
