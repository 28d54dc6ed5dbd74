"""The portable subset: what is refused, where, and what to write instead; and that every shipped model keeps to it."""

from __future__ import annotations

from datetime import date

import pytest

from upcross.engine.compile import beneath, compose, expand_macros, parse_query, tables_read, values_relation
from upcross.engine.dialects import render
from upcross.engine.portable import lint_sql
from upcross.errors import ProjectError, UsageError
from upcross.signals.registry import build, parse_model, shipped_files

HEADER = "/*---\nscope: account\nsignals:\n  x: {unit: count, meaning: m, unknown_when: never}\n---*/\n"


@pytest.mark.parametrize(
    ("sql", "advice"),
    [
        ("SELECT AVG(a) FROM t", "SUM(x)"),
        ("SELECT ROUND(a) FROM t", "FLOOR"),
        ("SELECT QUANTILE_CONT(a, 0.9) FROM t", "ROW_NUMBER"),
        ("SELECT PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY a) FROM t", "ROW_NUMBER"),
        ("SELECT MEDIAN(a) FROM t", "ROW_NUMBER"),
        ("SELECT ARG_MAX(a, b) FROM t", "ROW_NUMBER"),
        ("SELECT GREATEST(a, b) FROM t", "CASE WHEN a > b"),
        ("SELECT DATE_TRUNC('month', d) FROM t", "months"),
        ("SELECT CURRENT_DATE", "@as_of"),
        ("SELECT LIST(a) FROM t", "rows"),
        ("SELECT STRING_AGG(a, ',') FROM t", "ROW_NUMBER"),
        ("SELECT TRY_CAST(a AS INTEGER) FROM t", "loading"),
        ("SELECT a FROM t ASOF JOIN u ON t.d >= u.d", "interval"),
        ("SELECT t.a FROM t LEFT JOIN u ON t.d >= u.d AND u.e = 1", "INNER JOIN first"),
        ("SELECT d + INTERVAL 5 DAY FROM t", "CAST(d + INTERVAL 5 DAY AS DATE)"),
        ("SELECT CAST(d + n * INTERVAL 1 DAY AS DATE) FROM t", "interval"),
        ("SELECT DATE_DIFF('month', a, b) FROM t", "days"),
        ("SELECT a FROM t LIMIT 5", "ROW_NUMBER"),
        ("SELECT my_function(a) FROM t", "CASE"),
        ("SELECT RANDOM()", "twice"),
        ("SELECT UNNEST([1, 2])", "rows"),
    ],
)
def test_refused_with_what_to_write_instead(sql: str, advice: str) -> None:
    issues = lint_sql(parse_query(f"\n\n{sql}", "m.sql"), "m.sql")
    assert issues, sql
    assert any(advice.lower() in f"{issue.message} {issue.hint}".lower() for issue in issues), issues


def test_the_line_is_that_of_the_file_not_of_the_query() -> None:
    with pytest.raises(ProjectError) as caught:
        parse_model("signals/mine.sql", HEADER + "SELECT\n  account_id,\n  MEDIAN(mrr) AS x\nFROM accounts")
    (issue,) = caught.value.report
    assert (issue.place.file, issue.place.line) == ("signals/mine.sql", 8)  # five lines of header, then the third


def test_every_fault_of_a_file_is_told_at_once() -> None:
    source = HEADER.replace("never}", "never, needs: [acounts], counts: contacts}")
    with pytest.raises(ProjectError) as caught:
        parse_model("mine.sql", source + "SELECT ROUND(1.5) AS y, MEDIAN(a) AS z FROM accounts")
    told = str(caught.value)
    for part in ("did you mean 'accounts'?", "'contacts' is not an event table", "ROUND", "does not select 'x'"):
        assert part in told, part


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT @today AS x, account_id FROM accounts", "unknown macro @today"),
        ("SELECT 1 AS x, account_id FROM accounts; SELECT 2", "2 statements"),
        ("DELETE FROM accounts", "none that selects"),
        ("SELECT FROM WHERE", ""),
    ],
)
def test_what_is_no_single_select_is_refused_with_its_line(sql: str, said: str) -> None:
    with pytest.raises(ProjectError) as caught:
        parse_model("mine.sql", HEADER + sql)
    assert said in str(caught.value)
    assert "mine.sql:6" in str(caught.value)


def test_models_that_read_in_a_circle_or_nothing_known_are_refused() -> None:
    circle = [
        ("a.sql", "/*---\nmeaning: a\n---*/\nSELECT * FROM b"),
        ("b.sql", "/*---\nmeaning: b\n---*/\nSELECT * FROM a"),
    ]
    with pytest.raises(ProjectError, match="a → b → a"):
        build(circle)
    with pytest.raises(ProjectError, match="did you mean 'subscriptions'"):
        build([("c.sql", "/*---\nmeaning: c\n---*/\nSELECT * FROM subscription")])


@pytest.mark.parametrize(("file", "source"), list(shipped_files()), ids=lambda value: value if len(value) < 60 else "")
def test_every_shipped_model_keeps_to_the_subset(file: str, source: str) -> None:
    assert parse_model(file, source).name


def test_macros_become_date_literals() -> None:
    sql = expand_macros("d > @days_before(30) AND d <= @as_of", date(2026, 3, 31), "m.sql")
    assert sql == "d > DATE '2026-03-01' AND d <= DATE '2026-03-31'"


def test_what_a_query_reads_leaves_its_own_relations_out() -> None:
    query = parse_query("WITH a AS (SELECT * FROM x) SELECT * FROM a JOIN y ON a.k = y.k", "m.sql")
    assert sorted(tables_read(query)) == ["x", "y"]


def test_composing_puts_each_relation_once_after_what_it_reads() -> None:
    texts = {"a": "SELECT 1 AS k", "b": "SELECT * FROM a", "c": "SELECT * FROM a JOIN b USING (k)"}
    reads = {"a": [], "b": ["a"], "c": ["a", "b"]}
    sql = compose("SELECT * FROM c", ["c"], lambda name: reads[name], lambda name: texts[name])
    assert [sql.index(f"{name} AS (") for name in "abc"] == sorted(sql.index(f"{name} AS (") for name in "abc")
    assert sql.count("a AS (") == 1


def test_a_relation_put_beneath_a_statement() -> None:
    assert beneath("w", "SELECT 1", "WITH x AS (SELECT 2) SELECT 3").startswith("WITH w AS (\nSELECT 1\n), x AS (")
    assert beneath("w", "SELECT 1", "SELECT 3") == "WITH w AS (\nSELECT 1\n)\nSELECT 3"


def test_literal_rows_quote_their_text() -> None:
    sql = values_relation({"a": "VARCHAR", "b": "DATE", "c": "BIGINT"}, [("O'Hara", date(2026, 1, 1), None)])
    assert sql == "SELECT CAST('O''Hara' AS VARCHAR) AS a, CAST('2026-01-01' AS DATE) AS b, CAST(NULL AS BIGINT) AS c"


def test_an_unknown_dialect_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="did you mean 'postgres'"):
        render("SELECT 1", "postgre")
