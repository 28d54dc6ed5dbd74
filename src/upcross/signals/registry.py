"""All signal models of a project: read from files, checked against the contract and each other, and found by name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlglot import exp

from upcross import documents
from upcross.book.snapshot import BUILT_IN
from upcross.contract import TABLES, Coverage
from upcross.engine.compile import expand_macros, parse_query, tables_read
from upcross.engine.portable import lint_sql
from upcross.errors import Place, ProjectError, Report, Severity, issue_code, suggest
from upcross.signals.model import Scope, Signal, Unit, visible

NO_HEADER = issue_code("model-no-header", Severity.ERROR, "A signal model has no header between /*--- and ---*/.")
NAME_TWICE = issue_code("signal-twice", Severity.ERROR, "Two models, or two signals, have the same name.")
UNKNOWN_READ = issue_code("model-reads-unknown", Severity.ERROR, "A signal model reads a relation that does not exist.")
CYCLE = issue_code("model-cycle", Severity.ERROR, "Signal models read each other in a circle.")
COLUMN_MISSING = issue_code(
    "model-column-missing", Severity.ERROR, "A signal model does not select a key or a signal that its header declares."
)
COUNTS_WRONG = issue_code("signal-counts", Severity.ERROR, "A signal counts a table that is not an event table.")

BAD_NAME = issue_code("model-name", Severity.ERROR, "A signal model's file name is no plain name.")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
HEADER_OPEN, HEADER_CLOSE = "/*---", "---*/"
_ANY_DAY = date(2000, 1, 1)


class _SignalHeader(BaseModel):
    model_config = ConfigDict(extra="forbid")
    unit: Unit
    label: str = ""
    meaning: str
    unknown_when: str
    needs: list[str] | None = None
    counts: str = ""
    window: int | None = None
    levels: list[str] = Field(default_factory=list)


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")
    scope: Scope | None = None
    meaning: str = ""
    notes: str = ""
    needs: list[str] = Field(default_factory=list)
    signals: dict[str, _SignalHeader] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """One SQL model: a relation, and the signals that are columns of it (none for an intermediate relation)."""

    name: str
    file: str
    sql: str
    first_line: int
    scope: Scope | None
    meaning: str
    reads: tuple[str, ...]
    signals: tuple[Signal, ...]

    @property
    def own(self) -> bool:
        """Whether the model is the project's own, not shipped."""
        return not self.file.startswith("upcross/")

    def text(self, as_of: date) -> str:
        """The model's SELECT with its macros put in for one day."""
        return expand_macros(self.sql, as_of, self.file, self.first_line)


@dataclass(slots=True)
class Registry:
    """Models and signals by name."""

    models: dict[str, Model] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)

    def of(self, scope: Scope) -> list[Model]:
        """The models that describe a scope, in order of their names."""
        return sorted((m for m in self.models.values() if m.scope is scope and m.signals), key=lambda m: m.name)

    def tables_behind(self, model: str) -> list[str]:
        """The contract tables that a model reads, directly or through other models."""
        found: dict[str, None] = {}
        seen: set[str] = set()

        def visit(name: str) -> None:
            if name in seen:
                return
            seen.add(name)
            if name in TABLES:
                found[name] = None
            elif name in self.models:
                for inner in self.models[name].reads:
                    visit(inner)

        visit(model)
        return list(found)

    def reading(self, tables: Collection[str]) -> frozenset[str]:
        """The models that read any of some tables, directly or through other models or their signals."""
        found: set[str] = set()
        while more := {name for name, model in self.models.items() if name not in found
                       and any(self._reads(model, read, tables, found) for read in model.reads)}:  # fmt: skip
            found |= more
        return frozenset(found)

    def _reads(self, model: Model, read: str, tables: Collection[str], found: Collection[str]) -> bool:
        if read != DESCRIBED:
            return read in tables or read in found
        named = (s.name for other in self.of(Scope.ACCOUNT) if other.name in found for s in other.signals)
        return any(re.search(rf"\b{name}\b", model.sql) for name in named)

    def visible_in(self, scope: Scope) -> dict[str, Signal]:
        """The signals that a play of a scope may use: its own and those that it inherits."""
        return visible(self.signals, scope)


