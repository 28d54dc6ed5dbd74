"""Statements run where their tables lie: in DuckDB, or, as soon as one of them stays in the company's engine, there.

A book whose large tables stay in PostgreSQL, Spark or a warehouse is read through the same statements as any other.
What comes back is Arrow, in the types that DuckDB would have given.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp

from upcross.engine.connections import Connection
from upcross.engine.stages import INLINING, Stage, in_stages

_QUALIFIED = re.compile(r"\b(?:book|current)\.(\w+)\b")
_MAKES = re.compile(
    r"^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?P<temp>TEMP\s+)?(?P<what>TABLE|VIEW)\s+(?P<name>[\w.]+)\s+AS\s+(?P<body>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_KEPT_ROWS = 200_000
_SCHEMAS = ("book", "current")


class Routed:
    """A DuckDB connection for the tables that were brought, and an engine for those that stayed.

    ``show`` says how the engine reads each table of ``book``, and of which tables no row was brought; everything else
    is DuckDB's connection as it is. Small answers are kept in the folder ``kept``, where one is given.
    """

    def __init__(
        self, local: duckdb.DuckDBPyConnection, opened: Callable[[], Connection], kept: Path | None = None
    ) -> None:
        self.local = local
        self._kept = kept
        self._opened = opened
        self._engine: Connection | None = None
        self._views: dict[str, str] = {}
        self._away: set[str] = set()
        self._inside: dict[str, None] = {}
        self._numbers = count()

    @property
    def engine(self) -> Connection:
        """The engine, which is asked for when a statement first needs it."""
        if self._engine is None:
            self._engine = self._opened()
        return self._engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.local, name)

    def execute(self, statement: str, parameters: Any = None) -> Any:
        """Run a statement where its tables lie."""
        made = _MAKES.match(statement) if isinstance(statement, str) else None
        if made and made["what"].upper() == "VIEW":
            self._see(made["name"], made["body"])
        elif isinstance(statement, str) and not statement.lstrip()[:8].upper().startswith("DESCRIBE"):
            found = self._here(made["body"] if made else statement, parameters)
            if found is not None:
                return self.local.execute(f"{statement[: made.start('body')]}{found}" if made else found)
        return self.local.execute(statement, parameters) if parameters else self.local.execute(statement)

    def sql(self, statement: str) -> Any:
        """A relation of a statement, run where its tables lie."""
        return self.local.sql(self._here(statement, None) or statement)

    def cursor(self) -> Routed:
        """Another connection to the same tables, brought and away."""
        twin = Routed(self.local.cursor(), self._opened, self._kept)
        twin._views, twin._away, twin._inside = self._views, self._away, self._inside
        return twin

    def __enter__(self) -> Routed:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of both."""
        if self._engine is not None:
            self._engine.close()
        self.local.close()

    def show(self, name: str, relation: str, *, away: bool) -> None:
        """Read a table of the book by a SELECT over the engine's tables; ``away``: no row of it is here."""
        self._views[f"book.{name}"] = relation
        if away:
            self._away.add(f"book.{name}")

    def make(self, name: str, select: str, *, held: bool, left: str = "") -> None:
        """Make a table here by a statement that runs in the engine; ``held``: there too, where that is permitted.

        ``left`` is what is left of the statement where what it reads is held already.
        """
        tree = self._inlined(parsed(left or select))
        shape = self._shape(select, None)
        if held and self.engine.may_create():
            self.engine.drop(name)
            self.engine.create(name, tree)
            self._inside[name] = None
            tree = parsed(f"SELECT * FROM {name}")
        # Never an answer that is kept: the same words mean other rows on another day.
        self.local.execute(f"CREATE TABLE {name} AS {self._shown(shape, lambda s: self._asked(tree, s))}")

    @contextmanager
    def stages(self, statements: Iterable[str]) -> Iterator[list[str]]:
        """Hold what statements read more than once, where the engine would compute it as often; what is left of them.

        The relations are gone afterwards.
        """
        statements = list(statements)
        stages: list[Stage] = []
        if self.engine.dialect in INLINING and self.engine.may_create():
            stages, statements = in_stages(statements)
        try:
            for stage in stages:
                self.engine.create(stage.name, self._inlined(parsed(stage.select)))
                self._inside[stage.name] = None
            yield statements
        finally:
            for stage in reversed(stages):
                if self._inside.pop(stage.name, stage) is None:
                    self.engine.drop(stage.name)

    def holds(self, names: Iterable[str]) -> bool:
        """Whether the engine keeps all these tables, beside those here."""
        return all(name in self._inside for name in names)

    def _see(self, name: str, body: str) -> None:
        qualified = name.lower()
        if qualified.startswith("book."):
            return  # what was brought; the engine reads it by its relation
        self._views[qualified] = body
        if any(read in self._away for read in self._names(body)):
            self._away.add(qualified)

    def _names(self, text: str) -> list[str]:
        return [match[0] for match in _QUALIFIED.finditer(text)]

    def _here(self, select: str, parameters: Any) -> str | None:
        """The SELECT, here, of what the engine answers; None where all that a statement reads was brought."""
        if not any(name in self._away for name in self._names(select)):
            return None
        tree = parsed(select)
        if not self._reads_away(tree):
            return None
        for mark, value in zip(list(tree.find_all(exp.Placeholder)), parameters or (), strict=False):
            mark.replace(exp.convert(value))
        if not self._reads_here(tree, tree):
            return self._brought(tree, self._shape(select, parameters))
        for part in list(tree.find_all(exp.Subquery)):
            if self._reads_away(part) and not self._reads_here(part, tree):
                # Beside results of ours: what lies in the engine is answered there, and joined here.
                inner = part.this.sql(dialect="duckdb")
                found = parsed(self._brought(part.this.copy(), self._shape(inner, None)))
                part.set("this", found)
        return tree.sql(dialect="duckdb")

    def _reads_away(self, tree: exp.Expr) -> bool:
        return any(_key(table) in self._away for table in tree.find_all(exp.Table))

    def _reads_here(self, tree: exp.Expr, whole: exp.Expr) -> bool:
        """Whether some relation is only here: neither of the book, nor named in the statement, nor held there."""
        named = {cte.alias for cte in whole.find_all(exp.CTE)} | set(self._inside)
        return any(not table.db and table.name not in named for table in tree.find_all(exp.Table))

    def _inlined(self, tree: exp.Query) -> exp.Query:
        """A statement behind the relations that it reads, each once, in place of the book's own names."""
        ordered: dict[str, exp.Query] = {}

        def put(query: exp.Query) -> exp.Query:
            for table in list(query.find_all(exp.Table)):
                key = _key(table)
                if key in self._views:
                    if _alias(key) not in ordered:
                        ordered[_alias(key)] = put(parsed(self._views[key]))
                    named = exp.to_table(_alias(key))
                    named.set("alias", table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name)))
                    named.set("joins", table.args.get("joins"))
                    table.replace(named)
            for number, inner in enumerate(query.find_all(exp.Subquery)):
                if not inner.alias and isinstance(inner.parent, exp.From | exp.Join):
                    inner.set("alias", exp.TableAlias(this=exp.to_identifier(f"unnamed_{number}")))
            return query

        tree = put(tree)
        own = list(tree.ctes)
        for name, relation in ordered.items():
            tree = tree.with_(name, as_=relation, copy=False)
        if own:
            behind = [cte for cte in tree.ctes if not any(cte is one for one in own)]
            tree.args["with_"].set("expressions", [*behind, *own])  # a relation stands before what reads it
        return tree

    def _shape(self, select: str, parameters: Any) -> list[tuple[str, str]]:
        """Names and types of the columns that DuckDB would give."""
        described = (
            self.local.execute(f"DESCRIBE {select}", parameters)
            if parameters
            else self.local.execute(f"DESCRIBE {select}")
        )
        return [(row[0], row[1]) for row in described.fetchall()]

    def _brought(self, tree: exp.Query, shape: list[tuple[str, str]]) -> str:
        """The SELECT, here, of what the engine answers to a statement over the book."""
        return self._shown(shape, lambda schema: self._answer(tree, schema))

    def _shown(self, shape: list[tuple[str, str]], rows: Callable[[pa.Schema], pa.Table]) -> str:
        """The SELECT, here, of rows of a shape."""
        casts = ", ".join(f"CAST(NULL AS {kind}) AS c{at}" for at, (_, kind) in enumerate(shape))
        schema = self.local.sql(f"SELECT {casts}").to_arrow_table().schema
        name = f"brought_{next(self._numbers)}"
        self.local.register(name, rows(schema))
        cells = ", ".join(f"CAST(c{at} AS {kind}) AS {_quoted(label)}" for at, (label, kind) in enumerate(shape))
        return f"SELECT {cells} FROM {name}"

    def _asked(self, tree: exp.Query, schema: pa.Schema) -> pa.Table:
        """What the engine gives."""
        return self.engine.arrow(tree, schema).read_all()

    def _answer(self, tree: exp.Query, schema: pa.Schema) -> pa.Table:
        """What the engine gives to a statement over the book, asked once as long as the load stands."""
        inlined = self._inlined(tree.copy())
        key = hashlib.sha256(inlined.sql(dialect="duckdb").encode()).hexdigest()[:24]
        file = self._kept / f"{key}.parquet" if self._kept and not self._reads_held(tree) else None
        if file is not None:
            with suppress(OSError, pa.ArrowException):
                return pq.read_table(file)
        if self.engine.dialect in INLINING:
            with self.stages([tree.sql(dialect="duckdb")]) as [left]:
                rows = self._asked(self._inlined(parsed(left)), schema)
        else:
            rows = self._asked(inlined, schema)
        if file is not None and rows.num_rows <= _KEPT_ROWS:
            with suppress(OSError):  # what cannot be kept is asked again
                file.parent.mkdir(exist_ok=True)
                unfinished = file.with_name(f".{key}-{uuid4().hex[:8]}")
                pq.write_table(rows, unfinished)
                unfinished.replace(file)
        return rows

    def _reads_held(self, tree: exp.Query) -> bool:
        """Whether a statement reads results of the moment, whose names say nothing of what they hold."""
        return any(not table.db and table.name in self._inside for table in tree.find_all(exp.Table))


