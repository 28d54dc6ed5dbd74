"""An audit as text: the headline with its money by motion, then deal by deal what was found and what to do."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from upcross.money import display
from upcross.motions import Motion
from upcross.opportunities.evidence import Attested
from upcross.pipeline.audit import Audit, AuditedDeal, Fault, Part
from upcross.pipeline.sheet import held
from upcross.terminal.listing import grid
from upcross.terminal.page import heading


def write_audit(out: Console, found: Audit, most: int | None = None) -> None:
    """The audit in the order of deciding: how many and how much, then the deals with most against them."""
    count = len(found.deals)
    told = f" as of {found.as_of}: {_many(count, 'open deal')} that people made at customers; nothing is changed"
    out.print(Text("Pipeline audit", style="bold") + Text(told))
    aside = []
    if found.renewals:
        aside.append(f"{_many(found.renewals, 'open renewal')}")
    if found.no_customers:
        aside.append(f"{_many(found.no_customers, 'deal')} of accounts that buy nothing yet")
    if aside:
        out.print(Padding(Text(f"not among them: {', '.join(aside)}", style="dim"), (0, 0, 0, 2)))
    for missing in found.missing:
        out.print(Padding(Text(missing, style="yellow"), (0, 0, 0, 2)))
    if not count:
        return
    heading(out, headline(found))
    _write_money(out, found)
    ranked = sorted((deal for deal in found.deals if deal.faults),
                    key=lambda deal: (list(Fault).index(deal.faults[0]), -(deal.deal.mrr or 0)))  # fmt: skip
    heading(out, "Deal by deal", f"{_many(len(ranked), 'deal')} with something found, gravest first")
    for number, deal in enumerate(ranked[:most], 1):
        _write_deal(out, number, deal, found.currency)
    if most is not None and len(ranked) > most:
        told = f"and {len(ranked) - most:,} more: --most 0, or --format csv"
        out.print(Padding(Text(told, style="dim"), (0, 0, 0, 5)))
    if len(ranked) < count:
        out.print(Padding(Text(f"nothing against {_many(count - len(ranked), 'deal')}", style="dim"), (0, 0, 0, 2)))


def headline(found: Audit) -> str:
    """The audit in one sentence: "14 of 52 stand on held accounts, 9 are untagged, 6 are counted twice"."""
    told = [
        f"{len(deals)} {fault.words(len(deals))}"
        for fault in (Fault.HELD, Fault.UNTAGGED, Fault.TWICE, Fault.NO_BUYER, Fault.UNKNOWN)
        if (deals := found.with_fault(fault))
    ]
    if not told:
        return f"Nothing against {_many(len(found.deals), 'open deal')}"
    first, _, rest = told[0].partition(" ")
    return ", ".join([f"{first} of {len(found.deals)} {rest}", *told[1:]])


def _write_money(out: Console, found: Audit) -> None:
    names = ("deeper: MRR", "wider: MRR", "motion not known")
    made = grid("what", "deals", *names, right=("deals", *names))
    made.add_row("all", f"{len(found.deals):,}", *_cells(found, found.deals))
    for fault in Fault:
        if deals := found.with_fault(fault):
            made.add_row(Text(fault.words(len(deals))), f"{len(deals):,}", *_cells(found, deals))
    twice = found.counted_twice()
    if any(twice.values()):
        amounts = [display(twice[motion]) if twice[motion] else "" for motion in (*Motion, None)]
        made.add_row(Text("of it a second count", style="dim"), "", *amounts)
    out.print(Padding(made, (0, 0, 0, 2)))


def _cells(found: Audit, deals: tuple[AuditedDeal, ...]) -> list[str]:
    cells = []
    for money in found.money(deals).values():
        unknown = f" +{money.unknown}?" if money.unknown else ""
        cells.append(f"{display(money.mrr)}{unknown}" if money.deals else "")
    return cells


def _write_deal(out: Console, number: int, found: AuditedDeal, currency: str) -> None:
    deal = found.deal
    unit = f" / {deal.business_unit}" if deal.business_unit else ""
    money = f"+{display(deal.mrr, currency)} a month" if deal.mrr is not None else "amount unknown"
    title = Text(f"{number:>3} ") + Text(f"{found.account}{unit} · {deal.name or deal.deal_id}", style="bold")
    out.print(title + Text(f"  {money}"))
    close = f", expected to close {deal.expected_close_on}" if deal.expected_close_on else ""
    lines = [("deal", f"{deal.deal_id} of {found.owner or 'nobody'}, open since {deal.created_on}{close}")]
    lines += [("looks", _looks(part)) for part in found.parts]
    lines += [("held", told) for told in held(found, currency)]
    if found.standing.unknown:
        lines.append(("unknown", ", ".join(hold.gate for hold in found.standing.unknown)))
    lines += [("exempt", _rule(word)) for word in found.standing.exempt]
    lines.append(("buyer", found.buyer.told))
    lines += [("renewal", told) for told in found.renewal]
    lines += [("twice", told) for told in found.twice]
    lines += [("ours?", told) for told in found.maybe_ours]
    made = Grid.grid(padding=(0, 1))
    made.add_column(width=7, style="dim")
    made.add_column()
    for name, text in lines:
        made.add_row(name, Text(text))
    out.print(Padding(made, (0, 0, 0, 5)))


def _rule(word: Attested) -> str:
    why = f": {word.why}" if word.why else ""
    return f"{word.gate} does not bind this unit, by rule of {word.by} until {word.until}{why}"


def _looks(part: Part) -> str:
    looks = part.proposal.mechanism.value.replace("_", "-") if part.proposal.mechanism else "unclear"
    if part.tag is None:
        return f"untagged, looks like {looks}: {part.proposal.why}"
    tag = part.tag.value.replace("_", "-")
    if part.mistagged:
        return f"tagged {tag}, looks like {looks}: {part.proposal.why}"
    return f"{tag}, as tagged" + (f": {part.product}" if part.product else "")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
