"""Trees as text: SQLGlot's own printing, without its searches for what the portable subset does not have.

For most engines SQLGlot looks through all that is inside a SELECT for lists to be unfolded, anew for every SELECT in
another, and parses the name of a type before it prints a cast. Where a tree is portable that was two thirds of the
printing, and the text is the same without.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache

from sqlglot import ErrorLevel, exp, transforms
from sqlglot.dialects.dialect import Dialect
from sqlglot.generator import Generator

from upcross.engine.portable import ALLOWED

_Printing = Callable[[Generator, exp.Expr], str]
_STEPS: Mapping[str, list[Callable[[exp.Expr], exp.Expr]]] = {
    "spark": [transforms.eliminate_qualify, transforms.eliminate_distinct_on],
    "databricks": [transforms.eliminate_distinct_on],
    "snowflake": [
        transforms.eliminate_window_clause, transforms.eliminate_distinct_on, transforms.eliminate_semi_and_anti_joins,
    ],
    "bigquery": [transforms.eliminate_distinct_on, transforms.eliminate_semi_and_anti_joins],
    "trino": [
        transforms.eliminate_qualify, transforms.eliminate_distinct_on, transforms.eliminate_semi_and_anti_joins,
    ],
}  # fmt: skip
"""What SQLGlot does to a portable SELECT before it prints it: its own steps, without those for lists."""


def printed(tree: exp.Expr, kinds: Collection[type[exp.Expr]], dialect: str, pretty: bool) -> str:
    """A tree, which is spent, as text in a dialect; ``kinds`` are the kinds of its nodes.

    Raises SQLGlot's ``UnsupportedError`` where the dialect cannot say it.
    """
    generator = Dialect.get_or_raise(dialect).generator(
        pretty=pretty, comments=False, unsupported_level=ErrorLevel.RAISE
    )
    if dialect in _STEPS and ALLOWED.issuperset(kinds) and hasattr(generator, "_dispatch"):  # else its own way
        generator._dispatch = _dispatch(dialect)
    return generator.generate(tree, copy=False)


@cache
def _dispatch(dialect: str) -> dict[type[exp.Expr], _Printing]:
    """How each kind of node is printed in a portable tree. The compiled SQLGlot has no generators to inherit from."""
    own: dict[type[exp.Expr], _Printing] = dict(Dialect.get_or_raise(dialect).generator()._dispatch)
    select, typed, step_by_step = own[exp.Select], own[exp.DataType], transforms.preprocess(_STEPS[dialect])
    names: dict[exp.DType, str] = {}

    def print_select(generator: Generator, node: exp.Expr) -> str:
        ordered_groups = node.args.get("group") and node.args.get("order")  # BigQuery orders them by other names
        return (select if ordered_groups else step_by_step)(generator, node)

    def print_type(generator: Generator, node: exp.Expr) -> str:
        if not _plain(node):
            return typed(generator, node)
        kind = node.args["this"]
        return names[kind] if kind in names else names.setdefault(kind, typed(generator, node))

    printing = own | {exp.Select: print_select, exp.DataType: print_type}
    if dialect in ("spark", "databricks"):
        cast = own[exp.Cast]

        def print_cast(generator: Generator, node: exp.Expr) -> str:
            assert isinstance(node, exp.Cast)
            return Generator.cast_sql(generator, node) if _plain(node.to) else cast(generator, node)

        printing[exp.Cast] = print_cast
    return printing


def _plain(kind: exp.Expr) -> bool:
    """Whether a type is one of those that need no more than their name."""
    return kind.args["this"] in _PLAIN_TYPES and not (kind.args.get("nested") or kind.args.get("expressions"))


_PLAIN_TYPES = frozenset(
    {exp.DType.BIGINT, exp.DType.INT, exp.DType.DOUBLE, exp.DType.DATE, exp.DType.VARCHAR, exp.DType.TEXT,
     exp.DType.BOOLEAN}
)  # fmt: skip
