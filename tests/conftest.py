"""Fixtures that more than one area of tests needs: a real PostgreSQL server of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from upcross.book.load import LoadResult


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


@pytest.fixture(scope="session")
def company_loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LoadResult]:
    """The whole sample company's folder, loaded once for all tests, and what the load said."""
    from upcross.project import open_project
    from upcross.starting import start_project
    from upcross.verbs import load

    folder = tmp_path_factory.mktemp("company") / "project"
    start_project(folder, sample=True)
    return folder, load(open_project(folder))


@pytest.fixture(scope="session")
def company_project(company_loaded: tuple[Path, LoadResult]) -> Path:
    """The whole sample company, some 400 accounts, loaded; tests read it and leave it as it is."""
    return company_loaded[0]


@pytest.fixture(scope="session")
def sample_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company's written stories alone, loaded: quick; tests read it and leave it as it is."""
    from upcross.project import open_project
    from upcross.sample import write_sample
    from upcross.verbs import load

    folder = tmp_path_factory.mktemp("sample") / "project"
    write_sample(folder, stories_only=True)
    load(open_project(folder))
    return folder
