"""Loading: sources through their mappings, and the catalogue, into a new stored book, or nothing at all.

A fault of a file or of the mapping ends the load, all such faults at once, and the last good book stays. A row that
breaks the contract is set aside: counted, shown by example, and kept in full beside the book.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from upcross.book.aside import report_aside, written_aside
from upcross.book.catalog import Catalog
from upcross.book.files import find_sources
from upcross.book.mapping import CoverageMapping, TableMapping
from upcross.book.merging import finish_mrr, merge_catalog, set_repeats_aside
from upcross.book.origins import Origin
from upcross.book.source import SourceFile, read_header
from upcross.book.staging import Staging
from upcross.book.store import FILE, LINE, Manifest, Store, StoredTable
from upcross.contract import TABLES, Coverage, Table
from upcross.engine.compile import text_literal
from upcross.errors import LoadError, Place, Report, Severity, issue_code

COVERAGE_ASSUMED = issue_code(
    "coverage-assumed", Severity.NOTE, "Event tables without a declared span are taken to cover the span of all feeds."
)
STORE_UNWRITABLE = issue_code(
    "store-unwritable", Severity.ERROR, "The new book cannot be written; the last good one stays."
)
NOTHING_MAPPED = issue_code("nothing-mapped", Severity.ERROR, "The project maps no table and has no catalogue.")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and of how many."""

MONTHLY = {
    "usage": ("metric", "account_id", "business_unit", "product_id", "period_start"),
    "seats": ("account_id", "business_unit", "product_id", "seat_type", "period_start"),
}
"""Tables stored by month of period_start, each with the order of its rows."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load stored, and everything that it found."""

    manifest: Manifest
    report: Report


def load(
    mappings: Sequence[TableMapping],
    catalog: Catalog,
    store: Store,
    *,
    reporting_currency: str,
    today: date,
    rates_on: date | None = None,
    progress: Progress | None = None,
) -> LoadResult:
    """Read all mapped sources and the catalogue into a new stored book, and make it the current one.

    Rows that break the contract are set aside and reported; they are in ``set_aside.parquet`` of the load. Raises
    ``LoadError`` with every fault of files, mappings and catalogue found; the last good book then stays in place.
    """
    report = Report()
    if not mappings and not catalog.rows:
        raise LoadError(NOTHING_MAPPED.at(None, "no table is mapped", hint="add 'tables:' to upcross.yaml"))
    try:
        return _load(mappings, catalog, store, reporting_currency, today, rates_on, report, progress)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        told = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise LoadError(
            STORE_UNWRITABLE.at(Place(str(store.folder)), f"the book cannot be written: {told}",
                                hint="check permissions, free space and free memory, then load again")
        ) from error  # fmt: skip


def _load(
    mappings: Sequence[TableMapping],
    catalog: Catalog,
    store: Store,
    reporting_currency: str,
    today: date,
    rates_on: date | None,
    report: Report,
    progress: Progress | None,
) -> LoadResult:
    with store.loading() as (load_id, folder):
        connection = duckdb.connect()
        try:
            connection.execute(f"SET temp_directory = {text_literal(f'{folder}/spill')}")
            # Merging equal parts of two expressions would take them out of the TRY that guards each.
            connection.execute("SET disabled_optimizers = 'common_subexpressions'")
            loading = _Loading(connection, reporting_currency, today, report, progress or (lambda *_: None))
            tables = loading.run(mappings, catalog, folder)
            issues = tuple(report)
            newest = loading.newest
            files = tuple(loading.staging.files)
        finally:
            connection.close()
        manifest = Manifest(load_id, today, reporting_currency, rates_on, tables, issues, newest, files)
        store.publish(manifest, folder)
    return LoadResult(manifest, report)


