"""Writing an export: into a folder, or into a schema of an engine; what stood there before is replaced."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from upcross.engine.connections import Address, Connection, open_connection
from upcross.engine.connections.connection import refused, unreachable, without_driver
from upcross.errors import UsageError
from upcross.exporting.tables import Exported, described
from upcross.kept_signals import making
from upcross.sheets import FORMULA

COLUMNS = "columns"
"""The table that describes all others."""
PREFIX = "upcross_"
"""Before the names of tables in a database, where they stand beside those of others."""
_BESIDE = "__next"
_TOLD = (f"{PREFIX}{COLUMNS}", f"{PREFIX}{COLUMNS}{_BESIDE}", f"{PREFIX}{COLUMNS}__then")
"""Where it is told which tables are ours: by the last export that ended, and by one or two that were cut off."""
_MARK = "Made by upcross export; replaced by the next one."


def write_files(tables: Sequence[Exported], folder: Path, *, csv: bool = False) -> list[Path]:
    """Write a file a table, and ``columns`` which describes them, into a folder that appears whole or not at all.

    An export that stands there is replaced; ``UsageError`` where the folder holds anything else.
    """
    folder = folder.resolve()
    ending = ".csv" if csv else ".parquet"
    there = sorted(folder.iterdir()) if folder.exists() else []
    if there and not any(entry.stem == COLUMNS for entry in there):
        raise UsageError(
            f"{folder} holds other things ({there[0].name}); give a folder that is new, empty or an export"
        )
    home = next(one for one in folder.parents if one.exists())
    if not os.access(home, os.W_OK | os.X_OK):
        raise UsageError(f"{home} cannot be written: give another folder, or make it writable")
    written = [*((table.name, table.rows) for table in tables), (COLUMNS, described(tables))]
    with making(folder) as unfinished:
        for name, rows in written:
            file = str(unfinished / f"{name}{ending}")
            if csv:
                pa.csv.write_csv(_harmless(rows), file)
            else:
                pq.write_table(rows, file)
    return [folder / f"{name}{ending}" for name, _ in written]


def _harmless(rows: pa.Table) -> pa.Table:
    """The same rows, with a quote before text that a spreadsheet would run as a formula."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_string(field.type):
            texts = [f"'{text}" if text and text.startswith(FORMULA) else text for text in rows[place].to_pylist()]
            rows = rows.set_column(place, field.name, pa.array(texts, pa.string()))
    return rows


def write_into(tables: Sequence[Exported], address: Address) -> list[str]:
    """Write every table, under ``upcross_<name>``, into the schema of an engine; their names.

    Tables of an export that stand there are replaced. ``EngineError`` where the engine refuses, ``UsageError`` where
    it holds a table of such a name that no export made; nothing is changed then.
    """
    written = [*tables, Exported(COLUMNS, "What the columns of the other tables mean.", described(tables), {})]
    if address.scheme == "postgresql":
        return _into_postgres(written, address)
    with closing(open_connection(address)) as engine:
        if not engine.keeps_tables():
            raise UsageError(f"{address.shown} keeps no tables, its catalogue ends with the process: `upcross export"
                             " FOLDER` writes Parquet, which it reads")  # fmt: skip
        return into_warehouse(written, engine)


def into_warehouse(tables: Sequence[Exported], engine: Connection) -> list[str]:
    """Write every table beside what stands in a warehouse, and then put each in its place; their names.

    Warehouses have no transaction over tables: one that is killed while tables are put in their places leaves some of
    them new, and the next export puts all in order. Which tables are ours is told by the last, ``upcross_columns``.
    """
    there = engine.tables()
    ours = _exported(engine, there)
    for table in tables:
        name = f"{PREFIX}{table.name}"
        if name in there and name not in ours:
            raise UsageError(
                f"{name} in {engine.address.shown} was made by somebody else: rename it, or give another schema"
            )
    # Which tables are ours is written first and put in its place last; what an export that was cut off told of them
    # goes when it is known anew.
    *others, columns = tables
    beside = next(name for name in _TOLD[1:] if name not in there or name == _TOLD[-1])
    engine.write(beside, columns.rows)
    for table in others:
        engine.write(f"{PREFIX}{table.name}{_BESIDE}", table.rows)
    for table in others:
        engine.replace(f"{PREFIX}{table.name}", by=f"{PREFIX}{table.name}{_BESIDE}")
    written = [f"{PREFIX}{table.name}" for table in tables]
    for name in sorted(ours.difference(written) & there.keys()):
        engine.execute(f"DROP TABLE {there[name]}")  # an export before this one had more
    engine.replace(written[-1], by=beside)
    for name in set(_TOLD[1:]) & there.keys() - {beside}:
        engine.execute(f"DROP TABLE {there[name]}")
    return written


def _exported(engine: Connection, there: Mapping[str, str]) -> set[str]:
    """The tables that exports made, the last one whole and one that did not end."""
    ours = set()
    for name in _TOLD:
        columns = {column.lower(): column for column in engine.columns(there[name])} if name in there else {}
        if {"table", "column", "unit", "meaning"} <= columns.keys():
            told = engine.rows(f'SELECT DISTINCT "{columns["table"]}" FROM {there[name]}')
            ours |= {_TOLD[0], *(f"{PREFIX}{row[0]}" for row in told)}
    return ours


def _into_postgres(tables: Sequence[Exported], address: Address) -> list[str]:
    try:
        import psycopg
    except ImportError as error:
        raise without_driver(address, "psycopg", "postgresql") from error
    options = {name: value for name, value in address.options.items() if name != "schema"}
    known = {"user": address.user, "password": address.password, "host": address.host or None, "port": address.port,
             "dbname": address.path[0] if address.path else None}  # fmt: skip
    try:
        opened = psycopg.connect(**({k: v for k, v in known.items() if v is not None} | options), connect_timeout=15)  # type: ignore[arg-type]
    except psycopg.Error as error:
        raise unreachable(address, error, "check host, user and password") from error
    schema = address.options.get("schema", "public")
    with closing(opened) as connection:
        try:
            with connection.transaction():
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_name(schema)}")
                for table in tables:
                    _replace(connection, schema, table)
        except psycopg.Error as error:
            raise refused(address, error) from error
    return [f"{schema}.{PREFIX}{table.name}" for table in tables]


def _replace(connection: Any, schema: str, table: Exported) -> None:
    name = f"{PREFIX}{table.name}"
    whole = f"{_name(schema)}.{_name(name)}"
    before = connection.execute("SELECT obj_description(to_regclass(%s)), to_regclass(%s)", [whole, whole]).fetchone()
    if before[1] is not None and not (before[0] or "").endswith(_MARK):
        raise UsageError(f"{schema}.{name} was made by somebody else: rename it, or give another schema")
    connection.execute(f"DROP TABLE IF EXISTS {whole}")
    cells = ", ".join(f"{_name(field.name)} {_kind(field.type)}" for field in table.rows.schema)
    connection.execute(f"CREATE TABLE {whole} ({cells})")
    connection.execute(f"COMMENT ON TABLE {whole} IS {_text(f'{table.meaning} {_MARK}')}")
    for column, (unit, meaning) in table.columns.items():
        connection.execute(f"COMMENT ON COLUMN {whole}.{_name(column)} IS {_text(f'{meaning} ({unit})')}")
    with connection.cursor() as cursor, cursor.copy(f"COPY {whole} FROM STDIN") as copy:
        for batch in table.rows.to_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_floating(kind):
        return "double precision"
    if pa.types.is_boolean(kind):
        return "boolean"
    return "date" if pa.types.is_date(kind) else "text"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
