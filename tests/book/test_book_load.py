"""Loading: mapping forms, typing, defaults, completed MRR, coverage, atomicity."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upcross.book.mapping import parse_tables
from upcross.book.source import SourceFile, read_header
from upcross.contract import TABLES
from upcross.documents import parse
from upcross.errors import LoadError, ProjectError, Report

ACCOUNTS = "account_id,name\na1,Acme\na2,Beta\n"
SUBS = "line_id,valid_from,account_id,product_id,mrr\n"


def test_rename_constant_expression_unit_map_and_format(folder):
    folder.load(
        """\
  subscriptions:
    file: s.csv
    columns:
      line_id: id
      account_id: {from: customer}
      product_id: {value: crm}
      valid_from: {from: start, format: "%d.%m.%Y"}
      ends_on: {expr: "CAST(year AS INTEGER) + 1 || '-01-01'"}
      mrr: {from: cents, unit: cents}
      discount: {from: off, unit: percent}
      status: {from: state, map: {A: active, T: trial}, otherwise: paused}
      rolling: {value: true}
""",
        {
            "s.csv": "id,customer,start,year,cents,off,state\n"
            "s1,a1,31.12.2022,2023,12345,12.5,T\ns2,a1,01.02.2023,2023,50,,X\n"
        },
    )
    rows = folder.rows(
        "SELECT line_id, account_id, product_id, valid_from, ends_on, mrr, discount, status, rolling, quantity,"
        " business_unit FROM book.subscriptions"
    )
    assert rows == [
        # 12345 cents = 123.45 = 1,234,500 ten-thousandths; 12.5 percent = 0.125
        ("s1", "a1", "crm", date(2022, 12, 31), date(2024, 1, 1), 1_234_500, Decimal("0.1250"), "trial", True, 1, ""),
        ("s2", "a1", "crm", date(2023, 2, 1), date(2024, 1, 1), 5_000, None, "paused", True, 1, ""),
    ]


def test_every_stored_table_has_all_contract_columns_in_order_and_type(folder):
    folder.load("  accounts: a.csv", {"a.csv": ACCOUNTS})
    described = folder.rows("DESCRIBE book.accounts")
    accounts = TABLES["accounts"]
    assert [row[0] for row in described] == accounts.names
    assert [row[1].replace(", ", ",") for row in described] == [c.type.sql.replace(", ", ",") for c in accounts.columns]
    assert folder.store.manifest().tables["accounts"].columns == ("account_id", "name")


def test_same_named_columns_are_taken_and_null_takes_nothing(folder):
    folder.load(
        "  accounts: {file: a.csv, columns: {segment: null}}",
        {"a.csv": "account_id,name,segment,region\na1,Acme,big,EU\n"},
    )
    assert folder.rows("SELECT segment, region FROM book.accounts") == [(None, "EU")]


def test_an_empty_currency_is_the_reporting_currency(folder):
    folder.load("  accounts: a.csv", {"a.csv": "account_id,name,currency\na1,Acme,\na2,Beta,usd\n"})
    assert folder.column("accounts.currency") == ["EUR", "USD"]


def test_mrr_is_completed_by_amount_then_by_quantity_and_the_rules_are_counted(folder, find):
    report = folder.load(
        "  subscriptions: s.csv",
        {
            "s.csv": (
                "line_id,valid_from,account_id,product_id,mrr,amount,period_months,quantity,unit_price\n"
                "s1,2023-01-01,a1,crm,10,999,1,9,9\n"  # given
                "s2,2023-01-01,a1,crm,,1000,3,9,9\n"  # 1000 / 3 = 333.33333… → 3,333,333
                "s3,2023-01-01,a1,crm,,0.0005,2,,\n"  # 5 / 2 = 2.5 → 2 (even)
                "s4,2023-01-01,a1,crm,,0.0007,2,,\n"  # 7 / 2 = 3.5 → 4 (even)
                "s5,2023-01-01,a1,crm,,-0.0005,2,,\n"
                "s6,2023-01-01,a1,crm,,,,12,4.50\n"  # 12 × 4.50 = 54
                "s7,2023-01-01,a1,crm,,7,,,\n"  # an amount without a period says nothing
            )
        },
    ).report
    assert folder.column("subscriptions.mrr") == [100_000, 3_333_333, 2, 4, -2, 540_000, None]
    assert find(report, "mrr-completed").message == (
        "MRR is 1 as given, 4 amount ÷ period_months, 1 quantity × unit_price, 1 unknown"
    )


def test_rows_with_faulty_cells_are_set_aside_with_file_line_column_and_value(folder, find):
    result = folder.load(
        "  accounts: a.csv", {"a.csv": "account_id,name,employees\na1,Acme,3.7\na2,,5\na3,Beta,x\na4,Gamma,9\na5,D,-\n"}
    )
    invalid = [issue for issue in result.report if issue.code == "value-invalid"]
    missing = find(result.report, "value-missing")
    # Written in three ways, so told in three issues, each with what to do about it.
    assert [issue.examples for issue in invalid] == [
        ("a.csv:2:employees '3.7'",), ("a.csv:4:employees 'x'",), ("a.csv:6:employees '-'",)
    ]  # fmt: skip
    assert {(issue.count, issue.total, issue.expected) for issue in invalid} == {(1, 5, "a whole number such as 12")}
    assert str(invalid[0].place) == "a.csv:2 accounts.employees"
    assert missing.examples == ("a.csv:3:name empty",)
    stored = result.manifest.tables["accounts"]
    assert (stored.rows, stored.set_aside) == (1, 4)
    aside = folder.rows(f"SELECT * FROM '{folder.store.set_aside_file(result.manifest)}' ORDER BY row")
    assert aside[0] == ("accounts", "a.csv", 2, "employees", "3.7", "a whole number such as 12")
    assert [row[2] for row in aside] == [2, 3, 4, 6]


def test_an_enumeration_names_its_values_and_the_map_to_write(folder, find):
    report = folder.load(
        "  tickets: t.csv", {"t.csv": "ticket_id,account_id,opened_on,priority\nt1,a1,2024-01-02,P1\n"}
    ).report
    issue = find(report, "value-invalid")
    assert issue.expected == "one of: low, normal, high, urgent"
    assert "priority: {from: priority, map:" in issue.hint


def test_a_value_outside_the_map_is_set_aside(folder, find):
    report = folder.load(
        "  tickets: {file: t.csv, columns: {priority: {from: p, map: {1: high, 2: low}}}}",
        {"t.csv": "ticket_id,account_id,opened_on,p\nt1,a1,2024-01-02,1\nt2,a1,2024-01-02,3\nt3,a1,2024-01-02,\n"},
    ).report
    issue = find(report, "value-invalid")
    assert issue.examples == ("t.csv:3:p '3'",)
    assert issue.expected == "one of the mapped values: 1, 2"
    assert sorted(folder.rows("SELECT ticket_id, priority FROM book.tickets")) == [("t1", "high"), ("t3", None)]


def test_where_leaves_rows_out_and_counts_them(folder):
    result = folder.load(
        "  accounts: {file: a.csv, where: \"kind = 'customer'\"}",
        {"a.csv": "account_id,name,kind\na1,Acme,customer\na2,Beta,lead\na3,,lead\na4,Delta,\n"},
    )
    stored = result.manifest.tables["accounts"]
    assert (stored.rows, stored.left_out, stored.set_aside) == (1, 3, 0)


def test_an_expression_that_fails_on_one_row_sets_only_that_row_aside(folder, find):
    # Both expressions hold the same cast: the engine must not take it out of its guard.
    tables = """\
  usage:
    file: u.csv
    columns:
      product_id: {value: crm}
      metric: {value: users}
      period_start: {expr: "CAST(month || '-01' AS DATE)"}
      period_end: {expr: "CAST(month || '-01' AS DATE) + INTERVAL 1 MONTH"}
