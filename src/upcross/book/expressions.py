"""SQL expressions of a mapping: guarded, so that a bad row spoils only itself; refused where they look beyond it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from upcross.book import cells
from upcross.engine.compile import text_literal


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


def columns_used(expression: str, columns: Iterable[str]) -> list[str]:
    """Those of the columns that an expression names; none where it cannot be parsed."""
    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb")
    except SqlglotError:
        return []
    known = {column.casefold(): column for column in columns}
    found = (known.get(node.name.casefold()) for node in tree.find_all(exp.Column))
    return [column for column in dict.fromkeys(found) if column is not None]


def with_numbers(expression: str, whole: Container[str]) -> str:
    """The expression with each text cell that it reckons with, or compares with a number, cast to a number.

    ``whole`` are the columns of whole numbers; the others become decimals. Unchanged where there is nothing to cast.
    """
    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb")
    except SqlglotError:
        return expression

    def cast(node: exp.Expression) -> exp.Expression:
        parent = node.parent
        compared = isinstance(parent, exp.Predicate) and any(
            isinstance(side, exp.Literal) and not side.is_string for side in parent.args.values()
        )
        if isinstance(node, exp.Column) and (compared or isinstance(parent, _RECKONING)):
            kind = exp.DataType.build("INT" if node.name in whole else "DECIMAL(18, 4)", dialect="duckdb")
            return exp.Cast(this=node.copy(), to=kind)
        return node

    changed = tree.transform(cast)
    return expression if changed == tree else changed.sql(dialect="duckdb")


_RECKONING = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Abs, exp.Round, exp.Floor, exp.Ceil)


def shown_cells(expression: str, columns: Sequence[str]) -> str:
    """SQL of the cells from which an expression is computed, as a person is shown them."""
    used = columns_used(expression, columns)
    if len(used) == 1:
        return cells.name(used[0])
    shown = ", ".join(f"{text_literal(column + '=')} || coalesce({cells.name(column)}, '')" for column in used)
    return f"concat_ws(' ', {shown})" if used else "''"
