"""Makes what can be made of the docs: the reference pages from the code, and what every session on a page prints.

python docs/generate.py             writes docs/reference/*.md and the sessions of README.md and docs/*.md
python docs/generate.py --check     writes nothing; fails where a reference page is stale (the tests run the sessions)
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Iterable
from enum import Enum
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, get_args, get_type_hints

import django
import typer
from django.conf import settings
from sessions import PAGES, ROOT, has_sessions, render
from typer.models import ArgumentInfo, ParameterInfo

import upcross
from upcross.book.snapshot import BUILT_IN
from upcross.cli.app import app
from upcross.contract import SUBJECTS, Coverage, Table
from upcross.errors import CODES, Severity
from upcross.ledger.place import Place
from upcross.plays.condition import Comparison, Condition, Join
from upcross.plays.library import SHIPPED, Library, load_library
from upcross.plays.lint import lint as _rules_are_declared  # noqa: F401
from upcross.plays.play import PlayKind
from upcross.plays.rule import RULES
from upcross.signals.model import Scope, Signal
from upcross.signals.registry import shipped, shipped_models
from upcross.terminal.listing import sells
from upcross.web.settings import serving_settings

REFERENCE = ROOT / "docs" / "reference"
_MADE = "<!-- made by docs/generate.py: change the code, then run it again -->\n"
_NO_ROW = {
    Coverage.EVERY_ACCOUNT: "inside the covered span, no row for an account is a true zero; outside it, unknown",
    Coverage.ONLY_LISTED: "no row is unknown",
    Coverage.STATE: "no row: no such thing is known, and nothing is counted",
}
_ROWS = {
    Scope.ACCOUNT: "One row an account. Every finer scope can use these.",
    Scope.SUBSCRIPTION: "One row for each account, business unit and product it owns. Finer scopes can use these; in "
    "white space they are those of the anchor, the owned product that speaks for the one that is lacking.",
    Scope.METER: "One row for each account, business unit, owned product and metric with an allowance: a plan's limit "
    "or a commitment.",
    Scope.WHITE_SPACE: "One row for each account, business unit and product that it lacks and could buy.",
}


def reference_pages() -> dict[Path, str]:
    """Every page of the reference by its file."""
    _configure()
    for module in pkgutil.walk_packages(upcross.__path__, "upcross."):
        importlib.import_module(module.name)
    library = load_library(shipped(), None)
    makers: dict[str, Callable[[], str]] = {
        "tables": tables_page,
        "signals": lambda: signals_page(library),
        "plays": lambda: plays_page(library),
        "gates": lambda: gates_page(library),
        "lint": lint_page,
        "codes": codes_page,
        "commands": commands_page,
        "api": api_page,
    }
    return {REFERENCE / f"{name}.md": _MADE + make() for name, make in makers.items()}


def _configure() -> None:
    """Settings with which every module can be imported; nothing is opened with them."""
    if not settings.configured:
        settings.configure(**serving_settings(Place(Path("no-ledger.sqlite3")), key="of these pages alone"))
        django.setup()


def tables_page() -> str:
    """The contract, table by table."""
    out = [
        "# Tables of the contract", "",
        "Every table that Upcross can read. Map the ones that you have in `upcross.yaml`"
        " ([how](../project-file.md)); what is missing is reported with what it costs. `upcross tables` lists them with"
        " what is loaded, `upcross tables NAME` explains one.", "",
    ]  # fmt: skip
    for subject, tables in SUBJECTS.items():
        out += [f"- **{subject}**: " + ", ".join(f"[{table.name}](#{table.name})" for table in tables)]
    for subject, tables in SUBJECTS.items():
        out += ["", f"## {subject.capitalize()}"]
        for table in tables:
            out += ["", f"### {table.name}", "", table.meaning, "", *_table_facts(table), ""]
            rows = []
            for column in table.columns:
                notes = [f"one of {', '.join(column.values)}"] if column.values else []
                notes += [f"refers to {column.references}"] if column.references else []
                notes += [f"not known before {column.known_from}"] if column.known_from else []
                notes += [f"else {column.default!r}".replace("'", "`")] if column.default not in (None, "") else []
                kind = f"{column.type.value}{f' ({column.unit})' if column.unit else ''}"
                told = column.meaning + (f" *{'; '.join(notes)}*" if notes else "")
                rows.append((f"`{column.name}`", kind, "yes" if column.required else "", told))
            out += _grid(("column", "type", "required", "meaning"), rows)
    return _page(out)


def _table_facts(table: Table) -> list[str]:
    facts = [f"- key: {', '.join(f'`{name}`' for name in table.key)}", f"- {_NO_ROW[table.coverage]}"]
    if table.happened_on:
        counted = "the first day after the period" if table.exclusive else "that day"
        facts.append(f"- visible from `{table.happened_on}` ({counted}) on")
    elif len(table.known_on) > 1:
        facts.append("- visible from " + " or else ".join(f"`{name}`" for name in table.known_on) + " on")
    if table.coverage is not Coverage.STATE:
        facts.append(f"- stale, and so unknown, once its feed ends more than {table.max_lag_days} days before the day")
    return facts


def signals_page(library: Library) -> str:
    """Every signal by scope, and the relations that a model of one's own may read."""
    out = [
        "# Signals", "",
        "A signal describes one row and never judges it. Unknown is neither zero nor false. `upcross signals NAME` says"
        " the same of one signal, and why it is unknown in your book; `--sql duckdb` or `--sql postgres` prints the"
        " statement behind it. [Signals of your own](../writing-a-signal.md) stand beside these.",
    ]  # fmt: skip
    signals = library.signals
    readers: dict[str, list[str]] = {}
    for play in library.plays.values():
        for name in play.reads():
            readers.setdefault(name, []).append(play.id)
    for gate in library.gates.values():
        for name in gate.reads:
            readers.setdefault(name, []).append(f"gate {gate.id}")
    for scope in Scope:
        keys = ", ".join(f"`{key}`" for key in scope.keys)
        out += ["", f"## {scope.value.replace('_', ' ').capitalize()}", "", f"{_ROWS[scope]} Keys: {keys}.", ""]
        mine = sorted((s for s in signals.values() if s.scope is scope), key=lambda s: s.name)
        rows = [
            (f"`{s.name}`", _unit(s), s.meaning, s.unknown_when, _needs(s), f"{s.window} days" if s.window else "",
             ", ".join(dict.fromkeys(r for r in readers.get(s.name, []) if r.startswith("gate ")))
             or ", ".join(readers.get(s.name, [])))
            for s in mine
        ]  # fmt: skip
        out += _grid(("signal", "unit", "meaning", "unknown when", "needs", "window", "read by"), rows)
    out += ["", "## Relations behind the signals", "",
            "Models that hold no signal of their own; a model of yours may read them like a table.", ""]  # fmt: skip
    models = sorted((m for m in shipped_models() if not m.signals and m.meaning), key=lambda m: m.name)
    out += _grid(("relation", "what a row is"), [(f"`{m.name}`", m.meaning) for m in models])
    out += ["", "Built in, made for the as-of day:", ""]
    out += _grid(("relation", "what a row is"), [(f"`{name}`", meaning) for name, meaning in BUILT_IN.items()])
    return _page(out)


