"""The white-space map as text: products, then accounts; of one account every cell, and its consumption beside it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from upcross.money import display
from upcross.motions import Motion
from upcross.opportunities import Potential
from upcross.opportunities.sentences import show
from upcross.portfolio.cells import SIZED, Cell, State, Sum, Total, Use
from upcross.portfolio.white_space import WhiteSpace
from upcross.portfolio.white_space_sheet import BASIS
from upcross.signals.model import Unit
from upcross.terminal.listing import grid
from upcross.terminal.page import heading

_HEADS = {
    State.OWNED: "owned", State.OWNED_UNUSED: "unused", State.NOT_SWITCHED_ON: "not on", State.ON_TRIAL: "trial",
    State.CONTRACTED_LATER: "later", State.IN_PIPELINE: "pipeline", State.FITS: "fits", State.BLOCKED: "blocked",
    State.LOST_BEFORE: "lost", State.ELIGIBILITY_UNKNOWN: "eligible?", State.NOT_ELIGIBLE: "ineligible",
}  # fmt: skip
_FEW_ACCOUNTS = 3
_NAME_WIDTH = 18


def write_white_space(out: Console, found: WhiteSpace, most: int | None = None) -> None:
    """The map; with few accounts in it every cell, else totals by product and by account."""
    accounts = len({cell.account_id for cell in found.cells})
    out.print(
        Text("White space", style="bold")
        + Text(f" as of {found.as_of}: {_many(accounts, 'customer')}, {_many(len(found.cells), 'cell')};"
               " a map, never a reason to ask")
    )  # fmt: skip
    for missing in found.missing:
        out.print(Padding(Text(missing, style="yellow"), (0, 0, 0, 2)))
    if found.unnamed_deals:
        told = f"{_many(found.unnamed_deals, 'open deal')} without a product: in no cell"
        out.print(Padding(Text(told, style="yellow"), (0, 0, 0, 2)))
    heading(out, "Wider: products that they lack", _told(found, Motion.CROSS_SELL))
    _write_totals(out, found, Motion.CROSS_SELL, "product", found.by_product(Motion.CROSS_SELL), None)
    if accounts > _FEW_ACCOUNTS:
        heading(out, "Wider by account")
        listed = found.by_account(Motion.CROSS_SELL)
        ranked = sorted(listed, key=lambda t: (-t.potential[State.FITS].expected, t.label))
        _write_totals(out, found, Motion.CROSS_SELL, "account", ranked, most)
    else:
        _write_cells(out, found.of(Motion.CROSS_SELL))
    _write_uses(out, found.uses, most, alone=accounts == 1)
    if found.total(Motion.UPSELL).sellable:
        heading(out, "Deeper: support that they lack", _told(found, Motion.UPSELL))
        _write_totals(out, found, Motion.UPSELL, "product", found.by_product(Motion.UPSELL), None)
    _write_basis(out)


def _told(found: WhiteSpace, motion: Motion) -> str:
    total = found.total(motion)
    fits = total.potential[State.FITS]
    unknown = f" ({fits.unknown} of unknown amount)" if fits.unknown else ""
    told = (
        f"{display(fits.expected, found.currency)} expected MRR where it fits{unknown}" if fits.cells else "none fits"
    )
    return f"{told}; {_coverage(total) if found.coverage_known else 'coverage not known'}"


def _coverage(total: Total) -> str:
    if not total.sellable:
        return "nothing left to sell"
    return f"{total.covered:,} of {total.sellable:,} cells covered ({total.covered / total.sellable:.0%})"


def _write_totals(
    out: Console, found: WhiteSpace, motion: Motion, name: str, totals: Iterable[Total], most: int | None
) -> None:
    listed, total = list(totals), found.total(motion)
    states = [state for state in State if total.states[state]]
    heads = [_HEADS[state] for state in states]
    sizes = ["MRR fits"] if total.states[State.FITS] else []
    covered = ["covered"] if found.coverage_known else []
    made = grid(name, *heads, *sizes, *covered, right=(*heads, *sizes, *covered))
    for column in made.columns[1:]:
        column.no_wrap = True  # names fold, numbers never
    made.columns[0].min_width = _NAME_WIDTH
    made.padding = (0, 1, 0, 0)
    for row in (*listed[:most], *([total] if len(listed) > 1 else [])):
        last = row is total
        cells = [f"{row.states[state]:,}" if row.states[state] else "" for state in states]
        cells += [_sum(row.potential[State.FITS]) for _ in sizes]
        if covered:
            cells.append(f"{row.covered:,} of {row.sellable:,}" if row.sellable else "")
        made.add_row(Text("all" if last else row.label, style="bold" if last else ""), *cells)
    out.print(Padding(made, (0, 0, 0, 2)))
    if most is not None and len(listed) > most:
        told = f"and {len(listed) - most:,} more: --most 0, or --format csv"
        out.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)))


def _sum(found: Sum) -> str:
    if not found.cells:
        return ""
    unknown = f" +{found.unknown}?" if found.unknown else ""
    return f"{display(found.expected)}{unknown}"


def _write_cells(out: Console, cells: Iterable[Cell]) -> None:
    places: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        places.setdefault((cell.account, cell.business_unit), []).append(cell)
    for (account, unit), listed in places.items():
        heading(out, f"{account} / {unit}" if unit else account)
        made = grid("product", "state", "MRR a month", "why", right=("MRR a month",))
        for cell in sorted(listed, key=lambda c: (list(State).index(c.state), c.product)):
            told = [cell.why, f"covered: {cell.covered_by}" if cell.covered_by else ""]
            told += ["" if cell.counts or not cell.sellable else "not added: excluded by a larger one"]
            money = display(cell.mrr) if cell.mrr is not None else _amount(cell.potential) if cell.sellable else ""
            made.add_row(cell.product, Text(cell.state.words), money, Text("; ".join(part for part in told if part)))
        out.print(Padding(made, (0, 0, 0, 2)))


def _amount(potential: Potential) -> str:
    if potential.expected is None:
        return "unknown"
    if potential.floor == potential.ceiling:
        return f"+{display(potential.expected)}"
    return f"+{display(potential.expected)} ({display(potential.floor)} to {display(potential.ceiling)})"


def _write_uses(out: Console, uses: Iterable[Use], most: int | None, *, alone: bool) -> None:
    listed = sorted(uses, key=lambda use: (-(use.share or -1), use.account, use.product, use.what))
    known = [use for use in listed if use.share is not None]
    told = f"{_many(len(listed), 'allowance')}, fullest first"
    if len(known) < len(listed):
        told += f"; use of {len(listed) - len(known)} not known"
    heading(out, "Deeper: what they use of what they bought", told if listed else "nothing with seats or limits")
    if not listed:
        return
    names = ("product", "what", "used", "bought", "share", "MRR a month")
    made = grid(*(() if alone else ("account",)), *names, right=("used", "bought", "share", "MRR a month"))
    for use in listed[:most]:
        unit = f" / {use.business_unit}" if use.business_unit else ""
        cells = [use.product + (unit if alone else ""), use.what.replace("_", " "), show(use.used, Unit.AMOUNT),
                 show(use.bought, Unit.AMOUNT), show(use.share, Unit.RATIO),
                 _amount(use.potential) if use.potential.expected else ""]  # fmt: skip
        made.add_row(*([] if alone else [use.account + unit]), *cells)
    out.print(Padding(made, (0, 0, 0, 2)))
    if most is not None and len(listed) > most:
        out.print(Padding(Text(f"and {len(listed) - most:,} more: --most 0", style="dim"), (0, 0, 0, 2)))


def _write_basis(out: Console) -> None:
    heading(out, "What the amounts are")
    for part, basis in BASIS.items():
        out.print(Padding(Text(f"{part:<9}{basis}", style="dim"), (0, 0, 0, 2)))
    told = f"added by state ({', '.join(state.words for state in SIZED)}), never across; “+2?”: two of unknown amount"
    out.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)))


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
