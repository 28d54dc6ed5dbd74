"""Files as they come, and files made to hurt: each gets a clear answer within seconds, in bounded memory.

What single formats do to a cell (1.234,56, Latin-1, NUL bytes, open quotation marks) is tested beside their readers.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import pytest

from upcross import documents
from upcross.book.catalog import parse_catalog
from upcross.book.mapping import parse_tables
from upcross.documents import parse, read
from upcross.errors import ProjectError, Report

HEAD = "line_id,valid_from,account_id,product_id,mrr\n"
SUBSCRIPTIONS = "  subscriptions: s.csv"


def set_aside(folder, rows: str, mapping: str = SUBSCRIPTIONS, code: str = "value-invalid"):
    result = folder.load(mapping, {"s.csv": HEAD + rows})
    return [issue for issue in result.report if issue.code == code]


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ('"1.234,56"', 'mrr: {from: mrr, decimal: ",", thousands: "."}'),
        ('"1,234.56"', 'thousands: ","'),
        ('"$1,200"', "thousands"),
        ("1 234.56", 'thousands: " "'),
        ("12%", ""),
        ("n/a", ""),
    ],
)
def test_money_as_people_write_it_is_set_aside_with_the_mapping_that_reads_it(folder, cell, advice):
    (issue,) = set_aside(folder, f"s1,2023-01-01,a1,crm,{cell}\ns2,2023-01-01,a1,crm,5\n")
    assert (issue.count, issue.total) == (1, 2)
    assert advice in issue.hint and issue.hint
    assert folder.column("subscriptions.mrr") == [50_000]


def test_days_of_mixed_formats_are_never_guessed(folder):
    rows = "s1,2023-01-02,a1,crm,1\ns2,02.01.2023,a1,crm,1\ns3,1/2/2023,a1,crm,1\ns4,44928,a1,crm,1\n"
    (issue,) = set_aside(folder, rows)
    assert issue.count == 3 and issue.place.line == 3
    assert [example.split("'")[1] for example in issue.examples] == ["02.01.2023", "1/2/2023", "44928"]
    assert "format" in issue.hint


def test_serial_days_of_a_spreadsheet_are_read_by_an_expression(folder):
    mapping = "  subscriptions: {file: s.csv, columns: {valid_from: {expr: \"DATE '1899-12-30' + TRY_CAST(valid_from AS INTEGER)\"}}}"
    folder.load(mapping, {"s.csv": HEAD + "s1,44928,a1,crm,1\n"})
    assert [str(day) for day in folder.column("subscriptions.valid_from")] == ["2023-01-02"]


def test_yes_and_no_in_their_usual_spellings(folder):
    head = HEAD.strip() + ",rolling\n"
    rows = "".join(
        f"s{n},2023-01-01,a1,crm,1,{word}\n" for n, word in enumerate(("Y", "n", "YES", "No", "1", "0", "maybe"))
    )
    result = folder.load(SUBSCRIPTIONS, {"s.csv": head + rows})
    assert folder.column("subscriptions.rolling") == [True, False, True, False, True, False]
    assert any("maybe" in example for issue in result.report for example in issue.examples)


def test_the_wrong_delimiter_is_named(folder):
    faults = folder.faults('  accounts: {file: a.csv, delimiter: "|"}', {"a.csv": "account_id;name\na1;x\n"})
    assert "the header has one column: check 'delimiter:'" in faults[0].hint


def test_a_million_rows_with_one_bad_one(folder):
    lines = "".join(f"s{n},2023-01-01,a{n % 5000},crm,10.50\n" for n in range(500_000))
    bad = "s-bad,2023-01-01,a1,crm,10.5O\n"  # the letter O
    (folder.path / "s.csv").write_text(HEAD + lines + bad + lines.replace("s", "t"))
    began = time.process_time()
    result = folder.load(SUBSCRIPTIONS)
    assert time.process_time() - began < 60  # seconds of one core; a few on an idle machine
    (issue,) = result.report.errors
    assert issue.message == "1 of 1,000,001 rows set aside: a cell is not of its column's kind"
    assert issue.place.line == 500_002
    assert result.manifest.tables["subscriptions"].rows == 1_000_000


def test_a_field_of_ten_megabytes(folder):
    rows = "s1,2023-01-01,a1,crm," + "9" * 9_900_000 + "\ns2,2023-01-01,a1,crm,1\n"
    (issue,) = set_aside(folder, rows)
    assert issue.count == 1
    assert len(str(issue)) < 2_000  # the cell is shown cut
    longer = folder.faults(SUBSCRIPTIONS, {"s.csv": HEAD + "s1,2023-01-01,a1,crm," + "9" * 20_000_000 + "\n"})
    assert longer[0].code == "row-too-long"


def test_a_link_that_leads_to_itself_and_a_folder_that_does(folder, find):
    (folder.path / "loop.csv").symlink_to(folder.path / "loop.csv")
    assert find(folder.faults("  accounts: loop.csv"), "source-missing").severity.value == "error"
    (folder.path / "inner").mkdir()
    (folder.path / "inner" / "again").symlink_to(folder.path, target_is_directory=True)
    (folder.path / "inner" / "a.csv").write_text("account_id,name\na1,Acme\n")
    began = time.process_time()
    folder.load('  accounts: "**/a.csv"')
    assert time.process_time() - began < 30
    assert folder.column("accounts.account_id") == ["a1"]


def test_a_pipe_is_not_waited_for(folder, find):
    os.mkfifo(folder.path / "pipe.csv")
    assert find(folder.faults("  accounts: pipe.csv"), "source-missing")


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("billion laughs", "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [*{'a' if n == 0 else f'k{n - 1}'}, *a]\n" for n in range(30)), "aliases"),
        ("merge keys", "a: &a {x: 1}\nb: {<<: *a}\n", "aliases"),
        ("brackets without end", "[" * 400_000, "levels deep"),
        ("braces without end", "a: " + "{a: " * 100_000 + "1" + "}" * 100_000, "levels deep"),
        ("indented without end", "".join("  " * n + "a:\n" for n in range(900)), "levels deep"),
        ("dashes without end", "- " * 400_000 + "x", "levels deep"),
        ("a program", '!!python/object/apply:os.system ["true"]', "tag"),
        ("two documents", "a: 1\n---\nb: 2\n", "second document"),
        ("a NUL byte", "a: \0\n", "#x0000"),
    ],
)  # fmt: skip
def test_a_yaml_file_made_to_hurt_is_refused(name, source, told):
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(ProjectError) as caught:
            parse(source, "plays/p.yaml")
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < 30
    assert told in str(caught.value)
    assert len(caught.value.report) <= 60


def test_a_hundred_thousand_keys_are_refused():
    with pytest.raises(ProjectError, match="more than 50,000 values"):
        parse("".join(f"k{n}: 1\n" for n in range(100_000)), "catalog.yaml")


def test_deep_but_allowed_nesting_and_huge_scalars_are_read():
    deep = parse("a: " + "[" * 39 + "1" + "]" * 39, "p.yaml").data["a"]
    for _ in range(39):
        (deep,) = deep
    assert deep == 1
    assert parse("a: " + "9" * 900_000, "p.yaml").data["a"] == "9" * 900_000  # too long to be meant as a number
    assert len(parse('a: "' + "x" * 900_000 + '"', "p.yaml").data["a"]) == 900_000


def test_a_large_file_and_a_device_are_not_read_to_their_end(tmp_path: Path):
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(3_000_000_000)  # takes no room on the disk
    for path in (large, Path("/dev/zero")):
        began = time.process_time()
        with pytest.raises(ProjectError, match="bytes"):
            read(path)
        assert time.process_time() - began < 5


def test_a_catalogue_or_project_of_thousands_of_wrong_keys_is_told_in_short(tmp_path: Path):
    many = "".join(f"  k{n}: 1\n" for n in range(40_000))
    for text, read_with in (
        ("products:\n" + many, lambda document, report: parse_catalog(document, report)),
        (many.replace("  ", ""), lambda document, report: parse_catalog(document, report)),
        ("tables:\n" + many, lambda document, report: parse_tables(document, ("tables",), tmp_path, report)),
    ):
        report = Report()
        began = time.process_time()
        read_with(parse(text, "file.yaml"), report)
        assert time.process_time() - began < 30
        assert 100 < len(report) <= 201


def test_what_stands_in_signals_and_is_not_read_is_told(tmp_path: Path):
    (tmp_path / "deeper").mkdir()
    for name in ("mine.sql", "OTHER.SQL", "deeper/more.sql", "notes.txt"):
        (tmp_path / name).write_text("")
    found = [issue.place.file for issue in documents.ignored_files(tmp_path, "signals", ".sql") if issue.place]
    assert found == ["signals/OTHER.SQL", "signals/deeper/more.sql"]
