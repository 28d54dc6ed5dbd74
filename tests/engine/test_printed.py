"""What is printed for engines that no test runs: it parses there, and holds nothing that means something else there."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import sqlglot
import sqloxide
from proofs import checked, judged, moved
from sliced import written
from sqlfluff.core import FluffConfig, Linter
from sqlglot import ErrorLevel, exp
from sqlglot.errors import ParseError

from contract_book import AS_OF as MOVED_ON
from contract_book import eventful, models
from rich_book import rich_book
from upcross.engine import printers
from upcross.engine.compile import compose
from upcross.engine.dialects import DIALECTS, relations, render
from upcross.engine.stages import in_stages
from upcross.errors import UsageError
from upcross.plays.library import load_library
from upcross.plays.verdicts import compile_verdicts
from upcross.runs import Evaluation
from upcross.signals.frame import Frame
from upcross.signals.model import Scope

AS_OF = date(2026, 3, 31)
PRINTED = [dialect for dialect in DIALECTS if dialect != "duckdb"]
GOLDEN = Path(__file__).parent / "golden"

CONSTRUCTS = {
    "whole division": "SELECT a // b AS x, CAST(c AS BIGINT) // 7 * 7 // 30 AS y, (a + b) // 2 AS z, a % b AS r FROM t",
    "a ratio": "SELECT CAST(a AS DOUBLE) / NULLIF(CAST(b AS DOUBLE), 0) AS ratio FROM t",
    "days added": "SELECT CAST(d + INTERVAL 5 DAY AS DATE) AS x, CAST(d - INTERVAL 1 DAY AS DATE) AS y FROM t",
    "days between": "SELECT DATE_DIFF('day', a, DATE '2026-01-31') AS days FROM t WHERE d <= DATE '2026-01-31'",
    "the place of nulls": "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST, c) AS n,"
    " LEAD(x) OVER (PARTITION BY a ORDER BY b, c DESC) AS l FROM t ORDER BY a",
    "sums so far": "SELECT SUM(x) OVER (PARTITION BY a ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    " AS s, MAX(x) OVER (PARTITION BY a ORDER BY b) AS m FROM t",
    "the first of each": "SELECT * FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) = 1",
    "some and all": "SELECT BOOL_OR(a > 1) AS b, BOOL_AND(x) AS c, COUNT(*) FILTER (WHERE x) AS f,"
    " COUNT(DISTINCT a) FILTER (WHERE b) AS g FROM t GROUP BY q",
    "decimals": "SELECT CAST(x AS DECIMAL(18, 4)) AS y, FLOOR(CAST(c AS DECIMAL(18, 0)) * 0.0001 + 0.5) AS z FROM t",
    "text": "SELECT CAST(a AS VARCHAR) || ' it''s \\ ' || b AS w, LOWER(a) AS l FROM t WHERE a LIKE 'x%'",
    "a part of a text": "SELECT LOWER(REGEXP_EXTRACT(TRIM(a), '^(?:www\\.)?([^/:\\s]+)', 1)) AS host FROM t",
    "no row at all": "SELECT CAST(NULL AS BIGINT) AS a, CAST(NULL AS VARCHAR) AS b WHERE FALSE",
    "an unnamed subquery": "SELECT a FROM (SELECT a FROM t) WHERE a IS NOT NULL",
    "sets": "SELECT a FROM t UNION SELECT a FROM u UNION ALL SELECT a FROM v",
    "inner relations": "WITH a AS (WITH parts AS (SELECT 1 AS x) SELECT * FROM parts), b AS (WITH parts AS"
    " (SELECT 2 AS x) SELECT * FROM parts) SELECT a.x FROM a INNER JOIN b ON b.x > a.x",
}

TRAPS = {
    "ASOF": r"\bASOF\b",
    "interval multiplied": r"\*\s*INTERVAL|INTERVAL\s+[^'\"\s(0-9-]",
    "whole division as DuckDB writes it": r"//",
    "an approximate quantile": r"APPROX|PERCENTILE|QUANTILE",
    "a list": r"COLLECT_LIST|ARRAY_AGG|UNNEST|EXPLODE",
    "the larger of two, whose nulls differ": r"\bGREATEST|\bLEAST",
    "rounding, whose halves differ": r"\bROUND\(CAST\([^()]* AS (DOUBLE|FLOAT)",
    "a timestamp where a day was": r"TIMESTAMP_TRUNC|CURRENT_",
}
LESS = {"a date less a date": r"AS DATE\)\s+-\s+"}
OWN_TRAPS: dict[str, dict[str, str]] = {
    "postgres": {},
    "spark": {"hours of the session's time zone": r"DATEDIFF\(DAY", **LESS},
    "databricks": {"hours of the session's time zone": r"DATEDIFF\(DAY", **LESS},
    "snowflake": {**LESS, "a rounded quotient": r"\bTRUNC\(", "an interval": r"\bINTERVAL\b"},
    "bigquery": {
        **LESS,
        "nulls placed in a window": r"NULLS LAST",
        "places that a cast forgets": r"AS (NUMERIC|DECIMAL)\(",
        "a float among decimals": r"(?<![\w'.])\d+\.\d+(?!')",
        "a filter without a relation": r"SELECT (?:(?!FROM|SELECT|AS one\)).)* WHERE FALSE",
    },
    "trino": {**LESS, "digits lost in a DOUBLE": r"TRUNCATE\(", "an interval": r"\bINTERVAL\b"},
}

RESERVED = {
    "snowflake": """ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONSTRAINT CREATE CROSS CURRENT
        DELETE DISTINCT DROP ELSE EXISTS FALSE FOLLOWING FOR FROM FULL GRANT GROUP HAVING ILIKE IN INCREMENT INNER
        INSERT INTERSECT INTO IS JOIN LATERAL LEFT LIKE LOCALTIME MINUS NATURAL NOT NULL OF ON OR ORDER QUALIFY REGEXP
        REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER TRUE TRY_CAST UNION
        UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE WITH""",
    "trino": """ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE DEALLOCATE DELETE DESCRIBE DISTINCT DROP
        ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT
        INTERSECT INTO IS JOIN LEFT LIKE LISTAGG LOCALTIME NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE
        RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH""",
    "bigquery": """ALL AND ANY ARRAY AS ASC AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE CURRENT DEFAULT
        DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL
        GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT
        LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE
        RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST
        USING WHEN WHERE WINDOW WITH WITHIN""",
}


@cache
def asked() -> dict[str, str]:
    """Every statement over the rich book: signals and verdicts of all scopes, revenue, checks."""
    rich = rich_book()
    frame = rich.frame(AS_OF)
    over = judged(written(rich), Evaluation(frame, load_library(frame.registry.signals, tests=False), ()))
    revenue = moved(written(eventful()), Frame(models(), eventful().snapshot(MOVED_ON)))
    return {**over.statements, **over.after, **revenue.statements}


@cache
def checks() -> dict[str, str]:
    """Every check, which stays inside the portable subset but for the names of accounts."""
    found = checked(written(rich_book()), AS_OF)
    return {name: text for name, text in (found.statements | found.shown).items() if "account-duplicate" not in name}


@cache
def printed(dialect: str) -> dict[str, str]:
    return {name: render(text, dialect) for name, text in (asked() | checks()).items()}


@pytest.mark.parametrize("dialect", [*sorted(RESERVED), "databricks"])
def test_every_statement_parses_in_its_dialect(dialect: str) -> None:
    for name, text in printed(dialect).items():
        for relation, part in parts(text, dialect):
            [tree] = sqlglot.parse(part, read=dialect, error_level=ErrorLevel.RAISE)
            assert isinstance(tree, exp.Query), (name, relation)


GRAMMARS = {
    "postgres": ("postgres", "postgres"), "snowflake": ("snowflake", "snowflake"), "bigquery": ("bigquery", "bigquery"),
    "trino": ("generic", "trino"), "spark": ("databricks", "sparksql"), "databricks": ("databricks", "databricks"),
}  # fmt: skip
"""The dialects by the names that two parsers of others' making have for them: one in Rust, and quick; one that is slow.

