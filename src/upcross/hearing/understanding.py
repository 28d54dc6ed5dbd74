"""What people typed, held against the book: every fault at once, names become ids, and what is near is suggested."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import duckdb

from upcross.book.typed import Cell, Typed
from upcross.contract import TABLES
from upcross.contract.table import Column, Table
from upcross.errors import Issue, Place, Report, Severity, issue_code, suggest

TYPED_WRONG = issue_code("typed-wrong", Severity.ERROR, "What a person typed names something that does not exist.")
TYPED_DOUBTFUL = issue_code("typed-doubtful", Severity.WARNING, "What a person typed may be meant otherwise.")

_SHOWN = 8


def understood(typed: Typed, book: duckdb.DuckDBPyConnection, today: date, report: Report) -> Typed:
    """The rows with names of accounts, products and contacts made ids; faults go into the report, all of them.

    ``book`` shows the loaded book. Doubtful is a problem domain that nothing is known to serve.
    """
    known = _Known(book)
    return Typed(
        {
            name: tuple(_Row(TABLES[name], row, known, today, report).understood() for row in rows)
            for name, rows in typed.rows.items()
        }
    )


class _Known:
    """What the book knows by id or name, each asked for once."""

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
                str(key): str(name or key) for key, name in self._rows(table, f"{column}, MAX({label})", f"{column}")
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


@dataclass(slots=True)
class _Row:
    """One row in the making."""

    table: Table
    row: Mapping[str, Cell]
    known: _Known
    today: date
    report: Report

    def understood(self) -> Mapping[str, Cell]:
        found: dict[str, Cell] = dict(self.row)
        for column in self.table.columns:
            value = found.get(column.name)
            if value is None or (isinstance(value, str) and not value.strip()):
                self._lacks(column)
            elif isinstance(value, str):
                found[column.name] = self._text(column, value, found)
        happened = found.get(self.table.happened_on or "")
        if isinstance(happened, date) and happened > self.today:
            self._fault(self.table.happened_on or "", f"{happened} lies in the future", f"{self.today} or before")
        return found

    def _lacks(self, column: Column) -> None:
        if column.required:
            self._fault(column.name, f"'{column.name}' is missing", column.meaning.rstrip("."))

    def _text(self, column: Column, value: str, found: Mapping[str, Cell]) -> str:
        if column.values:
            return self._one_of(column.name, value, {word: word for word in column.values}, "")
        if column.name == "business_unit":
            units = self.known.units.get(str(found.get("account_id")), set())
            return self._one_of(column.name, value, {unit: unit for unit in units}, "the account has no such unit: ")
        if column.name == "domain":
            return self._domain(value)
        if column.references == "contacts.contact_id":
            return self._contact(column, value, found)
        if column.references:
            named = self.known.named(column.references)
            return self._one_of(column.name, value, named, f"no {_singular(column.references)} is called ")
        return value

    def _one_of(self, name: str, value: str, named: Mapping[str, str], told: str) -> str:
        """The id that is meant by an id or a name; the value itself, and a fault, where none is."""
        if value in named:
            return value
        wanted = value.strip().casefold()
        meant = [key for key, label in named.items() if wanted in (key.casefold(), label.casefold())]
        if len(meant) == 1:
            return meant[0]
        if meant:
            problem = f"{len(meant)} are called '{value}'"
            self._fault(name, problem, f"one of the ids {', '.join(sorted(meant)[:_SHOWN])}")
            return value
        choices = [*named, *(label for key, label in named.items() if label != key)]
        expected = f"one of {', '.join(sorted(named))}" if 0 < len(named) <= 2 * _SHOWN else ""
        self._fault(name, f"{told}'{value}'" if told else f"'{value}' is none of them", expected, choices, value)
        return value

    def _contact(self, column: Column, value: str, found: Mapping[str, Cell]) -> str:
        account = found.get("account_id")
        homes = self.known.accounts_of_contacts
        everybody = self.known.named(column.references)
        if account is None:  # a table of contacts alone
            return self._one_of(column.name, value, everybody, "no contact is called ")
        if value in homes and homes[value] != account:
            told = f"{everybody[value]} is a contact of account {homes[value]}"
            self._fault(column.name, told, f"a contact of account {account}")
            return value
        here = {key: name for key, name in everybody.items() if homes.get(key) == account}
        return self._one_of(column.name, value, here, "the account has no contact called ")

    def _domain(self, value: str) -> str:
        domains = self.known.domains
        if value.strip().casefold() in domains:
            return domains[value.strip().casefold()]
        if domains:
            hint = suggest(value.casefold(), domains) or f"known: {', '.join(sorted(domains.values())[:_SHOWN])}"
            told = f"nothing that we sell is known to serve '{value}'"
            self.report.add(TYPED_DOUBTFUL.at(self._place("domain"), told, hint=hint))
        return value

    def _fault(self, name: str, problem: str, expected: str = "", choices: Iterable[str] = (), value: str = "") -> None:
        issue: Callable[..., Issue] = TYPED_WRONG.at
        hint = suggest(value, choices) if value else ""
        self.report.add(issue(self._place(name), problem, expected=expected, hint=hint))

    def _place(self, name: str) -> Place:
        return Place(table=self.table.name, field=name)


def _singular(reference: str) -> str:
    return reference.partition(".")[0].removesuffix("s")
