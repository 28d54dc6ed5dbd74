"""Statements that write rows into a table of an engine, in plain SQL that every engine reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlglot import exp

_LONGEST = 200_000
"""Characters of one statement: engines refuse texts of a megabyte."""


def table_of(parts: Sequence[str]) -> exp.Table:
    """A table by its name behind its schema, and that behind its catalogue; as they are written, capitals and all."""
    *catalog, schema, name = [exp.to_identifier(part, quoted=True) for part in parts]
    return exp.Table(this=name, db=schema, catalog=catalog[0] if catalog else None)


def creation(table: exp.Table, schema: pa.Schema, *, capitals: bool = False) -> exp.Create:
    """The statement that makes a table of a schema; ``capitals`` for engines that read names so."""
    columns = [
        exp.ColumnDef(this=exp.to_identifier(_folded(field.name, capitals), quoted=True), kind=kind_of(field.type))
        for field in schema
    ]
    return exp.Create(this=exp.Schema(this=table.copy(), expressions=columns), kind="TABLE")


def insertions(table: exp.Table, rows: pa.Table) -> Iterator[exp.Insert]:
    """Statements that write all rows into a table, some at a time; exact decimals, days and texts as they are."""
    kinds = [kind_of(field.type) for field in rows.schema]
    part: list[exp.Tuple] = []
    length = 0
    for batch in rows.to_batches():
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            part.append(exp.Tuple(expressions=[_literal(*cell) for cell in zip(row, kinds, strict=True)]))
            length += sum(len(str(cell)) + 20 for cell in row)
            if length > _LONGEST:
                yield _insertion(table, part)
                part, length = [], 0
    if part:
        yield _insertion(table, part)


def _insertion(table: exp.Table, rows: list[exp.Tuple]) -> exp.Insert:
    return exp.Insert(this=table.copy(), expression=exp.Values(expressions=rows))


def _literal(value: Any, kind: exp.DataType) -> exp.Expr:
    if isinstance(value, Decimal | date):
        return exp.Cast(this=exp.Literal.string(f"{value:f}" if isinstance(value, Decimal) else value.isoformat()),
                        to=kind.copy())  # fmt: skip
    if isinstance(value, float):
        return exp.Cast(this=exp.Literal.string(repr(value)), to=kind.copy())
    literal: exp.Expr = exp.convert(value)
    return literal


def kind_of(kind: pa.DataType) -> exp.DataType:
    """The type in which an engine keeps what Arrow calls so."""
    if pa.types.is_decimal(kind):
        return exp.DataType.build(f"DECIMAL({kind.precision}, {kind.scale})")
    if pa.types.is_integer(kind):
        return exp.DataType.build("BIGINT")
    if pa.types.is_floating(kind):
        return exp.DataType.build("DOUBLE")
    if pa.types.is_boolean(kind):
        return exp.DataType.build("BOOLEAN")
    return exp.DataType.build("DATE" if pa.types.is_date(kind) else "TEXT")


def _folded(name: str, capitals: bool) -> str:
    return name.upper() if capitals else name
