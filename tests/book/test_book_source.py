"""Files as people have them: BOM, quoted line breaks, ragged rows, wrong encodings; each fault names its place."""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from book.conftest import Folder

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
    ragged = find(result.report, "row-ragged")
    assert ragged.expected == "3 cells as in the header"
    assert ragged.examples == ("a.csv:3 '2 cells: a2,Beta'", "a.csv:4 '4 cells: a3,Gamma,7,8'")
    assert (ragged.count, ragged.total) == (2, 3)
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


@pytest.mark.parametrize(
    ("rows", "opened", "last"),
    [
        ('a1,Acme,5\na2,"open,6\na3,Gamma,7\n', 3, 4),  # swallows cells: the row is ragged
        ('a1,Acme,5\na2,Beta,"6\na3,Gamma,7\n', 3, 4),  # the last cell swallows the rest: three cells
        ('a1,"Ac\nme","5\na3,Gamma,7', 3, 4),  # opened on the second line of its row
        ('a1,Acme,"5 ""\na3,Gamma,7 ""\n', 2, 3),  # doubled marks close nothing
        ('a2,"Be\n""ta"",",x\na3,"open\n', 4, 4),
    ],
)
def test_a_quotation_mark_that_is_never_closed_names_its_line_and_keeps_the_last_book(folder, find, rows, opened, last):
    first = folder.load("  accounts: a.csv", {"a.csv": HEAD + "a1,Acme,5\n"}).manifest
    fault = find(folder.faults("  accounts: a.csv", {"a.csv": HEAD + rows}), "quote-unclosed")
    assert fault.message == (
        f"a quotation mark opened in line {opened} is never closed: the file from there to line {last} is one cell"
    )
    assert (fault.place.file, fault.place.line) == ("a.csv", opened)
    assert folder.store.manifest() == first


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_a_quotation_that_ends_the_file_is_closed(folder, end):
    folder.load("  accounts: a.csv", {"a.csv": 'account_id,employees,name\na1,5,"The ""B""\nof 6"' + end})
    assert folder.column("accounts.name") == ['The "B"\nof 6']
    folder.load("  accounts: a.csv", {"a.csv": 'account_id,employees,name\na1,5,"Be\n""ta"""' + end})
    assert folder.column("accounts.name") == ['Be\n"ta"']
    folder.load("  accounts: a.csv", {"a.csv": 'account_id,name,region\na1,5" disk,""' + end})
    assert folder.column("accounts.name") == ['5" disk']


def test_rows_of_many_lengths_are_one_issue_a_file_with_three_examples(folder, find):
    # 300 rows of 2 to 10 cells under a header of 3; those of 3 cells (i % 9 == 1) are whole: 300 - 34 = 266.
    rows = "".join(f"r{i}" + ",5" * (1 + i % 9) + "\n" for i in range(300))
    whole = sum(1 for i in range(300) if 1 + i % 9 == 2)
    report = folder.load(
        "  accounts: [a.csv, b.csv]", {"a.csv": HEAD + rows, "b.csv": HEAD + "b1,Acme\nb2,Beta,6\n"}
    ).report
    ragged = [issue for issue in report if issue.code == "row-ragged"]
    assert [(issue.place.file, issue.count) for issue in ragged] == [("a.csv", 300 - whole), ("b.csv", 1)]
    assert whole == 34 and ragged[0].total == 302
    assert ragged[0].examples[:2] == ("a.csv:2 '2 cells: r0,5'", "a.csv:4 '4 cells: r2,5,5,5'")


def test_parquet_text_kept_as_bytes_is_text(folder):
    table = pa.table({"account_id": [b"a1", b"a2"], "name": pa.array(["Acme", "Café".encode()], pa.large_binary())})
    pq.write_table(table, folder.path / "a.parquet")
    folder.load("  accounts: a.parquet")
    assert folder.rows("SELECT account_id, name FROM book.accounts") == [("a1", "Acme"), ("a2", "Café")]


