"""A ledger of each test's own, empty but for its tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from upcross.ledger.place import Place, connect


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from django.db import connection

    place = Place(tmp_path_factory.mktemp("ledger") / "ledger.sqlite3")
    connect(place)
    connection.close()
    return place.file


@pytest.fixture
def ledger(tmp_path: Path, empty_ledger: Path) -> Iterator[Place]:
    from django.db import connection

    place = Place(tmp_path / ".upcross" / "ledger.sqlite3")
    place.file.parent.mkdir()
    shutil.copyfile(empty_ledger, place.file)
    connect(place, migrated=False)
    yield place
    connection.close()
