"""Where the ledger is kept: a sound build of SQLite, a file for its owner alone, and none that a newer version wrote."""

from __future__ import annotations

import stat
from types import SimpleNamespace

import pytest
from django.db import connection

from upcross.errors import UsageError
from upcross.ledger.models import Opportunity
from upcross.ledger.place import NewerLedgerError, Place, connect
from upcross.ledger.sqlite.build import UnsoundError, choose, is_sound


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 0), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_builds_that_can_lose_what_was_written_are_told_apart(version, sound) -> None:
    assert is_sound(version) is sound


def test_without_a_sound_build_it_says_what_to_do() -> None:
    old = SimpleNamespace(sqlite_version_info=(3, 40, 1), sqlite_version="3.40.1")
    new = SimpleNamespace(sqlite_version_info=(3, 53, 4), sqlite_version="3.53.4")
    assert choose([old, new]) is new
    with pytest.raises(UnsoundError, match=r"SQLite 3\.40\.1 can lose .* Install the package pysqlite3"):
        choose([old])


def test_the_ledger_is_durable_and_waits_in_turn(ledger) -> None:
    with connection.cursor() as cursor:
        told = {}
        for name in ("journal_mode", "synchronous", "foreign_keys"):
            cursor.execute(f"PRAGMA {name}")
            told[name] = cursor.fetchone()[0]
        cursor.execute("SELECT sqlite_version()")
        version = tuple(map(int, cursor.fetchone()[0].split(".")))
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert is_sound(version)


def test_a_new_ledger_is_its_owners_alone(tmp_path) -> None:
    place = Place(tmp_path / "new" / "ledger.sqlite3")
    assert not place.exists
    connect(place)
    assert Opportunity.objects.count() == 0
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    connection.close()


def test_a_ledger_of_a_newer_version_is_left_alone(any_ledger) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', '0999_ahead', CURRENT_TIMESTAMP)"
        )
    with pytest.raises(NewerLedgerError, match="written by a newer version of Upcross"):
        connect(any_ledger)


@pytest.mark.parametrize("url", ["mysql://db/upcross", "postgresql://db", "upcross"])
def test_an_address_of_no_database_is_told(url, tmp_path) -> None:
    with pytest.raises(UsageError, match=r"expected an address such as postgresql://user@host/upcross"):
        Place(tmp_path / "x", url).database()


def test_no_message_names_the_password(tmp_path) -> None:
    place = Place(tmp_path / "x", "postgresql://ana:s3cret@db.example:5433/up%20cross?sslmode=require")
    assert str(place) == "postgresql://db.example/up%20cross"
    assert place.without_password == "postgresql://ana@db.example:5433/up%20cross?sslmode=require"
    given = place.database()
    assert (given["NAME"], given["PASSWORD"], given["OPTIONS"]) == ("up cross", "s3cret", {"sslmode": "require"})