def test_bytes_that_are_no_text_spoil_only_a_file_whose_mapping_reads_them(folder, find):
    table = pa.table({"account_id": ["a1", "a2"], "name": ["Acme", "Beta"], "logo": [b"ok", b"\xff\xd8"]})
    pq.write_table(table, folder.path / "a.parquet")
    folder.load("  accounts: a.parquet")
    assert folder.column("accounts.name") == ["Acme", "Beta"]
    for mapped in ("logo", '{expr: "upper(logo)"}'):
        fault = find(
            folder.faults(f"  accounts: {{file: a.parquet, columns: {{region: {mapped}}}}}"), "source-encoding"
        )
        assert "column 'logo' holds bytes that are not UTF-8" in fault.message
        assert (fault.place.file, fault.place.line) == ("a.parquet", 2)


def test_a_needed_parquet_column_of_lists_or_structs_is_named_with_its_type(folder, find):
    table = pa.table(
        {"account_id": ["a1"], "name": [{"de": "Acme"}], "csm": [["ann"]], "parts": [["x"]], "segment": ["big"]}
    )
    pq.write_table(table, folder.path / "a.parquet")
    faults = folder.faults("  accounts: {file: a.parquet, columns: {region: parts}}")
    assert [fault.code for fault in faults] == ["source-column-wordless"] * 3
    told = {fault.message.split("'")[1]: fault for fault in faults}
    assert "is of type struct<de: string>" in told["name"].message
    assert "is of type list<" in told["csm"].message
    assert "or take nothing: csm: null" in told["csm"].hint and "null" not in told["name"].hint
    assert told["parts"].place.line == 2
    computed = folder.faults('  accounts: {file: a.parquet, columns: {name: {expr: "parts[1]"}, csm: null}}')
    assert "'parts' is of type list<" in find(computed, "expression-invalid").hint
    folder.load("  accounts: {file: a.parquet, columns: {name: segment, csm: null}}")
    assert folder.column("accounts.name") == ["big"]


def test_a_folder_instead_of_a_file_says_so(folder, find):
    (folder.path / "sub").mkdir()
    (folder.path / "sub" / "x.parquet").write_bytes(b"")
    fault = find(folder.faults("  accounts: sub"), "source-missing")
    assert "'sub' is a folder" in fault.message
    assert fault.hint == "name the files in it: sub/*.parquet"
    (folder.path / "sub" / "x.parquet").unlink()
    assert find(folder.faults("  accounts: sub/"), "source-missing").hint == "name the files in it: sub/*.csv"


@pytest.fixture
def locked_away(tmp_path_factory):
    """A project of somebody without any privilege, in which a file and a folder are locked away from them."""
    nobody = 65534
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        (path / "a.csv").write_text(HEAD + "a1,Acme,5\n")
        (path / "shut").mkdir()
        (path / "shut" / "b.csv").write_text(HEAD)
        for entry in (path, path / "a.csv", path / "shut"):
            if root:
                os.chown(entry, nobody, nobody)
            entry.chmod(0o755)
        (path / "a.csv").chmod(0)
        (path / "shut").chmod(0)
        if root:
            os.seteuid(nobody)
        try:
            yield Folder(path)
        finally:
            if root:
                os.seteuid(0)
            (path / "shut").chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of another kind")
@pytest.mark.parametrize(
    ("file", "named"), [("a.csv", "a.csv"), ("shut/b.csv", "shut/b.csv"), ("shut/*.csv", "shut"), ("shut", "shut")]
)
def test_data_that_may_not_be_read_is_named_and_the_store_is_not_blamed(locked_away, find, file, named):
    if file == "shut":
        file = "shut/"  # a folder in place of a file, and shut at that
    fault = find(locked_away.faults(f"  accounts: {file}"), "source-unreadable")
    assert fault.place.file == named
    assert "Permission denied" in fault.message


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of another kind")
def test_a_store_that_may_not_be_written_is_named(locked_away, find):
    (locked_away.path / ".upcross").mkdir(mode=0o500)
    (locked_away.path / "c.csv").write_text(HEAD + "a1,Acme,5\n")
    fault = find(locked_away.faults("  accounts: c.csv"), "store-unwritable")
    assert "Permission denied" in fault.message


def test_all_faults_of_all_files_come_at_once(folder):
    faults = folder.faults(
        "  accounts: a.csv\n  tickets: missing.csv\n  invoices: i.csv",
        {"a.csv": "id,name\n1,Acme\n", "i.csv": "invoice_id,account_id\n1,a1\n"},
    )
    assert {fault.code for fault in faults} == {"source-column-missing", "source-missing"}
    assert len(faults) == 3
