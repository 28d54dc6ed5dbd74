"""From a model's text to a statement: macros put in as literals, relations composed as common table expressions.

Statements are composed as text in DuckDB's dialect, so that what a person reads is what runs; every other dialect is
printed from that text by SQLGlot.
"""

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

_MACRO = re.compile(
    r"(?P<left>'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/)|@(?P<name>\w+)(?:\(\s*(?P<argument>\d+)\s*\))?", re.DOTALL
)


def expand_macros(sql: str, as_of: date, file: str, first_line: int = 1) -> str:
    """The text with ``@as_of`` and ``@days_before(n)`` put in as date literals; nothing else is a macro."""

    def literal(match: re.Match[str]) -> str:
        if match["left"] is not None:  # quoted text and comments are left as they stand
            return match[0]
        name, argument = match["name"], match["argument"]
        if name == "as_of" and argument is None:
            return f"DATE '{as_of}'"
        if name == "days_before" and argument is not None:
            return f"DATE '{days_before(as_of, int(argument))}'"
        line = first_line + sql.count("\n", 0, match.start())
        raise ProjectError(
            MACRO_UNKNOWN.at(
                Place(file, line),
                f"unknown macro {match.group(0)}",
                expected="@as_of or @days_before(n)",
                hint="everything else a model reads must be a contract table or another model",
            )
        )

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
    """Names of the relations that a query reads from outside itself, each once."""
    own = {cte.alias_or_name for cte in query.find_all(exp.CTE)}
    names = dict.fromkeys(table.name for table in query.find_all(exp.Table) if not table.db)
    return [name for name in names if name not in own]


def compose(
    sql: str, names: Iterable[str], reads: Callable[[str], Iterable[str]], relation: Callable[[str], str]
) -> str:
    """A SELECT (without common table expressions of its own) behind everything that it reads, directly or not.

    ``names`` are the relations that it reads, ``reads`` names what a relation reads, and ``relation`` gives its
    text. Each stands once, after what it reads; the graph must be acyclic.
    """
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for inner in reads(name):
                visit(inner)
            ordered[name] = None

    for name in names:
        visit(name)
    if not ordered:
        return sql
    listed = ",\n".join(f"{name} AS (\n{relation(name).strip()}\n)" for name in ordered)
    return f"WITH {listed}\n{sql}"


def beneath(name: str, sql: str, select: str) -> str:
    """A SELECT that begins with common table expressions, with one more relation put before them."""
    head, _, rest = select.partition(" ")
    if head.upper() != "WITH":
        return f"WITH {name} AS (\n{sql}\n)\n{select}"
    return f"WITH {name} AS (\n{sql}\n), {rest}"


def values_relation(columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> str:
    """A relation of literal rows: ``columns`` maps names to DuckDB types; no row makes an empty relation."""
    selects = [
        "SELECT " + ", ".join(
            f"CAST({_literal(value)} AS {columns[name]}) AS {name}" for name, value in zip(columns, row, strict=True)
        )
        for row in rows
    ]  # fmt: skip
    if selects:
        return "\nUNION ALL\n".join(selects)
    return "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items()) + " WHERE FALSE"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    return text_literal(str(value))


def text_literal(text: str) -> str:
    """Text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