The quick one knows no Trino, and reads it as what all have in common.
"""

UNREAD = {
    "whole division": (r"\bDIV\b", "/", "SELECT 7 DIV 2"),
    "a quote after a backslash": (r"\\'", "''", r"SELECT 'it\'s'"),
}
"""What Spark and Databricks document and the quick parser cannot read: what is put in its place, and the least of it."""


@pytest.mark.parametrize("dialect", PRINTED)
def test_every_statement_is_read_by_a_parser_of_others(dialect: str) -> None:
    constructs = {name: render(text, dialect) for name, text in CONSTRUCTS.items()}
    for name, text in (printed(dialect) | constructs).items():
        if GRAMMARS[dialect][0] == "databricks":
            for pattern, instead, _ in UNREAD.values():
                text = re.sub(pattern, instead, text)
        try:
            [tree] = sqloxide.parse_sql(sql=text, dialect=GRAMMARS[dialect][0])
        except ValueError as error:
            pytest.fail(f"{name}: {error}")
        assert "Query" in tree, name


@pytest.mark.parametrize("least", [least for _, _, least in UNREAD.values()], ids=list(UNREAD))
def test_what_the_quick_parser_cannot_read(least: str) -> None:
    """The day it can, this fails: nothing has to be put in its place any more."""
    with pytest.raises(ValueError, match="sql parser error"):
        sqloxide.parse_sql(sql=least, dialect="databricks")


@pytest.mark.parametrize("dialect", PRINTED)
def test_every_construct_is_read_by_the_grammar_of_its_own_dialect(dialect: str) -> None:
    linter = Linter(config=FluffConfig(overrides={"dialect": GRAMMARS[dialect][1]}))
    read = linter.parse_string((GOLDEN / f"{dialect}.sql").read_text("utf-8"))
    assert [str(fault) for fault in read.violations] == []
    broken = linter.parse_string("SELECT a FROM (t;\n")
    assert broken.violations, "a parser that reads everything says nothing"


def parts(text: str, dialect: str) -> Iterator[tuple[str, str]]:
    """The relations of a statement, each for itself and once: statements share most of them."""
    for relation, part in relations(text):
        if (dialect, relation, part) not in _SEEN:
            _SEEN.add((dialect, relation, part))
            yield relation, part


_SEEN: set[tuple[str, str, str]] = set()


@pytest.mark.parametrize("dialect", PRINTED)
def test_no_trap_is_printed(dialect: str) -> None:
    text = without_quotes("\n".join(render(text, dialect) for text in asked().values()))
    for trap, pattern in (TRAPS | OWN_TRAPS[dialect]).items():
        found = re.search(pattern, text)
        assert found is None, f"{trap}: {text[max(found.start() - 100, 0) : found.end() + 60]}"


def without_quotes(text: str) -> str:
    return re.sub(r"'(?:[^'\\]|''|\\.)*'", lambda match: "'…'" if " " in match[0] else match[0], text)


@pytest.mark.parametrize("dialect", sorted(RESERVED))
def test_no_name_is_a_word_of_the_engine(dialect: str) -> None:
    reserved, names = set(RESERVED[dialect].lower().split()), set[str]()
    for text in asked().values():
        for _, part in relations(text):
            if part not in _NAMES:
                tree = sqlglot.parse_one(part, read="duckdb")
                _NAMES[part] = {identifier.name.lower() for identifier in tree.find_all(exp.Identifier)}
            names |= _NAMES[part]
    unquoted = {
        name
        for name in names & reserved
        if re.search(rf"(?<![\"`\w]){name}(?![\"`\w])", render(f"SELECT {name} AS {name} FROM t", dialect))
    }
    assert unquoted == set()


_NAMES: dict[str, set[str]] = {}


@pytest.mark.parametrize("dialect", PRINTED)
def test_constructs_are_printed_as_they_were_read_by_eye(dialect: str) -> None:
    """One file a dialect; ``UPCROSS_GOLDEN=1`` writes what is printed now, to be read and kept."""
    now = "".join(f"-- {name}\n{render(text, dialect)};\n\n" for name, text in CONSTRUCTS.items())
    file = GOLDEN / f"{dialect}.sql"
    if os.environ.get("UPCROSS_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(now, "utf-8")
    assert file.read_text("utf-8") == now


@pytest.mark.parametrize("dialect", PRINTED)
def test_what_is_left_out_for_speed_changes_no_text(dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {part for text in asked().values() for _, part in relations(text)} | set(CONSTRUCTS.values())
    trees = {text: sqlglot.parse_one(text, read="duckdb") for text in texts}
    ours = {text: render(tree, dialect) for text, tree in trees.items()}
    monkeypatch.setattr(printers, "_STEPS", {})
    assert {text: render(tree, dialect) for text, tree in trees.items()} == ours


@pytest.mark.parametrize("dialect", PRINTED)
def test_a_tree_is_printed_as_its_text_is(dialect: str) -> None:
    for name, text in {**CONSTRUCTS, **dict(list(asked().items())[:2])}.items():
        tree = sqlglot.parse_one(text, read="duckdb")
        before = tree.sql(dialect="duckdb")
        assert render(tree, dialect).split() == render(text, dialect).split(), name
        assert tree.sql(dialect="duckdb") == before, name


@pytest.mark.parametrize("dialect", PRINTED)
def test_a_tree_that_was_built_is_printed_as_its_text_is(dialect: str) -> None:
    frame = rich_book().frame(AS_OF)
    plays = load_library(frame.registry.signals, tests=False).running
    for scope in Scope:
        tree = compile_verdicts(scope, plays, (), AS_OF, "wide").select
        assert render(tree, dialect).split() == render(tree.sql(dialect="duckdb"), dialect).split(), scope


def test_garbage_is_collected_again_after_printing_failed() -> None:
    with pytest.raises(ParseError):
        render("SELECT (", "spark")
    assert gc.isenabled()


def test_duckdb_is_printed_as_it_stands() -> None:
    assert render("SELECT a//b FROM t", "duckdb") == "SELECT a//b FROM t"


def test_an_unknown_dialect_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="snowflake"):
        render("SELECT 1", "snowflak")


def test_stages_hold_what_is_read_more_than_once() -> None:
    text = {
        "kept": "SELECT a FROM book.t", "twice": "SELECT a FROM kept", "once": "SELECT a FROM twice",
        "last": "SELECT o.a FROM once AS o INNER JOIN twice AS w ON w.a = o.a",
    }  # fmt: skip
    reads = {"twice": ["kept"], "once": ["twice"], "last": ["once", "twice"]}
    statement = compose("SELECT * FROM last", ["last"], lambda name: reads.get(name, ()), text.__getitem__)
    stages, [rest] = in_stages([statement])
    assert [stage.name for stage in stages] == ["twice"]
    assert [name for name, _ in relations(stages[0].select)] == ["kept", "twice", ""]
    assert [name for name, _ in relations(rest)] == ["once", "last", ""]
