"""How a company's files become contract tables: the ``tables:`` section of the project file, read with positions."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from upcross.book.cells import NUMERIC
from upcross.contract import TABLES, Column, Table, Type
from upcross.documents import MOST_FAULTS, Document, validate
from upcross.errors import Place, Report, Severity, issue_code, suggest
from upcross.yaml_values import Path_

TABLE_UNKNOWN = issue_code("table-unknown", Severity.ERROR, "The project maps a table that the contract lacks.")
COLUMN_UNKNOWN = issue_code("column-unknown", Severity.ERROR, "The project maps a column that its table lacks.")
MAPPING_INVALID = issue_code(
    "mapping-invalid", Severity.ERROR, "A mapping cannot mean anything: contradicting or misplaced settings."
)
VARIABLE_UNSET = issue_code(
    "variable-unset", Severity.ERROR, "The project names an environment variable that is not set."
)

Unit = Literal["cents", "thousands", "percent"]


class ColumnMapping(BaseModel):
    """Where one contract column comes from: a source column, a constant or an expression; or nowhere (``null``).

    ``decimal`` and ``thousands`` say how a number is written: ``{from: mrr, decimal: ",", thousands: "."}`` reads
    1.234,56 as 1234.56. Thousands are grouped in threes or not at all; a number written otherwise is set aside.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: str | None = Field(default=None, alias="from")
    value: Any = None
    expr: str | None = None
    unit: Unit | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal[".", ",", " ", "'"] | None = None
    map: Mapping[str, Any] | None = None
    otherwise: Any = None
    format: str | None = None
    left_out: bool = Field(default=False, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _widen(cls, given: Any) -> Any:
        # `column: source` and `column: null` are short for {from: source} and "take nothing".
        if given is None:
            return {"left_out": True}
        return {"from": given} if isinstance(given, str) else given

    @field_validator("value", "otherwise")
    @classmethod
    def _is_plain(cls, value: Any) -> Any:
        if isinstance(value, dict | list):
            raise ValueError("must be one plain value")
        return value

    @field_validator("map")
    @classmethod
    def _maps_to_plain(cls, values: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        for key, value in (values or {}).items():
            if isinstance(value, dict | list):
                raise ValueError(f"'{key}' must map to one plain value")
        return values


class CoverageMapping(BaseModel):
    """The span that a table covers, where the data alone does not say: first and last whole day, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: date | None = Field(default=None, alias="from")
    through: date | None = None
    every_account: bool | None = None
    max_lag_days: int | None = Field(default=None, ge=0)


class SourceMapping(BaseModel):
    """One source of one table: files, how to read them, and where each column comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    columns: Mapping[str, ColumnMapping] = Field(default_factory=dict)
    where: str | None = None
    table: str | None = None
    """The table of a DuckDB file; by default the one of the contract table's name."""
    query: str | None = None
    """A query over a DuckDB file, in place of one of its tables."""
    coverage: CoverageMapping | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """One source of one contract table, with the place of each of its settings in the project file.

    Columns that the mapping does not name are taken from source columns of the same name; ``column: null`` takes
    nothing.
    """

    table: Table
    source: SourceMapping
    folder: Path
    document: Document
    path: Path_

    def place(self, *path: str | int) -> Place:
        """The place of a setting of this mapping, for example ``place("columns", "mrr", "expr")``."""
        return self.document.place(*self.path, *path)


def parse_tables(
    document: Document, path: Path_, folder: Path, report: Report, environment: Mapping[str, str] = os.environ
) -> list[TableMapping]:
    """The mappings under ``path`` (``("tables",)`` in a project file); all faults go into ``report``.

    ``folder`` is where relative file names start; each ``${NAME}`` in one is taken from the environment. Faulty
    entries are left out of the result.
    """
    section = document.data
    for step in path:
        section = section.get(step) if isinstance(section, dict) else None
    if section is None:
        return []
    if not isinstance(section, dict):
        report.add(MAPPING_INVALID.at(document.place(*path), "'tables' must list tables by name",
                                      expected="for example 'accounts: accounts.csv'"))  # fmt: skip
        return []
    mappings: list[TableMapping] = []
    unknown = 0
    for name, entry in section.items():
        table = TABLES.get(name)
        if table is None:
            unknown += 1
            if unknown > MOST_FAULTS:
                continue
            near = difflib.get_close_matches(name, TABLES, n=3)
            report.add(
                TABLE_UNKNOWN.at(
                    document.key_place(*path, name),
                    f"there is no table '{name}'",
                    hint=(f"did you mean {' or '.join(near)}? " if near else "") + "`upcross tables` lists them",
                )
            )
            continue
        if entry is None and (*path, name) in document.files:
            continue  # an overlay takes the table away
        listed = isinstance(entry, list)
        for index, item in enumerate(entry if isinstance(entry, list) else [entry]):
            place = (*path, name, index) if listed else (*path, name)
            source = _parse_source(document, place, item, report)
            if source is not None and source.table and source.query:
                report.add(MAPPING_INVALID.at(document.place(*place, "query"), "gives both 'table' and 'query'",
                                              hint="give one of them"))  # fmt: skip
            elif source is not None:
                named = document.place(*place, "file") if isinstance(item, dict) else document.place(*place)
                file = _filled(source.file, named, report, environment)
                if file is None:
                    continue
                mapping = TableMapping(table, source.model_copy(update={"file": file}), folder, document, place)
                if _check_columns(mapping, report):
                    mappings.append(mapping)
    _check_coverage(mappings, report)
    return mappings


def _parse_source(document: Document, path: Path_, item: Any, report: Report) -> SourceMapping | None:
    if isinstance(item, str):
        return SourceMapping(file=item)
    if not isinstance(item, dict):
        report.add(MAPPING_INVALID.at(document.place(*path), "a table needs a file or a mapping with 'file:'",
                                      expected="for example 'accounts.csv' or '{file: accounts.csv}'"))  # fmt: skip
        return None
    return validate(document, SourceMapping, report, *path)


def _check_columns(mapping: TableMapping, report: Report) -> bool:
    before = len(report)
    for name, column in mapping.source.columns.items():
        if len(report) - before >= MOST_FAULTS:
            break
        if not mapping.table.has(name):
            report.add(
                COLUMN_UNKNOWN.at(
                    mapping.document.key_place(*mapping.path, "columns", name),
                    f"table '{mapping.table.name}' has no column '{name}'",
                    expected=f"one of: {', '.join(mapping.table.names)}",
                    hint=suggest(name, mapping.table.names),
                )
            )
            continue
        for setting, message in _contradictions(column, mapping.table.column(name)):
            report.add(MAPPING_INVALID.at(mapping.place("columns", name, setting), f"columns.{name}: {message}"))
    return len(report) == before


def _contradictions(mapping: ColumnMapping, column: Column) -> list[tuple[str, str]]:
    """The settings that contradict each other or the column's type, each with what to do."""
    if mapping.left_out:
        return []
    given = mapping.model_fields_set
    origins = [name for name, present in _origins(mapping) if present]
    faults: list[tuple[str, str]] = []
    if len(origins) != 1:
        stated = f"has {' and '.join(origins)}" if origins else "says not where it comes from"
        faults.append((origins[-1] if origins else "", f"{stated}; give exactly one of 'from', 'value', 'expr'"))
    if mapping.unit and column.type not in NUMERIC:
        faults.append(("unit", f"a unit means nothing for a {column.type} column; leave it out"))
    if mapping.format and column.type is not Type.DATE:
        faults.append(("format", f"a date format means nothing for a {column.type} column; leave it out"))
    if mapping.format and "%" not in mapping.format:
        faults.append(("format", f"'{mapping.format}' has no field such as %d, %m, %Y"))
    for setting in ("decimal", "thousands"):
        if setting in given and column.type not in NUMERIC:
            faults.append((setting, f"'{setting}' means nothing for a {column.type} column; leave it out"))
    if mapping.thousands == mapping.decimal:
        other = "," if mapping.decimal == "." else "."
        faults.append(("thousands", f"'{mapping.decimal}' is the decimal sign too; set decimal: \"{other}\""))
    if "otherwise" in given and mapping.map is None:
        faults.append(("otherwise", "'otherwise' needs a 'map'"))
    for setting in ("map", "unit", "format", "decimal", "thousands"):
        if "value" in origins and setting in given:
            faults.append((setting, f"'{setting}' means nothing beside a constant 'value'"))
    return faults


def _origins(mapping: ColumnMapping) -> tuple[tuple[str, bool], ...]:
    # A constant may be any plain value, so its presence is a matter of being written, not of being true.
    return (
        ("from", mapping.from_ is not None),
        ("value", "value" in mapping.model_fields_set),
        ("expr", mapping.expr is not None),
    )


def _check_coverage(mappings: list[TableMapping], report: Report) -> None:
    declared: dict[str, CoverageMapping] = {}
    for mapping in mappings:
        coverage = mapping.source.coverage
        if coverage is None:
            continue
        if coverage.from_ and coverage.through and coverage.from_ > coverage.through:
            report.add(MAPPING_INVALID.at(mapping.place("coverage"), "coverage ends before it begins",
                                          expected="'from' on or before 'through', both included"))  # fmt: skip
        first = declared.setdefault(mapping.table.name, coverage)
        if first != coverage:
            report.add(
                MAPPING_INVALID.at(
                    mapping.place("coverage"),
                    f"two sources of '{mapping.table.name}' declare different coverage",
                    hint="declare it once: the span that all of the table's sources cover together",
                )
            )


_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def resolve_folder(
    text: str, base: Path, place: Place, report: Report, environment: Mapping[str, str] = os.environ
) -> Path | None:
    """The data folder that a project names, with each ``${NAME}`` taken from the environment.

    A relative folder starts at ``base``. A variable that is not set is an issue that names it; the result is then
    ``None``.
    """
    filled = _filled(text, place, report, environment)
    return None if filled is None else base / filled


def _filled(text: str, place: Place, report: Report, environment: Mapping[str, str]) -> str | None:
    """A path with each ``${NAME}`` and a leading ``~`` filled in; None, with an issue, where a variable is unset."""
    unset = sorted({name for name in _VARIABLE.findall(text) if not environment.get(name)})
    for name in unset:
        report.add(
            VARIABLE_UNSET.at(
                place,
                f"the environment variable {name} is not set",
                hint=f"set it to the folder with the data: export {name}=/path/to/data",
            )
        )
    if unset:
        return None
    filled = _VARIABLE.sub(lambda match: environment[match[1]], text)
    return str(Path(filled).expanduser()) if filled.startswith("~") else filled
