"""Text of a cell to its stored value: exact, or not at all."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upcross.book import cells
from upcross.contract import Column, Type

CONNECTION = duckdb.connect()


def read(kind: Type, text: str, unit: str | None = None, day_format: str | None = None, **options):
    column = Column("cell", kind, "", **options)
    return CONNECTION.execute(
        f"SELECT {cells.typed(column, 't', unit, day_format)} FROM (SELECT ? AS t)", [text]
    ).fetchall()[0][0]


EXACT = Context(prec=200)  # Python's default of 28 digits would round before we do


def half_even(text: str, scale: Decimal) -> int:
    exact = EXACT.multiply(EXACT.multiply(Decimal(text), scale), Decimal(10_000))
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN, context=EXACT))


AMOUNTS = st.decimals(min_value=-9 * 10**11, max_value=9 * 10**11, allow_nan=False, allow_infinity=False, places=None)
SHIFTS = {None: Decimal(1), "cents": Decimal("0.01"), "thousands": Decimal(1000)}


@settings(max_examples=40, deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=40), st.sampled_from([None, "cents", "thousands"]))
def test_money_is_quantised_half_even_like_decimal(amounts, unit):
    texts = [format(amount, "f") for amount in amounts]
    sql = cells.typed(Column("cell", Type.MONEY, ""), "t", unit)
    stored = CONNECTION.execute(f"SELECT t, {sql} FROM (SELECT unnest(?) AS t)", [texts]).fetchall()
    assert stored == [(text, half_even(text, SHIFTS[unit])) for text, _ in stored]


@settings(max_examples=60, deadline=None)
@given(st.integers(-(10**10), 10**10), st.sampled_from(["5", "50", "500000000000000000001", "49999999999999999999"]))
def test_money_ties_and_near_ties(whole, tail):
    text = f"{whole}.0000{tail}"
    assert read(Type.MONEY, text) == half_even(text, Decimal(1))


@pytest.mark.parametrize(
    ("text", "unit", "stored"),
    [
        ("12.3456", None, 123456),
        ("0.00005", None, 0),
        ("0.00015", None, 2),
        ("-0.00015", None, -2),
        (".5", None, 5000),
        ("5.", None, 50000),
        ("+7", None, 70000),
        ("1", "cents", 100),
        ("-150", "cents", -15000),
        ("1.5", "thousands", 15000000),
        ("900000000000000", None, None),
        ("1,234", None, None),
        ("1e3", None, None),
        ("€5", None, None),
        ("-", None, None),
        (".", None, None),
        ("nan", None, None),
        ("٣", None, None),
    ],
)
def test_money_by_example(text, unit, stored):
    if text == "900000000000000":
        stored = 9_000_000_000_000_000_000  # just under the limit of 2^63
    assert read(Type.MONEY, text, unit) == stored


def test_money_beyond_the_limit_is_no_value():
    assert read(Type.MONEY, "1000000000000000") is None
    assert read(Type.MONEY, "9" * 60) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("50.0", 50),
        ("3.7", None),
        ("1e2", None),
        ("9223372036854775808", None),
        ("", None),
        ("12a", None),
    ],
)
def test_whole_numbers(text, value):
    assert read(Type.INTEGER, text) == value


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0.12345", None, "0.1234"),
        ("0.12355", None, "0.1236"),
        ("12.5", "percent", "0.1250"),
        ("-7", "percent", "-0.0700"),
        ("99999999999999.99995", None, None),
    ],
)
def test_decimals(text, unit, value):
    assert read(Type.DECIMAL, text, unit) == (Decimal(value) if value else None)


def test_rates_keep_eight_places():
    assert read(Type.RATE, "0.923456785") == Decimal("0.92345678")
    assert read(Type.RATE, "0.923456775") == Decimal("0.92345678")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2023-02-29", None),
        ("2024-2-9", None),
        ("29/02/2024", None),
        ("0000-00-00", None),
        ("2024-02-29T23:30:00Z", date(2024, 2, 29)),
        ("2024-02-29 00:00:00.000+02:00", date(2024, 2, 29)),
        ("2024-02-29x", None),
    ],
)
def test_dates_are_iso_and_timestamps_keep_the_day_as_written(text, value):
    assert read(Type.DATE, text) == value


def test_dates_with_a_format():
    assert read(Type.DATE, "29.02.2024", day_format="%d.%m.%Y") == date(2024, 2, 29)
    assert read(Type.DATE, "2024-02-29", day_format="%d.%m.%Y") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("T", True),
        ("Yes", True),
        ("y", True),
        ("1", True),
        ("FALSE", False),
        ("f", False),
        ("no", False),
        ("N", False),
        ("0", False),
        ("2", None),
        ("ja", None),
    ],
)
def test_booleans(text, value):
    assert read(Type.BOOLEAN, text) is value


def test_enumerations_ignore_case_and_refuse_the_rest():
    assert read(Type.TEXT, "Active", values=("active", "trial")) == "active"
    assert read(Type.TEXT, "gone", values=("active", "trial")) is None
