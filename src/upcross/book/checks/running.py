"""Running the checks over a stored book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb

from upcross.book.checks.check import CURRENT, Check
from upcross.book.checks.rules import all_checks, feed_issues
from upcross.book.store import Manifest, Store
from upcross.contract import TABLES
from upcross.errors import Place, Report


def check(
    store: Store, *, today: date | None = None, progress: Callable[[str, int, int], None] | None = None
) -> Report:
    """Everything wrong or doubtful in the stored book: what the load found, then the result of every check.

    ``today`` (the day of the load where not given) is the day after which dates count as future. Raises
    ``ProjectError`` where nothing is loaded.
    """
    manifest = store.manifest()
    report = Report(list(manifest.issues))
    connection = store.connect()
    try:
        _create_views(connection, manifest)
        checks = [
            one for one in all_checks(manifest, today or manifest.loaded_on) if set(one.tables) <= set(manifest.tables)
        ]
        for done, one in enumerate(checks):
            if progress:
                progress(f"checking {one.tables[0]}", done, len(checks))
            _run(connection, one, manifest, report)
    finally:
        connection.close()
    report.extend(feed_issues(manifest))
    return report


def _run(connection: duckdb.DuckDBPyConnection, one: Check, manifest: Manifest, report: Report) -> None:
    found = connection.execute(
        f"SELECT CAST(example AS VARCHAR) AS example, sum(count(*)) OVER () AS failing FROM ({one.failing})"
        " GROUP BY example ORDER BY count(*) DESC, example LIMIT 3"
    ).fetchall()
    if not found:
        return
    table = one.tables[0]
    count = int(found[0][1])
    total = int(connection.execute(one.total).fetchall()[0][0]) if one.total else manifest.tables[table].rows
    share = f" ({count / total:.1%})" if total else ""
    examples = tuple("empty" if example is None else str(example) for example, _ in found)
    report.add(
        one.code.at(
            Place(table=table, field=one.field or None),
            f"{count:,} of {total:,} rows{share} {one.says}",
            hint=one.hint,
            severity=one.severity,
            count=count,
            total=total,
            examples=examples,
        )
    )


def _create_views(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    connection.execute(f"CREATE SCHEMA {CURRENT}")
    for name, table in TABLES.items():
        stored = manifest.tables.get(name)
        if stored is None:
            columns = ", ".join(f"CAST(NULL AS {column.type.sql}) AS {column.name}" for column in table.columns)
            connection.execute(f"CREATE VIEW {CURRENT}.{name} AS SELECT {columns} WHERE false")
            continue
        latest = ""
        if stored.corrected:
            key = ", ".join(table.key)
            latest = f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY recorded_at DESC NULLS LAST) = 1"
        connection.execute(f"CREATE VIEW {CURRENT}.{name} AS SELECT * FROM book.{name}{latest}")
