"""A load that is killed at any moment: the book is as before it or as after it, and the next load cleans up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

from upcross.book.store import Store

SOAK = bool(os.environ.get("UPCROSS_SOAK"))
LOADER = """
import os
import sys
from datetime import date
from pathlib import Path
from upcross.book.catalog import parse_catalog
from upcross.book.load import load
from upcross.book.mapping import parse_tables
from upcross.book.store import Store
from upcross.documents import parse
from upcross.errors import Report

tables = 'tables:\\n  accounts: accounts.csv\\n  usage: "usage-*.csv"\\n  tickets: "tickets-*.csv"\\n'
folder = Path(sys.argv[1])

def once(anew=False):
    report = Report()
    mappings = parse_tables(parse(tables, "upcross.yaml"), ("tables",), folder / "data", report)
    catalog = parse_catalog(parse("", "catalog.yaml"), report)
    load(mappings, catalog, Store(folder / "book"), reporting_currency="EUR", today=date(2024, 12, 31), anew=anew)

print("ready", flush=True)
for line in sys.stdin:  # each load is a process of its own, which need not import anything
    loading = os.fork()
    if not loading:
        print(os.getpid(), flush=True)
        once(line.strip() == "anew")
        print("loaded", flush=True)
        os._exit(0)
    os.waitpid(loading, 0)
    print("ended", flush=True)
"""


class Loader:
    """Another process that loads a folder whenever it is told to, in a process that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOADER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._said() == "ready"

    def begin(self, how: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{how}\n")
        self.process.stdin.flush()
        self.loading = int(self._said())

    def end(self) -> None:
        assert [self._said(), self._said()] == ["loaded", "ended"]

    def kill(self) -> None:
        """Kill the load under way, if it is."""
        with suppress(ProcessLookupError):
            os.kill(self.loading, signal.SIGKILL)
        while self._said() != "ended":
            pass

    def close(self) -> None:
        self.process.communicate()

    def _said(self) -> str:
        assert self.process.stdout is not None
        said = self.process.stdout.readline().strip()
        assert said, "the loader itself is gone"
        return said


class Data:
    """Files whose rows all say which state they are of, so that a book between two states would show."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder / "data", 0
        self.folder.mkdir()
        self.change()

    def change(self) -> None:
        """Write the next state into some of the files of every table."""
        self.state += 1
        state = self.state
        self._write("accounts.csv", "account_id,name", [f"a{n},State {state}" for n in range(20)])
        for month in {1, state % 12 + 1}:
            rows = [f"a{n % 20},crm,m{n},2024-{month:02}-{n % 28 + 1:02},2024-{month:02}-{n % 28 + 2:02},{state}"
                    for n in range(3000)]  # fmt: skip
            self._write(f"usage-{month:02}.csv", "account_id,product_id,metric,period_start,period_end,value", rows)
        self._write("tickets-1.csv", "ticket_id,account_id,opened_on,subject",
                    [f"t{n},a1,2024-01-05,State {state}" for n in range(1000)])  # fmt: skip

    def _write(self, name: str, head: str, rows: list[str]) -> None:
        (self.folder / name).write_text("\n".join([head, *rows, ""]))


def shown(store: Store) -> tuple[set[int], set[int], set[int], int]:
    """Which states a book shows in accounts, tickets and the first month of usage, and how many rows of usage."""
    with closing(store.connect(origins=True)) as connection:

        def states(query: str) -> set[int]:
            return {int(str(value).removeprefix("State ")) for (value,) in connection.execute(query).fetchall()}

        ((rows,),) = connection.execute("SELECT count(*) FROM book.usage").fetchall()
        return (
            states("SELECT DISTINCT name FROM book.accounts"), states("SELECT DISTINCT subject FROM book.tickets"),
            states("SELECT DISTINCT value::INT FROM book.usage WHERE period_start < DATE '2024-02-01'"), rows,
        )  # fmt: skip


def left_behind(store: Store) -> list[str]:
    loads = [entry for entry in store.folder.iterdir() if entry.is_dir()]
    hidden = [entry.name for entry in store.folder.iterdir() if entry.name.startswith(".") and entry.name != ".lock"]
    return hidden + (["loads beside the current and the one before"] if len(loads) > 2 else [])


def test_killed_at_any_moment_the_book_is_as_before_or_as_after_and_the_next_load_cleans_up(tmp_path: Path) -> None:
    data, store = Data(tmp_path), Store(tmp_path / "book")
    loader = Loader(tmp_path)
    loader.begin()
    loader.end()
    data.change()
    started = time.monotonic()
    loader.begin()
    loader.end()
    took = time.monotonic() - started
    before, outcomes = 2, set()
    moments = 60 if SOAK else 12
    for moment in range(moments):
        data.change()
        loader.begin("anew" if moment % 4 == 3 else "")
        time.sleep(took * 1.3 * moment / (moments - 1))
        loader.kill()
        accounts, tickets, usage, _ = shown(store)
        assert accounts == tickets == usage and accounts in ({before}, {data.state}), f"killed at moment {moment}"
        outcomes.add(accounts == {before})
        loader.begin()
        loader.end()
        assert shown(store)[:3] == ({data.state}, {data.state}, {data.state})
        assert left_behind(store) == []
        before = data.state
    assert True in outcomes  # some were killed before they published
    once = shown(store)
    loader.begin("anew")
    loader.end()
    loader.close()
    assert shown(store) == once


READER = """
import sys
from pathlib import Path
from upcross.book.store import Store
connection = Store(Path(sys.argv[1])).connect()
print("open", flush=True)
for _ in sys.stdin:
    print(connection.execute("SELECT any_value(name), count(DISTINCT name) FROM book.accounts").fetchall()[0],
          connection.execute("SELECT count(*), sum(value)::BIGINT FROM book.usage").fetchall()[0], flush=True)
"""


def test_who_opened_the_book_before_a_load_reads_on_while_it_is_made_and_after_it_is_published(tmp_path: Path) -> None:
    data, store = Data(tmp_path), Store(tmp_path / "book")
    loader = Loader(tmp_path)
    loader.begin()
    loader.end()
    reader = subprocess.Popen([sys.executable, "-c", READER, str(store.folder)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert reader.stdin is not None and reader.stdout is not None
    assert reader.stdout.readline() == "open\n"

    def read() -> str:
        assert reader.stdin is not None and reader.stdout is not None
        reader.stdin.write("\n")
        reader.stdin.flush()
        return reader.stdout.readline()

    first = read()
    assert first.startswith("('State 1', 1)")
    data.change()
    loader.begin()
    meanwhile = [read() for _ in range(10)]
    loader.end()
    assert {first, *meanwhile, read()} == {first}
    assert shown(store)[0] == {2}
    reader.communicate()
    loader.close()
