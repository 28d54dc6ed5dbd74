"""The typed relation of each contract table: a SELECT over the engine's table that gives the contract's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from upcross.book.in_place.mapping import TableInEngine
from upcross.contract import Column, Table, Type
from upcross.engine.compile import text_literal
from upcross.engine.connections import Connection, Kind
from upcross.errors import EngineError, Place, Report, Severity, issue_code, suggest

ENGINE_TABLE_MISSING = issue_code("engine-table-missing", Severity.ERROR, "The engine lacks a table that is mapped.")
ENGINE_COLUMN_MISSING = issue_code(
    "engine-column-missing", Severity.ERROR, "A table of the engine lacks a column that every row needs, or is mapped."
)
ENGINE_COLUMN_TYPE = issue_code(
    "engine-column-type", Severity.ERROR, "A column of the engine is of a type that the contract's column cannot be."
)
ENGINE_EXPRESSION = issue_code(
    "engine-expression-invalid", Severity.ERROR, "A query or expression over the engine's tables cannot be read."
)

_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)
_TAKES: Mapping[Type, tuple[Kind, ...]] = {
    Type.TEXT: (Kind.TEXT, Kind.INTEGER),
    Type.INTEGER: (Kind.INTEGER, Kind.DECIMAL),
    Type.DECIMAL: _NUMBERS,
    Type.RATE: _NUMBERS,
    Type.MONEY: _NUMBERS,
    Type.DATE: (Kind.DATE, Kind.TIMESTAMP),
    Type.BOOLEAN: (Kind.BOOLEAN,),
}
_SCALE = 10_000


@dataclass(frozen=True, slots=True)
class Relation:
    """How the engine gives a table: the contract's columns of its rows, and which rows break the contract."""

    one: TableInEngine
    given: tuple[str, ...]
    """The contract's columns that the engine gives."""
    cells: str
    """The SELECT of every row, as it is."""
    faults: Mapping[str, str]
    """By column, the condition over ``cells`` on which a row is set aside."""

    @property
    def table(self) -> Table:
        """The contract's table."""
        return self.one.table

    @property
    def whole(self) -> str:
        """The SELECT of the rows that keep to the contract, with defaults for empty cells."""
        return self._finished(self._sound)

    @property
    def distinct(self) -> str:
        """The same with one row of each key and recorded_at; of several the same one each time."""
        key = ", ".join((*self.table.key, "recorded_at"))
        rest = [name for name in self.table.names if name not in (*self.table.key, "recorded_at")]
        order = ", ".join(f"{name} NULLS LAST" for name in rest or self.table.key)
        ranked = (
            f"SELECT r.*, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {order}) AS place FROM ({self.whole}) AS r"
        )
        return f"SELECT {', '.join(self.table.names)} FROM ({ranked}) AS ranked WHERE place = 1"

    @property
    def _sound(self) -> str:
        sound = " AND ".join(f"NOT ({fault})" for fault in self.faults.values())
        return f"SELECT * FROM ({self.cells}) AS c" + (f" WHERE {sound}" if sound else "")

    def _finished(self, rows: str) -> str:
        cells = []
        for column in self.table.columns:
            if column.name == "mrr" and self.table.name == "subscriptions":
                cells.append(f"{_MRR} AS mrr")
            elif column.default is None:
                cells.append(column.name)
            else:
                default = (
                    text_literal(column.default) if isinstance(column.default, str) else str(column.default).upper()
                )
                cells.append(f"COALESCE({column.name}, {default}) AS {column.name}")
        return f"SELECT {', '.join(cells)} FROM ({rows}) AS s"


