"""YAML files read safely, with the position of every value, and validated so that each fault names its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from upcross.errors import Issue, Place, ProjectError, Report, Severity, issue_code, suggest
from upcross.yaml_values import REFUSED, Path_, read_values

MAX_BYTES = 1_000_000
MOST_FAULTS = 200
"""Faults of one kind that are told of one file: a file with more is not what it is taken for."""

UNREADABLE = issue_code("file-unreadable", Severity.ERROR, "A project file is missing or cannot be read as text.")
FIELD_UNKNOWN = issue_code("field-unknown", Severity.ERROR, "A file has a field that does not exist.")
FIELD_MISSING = issue_code("field-missing", Severity.ERROR, "A file lacks a field that it must have.")
FIELD_INVALID = issue_code("field-invalid", Severity.ERROR, "A field has a value of the wrong kind.")
FILE_IGNORED = issue_code(
    "file-ignored", Severity.WARNING, "A file looks as if it were meant to be read, and its name or place keeps it out."
)

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its plain values, and where each of them stands.

    Where another file was laid over it, ``files`` names the file of each value that came from there.
    """

    file: str
    data: Any
    positions: Mapping[Path_, tuple[int, int]]
    files: Mapping[Path_, str] = field(default_factory=dict)

    def place(self, *path: str | int) -> Place:
        """The place of the value at a path of keys and indexes, or of its nearest parent that exists."""
        while path and path not in self.positions:
            path = path[:-1]
        line, column = self.positions.get(path, (1, 1))
        return Place(file=self.files.get(path, self.file), line=line, column=column)

    def key_place(self, *path: str | int) -> Place:
        """The place of the key (not the value) at a path."""
        key = (*path, "\0key")
        return self.place(*key) if key in self.positions else self.place(*path)


def read(path: Path, shown_as: str | None = None) -> Document:
    """Read one YAML file; raises ``ProjectError`` naming file, line and column where it cannot be read.

    Aliases, custom tags, files over 1 MB and nesting over 40 levels are refused: no project file needs them, and
    they are how a small file becomes a large one.
    """
    file = shown_as or str(path)
    try:
        with path.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            size = max(path.stat().st_size, len(raw))
            raise ProjectError(
                REFUSED.at(Place(file), f"the file has {size:,} bytes", expected=f"at most {MAX_BYTES:,}",
                           hint="split it, or move data into tables")
            )  # fmt: skip
        source = raw.decode("utf-8-sig")
    except OSError as error:
        raise ProjectError(
            UNREADABLE.at(Place(file), f"cannot be read: {error.strerror}", hint="check the name and the folder")
        ) from error
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = Place(file, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise ProjectError(
            UNREADABLE.at(place, f"line {place.line} is not UTF-8 text (byte {error.start} of the file)",
                          hint="save the file as UTF-8")
        ) from error  # fmt: skip
    return parse(source, file)


def parse(source: str, file: str) -> Document:
    """Parse YAML text that came from ``file``; same refusals as ``read``."""
    data, positions = read_values(source, file)
    return Document(file, data, positions)


def ignored_files(folder: Path, shown_as: str, suffix: str, *also: str) -> list[Issue]:
    """Warnings for what stands in a folder as if it were read, and is not; none where there is no folder.

    Read are the files directly in ``folder`` whose names end in ``suffix`` (``.yaml``). Told are those whose suffix
    is written otherwise (``.YAML``) or is one of ``also`` (``.yml``), those in folders below, and a file in the place
    of the folder.
    """
    if not folder.exists():
        return []
    if not folder.is_dir():
        return [FILE_IGNORED.at(Place(shown_as), f"'{shown_as}' is a file, and nothing is read from it",
                                expected=f"a folder with {suffix} files", hint="make it a folder")]  # fmt: skip
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in (suffix, *also) or not path.is_file():
            continue
        if path.parent != folder:
            problem, hint = "is not read: it stands in a folder below", f"move it into {shown_as}/"
        elif path.suffix != suffix:
            problem, hint = f"is not read: its name does not end in {suffix}", f"rename it: {path.stem}{suffix}"
        else:
            continue
        place = Place(f"{shown_as}/{path.relative_to(folder).as_posix()}")
        found.append(FILE_IGNORED.at(place, problem, hint=hint))
    return found


def validate(document: Document, kind: type[M], report: Report, *path: str | int) -> M | None:
    """The document (or its part at ``path``) as a ``kind``; faults go into ``report`` with their places."""
    data = document.data
    for step in path:
        data = data[step]
    if data is None and not path:
        needed = [field.alias or name for name, field in kind.model_fields.items() if field.is_required()]
        report.add(FIELD_INVALID.at(document.place(), "the file is empty", expected=", ".join(needed)))
        return None
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        faults = [fault for fault in error.errors(include_url=False) if not _follows(fault)]
        for fault in faults[:MOST_FAULTS]:
            _add_fault(document, path, fault, kind, report)
        if len(faults) > MOST_FAULTS:
            more = f"and {len(faults) - MOST_FAULTS:,} more faults like these"
            report.add(FIELD_INVALID.at(Place(document.file), more, hint="is this the file that was meant?"))
        return None


def _follows(fault: Any) -> bool:
    """True for a list that is called too short only because a member of it, told by itself, was refused."""
    return fault["type"] == "too_short" and bool(len(fault["input"]) >= fault["ctx"]["min_length"])


def _add_fault(document: Document, start: Path_, fault: Any, kind: type[BaseModel], report: Report) -> None:
    path = _path(document, (*start, *fault["loc"]), absent=fault["type"] == "missing")
    shown = _shown(document, path)
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
        is_key = fault["loc"][-1:] == ("[key]",)
        place = document.key_place(*path) if is_key else document.place(*path)
        message, hint = _in_words(fault)
        what = f"{shown}: " if path else "the file " if message.startswith("must ") else ""
        report.add(FIELD_INVALID.at(place, what + message, hint=hint))


def _path(document: Document, location: tuple[int | str, ...], *, absent: bool) -> Path_:
    """The steps of a location that lead somewhere in the document; the last may be ``absent`` from it.

    Between the keys, Pydantic names branches of unions, and indexes where one value stands for a list of one.
    """
    data, path = document.data, Path_()
    for step in location:
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int)):
            data, path = _member(data, step), (*path, step)
    return (*path, location[-1]) if absent else path


