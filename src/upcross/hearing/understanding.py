"""What people typed, held against the book: every fault at once, names become ids, and what is near is suggested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from upcross.book.typed import Cell, Typed
from upcross.contract import TABLES
from upcross.contract.table import Column, Table
from upcross.errors import Place, Report, Severity, issue_code, suggest
from upcross.meant import SHOWN, Known, Mistake, one_of

TYPED_WRONG = issue_code("typed-wrong", Severity.ERROR, "What a person typed names something that does not exist.")
TYPED_DOUBTFUL = issue_code("typed-doubtful", Severity.WARNING, "What a person typed may be meant otherwise.")


def understood(typed: Typed, book: duckdb.DuckDBPyConnection, today: date, report: Report) -> Typed:
    """The rows with names of accounts, products and contacts made ids; faults go into the report, all of them.

    ``book`` shows the loaded book. Doubtful is a problem domain that nothing is known to serve.
    """
    known = Known(book)
    return Typed(
        {
            name: tuple(_Row(TABLES[name], row, known, today, report).understood() for row in rows)
            for name, rows in typed.rows.items()
        }
    )


@dataclass(slots=True)
class _Row:
    """One row in the making."""

    table: Table
    row: Mapping[str, Cell]
    known: Known
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
            return self._one_of(column.name, value, {word: word for word in column.values}, "no such word: ")
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
        found = one_of(value, named, told)
        if isinstance(found, Mistake):
            self._fault(name, found.problem, found.expected, found.hint)
            return value
        return found

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
            hint = suggest(value.casefold(), domains) or f"known: {', '.join(sorted(domains.values())[:SHOWN])}"
            told = f"nothing that we sell is known to serve '{value}'"
            self.report.add(TYPED_DOUBTFUL.at(self._place("domain"), told, hint=hint))
        return value

    def _fault(self, name: str, problem: str, expected: str = "", hint: str = "") -> None:
        self.report.add(TYPED_WRONG.at(self._place(name), problem, expected=expected, hint=hint))

    def _place(self, name: str) -> Place:
        return Place(table=self.table.name, field=name)


def _singular(reference: str) -> str:
    return reference.partition(".")[0].removesuffix("s")
