"""YAML files read safely, with the position of every value, and validated so that each fault names its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from upcross.errors import Place, ProjectError, Report, Severity, issue_code, suggest

MAX_BYTES = 1_000_000
MAX_DEPTH = 40

UNREADABLE = issue_code("file-unreadable", Severity.ERROR, "A project file is missing or cannot be read as text.")
NOT_YAML = issue_code("yaml-syntax", Severity.ERROR, "A project file is not valid YAML.")
REFUSED = issue_code("yaml-refused", Severity.ERROR, "A YAML file is too large, too deep, or uses aliases or tags.")
FIELD_UNKNOWN = issue_code("field-unknown", Severity.ERROR, "A file has a field that does not exist.")
FIELD_MISSING = issue_code("field-missing", Severity.ERROR, "A file lacks a field that it must have.")
FIELD_INVALID = issue_code("field-invalid", Severity.ERROR, "A field has a value of the wrong kind.")

Path_ = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its plain values, and where each of them stands."""

    file: str
    data: Any
    positions: Mapping[Path_, tuple[int, int]]

    def place(self, *path: str | int) -> Place:
        """The place of the value at a path of keys and indexes, or of its nearest parent that exists."""
        while path and path not in self.positions:
            path = path[:-1]
        line, column = self.positions.get(path, (1, 1))
        return Place(file=self.file, line=line, column=column)

    def key_place(self, *path: str | int) -> Place:
        """The place of the key (not the value) at a path."""
        position = self.positions.get((*path, "\0key"))
        return Place(file=self.file, line=position[0], column=position[1]) if position else self.place(*path)


def read(path: Path, shown_as: str | None = None) -> Document:
    """Read one YAML file; raises ``ProjectError`` naming file, line and column where it cannot be read.

    Aliases, custom tags, files over 1 MB and nesting over 40 levels are refused: no project file needs them, and
    they are how a small file becomes a large one.
    """
    file = shown_as or str(path)
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise ProjectError(
                REFUSED.at(Place(file), f"the file has {len(raw):,} bytes", expected=f"at most {MAX_BYTES:,}",
                           hint="split it, or move data into tables")
            )  # fmt: skip
        source = raw.decode("utf-8-sig")
    except OSError as error:
        raise ProjectError(
            UNREADABLE.at(Place(file), f"cannot be read: {error.strerror}", hint="check the name and the folder")
        ) from error
    except UnicodeDecodeError as error:
        raise ProjectError(
            UNREADABLE.at(Place(file), f"is not UTF-8 text (byte {error.start})", hint="save the file as UTF-8")
        ) from error
    return parse(source, file)


def parse(source: str, file: str) -> Document:
    """Parse YAML text that came from ``file``; same refusals as ``read``."""
    try:
        node = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise ProjectError(NOT_YAML.at(place, message, hint="check indentation, quotes and colons")) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ProjectError(NOT_YAML.at(Place(file), str(error).splitlines()[0])) from error
    if node is None:
        return Document(file, None, {})
    reader = _Reader(file)
    data = reader.value(node, ())
    reader.report.raise_errors(ProjectError)
    return Document(file, data, reader.positions)


# libyaml's parser where the installed wheel has it: the same nodes, an order of magnitude faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# YAML 1.2's core schema: a bare yes, no, on or off is text, and so is 08.
_PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"|~|null|Null|NULL"), lambda text: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?(0|[1-9][0-9]*)"), int),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), date.fromisoformat),
)


class _Reader:
    """Plain values of nodes, with the position of each; every refusal goes into ``report``."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.positions: dict[Path_, tuple[int, int]] = {}
        self.report = Report()
        self._seen: set[int] = set()

    def value(self, node: Node, path: Path_) -> Any:
        self.positions[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if id(node) in self._seen:
            self._refuse(node, "aliases (*name) are not read", "write the value out")
            return None
        self._seen.add(id(node))
        if len(path) > MAX_DEPTH:
            self._refuse(node, f"more than {MAX_DEPTH} levels deep", "flatten it")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, ScalarNode):
                self.report.add(NOT_YAML.at(place, "a key must be plain text"))
                continue
            key = str(key_node.value)
            if key in values:
                self.report.add(NOT_YAML.at(place, f"the key '{key}' stands twice", hint="keep one of them"))
                continue
            self.positions[(*path, key, "\0key")] = (place.line or 1, place.column or 1)
            values[key] = self.value(value_node, (*path, key))
        return values

    def _scalar(self, node: Node) -> Any:
        text = str(node.value)
        if not str(node.tag).startswith("tag:yaml.org,2002:") or str(node.tag).rsplit(":", 1)[-1] not in _TAGS:
            self._refuse(node, f"the tag {node.tag} is not read", "write a plain value")
            return None
        if getattr(node, "style", None):  # quoted or a block
            return text
        for pattern, convert in _PLAIN:
            if pattern.fullmatch(text):
                try:
                    return convert(text)
                except ValueError:
                    return text
        return text

    def _refuse(self, node: Node, message: str, hint: str) -> None:
        self.report.add(REFUSED.at(self._place(node), message, hint=hint))

    def _place(self, node: Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)


_TAGS = ("null", "bool", "int", "float", "timestamp", "str", "value", "merge")


def validate(document: Document, kind: type[M], report: Report, *path: str | int) -> M | None:
    """The document (or its part at ``path``) as a ``kind``; faults go into ``report`` with their places."""
    data = document.data
    for step in path:
        data = data[step]
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            _add_fault(document, (*path, *_location(fault["loc"])), fault, kind, report)
        return None


def _location(location: tuple[int | str, ...]) -> Path_:
    # Pydantic puts names of union branches between the keys; only real keys lead to a position.
    return tuple(
        step
        for step in location
        if not (isinstance(step, str) and ("[" in step or ("-" in step and step.startswith("function"))))
    )


def _add_fault(document: Document, path: Path_, fault: Any, kind: type[BaseModel], report: Report) -> None:
    shown = ".".join(str(step) for step in path) or "the file"
    if fault["type"] == "extra_forbidden":
        known = _known_fields(kind, path)
        report.add(
            FIELD_UNKNOWN.at(document.key_place(*path), f"unknown field '{path[-1]}'",
                             expected=f"one of: {', '.join(known)}" if known else "",
                             hint=suggest(str(path[-1]), known))
        )  # fmt: skip
    elif fault["type"] == "missing":
        report.add(FIELD_MISSING.at(document.place(*path), f"'{shown}' is missing", hint=f"add '{path[-1]}:'"))
    else:
        given = fault.get("input")
        given_text = "" if isinstance(given, dict | list) else f", not {given!r}"
        message = str(fault["msg"]).removeprefix("Value error, ")
        report.add(FIELD_INVALID.at(document.place(*path), f"{shown}: {message}{given_text}"))


def _known_fields(kind: type[BaseModel], path: Path_) -> list[str]:
    """The fields that the model nested at ``path`` allows, as far as annotations tell."""
    current: Any = kind
    for step in path[:-1]:
        if isinstance(current, type) and issubclass(current, BaseModel) and step in current.model_fields:
            current = _model_in(current.model_fields[str(step)].annotation)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [field.alias or name for name, field in current.model_fields.items()]
    return []


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
