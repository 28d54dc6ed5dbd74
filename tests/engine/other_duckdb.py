"""Run in a process of its own: statements come in by standard input, rows go out, by whichever DuckDB is found first."""

import pickle
import sys

import duckdb


def answer(what: object) -> object:
    """The version for nothing, a book shown for its files, and the rows of a statement."""
    global connection
    if what is None:
        return duckdb.__version__
    if isinstance(what, dict):
        connection = duckdb.connect(config={"threads": 2})
        connection.execute("CREATE SCHEMA book; CREATE SCHEMA current")
        for name, file in what.items():
            connection.execute(f"CREATE VIEW book.{name} AS FROM read_parquet('{file}')")
        return None
    found = connection.execute(what)
    return [column[0] for column in found.description or ()], found.fetchall()


while True:
    try:
        asked = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    try:
        told = answer(asked)
    except Exception as error:
        told = RuntimeError(str(error))
    pickle.dump(told, sys.stdout.buffer)
    sys.stdout.buffer.flush()
