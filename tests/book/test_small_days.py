"""Small days: a load that reads only what was written since, day after day, gives the book that reading all gives."""

from __future__ import annotations

import os
import random
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from five_rows import ACCOUNTS
from upcross.book.catalog import parse_catalog
from upcross.book.checks import check
from upcross.book.load import LoadResult, load
from upcross.book.manifest import to_json
from upcross.book.mapping import parse_tables
from upcross.book.snapshot import Snapshot
from upcross.book.spans import read_spans
from upcross.book.store import Store
from upcross.book.typed import Typed
from upcross.documents import parse
from upcross.errors import Report
from upcross.signals.frame import Frame
from upcross.signals.model import Scope
from upcross.signals.registry import build, shipped_models

SOAK = bool(os.environ.get("UPCROSS_SOAK"))
FIRST = date(2024, 1, 10)
CATALOG = "team: {ann: {name: Ann, role: csm}, bob: {role: account_manager}}\n"
TABLES = """\
  accounts: accounts.csv
  team: team.csv
  subscriptions: {file: "lines-*.csv", columns: {currency: {value: EUR}}}
  usage:
    - {file: "usage-*.csv", where: "source <> 'test'", columns: {value: {from: n}}}
    - {file: "extra/usage-*.jsonl"}
  tickets: {file: "tickets-*.csv", columns: {opened_on: {from: day, format: "%d.%m.%Y"}}}
"""


class World:
    """A folder in which every day something lands, and mostly something else too; the same for the same seed."""

    def __init__(self, folder: Path, accounts: int = 6, seed: int = 7) -> None:
        self.folder, self.accounts, self.chance = folder, accounts, random.Random(seed)
        self.tables, self.lines = TABLES, 0
        (folder / "extra").mkdir()
        self.write("extra/usage-0.jsonl", '{"account_id": "a0", "product_id": "crm", "metric": "calls",'
                   ' "period_start": "2024-01-02", "period_end": "2024-01-03", "value": "4"}\n')  # fmt: skip
        self.write("team.csv", "person_id,name,role\nann,,csm\n")
        self.write_accounts()
        self.write("lines-0.csv", self.line_rows(FIRST, 4))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def write_accounts(self) -> None:
        rows = [f"a{number},Account {number},ann,bob" for number in range(self.accounts)]
        self.write("accounts.csv", "\n".join([ACCOUNTS.split("\n")[0], *rows, ""]))

    def line_rows(self, day: date, count: int) -> str:
        rows = [
            "line_id,valid_from,account_id,product_id,plan_id,quantity,unit_price,mrr,amount,period_months,recorded_at"
        ]
        for _ in range(count):
            self.lines += self.chance.random() < 0.7  # else a later version of the same line
            money = self.chance.choice(["10,,,", "10,,1201,12", ",95,,", ",,100,3"])
            recorded = self.chance.choice(["", str(day)])
            rows.append(f"l{self.lines},{day},a{self.lines % 5},crm,basic,{self.lines % 7},{money},{recorded}")
        return "\n".join([*rows, ""])

    def usage_rows(self, day: date) -> list[str]:
        chance, rows = self.chance, []
        for number in range(self.accounts):
            for metric in ("calls", "logins"):
                # Late rows, corrections with a day of their own, rows stated twice, and rows that contradict those.
                happened = day - timedelta(chance.choice([0, 0, 0, 0, 0, 0, 1, 3, 40]))
                known = chance.choice(["", "", str(day)])
                value = chance.choice([5, 5, 5, chance.randrange(1000), "many" if number == 3 else 6])
                source = "test" if number == 5 and metric == "logins" else "app"
                rows.append(f"a{number},crm,{metric},{happened},{happened + timedelta(1)},{value},{source},{known}")
        return rows

    def write_usage(self, day: date, rows: list[str] | None = None, sign: str = ",") -> None:
        head = "account_id,product_id,metric,period_start,period_end,n,source,recorded_at"
        text = "\n".join([head, *(self.usage_rows(day) if rows is None else rows), ""])
        self.write(f"usage-{day}.csv", text.replace(",", sign))

    def pass_day(self, number: int) -> date:
        """What lands on a day, the first being 0; returns the day."""
        day, chance = FIRST + timedelta(number), self.chance
        self.write_usage(day, sign=";" if number == 9 else ",")
        opened = day.strftime("%d.%m.%Y") if number % 11 else "yesterday"
        rows = [f"t{number}-{n},a{n},{opened}" for n in range(3)] + (
            [f"t{number - 1}-0,a1,{opened}"] if number % 4 == 3 else []
        )
        self.write(f"tickets-{day}.csv", "\n".join(["ticket_id,account_id,day", *rows, ""]))
        earlier = sorted(self.folder.glob("usage-*.csv"))[:-1]
        if number % 7 == 3:
            self.accounts += 1
            self.write_accounts()
        if number % 9 == 4:
            self.write(f"lines-{number}.csv", self.line_rows(day, 3))
        if number % 10 == 5:
            chance.choice(earlier).unlink()
        if number % 10 == 8:  # a file replaced, as large as before
            file = chance.choice(earlier)
            file.write_text(file.read_text().replace("5,app", "7,app"))
        if number % 13 == 6:
            self.write_usage(day - timedelta(100), self.usage_rows(day - timedelta(45)))  # sorts first of all
        if number == 12:
            self.write_usage(day, [])
        if number == 17:
            (self.folder / "tickets-2024-01-12.csv").unlink()
        if number == 20:
            earlier[2].rename(self.folder / "usage-a.csv")
        if number == 25:  # rows in the future
            self.write_usage(day, [f"a1,crm,calls,{day + timedelta(3)},{day + timedelta(4)},9,app,"])
        if number == 30:
            self.tables = self.tables.replace("source <> 'test'", "source <> 'test' AND account_id <> 'a2'")
        if number == 36:  # other files count first
            first, second = (line for line in self.tables.splitlines(True) if line.startswith("    - "))
            self.tables = self.tables.replace(first + second, second + first)
        if number == 40:
            self.write("lines-0.csv", self.line_rows(FIRST, 1))
        if number == 44:
            for file in self.folder.glob("lines-*.csv"):
                os.utime(file, (1, 1))  # touched, and the same
        return day

    def load(self, store: Store, today: date, anew: bool = False) -> LoadResult:
        report = Report()
        document = parse(f"tables:\n{self.tables}", "upcross.yaml")
        mappings = parse_tables(document, ("tables",), self.folder, report)
        catalog = parse_catalog(parse(CATALOG, "catalog.yaml"), report)
        assert not report.errors, str(report)
        return load(mappings, catalog, store, reporting_currency="EUR", today=today, anew=anew)


