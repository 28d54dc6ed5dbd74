from datetime import date
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upcross.errors import Report
from upcross.plays.comparison import Names, SignalRef, comparison_sql, distance, resolve
from upcross.plays.condition import Comparison, Op, parse_comparison, read_literal
from upcross.signals.model import Scope, Signal, Unit


def signal(name: str, unit: Unit, *levels: str, scope: Scope = Scope.SUBSCRIPTION) -> Signal:
    return Signal(name, scope, unit, "", "", "test", levels=levels)


SIGNALS = {
    s.name: s
    for s in (
        signal("share", Unit.RATIO), signal("other_share", Unit.RATIO), signal("seats", Unit.COUNT),
        signal("calls", Unit.AMOUNT), signal("age", Unit.DAYS), signal("mrr", Unit.MONEY),
        signal("renewal_on", Unit.DATE), signal("full_on", Unit.DATE), signal("ready", Unit.FLAG),
        signal("plan", Unit.TEXT), signal("next_plan", Unit.TEXT),
        signal("health", Unit.LEVEL, "red", "amber", "green"),
        signal("metered", Unit.RATIO, scope=Scope.METER),
    )
}  # fmt: skip
PARAMS = {
    "at": read_literal("90%"),
    "few": read_literal(5),
    "soon": read_literal("30d"),
    "color": read_literal("amber"),
}


def resolved(text: str):
    report = Report()
    comparison = parse_comparison(text)
    assert isinstance(comparison, Comparison), comparison
    return resolve(comparison, Names(SIGNALS, PARAMS, Scope.SUBSCRIPTION), report), report


def truth(text: str, **columns: str):
    comparison, report = resolved(text)
    assert comparison is not None, str(report)
    columns_sql = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    return duckdb.sql(f"SELECT {comparison_sql(comparison).sql('duckdb')} FROM (SELECT {columns_sql})").fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "threshold"),
    [
        ("share >= 90%", Decimal("0.9")),
        ("share >= 0.9", Decimal("0.9")),
        ("share >= $at", Decimal("0.9")),
        ("seats <= $few", 5),
        ("calls > 2.5", Decimal("2.5")),
        ("age >= $soon", 30),
        ("mrr >= 1000", 10_000_000),  # 1,000 currency units, in ten-thousandths
        ("mrr >= 0.01", 100),
        ("ready = true", True),
        ("plan = pro", "pro"),
        ("plan = next_plan", SignalRef("next_plan")),
        ("plan = 'next_plan'", "next_plan"),
        ("share > other_share", SignalRef("other_share")),
        ("renewal_on < full_on", SignalRef("full_on")),
        ("health = green", "green"),
        ("health >= amber", ("amber", "green")),
        ("health > amber", ("green",)),
        ("health <= $color", ("red", "amber")),
        ("health < amber", ("red",)),
        ("seats in (1, 2, $few)", (1, 2, 5)),
    ],
)
def test_thresholds_take_the_unit_of_their_signal(text, threshold):
    comparison, report = resolved(text)
    assert not report.issues, str(report)
    assert comparison.threshold == threshold


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("shares >= 90%", "signal-unknown", "did you mean 'share'?"),
        ("metered >= 90%", "signal-out-of-scope", "signal of scope meter, not of subscription"),
        ("share >= $att", "param-unknown", "did you mean 'at'?"),
        ("seats >= 90%", "unit-mismatch", "a whole number such as 3"),
        ("seats >= 2.5", "unit-mismatch", "2.5 is not whole"),
        ("share >= 30d", "unit-mismatch", "a percentage such as 90%"),
        ("share >= 90", "unit-mismatch", "write 90%"),  # 90 would be 9000%
        ("age >= 30", "unit-mismatch", "write 30d"),
        ("mrr >= 10%", "unit-mismatch", "an amount in currency units"),
        ("calls >= true", "unit-mismatch", "a number such as 2500"),
        ("ready = 1", "unit-mismatch", "true or false"),
        ("ready >= true", "unit-mismatch", "has no order"),
        ("plan > pro", "unit-mismatch", "has no order"),
        ("plan = 5", "unit-mismatch", "a word or 'quoted text'"),
        ("health = gren", "unit-mismatch", "did you mean 'green'?"),
        ("health > green", "unit-mismatch", "can never be true"),
        ("renewal_on < 30d", "unit-mismatch", "another date signal"),
        ("share >= seats", "unit-mismatch", "compares a ratio with a count"),
        ("share >= metered", "signal-out-of-scope", "scope meter"),
        ("share >= other_shar", "unit-mismatch", "did you mean 'other_share'?"),
        ("seats in (1, share)", "unit-mismatch", "compares a count with a ratio"),
        ("plan in (pro, next_plan)", "unit-mismatch", "values in brackets, not signals"),
    ],
)
def test_names_and_units_are_checked(text, code, said):
    comparison, report = resolved(text)
    assert comparison is None
    assert [issue.code for issue in report] == [code]
    assert said in str(report)


