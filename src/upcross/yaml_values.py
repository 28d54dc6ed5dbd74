"""YAML text as plain values with the position of each, and the refusal of what makes a small file a large one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from upcross.errors import Place, ProjectError, Report, Severity, issue_code

MAX_DEPTH = 40
MAX_VALUES = 50_000
_MOST_REFUSALS = 50

NOT_YAML = issue_code("yaml-syntax", Severity.ERROR, "A project file is not valid YAML.")
REFUSED = issue_code("yaml-refused", Severity.ERROR, "A YAML file is too large, too deep, or uses aliases or tags.")

Path_ = tuple[str | int, ...]


def read_values(source: str, file: str) -> tuple[Any, Mapping[Path_, tuple[int, int]]]:
    """The values of YAML 1.2 text and their lines and columns; ``ProjectError`` with every fault and refusal."""
    reader = _Reader(file, source)
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise ProjectError(NOT_YAML.at(place, message, hint="check indentation, quotes and colons")) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ProjectError(NOT_YAML.at(Place(file), str(error).splitlines()[0])) from error
    reader.report.raise_errors(ProjectError)
    return data, reader.positions


# libyaml's parser where the installed wheel has it: the same events, an order of magnitude faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# YAML 1.2's core schema: a bare yes, no, on or off is text, and so is 08.
_PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"|~|null|Null|NULL"), lambda text: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?(0|[1-9][0-9]*)"), int),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), date.fromisoformat),
)


class _Hopeless(Exception):
    """Reading on is of no use: the nesting has no end, or nearly everything is refused; the report says so."""


class _Reader:
    """Plain values of a document's events, with the position of each; every refusal goes into ``report``.

    Events, not nodes: libyaml builds nodes by recursion and ends the process on a file that nests without end.
    """

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self.positions: dict[Path_, tuple[int, int]] = {}
        self.report = Report()
        self._source = source
        self._values = 0

    def document(self) -> Any:
        """The one document of the file; None where it is empty."""
        loader = _LOADER(self._source)
        try:
            return self._document(loader)
        except _Hopeless:
            return None
        finally:
            loader.dispose()

    def _document(self, loader: Any) -> Any:
        loader.get_event()  # the stream begins
        if loader.check_event(StreamEndEvent):
            return None
        loader.get_event()  # the document begins
        data = self._value(loader, loader.get_event(), ())
        loader.get_event()  # the document ends
        if not loader.check_event(StreamEndEvent):
            second = self._place(loader.get_event())
            self.report.add(NOT_YAML.at(second, "a second document begins", hint="keep one document a file"))
        return data

    def _value(self, loader: Any, event: Any, path: Path_) -> Any:
        self.positions[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
        self._values += 1
        if self._values > MAX_VALUES:
            self._refuse(event, f"the file has more than {MAX_VALUES:,} values", "split it, or move data into tables")
            raise _Hopeless
        if isinstance(event, AliasEvent):
            self._refuse(event, "aliases (*name) are not read", "write the value out")
            return None
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if len(path) > MAX_DEPTH:
            self._refuse(event, f"more than {MAX_DEPTH} levels deep", "flatten it")
            raise _Hopeless
        if event.tag and not _is_core(event.tag):
            self._refuse_tag(event)
        return self._mapping(loader, path) if isinstance(event, MappingStartEvent) else self._sequence(loader, path)

    def _sequence(self, loader: Any, path: Path_) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := loader.get_event(), SequenceEndEvent):
            values.append(self._value(loader, event, (*path, len(values))))
        return values

    def _mapping(self, loader: Any, path: Path_) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := loader.get_event(), MappingEndEvent):
            place = self._place(event)
            if not isinstance(event, ScalarEvent):
                self.report.add(NOT_YAML.at(place, "a key must be plain text"))
                self._value(loader, event, (*path, "\0other"))
                self._value(loader, loader.get_event(), (*path, "\0other"))
                continue
            key = str(event.value)
            if key in values:
                self.report.add(NOT_YAML.at(place, f"the key '{key}' stands twice", hint="keep one of them"))
                self._value(loader, loader.get_event(), (*path, "\0other"))
                continue
            self.positions[(*path, key, "\0key")] = (place.line or 1, place.column or 1)
            values[key] = self._value(loader, loader.get_event(), (*path, key))
        return values

    def _scalar(self, event: Any) -> Any:
        text = str(event.value)
        if event.tag and not _is_core(event.tag):
            self._refuse_tag(event)
            return None
        if event.style:  # quoted or a block
            return text
        for pattern, convert in _PLAIN:
            if pattern.fullmatch(text):
                try:
                    return convert(text)
                except ValueError:
                    return text
        return text

    def _refuse_tag(self, event: Any) -> None:
        self._refuse(event, f"the tag {event.tag} is not read", "write a plain value")

    def _refuse(self, event: Any, message: str, hint: str) -> None:
        self.report.add(REFUSED.at(self._place(event), message, hint=hint))
        if len(self.report) == _MOST_REFUSALS:
            raise _Hopeless

    def _place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)


def _is_core(tag: str) -> bool:
    return tag.startswith("tag:yaml.org,2002:") and tag.rsplit(":", 1)[-1] in _TAGS


_TAGS = ("null", "bool", "int", "float", "timestamp", "str", "value", "merge", "map", "seq")