class _Loading:
    """One load under way."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, reporting_currency: str, today: date, report: Report,
        progress: Progress,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.staging = Staging(connection, reporting_currency)
        self.today = today
        self.report = report
        self.progress = progress
        self.newest: date | None = None
        self.left_out: dict[str, int] = {}
        self.read: dict[str, int] = {}

    def run(self, mappings: Sequence[TableMapping], catalog: Catalog, folder: Path) -> dict[str, StoredTable]:
        """Stage, merge, check and write all tables into ``folder``; what was stored, by table."""
        plans = self._plan(mappings)
        self.report.raise_errors(LoadError)
        self._stage(plans)
        self.report.raise_errors(LoadError)
        given = {mapping.table.name for mapping in mappings} | set(catalog.rows)
        tables = [table for name, table in TABLES.items() if name in given]
        merge_catalog(self.staging, catalog, self.report)
        self.report.raise_errors(LoadError)
        for table in tables:
            set_repeats_aside(self.staging, table, self.report)
            if table.name == "subscriptions":
                finish_mrr(self.connection, self.report)
        report_aside(self.staging, self.read, self.report)
        self._copy(written_aside(self.staging), folder / "set_aside.parquet")
        return self._write(tables, mappings, catalog, folder)

    def _plan(self, mappings: Sequence[TableMapping]) -> list[tuple[TableMapping, SourceFile, list[Origin]]]:
        plans = []
        for mapping in mappings:
            for file in find_sources(mapping, self.report):
                if read_header(file, mapping.source.delimiter, self.report):
                    plans.append((mapping, file, self.staging.plan(mapping, file, self.report)))
        return plans

    def _stage(self, plans: Sequence[tuple[TableMapping, SourceFile, list[Origin]]]) -> None:
        for done, (mapping, file, origins) in enumerate(plans):
            self.progress(f"reading {file.shown}", done, len(plans))
            self.staging.read(mapping, file, origins, self.report)
        for name in {mapping.table.name: None for mapping, _, _ in plans}:
            counted = self._number(f"SELECT count(*) FROM stage.{name}")
            self.read[name] = counted + self.staging.ragged.get(name, 0)
            self.left_out[name] = self.staging.sift(TABLES[name])
        self.progress("writing the book", len(plans), len(plans))

    def _write(
        self, tables: Sequence[Table], mappings: Sequence[TableMapping], catalog: Catalog, folder: Path
    ) -> dict[str, StoredTable]:
        declared = {
            mapping.table.name: mapping.source.coverage for mapping in mappings if mapping.source.coverage is not None
        }
        spans = {table.name: self._span(table) for table in tables}
        feeds = [table for table in tables if table.coverage is not Coverage.STATE]
        self.newest = max((last for table in feeds if (last := spans[table.name][1])), default=None)
        events = [table for table in tables if _every_account(table, declared.get(table.name))]
        oldest = min((first for table in events if (first := spans[table.name][0])), default=None)
        self._note_assumed(events, declared, oldest)
        stored: dict[str, StoredTable] = {}
        for table in tables:
            coverage = declared.get(table.name) or CoverageMapping()
            first, last = spans[table.name]
            if _every_account(table, coverage):
                first, last = oldest, self.newest
            stored[table.name] = StoredTable(
                name=table.name,
                files=self._write_table(table, folder),
                rows=self._number(f"SELECT count(*) FROM stage.{table.name}"),
                set_aside=self._number(
                    f"SELECT count(*) FROM (SELECT DISTINCT file_no, line FROM aside WHERE table_name = '{table.name}')"
                ),
                left_out=self.left_out.get(table.name, 0),
                complete_from=coverage.from_ or first,
                complete_through=coverage.through or last,
                max_lag_days=table.max_lag_days if coverage.max_lag_days is None else coverage.max_lag_days,
                every_account=_every_account(table, coverage),
                corrected=self._is_corrected(table),
                columns=tuple(name for name in table.names if name in self.staging.mapped.get(table.name, ())),
                sources=self._sources(table),
                assumed_from=coverage.from_ is None,
                assumed_through=coverage.through is None,
            )
        return stored

    def _span(self, table: Table) -> tuple[date | None, date | None]:
        """The first and the last whole day, up to today, on which a row of the table happened."""
        if table.happened_on is None or table.coverage is Coverage.STATE:
            return None, None
        last = f"{table.happened_on} - 1" if table.exclusive else table.happened_on
        first = "period_start" if table.exclusive else table.happened_on
        span = self.connection.execute(
            f"SELECT min(first), max(last) FROM (SELECT {first} AS first, CAST({last} AS DATE) AS last"
            f" FROM stage.{table.name}) WHERE last <= ?", [self.today],
        ).fetchall()  # fmt: skip
        return span[0][0], span[0][1]

    def _note_assumed(self, events: Sequence[Table], declared: dict[str, CoverageMapping], oldest: date | None) -> None:
        assumed = [
            table.name for table in events
            if not ((coverage := declared.get(table.name)) and coverage.from_ and coverage.through)
        ]  # fmt: skip
        if assumed:
            span = f"{oldest or 'the first event'} to {self.newest or 'the last event'}"
            self.report.add(
                COVERAGE_ASSUMED.at(
                    None, f"no row counts as zero, from {span}, in: {', '.join(assumed)}",
                    hint="where such a table covers another span, declare it: coverage: {from: …, through: …}",
                )
            )  # fmt: skip

    def _write_table(self, table: Table, folder: Path) -> tuple[str, ...]:
        columns = ", ".join(_stored_column(table, name) for name in table.names)
        columns += f", CAST(file_no AS BIGINT) AS {FILE}, line AS {LINE}"
        if table.name not in MONTHLY:
            order = ", ".join((*table.key, "recorded_at"))
            file = folder / f"{table.name}.parquet"
            self._copy(f"SELECT {columns} FROM stage.{table.name} ORDER BY {order}", file)
            return (self._relative(file, folder),)
        order = ", ".join((*MONTHLY[table.name], "recorded_at"))
        (folder / table.name).mkdir()
        months = self.connection.execute(
            f"SELECT DISTINCT strftime(period_start, '%Y-%m') AS month FROM stage.{table.name} ORDER BY month"
        ).fetchall()
        files = []
        for (month,) in months or [("empty",)]:
            inside = f"period_start >= DATE '{month}-01' AND period_start < DATE '{month}-01' + INTERVAL 1 MONTH"
            chosen = inside if months else "false"
            file = folder / table.name / f"{month}.parquet"
            self._copy(f"SELECT {columns} FROM stage.{table.name} WHERE {chosen} ORDER BY {order}", file)
            files.append(self._relative(file, folder))
        return tuple(files)

    def _copy(self, query: str, file: Path) -> None:
        self.connection.execute(f"COPY ({query}) TO {text_literal(str(file))} (FORMAT parquet, COMPRESSION zstd)")

    def _relative(self, file: Path, folder: Path) -> str:
        # The folder gets the load's id as its name when the load is published.
        load_id = folder.name.removeprefix(".loading-")
        return f"{load_id}/{file.relative_to(folder).as_posix()}"

    def _is_corrected(self, table: Table) -> bool:
        key = ", ".join(table.key)
        return bool(
            self._number(
                f"SELECT count(*) FROM (SELECT 1 FROM stage.{table.name} GROUP BY {key} HAVING count(*) > 1 LIMIT 1)"
            )
        )

    def _sources(self, table: Table) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.staging.files[number] for number in self.staging.sources.get(table.name, ())))

    def _number(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])


def _every_account(table: Table, coverage: CoverageMapping | None) -> bool:
    if coverage is not None and coverage.every_account is not None:
        return coverage.every_account
    return table.coverage is Coverage.EVERY_ACCOUNT


def _stored_column(table: Table, name: str) -> str:
    column = table.column(name)
    if column.default is None:
        return f'"{name}"'
    default = f"'{column.default}'" if isinstance(column.default, str) else str(column.default)
    return f'CAST(coalesce("{name}", {default}) AS {column.type.sql}) AS "{name}"'
