"""A project folder of five-row files, loaded through the real mapping, catalogue and store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from five_rows import ACCOUNTS, CATALOG, GOOD, LINES
from upcross.book.catalog import parse_catalog
from upcross.book.checks import check
from upcross.book.load import LoadResult, load
from upcross.book.mapping import parse_tables
from upcross.book.store import Store
from upcross.documents import parse
from upcross.errors import Issue, LoadError, ProjectError, Report, Severity

TODAY = date(2024, 1, 31)


@dataclass
class Folder:
    """A folder with data, in which tests load."""

    path: Path

    @property
    def store(self) -> Store:
        return Store(self.path / ".upcross" / "book")

    def load(
        self, tables: str, files: Mapping[str, str | bytes] | None = None, catalog: str = "", **options: Any
    ) -> LoadResult:
        for name, content in (files or {}).items():
            raw = content if isinstance(content, bytes) else content.encode()
            (self.path / name).write_bytes(raw)
        report = Report()
        mappings = parse_tables(parse(f"tables:\n{tables}", "upcross.yaml"), ("tables",), self.path, report)
        given = parse_catalog(parse(catalog, "catalog.yaml"), report)
        report.raise_errors(ProjectError)
        return load(mappings, given, self.store, **({"reporting_currency": "EUR", "today": TODAY} | options))

    def faults(self, tables: str, files: Mapping[str, str | bytes] | None = None, catalog: str = "") -> list[Issue]:
        with pytest.raises(LoadError) as caught:
            self.load(tables, files, catalog)
        return caught.value.report.errors

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = self.store.connect()
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def column(self, name: str) -> list[Any]:
        table, column = name.split(".")
        key = "line_id" if table == "subscriptions" else "1"
        return [value for (value,) in self.rows(f"SELECT {column} FROM book.{table} ORDER BY {key}")]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def find() -> Callable[[Any, str], Issue]:
    """The one issue of a code among issues."""

    def find_one(issues: Any, code: str) -> Issue:
        found = [issue for issue in issues if issue.code == code]
        assert len(found) == 1, f"{code}: {[str(issue) for issue in issues]}"
        return found[0]

    return find_one


@pytest.fixture
def checked(folder):
    def run(lines: str = "", tables: str = "", files=None, accounts: str = ACCOUNTS, catalog: str = CATALOG, **options):
        named = "  accounts: a.csv\n  subscriptions: s.csv\n" + tables
        folder.load(named, {"a.csv": accounts, "s.csv": LINES + GOOD + lines, **(files or {})}, catalog, **options)
        return [issue for issue in check(folder.store) if issue.severity is not Severity.NOTE]

    return run