def test_equal_comparisons_are_one_whatever_their_wording():
    first, _ = resolved("share >= $at")
    second, _ = resolved("share >= 0.90")
    assert first == second
    assert len({first, second}) == 1
    assert (first.text, second.text) == ("share >= 90%", "share >= 0.9")
    assert first != resolved("share > 90%")[0]


@given(parts=st.integers(0, 100_000), whole=st.integers(1, 100_000))
def test_a_ratio_exactly_on_a_percentage_reaches_it(parts, whole):
    # a of b seats, and the threshold that is exactly a/b wherever a/b has a finite decimal: p% with p = 100a/b
    percent = Decimal(parts) * 100 / Decimal(whole)
    if percent * whole != parts * 100:
        percent = Decimal(parts * 100 // whole)  # not finite: the next percentage below, which a/b must reach too
    literal = f"{percent.normalize():f}%"
    ratio = f"CAST({parts} AS DOUBLE) / {whole}"
    reached, _ = resolved(f"other_share >= {literal}")
    sql = comparison_sql(reached).sql("duckdb")
    assert duckdb.sql(f"SELECT {sql} FROM (SELECT {ratio} AS other_share)").fetchall()[0][0]


def test_every_whole_percentage_is_reached_exactly_by_every_fraction_that_equals_it():
    # all b up to 400 and all p with b·p divisible by 100: 45 of 50 is 90%, 21 of 300 is 7%
    fractions = [(b * p // 100, b, p) for b in range(1, 401) for p in range(101) if b * p % 100 == 0]
    cases = " UNION ALL ".join(
        f"SELECT {p} AS p, share FROM (SELECT CAST(a AS DOUBLE) / b AS share FROM (VALUES "
        + ", ".join(f"({a}, {b})" for a, b, q in fractions if q == p)
        + f") AS f(a, b)) WHERE NOT ({comparison_sql(resolved(f'share >= {p}%')[0]).sql('duckdb')}"
        + f" AND {comparison_sql(resolved(f'share <= {p}%')[0]).sql('duckdb')})"
        for p in range(101)
    )
    assert len(fractions) == 2480
    assert duckdb.sql(cases).fetchall() == []


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("share >= 90%", {"share": "CAST(45 AS DOUBLE) / 50"}, True),
        ("share >= 90%", {"share": "CAST(4499 AS DOUBLE) / 5000"}, False),
        ("share > 90%", {"share": "CAST(45 AS DOUBLE) / 50"}, False),
        ("share >= 90%", {"share": "CAST(NULL AS DOUBLE)"}, None),
        ("mrr >= 1000", {"mrr": "CAST(10000000 AS BIGINT)"}, True),
        ("mrr >= 1000", {"mrr": "CAST(9999999 AS BIGINT)"}, False),
        ("calls <= 2.5", {"calls": "CAST(2.5 AS DECIMAL(18, 4))"}, True),
        ("calls <= 2.5", {"calls": "CAST(2.5001 AS DECIMAL(18, 4))"}, False),
        ("plan = 'it is $5 -- x'", {"plan": "'it is $5 -- x'"}, True),
        ("health >= amber", {"health": "'red'"}, False),
        ("health >= amber", {"health": "CAST(NULL AS VARCHAR)"}, None),
        ("seats in (1, 2)", {"seats": "CAST(NULL AS BIGINT)"}, None),
        ("share > other_share", {"share": "0.5", "other_share": "CAST(NULL AS DOUBLE)"}, None),
        ("renewal_on < full_on", {"renewal_on": "DATE '2026-03-31'", "full_on": "DATE '2026-04-01'"}, True),
    ],
)
def test_the_engine_finds_true_false_or_unknown(text, columns, expected):
    assert truth(text, **columns) is expected


@pytest.mark.parametrize(
    ("text", "value", "other", "away"),
    [
        ("share >= 90%", 0.86, None, Decimal("-0.04")),  # 4 points below
        ("seats <= 5", 12, None, Decimal(7)),  # 7 seats too many
        ("mrr >= 1000", 9_000_000, None, Decimal(-1_000_000)),  # 100 short, in ten-thousandths
        ("age >= 30d", 30, None, Decimal(0)),
        ("share >= other_share", 0.5, 0.75, Decimal("-0.25")),
        ("share >= other_share", 0.5, None, None),
        ("share >= 90%", None, None, None),
        ("health >= amber", "red", None, None),
        ("renewal_on < full_on", date(2026, 1, 1), date(2026, 2, 1), None),
        ("seats in (1, 2)", 5, None, None),
    ],
)
def test_distance_is_value_less_threshold(text, value, other, away):
    assert distance(resolved(text)[0], value, other) == away


def test_no_operator_is_left_out():
    assert {op for op in Op if op.orders} == {Op.AT_LEAST, Op.AT_MOST, Op.MORE, Op.LESS}
