"""Loading: sources through their mappings, and the catalogue, into a new stored book, or nothing at all.

A fault of a file or of the mapping ends the load, all such faults at once, and the last good book stays. A row that
breaks the contract is set aside: counted, shown by example, and kept in full beside the book.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

import duckdb

from upcross.book.aside import report_aside, written_aside
from upcross.book.catalog import Catalog
from upcross.book.mapping import CoverageMapping, TableMapping
from upcross.book.merging import merge_catalog, report_mrr, report_repeats, set_later_aside
from upcross.book.parts import Parts, copy_to, number_files, part_of
from upcross.book.reading import ASIDE, RECORD, ReadFile, Reading, as_facts, as_issues, reader
from upcross.book.staging import Staging
from upcross.book.store import BEFORE, Manifest, Store, StoredTable
from upcross.book.taking_over import Before, Source, find_all
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


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load stored, and everything that it found."""

    manifest: Manifest
    report: Report
    read: int = 0
    """How many source files were read."""
    unchanged: int = 0
    """How many were not, since nobody wrote them since the load before."""


def load(
    mappings: Sequence[TableMapping],
    catalog: Catalog,
    store: Store,
    *,
    reporting_currency: str,
    today: date,
    rates_on: date | None = None,
    anew: bool = False,
    progress: Progress | None = None,
) -> LoadResult:
    """Read all mapped sources and the catalogue into a new stored book, and make it the current one.

    Files that nobody wrote since the load before are not read again: what they gave is taken over, and the book is the
    one that reading everything gives, which ``anew`` does. Rows that break the contract are set aside and reported;
    they are in ``set_aside.parquet`` of the load. Raises ``LoadError`` with every fault of files, mappings and
    catalogue found; the last good book then stays in place.
    """
    report = Report()
    if not mappings and not catalog.rows:
        raise LoadError(NOTHING_MAPPED.at(None, "no table is mapped", hint="add 'tables:' to upcross.yaml"))
    try:
        return _load(mappings, catalog, store, reporting_currency, today, rates_on, anew, report, progress)
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
    anew: bool,
    report: Report,
    progress: Progress | None,
) -> LoadResult:
    with store.loading(anew) as (load_id, folder):
        connection = duckdb.connect()
        try:
            connection.execute("SET enable_progress_bar = false")  # it would stand in the midst of what is printed
            connection.execute(f"SET temp_directory = {text_literal(f'{folder}/spill')}")
            store.resources.grant(connection)
            # Merging equal parts of two expressions would take them out of the TRY that guards each.
            connection.execute("SET disabled_optimizers = 'common_subexpressions'")
            made_by = reader(reporting_currency)
            before = Before(folder / BEFORE, made_by)
            staging = Staging(connection, reporting_currency)
            loading = _Loading(staging, before, today, report, progress or (lambda *_: None))
            tables = loading.run(mappings, catalog, folder)
            issues = tuple(report)
            loading.remember(made_by, folder)
        finally:
            connection.close()
        alike = loading.numbers == list(range(len(loading.numbers)))
        manifest = Manifest(
            load_id, today, reporting_currency, rates_on,
            {name: _placed(table, load_id) for name, table in tables.items()}, issues, loading.newest,
            tuple(staging.files), () if alike else tuple(loading.numbers),
        )  # fmt: skip
        store.publish(manifest, folder)
    read = sum(source.before is None for source in loading.sources)
    return LoadResult(manifest, report, read, len(loading.sources) - read)


