from decimal import Decimal

import duckdb
import pytest

from upcross import documents
from upcross.engine.compile import text_literal
from upcross.errors import Issue, Report
from upcross.plays.condition import (
    Branch,
    Comparison,
    Kind,
    Literal,
    Op,
    ParamRef,
    comparisons,
    parse_comparison,
    parse_condition,
    read_literal,
)


@pytest.mark.parametrize(
    ("text", "signal", "op", "operand"),
    [
        ("seats_free <= 5", "seats_free", Op.AT_MOST, Literal(Kind.NUMBER, Decimal(5))),
        ("adoption>=90%", "adoption", Op.AT_LEAST, Literal(Kind.PERCENT, Decimal("0.9"))),
        ("adoption_change_30d > -12.5%", "adoption_change_30d", Op.MORE, Literal(Kind.PERCENT, Decimal("-0.125"))),
        ("days_to_renewal < 30d", "days_to_renewal", Op.LESS, Literal(Kind.DAYS, Decimal(30))),
        ("rolling != true", "rolling", Op.DIFFERENT, Literal(Kind.TRUTH, True)),
        ("plan = 'Sales Hub Pro'", "plan", Op.EQUAL, Literal(Kind.TEXT, "Sales Hub Pro")),
        ("plan = sales-hub.pro", "plan", Op.EQUAL, Literal(Kind.WORD, "sales-hub.pro")),
        ("seats_free <= $few_seats", "seats_free", Op.AT_MOST, ParamRef("few_seats")),
    ],
)
def test_a_comparison_is_a_signal_an_operator_and_an_operand(text, signal, op, operand):
    assert parse_comparison(text) == Comparison(signal, op, operand)


def test_in_lists_values():
    found = parse_comparison("target_kind in (product, module, $kind)")
    assert isinstance(found, Comparison)
    assert str(found) == "target_kind in (product, module, $kind)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seats_free",
        "seats_free <=",
        "<= 5",
        "seats_free == 5",
        "seats_free => 5",
        "seats_free <= 5 OR 1 = 1",
        "seats_free <= 5; DROP TABLE accounts",
        "seats_free <= 5 -- comment",
        "seats_free <= (SELECT 1)",
        "seats_free <= seats_active + 1",
        "1 = 1",
        "plan = 'x' OR 'a'='a'",
        "plan = 'x''y'",
        "plan = 'a;b'",
        "plan = 'a\\'",
        'plan = "x" UNION SELECT',
        "now() > 5",
        "accounts.name = x",
        "seats_free in 5",
        "seats_free in ()",
        "seats_free in (1, (2))",
        "seats_free <= 5 %",
        "days_to_renewal < 1.5d",
        "seats_free <= 1e400",
        "seats_free <= 9999999999999999999",
        "mrr >= 1,000",
        "seats_free <= ５",
        "séats <= 5",
        "seats_free <= $",
        "seats_free <= $few seats",
        "not seats_free <= 5",
    ],
)
def test_everything_else_is_refused_and_told_how_to_write_it(text):
    found = parse_comparison(text)
    assert isinstance(found, Issue), found
    assert found.code == "condition-syntax"
    assert "<signal> <operator> <operand>" in found.expected


def test_quoted_text_reaches_the_engine_as_a_value_only():
    # what a quote may hold cannot end the literal: no quotes, backslashes or semicolons are read
    found = parse_comparison("plan = 'pro) OR (1=1'")
    assert isinstance(found, Comparison)
    assert found.operand == Literal(Kind.TEXT, "pro) OR (1=1")


PAYLOADS = (
    "x'; DROP TABLE secrets; --", "x' OR '1'='1", "1; DELETE FROM secrets", "x') UNION SELECT * FROM secrets --",
    "read_csv('/etc/passwd')", "x\\'; DROP TABLE secrets; --", "0x1; ATTACH 'x' AS y", "/* */ OR 1=1", "1 OR 1=1",
    "$$x$$", "E'\\047'", "x''; DROP TABLE secrets", "@as_of; DROP TABLE secrets", "(SELECT 1)", "pg_sleep(9)",
    "{{secrets}}", "__import__('os')", "x\x00'; DROP TABLE secrets", "x\n'; DROP TABLE secrets", "＇; DROP TABLE secrets",
)  # fmt: skip
SHAPES = (
    "plan = {}", "plan = '{}'", 'plan = "{}"', "{} = 5", "plan {} 5", "plan in ({})", "plan in ('{}')", "seats_free <= {}",
    "seats_free <= ${}", "plan = 'ok' {}",
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_would_be_sql_is_refused_or_stays_a_value(payload, shape):
    found = parse_comparison(shape.format(payload))
    if isinstance(found, Issue):
        assert found.code == "condition-syntax"
        return
    operands = found.operand if isinstance(found.operand, tuple) else (found.operand,)
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE secrets AS SELECT 42 AS answer")
        for operand in operands:
            if isinstance(operand, Literal) and operand.kind in (Kind.TEXT, Kind.WORD):
                told = engine.execute(f"SELECT {text_literal(str(operand.value))}").fetchall()
                assert told == [(operand.value,)]
        assert engine.execute("SELECT answer FROM secrets").fetchall() == [(42,)]


def parsed(source: str):
    report = Report()
    return parse_condition(documents.parse(source, "plays/x.yaml"), report, "when"), report


def test_all_and_any_nest_and_every_line_keeps_its_place():
    condition, report = parsed(
        "when:\n  all:\n    - seats_free <= 5\n    - any:\n        - adoption >= 90%\n        - mrr > 1000\n"
    )
    assert not report.issues
    assert isinstance(condition, Branch)
    places = [(str(c), c.place.line, c.place.column) for c in comparisons(condition)]
    assert places == [("seats_free <= 5", 3, 7), ("adoption >= 90%", 5, 11), ("mrr > 1000", 6, 11)]


def test_one_comparison_may_stand_alone():
    condition, report = parsed("when: seats_free <= 5\n")
    assert not report.issues
    assert isinstance(condition, Comparison)


def test_all_faults_of_a_condition_are_reported_at_once_with_their_places():
    condition, report = parsed("when:\n  all:\n    - seats_free\n    - any: []\n    - 7\n    - adoption >= high!\n")
    assert condition is None
    assert [(issue.place.line, issue.place.column) for issue in report] == [(3, 7), (4, 12), (5, 7), (6, 7)]


@pytest.mark.parametrize(
    "source", ["when:\n", "when: {}\n", "when: {all: [a = 1], any: [b = 1]}\n", "when: {not: [a = 1]}\n"]
)
def test_a_condition_has_all_or_any_and_nothing_else(source):
    condition, report = parsed(source)
    assert condition is None
    assert [issue.code for issue in report] == ["condition-syntax"]


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (0.5, "0.5"), ("90%", "90%"), ("30d", "30d"), (True, "true"), ("flat", "flat")]
)
def test_parameters_are_literals(value, text):
    assert str(read_literal(value)) == text


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), [1], {"a": 1}, "90 %", "$other", 10**18])
def test_what_is_no_literal_says_so(value):
    assert isinstance(read_literal(value), str)
