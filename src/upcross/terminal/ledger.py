"""What was written to the ledger, and what it holds, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from upcross.money import display
from upcross.motions import Motion
from upcross.opportunities import Change, ChangeKind, sentences
from upcross.plays.play import PlayKind
from upcross.revenue.rate import percent
from upcross.terminal.page import heading

if TYPE_CHECKING:
    from upcross.credit import Credits
    from upcross.hearing import Hearing
    from upcross.ledger.applying import Applied
    from upcross.ledger.unlock import Unlock
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
        asks = [row for row in mine if not row.alternative_of and row.kind != PlayKind.ANSWER]
        known = [row.potential_expected for row in asks if row.potential_expected is not None]
        unknown = len(asks) - len(known)
        told = f"{len(asks)} asks" if motion else f"{len(mine)} of them"
        if motion:
            told += f", {display(sum(known), currency)} expected MRR" + (
                f" ({unknown} of unknown amount)" if unknown else ""
            )
        answers = [row for row in mine if row.kind == PlayKind.ANSWER]
        if answers:
            told += f"; {len(answers)} asked for by customers, in no sum"
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


def write_logged(out: Console, hearing: Hearing, applied: Applied) -> None:
    """What follows from what was heard: opened, answered or held with the reasons; or that nothing does yet."""
    [row], found = hearing.typed.rows["statements"], False
    out.print(Text("Kept", style="bold") + Text(f": {row['account_id']}, {row['kind']}: “{row['quote']}”"))
    for change in hearing.follows:
        if change.kind not in _FOLLOWS:
            continue
        found = True
        write_change(out, change, hearing.changes.currency)
    if not found:
        out.print(Padding("nothing follows from it yet: no play fires on it alone", (0, 0, 0, 2)))


def write_change(out: Console, change: Change, currency: str) -> None:
    """One ask as the plan has it: opened, released, held with its gates and who clears them, or going on."""
    candidate, identity = change.candidate, change.identity
    name = f"{candidate.product_name}: {candidate.lead.title}" if candidate else identity.product_id
    what = f"{identity.mechanism or identity.task} · {name}"
    out.print(Padding(Text(f"{_FOLLOWS.get(change.kind, change.kind.value):<9}", style="bold") + Text(what),
                      (0, 0, 0, 2)))  # fmt: skip
    for clearing in change.clearings:
        told = sentences.hold(clearing.hold, currency)
        out.print(Padding(f"{clearing.hold.gate}: {told}; {clearing.person.name}: {clearing.hold.action}",
                          (0, 0, 0, 12)))  # fmt: skip
    if change.kind is not ChangeKind.HOLD:
        due = f", to respond by {change.due_on}" if change.due_on else ""
        out.print(Padding(f"{change.owner.name}{due}", (0, 0, 0, 12)))


_FOLLOWS = {
    ChangeKind.CREATE: "opened", ChangeKind.RELEASE: "released", ChangeKind.HOLD: "held",
    ChangeKind.REFRESH: "adds to", ChangeKind.REASSIGN: "adds to",
}  # fmt: skip


def write_unlock(out: Console, told: Unlock, most: int | None) -> None:
    """Blockers by the money behind them, the price of each gate, and what was released and won by month."""
    from upcross.ledger.unlock import Money

    waiting = ", ".join(
        f"{Motion(motion).lane} {display(money.known, told.currency)} ({money.asks} asks)"
        for motion, money in told.all_held.items()
    )
    heading(out, "Waiting behind gates", waiting or "nothing")
    for blocker in told.blockers[:most]:
        money = f"{display(blocker.held.known, told.currency)}"
        alone = (
            ""
            if blocker.alone.mrr == blocker.held.mrr
            else f", {display(blocker.alone.known, told.currency)} by it alone"
        )
        since = f" since {blocker.since}" if blocker.since else ""
        out.print(Padding(Text(f"{money} ", style="bold") + Text(f"{blocker.account}: {blocker.gate}{since}{alone}"),
                          (0, 0, 0, 2)))  # fmt: skip
        out.print(Padding(blocker.sentence, (0, 0, 0, 6)))
        out.print(Padding(f"{blocker.person}: {blocker.action}", (0, 0, 0, 6)))
    if most and len(told.blockers) > most:
        out.print(Padding(f"… {len(told.blockers) - most} more", (0, 0, 0, 2)))
    heading(out, "What each gate holds", "an ask that two gates hold stands at both; alone: held by nothing else")
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("gate", "accounts", "deeper", "alone", "wider", "alone", "let go", "won", "anyway"):
        grid.add_column(column, justify="left" if column == "gate" else "right", no_wrap=True)
    for gate in told.gates:
        cells = [part.get(motion, Money()).known for motion in Motion for part in (gate.held, gate.alone)]
        anyway = ", ".join(f"{count} {stands}" for stands, count in gate.asked_anyway.items())
        grid.add_row(gate.gate, str(gate.blockers), *[display(cell, "") for cell in cells], str(gate.released.asks),
                     str(gate.won_after.asks), anyway)  # fmt: skip
    out.print(Padding(grid, (0, 0, 0, 2)), width=max(out.width, 104), crop=False)  # money is never cut off
    if told.months:
        heading(out, "Let go, and won since", "by month")
        for month in told.months:
            line = (f"{month.month}  {month.released.asks} let go, {display(month.released.known, told.currency)};"
                    f" {month.won.asks} won, {display(month.won.known, told.currency)}")  # fmt: skip
            out.print(Padding(line, (0, 0, 0, 2)))


def write_credits(out: Console, told: Credits) -> None:
    """One line a person: NRR of the book as it stood at the start, and what was handed over and kept, by motion."""
    window = told.numbers.window
    heading(out, "Credit of CSMs", f"{window.first:%Y-%m} to {window.last:%Y-%m}; never closed bookings")
    kept = {one.person_id: one for one in told.handovers or ()}
    retained = {one.person_id: one for one in told.numbers.credits}
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("person", "NRR", "without price", "deeper taken", "wider taken", "returned"):
        grid.add_column(column, justify="left" if column == "person" else "right", no_wrap=True)
    for person in sorted(kept.keys() | retained.keys()):
        book, worked = retained.get(person), kept.get(person)
        cells = [percent(book.settled.nrr), percent(book.settled.nrr_without_price)] if book else ["–", "–"]
        if told.handovers is None:
            cells += ["–", "–", "–"]
        else:
            cells += [str(worked.taken[motion]) if worked else "0" for motion in Motion]
            cells.append(str(sum(worked.returned.values())) if worked else "0")
        grid.add_row(person, *cells)
    out.print(Padding(grid, (0, 0, 0, 2)))
    if told.handovers is None:
        out.print(Padding("nothing was applied yet, so nobody has qualified anything", (0, 0, 0, 2)))