def _unit(signal: Signal) -> str:
    return f"{signal.unit.value}: {' < '.join(signal.levels)}" if signal.levels else signal.unit.value


def _needs(signal: Signal) -> str:
    return ", ".join(
        f"`{name}`" for name in dict.fromkeys((*signal.needs, *([signal.counts] if signal.counts else ())))
    )


def plays_page(library: Library) -> str:
    """The shipped plays, each as its file reads."""
    out = [
        "# Shipped plays", "",
        "Each play as its file reads, with every threshold. Change numbers, owners and status in"
        " `plays/overlay.yaml`; [write your own](../writing-a-play.md) beside them.", "",
    ]  # fmt: skip
    rows = [
        (f"[{p.id}](#{p.id})", sells(p), ", ".join(p.mechanism), p.scope.value, p.status.value, p.summary)
        for p in library.plays.values()
    ]
    out += _grid(("play", "motion", "mechanism", "scope", "status", "when"), rows)
    for play in library.plays.values():
        cases = len(library.tests[play.id].cases)
        out += ["", f"## {play.id}", "", f"{play.title}. {play.summary}", ""]
        out += [f"> {play.example}", ""] if play.example else []
        gates = ", ".join(f"[{b.id}](gates.md#{b.id})" for b in play.bound)
        bound = {
            PlayKind.ASK: f"Bound by the gates {gates}.",
            PlayKind.ANSWER: f"No gate holds it; reasons for care come from {gates}.",
            PlayKind.ADOPTION: "Adoption work: it sells nothing, and no gate binds it.",
        }
        out += [f"{bound[play.kind]} Tested by {cases} cases.", ""]
        out += ["```yaml", (SHIPPED / f"{play.id}.yaml").read_text("utf-8").rstrip(), "```"]
    return _page(out)


