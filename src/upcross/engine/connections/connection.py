"""What an engine must do for Upcross: run statements of DuckDB's dialect, give rows as Arrow, and tell its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp

from upcross.engine.connections.address import Address
from upcross.errors import EngineError, Place, Severity, issue_code

ENGINE_UNREACHABLE = issue_code("engine-unreachable", Severity.ERROR, "The project's engine cannot be reached.")
ENGINE_STATEMENT = issue_code("engine-statement-refused", Severity.ERROR, "The project's engine refused a statement.")
DRIVER_MISSING = issue_code("engine-driver-missing", Severity.ERROR, "The driver of the project's engine is missing.")

Statement = str | exp.Expr
"""Text in DuckDB's dialect, or its tree."""
ROWS = 50_000
"""Rows that are brought at a time."""


class Kind(StrEnum):
    """What an engine's column holds, whatever the engine calls its type."""

    TEXT = "text"
    INTEGER = "whole number"
    DECIMAL = "decimal"
    FLOAT = "floating number"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"
    OTHER = "other"


_KINDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.TIMESTAMP, ("timestamp", "datetime")),
    (Kind.DATE, ("date",)),
    (Kind.BOOLEAN, ("bool",)),
    (Kind.OTHER, ("interval", "array", "map", "struct", "row(", "json", "variant", "object", "binary", "bytea", "[]")),
    (Kind.TEXT, ("char", "text", "string", "uuid", "bpchar", "name")),
    (Kind.FLOAT, ("float", "double", "real")),
    (Kind.DECIMAL, ("decimal", "numeric", "fixed", "number")),
    (Kind.INTEGER, ("int", "long", "short", "byte", "serial")),
)


def kind_of(name: str) -> Kind:
    """The kind of a type as an engine names it."""
    lowered = name.lower()
    return next((kind for kind, words in _KINDS if any(word in lowered for word in words)), Kind.OTHER)


class Connection(Protocol):
    """One open connection; its statements are in DuckDB's dialect, and printed for the engine."""

    @property
    def dialect(self) -> str:
        """The dialect in which statements are printed."""
        ...

    @property
    def address(self) -> Address:
        """What it is connected to."""
        ...

    @property
    def collation(self) -> str:
        """The collation that compares texts byte by byte, where the engine would not do so by itself; else ''."""
        ...

    def execute(self, statement: Statement) -> None:
        """Run a statement; ``EngineError`` where the engine refuses it."""
        ...

    def rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        ...

    def arrow(self, statement: Statement, schema: pa.Schema | None = None) -> pa.RecordBatchReader:
        """The rows of a result, a part at a time; with ``schema`` in its names and types, by position."""
        ...

    def create(self, name: str, select: Statement) -> None:
        """Keep the rows of a SELECT as a temporary table, which goes with the connection."""
        ...

    def drop(self, name: str) -> None:
        """Remove a temporary table, if it is there."""
        ...

    def may_create(self) -> bool:
        """Whether temporary tables may be created."""
        ...

    def tables(self) -> dict[str, str]:
        """What can be read in the schema: how each is written in a statement, by its name in small letters."""
        ...

    def columns(self, relation: str) -> dict[str, Kind]:
        """The columns of a table, as ``tables`` writes it, or of a SELECT in brackets."""
        ...

    def keeps_tables(self) -> bool:
        """Whether a table that is written outlives the connection."""
        ...

    def write(self, name: str, rows: pa.Table) -> None:
        """Make a table of the schema with these rows; one of this name is replaced."""
        ...

    def replace(self, name: str, by: str) -> None:
        """Put the rows of a table of the schema in the place of another, and drop the first."""
        ...

    def close(self) -> None:
        """Let go of the engine."""
        ...


def unreachable(address: Address, error: BaseException, hint: str) -> EngineError:
    """The error of an engine that does not answer."""
    told = first_line(error, address)
    return EngineError(ENGINE_UNREACHABLE.at(Place(address.shown), f"{address.engine} cannot be reached: {told}",
                                             hint=hint))  # fmt: skip


def refused(address: Address, error: BaseException) -> EngineError:
    """The error of a statement that the engine refused."""
    hint = "`upcross doctor` tells what is reachable, permitted and missing"
    return EngineError(ENGINE_STATEMENT.at(Place(address.shown), f"{address.engine}: {first_line(error, address)}",
                                           hint=hint))  # fmt: skip


def without_driver(address: Address, package: str, extra: str) -> EngineError:
    """The error of a driver that is not installed."""
    return EngineError(DRIVER_MISSING.at(Place(address.shown), f"{address.engine} needs the package {package}",
                                         hint=f"pip install 'upcross[{extra}]'"))  # fmt: skip


def first_line(error: BaseException, address: Address) -> str:
    """What an error says first, without the password that some drivers repeat."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[0].replace(address.password, "…") if address.password else lines[0]


def batches(parts: Iterable[Sequence[Sequence[Any]]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Rows of Python values, a part at a time, as Arrow of a schema."""
    for rows in parts:
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
        arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def guessed(names: Sequence[str], kinds: Mapping[str, Kind]) -> pa.Schema:
    """A schema for a result of which only kinds are known."""
    return pa.schema([(name, _ARROW[kinds[name]]) for name in names])


_ARROW = {
    Kind.TEXT: pa.string(), Kind.INTEGER: pa.int64(), Kind.DECIMAL: pa.decimal128(38, 8), Kind.FLOAT: pa.float64(),
    Kind.DATE: pa.date32(), Kind.TIMESTAMP: pa.timestamp("us"), Kind.BOOLEAN: pa.bool_(), Kind.OTHER: pa.string(),
}  # fmt: skip


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_integer(kind):
        values = [None if value is None else int(value) for value in values]
    elif pa.types.is_floating(kind):
        values = [None if value is None else float(value) for value in values]
    elif pa.types.is_decimal(kind):
        step = Decimal(1).scaleb(-kind.scale)
        values = [None if value is None else Decimal(str(value)).quantize(step) for value in values]
    elif pa.types.is_date(kind):
        values = [value.date() if isinstance(value, datetime) else _day(value) for value in values]
    elif pa.types.is_string(kind):
        values = [None if value is None else str(value) for value in values]
    return pa.array(values, kind)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
