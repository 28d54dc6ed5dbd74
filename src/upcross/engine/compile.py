"""From a model's text to a statement: macros put in as literals, models composed as common table expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from upcross.errors import Place, ProjectError, Severity, issue_code
from upcross.periods import days_before

SQL_SYNTAX = issue_code("sql-syntax", Severity.ERROR, "A signal model's SQL cannot be parsed.")
MACRO_UNKNOWN = issue_code("sql-macro-unknown", Severity.ERROR, "A signal model uses a macro that does not exist.")

_MACRO = re.compile(r"@(\w+)(?:\(\s*(\d+)\s*\))?")


def expand_macros(sql: str, as_of: date, file: str, first_line: int = 1) -> str:
    """The text with ``@as_of`` and ``@days_before(n)`` put in as date literals; nothing else is a macro."""

    def literal(match: re.Match[str]) -> str:
        name, argument = match.groups()
        if name == "as_of" and argument is None:
            return f"DATE '{as_of}'"
        if name == "days_before" and argument is not None:
            return f"DATE '{days_before(as_of, int(argument))}'"
        line = first_line + sql.count("\n", 0, match.start())
        raise ProjectError(
            MACRO_UNKNOWN.at(
                Place(file, line), f"unknown macro {match.group(0)}", expected="@as_of or @days_before(n)",
                hint="everything else a model reads must be a contract table or another model",
            )
        )  # fmt: skip

    return _MACRO.sub(literal, sql)


def parse_query(sql: str, file: str, first_line: int = 1) -> exp.Query:
    """One SELECT parsed from text; ``ProjectError`` with file and line where it is not one."""
    try:
        statements = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    except ParseError as error:
        fault = error.errors[0] if error.errors else {}
        place = Place(file, first_line + int(fault.get("line") or 1) - 1, fault.get("col"))
        raise ProjectError(
            SQL_SYNTAX.at(place, str(fault.get("description") or error).rstrip("."),
                          hint=f"near: {str(fault.get('highlight') or '').strip()}")
        ) from error  # fmt: skip
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ProjectError(
            SQL_SYNTAX.at(Place(file, first_line), f"holds {len(statements)} statements or none that selects",
                          expected="exactly one SELECT", hint="move the rest into models of their own")
        )  # fmt: skip
    return statements[0]


def tables_read(query: exp.Query) -> list[str]:
    """Names of the relations that a query reads from outside itself, in order of first use."""
    own = {cte.alias_or_name for cte in query.find_all(exp.CTE)}
    names = dict.fromkeys(table.name for table in query.find_all(exp.Table) if not table.db)
    return [name for name in names if name not in own]


def compose(
    query: exp.Select, reads: Callable[[str], Iterable[str]], relation: Callable[[str], exp.Query]
) -> exp.Select:
    """A query with everything it reads, directly or not, as common table expressions before it, each once.

    ``reads`` names what a relation reads; ``relation`` gives its query. The graph must be acyclic.
    """
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for inner in reads(name):
                visit(inner)
            ordered[name] = None

    for name in tables_read(query):
        visit(name)
    composed = query.copy()
    existing = composed.args.pop("with_", None)
    ctes = [
        exp.CTE(this=relation(name).copy(), alias=exp.TableAlias(this=exp.to_identifier(name))) for name in ordered
    ]
    if existing is not None:
        ctes.extend(existing.expressions)
    if ctes:
        composed.set("with_", exp.With(expressions=ctes))
    return composed


def values_relation(columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> exp.Select:
    """A relation of literal rows: ``columns`` maps names to DuckDB types; dates, numbers, text and None are literal."""
    names = list(columns)
    selects: list[exp.Select] = []
    for row in rows:
        cells = [
            exp.alias_(exp.cast(_literal(value), columns[name]), name) for name, value in zip(names, row, strict=True)
        ]
        selects.append(exp.select(*cells))
    if not selects:
        cells = [exp.alias_(exp.cast(exp.null(), columns[name]), name) for name in names]
        return exp.select(*cells).where(exp.false())
    query: exp.Query = selects[0]
    for select in selects[1:]:
        query = exp.union(query, select, distinct=False, copy=False)
    return exp.select(*names).from_(query.subquery("literal_rows"))


def _literal(value: object) -> exp.Expression:
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, int):
        return exp.Literal.number(value)
    return exp.Literal.string(str(value))
