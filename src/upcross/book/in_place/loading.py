"""Loading a book that stays in its engine: every table is looked at there, and a manifest says how each is read.

The three tables that grow with every day and every person - usage, seats and activities - stay where they are, and no
row of them moves. The others, which describe customers, contracts and what happened, are brought once a load, by the
same relation that statements in the engine read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from upcross.book.catalog import Catalog
from upcross.book.in_place.mapping import TableInEngine, tables_in_engine
from upcross.book.in_place.relations import Relation, expected_of, fault_columns, find_relation
from upcross.book.load import COVERAGE_ASSUMED, NOTHING_MAPPED, LoadResult, Progress
from upcross.book.mapping import CoverageMapping
from upcross.book.merging import KEY_DUPLICATE, MRR_RULE, merge_catalog, tell_mrr
from upcross.book.origins import VALUE_INVALID, VALUE_MISSING
from upcross.book.staging import Staging
from upcross.book.store import FILE, LINE, Manifest, Store, StoredTable
from upcross.contract import TABLES, Column, Coverage, Table
from upcross.documents import Document
from upcross.engine.compile import text_literal, values_relation
from upcross.engine.connections import Address, Connection, open_connection
from upcross.errors import LoadError, Place, Report

STAY = frozenset({"usage", "seats", "activities"})
"""Tables of which no row is brought."""
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the engine told of one table."""

    relation: Relation
    select: str
    """The SELECT by which it is read."""
    read: int
    rows: int
    set_aside: int
    first: date | None
    last: date | None
    corrected: bool


def load_in_place(
    address: Address,
    document: Document,
    catalog: Catalog,
    store: Store,
    *,
    reporting_currency: str,
    today: date,
    rates_on: date | None = None,
    progress: Progress | None = None,
) -> LoadResult:
    """Look at every contract table in the engine, and make the book that is read there the current one.

    Rows that break the contract are counted and left out wherever the table is read. Raises ``LoadError`` with every
    fault of tables, columns and types at once; ``EngineError`` where the engine does not answer. The last good book
    then stays in place.
    """
    report = Report()
    ones = tables_in_engine(document, report)
    report.raise_errors(LoadError)
    with closing(open_connection(address)) as connection:
        loading = _Loading(connection, store, reporting_currency, today, report, progress or (lambda *_: None))
        relations = loading.find(ones)
        report.raise_errors(LoadError)
        if not relations and not catalog.rows:
            raise LoadError(NOTHING_MAPPED.at(Place(address.shown), "the schema has no table of the contract",
                                              hint="`upcross tables` lists them; name them in 'tables:' of"
                                              " upcross.yaml"))  # fmt: skip
        looked = {relation.table.name: loading.look(relation) for relation in relations}
        with store.loading(anew=True) as (load_id, folder):
            tables, newest = loading.write(looked, catalog, folder, load_id)
            manifest = Manifest(
                load_id, today, reporting_currency, rates_on, tables, tuple(report), newest, tuple(loading.files)
            )
            store.publish(manifest, folder)
    return LoadResult(manifest, report)


