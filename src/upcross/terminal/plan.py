"""A plan as text, in the order in which people decide: answers, asks of each motion, what is held, what is unknown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from upcross.errors import Issue, Severity
from upcross.money import display
from upcross.motions import Motion
from upcross.opportunities import Candidate, Change, ChangeKind, ChangePlan, sentences
from upcross.opportunities.totals import Parts
from upcross.terminal.page import STYLES, counted, heading, potential
from upcross.verbs import Plan

_SHOWN_ISSUES = 3


def _write_faults(out: Console, issues: Sequence[Issue]) -> None:
    """The first faults with what they cost, a line or two each: who decides on asks looks up the rest."""
    order = list(Severity)
    for issue in sorted(issues, key=lambda issue: (order.index(issue.severity), not issue.costs))[:_SHOWN_ISSUES]:
        line = Text(f"{issue.severity.value:<8}", style=STYLES[issue.severity])
        where = f"{issue.place}: " if issue.place and str(issue.place) else ""
        told = f"{where}{issue.message}{f': {issue.costs}' if issue.costs else ''}"
        out.print(Padding(line.append(told, style="default"), (0, 0, 0, 2)))


def write_plan(out: Console, plan: Plan, changes: ChangePlan, most: int | None = None) -> None:
    """A plan in the order of deciding: the data, deeper, wider, held, unknown, and what to try next.

    ``most`` limits the lines of each lane and of what is held; totals are of all.
    """
    currency = changes.currency
    snapshot = plan.run.evaluation.frame.snapshot
    out.print(
        Text("Change plan", style="bold") + Text(f" as of {changes.as_of}: what a run would do; nothing is written")
    )
    if snapshot.known_at != snapshot.as_of:
        out.print(Text(f"known at {snapshot.known_at}", style="dim"))
    first = min((t.complete_from for t in snapshot.manifest.tables.values() if t.complete_from), default=None)
    if first is not None and changes.as_of < first:
        out.print(Text(f"the book begins on {first}, after that day: nothing can be said of it", style="yellow"))
    if changes.backlog and changes.changes:
        told = "nothing was asked before, as far as this plan knows: a backlog to work through, no alerts"
        out.print(Text(told, style="dim"))
    heading(out, "What is wrong with the data", f"{counted(plan.data)}: upcross check")
    _write_faults(out, [issue for issue in plan.data if issue.severity is not Severity.NOTE])
    _write_answers(out, changes, most)
    for motion in Motion:
        _write_lane(out, changes, motion, most)
    _write_tasks(out, changes, most)
    _write_held(out, changes, most)
    _write_unknown(out, changes, currency)
    _write_next(out, changes)


def _write_lane(out: Console, changes: ChangePlan, motion: Motion, most: int | None) -> None:
    asks = changes.asks(motion)
    total = changes.totals.fired.of(motion)
    lane = f"{motion.lane.capitalize()}: {motion.value.replace('_', '-')}"
    told = f"{_asks(total.asks)}, {display(total.expected, changes.currency)} expected MRR"
    if total.unknown:
        told += f" ({total.unknown} of unknown amount)"
    heading(out, lane, told)
    if not asks:
        out.print(Padding("nothing to ask for today", (0, 0, 0, 2)))
    _write_asks(out, asks, changes, most)


def _write_answers(out: Console, changes: ChangePlan, most: int | None) -> None:
    """Who asked to buy comes first: their owner hears of it the same day, with what calls for care."""
    if changes.answers:
        count = changes.totals.answers.expansion.asks
        told = f"{count} request{'' if count == 1 else 's'} to buy, {_parts(changes.totals.answers, changes.currency)}"
        heading(out, "Answer them: they asked", f"{told}; beside our asks, in none of their sums")
        _write_asks(out, changes.answers, changes, most)


def _write_tasks(out: Console, changes: ChangePlan, most: int | None) -> None:
    if changes.tasks:
        heading(out, "To do, not to sell", f"{len(changes.tasks)} of adoption: what they pay for already")
        _write_asks(out, changes.tasks, changes, most)


def _write_asks(out: Console, asks: Sequence[Change], changes: ChangePlan, most: int | None) -> None:
    for number, change in enumerate(asks[:most], 1):
        _write_ask(out, number, change, changes)
    _write_rest(out, len(asks), most)


def _write_ask(out: Console, number: int, change: Change, changes: ChangePlan) -> None:
    candidate, currency = change.candidate, changes.currency
    assert candidate is not None
    _write_title(out, f"{number:>3}", change, changes, _mark(candidate))
    others = change.people[1:] if change.people[-1].person_id != change.owner.person_id else ()
    closing = "".join(f", closed by {_who(closer)}" for closer in others)
    timing = f", {change.timing.replace('own', 'a deal of its own')}" if change.motion else ""
    due = f", respond by {change.due_on}" if change.due_on else ""
    lines = [
        ("why", "; ".join(sentences.why(candidate, currency))),
        *[("heard", quote) for quote in sentences.heard(candidate)],
        ("owner", f"{_who(change.owner)}{closing}{due}{timing}"),
        *[("care", f"{hold.gate}: {sentences.hold(hold, currency)}") for hold in candidate.care],
        ("next", sentences.next_step(candidate, currency)),
    ]
    if candidate.alternative_of:
        lines.append(("≈", sentences.counted_with(candidate, changes.product_names)))
    if candidate.attested:
        lines.append(("word of", _attested(candidate)))
    if change.kind is not ChangeKind.CREATE:
        lines.append(("change", f"{change.kind.value}: {change.reason}"))
    _write_lines(out, lines)


def _mark(candidate: Candidate) -> str:
    return " ≈" if candidate.alternative_of else ""


def _attested(candidate: Candidate) -> str:
    """Whose word stands in for missing data or exempts a unit, until when, on which gates."""
    said: dict[str, list[str]] = {}
    for item in candidate.attested:
        gate = f"{item.gate} (does not bind this unit)" if item.exempt else item.gate
        said.setdefault(f"{item.by}, until {item.until}", []).append(gate)
    return "; ".join(f"{who}: {', '.join(gates)}" for who, gates in said.items())


def _write_title(out: Console, mark: str, change: Change, changes: ChangePlan, note: str = "") -> None:
    assert change.candidate is not None
    grid = Grid.grid(padding=(0, 1))
    grid.add_column(width=4)
    grid.add_column()
    title = Text(_what(change), style="bold")
    if change.motion:
        title.append(f"  {potential(change.candidate.potential, changes.currency)}", style="not bold")
    title.append(note, style="dim")
    grid.add_row(Text(mark), title)
    out.print(grid)


def _write_lines(out: Console, lines: list[tuple[str, str]]) -> None:
    grid = Grid.grid(padding=(0, 1))
    grid.add_column(width=7, style="dim")
    grid.add_column()
    for name, text in lines:
        grid.add_row(name, Text(text))
    out.print(Padding(grid, (0, 0, 0, 5)))


def _write_rest(out: Console, count: int, most: int | None) -> None:
    if most is not None and count > most:
        told = f"and {count - most:,} more: upcross plan --most 0, or --format json"
        out.print(Padding(Text(told, style="dim"), (0, 0, 0, 5)))


def _write_held(out: Console, changes: ChangePlan, most: int | None) -> None:
    totals, currency = changes.totals, changes.currency
    held = [c for c in changes.changes if c.kind is ChangeKind.HOLD]
    told = _parts(totals.held, currency) if held else "nothing is held back"
    heading(out, "Held back: not now", told)
    if not held:
        return
    grid = Grid(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("gate", "asks", "held by it", "by it alone"):
        grid.add_column(name, justify="left" if name == "gate" else "right")
    for gate in totals.gates:
        grid.add_row(Text(f"{gate.gate} ") + Text(gate.title, style="dim"), str(gate.held.expansion.asks),
                     _split(gate.held, currency), _split(gate.alone, currency))  # fmt: skip
    out.print(Padding(grid, (0, 0, 1, 2)))
    for change in held[:most]:
        candidate = change.candidate
        assert candidate is not None
        _write_title(out, "  ·", change, changes, _mark(candidate))
        lines = [("≈", sentences.counted_with(candidate, changes.product_names))] if candidate.alternative_of else []
        for clearing in change.clearings:
            again = f"; look again {clearing.look_again_on}" if clearing.look_again_on else ""
            lines.append((clearing.hold.gate, sentences.hold(clearing.hold, currency)))
            lines.append(("", f"→ {_who(clearing.person)}: {sentences.clearing(clearing.hold, currency)}{again}"))
        grid = Grid.grid(padding=(0, 1))
        grid.add_column(min_width=16, no_wrap=True, style="dim")
        grid.add_column()
        for name, text in lines:
            grid.add_row(name, Text(text))
        out.print(Padding(grid, (0, 0, 0, 5)))
    _write_rest(out, len(held), most)


def _write_unknown(out: Console, changes: ChangePlan, currency: str) -> None:
    notes = changes.unknown
    heading(out, "Unknown: what the data cannot tell", "" if notes else "every play could be judged everywhere")
    for note in notes:
        title = Text("  ·  ")
        title.append(note.play, style="bold")
        waits = ""
        if note.potential.expected:
            waits = f", {display(note.potential.expected, currency)} expected MRR if it fired everywhere"
        title.append(f"  unknown for {note.accounts:,} account{'' if note.accounts == 1 else 's'}{waits}")
        if note.examples:
            title.append(
                f" ({', '.join(note.examples)}{' …' if note.accounts > len(note.examples) else ''})", style="dim"
            )
        out.print(title)
        for item in note.missing[:4]:
            rows = f" ({item.rows:,} of {note.rows:,} rows)" if item.rows is not None and item.rows != note.rows else ""
            out.print(Padding(Text(f"missing: {sentences.missing(item)}{rows}", style="default"), (0, 0, 0, 5)))


def _write_next(out: Console, changes: ChangePlan) -> None:
    first = next((c for c in changes.changes if c.candidate), None)
    account = first.candidate.account_name if first and first.candidate else "ACCOUNT"
    quoted = f'"{account}"' if " " in account else account
    heading(out, "Try next")
    for command, told in (
        (f"upcross explain {quoted}", "every play for this account, with each comparison and where it comes from"),
        ("upcross check", "everything found in the data, with what to do"),
        ("upcross plays show seat-expansion", "what a play watches, and how to change its thresholds"),
    ):
        out.print(Padding(Text(command), (0, 0, 0, 2)))
        out.print(Padding(Text(told, style="dim"), (0, 0, 0, 6)))


def _what(change: Change) -> str:
    candidate = change.candidate
    assert candidate is not None
    unit = f" / {change.identity.business_unit}" if change.identity.business_unit else ""
    mechanism = change.identity.mechanism
    what = mechanism.value.replace("_", "-") if mechanism else candidate.lead.title
    return " · ".join(part for part in (f"{candidate.account_name}{unit}", what, candidate.product_name) if part)


def _who(assignee: object) -> str:
    name, role = getattr(assignee, "name", ""), getattr(assignee, "role", "")
    return str(name) if role in ("", "self_serve") else f"{name} ({role.replace('_', ' ')})"


def _asks(count: int) -> str:
    return f"{count} ask{'' if count == 1 else 's'}"


def _parts(parts: Parts, currency: str) -> str:
    return ", ".join(
        f"{motion.lane} {display(parts.of(motion).expected, currency)} in {_asks(parts.of(motion).asks)}"
        for motion in Motion
        if parts.of(motion).asks
    )


def _split(parts: Parts, currency: str) -> str:
    told = [f"{display(parts.of(m).expected, currency)} {m.lane}" for m in Motion if parts.of(m).asks]
    return " + ".join(told) or "–"
