"""Fixtures that more than one area of tests needs: a real PostgreSQL server of our own, the sample loaded, a ledger."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from upcross.ledger.place import Place, connect

_NUMBERS = itertools.count()
_HERE = Path(__file__).parent

LONG = [
    _HERE / file
    for file in (
        "engine/test_spark_and_all_engines_agree.py", "book/test_small_days.py", "engine/test_spark_source.py",
        "app/test_every_page.py", "cli/test_ledger_commands.py", "book/test_loads_killed.py", "cli/test_watch.py",
        "docs/test_docs.py", "engine/test_source.py",
    )
]  # fmt: skip
"""The files that take longest, first of all: begun last, each would run alone while the other processes have nothing.

Of two processes the first is given the first and the third: one Spark session serves both.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; the others as they were found."""
    items.sort(key=lambda item: LONG.index(item.path) if item.path in LONG else len(LONG))


def pytest_configure(config: pytest.Config) -> None:
    """Django is configured once a process, as for serving behind https; a ledger is then one ``connect`` away."""
    assert all(file.exists() for file in LONG), LONG
    config.option.loadscopereorder = False  # xdist would begin with the files of many tests, which are short ones

    import django
    from django.conf import settings
    from django.contrib.auth.hashers import Argon2PasswordHasher
    from django.test.utils import setup_test_environment

    from upcross.serving import Serving
    from upcross.web.settings import serving_settings

    serving = Serving(public_url="https://upcross.example")
    nowhere = Place(Path("no-ledger-chosen.sqlite3"))
    key = "of these tests alone, and long enough"
    settings.configure(**serving_settings(nowhere, key=key, serving=serving), UPCROSS_PROJECT="no-project-chosen")
    django.setup()
    setup_test_environment(debug=False)
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 1024  # tests sign in hundreds of times


def _postgres_binaries() -> Path | None:
    found = shutil.which("initdb")
    if found and Path(found).resolve().parent.joinpath("pg_ctl").exists():
        return Path(found).resolve().parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return candidates[-1].parent if candidates else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A connection string to a throw-away PostgreSQL on a Unix socket, stopped and removed afterwards."""
    binaries = _postgres_binaries()
    if binaries is None:
        message = "PostgreSQL's server programs are not installed: `apt-get install postgresql`, or run `make setup`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="upcross-pg-"))
    as_other = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
        shutil.chown(folder, "postgres", "postgres")
        as_other = ["runuser", "-u", "postgres", "--"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}

    def run(*command: str) -> None:
        subprocess.run([*as_other, *command], check=True, capture_output=True, cwd=folder, env=environment)

    data = folder / "data"
    run(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "upcross", "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c jit=off"
    run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"host={folder} user=upcross dbname=postgres"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one of all the processes of a test run makes, and the others wait for; each then has its own copy."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        made = base / name
        make(made)
        return made
    made = base.parent / f"made-{name}"
    with (base.parent / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = base.parent / f"making-{name}"
            make(unfinished)
            unfinished.rename(made)
    own = base / name
    shutil.copytree(made, own)
    return own


MadeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """A folder by its name that one of all the processes of a test run makes; this process has a copy of its own."""
    return partial(_made_once, tmp_path_factory)


@pytest.fixture(scope="session")
def company_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole sample company, some 400 accounts, loaded and planned; tests read it and leave it as it is."""
    from upcross.project import open_project
    from upcross.starting import start_project
    from upcross.verbs import load, plan

    def make(folder: Path) -> None:
        start_project(folder, sample=True)
        load(open_project(folder))
        plan(open_project(folder))

    return _made_once(tmp_path_factory, "company", make)


@pytest.fixture(scope="session")
def sample_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company's written stories alone, loaded and planned: quick; tests read it and leave it as it is."""
    from upcross.project import open_project
    from upcross.sample import write_sample
    from upcross.verbs import load, plan

    def make(folder: Path) -> None:
        write_sample(folder, stories_only=True)
        load(open_project(folder))
        plan(open_project(folder))

    return _made_once(tmp_path_factory, "sample", make)


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with every table and no row, made once; each test has a copy of its own."""

    def make(folder: Path) -> None:
        from django.db import connection

        connect(Place(folder / "ledger.sqlite3"))
        connection.close()

    return _made_once(tmp_path_factory, "ledger", make) / "ledger.sqlite3"


@pytest.fixture
def ledger(tmp_path: Path, empty_ledger: Path) -> Iterator[Place]:
    """An empty ledger of this test's own, which this process speaks to."""
    from django.db import connection

    place = Place(tmp_path / ".upcross" / "ledger.sqlite3")
    place.file.parent.mkdir()
    shutil.copyfile(empty_ledger, place.file)
    connect(place, migrated=False)
    yield place
    connection.close()


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
