"""A ledger of its own for each test, copied from one that was migrated once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from upcross.ledger.place import Place, connect

connect(Place(Path("nowhere/ledger.sqlite3")), migrated=False)  # models can be imported from here on; opened by none


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty ledger that is up to date."""
    from django.db import connection

    file = tmp_path_factory.mktemp("ledger") / "ledger.sqlite3"
    connect(Place(file))
    connection.close()
    return file


@pytest.fixture
def ledger(migrated: Path, tmp_path: Path) -> Iterator[Place]:
    """An empty ledger that this process speaks to."""
    from django.db import connection

    file = tmp_path / "ledger.sqlite3"
    shutil.copy(migrated, file)
    place = Place(file)
    connect(place, migrated=False)
    yield place
    connection.close()
