"""What people typed into Upcross, as rows of the contract's tables beside those that are loaded.

Tables win for facts: where a loaded row has the same key, the typed one is not there. What is a person's judgement, the
part that a contact plays, is the word known last, as with any correction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from upcross.contract import TABLES, Table

Cell = str | int | bool | date | None

JUDGED: Mapping[str, str] = {"contact_roles": "confirmed_on"}
"""Tables of what people judge, and the day on which they did."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Rows by table; cells by column in the contract's types, those left out as the contract's default.

    ``recorded_at`` is the day on which a row was typed. Raises ``ValueError`` for a table or column that the contract
    lacks, and for a row without its key.
    """

    rows: Mapping[str, tuple[Mapping[str, Cell], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, rows in self.rows.items():
            table = TABLES.get(name)
            if table is None:
                raise ValueError(f"the contract has no table {name!r}")
            for row in rows:
                if strange := row.keys() - set(table.names):
                    raise ValueError(f"table {name!r} has no column {', '.join(sorted(strange))}")
                if lacking := [key for key in table.key if row.get(key, table.column(key).default) is None]:
                    raise ValueError(f"a row of {name!r} lacks its key {', '.join(lacking)}")

    def __bool__(self) -> bool:
        return any(self.rows.values())

    def __add__(self, more: Typed) -> Typed:
        """Both; of two rows with one key the later one."""
        together: dict[str, dict[tuple[Cell, ...], Mapping[str, Cell]]] = {}
        for typed in (self, more):
            for name, rows in typed.rows.items():
                table = TABLES[name]
                together.setdefault(name, {}).update((_key(table, row), row) for row in rows)
        return Typed({name: tuple(rows.values()) for name, rows in together.items()})

    def until(self, last: date) -> Typed:
        """The same rows as a book that ends on a day shows them: what was heard since counts on its last day."""
        return Typed({name: tuple(_until(TABLES[name], row, last) for row in rows) for name, rows in self.rows.items()})

    def keys(self) -> dict[str, str]:
        """For each table a hash of its rows, whatever their order."""
        return {name: _hash(sorted(map(_told, rows))) for name, rows in sorted(self.rows.items()) if rows}

    def show(self, connection: duckdb.DuckDBPyConnection, name: str, loaded: str) -> str:
        """The SELECT of a table's rows, loaded (a SELECT, '' where none are) and typed, over a connection."""
        table = TABLES[name]
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        cells = ", ".join(f'"{column.name}" {column.type.sql}' for column in table.columns)
        connection.execute("CREATE SCHEMA IF NOT EXISTS typed")
        connection.execute(f"CREATE OR REPLACE TABLE typed.{name} ({cells})")
        connection.executemany(
            f"INSERT INTO typed.{name} VALUES ({', '.join('?' * len(table.columns))})",
            [[row.get(column.name, column.default) for column in table.columns] for row in self.rows[name]],
        )
        typed = f"SELECT {columns} FROM typed.{name}"
        if not loaded:
            return typed
        same = " AND ".join(f't."{key}" = l."{key}"' for key in table.key)
        later = f" AND l.{JUDGED[name]} > t.{JUDGED[name]}" if name in JUDGED else ""
        return (
            f"SELECT {columns} FROM ({loaded}) AS l UNION ALL SELECT {columns} FROM typed.{name} AS t"
            f" WHERE NOT EXISTS (SELECT 1 FROM ({loaded}) AS l WHERE {same}{later})"
        )


NOTHING = Typed()


def _told(row: Mapping[str, Cell]) -> str:
    return json.dumps({name: str(cell) for name, cell in row.items() if cell is not None}, sort_keys=True)


def _hash(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _key(table: Table, row: Mapping[str, Cell]) -> tuple[Cell, ...]:
    return tuple(row.get(key, table.column(key).default) for key in table.key)


def _until(table: Table, row: Mapping[str, Cell], last: date) -> Mapping[str, Cell]:
    # The days that have passed when it is typed: when it happened, was confirmed, and was recorded.
    days = {table.happened_on, JUDGED.get(table.name), "recorded_at"}
    return {name: min(cell, last) if name in days and isinstance(cell, date) else cell for name, cell in row.items()}