def book(store: Store) -> dict[str, object]:
    """All that a store tells: the manifest, every row of every table with where it came from, what was set aside."""
    manifest = store.manifest()
    facts = to_json(manifest)
    facts.pop("load_id"), facts.pop("numbers")
    for table in facts["tables"]:
        table["files"] = [file.split("/", 1)[1] for file in table["files"]]
    rows = {}
    with closing(store.connect(origins=True)) as connection:
        for name in manifest.tables:
            rows[name] = connection.execute(f"SELECT * FROM book.{name} ORDER BY ALL").fetchall()
            for row in rows[name]:
                manifest.source_of(row[-1])
    aside = pq.read_table(store.set_aside_file(manifest)).to_pylist()
    return {"manifest": facts, "rows": rows, "aside": aside}


def known_on(store: Store, day: date) -> dict[str, tuple[object, ...]]:
    """What each table covered as known on a past day: rows, and the span."""
    tables = read_spans(store, store.manifest()).on(day, day).tables
    return {name: (table.rows, table.complete_from, table.complete_through) for name, table in tables.items()}


def signals(store: Store, day: date) -> dict[str, list[object]]:
    frame = Frame(build((), shipped_models()), Snapshot(store.manifest(), day, day))
    with closing(store.connect()) as connection:
        return {
            scope.value: connection.execute(f"SELECT * FROM ({frame.statement(scope)}) ORDER BY ALL").fetchall()
            for scope in (Scope.ACCOUNT, Scope.SUBSCRIPTION)
        }


