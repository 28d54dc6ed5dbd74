"""SQL expressions of a mapping: guarded, so that a bad row spoils only itself; refused where they look beyond it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from upcross.book import cells


def enclosed(expression: str) -> str:
    """An expression in brackets; the line break ends a comment that it may end with."""
    return f"({expression}\n)"


def attempt(expression: str, kind: str = "") -> str:
    """SQL of an expression's value as text: '' where it is null, NULL where it cannot be computed on the row.

    ``kind`` is the expression's type as the engine names it, where known.
    """
    text = f"CAST({expression} AS VARCHAR)"
    if kind in ("DOUBLE", "FLOAT"):
        # 1e-05 is no plain number; as a decimal its digits are the same.
        plain = f"CAST(CAST({expression} AS DECIMAL(38, 12)) AS VARCHAR)"
        text = f"CASE WHEN {text} LIKE '%e%' THEN {plain} ELSE {text} END"
    return f"TRY(coalesce({text}, ''))"


def misuse(expression: str) -> str:
    """Why an expression is not one value a row, or an empty text; what cannot be parsed is left to the engine."""
    try:
        parsed = [
            tree for tree in sqlglot.parse(f"SELECT {enclosed(expression)}", dialect="duckdb") if tree is not None
        ]
    except SqlglotError:
        return ""
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Select):
        return "more than one statement; give one expression"
    if parsed[0].find(exp.From):
        return "a query inside an expression; give one value a row"
    if parsed[0].find(exp.Window, exp.AggFunc):
        return "aggregates and windows look at other rows; give one value a row"
    return ""


def shown_cells(expression: str, columns: Sequence[str]) -> str:
    """SQL of the cells from which an expression is computed, as a person is shown them."""
    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb")
    except SqlglotError:
        return "''"
    known = {column.casefold(): column for column in columns}
    found = (known.get(node.name.casefold()) for node in tree.find_all(exp.Column))
    used = [column for column in dict.fromkeys(found) if column is not None]
    if len(used) == 1:
        return cells.name(used[0])
    shown = ", ".join(f"{cells.quote(column + '=')} || coalesce({cells.name(column)}, '')" for column in used)
    return f"concat_ws(' ', {shown})" if used else "''"