class _Loading:
    """One load under way."""

    def __init__(
        self, connection: Connection, store: Store, reporting_currency: str, today: date, report: Report,
        progress: Progress,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.store = store
        self.currency = reporting_currency
        self.today = today
        self.report = report
        self.progress = progress
        self.files: list[str] = []

    def find(self, ones: Sequence[TableInEngine]) -> list[Relation]:
        """The relation of each table that the engine has; what is wrong goes into the report."""
        tables = self.connection.tables()
        found = [find_relation(self.connection, tables, one, self.currency, self.report) for one in ones]
        return [relation for relation in found if relation is not None]

    def look(self, relation: Relation) -> _Looked:
        """Count a table's rows and faults, find its span, and whether its rows were corrected."""
        table = relation.table
        self.progress(f"looking at {table.name}", 0, 1)
        faults = list(relation.faults.values())
        any_fault = " OR ".join(f"({fault})" for fault in faults) or "FALSE"
        counts = ["COUNT(*)", *(f"SUM(CASE WHEN {fault} THEN 1 ELSE 0 END)" for fault in (*faults, any_fault))]
        [counted] = self.connection.rows(f"SELECT {', '.join(counts)} FROM ({relation.cells}) AS c")
        read, *by_column, aside = (int(value or 0) for value in counted)
        for column, count in zip(fault_columns(relation), by_column, strict=True):
            if count:
                self._tell(relation, column, count, read)
        repeated = self._repeated(relation, read)
        corrected = "recorded_at" in relation.given and self._several(relation, table.key) > 0
        first, last = self._span(relation)
        select = relation.distinct if repeated else relation.whole
        if table.name == "subscriptions":
            self._tell_mrr(relation)
        return _Looked(relation, select, read, read - aside - repeated, aside + repeated, first, last, corrected)

    def _tell(self, relation: Relation, column: Column, count: int, read: int) -> None:
        key = relation.table.key[0]
        shown = f"COALESCE(CAST({column.name} AS VARCHAR), 'empty')"
        examples = self.connection.rows(
            f"SELECT COALESCE(CAST({key} AS VARCHAR), ''), {shown} FROM ({relation.cells}) AS c"
            f" WHERE {relation.faults[column.name]} ORDER BY 1, 2 LIMIT {_EXAMPLES}"
        )
        code = VALUE_MISSING if all(value == "empty" for _, value in examples) else VALUE_INVALID
        why = "a cell that must be filled is empty" if code is VALUE_MISSING else "a cell is not of its column's kind"
        self.report.add(
            code.at(
                Place(table=relation.table.name, field=column.name),
                f"{count:,} of {read:,} rows set aside: {why}",
                expected=expected_of(column),
                hint="correct the rows in the engine; they are left out wherever the table is read",
                count=count, total=read,
                examples=tuple(f"{key} {where} '{value}'" if where else f"'{value}'" for where, value in examples),
            )
        )  # fmt: skip

    def _several(self, relation: Relation, key: Sequence[str]) -> int:
        listed = ", ".join(key)
        [(count,)] = self.connection.rows(
            f"SELECT SUM(n - 1) FROM (SELECT COUNT(*) AS n FROM ({relation.whole}) AS r GROUP BY {listed}"
            " HAVING COUNT(*) > 1) AS several"
        )
        return int(count or 0)

    def _repeated(self, relation: Relation, read: int) -> int:
        key = (*relation.table.key, "recorded_at")
        count = self._several(relation, key)
        if count:
            examples = self.connection.rows(
                f"SELECT {relation.table.key[0]} FROM ({relation.whole}) AS r GROUP BY {', '.join(key)}"
                f" HAVING COUNT(*) > 1 ORDER BY 1 LIMIT {_EXAMPLES}"
            )
            self.report.add(
                KEY_DUPLICATE.at(
                    Place(table=relation.table.name, field=relation.table.key[0]),
                    f"{count:,} of {read:,} rows set aside: another row has the same key",
                    expected=f"one row a key: {', '.join(relation.table.key)}",
                    hint="remove the rows in the engine, or give recorded_at to keep both versions",
                    count=count, total=read, examples=tuple(str(value) for (value,) in examples),
                )
            )  # fmt: skip
        return count

    def _span(self, relation: Relation) -> tuple[date | None, date | None]:
        """The first and the last whole day, up to today, on which a row happened."""
        table = relation.table
        if table.happened_on is None or table.coverage is Coverage.STATE:
            return None, None
        first = "period_start" if table.exclusive else table.happened_on
        limit = self.today + timedelta(days=1 if table.exclusive else 0)
        [(first_day, last_day)] = self.connection.rows(
            f"SELECT MIN({first}), MAX({table.happened_on}) FROM ({relation.whole}) AS r"
            f" WHERE {table.happened_on} <= DATE '{limit}'"
        )
        return first_day, last_day - timedelta(days=1) if last_day and table.exclusive else last_day

    def _tell_mrr(self, relation: Relation) -> None:
        counted = self.connection.rows(
            f"SELECT rule, COUNT(*) FROM (SELECT {MRR_RULE} AS rule FROM ({relation.cells}) AS c) AS r GROUP BY rule"
        )
        tell_mrr({rule: int(count) for rule, count in counted}, self.report)

    def write(
        self, looked: Mapping[str, _Looked], catalog: Catalog, folder: Path, load_id: str
    ) -> tuple[dict[str, StoredTable], date | None]:
        """Bring what does not stay, merge the catalogue into it, and say how each table is stored; the newest day."""
        names = [name for name in TABLES if name in looked or name in catalog.rows]
        with closing(duckdb.connect()) as local:
            self.store.resources.grant(local)
            staging = Staging(local, self.currency)
            brought = [name for name in names if name not in STAY]
            for done, name in enumerate(brought):
                self.progress(f"bringing {name}", done, len(brought))
                self._stage(staging, TABLES[name], looked.get(name))
            merging = Report()
            merge_catalog(staging, catalog, merging)
            merging.raise_errors(LoadError)
            self.files = list(staging.files)
            merged = {name: self._as_values(local, TABLES[name]) for name in catalog.rows}
            files = {name: self._copied(local, TABLES[name], folder, load_id) for name in brought}
            rows = {name: int(local.execute(f"SELECT count(*) FROM stage.{name}").fetchall()[0][0]) for name in brought}
            local.execute(
                'COPY (SELECT table_name AS "table", \'\' AS file, line AS "row", source AS "column", value,'
                f" expected FROM aside) TO {text_literal(str(folder / 'set_aside.parquet'))} (FORMAT parquet)"
            )
            mapped = {name: staging.mapped.get(name, set()) for name in names}
        declared = {name: one.relation.one.mapping.coverage for name, one in looked.items()}
        feeds = [one for one in looked.values() if one.relation.table.coverage is not Coverage.STATE]
        newest = max((one.last for one in feeds if one.last), default=None)
        events = [name for name in looked if _every_account(TABLES[name], declared.get(name))]
        oldest = min((first for name in events if (first := looked[name].first)), default=None)
        self._note_assumed(events, declared, oldest, newest)
        tables = {}
        for name in names:
            one, table = looked.get(name), TABLES[name]
            coverage = declared.get(name) or CoverageMapping()
            first, last = (one.first, one.last) if one else (None, None)
            if _every_account(table, coverage):
                first, last = oldest, newest
            given = (set(one.relation.given) if one else set()) | mapped[name]
            tables[name] = StoredTable(
                name=name,
                files=files.get(name, ()),
                rows=rows.get(name, one.rows if one else 0),
                set_aside=one.set_aside if one else 0,
                left_out=0,
                complete_from=coverage.from_ or first,
                complete_through=coverage.through or last,
                max_lag_days=table.max_lag_days if coverage.max_lag_days is None else coverage.max_lag_days,
                every_account=_every_account(table, coverage),
                corrected=one.corrected if one else False,
                columns=tuple(column for column in table.names if column in given),
                sources=(self.connection.address.shown,) if one else (),
                assumed_from=coverage.from_ is None,
                assumed_through=coverage.through is None,
                relation=merged.get(name) or (one.select if one else ""),
                away=name in STAY,
            )
        return tables, newest

    def _stage(self, staging: Staging, table: Table, one: _Looked | None) -> None:
        """The rows of a table, as the engine gives them, among those that the catalogue is merged into."""
        staging.create(table)
        if one is None:
            return
        number = len(staging.files)
        staging.files.append(self.connection.address.shown)
        schema = pa.schema([(column.name, _arrow(column)) for column in table.columns])
        staging.connection.register("brought", self.connection.arrow(one.select, schema))
        cells = ", ".join(f'CAST("{column.name}" AS {column.type.sql})' for column in table.columns)
        staging.connection.execute(
            f"INSERT INTO stage.{table.name} SELECT {number}, NULL, true, NULL, {cells} FROM brought"
        )
        staging.connection.unregister("brought")
        staging.mapped[table.name] = set(one.relation.given)

    def _copied(self, local: duckdb.DuckDBPyConnection, table: Table, folder: Path, load_id: str) -> tuple[str, ...]:
        columns = ", ".join(_with_default(column) for column in table.columns)
        order = ", ".join((*table.key, "recorded_at"))
        file = folder / f"{table.name}.parquet"
        local.execute(
            f"COPY (SELECT {columns}, CAST(file_no AS BIGINT) AS {FILE}, line AS {LINE} FROM stage.{table.name}"
            f" ORDER BY {order}) TO {text_literal(str(file))} (FORMAT parquet, COMPRESSION zstd)"
        )
        return (f"{load_id}/{file.name}",)

    def _as_values(self, local: duckdb.DuckDBPyConnection, table: Table) -> str:
        """A table that the catalogue has part in, as literal rows: the engine does not know the catalogue."""
        cells = ", ".join(_with_default(column) for column in table.columns)
        rows: list[tuple[Any, ...]] = local.execute(
            f"SELECT {cells} FROM stage.{table.name} ORDER BY {', '.join(table.key)}"
        ).fetchall()
        return values_relation({column.name: column.type.sql for column in table.columns}, rows)

    def _note_assumed(
        self, events: Sequence[str], declared: Mapping[str, CoverageMapping | None], oldest: date | None,
        newest: date | None,
    ) -> None:  # fmt: skip
        assumed = [name for name in events if not ((one := declared.get(name)) and one.from_ and one.through)]
        if assumed:
            self.report.add(
                COVERAGE_ASSUMED.at(
                    None, f"no row counts as zero, from {oldest or 'the first event'} to {newest or 'the last event'},"
                    f" in: {', '.join(assumed)}",
                    hint="where such a table covers another span, declare it: coverage: {from: …, through: …}",
                )
            )  # fmt: skip


def _every_account(table: Table, coverage: CoverageMapping | None) -> bool:
    if coverage is not None and coverage.every_account is not None:
        return coverage.every_account
    return table.coverage is Coverage.EVERY_ACCOUNT


def _with_default(column: Column) -> str:
    if column.default is None:
        return f'"{column.name}"'
    default = text_literal(column.default) if isinstance(column.default, str) else str(column.default)
    return f'CAST(coalesce("{column.name}", {default}) AS {column.type.sql}) AS "{column.name}"'


def _arrow(column: Column) -> pa.DataType:
    return {
        "VARCHAR": pa.string(), "BIGINT": pa.int64(), "DECIMAL(18, 4)": pa.decimal128(18, 4),
        "DECIMAL(18, 8)": pa.decimal128(18, 8), "DATE": pa.date32(), "BOOLEAN": pa.bool_(),
    }[column.type.sql]  # fmt: skip
