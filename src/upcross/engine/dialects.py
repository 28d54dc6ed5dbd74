"""The dialects in which a statement can be printed: one text, written in DuckDB's, and SQLGlot for the others.

SQLGlot translates syntax, and leaves some meanings behind without saying so. What it leaves, for the constructs of the
portable subset, is put right here: in the tree, before it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp

from upcross.engine.printers import printed
from upcross.engine.trees import uncollected
from upcross.errors import UsageError, suggest

DIALECTS = ("duckdb", "postgres", "spark", "databricks", "snowflake", "bigquery", "trino")
"""Dialects in which statements are printed. On the first three they are executed in tests, too."""


def render(statement: str | exp.Expr, dialect: str = "duckdb", *, pretty: bool = False) -> str:
    """A statement as text in a dialect; ``UsageError`` for a dialect that is not known.

    Nothing is optimised: text in DuckDB's dialect comes back as it stands. What a dialect cannot say raises SQLGlot's
    ``UnsupportedError``.
    """
    if dialect not in DIALECTS:
        raise UsageError(f"unknown dialect '{dialect}'; known: {', '.join(DIALECTS)}. {suggest(dialect, DIALECTS)}")
    with uncollected():
        if isinstance(statement, str):
            if dialect == "duckdb":
                return statement
            *named, (_, last) = [(name, _translated(text, dialect, pretty)) for name, text in relations(statement)]
        else:
            # Printing changes a tree; copying one that was built costs less than parsing its text.
            tree = statement.copy()
            if dialect == "duckdb":
                return tree.sql(dialect=dialect, pretty=pretty, copy=False)
            named = [(name, _printed(part, dialect, pretty)) for name, part in _taken_out(tree)]
            last = _printed(tree, dialect, pretty)
    final = last.lstrip()
    if not named:
        return final
    listed = ",\n".join(f"{name} AS (\n{text}\n)" for name, text in named)
    # What stood in brackets with relations of its own may come back with these at its top: one list then.
    return f"WITH {listed},\n{final[5:]}" if final[:5].upper() == "WITH " else f"WITH {listed}\n{final}"


def relations(statement: str) -> Iterator[tuple[str, str]]:
    """The common table expressions with which a statement begins, by name, and at last, without one, its SELECT.

    Statements share most of what they read: each relation is printed for itself, and once. Printed whole, a statement
    for Spark would also have the inner expressions of all its relations moved to its top, where their names collide.
    """
    depth = begins = ends = 0
    name = ""
    for found in _BRACKETS.finditer(statement):
        if found[0] == "(":
            if depth == 0:
                head = _HEAD.fullmatch(statement, ends, found.start())
                if head is None:
                    break
                name, begins = head[1], found.end()
            depth += 1
        elif found[0] == ")":
            depth -= 1
            if depth == 0:
                yield name, statement[begins : found.start()]
                ends = found.end()
    yield "", statement[ends:]


_BRACKETS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|[()]", re.DOTALL)
_HEAD = re.compile(r"\s*(?:WITH|,)\s+(\w+)\s+AS\s*", re.IGNORECASE)


def _taken_out(tree: exp.Expr) -> list[tuple[str, exp.Expr]]:
    """The common table expressions with which a tree begins, by name, which it then lacks; like ``relations``."""
    ctes = tree.args["with_"].expressions if tree.args.get("with_") else []
    if not ctes or any(cte.args["alias"].columns for cte in ctes):
        return []
    tree.set("with_", None)
    return [(cte.alias, cte.this.pop()) for cte in ctes]


@lru_cache(maxsize=4096)
def _translated(text: str, dialect: str, pretty: bool) -> str:
    return _printed(sqlglot.parse_one(text, read="duckdb"), dialect, pretty)


def _printed(tree: exp.Expr, dialect: str, pretty: bool) -> str:
    corrections = _CORRECTIONS.get(dialect, {})
    nodes = list(tree.walk())
    kinds = {type(node) for node in nodes}
    if not kinds.isdisjoint(corrections):
        for node in reversed(nodes):  # what is inside comes first
            correct = corrections.get(type(node))
            if correct is not None:
                correct(node)
    return printed(tree, kinds, dialect, pretty)


Correction = Callable[[exp.Expr], object]
"""Puts right one node of a tree, where it stands."""


def _days_added(node: exp.Expr) -> None:
    """``CAST(d + INTERVAL 5 DAY AS DATE)`` by the engine's own function: not every engine adds intervals alike."""
    added = node.this.unnest()
    if not isinstance(added, exp.Add | exp.Sub) or not node.is_type(exp.DType.DATE):
        return
    length = added.expression
    if isinstance(length, exp.Interval) and str(length.unit).upper() in ("DAY", "DAYS"):
        days = int(length.this.name) * (-1 if isinstance(added, exp.Sub) else 1)
        node.set("this", exp.DateAdd(this=added.this, expression=exp.Literal.number(days), unit=exp.var("DAY")))