def parsed(select: str) -> exp.Query:
    """The tree of one SELECT in DuckDB's dialect."""
    tree = sqlglot.parse_one(select, read="duckdb")
    if isinstance(tree, exp.Subquery):
        tree = tree.unnest()
    if not isinstance(tree, exp.Query):
        raise ValueError(f"not a SELECT: {select[:80]}")
    return tree


@contextmanager
def staged(connection: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> Iterator[list[str]]:
    """What is left of statements while a company's engine holds what they read more than once; elsewhere themselves."""
    if isinstance(connection, Routed):
        with connection.stages(statements) as left:
            yield left
    else:
        yield list(statements)


def make_table(
    connection: duckdb.DuckDBPyConnection, name: str, select: str, *, held: bool = False, left: str = ""
) -> None:
    """Make a table of results by a statement over the book: in the company's engine where the book lies in one.

    ``held`` results stay there too, where that is permitted, for the statements that read them next; ``left`` is what
    ``staged`` leaves of the statement.
    """
    if isinstance(connection, Routed):
        connection.make(name, select, held=held, left=left)
    else:
        connection.execute(f"CREATE TABLE {name} AS {select}")


def holds(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> bool:
    """Whether the engine behind a connection holds all these results."""
    return isinstance(connection, Routed) and connection.holds(names)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _key(table: exp.Table) -> str:
    return f"{table.db}.{table.name}".lower() if table.db in _SCHEMAS and not table.catalog else ""


def _alias(key: str) -> str:
    return key.replace(".", "_")