def build(files: Iterable[tuple[str, str]], extra: Iterable[Model] = ()) -> Registry:
    """The registry of models given as (shown file name, text); ``ProjectError`` with every fault of every file."""
    report = Report()
    registry = Registry()
    for model in extra:
        _add(registry, model, report)
    for file, source in files:
        try:
            model = parse_model(file, source)
        except ProjectError as error:
            report.extend(error.report)
            continue
        _add(registry, model, report)
    for model in registry.models.values():
        _check_reads(registry, model, report)
    _check_cycles(registry, report)
    report.raise_errors(ProjectError)
    return registry


def parse_model(file: str, source: str, *, lint: bool = True) -> Model:
    """One model from its text: header and SELECT, linted; raises ``ProjectError`` with every fault of the file."""
    start, end = source.find(HEADER_OPEN), source.find(HEADER_CLOSE)
    if start < 0 or end < start:
        raise ProjectError(
            NO_HEADER.at(
                Place(file, 1), "no header found", expected=f"{HEADER_OPEN} … {HEADER_CLOSE} before the SELECT",
                hint="copy the header of a shipped model: `upcross signals seat_utilization`",
            )
        )  # fmt: skip
    body_start = end + len(HEADER_CLOSE)
    header_line = source.count("\n", 0, start + len(HEADER_OPEN))
    document = documents.parse("\n" * header_line + source[start + len(HEADER_OPEN) : end], file)
    report = Report()
    header = documents.validate(document, _Header, report)
    sql = source[body_start:].lstrip()
    first_line = source.count("\n", 0, len(source) - len(sql)) + 1
    reads: tuple[str, ...] = ()
    query: exp.Query | None = None
    try:
        query = parse_query(expand_macros(sql, _ANY_DAY, file, first_line), file, first_line)
        reads = tuple(tables_read(query))
        if lint:
            report.extend(lint_sql(query, file, first_line, sql))
    except ProjectError as error:
        report.extend(error.report)
    name = Path(file).stem
    if not _NAME.fullmatch(name):
        report.add(BAD_NAME.at(Place(file), f"'{name}' cannot name a model", expected="letters, digits and _",
                               hint="rename the file"))  # fmt: skip
    if header is not None:
        _check_header(document, header, query, report)
    report.raise_errors(ProjectError)
    assert header is not None
    signals = tuple(_signal(name, header, signal, part) for signal, part in header.signals.items())
    return Model(name, file, sql, first_line, header.scope, header.meaning.strip(), reads, signals)


def _signal(model: str, header: _Header, name: str, part: _SignalHeader) -> Signal:
    assert header.scope is not None
    return Signal(
        name=name,
        scope=header.scope,
        unit=part.unit,
        meaning=part.meaning.strip(),
        unknown_when=part.unknown_when.strip(),
        model=model,
        needs=tuple(header.needs if part.needs is None else part.needs),
        counts=part.counts,
        window=part.window,
        levels=tuple(part.levels),
        words=part.label,
    )


def _check_header(document: documents.Document, header: _Header, query: exp.Query | None, report: Report) -> None:
    if header.signals and header.scope is None:
        report.add(
            documents.FIELD_MISSING.at(document.place(), "'scope' is missing",
                                       expected=", ".join(scope.value for scope in Scope), hint="add 'scope:'")
        )  # fmt: skip
    needed = [("needs", index, table) for index, table in enumerate(header.needs)]
    for place, index, table in needed:
        if table not in TABLES:
            report.add(UNKNOWN_READ.at(document.place(place, index), f"unknown table '{table}'",
                                       hint=suggest(table, TABLES)))  # fmt: skip
    for name, part in header.signals.items():
        for index, table in enumerate(part.needs or ()):
            if table not in TABLES:
                report.add(UNKNOWN_READ.at(document.place("signals", name, "needs", index),
                                           f"unknown table '{table}'", hint=suggest(table, TABLES)))  # fmt: skip
        counted = TABLES.get(part.counts)
        if part.counts and (counted is None or counted.coverage is not Coverage.EVERY_ACCOUNT):
            events = [t.name for t in TABLES.values() if t.coverage is Coverage.EVERY_ACCOUNT]
            report.add(COUNTS_WRONG.at(document.place("signals", name, "counts"),
                                       f"'{part.counts}' is not an event table",
                                       expected=f"one of: {', '.join(events)}",
                                       hint=suggest(part.counts, events)))  # fmt: skip
    if query is not None and header.scope is not None and header.signals:
        selected = set(query.named_selects)
        for column in (*header.scope.keys, *header.signals):
            if column not in selected:
                report.add(COLUMN_MISSING.at(document.place("signals", column), f"does not select '{column}'",
                                             hint=suggest(column, selected) or "add it to the SELECT"))  # fmt: skip


