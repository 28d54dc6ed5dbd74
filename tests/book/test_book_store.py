"""The store: loads that overlap, clocks that go back, and runs that keep the book they began with."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from upcross.errors import LoadError, ProjectError

HEAD = "account_id,name\n"


def load_named(folder, name, **options):
    """A load of one account called ``name``; its manifest."""
    (folder.path / f"{name}.csv").write_text(f"{HEAD}a1,{name}\n")
    return folder.load(f"  accounts: {name}.csv", **options).manifest


def kept(folder):
    return {entry.name for entry in folder.store.folder.iterdir() if entry.is_dir()}


class Slow:
    """A load that waits, half done, until others have published."""

    def __init__(self, folder, name):
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.manifest = None
        self.thread = threading.Thread(target=self._load, args=(folder, name))
        self.thread.start()
        assert self.reached.wait(30)

    def _load(self, folder, name):
        self.manifest = load_named(folder, name, progress=self._wait)

    def _wait(self, *_):
        self.reached.set()
        assert self.go_on.wait(30)

    def finish(self):
        self.go_on.set()
        self.thread.join(30)
        return self.manifest


def test_a_slow_load_that_publishes_last_is_the_book_and_the_one_before_it_stays(folder):
    slow = Slow(folder, "slow")  # began first, so that its name sorts first
    load_named(folder, "one")
    second = load_named(folder, "two")
    last = slow.finish()
    assert folder.store.manifest() == last
    assert folder.column("accounts.name") == ["slow"]
    assert kept(folder) == {last.load_id, second.load_id}
    assert folder.store.connect(second).execute("SELECT name FROM book.accounts").fetchall() == [("two",)]


def test_two_loads_that_overlap_both_end_well(folder):
    first, second = Slow(folder, "first"), Slow(folder, "second")
    ended_second, ended_first = second.finish(), first.finish()
    assert folder.column("accounts.name") == ["first"]
    assert kept(folder) == {ended_first.load_id, ended_second.load_id}


def test_a_clock_set_back_does_not_remove_the_new_book(folder):
    old = load_named(folder, "old")
    # The loads so far seem to come from the future.
    ahead = "29990101T000000000000-aaaaaa"
    store = folder.store.folder
    (store / old.load_id).rename(store / ahead)
    manifest = store / "manifest.json"
    manifest.write_text(manifest.read_text().replace(old.load_id, ahead))
    (store / "29980101T000000000000-bbbbbb").mkdir()
    new = load_named(folder, "new")
    assert folder.column("accounts.name") == ["new"]
    assert kept(folder) == {new.load_id, ahead}


def test_a_manifest_that_cannot_be_read_costs_no_other_load(folder):
    first = load_named(folder, "first")
    (folder.store.folder / "manifest.json").write_text("{")
    second = load_named(folder, "second")
    assert kept(folder) == {first.load_id, second.load_id}
    assert folder.column("accounts.name") == ["second"]


HOLD = """
import sys
from pathlib import Path
from upcross.book.store import Store
with Store(Path(sys.argv[1]))._publishing():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(folder):
    """Another process that is publishing into the store."""
    first = load_named(folder, "first")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.store.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield first, process
    process.kill()
    process.communicate()


def test_a_store_that_another_load_does_not_let_go_is_told_and_nothing_changes(folder, held, monkeypatch):
    first, _ = held
    monkeypatch.setattr("upcross.book.store._LOCK_TRIES", 1)
    with pytest.raises(LoadError) as caught:
        load_named(folder, "second")
    assert [issue.code for issue in caught.value.report] == ["store-busy"]
    assert "load again when the other load has ended" in str(caught.value)
    assert folder.store.manifest() == first
    assert kept(folder) == {first.load_id}


def test_a_load_that_was_killed_while_publishing_locks_nobody_out(folder, held):
    _, process = held
    process.kill()
    process.wait()
    load_named(folder, "second")
    assert folder.column("accounts.name") == ["second"]


def test_a_run_keeps_the_book_that_it_began_with(folder):
    first = load_named(folder, "first")
    second = load_named(folder, "second")
    names = "SELECT name FROM book.accounts"
    assert folder.store.connect(first).execute(names).fetchall() == [("first",)]
    assert folder.store.connect(second).execute(names).fetchall() == [("second",)]
    assert folder.store.connect().execute(names).fetchall() == [("second",)]


def test_a_book_two_loads_old_is_gone_and_the_hint_says_what_to_run(folder):
    first = load_named(folder, "first")
    load_named(folder, "second")
    load_named(folder, "third")
    with pytest.raises(ProjectError) as caught:
        folder.store.connect(first)
    [issue] = caught.value.report
    assert issue.code == "store-damaged"
    assert issue.message == "accounts.parquet of table 'accounts' is gone"
    assert "run `upcross plan` again" in issue.hint and "`upcross load`" in issue.hint
