"""Numbers and movements as text for a terminal: the book first, then deeper and wider side by side, never blended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from upcross.money import display
from upcross.motions import Motion
from upcross.numbers.drilldown import Line, Movements
from upcross.numbers.leading import Leading, Led
from upcross.numbers.report import CrossSell, Group, Numbers, Upsell
from upcross.revenue.calendar import Window
from upcross.revenue.credit import Credit
from upcross.revenue.definitions import Outcome
from upcross.revenue.metrics import Bridge
from upcross.revenue.rate import FEW, Rate, counted, percent
from upcross.revenue.retention import NRR_LINES, CohortRow, Retention
from upcross.terminal.listing import grid
from upcross.terminal.page import heading

_AGES = (0, 1, 3, 6, 9, 12, 18, 24, 30)
_SHOWN_NAMES = 5


def write_numbers(out: Console, numbers: Numbers, indicators: Sequence[Leading] = ()) -> None:
    """All numbers of a window: retention, bridge, deeper, wider, balance, then groups, cohorts and credit."""
    times, unit = numbers.display.times, f"{numbers.currency} {numbers.display.value.upper()}"
    out.print(Text("Metrics", style="bold") + Text(f" {numbers.window}: {numbers.total.label}"))
    for rule in numbers.rules:
        out.print(Padding(Text(rule, style="dim"), (0, 0, 0, 2)))
    _write_retention(out, numbers.total, times, unit)
    _write_bridge(out, numbers, times, unit)
    _write_upsell(out, numbers.total, times, unit)
    _write_cross_sell(out, numbers.total, times, unit)
    heading(out, "Balance", numbers.total.balance.told)
    if numbers.groups:
        _write_groups(out, numbers, times, unit)
    _write_trailing(out, numbers.trailing)
    _write_cohorts(out, numbers.cohorts)
    _write_credit(out, numbers.credits, times, unit)
    if indicators:
        _write_leading(out, indicators)
        _write_led(out, numbers.led(indicators))


def _money(amount: int | None, times: int) -> str:
    return display(None if amount is None else amount * times)


def rate_line(rate: Rate, times: int = 1) -> Text:
    """A rate with what stands above and below the line, its reason and its marks."""
    if rate.reason:
        return Text(f"– ({rate.reason})")
    top, bottom = (
        (_money(rate.numerator, times), _money(rate.denominator, times))
        if rate.money
        else (f"{rate.numerator:,}", f"{rate.denominator:,}")
    )
    marks = f"  [{'; '.join(rate.marks)}]" if rate.marks else ""
    return Text(f"{percent(rate)}  {top} {'÷' if rate.plain else 'of'} {bottom}, {rate.counted}{marks}")


def _write_retention(out: Console, group: Group, times: int, unit: str) -> None:
    found = group.retention
    heading(out, "Retention", unit)
    made = grid("", "")
    for name, rate in (
        ("NRR", found.nrr),
        ("NRR without price, discounts and escalators", found.nrr_without_price),
        ("GRR", found.grr),
        ("GRR by movements", found.grr_by_movements),
        ("logo retention", found.logos),
    ):
        made.add_row(name, rate_line(rate, times))
    if group.named is not None:
        made.add_row(Text(f"NRR by {group.named.definition.title}"), rate_line(group.named.net, times))
        made.add_row(Text(f"GRR by {group.named.definition.title}"), rate_line(group.named.gross, times))
    made.add_row("quick ratio, won ÷ lost", rate_line(group.quick_ratio, times))
    out.print(Padding(made, (0, 0, 0, 2)))
    for line in NRR_LINES:
        short = found.short_of(line)
        if short is not None:
            told = (
                f"{_money(short, times)} short of the {line}% line"
                if short > 0
                else f"{_money(-short, times)} above the {line}% line"
            )
            out.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)))


def _write_bridge(out: Console, numbers: Numbers, times: int, unit: str) -> None:
    found: Bridge = numbers.total.bridge
    heading(out, "Bridge", unit)
    made = grid("cause", "motion", "up", "down", "net", "accounts", right=("up", "down", "net", "accounts"))
    made.add_row(Text("start", style="bold"), "", "", "", _money(found.start, times), "")
    for step in found.steps:
        name = step.kind.replace("_", " ") + (f": {step.mechanism.replace('_', '-')}" if step.mechanism else "")
        made.add_row(Text(name), step.motion.replace("_", "-"), _money(step.up, times) if step.up else "",
                     _money(step.down, times) if step.down else "", _money(step.net, times),
                     f"{len(step.accounts):,}")  # fmt: skip
    made.add_row(Text("end", style="bold"), "", "", "", _money(found.end, times), "")
    out.print(Padding(made, (0, 0, 0, 2)))
    expansion = found.expansion
    told = (
        f"expansion {_money(expansion.total, times)} = upsell {_money(expansion.upsell, times)}"
        f" + cross-sell {_money(expansion.cross_sell, times)}; residual {_money(found.residual, times)}"
    )
    out.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)))
    if found.left_out:
        accounts = numbers.rows.accounts
        named = [(accounts[a].name if a in accounts else a, why) for a, why in found.left_out.items()]
        out.print(Padding(Text(f"left out, of unknown revenue at the start or the end: {_named(named)}"), (0, 0, 0, 2)))


def _named(left_out: Sequence[tuple[str, str]]) -> str:
    """How many accounts, and the first of them by name and reason."""
    shown = [f"{name} ({why})" for name, why in left_out[:_SHOWN_NAMES]]
    more = len(left_out) - len(shown)
    return f"{counted(len(left_out), 'account')}: {', '.join(shown)}{f' and {more:,} more' if more else ''}"


def _write_won(out: Console, motion: Motion, group: Group, times: int) -> None:
    made = grid("mechanism", "won", "lost", "net", "accounts", "kept after 12 months",
                right=("won", "lost", "net", "accounts"))  # fmt: skip
    for won in (group.upsell if motion is Motion.UPSELL else group.cross_sell).won:
        amounts = [_money(amount, times) for amount in (won.won, won.lost, won.net)]
        kept = rate_line(group.kept[won.mechanism], times)
        made.add_row(won.mechanism.value.replace("_", "-"), *amounts, f"{won.accounts:,}", kept)
        if won.forced:
            made.add_row("  of it forced", _money(won.forced, times))
    out.print(Padding(made, (0, 0, 1, 2)))


def _write_upsell(out: Console, group: Group, times: int, unit: str) -> None:
    upsell: Upsell = group.upsell
    heading(out, "Deeper: upsell", unit)
    _write_won(out, Motion.UPSELL, group, times)
    made = grid("", "")
    made.add_row("seat expansion, gross", rate_line(upsell.seats.gross))
    made.add_row("seat expansion, net", rate_line(upsell.seats.net))
    made.add_row("moved to a higher tier", rate_line(upsell.tiers.up))
    made.add_row("moved to a lower tier", rate_line(upsell.tiers.down))
    if upsell.tiers.forced.numerator:
        made.add_row("had to move", rate_line(upsell.tiers.forced))
    if upsell.committed is None:
        made.add_row("overage turned commitment", f"– ({upsell.no_commitments})")
    else:
        made.add_row("overage turned commitment", rate_line(upsell.committed.turned))
        told = f"{_money(upsell.committed.mrr, times)} won; overage itself {display(upsell.committed.overage)}, once"
        made.add_row("", told)
    out.print(Padding(made, (0, 0, 0, 2)))
    moves = [cell for cell in upsell.tiers.matrix if cell.direction in ("up", "down") or cell.forced]
    if moves:
        made = grid("from", "to", "", "positions", "before", "after", right=("positions", "before", "after"))
        for cell in moves:
            direction = cell.direction + (", forced" if cell.forced else "")
            amounts = [_money(amount, times) for amount in (cell.mrr_before, cell.mrr_after)]
            made.add_row(Text(cell.from_plan), Text(cell.to_plan), direction, f"{cell.positions:,}", *amounts)
        out.print(Padding(made, (1, 0, 0, 2)))


def _write_cross_sell(out: Console, group: Group, times: int, unit: str) -> None:
    cross: CrossSell = group.cross_sell
    heading(out, "Wider: cross-sell", unit)
    _write_won(out, Motion.CROSS_SELL, group, times)
    made = grid("", "")
    made.add_row("products per account", rate_line(cross.products_per_account))
    for name, rate in (
        ("owning 2 or more", cross.owning_two),
        ("owning 3 or more", cross.owning_three),
        ("using 2 or more", cross.using_two),
        ("using 3 or more", cross.using_three),
    ):
        made.add_row(name, rate_line(rate))
    second = cross.second
    shown = f"– ({second.reason})" if second.median is None else (
        f"{float(second.median):g} months (median of {second.reached:,}; {second.not_yet:,} with one product so far)"
    )  # fmt: skip
    made.add_row("time to second product", shown)
    out.print(Padding(made, (0, 0, 1, 2)))
    made = grid("product", "attach rate", "among")
    for attach in cross.attach:
        made.add_row(Text(attach.product.name), rate_line(attach.rate), Text(attach.among))
    out.print(Padding(made, (0, 0, 1, 2)))
    made = grid("products at the start", "NRR", "logo retention")
    for row in cross.by_products:
        made.add_row(row.products, rate_line(row.retention.nrr, times), rate_line(row.retention.logos))
    out.print(Padding(made, (0, 0, 0, 2)))


def _write_groups(out: Console, numbers: Numbers, times: int, unit: str) -> None:
    assert numbers.by is not None
    heading(out, f"By {numbers.by.value.replace('_', ' ')}", unit)
    columns = ("start", "NRR", "w/o price", "GRR", "logos", "upsell", "cross-sell", "end", "n")
    made = grid(numbers.by.value, *columns, "balance", right=columns)
    for group in numbers.groups:
        found, expansion = group.retention, group.bridge.expansion
        few = "*" if found.nrr.marks and not found.nrr.reason else ""
        made.add_row(Text(group.label), _money(group.bridge.start, times), percent(found.nrr) + few,
                     percent(found.nrr_without_price), percent(found.grr), percent(found.logos),
                     _money(expansion.upsell, times), _money(expansion.cross_sell, times),
                     _money(group.bridge.end, times), f"{found.nrr.count:,}",
                     Text(group.balance.verdict.replace("_", " ") or "–", style="dim"))  # fmt: skip
    out.print(Padding(made, (0, 0, 0, 2)))
    if any(group.retention.nrr.marks for group in numbers.groups):
        told = "* fewer than 20 accounts, or accounts of unknown revenue left out"
        out.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)))


def _write_trailing(out: Console, trailing: Iterable[Retention]) -> None:
    heading(out, "Twelve months to", "closed cohorts")
    made = grid("month", "NRR", "without price", "GRR", "logos", "n", "", right=("NRR", "without price", "GRR", "n"))
    for found in trailing:
        made.add_row(f"{found.window.last:%Y-%m}", percent(found.nrr), percent(found.nrr_without_price),
                     percent(found.grr), percent(found.logos), f"{found.nrr.count:,}",
                     Text(found.nrr.reason, style="dim"))  # fmt: skip
    out.print(Padding(made, (0, 0, 0, 2)))


def _write_cohorts(out: Console, cohorts: Sequence[CohortRow]) -> None:
    if not cohorts:
        return
    heading(out, "Cohorts by first month", "share of the first month's revenue after so many months")
    ages = [age for age in _AGES if any(len(row.mrr) > age for row in cohorts)]
    made = grid("cohort", "n", *(str(age) for age in ages), right=("n", *(str(age) for age in ages)))
    for row in cohorts:
        cells = []
        for age in ages:
            kept = row.kept(age) if age < len(row.mrr) else None
            cells.append("" if kept is None else f"{round(kept * 100)}%")
        made.add_row(f"{row.cohort:%Y-%m}", f"{row.accounts[0]:,}", *cells)
    out.print(Padding(made, (0, 0, 0, 2)))


def _write_credit(out: Console, credits: Sequence[Credit], times: int, unit: str) -> None:
    if not credits:
        return
    heading(out, "Credit of CSMs", f"NRR of the book as it stood at the start, {unit}; never closed bookings")
    made = grid("person", "NRR", "NRR without price", "apart")
    for credit in credits:
        apart = ""
        if credit.why_apart:
            why = next(iter(credit.why_apart.values()))
            apart = f"{counted(len(credit.why_apart), 'account')}, NRR {percent(credit.apart.nrr)}: {why}"
        made.add_row(Text(credit.person_id), rate_line(credit.settled.nrr, times),
                     percent(credit.settled.nrr_without_price), Text(apart, style="dim"))  # fmt: skip
    out.print(Padding(made, (0, 0, 0, 2)))


def _write_leading(out: Console, indicators: Sequence[Leading]) -> None:
    heading(out, "Leading indicators", "at each month's end, as known then")
    made = grid("month", "adoption", "white space worked", "engaged contacts per account")
    for found in indicators:
        adoption = found.adoption
        adopted = f"– ({adoption.reason})" if adoption.reason else f"{percent(adoption)}  {adoption.counted}"
        made.add_row(f"{found.month:%Y-%m}", adopted, rate_line(found.coverage), rate_line(found.engagement))
    out.print(Padding(made, (0, 0, 0, 2)))


def _write_led(out: Console, found: Sequence[Led]) -> None:
    heading(out, "Did they lead?", "accounts that expanded within three months of a reading, by where they stood then;"
            " an association, not a cause")  # fmt: skip
    made = grid("indicator", "motion", "above the median", "at or below")
    for item in found:
        made.add_row(item.indicator, item.motion.value.replace("_", "-"), *map(_readings, (item.high, item.low)))
    out.print(Padding(made, (0, 0, 0, 2)))


def _readings(rate: Rate) -> str:
    if rate.reason:
        return f"– ({rate.reason})"
    return f"{percent(rate)}  {rate.numerator:,} of {rate.denominator:,} {'' if rate.count >= FEW else 'only '}readings"


def write_definitions(out: Console, window: Window, currency: str, outcomes: Iterable[Outcome]) -> None:
    """The same book under every definition, what each counts, and where it is published."""
    out.print(
        Text("Definitions", style="bold") + Text(f" {window}: the same book, counted differently, {currency} MRR")
    )
    listed = list(outcomes)
    made = grid("definition", "NRR", "GRR", "n", right=("NRR", "GRR", "n"))
    for outcome in listed:
        made.add_row(Text(outcome.definition.id, style="bold"), percent(outcome.net), percent(outcome.gross),
                     f"{outcome.net.count:,}")  # fmt: skip
    out.print(Padding(made, (1, 0, 0, 2)))
    for outcome in listed:
        rule = outcome.definition
        heading(out, rule.id, rule.title)
        out.print(Padding(Text(" ".join(rule.counts.split())), (0, 0, 0, 2)))
        if outcome.net.reason:
            out.print(Padding(Text(outcome.net.reason), (0, 0, 0, 2)))
        if rule.reading:
            out.print(Padding(Text(f"our reading: {rule.reading}", style="dim"), (0, 0, 0, 2)))
        out.print(Padding(Text(f"{rule.source.name}: {rule.source.url}", style="dim"), (0, 0, 0, 2)))


def write_movements(out: Console, found: Movements, most: int | None = None) -> None:
    """Movements, each with its arithmetic and the lines before and after; their sum is the change of revenue."""
    out.print(Text("Movements", style="bold") + Text(f" {found.window}, {found.currency} a month"))
    for item in found.told[:most]:
        move = item.move
        unit = f" / {move.business_unit}" if move.business_unit else ""
        title = Text(f"{move.month_start:%Y-%m}  {item.account_name}{unit} · {item.product_name}  ", style="bold")
        named = move.kind.replace("_", " ") + (f" ({move.motion.replace('_', '-')})" if move.motion else "")
        title.append(f"{named} {_signed(move.amount)}", style="not bold")
        if move.origin:
            title.append(f"  {move.origin.replace('_', ' ')}", style="dim")
        out.print(title)
        out.print(Padding(Text(item.words), (0, 0, 0, 5)))
        for name, lines in (("before", item.before), ("came", item.came), ("after", item.after)):
            for line in lines:
                out.print(Padding(Text(f"{name:<7}{_line(line)}", style="dim"), (0, 0, 0, 5)))
    if most is not None and len(found.told) > most:
        told = f"and {len(found.told) - most:,} more: upcross movements --most 0, or --format json"
        out.print(Padding(Text(told, style="dim"), (0, 0, 0, 5)))
    between = f" + {display(found.while_unknown)} while unknown" if found.while_unknown else ""
    moved = display(found.total - found.while_unknown)
    out.print(
        Text(f"{display(found.start)} at the start + {moved} of movements{between} = {display(found.end)} at the end")
    )
    if found.left_out:
        movements = sum(1 for item in found.told if not item.counted and item.move.amount is not None)
        told = (
            f"left out, of unknown revenue at the start or the end: {_named([(a.name, a.why) for a in found.left_out])}"
        )
        out.print(Text(f"{told}, with {counted(movements, 'movement')} of known amount"))


def _signed(amount: int | None) -> str:
    # A movement of unknown amount (a missing exchange rate) is listed, and in no sum.
    return "of unknown amount" if amount is None else f"{'+' if amount > 0 else ''}{display(amount, cents=True)}"


def _line(line: Line) -> str:
    parts = [line.line_id, line.contract_id or "", line.plan_id or "",
             "" if line.quantity is None else f"{line.quantity:,} units", display(line.mrr, cents=True),
             "" if line.status == "active" else line.status, f"from {line.from_on}",
             f"until {line.until_on}" if line.until_on else ""]  # fmt: skip
    return ", ".join(part for part in parts if part)


def write_parts(out: Console, name: str, rate: Rate, times: int = 1) -> None:
    """The accounts behind one rate, largest first; they add up to it."""
    out.print(Text(name, style="bold") + Text("  ") + rate_line(rate, times))
    made = grid("account", "numerator", "denominator", right=("numerator", "denominator"))
    for part in sorted(rate.parts, key=lambda p: (-p.denominator, p.account_id)):
        cells = (part.numerator, part.denominator)
        made.add_row(Text(part.account_id), *(_money(c, times) if rate.money else f"{c:,}" for c in cells))
    out.print(Padding(made, (0, 0, 0, 2)))