"""
    report = folder.load(tables, {"u.csv": "account_id,month,value\na1,2023-01,5\na1,2023-13,5\na1,2023-02,6\n"}).report
    invalid = [issue for issue in report if issue.code == "value-invalid"]
    assert {issue.place.field for issue in invalid} == {"period_start", "period_end"}
    assert invalid[0].examples[0].startswith("u.csv:3:") and "'2023-13'" in invalid[0].examples[0]
    assert folder.rows("SELECT period_start, period_end, value FROM book.usage") == [
        (date(2023, 1, 1), date(2023, 2, 1), Decimal("5.0000")),
        (date(2023, 2, 1), date(2023, 3, 1), Decimal("6.0000")),
    ]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("nme || 'x'", "nme"),
        ("upper(", ""),
        ("sum(CAST(name AS INTEGER))", "aggregates"),
        ("row_number() OVER ()", "windows"),
        ("(SELECT max(name) FROM incoming)", "a query inside"),
        ("name) FROM incoming; DROP TABLE x; --", ""),
        ("random()", ""),
    ],
)
def test_a_bad_expression_is_told_with_its_position_and_the_engines_message(folder, find, expression, told):
    tables = f'  accounts:\n    file: a.csv\n    columns:\n      region: {{expr: "{expression}"}}\n'
    fault = find(folder.faults(tables, {"a.csv": ACCOUNTS}), "expression-invalid")
    assert (fault.place.file, fault.place.line) == ("upcross.yaml", 5)
    assert told in fault.message
    assert "account_id, name" in fault.hint


def test_constants_and_formats_are_judged_before_reading(folder):
    faults = folder.faults(
        '  accounts: {file: a.csv, columns: {employees: {value: many}, recorded_at: {from: name, format: "%Q"}}}',
        {"a.csv": ACCOUNTS},
    )
    assert {fault.code for fault in faults} == {"constant-invalid", "format-invalid"}


def test_a_missing_source_column_names_the_near_one(folder, find):
    fault = find(
        folder.faults(
            "  accounts: {file: a.csv, columns: {region: regon}}", {"a.csv": "account_id,name,region\na1,Acme,EU\n"}
        ),
        "source-column-missing",
    )
    assert fault.message == "a.csv has no column 'regon'"
    assert fault.hint == "did you mean 'region'?"
    assert fault.expected == "one of: account_id, name, region"


def test_a_required_column_without_a_source_says_what_the_file_has(folder, find):
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": "account_id,nme\na1,Acme\n"}), "source-column-missing")
    assert "accounts.name, which every row needs" in fault.message
    assert "did you mean 'nme'?" in fault.hint


def test_repeated_rows_count_once_and_contradicting_ones_are_set_aside(folder, find):
    result = folder.load("  accounts: a.csv", {"a.csv": "account_id,name\na1,Acme\na2,Beta\na1,Acme\na2,Other\n"})
    assert find(result.report, "row-repeated").count == 1
    duplicate = find(result.report, "key-duplicate")
    assert duplicate.place.line == 5 and duplicate.examples == ("a.csv:5:account_id 'a2'",)
    assert folder.column("accounts.name") == ["Acme", "Beta"]


def test_versions_of_one_key_with_different_recorded_at_all_stay(folder):
    result = folder.load(
        "  accounts: a.csv", {"a.csv": "account_id,name,recorded_at\na1,Acme,2023-01-01\na1,Acme AG,2023-06-01\n"}
    )
    assert result.manifest.tables["accounts"].corrected
    assert result.manifest.tables["accounts"].rows == 2


def test_several_sources_make_one_table(folder):
    result = folder.load(
        "  accounts:\n    - a.csv\n    - {file: b.csv, columns: {account_id: id}}\n",
        {"a.csv": ACCOUNTS, "b.csv": "id,name\na3,Gamma\n"},
    )
    assert folder.column("accounts.account_id") == ["a1", "a2", "a3"]
    assert result.manifest.tables["accounts"].sources == ("a.csv", "b.csv")


USAGE = "account_id,product_id,metric,period_start,period_end,value\n"


def test_usage_is_stored_by_month_in_the_order_of_series(folder):
    result = folder.load(
        "  usage: u.csv",
        {
            "u.csv": USAGE + "a2,crm,calls,2023-01-01,2023-02-01,1\na1,crm,users,2023-01-01,2023-02-01,2\n"
            "a1,crm,calls,2023-01-01,2023-02-01,3\na1,crm,calls,2023-02-01,2023-03-01,4\n"
        },
    )
    files = result.manifest.tables["usage"].files
    assert [file.split("/", 1)[1] for file in files] == ["usage/2023-01.parquet", "usage/2023-02.parquet"]
    january = folder.rows(f"SELECT metric, account_id FROM '{folder.store.folder / files[0]}'")
    assert january == [("calls", "a1"), ("calls", "a2"), ("users", "a1")]


def test_coverage_comes_from_the_data_or_is_declared(folder, find):
    result = folder.load(
        "  usage: u.csv\n  tickets: t.csv\n  invoices:\n    file: i.csv\n"
        "    coverage: {from: 2023-01-01, through: 2023-05-31, max_lag_days: 40}\n",
        {
            "u.csv": USAGE + "a1,crm,calls,2023-01-01,2023-02-01,1\na1,crm,calls,2023-06-01,2023-07-01,1\n"
            "a1,crm,calls,2024-05-01,2024-06-01,1\n",
            "t.csv": "ticket_id,account_id,opened_on\nt1,a1,2023-03-05\n",
            "i.csv": "invoice_id,account_id,issued_on\ni1,a1,2023-04-05\n",
        },
    )
    tables = result.manifest.tables
    # The row of May 2024 lies after the day of the load: it does not stretch what is covered.
    assert (tables["usage"].complete_from, tables["usage"].complete_through) == (date(2023, 1, 1), date(2023, 6, 30))
    # Event tables reach to the newest day of any feed, from the oldest event of any event table.
    assert (tables["tickets"].complete_from, tables["tickets"].complete_through) == (
        date(2023, 3, 5),
        date(2023, 6, 30),
    )
    assert (tables["invoices"].complete_from, tables["invoices"].complete_through) == (
        date(2023, 1, 1),
        date(2023, 5, 31),
    )
    assert (tables["tickets"].max_lag_days, tables["invoices"].max_lag_days) == (7, 40)
    assert tables["tickets"].every_account and not tables["usage"].every_account
    assert result.manifest.newest_day() == date(2023, 6, 30)
    assert "tickets" in find(result.report, "coverage-assumed").message
    assert "invoices" not in find(result.report, "coverage-assumed").message


def test_a_failing_load_leaves_the_last_good_book(folder):
    first = folder.load("  accounts: a.csv", {"a.csv": ACCOUNTS}).manifest
    folder.faults("  accounts: a.csv", {"a.csv": ACCOUNTS.encode() + "a3,Café\n".encode("latin-1")})
    assert folder.store.manifest() == first
    assert folder.column("accounts.name") == ["Acme", "Beta"]
    assert not list(folder.store.folder.glob(".loading-*")) and not list(folder.store.folder.glob(".manifest-*"))


def test_a_load_that_dies_half_way_leaves_the_last_good_book(folder):
    first = folder.load("  accounts: a.csv", {"a.csv": ACCOUNTS}).manifest

    def die(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.load("  accounts: a.csv", {"a.csv": "account_id,name\na9,New\n"}, progress=die)
    assert folder.store.manifest() == first
    assert folder.column("accounts.name") == ["Acme", "Beta"]


def test_the_last_two_loads_are_kept(folder):
    ids = [folder.load("  accounts: a.csv", {"a.csv": ACCOUNTS}).manifest.load_id for _ in range(3)]
    kept = sorted(entry.name for entry in folder.store.folder.iterdir() if entry.is_dir())
    assert kept == ids[1:]


def test_a_connection_opened_before_a_load_still_reads_its_book(folder):
    folder.load("  accounts: a.csv", {"a.csv": ACCOUNTS})
    connection = folder.store.connect()
    folder.load("  accounts: a.csv", {"a.csv": "account_id,name\na9,New\n"})
    assert connection.execute("SELECT count(*) FROM book.accounts").fetchall() == [(2,)]
    connection.close()
    assert folder.column("accounts.account_id") == ["a9"]


def test_nothing_loaded_and_a_damaged_store_say_what_to_do(folder):
    with pytest.raises(ProjectError, match="run `upcross load`"):
        folder.store.manifest()
    manifest = folder.load("  accounts: a.csv", {"a.csv": ACCOUNTS}).manifest
    (folder.store.folder / manifest.tables["accounts"].files[0]).unlink()
    with pytest.raises(ProjectError, match=r"accounts\.parquet of table 'accounts' is gone"):
        folder.store.connect()
    (folder.store.folder / "manifest.json").write_text('{"format": 1')
    with pytest.raises(ProjectError, match="cannot be read"):
        folder.store.manifest()
    (folder.store.folder / "manifest.json").write_text('{"format": 0}')
    with pytest.raises(ProjectError, match="another version"):
        folder.store.manifest()


def test_the_manifest_round_trips_with_its_issues(folder):
    result = folder.load(
        "  accounts: a.csv", {"a.csv": "account_id,name,employees\na1,Acme,x\na2,Beta,1\n"}, rates_on=date(2024, 1, 1)
    )
    assert folder.store.manifest() == result.manifest
    assert folder.store.manifest().issues == tuple(result.report)
    assert folder.store.manifest().rates_on == date(2024, 1, 1)


def test_a_store_that_cannot_be_written_is_told(folder, find):
    (folder.path / ".upcross").write_text("a file where the folder should be")
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": ACCOUNTS}), "store-unwritable")
    assert fault.place.file == str(folder.store.folder)


def test_nothing_mapped_says_so(folder):
    with pytest.raises(LoadError, match="no table is mapped"):
        folder.load("  {}")


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, st.integers(-(10**9), 10**9)), min_size=1, max_size=8))
def test_csv_text_comes_back_as_the_stored_value(folder, rows):
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    text = "account_id,name,region,employees\n" + "".join(
        f"a{index},n,{quoted(name)},{number}\n" for index, (name, number) in enumerate(rows)
    )
    folder.load("  accounts: a.csv", {"a.csv": text})
    stored = dict(folder.rows("SELECT account_id, (region, employees) FROM book.accounts"))
    for index, (name, number) in enumerate(rows):
        assert stored[f"a{index}"] == (name.strip(" \t\r\n\u00a0") or None, number)


def test_a_source_may_use_our_own_words_as_column_names(folder):
    folder.load(
        "  accounts: a.csv", {"a.csv": "account_id,name,file_no,line,kept,faults,where_failed\na1,Acme,9,9,9,9,9\n"}
    )
    assert folder.column("accounts.name") == ["Acme"]


def test_a_header_over_two_lines_keeps_line_numbers(folder, find, tmp_path):
    report = folder.load(
        "  accounts: a.csv", {"a.csv": 'account_id,name,"head\ncount",employees\na1,Acme,1,x\n'}
    ).report
    assert find(report, "value-invalid").place.line == 3


def test_read_header_of_a_file_alone(tmp_path):
    (tmp_path / "a.csv").write_text("a,,b\n")
    file = SourceFile(tmp_path / "a.csv", "a.csv")
    assert read_header(file, None, Report())
    assert file.columns == ("a", "upcross:blank_2", "b")


def test_parse_tables_without_a_section_is_no_mapping(tmp_path):
    assert parse_tables(parse("name: x\n", "upcross.yaml"), ("tables",), tmp_path, Report()) == []


def test_a_variable_in_a_file_name_leads_to_the_file(folder, monkeypatch):
    (folder.path / "feeds").mkdir()
    (folder.path / "feeds" / "a.csv").write_text(ACCOUNTS)
    monkeypatch.setenv("FEEDS", str(folder.path / "feeds"))
    folder.load("  accounts: ${FEEDS}/*.csv")
    assert folder.column("accounts.name") == ["Acme", "Beta"]


def test_a_condition_that_is_neither_true_nor_false_is_told_at_where(folder, find):
    tables = "  accounts:\n    file: a.csv\n    where: name\n"
    fault = find(folder.faults(tables, {"a.csv": ACCOUNTS}), "expression-invalid")
    assert (fault.place.file, fault.place.line, fault.place.column) == ("upcross.yaml", 4, 12)
    assert fault.message == "where: 'name' is a text"
    assert fault.expected == "a condition that is true or false"


def test_a_condition_that_fails_on_rows_is_told_at_where_with_the_rows(folder, find):
    tables = '  accounts:\n    file: a.csv\n    where: "CAST(size AS INT) > 1"\n'
    result = folder.load(tables, {"a.csv": "account_id,name,size\na1,Acme,5\na2,Beta,big\na3,Gamma,1\n"})
    issue = find(result.report, "expression-invalid")
    assert (issue.place.file, issue.place.line, issue.place.table) == ("upcross.yaml", 4, "accounts")
    assert issue.message == "1 of 3 rows set aside: the condition cannot be computed"
    assert issue.examples == ("a.csv:3 'big'",)
    assert (result.manifest.tables["accounts"].rows, result.manifest.tables["accounts"].left_out) == (1, 1)


@pytest.mark.parametrize(
    ("setting", "hinted"),
    [
        ('columns: {employees: {expr: "employees * 2"}}', "CAST(employees AS INT) * 2"),
        ('columns: {region: {expr: "size / 2"}}', "CAST(size AS DECIMAL(18, 4)) / 2"),
        ('where: "employees > 5"', "CAST(employees AS INT) > 5"),
    ],
)
def test_reckoning_with_text_shows_the_cast_that_works(folder, find, setting, hinted):
    files = {"a.csv": "account_id,name,employees,size\na1,Acme,7,3\n"}
    fault = find(folder.faults(f"  accounts: {{file: a.csv, {setting}}}", files), "expression-invalid")
    assert fault.hint == f"cells are text; to reckon with them: {hinted}"
    before = setting.split('"')[1]
    folder.load(f"  accounts: {{file: a.csv, {setting.replace(before, hinted)}}}")
    assert folder.column("accounts.account_id") == ["a1"]
