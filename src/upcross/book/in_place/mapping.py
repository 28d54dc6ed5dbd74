"""How an engine's tables become contract tables: by name, or as the project's ``tables:`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from upcross.book.mapping import (
    COLUMN_UNKNOWN,
    MAPPING_INVALID,
    TABLE_UNKNOWN,
    ColumnMapping,
    CoverageMapping,
)
from upcross.contract import TABLES, Table
from upcross.documents import Document, validate
from upcross.errors import Place, Report, suggest

_TEXT_ONLY = ("decimal", "thousands", "format")


class EngineMapping(BaseModel):
    """One contract table in the engine: its table or query there, where columns come from, and what it covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str | None = None
    """The engine's table or view; by default the one of the contract table's name."""
    query: str | None = None
    """A SELECT in portable SQL, in place of a table."""
    columns: Mapping[str, ColumnMapping] = Field(default_factory=dict)
    where: str | None = None
    coverage: CoverageMapping | None = None


@dataclass(frozen=True, slots=True)
class TableInEngine:
    """A contract table, how it is mapped, and where in the project file that stands."""

    table: Table
    mapping: EngineMapping
    document: Document
    named: bool
    """Whether the project file names the table."""

    def place(self, *path: str | int) -> Place:
        """The place of a setting."""
        return self.document.place("tables", self.table.name, *path) if self.named else Place(table=self.table.name)


def tables_in_engine(document: Document, report: Report) -> list[TableInEngine]:
    """Every contract table with what the project file says of it; faults go into the report."""
    section: Any = document.data.get("tables") if isinstance(document.data, dict) else None
    section = section if isinstance(section, dict) else {}
    for name in section:
        if name not in TABLES:
            report.add(TABLE_UNKNOWN.at(document.key_place("tables", name), f"there is no table '{name}'",
                                        hint=suggest(name, TABLES) or "`upcross tables` lists them"))  # fmt: skip
    found = []
    for name, table in TABLES.items():
        entry = section.get(name)
        if name not in section or entry is None:
            if name not in section:
                found.append(TableInEngine(table, EngineMapping(), document, named=False))
            continue  # `name: null` leaves a table of the schema out
        if isinstance(entry, str):
            found.append(TableInEngine(table, EngineMapping(table=entry), document, named=True))
            continue
        if isinstance(entry, dict) and "file" in entry:
            report.add(MAPPING_INVALID.at(document.place("tables", name, "file"),
                                          "names a file, and the project's data lie in an engine",
                                          expected="table: or query:",
                                          hint="leave 'file' out, or 'source'"))  # fmt: skip
            continue
        mapping = validate(document, EngineMapping, report, "tables", name)
        if mapping is not None:
            one = TableInEngine(table, mapping, document, named=True)
            _check(one, report)
            found.append(one)
    return found


def _check(one: TableInEngine, report: Report) -> None:
    if one.mapping.table and one.mapping.query:
        report.add(MAPPING_INVALID.at(one.place("query"), "gives both 'table' and 'query'", hint="give one of them"))
    for name, column in one.mapping.columns.items():
        if not one.table.has(name):
            report.add(
                COLUMN_UNKNOWN.at(
                    one.document.key_place("tables", one.table.name, "columns", name),
                    f"table '{one.table.name}' has no column '{name}'",
                    expected=f"one of: {', '.join(one.table.names)}",
                    hint=suggest(name, one.table.names),
                )
            )
        given = column.model_fields_set
        if not column.left_out and sum((column.from_ is not None, "value" in given, column.expr is not None)) != 1:
            report.add(MAPPING_INVALID.at(one.place("columns", name), f"columns.{name}: says not where it comes from",
                                          expected="exactly one of 'from', 'value', 'expr'"))  # fmt: skip
        for setting in given.intersection((*_TEXT_ONLY, "map", "otherwise", "unit")):
            report.add(
                MAPPING_INVALID.at(
                    one.place("columns", name, setting),
                    f"columns.{name}: '{setting}' reads text of files",
                    hint="write it as an expression: {expr: \"CASE status WHEN 'A' THEN 'active' END\"}",
                )
            )