class _Loading:
    """One load under way."""

    def __init__(self, staging: Staging, before: Before, today: date, report: Report, progress: Progress) -> None:
        self.staging = staging
        self.connection = staging.connection
        self.before = before
        self.today = today
        self.report = report
        self.progress = progress
        self.newest: date | None = None
        self.sources: list[Source] = []
        self.files: dict[int, ReadFile] = {}
        """What is to be remembered of each source file, by its place in the staging's files."""
        self.numbers: list[int] = []
        """What stands in stored rows, for each file by its place."""
        self.parts: dict[str, Parts] = {}
        self.whole: set[str] = set()
        """Tables whose stored rows are those of their files alone."""

    def run(self, mappings: Sequence[TableMapping], catalog: Catalog, folder: Path) -> dict[str, StoredTable]:
        """Stage, merge, check and write all tables into ``folder``; what was stored, by table."""
        self.sources = find_all(mappings, self.before, set(catalog.rows), self.staging.plan, self.report)
        self.report.raise_errors(LoadError)
        self._stage()
        self.report.raise_errors(LoadError)
        given = {mapping.table.name for mapping in mappings} | set(catalog.rows)
        tables = [table for name, table in TABLES.items() if name in given]
        self.whole = given - set(catalog.rows)
        self.parts = {table.name: Parts(table, self.staging, self.before, self.today) for table in tables}
        for name in self.whole:
            self._take_over(TABLES[name])
        merge_catalog(self.staging, catalog, self.report)
        self.report.raise_errors(LoadError)
        self._number_files()
        for table in tables:
            self._settle(table)
        report_aside(self.staging, {name: self._count(name, "rows") for name in given}, self.report)
        copy_to(self.connection, written_aside(self.staging), folder / "set_aside.parquet")
        return self._write(tables, mappings, folder)

    def _stage(self) -> None:
        alike: dict[tuple[int, tuple[str, ...]], list[int]] = {}
        for number, source in enumerate(self.sources):
            before, file = source.before, source.file
            mapped = before.mapped if before else tuple(origin.column.name for origin in source.origins)
            self.staging.take(source.mapping, file, mapped)
            if before is not None:
                self.files[number] = replace(before, seen=source.lasting)
            else:
                alike.setdefault((id(source.mapping), file.columns), []).append(number)
        to_read = sum(map(len, alike.values()))
        begun = count()
        found: dict[int, Report] = {}
        for numbers in alike.values():
            found |= self.staging.read(
                numbers, self.sources[numbers[0]].origins,
                lambda file: self.progress(f"reading {file.shown}", next(begun), to_read),
            )  # fmt: skip
        for number, source in enumerate(self.sources):
            if source.before is not None:
                self.report.extend(as_issues(source.before.issues))
            else:
                self.report.extend(found[number])
                self.files[number] = source.read_as_it_was(found[number])
        for table in {self.sources[numbers[0]].mapping.table.name: None for numbers in alike.values()}:
            counts = self.staging.sift(TABLES[table])
            parts = self._parts_by_file(TABLES[table])
            for number in self._read_now(table):
                rows, left_out = counts.get(number, (0, 0))
                rows += self.staging.ragged.get(number, 0)
                self.files[number] = replace(
                    self.files[number], rows=rows, left_out=left_out, parts=tuple(parts.get(number, ()))
                )
        self.progress("writing the book", to_read, to_read)

    def _read_now(self, table: str) -> list[int]:
        return [n for n in self.staging.sources.get(table, ()) if n in self.files and self.files[n].number < 0]

    def _parts_by_file(self, table: Table) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for number, part in self.connection.execute(
            f"SELECT DISTINCT file_no, {part_of(table)} AS part FROM stage.{table.name} ORDER BY file_no, part"
        ).fetchall():
            found.setdefault(number, []).append(part)
        return found

    def _take_over(self, table: Table) -> None:
        """Take over what the load before has, and stage anew the parts that changed files touch."""
        places = {self.files[n].number: n for n in self.staging.sources[table.name] if self.files[n].number >= 0}
        gone = [file for file in self.before.files(table.name) if file.number not in places]
        fresh = [self.files[number] for number in self._read_now(table.name)]
        touched = {part for file in [*gone, *fresh] for part in file.parts}
        self.parts[table.name].take_over(touched, places)

    def _number_files(self) -> None:
        """Files that stay keep the number that stands in their stored rows; the others get those that are free."""
        taken = {file.number for file in self.files.values() if file.number >= 0}
        free = (number for number in count() if number not in taken)
        for place in range(len(self.staging.files)):
            known = self.files.get(place)
            number = known.number if known is not None and known.number >= 0 else next(free)
            self.numbers.append(number)
            if known is not None:
                self.files[place] = replace(known, number=number)
        number_files(self.connection, self.numbers)

    def _settle(self, table: Table) -> None:
        """Keep one row a key in what is staged, and tell what was found in the whole table."""
        parts = self.parts[table.name]
        noted = Report()
        for part in parts.kept.values():
            noted.extend(as_issues(part.issues))
        if parts.is_staged:
            set_later_aside(self.staging, table, part_of(table))
            if table.name == "subscriptions":
                report_mrr(self.connection, noted)
            parts.settle(as_facts(noted))
        every = parts.all()
        repeats, total = sum(part.repeats for part in every), sum(part.rows + part.later for part in every)
        report_repeats(table, repeats, total, self.report)
        self.report.extend(noted)

    def _write(self, tables: Sequence[Table], mappings: Sequence[TableMapping], folder: Path) -> dict[str, StoredTable]:
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
            parts = self.parts[table.name]
            stored[table.name] = StoredTable(
                name=table.name,
                files=tuple(parts.write(folder, self.numbers)),
                rows=sum(part.rows for part in parts.all()),
                set_aside=self._number(
                    f"SELECT count(*) FROM (SELECT DISTINCT file_no, line FROM aside WHERE table_name = '{table.name}')"
                ),
                left_out=self._count(table.name, "left_out"),
                complete_from=coverage.from_ or first,
                complete_through=coverage.through or last,
                max_lag_days=table.max_lag_days if coverage.max_lag_days is None else coverage.max_lag_days,
                every_account=_every_account(table, coverage),
                corrected=any(part.corrected for part in parts.all()),
                columns=tuple(name for name in table.names if self.staging.gives(table.name, name)),
                sources=self._sources(table),
                assumed_from=coverage.from_ is None,
                assumed_through=coverage.through is None,
            )
        return stored

    def _span(self, table: Table) -> tuple[date | None, date | None]:
        """The first and the last whole day, up to today, on which a row of the table happened."""
        if table.happened_on is None or table.coverage is Coverage.STATE:
            return None, None
        return self.parts[table.name].span()

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

    def remember(self, made_by: str, folder: Path) -> None:
        """Write what the next load needs in order to take over from this one."""
        listed = ", ".join(f"'{name}'" for name in self.whole) or "NULL"
        copy_to(
            self.connection,
            f"SELECT aside.* REPLACE (number AS file_no) FROM aside JOIN file_numbers USING (file_no)"
            f" WHERE table_name IN ({listed})",
            folder / ASIDE,
        )
        files = {
            name: tuple(self.files[n] for n in self.staging.sources[name]) for name in sorted(self.whole)
        }  # fmt: skip
        parts = {name: {**self.parts[name].kept, **self.parts[name].made} for name in sorted(self.whole)}
        (folder / RECORD).write_text(Reading(made_by, self.today, files, parts).to_json(), "utf-8")

    def _count(self, table: str, what: str) -> int:
        """How many rows the files of a table have, or ``left_out`` of them."""
        known = [self.files[number] for number in self.staging.sources.get(table, ()) if number in self.files]
        return sum(file.left_out if what == "left_out" else file.rows for file in known)

    def _sources(self, table: Table) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.staging.files[number] for number in self.staging.sources.get(table.name, ())))

    def _number(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])


def _every_account(table: Table, coverage: CoverageMapping | None) -> bool:
    if coverage is not None and coverage.every_account is not None:
        return coverage.every_account
    return table.coverage is Coverage.EVERY_ACCOUNT


def _placed(table: StoredTable, load_id: str) -> StoredTable:
    """The table with its files as they lie in the store."""
    return replace(table, files=tuple(f"{load_id}/{file}" for file in table.files))
