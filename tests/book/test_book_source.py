"""Files as people have them: BOM, quoted line breaks, ragged rows, wrong encodings; each fault names its place."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HEAD = "account_id,name,employees\n"


def test_bom_quoted_newlines_and_blank_lines_are_read_as_rows(folder):
    folder.load("  accounts: a.csv", {"a.csv": "\ufeff" + HEAD + 'a1,"Be\nta",5\r\n\r\na2,Gamma,6\r\n'})
    assert folder.rows("SELECT account_id, name, employees FROM book.accounts") == [
        ("a1", "Be\nta", 5),
        ("a2", "Gamma", 6),
    ]


def test_the_line_of_a_faulty_cell_counts_quoted_line_breaks_and_ragged_rows(folder, find):
    # Line 2-3 is one row, line 4 is ragged, line 5 is blank, line 6 has the faulty cell.
    text = HEAD + 'a1,"Be\nta",5\na2,short\n\na3,Gamma,x\n'
    issues = folder.load("  accounts: a.csv", {"a.csv": text}).report
    assert find(issues, "value-invalid").place.line == 6
    assert find(issues, "value-invalid").examples == ("a.csv:6:employees 'x'",)
    assert find(issues, "row-ragged").place.line == 4


def test_ragged_rows_are_set_aside_and_counted_with_what_was_expected(folder, find):
    result = folder.load("  accounts: a.csv", {"a.csv": HEAD + "a1,Acme,5\na2,Beta\na3,Gamma,7,8\n"})
    ragged = [issue for issue in result.report if issue.code == "row-ragged"]
    assert {issue.expected for issue in ragged} == {
        "3 cells as in the header, not 2",
        "3 cells as in the header, not 4",
    }
    assert ragged[0].total == 3
    assert result.manifest.tables["accounts"].rows == 1
    assert result.manifest.tables["accounts"].set_aside == 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("account_id;name\na1;A,B\n", "a.csv"),
        ("account_id\tname\na1\tA,B\n", "a.tsv"),
        ("account_id|name\na1|A,B\n", "a.csv"),
    ],
)
def test_the_delimiter_is_sniffed_from_the_header(folder, text, name):
    folder.load(f"  accounts: {name}", {name: text})
    assert folder.rows("SELECT account_id, name FROM book.accounts") == [("a1", "A,B")]


def test_a_sniffed_delimiter_is_stated_unless_it_is_the_usual_one(folder, find):
    report = folder.load("  accounts: a.csv", {"a.csv": "account_id;name\na1;Acme\n"}).report
    assert "semicolon" in find(report, "delimiter-sniffed").message
    usual = folder.load("  accounts: a.csv", {"a.csv": "account_id,name\na1,Acme\n"}).report
    assert not [issue for issue in usual if issue.code == "delimiter-sniffed"]


def test_a_given_delimiter_wins(folder):
    folder.load("  accounts: {file: a.csv, delimiter: ';'}", {"a.csv": 'account_id;name;"x,y,z,w"\na1;Acme;1\n'})
    assert folder.column("accounts.name") == ["Acme"]


def test_gzip_and_globs(folder):
    folder.load(
        "  accounts: part_*.csv.gz",
        {
            "part_1.csv.gz": gzip.compress((HEAD + "a1,Acme,5\n").encode()),
            "part_2.csv.gz": gzip.compress((HEAD + "a2,Beta,6\n").encode()),
        },
    )
    assert folder.column("accounts.account_id") == ["a1", "a2"]
    assert folder.store.manifest().tables["accounts"].sources == ("part_1.csv.gz", "part_2.csv.gz")


def test_a_broken_gzip_file_is_named(folder, find):
    whole = gzip.compress((HEAD + "a1,Acme,5\n" * 50_000).encode())
    fault = find(folder.faults("  accounts: a.csv.gz", {"a.csv.gz": whole[:-200]}), "source-unreadable")
    assert fault.place.file == "a.csv.gz"
    assert fault.expected == "a whole gzip file"


def test_parquet_values_arrive_exactly(folder):
    table = pa.table(
        {
            "account_id": [1, 2],
            "name": ["Acme", "Beta"],
            "employees": pa.array([3.0, None], pa.float64()),
            "recorded_at": pa.array([1700000000000, None], pa.timestamp("ms")),
            "parts": [[1], [2]],
        }
    )
    pq.write_table(table, folder.path / "a.parquet")
    folder.load("  accounts: a.parquet")
    rows = folder.rows("SELECT account_id, employees, CAST(recorded_at AS VARCHAR) FROM book.accounts")
    assert rows == [("1", 3, "2023-11-14"), ("2", None, None)]


def test_a_file_that_is_no_parquet_is_named(folder, find):
    fault = find(folder.faults("  accounts: a.parquet", {"a.parquet": "account_id,name\n"}), "source-unreadable")
    assert fault.place.file == "a.parquet"
    assert fault.expected == "a Parquet file"


def test_no_matching_file_names_the_pattern_the_place_and_a_near_name(folder, find):
    fault = find(folder.faults("  accounts: acounts.csv", {"accounts.csv": HEAD}), "source-missing")
    assert "acounts.csv" in fault.message
    assert (fault.place.file, fault.place.line) == ("upcross.yaml", 2)
    assert fault.hint == "did you mean 'accounts.csv'?"


def test_an_empty_file_and_a_header_without_rows(folder, find):
    assert find(folder.faults("  accounts: a.csv", {"a.csv": "\ufeff\n"}), "source-empty").place.file == "a.csv"
    for text in (HEAD, HEAD.strip()):
        report = folder.load("  accounts: a.csv", {"a.csv": text}).report
        assert find(report, "source-without-rows").place.file == "a.csv"
        assert folder.rows("SELECT count(*) FROM book.accounts") == [(0,)]


def test_a_duplicated_header_names_both_columns(folder, find):
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": "account_id,name,Name\na1,x,y\n"}), "header-duplicate")
    assert "columns 2 and 3" in fault.message
    assert fault.hint == "rename one of them"


def test_utf16_is_recognised_and_says_how_to_convert(folder, find):
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": HEAD.encode("utf-16")}), "source-encoding")
    assert "UTF-16" in fault.message
    assert "iconv -f UTF-16" in fault.hint


def test_latin1_names_the_line_and_the_byte(folder, find):
    text = (HEAD + "a1,Acme,5\na2,Café,6\n").encode("latin-1")
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": text}), "source-encoding")
    assert (fault.place.file, fault.place.line) == ("a.csv", 3)
    assert "0xe9" in fault.message
    assert "UTF-8" in fault.hint


def test_latin1_far_into_a_large_file_names_its_line(folder, find):
    text = (HEAD + "a1,Acme,5\n" * 1_200_000).encode() + "a2,Café,6\n".encode("latin-1")
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": text}), "source-encoding")
    assert fault.place.line == 1_200_002


def test_a_nul_byte_names_its_line(folder, find):
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": HEAD + "a1,Acme,5\na2,B\0,6\n"}), "source-encoding")
    assert "NUL" in fault.message
    assert fault.place.line == 3


def test_a_row_over_ten_megabytes_asks_for_the_unclosed_quote(folder, find):
    text = HEAD + "a1,Acme,5\n" + 'a2,"never closed,6\n' + "a3,Gamma,7\n" * 2_200_000
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": text}), "row-too-long")
    assert fault.place.file == "a.csv"
    assert "quotation mark" in fault.hint


def test_a_short_unclosed_quote_is_a_ragged_row(folder, find):
    report = folder.load("  accounts: a.csv", {"a.csv": HEAD + 'a1,Acme,5\na2,"open,6\na3,Gamma,7\n'}).report
    assert find(report, "row-ragged").place.line == 3


def test_all_faults_of_all_files_come_at_once(folder):
    faults = folder.faults(
        "  accounts: a.csv\n  tickets: missing.csv\n  invoices: i.csv",
        {"a.csv": "id,name\n1,Acme\n", "i.csv": "invoice_id,account_id\n1,a1\n"},
    )
    assert {fault.code for fault in faults} == {"source-column-missing", "source-missing"}
    assert len(faults) == 3
