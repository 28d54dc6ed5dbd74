"""Other ways in than CSV and Parquet: JSON lines and DuckDB files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pytest

from upcross.book.mapping import parse_tables
from upcross.documents import parse
from upcross.errors import Report


def test_json_lines_keep_digits_nested_names_and_missing_keys(folder):
    rows = (
        '\ufeff{"line_id": "s1", "valid_from": "2023-01-01", "mrr": 0.10, "owner": {"id": "a1"}, "quantity": 3}\n'
        "\n"
        '{"line_id": "s2", "valid_from": "2023-01-01", "owner": {"id": "a2"}, "rolling": true, "extra": [1, 2]}\n'
    )
    tables = "  subscriptions: {file: s.jsonl, columns: {account_id: owner.id, product_id: {value: crm}}}"
    folder.load(tables, {"s.jsonl": rows})
    found = folder.rows("SELECT account_id, mrr, quantity, rolling FROM book.subscriptions ORDER BY line_id")
    assert found == [("a1", 1000, 3, False), ("a2", None, 1, True)]  # 0.10 is 1,000 ten-thousandths


def test_packed_json_lines_and_large_numbers(folder):
    rows = json.dumps({"account_id": 10**30, "name": "x"}) + "\n"
    (folder.path / "a.ndjson.gz").write_bytes(gzip.compress(rows.encode()))
    folder.load("  accounts: a.ndjson.gz")
    assert folder.column("accounts.account_id") == ["1" + "0" * 30]


def test_a_line_that_is_no_object_is_set_aside_with_its_number(folder, find):
    rows = '{"account_id": "a1", "name": "x"}\n{"account_id": \n[1]\n{"name": "y", "name": "z"}\n'
    result = folder.load("  accounts: a.jsonl", {"a.jsonl": rows})
    issue = find(result.report, "row-malformed")
    assert issue.message == "3 of 4 rows set aside: a line is not one JSON object"
    assert [example.split(" ")[0] for example in issue.examples] == ["a.jsonl:2", "a.jsonl:3", "a.jsonl:4"]
    assert "a key stands twice" in issue.examples[2]
    assert folder.column("accounts.account_id") == ["a1"]


def test_one_json_document_says_how_to_make_lines_of_it(folder, find):
    issue = find(folder.faults("  accounts: a.jsonl", {"a.jsonl": '[\n{"account_id":\n "a1"}\n]\n'}), "source-empty")
    assert "jq -c" in issue.hint


def test_objects_nested_without_end_are_set_aside(folder, find):
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    rows = '{"account_id": "a1", "name": "x"}\n' + deep + "\n"
    result = folder.load("  accounts: a.jsonl", {"a.jsonl": rows})
    assert "nested too deep" in find(result.report, "row-malformed").examples[0]


def test_keys_that_are_data_are_too_many_columns(folder, find):
    rows = "".join(json.dumps({"account_id": f"a{n}", f"key{n}": n}) + "\n" for n in range(2_100))
    issue = find(folder.faults("  accounts: a.jsonl", {"a.jsonl": rows}), "source-too-wide")
    assert issue.message == "the file has 2,101 columns"


@pytest.fixture
def warehouse(folder) -> Path:
    path = folder.path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE accounts (account_id VARCHAR, name VARCHAR)")
        connection.execute("INSERT INTO accounts VALUES ('a1', 'Acme'), ('a2', NULL)")
        connection.execute("CREATE SCHEMA crm")
        connection.execute(
            "CREATE TABLE crm.lines AS SELECT 's' || i AS id, DATE '2023-01-01' AS since, 0.1::DECIMAL(9, 2) * i AS money,"
            " 1e-7::DOUBLE AS tiny, sum(i) OVER () AS huge, [1] AS list FROM range(1, 4) r(i)"
        )
    return path


def test_a_table_of_a_duckdb_file_by_its_own_or_a_given_name(folder, warehouse, find):
    tables = (
        "  accounts: warehouse.duckdb\n"
        "  subscriptions: {file: warehouse.duckdb, table: crm.lines, columns: {line_id: id, valid_from: since,"
        " mrr: money, quantity: huge, account_id: {value: a1}, product_id: {value: crm}}}\n"
    )
    result = folder.load(tables)
    assert folder.rows("SELECT line_id, mrr, quantity FROM book.subscriptions ORDER BY 1") == [
        ("s1", 1000, 6), ("s2", 2000, 6), ("s3", 3000, 6),
    ]  # fmt: skip
    issue = find(result.report, "value-missing")
    assert issue.place.file == "warehouse.duckdb (accounts)" and issue.place.line == 2


def test_a_query_over_a_duckdb_file(folder, warehouse):
    folder.load(
        "  accounts: {file: warehouse.duckdb, query: \"SELECT upper(account_id) AS account_id, 'x' AS name FROM accounts\"}"
    )
    assert folder.column("accounts.account_id") == ["A1", "A2"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT 1; DROP TABLE accounts", "more than one SELECT"),
        ("DELETE FROM accounts", "more than one SELECT"),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled"),
    ],
)
def test_a_query_that_is_none_or_reaches_elsewhere_is_refused(folder, warehouse, find, query, told):
    issue = find(folder.faults(f'  accounts: {{file: warehouse.duckdb, query: "{query}"}}'), "warehouse-refused")
    assert told in issue.message


def test_faults_of_duckdb_files_say_what_to_do(folder, warehouse, find):
    issue = find(folder.faults("  accounts: {file: warehouse.duckdb, table: acounts}"), "warehouse-refused")
    assert issue.hint == "did you mean 'accounts'?"
    (folder.path / "no.duckdb").write_bytes(b"this is not a database file at all, only text" * 100)
    assert "cannot be opened" in find(folder.faults("  accounts: no.duckdb"), "warehouse-refused").message
    tables = "  accounts: {file: a.csv, table: accounts}"
    assert (
        "means nothing for a.csv"
        in find(folder.faults(tables, {"a.csv": "account_id,name\n"}), "mapping-invalid").message
    )
    report = Report()
    parse_tables(parse("tables:\n  accounts: {file: w.duckdb, table: a, query: b}", "upcross.yaml"), ("tables",),
                 folder.path, report)  # fmt: skip
    assert "gives both 'table' and 'query'" in report.errors[0].message


def test_loading_leaves_the_duckdb_file_as_it_was(folder, warehouse):
    before = warehouse.read_bytes()
    folder.load("  accounts: warehouse.duckdb")
    assert warehouse.read_bytes() == before
