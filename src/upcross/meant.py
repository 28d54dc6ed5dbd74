"""What a person means by the name that they typed: ids by id or name, and the nearest where none is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import duckdb

from upcross.contract import TABLES
from upcross.errors import suggest

SHOWN = 8
"""How many choices are listed at most."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a name means nothing, what would have meant something, and the nearest."""

    problem: str
    expected: str = ""
    hint: str = ""


def one_of(value: str, named: Mapping[str, str], told: str) -> str | Mistake:
    """The id that is meant by an id or by a name, whose case does not matter; ``named`` are the names by id.

    ``told`` is what goes before the value in the problem: "no product is called ".
    """
    if value in named:
        return value
    wanted = value.strip().casefold()
    meant = sorted(key for key, label in named.items() if wanted in (key.casefold(), label.casefold()))
    if len(meant) == 1:
        return meant[0]
    if meant:
        return Mistake(f"{len(meant)} are called '{value}'", f"one of the ids {', '.join(meant[:SHOWN])}")
    expected = f"one of {', '.join(sorted(named))}" if 0 < len(named) <= 2 * SHOWN else ""
    return Mistake(f"{told}'{value}'", expected, suggest(value, [*named, *named.values()]))


class Known:
    """What a book knows by id or name, each asked for once."""

    def __init__(self, book: duckdb.DuckDBPyConnection) -> None:
        self._book = book
        self._named: dict[str, dict[str, str]] = {}

    @cached_property
    def _tables(self) -> set[str]:
        found = self._book.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'book'")
        return {name for (name,) in found.fetchall()}

    def named(self, reference: str) -> Mapping[str, str]:
        """The names by the ids that a reference (``table.column``) may take; the id where there is no name."""
        if reference not in self._named:
            table, _, column = reference.partition(".")
            label = "name" if TABLES[table].has("name") else column
            self._named[reference] = {
                str(key): str(name or key) for key, name in self._rows(table, f"{column}, MAX({label})", column)
            }
        return self._named[reference]

    @cached_property
    def accounts_of_contacts(self) -> Mapping[str, str]:
        """The account of each contact."""
        found = self._rows("contacts", "contact_id, MAX(account_id)", "contact_id")
        return {row[0]: row[1] for row in found}

    @cached_property
    def units(self) -> Mapping[str, set[str]]:
        """The business units of each account that are listed, or have a subscription line."""
        found: dict[str, set[str]] = {}
        for table in ("business_units", "subscriptions"):
            for account, unit in self._rows(table, "account_id, business_unit", "account_id, business_unit"):
                found.setdefault(account, set()).add(unit)
        return {account: units - {""} for account, units in found.items()}

    @cached_property
    def domains(self) -> Mapping[str, str]:
        """The problem domains that products or competitors serve, as they are written, by their small letters."""
        written = [d for table in ("product_domains", "competitors") for (d,) in self._rows(table, "domain", "domain")]
        return {str(domain).casefold(): str(domain) for domain in written if domain}

    def _rows(self, table: str, columns: str, by: str) -> list[tuple[str, ...]]:
        if table not in self._tables:
            return []
        return self._book.execute(f"SELECT {columns} FROM book.{table} GROUP BY {by} ORDER BY ALL").fetchall()
