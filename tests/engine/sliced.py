"""A book of few accounts as Arrow tables: a slice of a loaded project, or one written in a test."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from small_book import SmallBook
from upcross.book.store import Manifest
from upcross.contract import TABLES, Column, Type
from upcross.plays.verdicts import WORD
from upcross.project import Project
from upcross.runs import Run, find_kept
from upcross.signals.model import Scope

ACCOUNT_COLUMNS = ("account_id", "from_account_id", "to_account_id", "consumer_account_id", "holder_account_id")
"""The columns by which a row is of an account; a row of none is of everybody."""

OF_ANOTHER_ROW = {"contact_roles": "contact_id", "crm_opportunity_lines": "crm_opportunity_id"}
"""Tables without an account, whose rows go with the row that they name: that of the table whose key it is."""


@dataclass(frozen=True)
class Book:
    """What a manifest says is loaded, and the rows: every engine is given the same."""

    manifest: Manifest
    tables: dict[str, pa.Table]


def written(book: SmallBook) -> Book:
    """A book written in a test."""
    with closing(book.connect()) as connection:
        return Book(book.manifest(), {name: connection.sql(f"FROM book.{name}").to_arrow_table() for name in book.rows})


def whole(project: Project) -> Book:
    """All that a project has loaded."""
    manifest = project.evaluation().frame.snapshot.manifest
    with closing(project.store.connect(manifest, origins=True)) as connection:
        return Book(manifest, {name: connection.sql(f"FROM book.{name}").to_arrow_table() for name in manifest.tables})


def sliced(project: Project, accounts: Collection[str]) -> Book:
    """A project's book with the rows of these accounts alone; what is of no account stays."""
    book = whole(project)
    listed = "(" + ", ".join(f"'{account}'" for account in accounts) + ")"
    with closing(project.store.connect(book.manifest, origins=True)) as connection:
        tables = {}
        for name in book.tables:
            own = [column for column in ACCOUNT_COLUMNS if TABLES[name].has(column)]
            where = " AND ".join(f"({column} IN {listed} OR {column} = '')" for column in own) or "TRUE"
            if name in OF_ANOTHER_ROW:
                key = OF_ANOTHER_ROW[name]
                [other] = [table.name for table in TABLES.values() if table.key == (key,)]
                where = f"{key} IN (SELECT {key} FROM book.{other} WHERE account_id IN {listed})"
            tables[name] = connection.sql(f"SELECT * FROM book.{name} WHERE {where}").to_arrow_table()
    stored = {name: replace(book.manifest.tables[name], rows=len(table)) for name, table in tables.items()}
    return Book(replace(book.manifest, tables=stored), tables)


def joined(book: Book, other: Book) -> Book:
    """A book with the rows of another one, but for those whose key it has already."""
    tables, stored = dict(book.tables), dict(book.manifest.tables)
    for name, table in other.tables.items():
        key = ", ".join(TABLES[name].key)
        with closing(duckdb.connect()) as connection:
            connection.register("mine", book.tables[name])
            connection.register("theirs", table)
            tables[name] = connection.sql(
                "SELECT * FROM mine UNION ALL BY NAME"
                f" SELECT * FROM theirs WHERE ({key}) NOT IN (SELECT ({key}) FROM mine)"
            ).to_arrow_table()
        stored[name] = replace(stored[name], rows=len(tables[name]))
    return Book(replace(book.manifest, tables=stored), tables)


def spoiled(book: Book) -> Book:
    """The book with faults in it: ids that lead nowhere, amounts below zero, days that lie ahead, cells left empty."""
    tables = {}
    for name, table in book.tables.items():
        cells = ", ".join(
            f"{_spoiled(column, number)} AS {column.name}" for number, column in enumerate(TABLES[name].columns)
        )
        with closing(duckdb.connect()) as connection:
            connection.register("stored", table)
            # Lines of a file follow each other; that of the next file is another number.
            tables[name] = connection.sql(f"SELECT {cells}, source_row FROM stored").to_arrow_table()
    return Book(book.manifest, tables)


def _spoiled(column: Column, number: int) -> str:
    """A cell, wrong in every eleventh row, another one for each column."""
    wrong = {
        Type.TEXT: f"{column.name} || '?'",
        Type.DATE: f"CAST({column.name} + INTERVAL 500 DAY AS DATE)",
        Type.BOOLEAN: f"NOT {column.name}",
    }.get(column.type, f"-{column.name}")
    empty = column.name if column.required or column.default is not None else "NULL"
    of_row = f"(source_row + {number}) % 11"
    return f"CASE {of_row} WHEN 0 THEN {wrong} WHEN 1 THEN {empty} ELSE {column.name} END"


def accounts_that_show_everything(project: Project, count: int) -> list[str]:
    """So many accounts that nearly every signal known somewhere, and every play that fires or is held, is seen on some.

    Accounts that share a pool or were moved into each other belong together. Peers are compared within a segment: what
    is left of the number goes to the accounts of the commonest.
    """
    run = find_kept(project.evaluation(), project.store, project.runs)
    assert run is not None, "the project must be planned"
    shown: dict[str, set[str]] = {}
    for account, seen in _seen(run):
        shown.setdefault(account, set()).add(seen)
    with closing(project.store.connect()) as connection:
        [pool] = connection.execute(
            "SELECT DISTINCT holder_account_id, consumer_account_id FROM book.entitlement_pools ORDER BY ALL LIMIT 1"
        ).fetchall()
        moved = connection.execute("SELECT from_account_id, to_account_id FROM book.account_transfers").fetchall()
    chosen = list(dict.fromkeys([*pool, *(account for pair in moved for account in pair if account in shown)]))
    missing = set[str]().union(*shown.values()).difference(*(shown[account] for account in chosen))
    while missing and len(chosen) < count:
        chosen.append(max(sorted(shown), key=lambda account: len(shown[account] & missing)))
        missing -= shown[chosen[-1]]
    fellows = run.connect().execute(
        "SELECT account_id FROM signals_account WHERE account_segment ="
        " (SELECT MODE(account_segment) FROM signals_account) ORDER BY account_id"
    ).fetchall()  # fmt: skip
    return [*chosen, *[account for (account,) in fellows if account not in chosen][: count - len(chosen)]]


def _seen(run: Run) -> Iterator[tuple[str, str]]:
    """What each account shows: signals that are known, plays that fire or are held."""
    connection = run.connect()
    for scope in Scope:
        for row in connection.sql(f"FROM signals_{scope.value}").to_arrow_table().to_pylist():
            yield from ((row["account_id"], f"{scope} {name}") for name, value in row.items() if value is not None)
        for row in connection.sql(f"FROM verdicts_{scope.value}").to_arrow_table().to_pylist():
            for word in (name for name in row if name.startswith(("fired", "held"))):
                yield from ((row["account_id"], f"{scope} {word} {b}") for b in range(WORD) if row[word] >> b & 1)