def _add(registry: Registry, model: Model, report: Report) -> None:
    for names, name, what in ((registry.models, model.name, "model"), (TABLES, model.name, "table")):
        if name in names:
            report.add(NAME_TWICE.at(Place(model.file), f"the {what} '{name}' exists already", hint="rename the file"))
            return
    registry.models[model.name] = model
    for signal in model.signals:
        if signal.name in registry.signals:
            other = registry.signals[signal.name].model
            report.add(NAME_TWICE.at(Place(model.file), f"the signal '{signal.name}' exists already in {other}.sql",
                                     hint="give it another name"))  # fmt: skip
        else:
            registry.signals[signal.name] = signal


def _check_reads(registry: Registry, model: Model, report: Report) -> None:
    known = {*TABLES, *BUILT_IN, *registry.models, DESCRIBED}
    for name in model.reads:
        if name not in known:
            report.add(UNKNOWN_READ.at(Place(model.file, model.first_line), f"reads '{name}', which does not exist",
                                       expected="a contract table or another model",
                                       hint=suggest(name, known) or "`upcross tables` lists the tables"))  # fmt: skip


def _check_cycles(registry: Registry, report: Report) -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " → ".join((*path[path.index(name) :], name))
            report.add(CYCLE.at(Place(registry.models[name].file), f"reads itself: {circle}",
                                hint="move what both need into a third model"))  # fmt: skip
            return
        if name in done or name not in registry.models:
            return
        for inner in registry.models[name].reads:
            visit(inner, (*path, name))
        done.add(name)

    for name in registry.models:
        visit(name, ())


DESCRIBED = "described"
"""The account scope's signals as they stand before health is computed from them; the scorecard reads it."""


def shipped_files() -> Iterator[tuple[str, str]]:
    """The text of every shipped model as (file name, text), in a fixed order."""
    for package in ("upcross.revenue", "upcross.signals"):
        folder = resources.files(package)
        for entry in sorted(folder.iterdir(), key=lambda item: item.name):
            if entry.name.endswith(".sql"):
                yield f"upcross/{package.rsplit('.', 1)[-1]}/{entry.name}", entry.read_text("utf-8")


def project_files(folder: Path) -> Iterator[tuple[str, str]]:
    """The text of every model of a project's own ``signals/`` folder; none where there is no folder.

    Raises ``ProjectError`` where the folder is a file, or a file is no UTF-8 text.
    """
    if folder.is_file():
        raise ProjectError(
            documents.UNREADABLE.at(Place(folder.name), "is a file", expected="a folder of .sql files", hint="move it")
        )
    for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        if path.suffix == ".sql":  # what is called otherwise, `check` tells
            shown = f"{folder.name}/{path.name}"
            try:
                yield shown, path.read_text("utf-8-sig")
            except UnicodeDecodeError as error:
                message = f"is not UTF-8 text (byte {error.start})"
                raise ProjectError(
                    documents.UNREADABLE.at(Place(shown), message, hint="save the file as UTF-8")
                ) from error


@cache
def shipped_models() -> tuple[Model, ...]:
    """The shipped models, parsed once a process; a test holds them to the portable subset, so a run need not."""
    return tuple(parse_model(file, source, lint=False) for file, source in shipped_files())


def shipped() -> Mapping[str, Signal]:
    """The shipped signals by name, health included."""
    from upcross.signals.scorecard import HEALTH_SIGNALS

    registry = build((), shipped_models())
    return {**registry.signals, **{signal.name: signal for signal in HEALTH_SIGNALS}}