_REST = "(ABS(amount) % period_months)"
_MRR_WHOLE = "((ABS(amount) - ABS(amount) % period_months) // period_months)"
_MRR_UP = f"({_REST} * 2 > period_months OR ({_REST} * 2 = period_months AND {_MRR_WHOLE} % 2 = 1))"
_MRR = (
    "CASE WHEN mrr IS NOT NULL THEN mrr WHEN amount IS NOT NULL AND period_months > 0 THEN"
    f" CASE WHEN amount < 0 THEN -1 ELSE 1 END * ({_MRR_WHOLE} + CASE WHEN {_MRR_UP} THEN 1 ELSE 0 END)"
    " WHEN unit_price IS NOT NULL THEN COALESCE(quantity, 1) * unit_price END"
)
"""As a load of files completes it: amount by months, half-even, else quantity by unit price."""


def find_relation(
    connection: Connection, tables: Mapping[str, str], one: TableInEngine, currency: str, report: Report
) -> Relation | None:
    """How the engine gives a table; None where it has none, or, with issues, none that fits the contract."""
    source = _source(tables, one, report)
    if source is None:
        return None
    before = len(report.errors)
    try:
        columns = connection.columns(source)
    except EngineError as error:
        said = error.report.issues[0].message
        report.add(ENGINE_EXPRESSION.at(one.place("query" if one.mapping.query else "table"),
                                        f"{one.table.name} cannot be read: {said}",
                                        hint="grant SELECT on it, or correct the query"))  # fmt: skip
        return None
    by_name = {name.lower(): name for name in columns}
    cells, faults, given = [], {}, []
    for column in one.table.columns:
        cell = _cell(connection, one, source, column, columns, by_name, report)
        if cell is None:
            cells.append(f"CAST(NULL AS {column.type.sql}) AS {column.name}"
                         if column.name != "currency" or column.required
                         else f"{text_literal(currency)} AS currency")  # fmt: skip
            continue
        given.append(column.name)
        cells.append(f"{_optional_currency(column, cell, currency)} AS {column.name}")
        fault = _fault(column)
        if fault:
            faults[column.name] = fault
    if len(report.errors) > before:
        return None
    where = f" WHERE {one.mapping.where}" if one.mapping.where else ""
    return Relation(one, tuple(given), f"SELECT {', '.join(cells)} FROM {source} AS t{where}", faults)


def _source(tables: Mapping[str, str], one: TableInEngine, report: Report) -> str | None:
    mapping = one.mapping
    for setting, text in (("query", mapping.query), ("where", mapping.where)):
        if text is not None and not _reads(text if setting == "query" else f"SELECT 1 WHERE {text}"):
            report.add(ENGINE_EXPRESSION.at(one.place(setting), f"'{setting}' is no SQL that can be read",
                                            expected="one SELECT, or a condition, in DuckDB's dialect"))  # fmt: skip
            return None
    if mapping.query:
        return f"({mapping.query.strip().rstrip(';')})"
    wanted = (mapping.table or one.table.name).lower()
    if wanted in tables:
        return tables[wanted]
    if "." in wanted:
        return ".".join(f'"{part}"' for part in (mapping.table or "").split("."))
    if mapping.table or one.named:
        report.add(
            ENGINE_TABLE_MISSING.at(
                one.place("table") if mapping.table else one.place(),
                f"the engine has no table '{mapping.table or one.table.name}' that can be read",
                expected=f"one of: {', '.join(sorted(tables)[:20])}" if tables else "",
                hint=suggest(wanted, tables) or "grant SELECT on it, or name another",
            )
        )
    return None


def _reads(text: str) -> bool:
    try:
        return isinstance(sqlglot.parse_one(text, read="duckdb"), exp.Query)
    except ParseError:
        return False


