"""Signals kept by day: every scope's rows as Parquet, under a key of all that they were made from.

Plays are no part of the key: a changed threshold is judged again over the same signals, on one day or on many.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import duckdb

from upcross.book.store import Store
from upcross.engine.routed import make_table, staged
from upcross.errors import EngineError, Issue, Place, ProjectError, Report, Severity, issue_code
from upcross.signals.frame import Frame
from upcross.signals.model import Scope

ENGINE_REFUSED = issue_code("engine-refused", Severity.ERROR, "The engine refused a statement made from the models.")
RUN_NOT_KEPT = issue_code("run-not-kept", Severity.ERROR, "The folder of the runs cannot be written.")
MEMORY_SHORT = issue_code("memory-short", Severity.ERROR, "Computing was granted less memory than it needs.")
GRAIN = issue_code("model-grain", Severity.ERROR, "A signal model gives several rows for one key of its scope.")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and of how many."""

RECORD = "signals.json"


def models_key(frame: Frame) -> str:
    """A hash of the load, what was typed and every model, whatever the day: days alike in it are comparable."""
    typed = frame.snapshot.manifest.typed
    return _hash(_loaded(frame) | ({"typed": typed.keys()} if typed else {}))


def loaded_key(frame: Frame) -> str:
    """The same without what people typed: runs alike in it differ by that alone."""
    return _hash(_loaded(frame))


def _loaded(frame: Frame) -> dict[str, object]:
    manifest, registry = frame.snapshot.manifest, frame.registry
    return {
        "load": manifest.load_id,
        "rates_on": str(manifest.rates_on),
        "version": version("upcross"),
        "models": {name: [model.sql, repr(model.signals)] for name, model in sorted(registry.models.items())},
    }


def kept_folder(frame: Frame, runs: Path) -> Path:
    """Where the signals of a frame's day are kept, or would be."""
    key = _hash({"models": models_key(frame), "known_at": str(frame.snapshot.known_at)})
    return runs / str(frame.snapshot.as_of) / f"signals-{key}"


def is_kept(folder: Path) -> bool:
    """Whether a folder holds a day's signals, all of them."""
    return (folder / RECORD).exists()


