"""The portable subset of SQL in which signal models are written, and the linter that holds them to it.

Everything outside the list is refused, with what to write instead: SQLGlot translates syntax, not meaning, and the
constructs below mean different things on different engines without anybody saying so.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from upcross.errors import Issue, Place, Severity, issue_code

NOT_PORTABLE = issue_code(
    "sql-not-portable", Severity.ERROR, "A signal model uses SQL that does not mean the same on every engine."
)

ALLOWED: frozenset[type[exp.Expr]] = frozenset((
    # queries
    exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered,
    exp.Subquery, exp.Union, exp.With, exp.CTE, exp.Table, exp.TableAlias, exp.Alias, exp.Star, exp.Distinct,
    exp.Values, exp.Tuple, exp.Exists, exp.Paren,
    # names and values
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Cast, exp.DataType, exp.DataTypeParam,
    exp.Interval, exp.Var,
    # logic and arithmetic
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
    exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg,
    exp.Floor, exp.Ceil, exp.Abs, exp.DateDiff, exp.DPipe, exp.Lower, exp.Upper, exp.Like,
    # aggregates and windows
    exp.Count, exp.Sum, exp.Min, exp.Max, exp.Filter, exp.LogicalOr, exp.LogicalAnd, exp.Window, exp.WindowSpec,
    exp.RowNumber, exp.Lag, exp.Lead,
))  # fmt: skip
"""The kinds of nodes of which a portable statement is made."""

_INSTEAD: dict[type[exp.Expr], str] = {
    exp.Avg: "write CAST(SUM(x) AS DOUBLE) / COUNT(x): averages differ in type and in the last digit",
    exp.Round: "do not round: use FLOOR or CEIL; rounding for people happens on display",
    exp.PercentileCont: "quantiles are approximate on some engines: count with CASE, or rank with ROW_NUMBER()",
    exp.PercentileDisc: "quantiles are approximate on some engines: count with CASE, or rank with ROW_NUMBER()",
    exp.Quantile: "quantiles are approximate on some engines: count with CASE, or rank with ROW_NUMBER()",
    exp.Median: "quantiles are approximate on some engines: rank with ROW_NUMBER()",
    exp.ArgMax: "use ROW_NUMBER() OVER (… ORDER BY …) and keep the first row",
    exp.ArgMin: "use ROW_NUMBER() OVER (… ORDER BY …) and keep the first row",
    exp.Greatest: "nulls are treated differently: write CASE WHEN a > b THEN a ELSE b END over COALESCEd values",
    exp.Least: "nulls are treated differently: write CASE WHEN a < b THEN a ELSE b END over COALESCEd values",
    exp.TimestampTrunc: "join the built-in relation months(month_start, month_end, months_ago)",
    exp.DateTrunc: "join the built-in relation months(month_start, month_end, months_ago)",
    exp.CurrentDate: "use @as_of: a signal must not know what day it is",
    exp.CurrentTimestamp: "use @as_of: a signal must not know what day it is",
    exp.GroupConcat: "order of text aggregates differs: return rows, or the first by ROW_NUMBER()",
    exp.ArrayAgg: "lists are not portable: return rows, or the first by ROW_NUMBER()",
    exp.List: "lists are not portable: return rows, or the first by ROW_NUMBER()",
    exp.Lambda: "lambdas are not portable: write a CASE, or a join",
    exp.Unnest: "lists are not portable: join a table of rows",
    exp.Explode: "lists are not portable: join a table of rows",
    exp.RegrSlope: "floating sums depend on thread order: write the slope from exact integer sums, one division",
    exp.TryCast: "cast when loading, where a bad value can be reported; signal models read typed columns",
    exp.Limit: "a signal describes every row: rank with ROW_NUMBER() and filter",
    exp.Rand: "a signal must give the same answer twice",
}

_INTERVAL_PARENTS = (exp.Add, exp.Sub)


def lint_sql(query: exp.Expr, file: str, first_line: int = 1, text: str = "") -> list[Issue]:
    """Everything in a query that is outside the portable subset, each with file, line and what to write instead.

    ``first_line`` is the line of the file on which the query's ``text`` begins; the text finds the line of keywords
    that the parsed tree does not place.
    """
    return list(_faults(query, _Places(file, first_line, text)))


def _faults(query: exp.Expr, places: _Places) -> Iterator[Issue]:
    for node in query.walk():
        where = places.of(node)
        if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
            yield NOT_PORTABLE.at(
                where, f"the function {node.name.upper()} is not in the portable subset",
                hint="write it with CASE, COALESCE, arithmetic and the aggregates COUNT, SUM, MIN, MAX",
            )  # fmt: skip
        elif type(node) not in ALLOWED:
            yield NOT_PORTABLE.at(where, f"{_shown(node)} is not in the portable subset", hint=_instead(node))
        elif isinstance(node, exp.Table) and (node.db or node.catalog):
            yield NOT_PORTABLE.at(
                where,
                f"{node.sql(dialect='duckdb')} reads past the snapshot",
                hint=f"write {node.name}: models read tables as they were known on the day, and nothing else",
            )
        elif isinstance(node, exp.Group) and (node.args.get("all") or node.args.get("rollup") or node.args.get("cube")):
            yield NOT_PORTABLE.at(where, "GROUP BY ALL, ROLLUP or CUBE", hint="name the columns that are grouped by")
        elif isinstance(node, exp.Distinct) and node.args.get("on"):
            yield NOT_PORTABLE.at(where, "DISTINCT ON", hint="rank with ROW_NUMBER() and keep the first row")
        elif isinstance(node, exp.Join) and (node.method or "").upper() in ("ASOF", "NATURAL", "POSITIONAL"):
            yield NOT_PORTABLE.at(
                where, f"{node.method} JOIN is not in the portable subset",
                hint="join on an interval: valid_from <= day AND (valid_until IS NULL OR valid_until > day)",
            )  # fmt: skip
        elif isinstance(node, exp.Join) and node.side and not _equates(node):
            yield NOT_PORTABLE.at(
                where, f"a {node.side} JOIN without an equality of both its sides",
                hint="not every engine can: find the pairs by an INNER JOIN first, and join them by a key",
            )  # fmt: skip
        elif isinstance(node, exp.Interval):
            cast = node.find_ancestor(exp.Cast)
            if not isinstance(node.parent, _INTERVAL_PARENTS) or cast is None or not cast.is_type("date"):
                yield NOT_PORTABLE.at(
                    where, "an interval outside CAST(date + INTERVAL n DAY AS DATE)",
                    hint="write CAST(d + INTERVAL 5 DAY AS DATE), or @days_before(n), or DATE_DIFF('day', a, b)",
                )  # fmt: skip
            elif not isinstance(node.this, exp.Literal):
                yield NOT_PORTABLE.at(
                    where, "an interval whose length is a column",
                    hint="not every engine multiplies intervals: compare DATE_DIFF('day', a, b) with the column",
                )  # fmt: skip
        elif isinstance(node, exp.DateDiff) and str(node.args.get("unit") or "DAY").upper() not in ("DAY", "'DAY'"):
            yield NOT_PORTABLE.at(
                where, "DATE_DIFF in another unit than days",
                hint="engines count borders of months and years differently: use days, or the relation months",
            )  # fmt: skip


def _equates(join: exp.Join) -> bool:
    """Whether an outer join's condition says, with others or alone, that something of its own equals something else."""
    own, on = join.alias_or_name, join.args.get("on")
    for part in on.flatten() if isinstance(on, exp.And) else [on]:
        if isinstance(part, exp.EQ):
            sides = [{column.table for column in side.find_all(exp.Column)} for side in (part.this, part.expression)]
            if {own} in sides and any(side and own not in side for side in sides):
                return True
    return bool(join.args.get("using"))


