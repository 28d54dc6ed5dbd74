"""Running the checks over a stored book."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb

from upcross.book.checks.check import Check
from upcross.book.checks.feeds import feed_issues
from upcross.book.checks.rules import all_checks
from upcross.book.checks.views import create_revenue, create_views
from upcross.book.store import Manifest, Store
from upcross.errors import Issue, Place, Report
from upcross.money import display

EXAMPLES = 3

Progress = Callable[[str, int, int], None]


def check(
    store: Store,
    *,
    today: date | None = None,
    examples: int = EXAMPLES,
    progress: Progress | None = None,
) -> Report:
    """Everything wrong or doubtful in the stored book: what the load found, then the result of every check.

    ``today`` (the day of the load where not given) is the day after which dates count as future; ``examples`` is how
    many are told of each fault. What the checks find is kept beside the load, and read back where the load, the checks
    and both of these are the same. Raises ``ProjectError`` where nothing is loaded.
    """
    manifest = store.manifest()
    today = today or manifest.loaded_on
    checks = [one for one in all_checks(manifest, today) if set(one.tables) <= set(manifest.tables)]
    key = _key(checks, today, examples)
    found = store.kept_checks(manifest, key)
    if found is None:
        found = _found(store, manifest, checks, today, examples, progress)
        store.keep_checks(manifest, key, found)
    return Report([*manifest.issues, *found, *feed_issues(manifest)])


def _key(checks: Sequence[Check], today: date, examples: int) -> str:
    """A hash of all but the load that the result depends on: every check, and the code that runs them."""
    code = [file.read_text("utf-8") for file in sorted(Path(__file__).parent.glob("*.py"))]
    facts = [version("upcross"), str(today), examples, [repr(one) for one in checks], code]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _found(
    store: Store, manifest: Manifest, checks: Sequence[Check], today: date, examples: int, progress: Progress | None
) -> list[Issue]:
    report = Report()
    with closing(store.connect(origins=True)) as connection:
        create_views(connection, manifest)
        create_revenue(connection, manifest, today)
        for done, one in enumerate(checks):
            if progress:
                progress(f"checking {one.tables[0]}", done, len(checks))
            _run(connection, one, manifest, report, examples)
    return report.issues


def _run(connection: duckdb.DuckDBPyConnection, one: Check, manifest: Manifest, report: Report, examples: int) -> None:
    # Nearly all checks find nothing: one statement tells.
    looked = connection.execute(f"SELECT * FROM ({one.failing}) AS f LIMIT 1")
    given = {name for name, *_ in looked.description or ()}
    if not looked.fetchall():
        return
    source_row = "min(source_row)" if "source_row" in given else "CAST(NULL AS BIGINT)"
    keys = "example, account_id" if "account_id" in given else "example"
    # Counted where the rows lie: a company's engine need not send millions of faults to have three of them told.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE failing AS SELECT {keys}, {source_row} AS source_row, count(*) AS n"
        f" FROM ({one.failing}) AS f GROUP BY {keys}"
    )
    found = connection.execute(
        "SELECT CAST(example AS VARCHAR) AS example, min(source_row), sum(sum(n)) OVER () FROM failing"
        f" GROUP BY example ORDER BY sum(n) DESC, example LIMIT {examples}"
    ).fetchall()
    table = one.tables[0]
    count = int(found[0][2])
    total = int(connection.execute(one.total).fetchall()[0][0]) if one.total else manifest.tables[table].rows
    share = f" ({count / total:.1%})" if total else ""
    told = [("empty" if example is None else str(example), place) for example, place, _ in found]
    concerned = _concerned(connection, manifest.reporting_currency) if "account_id" in given else ""
    report.add(
        one.code.at(
            Place(table=table, field=one.field or None),
            f"{count:,} of {total:,} rows{share} {one.says}",
            hint=one.hint,
            severity=one.severity,
            count=count,
            total=total,
            examples=tuple(text if place is None else f"{text} at {manifest.source_of(place)}" for text, place in told),
            costs="; ".join(part for part in (one.costs, concerned) if part),
        )
    )


def _concerned(connection: duckdb.DuckDBPyConnection, currency: str) -> str:
    """How many accounts the failing rows are of, and what those pay a month, as far as it is known."""
    accounts, mrr = connection.execute(
        "SELECT count(*), sum(mrr) FROM (SELECT DISTINCT account_id FROM failing WHERE account_id <> '')"
        " LEFT JOIN revenue USING (account_id)"
    ).fetchall()[0]
    if not accounts:
        return ""
    paid = f" with {display(int(mrr), currency)} of MRR" if mrr else ""
    return f"concerns {accounts:,} account{'s'[: accounts != 1]}{paid}"
