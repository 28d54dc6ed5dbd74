"""A company whose data lie in an engine: the tables of a loaded book, written there as a warehouse would have them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
import yaml

from upcross.contract import TABLES, Type
from upcross.engine.connections import Connection
from upcross.errors import UsageError
from upcross.exporting.tables import Exported, described
from upcross.exporting.writing import COLUMNS, into_warehouse
from upcross.money import to_decimal
from upcross.project import Project, open_project

KINDS = {
    Type.TEXT: "text",
    Type.INTEGER: "bigint",
    Type.DECIMAL: "numeric(18, 4)",
    Type.RATE: "numeric(18, 8)",
    Type.MONEY: "numeric(18, 4)",
    Type.DATE: "date",
    Type.BOOLEAN: "boolean",
}


def url_of(postgres: str, schema: str = "upcross", user: str = "") -> str:
    """The address of a schema in the server of the tests."""
    parts = dict(part.split("=", 1) for part in postgres.split())
    return f"postgresql://{user or parts['user']}@/{parts['dbname']}?host={parts['host']}&schema={schema}"


def tables_of(project: Project) -> Iterator[tuple[str, list[str], list[tuple[Any, ...]]]]:
    """The loaded tables of a project of files, but those of its catalogue: name, columns that are given, rows."""
    manifest = project.store.manifest()
    with closing(project.store.connect()) as book:
        for name, stored in manifest.tables.items():
            if any(source.endswith("catalog.yaml") for source in stored.sources):
                continue
            columns = [column for column in TABLES[name].names if column in stored.columns]
            money = [TABLES[name].column(column).type is Type.MONEY for column in columns]
            rows = book.execute(f"SELECT {', '.join(columns)} FROM book.{name}").fetchall()
            yield (
                name,
                columns,
                [
                    tuple(
                        to_decimal(cell) if is_money and cell is not None else cell
                        for cell, is_money in zip(row, money, strict=True)
                    )
                    for row in rows
                ],
            )


def fill_postgres(postgres: str, project: Project, schema: str = "upcross") -> None:
    """Write the tables of a loaded project into a schema of PostgreSQL, typed, with money as numbers."""
    with psycopg.connect(postgres) as pg:
        pg.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')  # type: ignore[arg-type]
        pg.execute(f'CREATE SCHEMA "{schema}"')  # type: ignore[arg-type]
        for name, columns, rows in tables_of(project):
            cells = ", ".join(f'"{column}" {KINDS[TABLES[name].column(column).type]}' for column in columns)
            pg.execute(f'CREATE TABLE "{schema}"."{name}" ({cells})')  # type: ignore[arg-type]
            with pg.cursor() as cursor, cursor.copy(f'COPY "{schema}"."{name}" FROM STDIN') as copy:  # type: ignore[arg-type]
                for row in rows:
                    copy.write_row(row)


def project_over(folder: Path, of: Project, source: str) -> Project:
    """A project like another one, whose tables lie in an engine: the same settings, catalogue and coverage."""
    folder.mkdir(parents=True)
    for file in ("catalog.yaml", "attestations.yaml"):
        if (of.folder / file).exists():
            shutil.copyfile(of.folder / file, folder / file)
    settings = yaml.safe_load((of.folder / "upcross.yaml").read_text("utf-8"))
    tables = {
        name: {"coverage": entry["coverage"]}
        for name, entry in settings["tables"].items()
        if isinstance(entry, dict) and "coverage" in entry
    }
    (folder / "upcross.yaml").write_text(yaml.safe_dump(settings | {"tables": tables, "source": source}), "utf-8")
    return open_project(folder)


SHOWN = pa.table({
    "account_id": pa.array(["a", "b", None], pa.string()),
    "why": pa.array(["it's 5 % \\ of \"all\"\n-- ; DROP", "Größe ≥ 3", None], pa.string()),
    "mrr": pa.array([Decimal("12345678901234.5678"), Decimal("-0.0001"), None], pa.decimal128(18, 4)),
    "units": pa.array([2**53 + 1, -3, None], pa.int64()),
    "share": pa.array([0.1, 1e-9, None], pa.float64()),
    "is_open": pa.array([True, False, None], pa.bool_()),
    "due_on": pa.array([date(2026, 2, 28), date(1999, 12, 31), None], pa.date32()),
})  # fmt: skip
"""Every type that results have, with what is hard to write in a statement."""


def exports_into(engine: Connection) -> None:
    """Results are written, replaced, never over somebody else's table, and put in order after one that was cut off."""

    def tables(first: pa.Table) -> list[Exported]:
        found = [Exported(name, name, first, {"why": ("text", "why")}) for name in ("plan", "verdicts")]
        return [*found, Exported(COLUMNS, "", described(found), {})]

    def there(name: str) -> list[tuple[Any, ...]]:
        cells = [next(c for c in engine.columns(engine.tables()[name]) if c.lower() == n) for n in SHOWN.column_names]
        listed = ", ".join(f'"{cell}"' for cell in cells)
        return sorted(engine.rows(f"SELECT {listed} FROM {engine.tables()[name]}"), key=str)

    def rows(table: pa.Table) -> list[tuple[Any, ...]]:
        return sorted((tuple(row.values()) for row in table.to_pylist()), key=str)

    assert into_warehouse(tables(SHOWN), engine) == ["upcross_plan", "upcross_verdicts", "upcross_columns"]
    assert there("upcross_plan") == rows(SHOWN)
    # Cut off while tables are put in their places: one is new, one is gone, one still to come.
    engine.write("upcross_columns__next", described(tables(SHOWN)[:2]))
    engine.write("upcross_verdicts__next", SHOWN)
    engine.replace("upcross_plan", by="upcross_verdicts__next")
    into_warehouse(tables(SHOWN.slice(0, 1)), engine)
    assert there("upcross_plan") == there("upcross_verdicts") == rows(SHOWN.slice(0, 1))
    assert {name for name in engine.tables() if name.startswith("upcross_") and "source" not in name} == {
        "upcross_plan", "upcross_verdicts", "upcross_columns",
    }  # fmt: skip
    # One that has more tables, one that has fewer, and again more: what is no result any more does not stand there.
    more = [Exported("opportunities", "Asks.", SHOWN, {"why": ("text", "why")}), *tables(SHOWN.slice(0, 1))]
    more[-1] = Exported(COLUMNS, "", described(more[:-1]), {})
    for wanted in (more, tables(SHOWN.slice(0, 1)), more, tables(SHOWN.slice(0, 1))):
        into_warehouse(wanted, engine)
        assert ("upcross_opportunities" in engine.tables()) == (wanted is more)
    other = [Exported("white_space", "Map.", SHOWN, {}), *tables(SHOWN)]
    engine.write("upcross_white_space", SHOWN.select(["why"]))
    with pytest.raises(UsageError, match="upcross_white_space"):
        into_warehouse(other, engine)
    assert there("upcross_plan") == rows(SHOWN.slice(0, 1))
