"""The ledger on each database that it runs on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest

from upcross.ledger.place import Place, connect

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def postgres_template(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database that others are copied from."""
    from django.db import connection

    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute("CREATE DATABASE ledger_template")
    connect(Place(tmp_path_factory.mktemp("pg") / "unused", _url(postgres, "ledger_template")))
    connection.close()
    return "ledger_template"


def _url(postgres: str, name: str) -> str:
    parts = dict(part.split("=", 1) for part in postgres.split())
    return f"postgresql://{parts['user']}@/{name}?host={parts['host']}"


@pytest.fixture
def postgres_ledger(postgres: str, postgres_template: str, tmp_path) -> Iterator[Place]:
    """An empty ledger in a PostgreSQL database of this test's own."""
    from django.db import connection

    name = f"ledger_{next(_NUMBERS)}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    place = Place(tmp_path / "unused", _url(postgres, name))
    connect(place, migrated=False)
    yield place
    connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_ledger(request: pytest.FixtureRequest) -> Place:
    """An empty ledger, once on each database."""
    return request.getfixturevalue("ledger" if request.param == "sqlite" else "postgres_ledger")
