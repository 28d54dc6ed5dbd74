"""Statements in stages, for engines that compute a common table expression anew wherever it is named.

DuckDB, PostgreSQL and Snowflake compute a shared relation once. Spark, Databricks, Trino and BigQuery put its text in
the place of every name, and of every name in that: what is read forty times is computed forty times, and the plan of a
statement of a hundred relations outgrows any machine. There, what is read more than once is kept as a table first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import sqlglot
from sqlglot import exp

from upcross.engine.compile import compose
from upcross.engine.dialects import relations

INLINING = frozenset({"spark", "databricks", "bigquery", "trino"})
"""The dialects of engines that compute a relation as often as it is named."""


class Stage(NamedTuple):
    """A relation that several others read: what to keep, under which name, before whatever stands after it."""

    name: str
    select: str


def in_stages(statements: Iterable[str]) -> tuple[list[Stage], list[str]]:
    """The relations that the statements read more than once, each after those that it reads, and what is left of them.

    Statements are written in DuckDB's dialect and use one name for one relation alone. A stage is read by its bare
    name. What only selects from a stored table is no stage: reading it again costs no more than keeping it.
    """
    texts: dict[str, str] = {}
    finals = []
    for statement in statements:
        *named, (_, final) = relations(statement)
        for name, text in named:
            assert texts.setdefault(name, text) == text, f"two relations are called {name}"
        finals.append(final)
    reads = {name: _reads(text, texts) for name, text in texts.items()}
    final_reads = [_reads(final, texts) for final in finals]
    total = sum((*reads.values(), *final_reads), Counter[str]())
    staged = {name for name in texts if total[name] > 1 and not _stored(texts[name], reads[name])}

    def left(select: str, names: Iterable[str]) -> str:
        own = {name: [read for read in reads[name] if read not in staged] for name in texts}
        return compose(select.strip(), names, own.__getitem__, texts.__getitem__)

    stages = [Stage(name, left(f"SELECT * FROM {name}", [name])) for name in texts if name in staged]
    kept = [[name for name in names if name not in staged] for names in final_reads]
    return stages, [left(final, names) for final, names in zip(finals, kept, strict=True)]


def _reads(text: str, known: Iterable[str]) -> Counter[str]:
    """How often a relation names each of the others."""
    tree = sqlglot.parse_one(text, read="duckdb")
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    named = Counter(table.name for table in tree.find_all(exp.Table) if not table.db)
    return Counter({name: count for name, count in named.items() if name in known and name not in own})


def _stored(text: str, reads: Counter[str]) -> bool:
    return not reads and "FROM book." in text
