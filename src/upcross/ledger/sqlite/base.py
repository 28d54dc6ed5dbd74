"""Django's backend for SQLite, on a sound build, with one writer at a time and those who wait served in turn."""

from __future__ import annotations

import datetime
import decimal
import fcntl
import os
from collections.abc import Mapping
from typing import Any

from django.db.backends.sqlite3 import base
from django.utils.dateparse import parse_date, parse_datetime, parse_time

from upcross.ledger.sqlite.build import Database

if Database is not base.Database:  # what Django registers for Python's own build
    Database.register_converter("bool", b"1".__eq__)
    Database.register_converter("date", base.decoder(parse_date))
    Database.register_converter("time", base.decoder(parse_time))
    Database.register_converter("datetime", base.decoder(parse_datetime))
    Database.register_converter("timestamp", base.decoder(parse_datetime))
    Database.register_adapter(decimal.Decimal, str)
    Database.register_adapter(datetime.date, base.adapt_date)
    Database.register_adapter(datetime.datetime, base.adapt_datetime)


class Cursor(Database.Cursor):
    """Django's cursor: its placeholders in SQLite's notation."""

    convert_query = base.SQLiteCursorWrapper.convert_query

    def execute(self, query: str, params: Any = None) -> Any:
        """One statement."""
        if params is None:
            return super().execute(query)
        names = list(params) if isinstance(params, Mapping) else None
        return super().execute(self.convert_query(query, param_names=names), params)

    def executemany(self, query: str, param_list: Any) -> Any:
        """One statement for many rows."""
        rows = list(param_list)
        names = list(rows[0]) if rows and isinstance(rows[0], Mapping) else None
        return super().executemany(self.convert_query(query, param_names=names), rows)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions begin by taking their turn to write.

    SQLite's own waiting is a poll that a busy neighbour can win for ever; a lock on a file beside the database wakes
    who waits as soon as the writer before is done, and the system releases it when a process ends, however it ends.
    """

    Database = Database
    _turn: int | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection to the file; the ledger's pragmas are part of its options."""
        connection = Database.connect(**conn_params)
        base.register_functions(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA legacy_alter_table = OFF")
        for command in self.init_commands:
            if command.strip():
                connection.execute(command)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that speaks Django's placeholders."""
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()
        self._end_turn()  # a commit that failed is rolled back, and ends the turn there

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        name = str(self.settings_dict["NAME"])
        if self._turn is None and not self.is_in_memory_db():
            self._turn = os.open(f"{name}.turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._turn, fcntl.LOCK_EX)

    def _end_turn(self) -> None:
        if self._turn is not None:
            turn, self._turn = self._turn, None
            os.close(turn)
