"""What the commands about the data found, as text: the load, the check, control totals, the price book, rejects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from upcross.book.checks import LACKING
from upcross.book.load import LoadResult
from upcross.book.pricebook import Item, Meaning, PriceBook
from upcross.book.rejects import Rejects
from upcross.errors import Report, Severity
from upcross.money import display
from upcross.numbers.control import Control
from upcross.terminal.listing import grid
from upcross.terminal.page import counted, heading, write_report


def write_load(out: Console, result: LoadResult) -> None:
    """What was stored of each table, and what was found on the way."""
    made = grid("table", "rows", "set aside", "left out", "covers", right=("rows", "set aside", "left out"))
    for table in result.manifest.tables.values():
        span = f"{table.complete_from} to {table.complete_through}" if table.complete_through else ""
        made.add_row(table.name, f"{table.rows:,}", f"{table.set_aside:,}" if table.set_aside else "",
                     f"{table.left_out:,}" if table.left_out else "", span)  # fmt: skip
    out.print(made)
    if result.unchanged:
        files = f"{result.read:,} file{'s'[: result.read != 1]} read, {result.unchanged:,} as they were"
        out.print(Text(files, style="dim"))
    heading(out, "Found while loading", counted(result.report))
    write_report(out, result.report)


def write_check(out: Console, report: Report) -> None:
    """Every issue, errors first; then the tables that are not mapped, a line each with what that costs."""
    absent = [issue for issue in report if issue.code in LACKING and issue.severity is Severity.NOTE]
    heading(out, "Check", counted(report))
    write_report(out, [issue for issue in report if issue not in absent])
    if not absent:
        return
    heading(out, "Not mapped", f"{len(absent)} tables, and what their absence costs (upcross tables NAME explains one)")
    made = grid("table", "without it")
    for issue in absent:
        told = issue.message.removeprefix("not mapped: ")
        made.add_row(Text(issue.place.table or "" if issue.place else ""),
                     Text(told) + Text(f"; {issue.costs}" if issue.costs else "", style="yellow"))  # fmt: skip
    out.print(Padding(made, (0, 0, 0, 2)))


def write_control(out: Console, found: Control) -> None:
    """Every total beside finance's, and under each that differs what can be behind it."""
    differing = len(found.differing)
    told = f"{len(found.ties)} totals of {found.file}: " + (f"{differing} differ" if differing else "all tie out")
    out.print(Text("Control totals", style="bold") + Text(f"  {told}", style="dim"))
    segments = any(tie.total.segment for tie in found.ties)
    made = grid("month", "", *(["segment"] if segments else []), "book", "finance", "difference", "",
                right=("book", "finance", "difference"))  # fmt: skip
    for tie in found.ties:
        difference = _signed(tie.difference) if tie.difference else "–"
        made.add_row(f"{tie.total.month:%Y-%m}", tie.total.currency or found.currency,
                     *([tie.total.segment] if segments else []), display(tie.book, cents=True),
                     display(tie.total.finance, cents=True), difference,
                     "" if tie.tied else Text("differs", style="bold red"))  # fmt: skip
    out.print(Padding(made, (0, 0, 0, 2)))
    for tie in found.differing:
        if tie.reasons:
            heading(out, tie.name, "what can be behind it, the surest first")
            for reason in tie.reasons:
                out.print(Padding(Text(reason.text), (0, 0, 0, 2)))


def write_price_book(out: Console, found: PriceBook) -> None:
    """What is not mapped by share of revenue, with proposals; what is; and text to paste into the catalogue."""
    share = sum(item.share for item in found.unmapped)
    out.print(
        Text("Price book", style="bold")
        + Text(f"  {len(found.items)} items, {len(found.unmapped)} not mapped: {share:.1%} of MRR", style="dim")
    )
    if found.without_item:
        out.print(Padding(Text(f"{found.without_item:.1%} of MRR is on lines that name no item (subscriptions.sku)"),
                          (0, 0, 0, 2)))  # fmt: skip
    for title, items in (("Not mapped", found.unmapped),
                         ("Mapped", [item for item in found.items if item.mapped is not None])):  # fmt: skip
        if items:
            heading(out, title)
            out.print(Padding(_items(items, found.currency), (0, 0, 0, 2)))
    snippet = found.snippet()
    if snippet:
        heading(out, "For catalog.yaml", "judge each line before you paste it")
        out.print(snippet, markup=False, soft_wrap=True)


def _items(items: Sequence[Item], currency: str) -> Grid:
    reasons = any(item.mapped is None for item in items)
    made = grid("item", "lines", f"MRR {currency}", "share", "product", "plan", "mechanism",
                *(["why"] if reasons else []), right=("lines", f"MRR {currency}", "share"))  # fmt: skip
    made.columns[0].no_wrap = True
    for item in items:
        meaning = item.mapped or item.proposal or Meaning()
        mark = "? " if item.mapped is None and item.proposal else ""
        told = [mark + (meaning.product or "–"), meaning.plan or "–", meaning.mechanism or "–"]
        told += [item.reason or "nothing fits"] if reasons else []
        made.add_row(Text(item.sku), f"{item.lines:,}", display(item.mrr), f"{item.share:.1%}", *map(Text, told))
    return made


def write_rejects(out: Console, written: Sequence[Rejects], folder: Path) -> None:
    """Which files were written."""
    if not written:
        out.print("no row was set aside")
    for one in written:
        out.print(f"{one.file}: {one.rows:,} row{'s'[: one.rows != 1]} of {one.table}")


def _signed(amount: int) -> str:
    return f"{'+' if amount > 0 else '−'}{display(abs(amount), cents=True)}"
