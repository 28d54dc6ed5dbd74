"""What a project needs to run, and what of it is installed, reachable, permitted and missing: `upcross doctor`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import duckdb

from upcross.contract import TABLES
from upcross.engine.connections import ENGINES, Address, Connection, open_connection
from upcross.engine.embedded import open_engine
from upcross.errors import EngineError, ProblemError
from upcross.project import Project

_LEAST_PYTHON = (3, 11)
_LEAST_DUCKDB = (1, 5)
_LEAST_JAVA = 17
_LITTLE_SPACE = 2 << 30

_DRIVERS = {
    "postgresql": ("psycopg", "psycopg", "postgresql"),
    "spark": ("pyspark", "pyspark", "spark"),
    "databricks": ("databricks.sql", "databricks-sql-connector", "databricks"),
    "snowflake": ("snowflake.connector", "snowflake-connector-python", "snowflake"),
    "bigquery": ("google.cloud.bigquery", "google-cloud-bigquery", "bigquery"),
    "trino": ("trino", "trino", "trino"),
}
"""By engine: what is imported, what it is called where it is installed, and our extra that brings it."""


READABLE = "can be read"


class State(StrEnum):
    """How something that may be needed stands."""

    FINE = "fine"
    DOUBTFUL = "doubtful"
    """It works, with less than it could."""
    MISSING = "missing"
    """It is not there, and this project does not need it."""
    WRONG = "wrong"
    """It is needed, and cannot be used."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, how it stands, and what to do where it could be better."""

    about: str
    name: str
    state: State
    told: str
    advice: str = ""

    def to_dict(self) -> dict[str, str]:
        """The same facts as plain values."""
        return {"about": self.about, "name": self.name, "state": self.state.value, "told": self.told,
                "advice": self.advice}  # fmt: skip


def examine(project: Project | None) -> list[Finding]:
    """Everything that a project needs, and every engine that it could use; without a project, the machine alone.

    Nothing is written but a probe of the project's folder, and a temporary table that goes at once.
    """
    found = list(_machine(project))
    own = project.settings.source if project else None
    address: Address | None = None
    if project is not None and own is not None:
        try:
            address = project.engine
        except ProblemError as error:
            issue = error.report.issues[0]
            found.append(Finding("engine", "source", State.WRONG, issue.message, issue.hint or issue.expected))
    for scheme, (name, _, _) in ENGINES.items():
        if address is not None and address.scheme == scheme:
            found += _own_engine(address)
        else:
            found.append(_driver(scheme, name, needed=False))
    return found


def can_run(findings: list[Finding]) -> bool:
    """Whether the project's own engine can run."""
    return all(finding.state is not State.WRONG for finding in findings)


def _machine(project: Project | None) -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("machine", "Python", State.FINE if sys.version_info >= _LEAST_PYTHON else State.WRONG, python,
                  "" if sys.version_info >= _LEAST_PYTHON else "install Python 3.11 or newer")  # fmt: skip
    found = tuple(int(part) for part in duckdb.__version__.split(".")[:2])
    yield Finding("machine", "DuckDB", State.FINE if found >= _LEAST_DUCKDB else State.WRONG, duckdb.__version__,
                  "" if found >= _LEAST_DUCKDB else "pip install --upgrade duckdb")  # fmt: skip
    yield _sqlite()
    yield _java(needed=project is not None and (project.settings.source or "").startswith("spark:local"))
    if project is not None:
        yield _writable(project.folder / ".upcross")
        yield _space(project.folder)
        yield from _granted(project)


def _sqlite() -> Finding:
    with closing(sqlite3.connect(":memory:")) as connection:
        options = {name for (name,) in connection.execute("PRAGMA compile_options")}
    whole = "ENABLE_FTS5" in options or find_spec("pysqlite3") is not None
    return Finding(
        "machine", "SQLite", State.FINE if whole else State.DOUBTFUL, sqlite3.sqlite_version,
        "" if whole else "text search is slower without FTS5: pip install pysqlite3, or keep the ledger in PostgreSQL",
    )  # fmt: skip


def _java(*, needed: bool) -> Finding:
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not program or not Path(program).exists():
        return Finding("machine", "Java", State.WRONG if needed else State.MISSING, "not found",
                       "Spark inside this process needs Java 17: install it, or set JAVA_HOME")  # fmt: skip
    try:
        told = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
        release = told.split('"')[1]
        major = int(release.split(".")[0])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return Finding("machine", "Java", State.WRONG if needed else State.DOUBTFUL, f"{program} tells no version",
                       "Spark inside this process needs Java 17")  # fmt: skip
    fine = major >= _LEAST_JAVA
    return Finding("machine", "Java", State.FINE if fine else State.WRONG if needed else State.DOUBTFUL, release,
                   "" if fine else "Spark needs Java 17 or newer")  # fmt: skip