def _cell(
    connection: Connection, one: TableInEngine, source: str, column: Column, columns: Mapping[str, Kind],
    by_name: Mapping[str, str], report: Report,
) -> str | None:  # fmt: skip
    """The typed cell of a column; None where nothing gives it, with an issue where something must."""
    chosen = one.mapping.columns.get(column.name)
    if chosen is not None and "value" in chosen.model_fields_set:
        return _constant(column, chosen.value)
    if chosen is not None and chosen.expr is not None:
        try:
            [(_, kind)] = connection.columns(f"(SELECT {chosen.expr} AS e FROM {source} AS t)").items()
        except (EngineError, ParseError) as error:
            said = error.report.issues[0].message if isinstance(error, EngineError) else str(error).splitlines()[0]
            report.add(ENGINE_EXPRESSION.at(one.place("columns", column.name, "expr"),
                                            f"{one.table.name}.{column.name}: {said}",
                                            hint=f"the table has: {', '.join(columns)}"))  # fmt: skip
            return None
        return _typed(connection, one, column, f"({chosen.expr})", kind, "the expression", report)
    wanted = chosen.from_ if chosen is not None and chosen.from_ else column.name
    name = by_name.get(wanted.lower())
    left_out = chosen is not None and chosen.left_out
    if name is not None and not left_out:
        return _typed(connection, one, column, f'"{name}"', columns[name], f"column '{name}'", report)
    if column.required or (chosen is not None and not left_out):
        report.add(
            ENGINE_COLUMN_MISSING.at(
                one.place("columns", column.name)
                if chosen is not None
                else Place(table=one.table.name, field=column.name),
                f"the engine's table gives nothing for {one.table.name}.{column.name}",
                expected=f"a column '{wanted}': {column.meaning}",
                hint=suggest(wanted, columns) or f"map it: columns: {{{column.name}: <one of {', '.join(columns)}>}}",
            )
        )
    return None


def _typed(
    connection: Connection, one: TableInEngine, column: Column, cell: str, kind: Kind, told: str, report: Report
) -> str | None:
    if kind not in _TAKES[column.type]:
        needed = " or ".join(one.value for one in _TAKES[column.type])
        report.add(
            ENGINE_COLUMN_TYPE.at(
                Place(table=one.table.name, field=column.name),
                f"{told} of {one.table.name} holds {kind.value}",
                expected=f"{needed}, for {column.name}: {column.meaning}",
                hint=f"cast it in a view, or here: columns: {{{column.name}: {{expr: 'CAST(… AS …)'}}}}",
            )
        )
        return None
    match column.type:
        case Type.TEXT:
            text = f"NULLIF(TRIM(CAST({cell} AS VARCHAR)), '')"
            text = f"LOWER({text})" if column.values else f"UPPER({text})" if column.name == "currency" else text
            return f'{text} COLLATE "{connection.collation}"' if connection.collation else text
        case Type.MONEY:
            return f"CAST(CAST({cell} AS DECIMAL(22, 4)) * {_SCALE} AS BIGINT)"
        case _:
            return f"CAST({cell} AS {column.type.sql})"


def _constant(column: Column, value: object) -> str:
    if value is None:
        return f"CAST(NULL AS {column.type.sql})"
    if column.type is Type.MONEY:
        return f"CAST(CAST({text_literal(str(value))} AS DECIMAL(22, 4)) * {_SCALE} AS BIGINT)"
    return f"CAST({text_literal(str(value))} AS {column.type.sql})"


def _optional_currency(column: Column, cell: str, currency: str) -> str:
    return f"COALESCE({cell}, {text_literal(currency)})" if column.name == "currency" and not column.required else cell


def _fault(column: Column) -> str:
    parts = [f"{column.name} IS NULL"] if column.required else []
    if column.values:
        listed = ", ".join(text_literal(value) for value in column.values)
        parts.append(f"({column.name} IS NOT NULL AND {column.name} NOT IN ({listed}))")
    if column.name == "currency":
        parts.append(f"({column.name} IS NOT NULL AND LENGTH({column.name}) <> 3)")
    return " OR ".join(parts)


def expected_of(column: Column) -> str:
    """What a cell must hold, in words."""
    if column.values:
        return f"one of: {', '.join(column.values)}"
    return "a three-letter currency code such as EUR" if column.name == "currency" else "a value in every row"


def fault_columns(relation: Relation) -> Iterator[Column]:
    """The columns by which rows may be set aside."""
    return (relation.table.column(name) for name in relation.faults)
