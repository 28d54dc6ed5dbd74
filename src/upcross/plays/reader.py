"""Reading plays, gates and their test files one after another: what is sound is kept, every fault is reported."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from upcross import documents
from upcross.documents import Document
from upcross.errors import Issue, Place, ProjectError, Report, Severity, issue_code, suggest
from upcross.plays.comparison import (
    PARAM_UNKNOWN,
    SIGNAL_OUT_OF_SCOPE,
    SIGNAL_UNKNOWN,
    Names,
    Resolved,
    resolve,
)
from upcross.plays.condition import Literal, parse_condition, read_literal
from upcross.plays.fields import placeholders
from upcross.plays.gate import BoundGate, Gate, GateText, bind
from upcross.plays.kinds import check_selling
from upcross.plays.overlay import Overlay
from upcross.plays.play import FILLED_IN, Play, PlayKind, PlayText
from upcross.plays.testfile import GateTests, PlayTest
from upcross.signals.model import Signal, visible

ID_TWICE = issue_code("id-twice", Severity.ERROR, "Two plays, or two gates, have the same id.")
ID_NOT_FILE = issue_code("id-is-not-file-name", Severity.ERROR, "A play's id differs from its file's name.")
GATE_UNKNOWN = issue_code("gate-unknown", Severity.ERROR, "A play adds or tightens a gate that does not exist.")


def read_file(path: Path, shown_as: str, report: Report) -> Document | None:
    """A file as a document; None where it cannot be read, which is reported."""
    try:
        return documents.read(path, shown_as)
    except ProjectError as error:
        report.extend(error.report)
        return None


class Reader:
    """Reads one file after another, collecting what is sound and reporting what is not."""

    def __init__(self, signals: Mapping[str, Signal], overlay: Overlay, report: Report) -> None:
        self.signals, self.overlay, self.report = signals, overlay, report
        self.gates: dict[str, Gate] = {}
        self.gates_at_fault: set[str] = set()
        self.plays: dict[str, Play] = {}
        self.tests: dict[str, PlayTest] = {}
        self.left_out: dict[str, Report] = {}
        self.gate_tests = GateTests()
        self.tests_at_fault: set[str] = set()
        self.unfit: dict[str, list[Issue]] = {}
        """Gates that cannot bind a shipped play, each with what it reads that the play's rows lack."""

    def read_all_gates(self, project: Path | None, shipped: Path) -> None:
        """Read the shipped gates, and the project's own."""
        self.read_gates(shipped / "gates.yaml", "library/gates.yaml")
        if project and (project / "gates.yaml").exists():
            self.read_gates(project / "gates.yaml", "gates.yaml")

    def read_gates(self, path: Path, shown_as: str) -> None:
        """Read a file that is a list of gates."""
        document = read_file(path, shown_as, self.report)
        if document is None or document.data is None:
            return
        if not isinstance(document.data, list):
            self.report.add(documents.FIELD_INVALID.at(document.place(), "the file must be a list of gates"))
            return
        for index, data in enumerate(document.data):
            before = len(self.report.errors)
            gate = self._gate(document, index)
            if gate is None or len(self.report.errors) > before:
                self.gates_at_fault.add(str(data.get("id")) if isinstance(data, dict) else "")
            elif gate.id in self.gates:
                self._twice(document.place(index, "id"), "gate", gate.id)
            else:
                self.gates[gate.id] = gate

    def _twice(self, place: Place, kind: str, name: str) -> None:
        hint = f"choose another id; to change a shipped {kind}, set its params in plays/overlay.yaml"
        self.report.add(ID_TWICE.at(place, f"there is already a {kind} '{name}'", hint=hint))

    def _gate(self, document: Document, index: int) -> Gate | None:
        data = deepcopy(document.data[index])
        places = {key: document.place(index, key) for key in data} if isinstance(data, dict) else {}
        overlaid = self.overlay.on_gate(data, places, self.report) if isinstance(data, dict) and "id" in data else ()
        merged = replace(document, data=[*document.data[:index], data])
        text = documents.validate(merged, GateText, self.report, index)
        if text is None:
            return None
        params = self._params(merged, text.params, places, index)
        must = parse_condition(merged, self.report, index, "must")
        names = self._names(text, params, places)
        elsewhere = (
            parse_condition(merged, self.report, index, "in_white_space", "must") if text.in_white_space else None
        )
        given = [must, elsewhere] if text.in_white_space else [must]
        resolved = [resolve(condition, names, self.report) for condition in given if condition is not None]
        if len(resolved) < len(given) or None in resolved:
            return None
        for part in ("reason", "action"):
            self._check_placeholders((getattr(text, part),), names, places[part])
        if text.maybe:
            self._check_placeholders((text.maybe,), names, places["maybe"])
        if text.in_white_space:
            said = (text.in_white_space.reason, text.in_white_space.maybe or "")
            self._check_placeholders(said, names, places["in_white_space"])
        settled = {"params": params, "must": must, "elsewhere": elsewhere, "overlaid": overlaid, "places": places}
        return Gate.model_construct(**{**dict(text), **settled})

    def _names(self, text: GateText | PlayText, params: Mapping[str, Literal], places: Mapping[str, Place]) -> Names:
        """What words mean in a gate or play; values that the overlay set are blamed there."""
        at = {name: places[f"params.{name}"] for name in text.params}
        set_at = {name: place for name, place in at.items() if place.file != places["id"].file}
        scope = text.scope if isinstance(text, PlayText) else None
        return Names(self.signals, params, scope, frozenset(text.params) - frozenset(params), set_at)

    def _params(
        self, document: Document, given: Mapping[str, Any], places: dict[str, Place], *path: str | int
    ) -> dict[str, Literal]:
        params: dict[str, Literal] = {}
        for name, value in given.items():
            place = places.setdefault(f"params.{name}", document.place(*path, "params", name))
            literal = read_literal(value)
            if isinstance(literal, str):
                self.report.add(documents.FIELD_INVALID.at(place, f"params.{name}: {literal}"))
            else:
                params[name] = literal
        return params

    def _check_placeholders(self, texts: tuple[str, ...], names: Names, place: Place) -> None:
        known = visible(self.signals, names.scope) if names.scope else self.signals
        others = (*names.params, *names.unreadable, *FILLED_IN)
        for name in placeholders(texts):
            if name not in known and name not in others:
                hint = suggest(name, [*known, *others])
                self.report.add(SIGNAL_UNKNOWN.at(place, f"the placeholder {{{name}}} names nothing", hint=hint))

    def read_gate_tests(self, path: Path, shown_as: str) -> None:
        """Read cases of gates, which every play that they bind is tested with."""
        document = read_file(path, shown_as, self.report)
        tests = documents.validate(document, GateTests, self.report) if document is not None else None
        if document is not None and tests is not None:
            for index, case in enumerate(tests.cases):
                if case.gate not in self.gates and case.gate not in self.gates_at_fault:
                    place, hint = document.place("cases", index, "gate"), suggest(case.gate, self.gates)
                    self.report.add(GATE_UNKNOWN.at(place, f"no gate is called '{case.gate}'", hint=hint))
            self.gate_tests = self.gate_tests.beside(tests.located(document))

    def read_test(self, path: Path, shown_as: str) -> None:
        """Read one play's test file."""
        document = read_file(path, shown_as, self.report)
        name = path.name.removesuffix(".test.yaml")
        test = documents.validate(document, PlayTest, self.report) if document is not None else None
        if document is None or test is None:
            self.tests_at_fault.add(name)
        else:
            if test.play != name:
                self.tests_at_fault.add(name)
                self.report.add(ID_NOT_FILE.at(document.place("play"), f"the file tests '{test.play}'", expected=name))
            self.tests[test.play] = test.located(document)

    def read_play(self, path: Path, shown_as: str) -> None:
        """Read one play's file."""
        before = len(self.report)
        document = read_file(path, shown_as, self.report)
        if document is not None:
            self.add_play(document, path.stem)
        elif faults := Report(self.report.issues[before:]):
            self.left_out[path.stem] = faults

    def add_play(self, document: Document, name: str) -> None:
        """Read a play of a document that should be called so."""
        before = len(self.report)
        play = self._play(document)
        if play is not None:
            place = document.place("id")
            if play.id != name:
                self.report.add(ID_NOT_FILE.at(place, f"the play is called '{play.id}'", expected=name))
            elif play.id in self.plays:
                self._twice(place, "play", play.id)
        faults = Report(self.report.issues[before:])
        if faults.errors:
            self.left_out[name] = faults
        elif play is not None:
            self.plays[play.id] = play

    def _play(self, document: Document) -> Play | None:
        data = deepcopy(document.data)
        places = {key: document.place(key) for key in data} if isinstance(data, dict) else {}
        overlaid = self.overlay.on_play(data, places, self.report) if isinstance(data, dict) else ()
        merged = replace(document, data=data)
        text = documents.validate(merged, PlayText, self.report)
        if text is None:
            return None
        check_selling(text, merged, self.report)
        params = self._params(merged, text.params, places)
        names = self._names(text, params, places)
        when = self._condition(merged, "when", names)
        keep = self._condition(merged, "keep_open_while", names) if text.keep_open_while is not None else None
        self._check_placeholders((text.next_step,), names, merged.place("next_step"))
        for index, line in enumerate(text.guide):
            self._check_placeholders((line,), names, merged.place("guide", index))
        for index, name in enumerate(text.show):
            names.signal(name, merged.place("show", index), self.report)
        bound, notes = self._bind(text, merged)
        if when is None:
            return None
        named = json.dumps([text.when, text.keep_open_while, *text.texts()], default=str)
        unused = tuple(name for name in params if not re.search(rf"\$({name})\b|\{{({name})\}}", named))
        play = Play.model_construct(
            **{
                **dict(text), "params": params, "when": when, "keep_open_while": keep, "bound": bound, "places": places,
                "unused_params": unused, "version": _version(data),
                "file": document.file, "overlaid": (*overlaid, *notes),
            }
        )  # fmt: skip
        return play.filled()

    def _condition(self, document: Document, key: str, names: Names) -> Resolved | None:
        condition = parse_condition(document, self.report, key)
        return resolve(condition, names, self.report) if condition is not None else None

    def _bind(self, text: PlayText, document: Document) -> tuple[tuple[BoundGate, ...], list[str]]:
        """The gates of the play's motion and those it adds, tightened where it says so, and the overlay's notes."""
        notes: list[str] = []
        for name in (*text.gates.add, *text.gates.tighten):
            if name not in self.gates and name not in self.gates_at_fault:
                place = document.place("gates", "tighten" if name in text.gates.tighten else "add", name)
                self.report.add(GATE_UNKNOWN.at(place, f"no gate is called '{name}'", hint=suggest(name, self.gates)))
        bound = []
        for gate in self.gates.values():
            notes += gate.overlaid
            if text.kind is not PlayKind.ADOPTION and (text.motion in gate.holds or gate.id in text.gates.add):
                if (found := self._bound_gate(gate, text, document)) is not None:
                    bound.append(found)
            elif gate.id in text.gates.tighten:
                place = document.place("gates", "tighten", gate.id)
                self.report.add(GATE_UNKNOWN.at(place, f"'{gate.id}' does not hold {text.motion or 'adoption work'}",
                                                hint="name it under gates.add as well"))  # fmt: skip
        affecting = [note for note in notes if "holds" in note or any(note.startswith(f"{b.id}:") for b in bound)]
        return tuple(bound), affecting

    def _bound_gate(self, gate: Gate, text: PlayText, document: Document) -> BoundGate | None:
        params, tightened, set_at = dict(gate.params), [], dict[str, Place]()
        for name, value in text.gates.tighten.get(gate.id, {}).items():
            place = document.place("gates", "tighten", gate.id, name)
            literal = read_literal(value)
            if name not in params:
                self.report.add(PARAM_UNKNOWN.at(place, f"'{gate.id}' has no parameter '{name}'",
                                                 hint=suggest(name, params)))  # fmt: skip
            elif isinstance(literal, str):
                self.report.add(documents.FIELD_INVALID.at(place, literal))
            else:
                tightened.append(f"{name} is {literal} (gate: {params[name]})")
                params[name], set_at[name] = literal, place
        found = Report()
        made = bind(gate, self.signals, text.scope, found, params, tuple(tightened), set_at)
        self._blame(gate, text, document, found)
        return made

    def _blame(self, gate: Gate, text: PlayText, document: Document, found: Report) -> None:
        """Say who is at fault where a gate cannot bind a play.

        A tightened value is the play's. A signal that the play's rows lack is the gate's fault where the play is a
        shipped one, told once for all plays; else the play's.
        """
        lacking = [issue for issue in found if issue.code == SIGNAL_OUT_OF_SCOPE.name]
        self.report.extend(issue for issue in found if issue.code != SIGNAL_OUT_OF_SCOPE.name)
        if not lacking or gate.id in self.unfit:
            return
        if document.file.startswith("library/"):
            holds, own = gate.places["holds"], gate.places["id"]
            self.unfit[gate.id] = [
                replace(issue, message=f"gate '{gate.id}' cannot bind {text.id}: {issue.message}",
                        place=issue.place if holds.file == own.file else holds)
                for issue in lacking
            ]  # fmt: skip
        else:
            place = document.place("gates", "add") if gate.id in text.gates.add else document.place("scope")
            message = f"gate '{gate.id}' cannot bind this play: "
            told = [replace(issue, message=message + issue.message, place=place) for issue in lacking]
            self.report.extend(dict.fromkeys(told))  # once, however often the gate compares it


def _version(data: Any) -> str:
    """Eight hexadecimal digits that change with anything in the play or its settings."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:8]
