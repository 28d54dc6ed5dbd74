"""An explanation of one account for a terminal: each play, each comparison, its distance and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from upcross.explanation import ExplainedRow, Explanation
from upcross.opportunities.evidence import Evidence
from upcross.opportunities.sentences import compare, fill, show
from upcross.plays.fields import placeholders
from upcross.plays.judgement import Judged, JudgedComparison, JudgedGate, judged_leaves
from upcross.plays.play import PlayKind
from upcross.plays.verdicts import VerdictStatus
from upcross.signals.model import Unit
from upcross.terminal.listing import roles
from upcross.terminal.page import potential

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}
_STATUS = {
    VerdictStatus.FIRED: "bold green", VerdictStatus.HELD: "bold yellow", VerdictStatus.UNKNOWN: "bold magenta",
    VerdictStatus.QUIET: "bold",
}  # fmt: skip


def write_explanation(out: Console, told: Explanation) -> None:
    """One account: its facts, then each play with every comparison, its distance and its sources."""
    facts = told.facts
    out.print(Text(told.account_name, style="bold") + Text(f"  {told.account_id}, as of {told.as_of}", style="dim"))
    mrr = show(facts.get("mrr"), Unit.MONEY, told.currency)
    source = {"given": "the company's own score", "computed": "by the scorecard"}.get(
        str(facts.get("health_source")), ""
    )
    level = facts.get("health_level") or "level unknown"
    score = facts.get("health_score")
    health = "unknown" if score is None else f"{score} of 100"
    out.print(Padding(Text(f"MRR {mrr} · health {health} ({level}; {source})"), (0, 0, 0, 2)))
    for part in told.health:
        points = "0 points for what is unknown" if part.points is None else f"{part.points} points"
        told_part = (
            f"{part.name}: {part.label} {show(part.value, part.unit, told.currency)}: {points} × weight {part.weight}"
        )
        out.print(Padding(Text(told_part, style="dim"), (0, 0, 0, 4)))
    for rows in _alike(told.rows):
        _write_rows(out, rows, told.currency)
    for play, why in told.absent.items():
        out.print()
        out.print(Text(f"{play}  ", style="bold") + Text(f"nothing to judge: {why}"))


def _alike(rows: Iterable[ExplainedRow]) -> list[list[ExplainedRow]]:
    """Rows in their order; quiet ones of one play whose comparisons came out the same are told together."""
    groups: dict[object, list[ExplainedRow]] = {}
    for number, row in enumerate(rows):
        leaves = judged_leaves(row.judgement.trigger)
        outcome = tuple((leaf.text, str(leaf.value), leaf.truth) for leaf in leaves if leaf.signal != "target_kind")
        quiet = row.judgement.status is VerdictStatus.QUIET
        groups.setdefault((row.judgement.play, outcome) if quiet else number, []).append(row)
    return list(groups.values())


def _write_rows(out: Console, rows: list[ExplainedRow], currency: str) -> None:
    row = rows[0]
    judgement = row.judgement
    where = [" / ".join(part for part in (r.product_name, r.business_unit, r.metric) if part) for r in rows]
    out.print()
    title = Text(judgement.status.value.upper(), style=_STATUS[judgement.status])
    title.append(f"  {judgement.play}", style="bold").append(f"  {judgement.title}", style="default")
    title.append(f"  {', '.join(where)}", style="bold").append(f"  version {judgement.version}", style="dim")
    out.print(title)
    if judgement.status in (VerdictStatus.FIRED, VerdictStatus.HELD) and judgement.kind is not PlayKind.ADOPTION:
        out.print(Padding(Text(potential(row.potential, currency)), (0, 0, 0, 2)))
    for fact in row.facts:
        out.print(Padding(Text(compare(fact, currency), style="dim"), (0, 0, 0, 2)))
    _write_condition(out, judgement.trigger, row, currency, 2, top=True)
    for note in judgement.overlaid:
        out.print(Padding(Text(f"set by the project: {note}", style="dim"), (0, 0, 0, 4)))
    if judgement.status is VerdictStatus.QUIET:
        return
    for why in row.missing:
        out.print(Padding(Text(f"missing: {why}", style="yellow"), (0, 0, 0, 4)))
    if judgement.status is VerdictStatus.UNKNOWN:
        return
    passed = [gate for gate in judgement.gates if gate.passes and not (gate.attested or gate.exempt)]
    if judgement.kind is PlayKind.ANSWER and not all(gate.passes for gate in judgement.gates):
        out.print(Padding(Text("they asked, so no gate holds the answer; reasons for care:"), (0, 0, 0, 2)))
    for gate in judgement.gates:
        if gate not in passed:
            _write_gate(out, gate, row, currency)
    if passed:
        out.print(Padding(Text("gates that pass: " + ", ".join(gate.id for gate in passed), style="dim"), (0, 0, 0, 2)))


def _write_gate(out: Console, gate: JudgedGate, row: ExplainedRow, currency: str) -> None:
    mark, style = _MARKS[gate.truth]
    evidence = [*row.reasons.values(), *(_evidence(leaf, row) for leaf in judged_leaves(gate.condition))]
    line = (
        Text(f"{mark} ", style=style).append(f"gate {gate.id}", style="bold").append(f"  {gate.title}", style="default")
    )
    if gate.attested:
        line.append(f"  passes on the word of {row.attested[gate.id]}", style="yellow")
    elif gate.exempt:
        line.append(f"  does not bind this unit, by rule of {row.attested[gate.id]}", style="yellow")
    elif gate.truth is False or _suspects(gate, row):
        told = gate.reason if gate.truth is False else gate.maybe
        line.append(f": {fill(told, evidence, currency)}", style="default")
    out.print(Padding(line, (0, 0, 0, 2)))
    _write_condition(out, gate.condition, row, currency, 6, top=True)
    if not gate.passes:
        action = fill(gate.action, evidence, currency)
        out.print(Padding(Text(f"cleared by {roles(gate.cleared_by)}: {action}"), (0, 0, 0, 6)))


def _suspects(gate: JudgedGate, row: ExplainedRow) -> bool:
    """Whether it is known what may stand in the way, although not whether it does."""
    named = [row.reasons.get(name) for name in placeholders([gate.maybe])]
    return bool(gate.maybe) and all(fact is not None and fact.value is not None for fact in named)


def _write_condition(
    out: Console, judged: Judged, row: ExplainedRow, currency: str, indent: int, top: bool = False
) -> None:
    mark, style = _MARKS[judged.truth]
    if isinstance(judged, JudgedComparison):
        line = Text(f"{mark} ", style=style)
        line.append(compare(_evidence(judged, row), currency))
        line.append(_distance(judged, currency), style="dim")
        sources = "; ".join(str(source) for source in row.sources.get(judged.signal, ()))
        if sources:
            line.append(f"  [{sources}]", style="dim")
        out.print(Padding(line, (0, 0, 0, indent)))
        return
    if not (top and judged.join.value == "all"):
        out.print(Padding(Text(f"{mark} ", style=style) + Text(f"{judged.join.value} of:"), (0, 0, 0, indent)))
        indent += 2
    for child in judged.children:
        _write_condition(out, child, row, currency, indent)


def _evidence(leaf: JudgedComparison, row: ExplainedRow) -> Evidence:
    against = row.labels[leaf.other] if leaf.other else ""
    return Evidence(leaf.signal, row.labels[leaf.signal], leaf.value, leaf.unit, leaf.op, leaf.threshold, against)


def _distance(leaf: JudgedComparison, currency: str) -> str:
    if leaf.truth is not False or leaf.distance is None:
        return ""
    away = abs(leaf.distance)
    unit = leaf.unit
    if unit is Unit.RATIO:
        return f", {float(away) * 100:.4g} points away"
    return f", {show(int(away) if unit is not Unit.AMOUNT else away, unit, currency)} away"
