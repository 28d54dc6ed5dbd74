"""Origins: where each column of a table comes from in one source, and the SQL that makes typed rows of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from upcross.book import cells, notation
from upcross.book.mapping import ColumnMapping
from upcross.book.source import LINE
from upcross.contract import Column, Table
from upcross.engine.compile import text_literal
from upcross.errors import Severity, issue_code

VALUE_INVALID = issue_code("value-invalid", Severity.ERROR, "Rows were set aside: a cell is not of its column's kind.")
VALUE_MISSING = issue_code("value-missing", Severity.ERROR, "Rows were set aside: a cell that must be filled is empty.")

EXPRESSION_INVALID = issue_code(
    "expression-invalid", Severity.ERROR, "An SQL expression of a mapping cannot be read or computed."
)

FILE_NO, KEPT, WHERE_FAILED = '"upcross:file_no"', '"upcross:kept"', '"upcross:where_failed"'
"""What rows of text carry besides the source's columns, under names that no source has."""

WHERE = "where"
"""What stands for the column where a row is set aside because ``where`` cannot be computed on it."""

SHOWN = 200
"""Characters of a faulty cell that are kept."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a column's text comes from in one source, as SQL, and how it is read."""

    column: Column
    mapping: ColumnMapping
    raw: str
    """SQL of the cell as it is written; NULL where an expression could not be computed."""
    shown: str
    """SQL of what a person is shown when the cell is faulty."""
    source: str
    """The source column's name, or the contract column's where there is none."""
    computed: bool = False
    """Whether ``raw`` is an expression that may fail."""

    def layer(self, name: str) -> str:
        """The name of this column in one layer: raw, trimmed, text, mapped, plain, value; or shown."""
        return cells.name(f"{name}:{self.column.name}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a cell can be faulty: SQL of when, and of the fault's record."""

    when: str
    record: str


def typed_rows(
    table: Table, origins: Sequence[Origin], rows: str, reporting_currency: str, where_shown: str = ""
) -> str:
    """SQL that selects ``file_no``, line, ``kept``, faults and the table's columns from rows of text.

    ``rows`` gives the source's columns, ``LINE``, ``FILE_NO``, ``KEPT`` and ``WHERE_FAILED``; ``where_shown`` is the
    SQL of the cells that ``where`` reads, where there is one. Each layer names what
    the next one uses twice, so that nothing is computed twice.
    """
    by_name = {origin.column.name: origin for origin in origins}
    faults = _where_faults(where_shown) + [fault for origin in origins for fault in _faults(origin)]
    bad = " OR ".join(fault.when for fault in faults) or "false"
    listed = ", ".join(f"CASE WHEN {fault.when} THEN {fault.record} END" for fault in faults)
    recorded = f"CASE WHEN {bad} THEN [{listed}] END" if faults else "NULL"
    values = []
    for column in table.columns:
        value = by_name[column.name].layer("value") if column.name in by_name else "NULL"
        if column.name == "currency" and not column.required:
            value = f"coalesce({value}, {text_literal(reporting_currency)})"
        values.append(f"{value} AS {cells.name(column.name)}")
    relation = f"({rows})"
    carried = f"{FILE_NO}, {cells.name(LINE)}, {KEPT}, {WHERE_FAILED}"
    shown = f", {where_shown} AS {_WHERE_SHOWN}" if where_shown else ""
    picked = shown + "".join(f", {o.raw} AS {o.layer('raw')}, {o.shown} AS {o.layer('shown')}" for o in origins)
    relation = f"(SELECT {carried}{picked} FROM {relation})"
    for layer, make in _LAYERS.items():
        made = "".join(f", {make(origin)} AS {origin.layer(layer)}" for origin in origins)
        relation = f"(SELECT *{made} FROM {relation})"
    return f"SELECT {FILE_NO}, {cells.name(LINE)}, {KEPT}, {recorded} AS faults, {', '.join(values)} FROM {relation}"


def _mapped(origin: Origin) -> str:
    text = origin.layer("text")
    if origin.mapping.map is None:
        return text
    choices = "".join(
        f" WHEN {text} = {text_literal(key.strip())} THEN {_literal(value)}"
        for key, value in origin.mapping.map.items()
    )
    empty = _literal(origin.mapping.map.get(""))
    return f"CASE WHEN {text} IS NULL THEN {empty}{choices} ELSE {_literal(origin.mapping.otherwise)} END"


def _literal(value: object) -> str:
    text = cells.literal(value)
    return "CAST(NULL AS VARCHAR)" if text is None or not text.strip() else text_literal(text.strip())


def _plain(origin: Origin) -> str:
    mapping = origin.mapping
    if mapping.decimal == "." and not mapping.thousands:
        return origin.layer("mapped")
    return notation.plain(origin.layer("mapped"), mapping.decimal, mapping.thousands or "")


def _value(origin: Origin) -> str:
    return cells.typed(origin.column, origin.layer("plain"), origin.mapping.unit, origin.mapping.format)


_LAYERS: dict[str, Callable[[Origin], str]] = {
    "trimmed": lambda origin: cells.trimmed(origin.layer("raw")),
    "text": lambda origin: f"NULLIF({origin.layer('trimmed')}, '')",
    "mapped": _mapped,
    "plain": _plain,
    "value": _value,
}


_WHERE_SHOWN = '"upcross:where_shown"'


def _where_faults(where_shown: str) -> list[Fault]:
    if not where_shown:
        return []
    record = _record(WHERE, "", _WHERE_SHOWN, "a condition that can be computed on every row",
                     EXPRESSION_INVALID.name, "use TRY_CAST in 'where' to leave such rows out")  # fmt: skip
    return [Fault(WHERE_FAILED, record)]


def _faults(origin: Origin) -> list[Fault]:
    column, mapping = origin.column, origin.mapping
    failed = f"{origin.layer('raw')} IS NULL" if origin.computed else "false"
    unmatched = "false"
    found: list[Fault] = []

    def add(when: str, expected: str, code: str, hint: str) -> None:
        found.append(
            Fault(f"({when})", _record(column.name, origin.source, origin.layer("shown"), expected, code, hint))
        )

    if origin.computed:
        add(failed, "an expression that can be computed on this row", VALUE_INVALID.name,
            "use TRY_CAST in the expression to leave such cells empty")  # fmt: skip
    if mapping.map is not None and "otherwise" not in mapping.model_fields_set:
        keys = ", ".join(text_literal(key.strip()) for key in mapping.map) or "''"
        unmatched = f"coalesce({origin.layer('text')} NOT IN ({keys}), false)"
        add(unmatched, f"one of the mapped values: {', '.join(mapping.map)}", VALUE_INVALID.name,
            "add the value to 'map', or give 'otherwise'")  # fmt: skip
    expected = cells.expected(column, mapping.format)
    add(f"{origin.layer('mapped')} IS NOT NULL AND {origin.layer('value')} IS NULL", expected, VALUE_INVALID.name,
        _hint(origin))  # fmt: skip
    if column.required:
        add(f"{origin.layer('mapped')} IS NULL AND NOT ({failed}) AND NOT {unmatched}", expected, VALUE_MISSING.name,
            "fill the cell in the source")  # fmt: skip
    return found


def _hint(origin: Origin) -> str:
    """What to do about a cell that is not of its column's kind; empty where the cell itself must tell."""
    mapping = origin.mapping
    if origin.column.type not in cells.NUMERIC:
        return cells.hint(origin.column, origin.source)
    if origin.computed:
        return 'let the expression give plain numbers, or say how they are written: decimal: ",", thousands: "."'
    if mapping.map is not None:
        return "let 'map' and 'otherwise' give plain numbers"
    if mapping.decimal != "." or mapping.thousands:
        told = " and ".join(
            [
                f"'{mapping.decimal}' as decimal sign",
                *([f"'{mapping.thousands}' between thousands"] if mapping.thousands else []),
            ]
        )
        return f"correct the cells in the source: the column is read with {told}"
    return ""


def _record(field: str, source: str, shown: str, expected: str, code: str, hint: str) -> str:
    return (
        f"struct_pack(field := {text_literal(field)}, source := {text_literal(source)},"
        f" value := left({shown}, {SHOWN}), expected := {text_literal(expected)},"
        f" code := {text_literal(code)}, hint := {text_literal(hint)})"
    )