def gates_page(library: Library) -> str:
    """The shipped gates: what must hold, and who clears it."""
    out = [
        "# Gates: when not to ask", "",
        "A gate binds every play of the motions that it holds. A play may add gates or tighten them, never drop one."
        " False holds; unknown holds too, unless a named person"
        " [attested](../project-file.md#attestationsyaml) it.", "",
    ]  # fmt: skip
    for gate in library.gates.values():
        params = ", ".join(f"`{name}` {value}" for name, value in gate.params.items())
        out += [
            f"## {gate.id}", "", f"{gate.title}.", "",
            f"- holds: {', '.join(motion.value for motion in gate.holds)}",
            f"- must be true: `{_condition(gate.must)}`",
            *([f"- must be true in white space: `{_condition(gate.elsewhere)}`"] if gate.elsewhere else []),
            *([f"- parameters: {params}"] if params else []),
            f"- a person reads: “{gate.reason}”",
            *([f"- where it is unknown: “{gate.maybe}”"] if gate.maybe else []),
            *([f"- in white space: “{gate.in_white_space.reason}”"] if gate.in_white_space else []),
            f"- cleared by: {', '.join(role.replace('_', ' ') for role in gate.cleared_by)}: {gate.action}",
            f"- looked at again after {gate.look_again} days",
            f"- {'can be attested where data is missing' if gate.attestable else 'can never be attested'}",
            f"- {'a named person may ask in spite of it' if gate.overridable else 'nobody asks in spite of it'}", "",
        ]  # fmt: skip
    return _page(out)


def _condition(condition: Condition, inner: bool = False) -> str:
    if isinstance(condition, Comparison):
        return str(condition)
    parts = [_condition(child, True) for child in condition.children]
    text = (" and " if condition.join is Join.ALL else " or ").join(parts)
    return f"({text})" if inner and len(parts) > 1 else text


def lint_page() -> str:
    """Rules that plays keep; the message of each is its docstring."""
    out = [
        "# Lint rules of plays", "",
        "`upcross plays lint` holds every play to these. An error stops `plan`; a warning does not. Where a rule does"
        " not fit, the play says so: `ignore: {rule: the reason}`.", "",
    ]  # fmt: skip
    for name, rule in RULES.items():
        kind = rule.severity.value + ("" if rule.ignorable else ", cannot be ignored")
        out += [f"## {name}", "", f"*{kind}.* {rule.message()}", ""]
    return _page(out)


def codes_page() -> str:
    """Every issue code: what it means and how grave it is."""
    out = [
        "# Issue codes", "",
        "Every fault that Upcross reports carries one of these codes in square brackets. **Errors** make results wrong"
        " or impossible, **warnings** make them doubtful, **notes** are good to know. Exit code 1 says that there was"
        " an error.", "",
    ]  # fmt: skip
    for severity in Severity:
        codes = sorted((c for c in CODES.values() if c.severity is severity), key=lambda c: c.name)
        rows = [(f"`{c.name}`", f"see [the rule](lint.md#{c.name})" if c.name in RULES else c.meaning) for c in codes]
        out += [f"## {severity.value.capitalize()}s", "", *_grid(("code", "meaning"), rows), ""]
    return _page(out)