def _member(data: Any, step: int | str) -> Any:
    if isinstance(data, list) and isinstance(step, int):
        return data[step]
    return data.get(step) if isinstance(data, dict) else None


def _shown(document: Document, path: Path_) -> str:
    """A path as its author thinks of it: members of lists by their id or name, and counted from one without."""
    data, steps = document.data, list[str]()
    for step in path:
        data = _member(data, step)
        if isinstance(step, int):
            named = [data[key] for key in ("id", "name", "gate") if data.get(key)] if isinstance(data, dict) else []
            steps.append(str(named[0]) if named else str(step + 1))
        else:
            steps.append(step)
    return ".".join(steps)


_KINDS = {
    "model": "a mapping (key: value)", "dict": "a mapping (key: value)", "mapping": "a mapping (key: value)",
    "list": "a list", "tuple": "a list", "set": "a list", "string": "text",
    "bool": "true or false", "int": "a whole number", "float": "a number", "decimal": "a number",
    "finite": "a finite number", "date": "a day such as 2026-03-31",
}  # fmt: skip
_LIMITS = {
    "greater_than_equal": ("ge", "at least"), "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"), "less_than": ("lt", "less than"),
}  # fmt: skip
# Patterns of fields that only a regular expression describes, as people would say them.
_PATTERNS = {"^[A-Z]{3}$": "three capital letters, such as EUR"}


def _in_words(fault: Any) -> tuple[str, str]:
    """What a field must be, in plain words, and the nearest choice where there are some."""
    kind, given, context = str(fault["type"]), fault.get("input"), fault.get("ctx", {})
    if kind == "value_error":
        message = str(fault["msg"]).removeprefix("Value error, ")
        return (_must(message.removeprefix("must be "), given) if message.startswith("must be ") else message), ""
    if kind in ("enum", "literal_error"):
        expected = context["expected"]
        choices = re.findall(r"'([^']*)'", expected) if isinstance(expected, str) else list(expected)
        return _must(f"one of {', '.join(choices)}", given), suggest(str(given), choices)
    if kind.endswith("too_short"):
        least = context["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} entries", ""
    if kind.endswith("too_long"):
        most = context["max_length"]
        return _must("one character", given) if most == 1 else f"must have at most {most} entries or characters", ""
    if kind == "string_pattern_mismatch":
        return _must(_PATTERNS.get(context["pattern"], f"of the form {context['pattern']}"), given), ""
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return _must(f"{words} {context[limit]}", given), ""
    wanted = _KINDS.get(kind.partition("_")[0])
    if wanted is None:
        return str(fault["msg"]).replace("Input should", "must"), ""
    if given is None and wanted == "text":
        return "must not be empty", ""
    in_quotes = wanted == "text" and isinstance(given, int | float)
    return _must(wanted, given), f"write it in quotes: '{_plain(given)}'" if in_quotes else ""


def _must(be: str, given: object) -> str:
    return f"is empty and must be {be}" if given is None else f"must be {be}, not {_plain(given)}"


def _plain(given: object) -> str:
    match given:
        case bool():
            return str(given).lower()
        case int() | float():
            return str(given)
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
    text = str(given)
    return f"'{text}'" if len(text) <= 60 else f"'{text[:59]}…'"


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