@pytest.mark.parametrize("days", [365 if SOAK else 60])
def test_sixty_days_loaded_one_by_one_are_each_the_book_that_reading_all_gives(tmp_path: Path, days: int) -> None:
    (tmp_path / "data").mkdir()
    world = World(tmp_path / "data", accounts=40 if SOAK else 6)
    small, scratch = Store(tmp_path / "small"), Store(tmp_path / "scratch")
    read = []
    for number in range(days):
        day = world.pass_day(number)
        result = world.load(small, day)
        everything = world.load(scratch, day, anew=True)
        read.append(result.read)
        assert everything.unchanged == 0 and result.read + result.unchanged == everything.read
        one, other = book(small), book(scratch)
        for what in one:
            assert one[what] == other[what], f"day {number}: {what}"
        for past in (day - timedelta(3), day - timedelta(20)):
            assert known_on(small, past) == known_on(scratch, past), f"day {number}: what was known on {past}"
        if number == 59:
            assert [str(issue) for issue in check(small)] == [str(issue) for issue in check(scratch)]
            assert signals(small, day) == signals(scratch, day)
    facts = one["manifest"]
    assert isinstance(facts, dict)
    codes = {issue["code"] for issue in facts["issues"]}
    # What this test is about did happen.
    assert {"key-duplicate", "row-repeated", "value-invalid", "mrr-completed", "delimiter-sniffed"} <= codes
    assert {table["name"]: table["corrected"] for table in facts["tables"]}["usage"]
    # team.csv is read each time, since the catalogue completes it; beside it the usage and the tickets of the day.
    assert sorted(read)[len(read) // 2] == 3


def small_world(tmp_path: Path, days: int = 3) -> tuple[World, Store, date]:
    (tmp_path / "data").mkdir()
    world, store = World(tmp_path / "data"), Store(tmp_path / "book")
    day = FIRST
    for number in range(days):
        day = world.pass_day(number)
    world.load(store, day)
    return world, store, day


def test_a_file_written_over_with_as_many_bytes_and_its_old_time_is_read(tmp_path: Path) -> None:
    world, store, day = small_world(tmp_path)
    file = world.folder / f"usage-{FIRST}.csv"
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_text(file.read_text().replace(",5,app", ",8,app"))
    os.utime(file, ns=times)
    world.load(store, day)
    with closing(store.connect()) as connection:
        values = connection.execute("SELECT DISTINCT value FROM book.usage").fetchall()
    assert any(int(value) == 8 for (value,) in values)


def test_a_mapping_that_reads_the_clock_is_read_each_time(tmp_path: Path) -> None:
    world, store, day = small_world(tmp_path)
    world.tables = world.tables.replace(
        "where: \"source <> 'test'\"", 'where: "period_start <= CAST(current_date AS VARCHAR)"'
    )
    world.load(store, day)
    assert world.load(store, day).read == 1 + 3  # team.csv and the usage; not its JSON lines


def test_months_that_nothing_touches_are_the_files_that_they_were(tmp_path: Path) -> None:
    world, store, day = small_world(tmp_path, 30)

    def inodes() -> dict[str, int]:
        files = [file for name in ("usage", "tickets") for file in store.manifest().tables[name].files]
        return {file.split("/", 1)[1]: (store.folder / file).stat().st_ino for file in files}

    before = inodes()
    late = date(2024, 1, 3)
    world.write_usage(day + timedelta(1), [f"a1,crm,late,{late},{late + timedelta(1)},77,app,"])
    world.load(store, day)
    after = inodes()
    assert {name for name in after if after[name] != before.get(name)} == {"usage/2024-01.parquet"}
    assert "usage/2024-02.parquet" in after


def test_a_stored_book_that_somebody_damaged_is_read_anew_and_whole(tmp_path: Path) -> None:
    world, store, day = small_world(tmp_path)
    whole = book(store)
    (store.folder / store.manifest().tables["usage"].files[0]).write_bytes(b"cut short")
    result = world.load(store, day)
    assert result.unchanged == 0 and book(store) == whole


def test_what_was_known_on_a_past_day_reads_again_only_files_that_changed(tmp_path: Path) -> None:
    world, store, day = small_world(tmp_path, 30)
    before = known_on(store, day)
    late = date(2024, 1, 3)
    world.write_usage(day + timedelta(1), [f"a1,crm,late,{late},{late + timedelta(1)},77,app,"])
    world.load(store, day)
    january, february = (store.folder / file for file in store.manifest().tables["usage"].files[-2:])
    unreadable(february)
    after = known_on(store, day)
    assert after["usage"][0] == int(str(before["usage"][0])) + 1
    unreadable(january)
    assert known_on(store, day) == after  # asked once more, nothing at all is read
    (store.folder / store.manifest().load_id / "spans.parquet").write_bytes(b"cut short")
    with pytest.raises(duckdb.Error):
        known_on(store, day)  # what was kept is of no use: January is read again, and is nothing but spaces


def unreadable(file: Path) -> None:
    """Put spaces in place of a file's content, as large and as old as it was."""
    facts = file.stat()
    file.write_bytes(b" " * facts.st_size)
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_what_was_known_on_a_past_day_counts_what_was_typed_since(tmp_path: Path) -> None:
    _, store, day = small_world(tmp_path)
    loaded = store.manifest()
    read_spans(store, loaded)
    heard = Typed({"contacts": ({"contact_id": "c1", "account_id": "a1", "recorded_at": day},)})
    assert read_spans(store, loaded.with_typed(heard)).on(day, day).tables["contacts"].rows == 1
    assert read_spans(store, loaded.with_typed(heard)).on(FIRST, FIRST).tables["contacts"].rows == 0
    assert "contacts" not in read_spans(store, loaded).on(day, day).tables