def api_page() -> str:
    """Every route of the interface: what it is for, who may use it, what it takes and answers."""
    from upcross.api.document import document, groups  # needs settings; see `_configure`

    out = [
        "# Routes of the interface", "",
        "What `/api/v1/docs` of a running server says, and `/api/v1/openapi.json` tells tools with the shape of every"
        " answer. [How to use it](../api.md) tells a session.", "",
    ]  # fmt: skip
    for name, operations in groups(document()):
        out += [f"## {name}", ""]
        for one in operations:
            out += [f"### {one['method']} {one['path']}", "", one["description"], ""]
            rows = [
                (f"`{parameter['name']}`", parameter["in"] + (", always" if parameter["required"] else ""),
                 parameter.get("description", ""))
                for parameter in one["parameters"]
            ]  # fmt: skip
            out += [*_grid(("it takes", "in the", "which is"), rows), ""] if rows else []
            example = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            out += ["```json", json.dumps(example, indent=2), "```", ""] if example else []
            out += [f"Answers {', '.join(one['responses'])}.", ""]
    return _page(out)


def commands_page() -> str:
    """Every command with its arguments and options."""
    out = [
        "# Commands", "",
        "`upcross COMMAND --help` says the same. Exit codes: **0** fine, **1** issues were found, **2** the command"
        " cannot mean anything, **3** nothing was loaded and the last good book stays. Work that takes longer than a"
        " second shows its progress on the error stream, so that `--format json` stays clean.", "",
    ]  # fmt: skip
    for words, command in _commands("upcross", app):
        given = _parameters(command)
        shown = "".join(f" {name}" for name, info, _ in given if isinstance(info, ArgumentInfo))
        out += [f"## {words}", "", f"`{words}{shown}`", "", " ".join((command.__doc__ or "").split()), ""]
        rows = [(f"`{name}`", info.help or "", values) for name, info, values in given]
        out += [*_grid(("argument or option", "meaning", "values"), rows), ""] if rows else []
    return _page(out)


def _commands(words: str, group: typer.Typer) -> Iterable[tuple[str, Callable[..., Any]]]:
    for info in group.registered_commands:
        if info.callback is not None:
            yield f"{words} {info.name or info.callback.__name__.replace('_', '-')}", info.callback
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from _commands(f"{words} {inner.name}", inner.typer_instance)


def _parameters(command: Callable[..., Any]) -> list[tuple[str, ParameterInfo, str]]:
    """Each argument and option of a command: as it is typed, what is declared of it, and its values if they are few."""
    found = []
    hints = get_type_hints(command, include_extras=True)
    for name, parameter in signature(command).parameters.items():
        kind, info = get_args(hints[name])[:2]
        optional = parameter.default is not Parameter.empty
        if isinstance(info, ArgumentInfo):
            typed = f"[{name.upper()}]" if optional else name.upper()
        else:
            # In an annotation, the first name of an option stands where its default would.
            names = [n for n in (info.default, *(getattr(info, "param_decls", None) or ())) if isinstance(n, str)]
            typed = ", ".join(names or [f"--{name.rstrip('_').replace('_', '-')}"])
        choices = [k for k in (kind, *get_args(kind)) if isinstance(k, type) and issubclass(k, Enum)]
        values = ", ".join(f"`{value.value}`" for choice in choices for value in choice)
        found.append((typed, info, values or (info.metavar or "")))
    return found


def _grid(names: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """A Markdown table; columns that no row fills are left out."""
    header, body = list(names), [[_cell(value) for value in row] for row in rows]
    kept = [index for index in range(len(header)) if index == 0 or any(row[index] for row in body)]
    lines = [[header[index] for index in kept], ["---"] * len(kept), *([row[i] for i in kept] for row in body)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def _page(lines: list[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[Path, str]:
    """Every page that is made, or holds sessions, as it should read."""
    made = reference_pages()  # first: a session opens a ledger of its own, and Django is set up once a process
    return made | {page: render(text) for page in PAGES if has_sessions(text := page.read_text("utf-8"))}


def stale(made: dict[Path, str]) -> list[Path]:
    """The pages that do not read as they should."""
    return [page for page, text in made.items() if not page.exists() or page.read_text("utf-8") != text]


def main(check: bool) -> int:
    """Write the pages that are stale, or with ``check`` only name them; the exit code."""
    made = reference_pages() if check else pages()
    found = stale(made)
    for page in found:
        print(f"{'stale' if check else 'wrote'}: {page.relative_to(ROOT)}")
        if not check:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(made[page], encoding="utf-8")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
