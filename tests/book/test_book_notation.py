"""Numbers as people write them: the hint of an unreadable one, followed, gives exactly what the cell says."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

SUBS = "line_id,valid_from,account_id,product_id"


def load_cells(folder, cells, mapping="", column="mrr"):
    """A load of one line a cell, and its issues of unreadable cells."""
    rows = "".join(f's{i},2024-01-01,a1,crm,"{cell}"\n' for i, cell in enumerate(cells))
    columns = f", columns: {{{mapping}}}" if mapping else ""
    report = folder.load(f"  subscriptions: {{file: s.csv{columns}}}", {"s.csv": f"{SUBS},{column}\n{rows}"}).report
    return [issue for issue in report if issue.code == "value-invalid"]


def snippets(hint, column="mrr"):
    """The mappings that a hint offers, as they would be written in the project file."""
    return re.findall(rf"{column}: \{{[^{{}}]*\}}", hint)


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        ("1,234,567.5", "1234567.5"),
        ("$1,200.50", "1200.5"),
        ("-€5", "-5"),
        ("12.50 EUR", "12.5"),
        ("€ 1.234,56", "1234.56"),
        ("(500)", "-500"),
        ("($1,200.00)", "-1200"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234", "1234"),
        ("1'234.50", "1234.5"),
    ],
)
def test_following_the_hint_reads_exactly_what_the_cell_says(folder, cell, means):
    [issue] = load_cells(folder, [cell])
    [snippet] = snippets(issue.hint)
    assert load_cells(folder, [cell, cell], snippet) == []
    assert folder.column("subscriptions.mrr") == [int(Decimal(means) * 10_000)] * 2


@pytest.mark.parametrize(
    ("cell", "one", "other"),
    [
        ("1,234", "1234", "1.234"),
        ("$1,200", "1200", "1.2"),
        ("€ 1.234", "1.234", "1234"),
        ("(1.234)", "-1.234", "-1234"),
    ],
)
def test_a_number_that_may_mean_two_things_is_given_both_and_no_choice_is_made(folder, cell, one, other):
    [issue] = load_cells(folder, [cell])
    first, second = snippets(issue.hint)
    assert issue.hint.index(" means ") < issue.hint.index(" it means ")
    for snippet, means in ((first, one), (second, other)):
        assert load_cells(folder, [cell], snippet) == []
        assert folder.column("subscriptions.mrr") == [int(Decimal(means) * 10_000)]


def test_the_sign_of_a_currency_is_not_read_and_the_hint_says_so(folder):
    [issue] = load_cells(folder, ["$12"])
    assert "map 'currency' where it is not the reporting currency" in issue.hint


def test_cells_written_in_several_ways_are_told_apart(folder):
    issues = load_cells(folder, ["1.234,56", "$1,200", "500,00", "9.876,00", "7"])
    assert [issue.examples for issue in issues] == [
        ("s.csv:2:mrr '1.234,56'", "s.csv:5:mrr '9.876,00'"),
        ("s.csv:3:mrr '$1,200'",),
        ("s.csv:4:mrr '500,00'",),
    ]
    assert issues[0].hint == 'mrr: {from: mrr, decimal: ",", thousands: "."}'
    # Following it leaves only what is written otherwise: 9.876,00 is 9876, and 1.234 in such a column is 1234.
    rest = load_cells(folder, ["9.876,00", "1.234", "12.50", "500,00"], issues[0].hint)
    assert [issue.examples for issue in rest] == [("s.csv:4:mrr '12.50'",)]
    assert rest[0].hint == (
        "correct the cells in the source: the column is read with ',' as decimal sign and '.' between thousands"
    )
    assert folder.column("subscriptions.mrr") == [98_760_000, 12_340_000, 5_000_000]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("20.5", "is no whole number and is not rounded"),
        ("20,5", "is no whole number and is not rounded"),
        ("1,234", 'quantity: {from: quantity, thousands: ","}'),
        ("1.234", 'quantity: {from: quantity, decimal: ",", thousands: "."} if 1.234 has a dot between thousands'),
        ("9" * 20, "is too large to be stored"),
    ],
)
def test_whole_numbers(folder, cell, said):
    [issue] = load_cells(folder, [cell], column="quantity")
    assert said in issue.hint


def test_words_are_emptied_where_a_cell_may_be_empty(folder):
    [issue] = load_cells(folder, ["NaN"])
    assert load_cells(folder, ["NaN", "5"], *snippets(issue.hint)) == []
    assert folder.column("subscriptions.mrr") == [None, 50_000]
    report = folder.load(
        "  usage: u.csv",
        {"u.csv": "account_id,product_id,metric,period_start,period_end,value\na1,c,m,2024-01-01,2024-01-02,n/a\n"},
    ).report
    [needed] = [issue for issue in report if issue.code == "value-invalid"]
    assert needed.hint == "'n/a' is no number: fill the cells in the source"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1.2E+06", "1.2E+06 has lost digits"),
        ("abc", "correct the cells in the source"),
        ("5€00", "correct the cells in the source"),
        ("1,23,456", "correct the cells in the source"),
        ("5%", "correct the cells in the source"),
        ("9" * 16, "too large"),
    ],
)
def test_what_cannot_be_mapped_safely_is_sent_back_to_the_source(folder, cell, said):
    [issue] = load_cells(folder, [cell])
    assert said in issue.hint and not snippets(issue.hint)


def test_a_percentage_moves_the_point_of_the_whole_column(folder):
    [issue] = load_cells(folder, ["12.5%"], column="discount")
    assert issue.hint.startswith("if every cell is a percentage: ")
    assert load_cells(folder, ["12.5%"], *snippets(issue.hint, "discount"), column="discount") == []
    assert folder.column("subscriptions.discount") == [Decimal("0.1250")]


def test_unit_and_odd_names_of_a_source_column_stay_in_the_hint(folder):
    mapping = 'mrr: {from: "MRR €", unit: cents}'
    [issue] = load_cells(folder, ["€ 12.345,00"], mapping, column="MRR €")
    [snippet] = snippets(issue.hint)
    assert "unit: cents" in snippet
    assert load_cells(folder, ["€ 12.345,00"], snippet, column="MRR €") == []
    assert folder.column("subscriptions.mrr") == [1_234_500]  # 12,345 cents are 123.45


def test_thousands_stand_in_threes_or_not_at_all(folder):
    mapping = 'mrr: {from: mrr, thousands: ","}'
    issues = load_cells(folder, ["1,234.5", "1234.5", "-12,345", ".5", "12,34", "1,2345", ",5", "1,234,56"], mapping)
    assert issues[0].count == 4
    assert folder.column("subscriptions.mrr") == [12_345_000, 12_345_000, -123_450_000, 5_000]