def _instead(node: exp.Expr) -> str:
    for kind, advice in _INSTEAD.items():
        if isinstance(node, kind):
            return advice
    return "write it with joins, CASE, COALESCE, ROW_NUMBER() and the aggregates COUNT, SUM, MIN, MAX"


def _shown(node: exp.Expr) -> str:
    return node.sql_name() if isinstance(node, exp.Func) else node.key.upper().replace("_", " ")


_KEYWORDS: dict[type[exp.Expr], str] = {
    exp.CurrentDate: "CURRENT_DATE",
    exp.CurrentTimestamp: "CURRENT_TIMESTAMP",
    exp.Interval: "INTERVAL",
    exp.Limit: "LIMIT",
    exp.Rand: "RANDOM",
    exp.Group: "GROUP",
}


class _Places:
    """Where nodes stand in a file: by their own tokens, else by their keyword's next place in the text."""

    def __init__(self, file: str, first_line: int, text: str) -> None:
        self.file, self.first_line, self.text = file, first_line, text
        self.found: dict[str, int] = {}

    def of(self, node: exp.Expr) -> Place:
        keyword = _KEYWORDS.get(type(node))
        at = -1
        if keyword:
            at = self.text.upper().find(keyword, self.found.get(keyword, -1) + 1)
        if keyword and at >= 0:
            self.found[keyword] = at
            return Place(file=self.file, line=self.first_line + self.text.count("\n", 0, at))
        for candidate in (node, *node.walk()):
            line = candidate.meta.get("line")
            if line is not None:
                return Place(file=self.file, line=self.first_line + int(line) - 1)
        return Place(file=self.file, line=self.first_line)
