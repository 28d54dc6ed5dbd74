"""Parts: the stored files of a table, of which a load writes those that it touches and takes over the others.

A table stored by month has a part a month, any other has one. Equal keys are always in one part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from upcross.book import cells
from upcross.book.merging import FINISHED_MRR, key_value
from upcross.book.reading import ASIDE, LATER, Facts, Part
from upcross.book.staging import Staging
from upcross.book.store import FILE, LINE
from upcross.book.taking_over import Before
from upcross.contract import Column, Coverage, Table
from upcross.engine.compile import text_literal

MONTHLY = {
    "usage": ("metric", "account_id", "business_unit", "product_id", "period_start"),
    "seats": ("account_id", "business_unit", "product_id", "seat_type", "period_start"),
}
"""Tables stored by month of period_start, each with the order of its rows."""

WHOLE = "all"
"""The name of the one part of a table that is not stored by month."""


_COMPLETED = ("subscriptions", "mrr")
GIVEN = '"upcross:given"'
"""What stored subscription lines carry: whether a source gives their MRR, so that it was not completed."""


def part_of(table: Table) -> str:
    """SQL of the part in which a row is."""
    return "strftime(period_start, '%Y-%m')" if table.name in MONTHLY else f"'{WHOLE}'"


class Parts:
    """The parts of one table under way: ``kept`` are those of the load before that nothing touches."""

    def __init__(self, table: Table, staging: Staging, before: Before, today: date) -> None:
        self.table = table
        self.staging = staging
        self.connection = staging.connection
        self.before = before
        self.today = today
        self.kept = before.parts(table.name)
        self.made: dict[str, Part] = {}
        self.is_staged = True
        """Whether rows of it are staged; where not, nothing touches any part."""

    def all(self) -> list[Part]:
        """Every part."""
        return [*self.kept.values(), *self.made.values()]

    def take_over(self, touched: Collection[str], places: Mapping[int, int]) -> None:
        """Stage the rows of touched parts again, and take over what was set aside, of those files that stay.

        ``places`` are the present places of these files, by the number that stands in stored rows.
        """
        self.is_staged = bool(touched)
        restored = [self.kept.pop(name) for name in list(self.kept) if name in touched]
        if not places:
            return
        given = {"number": pa.array(places, pa.int64()), "place": pa.array(places.values(), pa.int32())}
        self.connection.register("staying", pa.table(given))
        files = [file for part in restored for file in part.sizes]
        if files:
            columns = ", ".join(_as_given(self.table, column) for column in self.table.columns)
            self.staging.insert(
                f"stage.{self.table.name}",
                f"SELECT place, {LINE}, true, NULL, {columns} FROM {self._stored_rows(files)} AS stored JOIN staying"
                f" ON stored.{FILE} = staying.number",
            )
        whole = ", ".join(text_literal(part) for part in self.kept) or "NULL"
        aside = text_literal(str(self.before.folder / ASIDE))
        self.staging.insert(
            "aside",
            f"SELECT stored.* REPLACE (place AS file_no) FROM read_parquet({aside}) AS stored JOIN staying"
            f" ON stored.file_no = staying.number WHERE table_name = {text_literal(self.table.name)}"
            f" AND (part IS NULL OR part IN ({whole}))",
        )

    def _stored_rows(self, files: Sequence[str]) -> str:
        return f"read_parquet([{', '.join(text_literal(str(self.before.folder / file)) for file in files)}])"

    def settle(self, issues: Facts = ()) -> None:
        """Count the staged rows of each part, once those that give way are out of it."""
        part, name = part_of(self.table), self.table.name
        corrected = self._corrected()
        later = {
            row[0]: row[1:]
            for row in self.connection.execute(
                f"SELECT {part} AS part, count(*), count(*) FILTER (repeats) FROM later.{name} GROUP BY part"
            ).fetchall()
        }
        for month, rows, first, last, ahead in self._spans(f"stage.{name}", part):
            given_way, repeats = later.get(month, (0, 0))
            self.made[month] = Part(rows, given_way, repeats, month in corrected, first, last, ahead, issues)

    def span(self) -> tuple[date | None, date | None]:
        """The first and the last whole day, up to today, on which a row of the table happened."""
        known = self.before.reading.loaded_on if self.before.reading else self.today
        for name, part in self.kept.items():
            if part.ahead or self.today < known:
                rows = self._stored_rows([file for file in part.sizes if not _is_later(file)])
                ((_, _, first, last, ahead),) = self._spans(rows, f"'{name}'")
                self.kept[name] = replace(part, first=first, last=last, ahead=ahead)
        firsts = [part.first for part in self.all() if part.first]
        lasts = [part.last for part in self.all() if part.last]
        return min(firsts, default=None), max(lasts, default=None)

    def write(self, folder: Path, numbers: Sequence[int]) -> list[str]:
        """Write what is staged into a load's folder, and put there what is kept; the files, relative to it."""
        if self.table.name in MONTHLY:
            (folder / self.table.name).mkdir()
        for part in self.kept.values():
            for file in part.sizes:
                (self.before.folder / file).rename(folder / file)
        columns = ", ".join(self._stored(column) for column in self.table.columns)
        if self.table.name == "subscriptions":
            columns += f", mrr IS NOT NULL AS {GIVEN}"
        alike = list(numbers) == list(range(len(numbers)))
        columns += f", {'CAST(file_no AS BIGINT)' if alike else 'number'} AS {FILE}, line AS {LINE}"
        numbered = "" if alike else " JOIN file_numbers USING (file_no)"
        for name, part in self.made.items():
            self.made[name] = replace(part, sizes=self._write(name, part, columns, numbered, folder))
        if not self.kept and not self.made:
            empty = self._file(folder, "empty")
            self._copy(f"SELECT {columns} FROM stage.{self.table.name}{numbered} WHERE false", empty)
            return [_relative(empty, folder)]
        named = {**self.kept, **self.made}
        return [file for name in sorted(named) for file in named[name].sizes if not _is_later(file)]

    def _write(self, name: str, part: Part, columns: str, numbered: str, folder: Path) -> dict[str, int]:
        inside = "true"
        if self.table.name in MONTHLY:
            inside = f"period_start >= DATE '{name}-01' AND period_start < DATE '{name}-01' + INTERVAL 1 MONTH"
        order = ", ".join((*MONTHLY.get(self.table.name, self.table.key), "recorded_at"))
        file = self._file(folder, name)
        written = [file]
        self._copy(f"SELECT {columns} FROM stage.{self.table.name}{numbered} WHERE {inside} ORDER BY {order}", file)
        if part.later:
            written.append(file.with_name(file.name.removesuffix(".parquet") + LATER))
            self._copy(f"SELECT {columns} FROM later.{self.table.name}{numbered} WHERE {inside}", written[-1])
        return {_relative(one, folder): one.stat().st_size for one in written}

    def _file(self, folder: Path, name: str) -> Path:
        own = self.table.name
        return folder / own / f"{name}.parquet" if own in MONTHLY else folder / f"{own}.parquet"

    def _stored(self, column: Column) -> str:
        """SQL of a column as it is stored."""
        if (self.table.name, column.name) == _COMPLETED:
            return f"{FINISHED_MRR} AS mrr"
        return f"{cells.stored(column)} AS {cells.name(column.name)}"

    def _corrected(self) -> set[str]:
        """The parts in which some key has more than one recorded_at."""
        if not self.staging.gives(self.table.name, "recorded_at"):
            return set()
        part = part_of(self.table)
        key = ", ".join(key_value(self.table.column(name)) for name in self.table.key)
        found = self.connection.execute(
            f"SELECT DISTINCT part FROM (SELECT {part} AS part FROM stage.{self.table.name} GROUP BY {part}, {key}"
            " HAVING count(*) > 1)"
        ).fetchall()
        return {name for (name,) in found}

    def _spans(self, relation: str, part: str) -> list[tuple[str, int, date | None, date | None, bool]]:
        first = last = "CAST(NULL AS DATE)"
        table = self.table
        if table.happened_on is not None and table.coverage is not Coverage.STATE:
            last = f"CAST({table.happened_on}{' - 1' if table.exclusive else ''} AS DATE)"
            first = "period_start" if table.exclusive else table.happened_on
        return self.connection.execute(
            f"SELECT part, count(*), min(first) FILTER (last <= $today), max(last) FILTER (last <= $today),"
            f" coalesce(bool_or(last > $today), false) FROM (SELECT {part} AS part, {first} AS first, {last} AS last"
            f" FROM {relation}) GROUP BY part ORDER BY part", {"today": self.today},
        ).fetchall()  # fmt: skip

    def _copy(self, query: str, file: Path) -> None:
        copy_to(self.connection, query, file)


def _as_given(table: Table, column: Column) -> str:
    """SQL of a staged column from a stored row."""
    name = cells.name(column.name)
    return f"CASE WHEN {GIVEN} THEN {name} END" if (table.name, column.name) == _COMPLETED else name


def copy_to(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query as a Parquet file."""
    connection.execute(f"COPY ({query}) TO {text_literal(str(file))} (FORMAT parquet, COMPRESSION zstd)")


def number_files(connection: duckdb.DuckDBPyConnection, numbers: Sequence[int]) -> None:
    """Make ``file_numbers``: for each file by its place the number that stands in stored rows."""
    given = pa.table({"file_no": pa.array(range(len(numbers)), pa.int32()), "number": pa.array(numbers, pa.int64())})
    connection.register("file_numbers", given)


def _is_later(file: str) -> bool:
    return file.endswith(LATER)


def _relative(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()