def _days_between(node: exp.Expr) -> None:
    """Days between two dates, counted as dates: with a unit, Spark counts hours of the session's time zone."""
    counted = exp.Anonymous(this="DATEDIFF", expressions=[node.this, node.expression])
    node.replace(exp.cast(counted, exp.DType.BIGINT))


def _whole_division_by_rest(node: exp.Expr) -> None:
    """What remains is taken off before dividing: Snowflake rounds a quotient to six places, up to the next number."""
    dividend, divisor = node.this, node.expression
    rest = exp.Mod(this=dividend.copy(), expression=divisor.copy())
    whole = exp.Div(this=exp.paren(exp.Sub(this=dividend, expression=rest)), expression=divisor)
    node.replace(exp.cast(whole, exp.DType.BIGINT))


def _whole_division(node: exp.Expr) -> None:
    """Integers divided as integers, which Trino does exactly; by way of a DOUBLE, large ones would lose digits."""
    dividend, divisor = exp.cast(node.this, exp.DType.BIGINT), exp.cast(node.expression, exp.DType.BIGINT)
    node.replace(exp.paren(exp.Div(this=dividend, expression=divisor, typed=True), copy=False))


def _nulls_last(node: exp.Expr) -> None:
    """BigQuery's windows know no NULLS LAST: absence is ordered by first. Aggregates of text hold no null."""
    within = node.find_ancestor(exp.Window, exp.GroupConcat, exp.Select)
    if node.args.get("desc") or node.args.get("nulls_first") or isinstance(within, exp.Select):
        return
    if isinstance(within, exp.GroupConcat):
        node.set("nulls_first", True)
        return
    order = node.parent
    assert isinstance(order, exp.Order)
    absent = exp.Ordered(this=exp.Is(this=node.this.copy(), expression=exp.Null()), nulls_first=True)
    node.set("nulls_first", True)
    position = order.expressions.index(node)
    order.set("expressions", [*order.expressions[:position], absent, *order.expressions[position:]])


def _decimal_places(node: exp.Expr) -> None:
    """BigQuery's NUMERIC has nine places whatever is asked for: those of the type are kept by rounding."""
    kind = node.args["to"]
    if kind.is_type(exp.DType.DECIMAL) and kind.expressions and not isinstance(node.this, exp.Null):
        scale = kind.expressions[1].name if len(kind.expressions) > 1 else "0"
        if int(scale) < 9 and node.parent:
            kind.set("expressions", None)
            node.replace(exp.Round(this=node.copy(), decimals=exp.Literal.number(scale)))


def _numeric(node: exp.Expr) -> None:
    _days_added(node)
    _decimal_places(node)


def _exact_number(node: exp.Expr) -> None:
    """A number with a point is exact everywhere but in BigQuery, where it would make everything around it a float."""
    if not node.args.get("is_string") and "." in node.name:
        node.replace(exp.cast(exp.Literal.string(node.name), exp.DType.DECIMAL))


def _from_something(node: exp.Expr) -> None:
    """BigQuery filters nothing but a relation."""
    if node.args.get("where") and not node.args.get("from_"):
        one = exp.select(exp.alias_(exp.Literal.number(1), "one")).subquery("one")
        node.set("from_", exp.From(this=one))


def _bracketed(node: exp.Expr) -> None:
    """BigQuery wants brackets where UNION and UNION ALL follow each other."""
    before = node.this
    if isinstance(before, exp.Union) and before.args.get("distinct") != node.args.get("distinct"):
        node.set("this", exp.Subquery(this=before))


def _named(node: exp.Expr) -> None:
    """PostgreSQL before 16 wants a name for every subquery that is read from."""
    if isinstance(node.parent, exp.From | exp.Join) and not node.alias:
        node.set("alias", exp.TableAlias(this=exp.to_identifier("inner_rows")))


def _extracted(node: exp.Expr) -> None:
    """PostgreSQL's SUBSTRING gives what an expression's first group holds, and null where DuckDB gives no letter."""
    text, pattern, group = node.this, node.expression, node.args.get("group")
    if group is not None and group.name == "1":
        found = exp.Anonymous(this="SUBSTRING", expressions=[text, pattern])
        none = exp.Left(this=text.copy(), expression=exp.Literal.number(0))
        node.replace(exp.Coalesce(this=found, expressions=[none]))


_DATES: Mapping[type[exp.Expr], Correction] = {exp.Cast: _days_added}
_SPARK: Mapping[type[exp.Expr], Correction] = {**_DATES, exp.DateDiff: _days_between}
_CORRECTIONS: Mapping[str, Mapping[type[exp.Expr], Correction]] = {
    "postgres": {exp.Subquery: _named, exp.RegexpExtract: _extracted},
    "spark": _SPARK,
    "databricks": _SPARK,
    "snowflake": {**_DATES, exp.IntDiv: _whole_division_by_rest},
    "trino": {**_DATES, exp.IntDiv: _whole_division},
    "bigquery": {
        exp.Cast: _numeric,
        exp.Ordered: _nulls_last,
        exp.Literal: _exact_number,
        exp.Select: _from_something,
        exp.Union: _bracketed,
    },
}
