"""The segments of the base as text: how many, how much in each motion, and why; then groups, then accounts."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from upcross.money import display
from upcross.motions import Motion
from upcross.opportunities.totals import Total, Totals
from upcross.portfolio.segmentation import Segment, Segments, Share, ready
from upcross.terminal.listing import grid
from upcross.terminal.page import heading


def write_segments(out: Console, found: Segments, most: int | None = None) -> None:
    """All segments, best first; ``most`` limits the accounts told of each."""
    aside = f"; {found.others:,} accounts are no customers" if found.others else ""
    out.print(Text("Segments", style="bold") + Text(f" as of {found.as_of}: {len(found.accounts):,} customers{aside}"))
    money = ("MRR", "deeper", "wider", "deeper held", "wider held")
    made = grid("segment", "accounts", *money, right=("accounts", *money))
    made.columns[0].no_wrap = made.columns[2].no_wrap = True
    for share in found.shares:
        made.add_row(Text(share.segment.words, style="bold"), f"{len(share.accounts):,}", _mrr(share),
                     *_cells(share.asks))  # fmt: skip
    out.print(Padding(made, (1, 0, 0, 2)))
    reasons = grid("segment", "most of them")
    reasons.columns[0].no_wrap = True
    for share in found.shares:
        if share.top_reason:
            reasons.add_row(share.segment.words, share.top_reason)
    out.print(Padding(reasons, (1, 0, 0, 2)))
    told = f"amounts in {found.currency} MRR a month: what is asked for, and what gates hold; “+1?”: one not known"
    out.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)))
    for line in _unknown(found):
        out.print(Padding(Text(line, style="yellow"), (0, 0, 0, 2)))
    if found.by is not None:
        heading(out, f"By {found.by.value.replace('_', ' ')}")
        names = [segment.words for segment in Segment]
        made = grid(found.by.value.replace("_", " "), *names, right=names)
        for group, counts in found.groups().items():
            made.add_row(group, *(f"{counts[s]:,}" if counts.get(s) else "" for s in Segment))
        out.print(Padding(made, (0, 0, 0, 2)))
    for share in found.shares:
        if share.accounts and share.segment is not Segment.NURTURE:
            _write_accounts(out, share, most)


def _unknown(found: Segments) -> list[str]:
    fix = next(share for share in found.shares if share.segment is Segment.FIX_FIRST)
    only = sum(placed.only_data for placed in fix.accounts)
    nurture = next(share for share in found.shares if share.segment is Segment.NURTURE)
    unknown = sum(bool(placed.unknown_plays) for placed in nurture.accounts)
    told = []
    if only:
        told.append(f"{only:,} of the {len(fix.accounts):,} to fix first lack only data: `upcross plan` says which")
    if unknown:
        told.append(f"{unknown:,} of the {len(nurture.accounts):,} in nurture have plays that could not be judged")
    return told


def _write_accounts(out: Console, share: Share, most: int | None) -> None:
    heading(out, share.segment.words.capitalize(), f"{len(share.accounts):,}")
    money = ("MRR", "deeper", "wider", "deeper held", "wider held")
    made = grid("account", *money, "why", right=money)
    for placed in share.accounts[:most]:
        made.add_row(placed.account, display(placed.mrr), *_cells(placed.asks), placed.reason)
    out.print(Padding(made, (0, 0, 0, 2)))
    if most is not None and len(share.accounts) > most:
        told = f"and {len(share.accounts) - most:,} more: --most 0, or --format csv"
        out.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)))


def _cells(asks: Totals) -> list[str]:
    return [_amount(part) for part in (*(ready(asks, m) for m in Motion), *(asks.held.of(m) for m in Motion))]


def _mrr(share: Share) -> str:
    unknown = f" +{share.unknown_mrr}?" if share.unknown_mrr else ""
    return f"{display(share.mrr)}{unknown}"


def _amount(part: Total) -> str:
    if not part.asks:
        return ""
    unknown = f" +{part.unknown}?" if part.unknown else ""
    return f"{display(part.expected)}{unknown}"
