"""Files that change parts of a project's mapping, for one environment or one source system among several.

An overlay has the form of the project file's ``tables:``. What it names replaces what is there - a table's settings one
by one, its columns one by one - and the rest stays. Every value goes on naming the file in which it is written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from upcross import documents
from upcross.book.mapping import MAPPING_INVALID, resolve_folder
from upcross.documents import UNREADABLE, Document
from upcross.errors import Place, Report
from upcross.yaml_values import Path_

TABLES = ("tables",)


class _OverlayFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tables: dict[str, Any]


def read_overlay(
    name: str, folder: Path, place: Place, report: Report, environment: Mapping[str, str] = os.environ
) -> Document | None:
    """The overlay file that a project names at ``place``; None, with an issue, where it is missing or no overlay.

    Each ``${NAME}`` in its name is taken from the environment. Raises ``ProjectError`` where it is no YAML.
    """
    path = resolve_folder(name, folder, place, report, environment)
    if path is None:
        return None
    shown = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    if not path.is_file():
        report.add(UNREADABLE.at(place, f"there is no mapping overlay '{shown}'",
                                 expected="a file with 'tables:', relative to the project",
                                 hint="write it, or take its name out of 'mapping_overlays'"))  # fmt: skip
        return None
    document = documents.read(path, shown)
    return document if documents.validate(document, _OverlayFile, report) else None


def lay_over(base: Document, overlay: Document, report: Report) -> Document:
    """The project file with an overlay laid over its ``tables:``, every value with its own file, line and column.

    A table that is null in the overlay is taken away; a list of sources is replaced whole, and only by a list: an
    overlay that changes one setting of several sources is an issue.
    """
    section = base.data.get("tables") or {}
    if not isinstance(section, dict):
        return base  # a fault, told when the mapping is read
    data = {**base.data, "tables": dict(section)}
    layered = _Layers(dict(base.positions), dict(base.files), overlay)
    for name, given in overlay.data["tables"].items():
        path = (*TABLES, name)
        had = data["tables"].get(name)
        if isinstance(had, list) and given is not None and not isinstance(given, list):
            report.add(MAPPING_INVALID.at(overlay.place(*path), f"'{name}' has {len(had)} sources: which one is this?",
                                          expected="a list of all its sources", hint="give the whole list here")
            )  # fmt: skip
        elif isinstance(given, list) or given is None or had is None:
            data["tables"][name] = layered.replaced(path, given)
        else:
            data["tables"][name] = _changed(layered, path, _long(had), given)
    return Document(base.file, data, layered.positions, layered.files)


def _changed(layered: _Layers, path: Path_, had: dict[str, Any], given: Any) -> dict[str, Any]:
    """One source of a table with the settings that an overlay gives it, columns one by one."""
    if not isinstance(given, dict):
        return {**had, "file": layered.replaced((*path, "file"), given, path)}
    settings = dict(had)
    for name, setting in given.items():
        columns = had.get("columns")
        if name == "columns" and isinstance(setting, dict) and isinstance(columns, dict):
            changes = {key: layered.replaced((*path, "columns", key), value) for key, value in setting.items()}
            settings["columns"] = {**columns, **changes}
        else:
            settings[name] = layered.replaced((*path, name), setting)
    # One source has one origin: a table of a DuckDB file or a query over it.
    for origin, other in (("table", "query"), ("query", "table")):
        if origin in given and other not in given:
            settings.pop(other, None)
    return settings


def _long(entry: Any) -> dict[str, Any]:
    return entry if isinstance(entry, dict) else {"file": entry}


class _Layers:
    """Positions and files of a document while parts of an overlay take the place of its own."""

    def __init__(self, positions: dict[Path_, tuple[int, int]], files: dict[Path_, str], overlay: Document) -> None:
        self.positions, self.files, self.overlay = positions, files, overlay

    def replaced(self, path: Path_, value: Any, stands_at: Path_ | None = None) -> Any:
        """The value, after all places at and below ``path`` became the overlay's (where it stands at another path)."""
        for old in [known for known in self.positions if known[: len(path)] == path]:
            del self.positions[old]
            self.files.pop(old, None)
        origin = stands_at or path
        for known, position in self.overlay.positions.items():
            if known[: len(origin)] == origin:
                place = (*path, *known[len(origin) :])
                self.positions[place], self.files[place] = position, self.overlay.file
        return value
