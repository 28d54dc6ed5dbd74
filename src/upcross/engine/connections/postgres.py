"""PostgreSQL, by psycopg: sessions that read only, statements that end, and cursors on the server for large results."""

from __future__ import annotations

from functools import cached_property
from itertools import count
from typing import Any

from upcross.engine.connections.connection import Kind, Statement, kind_of
from upcross.engine.connections.cursors import CursorConnection
from upcross.engine.dialects import render

_OURS = {"schema", "statement_timeout"}
_BYTEWISE = ("c", "posix", "c.utf-8", "c.utf8", "ucs_basic")
_HOUR = "1h"
_SETTINGS = {
    "default_transaction_read_only": "on",
    # Of relations made of relations the planner guesses a row or two, and loops over millions for them: a statement
    # over 85 accounts took four minutes, and one second without nested loops.
    "enable_nestloop": "off",
    "work_mem": "256MB",
    "jit": "off",
}


class PostgresConnection(CursorConnection):
    """A session that is read-only but for its own temporary tables."""

    package = "psycopg[binary]"
    module = "psycopg"
    extra = "postgresql"
    hint = "check host, user and network; give the password as PGPASSWORD, in ~/.pgpass or as ${NAME} in the address"
    _numbers = count()

    def _connect(self) -> Any:
        address, options = self.address, self.address.options
        timeout = options.get("statement_timeout", _HOUR)
        [schema] = self._schema()
        settings = _SETTINGS | {"statement_timeout": timeout, "search_path": f"pg_temp,{schema}"}
        given = {name: value for name, value in options.items() if name not in _OURS}
        parts = {"user": address.user, "password": address.password, "host": address.host or None,
                 "port": address.port, "dbname": address.path[0] if address.path else None}  # fmt: skip
        return self._driver.connect(
            **({name: value for name, value in parts.items() if value is not None} | given),
            autocommit=True, connect_timeout=int(given.pop("connect_timeout", 15)), application_name="upcross",
            options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
        )  # fmt: skip

    def _schema(self) -> tuple[str, ...]:
        return (self.address.options.get("schema", "public"),)

    @cached_property
    def collation(self) -> str:  # type: ignore[override]
        """Texts are compared byte by byte on every engine; a database with a language's order is told to."""
        [(order,)] = self._all("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        return "" if str(order).lower() in _BYTEWISE else "C"

    def tables(self) -> dict[str, str]:
        """What can be read in the schema, partitioned and materialised relations too."""
        [schema] = self._schema()
        found = self._all(
            "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            f" WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname = '{schema.replace(chr(39), chr(39) * 2)}'"
        )
        return {name.lower(): self._written(name) for (name,) in found}

    def create(self, name: str, select: Statement) -> None:
        """Keep the rows of a SELECT as a temporary table."""
        self._writing(f"CREATE TEMPORARY TABLE {name} AS {render(select, self.dialect)}")
        self._writing(f"ANALYZE {name}")

    def drop(self, name: str) -> None:
        """Remove a temporary table, if it is there."""
        self._writing(f"DROP TABLE IF EXISTS {name}")

    def _writing(self, text: str) -> None:
        self._run("SET default_transaction_read_only = off")
        try:
            self._run(text)
        finally:
            self._run("SET default_transaction_read_only = on")

    def _cursor(self) -> Any:
        return self._open.cursor(f"upcross_{next(self._numbers)}", withhold=True)

    def _kind(self, code: Any) -> Kind:
        known = self._open.adapters.types.get(code)
        return kind_of(known.name if known else "other")


__all__ = ["PostgresConnection"]
