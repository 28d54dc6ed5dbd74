"""Lists for a terminal: the tables of the contract, signals, plays and gates, each in full or a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from upcross.absence import Absence
from upcross.book.checks import COSTS
from upcross.book.store import Manifest
from upcross.contract import SUBJECTS, Coverage, Table
from upcross.plays.gate import Gate
from upcross.plays.play import Play, PlayKind
from upcross.signals.model import Scope, Signal
from upcross.table_readers import Readers
from upcross.terminal.page import heading

_ABSENCE = {
    Coverage.EVERY_ACCOUNT: "inside the covered span, no row is zero",
    Coverage.ONLY_LISTED: "no row is unknown",
    Coverage.STATE: "no row: no such thing is known",
}


def grid(*names: str, right: Iterable[str] = ()) -> Grid:
    """An open grid with a dim header."""
    made = Grid(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in names:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return made


def write_tables(out: Console, manifest: Manifest | None, waiting: Mapping[str, Absence] | None = None) -> None:
    """Every contract table by subject: what it is, what is loaded of it, and what the absence of one costs."""
    for subject, tables in SUBJECTS.items():
        heading(out, subject)
        made = grid("table", "loaded", "meaning", right=("loaded",))
        for table in tables:
            stored = manifest.tables.get(table.name) if manifest else None
            loaded = f"{stored.rows:,}" if stored else "–"
            told = Text(table.meaning)
            if manifest is not None and stored is None:
                told.append(f" Without it: {COSTS[table.name]}.", style="dim")
            absence = (waiting or {}).get(table.name)
            if absence is not None and str(absence):
                told.append(f" {absence}.", style="yellow")
            made.add_row(Text(table.name, style="bold" if stored else ""), loaded, told)
        out.print(Padding(made, (0, 0, 0, 2)))


def write_table(
    out: Console, table: Table, manifest: Manifest | None, readers: Readers, absence: Absence | None = None
) -> None:
    """One contract table: key, history, what no row says, who reads it, what its absence costs, and every column."""
    out.print(Text(table.name, style="bold") + Text(f"  {table.meaning}"))
    stored = manifest.tables.get(table.name) if manifest else None
    lines = [("key", ", ".join(table.key)), ("no row", _ABSENCE[table.coverage])]
    if table.happened_on:
        shown = "first day after the period" if table.exclusive else "day"
        lines.append(("visible", f"by {table.happened_on} ({shown}); recorded_at, where given, says when it was known"))
    else:
        lines.append(("visible", "as soon as " + " or ".join(table.known_on) + " has come; without one always"))
    if stored:
        span = f", covers {stored.complete_from} to {stored.complete_through}" if stored.complete_from else ""
        lines.append(("loaded", f"{stored.rows:,} rows{span}, from {', '.join(stored.sources) or 'the catalogue'}"))
    lines.append(("read by", str(readers) or "nothing yet: it is kept for what is to come"))
    lines.append(("without", f"{COSTS[table.name]}"))
    if absence is not None and str(absence):
        lines.append(("now", str(absence)))
    for name, text in lines:
        out.print(Padding(Text(f"{name:<8}", style="dim") + Text(text), (0, 0, 0, 2)))
    made = grid("column", "type", "", "meaning")
    for column in table.columns:
        notes = [f"one of {', '.join(column.values)}"] if column.values else []
        notes += [f"refers to {column.references}"] if column.references else []
        notes += [f"known from {column.known_from}"] if column.known_from else []
        unit = f", {column.unit}" if column.unit else ""
        needed = "required" if column.required else ""
        made.add_row(Text(column.name, style="bold"), f"{column.type.value}{unit}", needed,
                     Text(column.meaning + (f" ({'; '.join(notes)})" if notes else "")))  # fmt: skip
    out.print(Padding(made, (1, 0, 0, 2)))


def write_signals(out: Console, signals: Mapping[str, Signal]) -> None:
    """Every signal by scope: unit and meaning."""
    scope = None
    made = grid("signal", "unit", "meaning")
    for signal in sorted(signals.values(), key=lambda s: (list(Scope).index(s.scope), s.name)):
        if signal.scope is not scope:
            if scope is not None:
                out.print(Padding(made, (0, 0, 0, 2)))
            scope, made = signal.scope, grid("signal", "unit", "meaning")
            heading(out, scope.value.replace("_", " "), f"one row: {', '.join(scope.keys)}")
        made.add_row(Text(signal.name, style="bold"), signal.unit.value, Text(signal.meaning))
    out.print(Padding(made, (0, 0, 0, 2)))


def write_signal(out: Console, signal: Signal, missing: Iterable[str], plays: Iterable[str]) -> None:
    """One signal: what it means, when it is unknown, what it needs, and which plays and gates read it."""
    out.print(Text(signal.name, style="bold") + Text(f"  {signal.meaning}"))
    lines = [
        ("unit", signal.unit.value + (f": {' < '.join(signal.levels)}" if signal.levels else "")),
        ("scope", f"{signal.scope.value.replace('_', ' ')} ({', '.join(signal.scope.keys)})"),
        ("unknown", signal.unknown_when),
        ("needs", ", ".join(signal.needs) or "nothing of its own"),
        ("model", f"{signal.model} (see it with --sql duckdb or --sql postgres)"),
        ("read by", ", ".join(plays) or "nothing yet"),
    ]
    for why in missing:
        lines.append(("now", f"unknown everywhere: {why}"))
    for name, text in lines:
        out.print(Padding(Text(f"{name:<8}", style="dim") + Text(text), (0, 0, 0, 2)))


def write_plays(out: Console, plays: Iterable[Play], gates: Mapping[str, Gate]) -> None:
    """Plays and gates, a line each."""
    made = grid("play", "motion", "mechanism", "status", "summary")
    for play in plays:
        mechanisms = ", ".join(mechanism.value for mechanism in play.mechanism)
        made.add_row(Text(play.id, style="bold"), sells(play), mechanisms, play.status.value, Text(play.summary))
    out.print(made)
    heading(out, "Gates", "what must hold before anybody asks")
    made = grid("gate", "holds", "title")
    for gate in gates.values():
        made.add_row(Text(gate.id, style="bold"), ", ".join(m.value for m in gate.holds), Text(gate.title))
    out.print(made)


def write_play(out: Console, play: Play) -> None:
    """One play as it runs: trigger, gates, who does what by when, guide, assumptions and gaps."""
    out.print(Text(play.id, style="bold") + Text(f"  {play.title}") + Text(f"  version {play.version}", style="dim"))
    out.print(Padding(Text(play.summary), (0, 0, 0, 2)))
    if play.example:
        out.print(Padding(Text(f"“{play.example}”", style="italic"), (0, 0, 0, 2)))
    params = ", ".join(f"{name} {value}" for name, value in play.params.items())
    timing = play.timing.with_renewal_within
    lines = [
        ("sells", ", ".join(m.value for m in play.mechanism) + (f" ({sells(play)})" if play.motion else "nothing")),
        ("when", _condition_text(play.when)),
        ("open while", _condition_text(play.keep_open_while) if play.keep_open_while else "the trigger holds"),
        ("params", params),
        ("care for" if play.kind is PlayKind.ANSWER else "gates",
         ", ".join(b.id + (f" ({'; '.join(b.tightened)})" if b.tightened else "") for b in play.bound) or "none"),
        ("sized by", play.potential or "nothing"),
        ("owner", f"surfaced by {roles(play.owner.surface)}"
                  + (f"; closed by {roles(play.owner.close)}" if play.owner.close else "")),
        ("touch", f"{play.touch.value.replace('_', ' ')}, respond within {play.respond_within} days,"
                  f" not again for {play.cooldown} days"),
        ("timing", f"with the renewal where that is at most {timing} days away" if timing else "a deal of its own"),
        ("next step", play.next_step),
    ]  # fmt: skip
    made = Grid.grid(padding=(0, 1))
    made.add_column(width=10, style="dim")
    made.add_column()
    for name, text in lines:
        made.add_row(name, Text(text))
    for number, line in enumerate(play.guide, 1):
        made.add_row("guide" if number == 1 else "", Text(f"{number}. {line}"))
    for name, sentences in (("assumes", play.assumptions), ("gaps", play.known_gaps), ("overlay", play.overlaid)):
        for number, sentence in enumerate(sentences):
            made.add_row(name if not number else "", Text(sentence))
    out.print(Padding(made, (1, 0, 0, 2)))
    out.print(Padding(Text(f"change a threshold in plays/overlay.yaml; the file itself is {play.file}", style="dim"),
                      (1, 0, 0, 2)))  # fmt: skip


def sells(play: Play) -> str:
    """What comes of a play in one word: its motion, an answer of that motion, or adoption."""
    if play.motion is None:
        return play.kind.value
    motion = play.motion.value.replace("_", "-")
    return f"{motion} answer" if play.kind is PlayKind.ANSWER else motion


def roles(names: Iterable[str]) -> str:
    """Roles in the order of preference, as words."""
    return ", else ".join(role.replace("_", " ") for role in names)


def _condition_text(condition: object, inner: bool = False) -> str:
    children = getattr(condition, "children", None)
    if children is None:
        return str(getattr(condition, "text", condition))
    join = condition.join.value  # type: ignore[attr-defined]
    words = f" {'and' if join == 'all' else 'or'} ".join(_condition_text(child, True) for child in children)
    return f"({words})" if inner and len(children) > 1 else words


def signal_facts(signal: Signal) -> dict[str, object]:
    """A signal as plain values, for JSON."""
    return {
        "signal": signal.name, "scope": signal.scope.value, "unit": signal.unit.value, "meaning": signal.meaning,
        "unknown_when": signal.unknown_when, "needs": list(signal.needs), "counts": signal.counts or None,
        "window_days": signal.window, "levels": list(signal.levels), "model": signal.model,
    }  # fmt: skip


def table_facts(
    table: Table, manifest: Manifest | None, readers: Readers, absence: Absence | None = None
) -> dict[str, object]:
    """A contract table as plain values, for JSON."""
    stored = manifest.tables.get(table.name) if manifest else None
    return {
        "table": table.name, "meaning": table.meaning, "key": list(table.key), "coverage": table.coverage.value,
        "happened_on": table.happened_on, "rows": stored.rows if stored else None,
        "signals": list(readers.signals), "plays": list(readers.plays), "gates": list(readers.gates),
        "without_it": COSTS[table.name], "waiting": str(absence) if absence else None,
        "columns": [
            {"column": c.name, "type": c.type.value, "unit": c.unit, "required": c.required, "meaning": c.meaning,
             "values": list(c.values), "references": c.references or None, "known_from": c.known_from or None}
            for c in table.columns
        ],
    }  # fmt: skip


def play_facts(play: Play) -> dict[str, object]:
    """A play as plain values, for JSON."""
    return {
        "play": play.id, "title": play.title, "version": play.version, "status": play.status.value,
        "play_kind": play.kind.value, "motion": play.motion.value if play.motion else None,
        "mechanism": [m.value for m in play.mechanism], "scope": play.scope.value,
        "summary": play.summary, "when": _condition_text(play.when),
        "params": {name: str(value) for name, value in play.params.items()},
        "gates": [bound.id for bound in play.bound], "owner": play.owner.model_dump(mode="json"),
        "touch": play.touch.value, "respond_within_days": play.respond_within, "cooldown_days": play.cooldown,
        "next_step": play.next_step, "guide": list(play.guide), "assumptions": list(play.assumptions),
        "known_gaps": list(play.known_gaps), "overlaid": list(play.overlaid), "file": play.file,
    }  # fmt: skip