def keep_signals(
    frame: Frame, store: Store, runs: Path, progress: Progress | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Path:  # fmt: skip
    """Make and keep a day's signals, all or nothing, unless they are kept; gives their folder.

    On a ``connection`` to the book that is given they stay as tables, in the engine too where the book lies in one.
    Raises ``ProjectError`` where a model gives several rows for one key, ``EngineError`` where the engine refuses one.
    """
    folder = kept_folder(frame, runs)
    if is_kept(folder):
        return folder
    if connection is None:
        with closing(store.connect(frame.snapshot.manifest)) as opened:
            return keep_signals(frame, store, runs, progress, opened)
    with making(folder) as unfinished:
        # What several scopes read is made once here; a company's own engine is given results alone to hold.
        shared = {} if store.in_engine else frame.shared()
        for name, statement in shared.items():
            _make(connection, frame, name, statement)
        statements = [frame.statement(scope, held=shared) for scope in Scope]
        with staged(connection, statements) as left:
            for done, (scope, statement) in enumerate(zip(Scope, statements, strict=True)):
                if progress:
                    progress(f"signals by {scope.value.replace('_', ' ')}", done, len(Scope))
                name = f"signals_{scope.value}"
                _make(connection, frame, name, statement, unfinished, left[done])
                _check_grain(connection, scope, frame)
        snapshot = frame.snapshot
        record = {
            "as_of": str(snapshot.as_of), "known_at": str(snapshot.known_at), "load": snapshot.manifest.load_id,
            "loaded_on": str(snapshot.manifest.loaded_on), "key": models_key(frame),
            "loaded": loaded_key(frame), "typed": snapshot.manifest.typed.keys(),
        }  # fmt: skip
        (unfinished / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    return folder


def forget_typed(runs: Path, keep: Frame | None = None) -> int:
    """Remove the kept signals, of every day, that were made with what people typed, but those of one frame; how many.

    Their texts hold what was typed, so that what a person asked to be erased would live on in them. Loaded tables are
    no matter of it. What is needed again is made again.
    """
    kept, gone = kept_folder(keep, runs) if keep else None, 0
    for record in runs.glob(f"*/signals-*/{RECORD}"):
        try:
            typed = json.loads(record.read_text("utf-8")).get("typed")
        except (OSError, ValueError):
            continue  # being removed, or written by hand
        if typed and record.parent != kept:
            shutil.rmtree(record.parent, ignore_errors=True)
            gone += 1
    return gone


@contextmanager
def making(folder: Path) -> Iterator[Path]:
    """A folder that appears whole or not at all: written beside its place, and moved there at the end."""
    unfinished = folder.with_name(f".making-{uuid4().hex[:8]}")
    try:
        unfinished.mkdir(parents=True)
    except OSError as error:
        place = Place(str(folder.parent))
        hint = "make the project's .upcross folder writable, or work in a copy of the project"
        issue = RUN_NOT_KEPT.at(place, f"the run cannot be kept: {error.strerror}", hint=hint)
        raise ProjectError(issue) from error
    try:
        yield unfinished
        if folder.exists():
            shutil.rmtree(folder)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def copy(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> None:
    """Write a table of the connection as Parquet of its name."""
    file = str(folder / f"{table}.parquet").replace("'", "''")
    connection.execute(f"COPY {table} TO '{file}' (FORMAT parquet)")


@contextmanager
def in_memory(name: str) -> Iterator[None]:
    """Say what to do where the memory granted does not suffice to make a table; ``EngineError``."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        hint = "raise 'memory:' or lower 'threads:' under 'resources:' in upcross.yaml; see `upcross doctor`"
        issue = MEMORY_SHORT.at(Place(table=name), f"memory does not suffice: {str(error).splitlines()[0]}", hint=hint)
        raise EngineError(issue) from error


def view_signals(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Show a day's kept signals as views ``signals_<scope>``."""
    for scope in Scope:
        show(connection, f"signals_{scope.value}", folder)


def show(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    """Show a kept file as a view of its name."""
    file = str(folder / f"{name}.parquet").replace("'", "''")
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{file}')")


def view_days(connection: duckdb.DuckDBPyConnection, folders: Mapping[date, Path]) -> None:
    """Show the kept signals of many days as views ``signals_<scope>``, with the day in a column ``as_of``."""
    for scope in Scope:
        name = f"signals_{scope.value}"
        files = {day: str(folder / f"{name}.parquet").replace("'", "''") for day, folder in folders.items()}
        listed = ", ".join(f"'{file}'" for file in files.values())
        days = ", ".join(f"('{file}', DATE '{day}')" for day, file in files.items())
        connection.execute(
            f"CREATE VIEW {name} AS SELECT d.as_of, k.* EXCLUDE (filename)"
            f" FROM read_parquet([{listed}], filename = true) AS k"
            f" INNER JOIN (VALUES {days}) AS d(file, as_of) ON d.file = k.filename"
        )


def refused_models(frame: Frame, store: Store) -> list[Issue]:
    """The project's own signal models that the engine refuses, each with its file and the engine's words."""
    with closing(store.connect(frame.snapshot.manifest)) as connection:
        return _refused(connection, frame)


def _make(
    connection: duckdb.DuckDBPyConnection, frame: Frame, name: str, statement: str, folder: Path | None = None,
    left: str = "",
) -> None:  # fmt: skip
    """Make a table of a statement, or of what is left of it, and keep it where a folder is given."""
    try:
        with in_memory(name):
            make_table(connection, name, statement, held=True, left=left)
            if folder is not None:
                copy(connection, name, folder)
    except duckdb.Error as error:
        own = _refused(connection, frame)
        report = Report(own or [ENGINE_REFUSED.at(Place(table=name), str(error).splitlines()[0])])
        raise EngineError(report) from error


def _refused(connection: duckdb.DuckDBPyConnection, frame: Frame) -> list[Issue]:
    issues = []
    for model in frame.registry.models.values():
        if model.own and model.signals:
            try:
                connection.execute(f"DESCRIBE {frame.model_statement(model.name)}")  # binds, and lays no plan
            except duckdb.Error as error:
                place = Place(model.file, model.first_line)
                hint = "correct the SELECT; `upcross tables NAME` lists the columns of a table"
                issues.append(ENGINE_REFUSED.at(place, str(error).splitlines()[0], hint=hint))
    return issues


def _check_grain(connection: duckdb.DuckDBPyConnection, scope: Scope, frame: Frame) -> None:
    """Refuse signals of which a key has several rows: everything that counts them afterwards would be wrong."""
    keys = ", ".join(scope.keys)
    twice = f"SELECT {keys} FROM {{}} GROUP BY {keys} HAVING COUNT(*) > 1 LIMIT 1"
    if connection.execute(twice.format(f"signals_{scope.value}")).fetchone() is None:
        return
    report = Report()
    for model in frame.registry.of(scope):
        row = connection.execute(twice.format(f"({frame.model_statement(model.name)}) AS m")).fetchone()
        if row is not None:
            key = ", ".join(f"{name} {value!r}" for name, value in zip(scope.keys, row, strict=True))
            report.add(GRAIN.at(Place(model.file, model.first_line), f"gives several rows for {key}",
                                expected=f"one row for each {keys}", hint="group by these columns"))  # fmt: skip
    raise ProjectError(report)


def _hash(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