def _writable(folder: Path) -> Finding:
    nearest = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    if os.access(nearest, os.W_OK | os.X_OK):
        return Finding("project", ".upcross", State.FINE, "can be written")
    return Finding("project", ".upcross", State.WRONG, f"{nearest} cannot be written",
                   f"chown or chmod it for the user that runs Upcross: chmod u+rwx {nearest}")  # fmt: skip


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    told = f"{free / (1 << 30):,.1f} GB free"
    if free < _LITTLE_SPACE:
        return Finding("project", "disk", State.DOUBTFUL, told, "loads and runs are kept twice: make 2 GB of room")
    return Finding("project", "disk", State.FINE, told)


def _granted(project: Project) -> Iterator[Finding]:
    """What computing may take, as DuckDB understands it, and whether its folder can be written."""
    resources = project.resources
    with closing(open_engine(resources)) as connection:
        memory, threads = connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads')"
        ).fetchall()[0]
    chosen = ", chosen by DuckDB: 'resources:' in upcross.yaml may say less"
    yield Finding("resources", "memory", State.FINE, f"{memory}{'' if resources.memory else chosen}")
    yield Finding("resources", "threads", State.FINE, f"{threads}{'' if resources.threads else chosen}")
    folder = resources.temporary or project.folder
    nearest = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        yield Finding("resources", "temporary", State.WRONG, f"{folder} cannot be written",
                      "name another folder as 'temporary:' under 'resources:' in upcross.yaml")  # fmt: skip
        return
    free = shutil.disk_usage(nearest).free
    yield Finding("resources", "temporary", State.FINE, f"{folder}, {free / (1 << 30):,.1f} GB free")


def _driver(scheme: str, name: str, *, needed: bool) -> Finding:
    module, package, extra = _DRIVERS[scheme]
    try:
        there = find_spec(module) is not None
    except ModuleNotFoundError:  # a part of the package's name is missing already
        there = False
    if not there:
        return Finding("engine", name, State.WRONG if needed else State.MISSING, f"{package} is not installed",
                       f"pip install 'upcross[{extra}]'")  # fmt: skip
    try:
        told = f"{package} {version(package)}"
    except PackageNotFoundError:
        told = package
    return Finding("engine", name, State.FINE, f"{told} is installed")


def _own_engine(address: Address) -> Iterator[Finding]:
    driver = _driver(address.scheme, address.engine, needed=True)
    yield driver
    if driver.state is State.WRONG:
        return
    try:
        connection = open_connection(address)
    except EngineError as error:
        issue = error.report.issues[0]
        yield Finding("source", address.engine, State.WRONG, issue.message, issue.hint)
        return
    with closing(connection):
        yield Finding("source", address.engine, State.FINE, f"{address.shown} answers")
        yield from _rights(connection)


def _rights(connection: Connection) -> Iterator[Finding]:
    def tried(name: str, look: Callable[[], object], advice: str) -> Finding | None:
        try:
            look()
        except EngineError as error:
            return Finding("source", name, State.WRONG, error.report.issues[0].message, advice)
        return None

    try:
        tables = connection.tables()
    except EngineError as error:
        yield Finding("source", "schema", State.WRONG, error.report.issues[0].message, "grant USAGE on the schema")
        return
    known = [name for name in TABLES if name in tables]
    if not known:
        yield Finding("source", "schema", State.DOUBTFUL, f"{len(tables)} tables, none by a name of the contract",
                      "name them in 'tables:' of upcross.yaml, or grant USAGE on the schema")  # fmt: skip
    for name in known:
        written = tables[name]
        refused = tried(
            name, lambda: connection.rows(f"SELECT 1 FROM {written} AS t LIMIT 1"),  # noqa: B023 - looked at once
            f"GRANT SELECT ON {written} to the user of the address",
        )  # fmt: skip
        yield refused or Finding("source", name, State.FINE, READABLE)
    if connection.may_create():
        yield Finding("source", "temporary tables", State.FINE, "may be created")
    else:
        yield Finding("source", "temporary tables", State.DOUBTFUL, "may not be created",
                      "plays are then judged here, over the signals that came back; in PostgreSQL: GRANT TEMPORARY ON"
                      " DATABASE … TO …")  # fmt: skip
