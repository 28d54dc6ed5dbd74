"""Control totals: finance's recurring revenue by month, held against the book's, with the lines behind a difference.

The file has the columns ``month`` and ``mrr``, and where it likes ``currency`` (totals of the lines in that currency,
in that currency) and ``segment``. Totals are those of every number: lines in force at the end of the month's last day,
as known now. The result of the last comparison is kept beside the book, so that numbers that are not tied out say so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from upcross.book.snapshot import MONTHS_BACK
from upcross.book.source import SourceFile, read_header
from upcross.book.text import Broken
from upcross.errors import Issue, Place, ProjectError, Report, Severity, UsageError, issue_code, suggest
from upcross.money import display, quantise, to_decimal
from upcross.numbers.control_reasons import Reason, reasons
from upcross.numbers.reading import frame_at, newest_month
from upcross.periods import add_months
from upcross.project import Project
from upcross.revenue.calendar import Window, months_between, span

CONTROL_INVALID = issue_code("control-invalid", Severity.ERROR, "A file of control totals cannot be read as such.")
CONTROL_DIFFERS = issue_code(
    "control-differs", Severity.ERROR, "The book's recurring revenue of a month is not what finance says it is."
)

KEPT = "control.json"
_COLUMNS = ("month", "mrr", "currency", "segment")
_MOST_EXPLAINED = 24


@dataclass(frozen=True, slots=True)
class Total:
    """One total as finance gives it; amounts in ten-thousandths."""

    month: date
    finance: int
    currency: str
    """Empty: all lines, in the reporting currency."""
    segment: str
    place: Place


@dataclass(frozen=True, slots=True)
class Tie:
    """One total against the book's."""

    total: Total
    book: int
    unknown: int
    """Lines of the month without a known MRR, which ``book`` leaves out as every number does."""
    difference: int
    """The book less finance, to the cent."""
    tied: bool
    reasons: tuple[Reason, ...] = ()

    @property
    def name(self) -> str:
        """What the total is of, in words: ``April 2026, EUR, enterprise``."""
        parts = (f"{self.total.month:%B %Y}", self.total.currency, self.total.segment)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Control:
    """The comparison of one file of control totals."""

    file: str
    load_id: str
    tolerance: int
    currency: str
    """The reporting currency."""
    ties: tuple[Tie, ...]

    @property
    def differing(self) -> tuple[Tie, ...]:
        """The totals that do not tie out."""
        return tuple(tie for tie in self.ties if not tie.tied)

    def to_dict(self) -> dict[str, object]:
        """The same facts as plain values; amounts as exact decimal text."""
        return {
            "file": self.file, "tied_out": not self.differing,
            "totals": [
                {"month": f"{tie.total.month:%Y-%m}", "currency": tie.total.currency or self.currency,
                 "segment": tie.total.segment, "book": _plain(tie.book), "finance": _plain(tie.total.finance),
                 "difference": _plain(tie.difference), "tied": tie.tied, "lines_unknown": tie.unknown,
                 "reasons": [{"kind": r.kind, "text": r.text, "amount": _plain(r.amount), "lines": list(r.lines)}
                             for r in tie.reasons]}
                for tie in self.ties
            ],
        }  # fmt: skip

    def issues(self) -> Iterator[Issue]:
        """One issue for each total that differs, at its line of the file."""
        for tie in self.differing:
            currency = tie.total.currency or self.currency
            book = display(tie.book, currency, cents=True)
            told = f"{tie.name}: {book} in the book, {display(tie.total.finance, currency, cents=True)} at finance"
            told += f", a difference of {display(tie.difference, currency, cents=True)}"
            if tie.unknown:
                told += f" ({tie.unknown:,} line{'s'[: tie.unknown != 1]} without a known MRR left out)"
            yield CONTROL_DIFFERS.at(
                tie.total.place, told, hint="`upcross check --control` shows the lines behind it",
                examples=tuple(reason.text for reason in tie.reasons[:2]),
                costs="every number of the month is marked as not tied out",
            )  # fmt: skip


def _plain(amount: int | None) -> str | None:
    return None if amount is None else format(to_decimal(amount), "f")


def compare(project: Project, file: str | None = None, tolerance: int = 0) -> Control:
    """Compare control totals with the book, and keep the result; ``file`` is the project's ``control:`` by default.

    A total ties out where both sides, to the cent, differ by no more than ``tolerance`` (ten-thousandths). Raises
    ``UsageError`` where no file is named, ``ProjectError`` with every fault of the file.
    """
    named = file or project.settings.control
    if named is None:
        raise UsageError("no file of control totals is named: upcross check --control finance.csv, or 'control:' in"
                         " upcross.yaml")  # fmt: skip
    manifest = project.store.manifest()
    path = Path(named) if file else project.folder / named
    totals = read_totals(path, named, newest_month(manifest))
    ties: list[Tie] = []
    for currency in dict.fromkeys(total.currency for total in totals):
        reporting = currency or manifest.reporting_currency
        # In its own currency a line is worth what it says: rate one, and everything else is left out.
        own = replace(manifest, reporting_currency=reporting)
        last = max(total.month for total in totals)
        as_of = max(add_months(last, 1) - timedelta(days=1), manifest.newest_day() or manifest.loaded_on)
        frame = frame_at(project, own, as_of, max(as_of, manifest.loaded_on))
        with closing(project.store.connect(manifest)) as connection:
            connection.execute(_LINES.format(lines=frame.model_statement("mrr_lines"),
                                             accounts=frame.snapshot.relation("accounts"),
                                             subscriptions=frame.snapshot.relation("subscriptions"),
                                             only="TRUE" if not currency else "l.currency = ''"))  # fmt: skip
            found = _sums(connection, [total for total in totals if total.currency == currency], tolerance)
            aside = manifest.tables["subscriptions"].set_aside if "subscriptions" in manifest.tables else 0
            ties += _explained(connection, found, aside)
    order = {id(total): index for index, total in enumerate(totals)}
    ties.sort(key=lambda tie: order[id(tie.total)])
    control = Control(named, manifest.load_id, tolerance, manifest.reporting_currency, tuple(ties))
    _keep(project, control)
    return control


_LINES = """
CREATE TEMP TABLE control_lines AS
SELECT l.line_id, l.account_id, COALESCE(a.name, l.account_id) AS account_name, COALESCE(a.segment, '') AS segment,
  l.product_id, l.mrr, l.currency, l.committed, l.from_on, l.until_on, s.recorded_on, s.cancelled_on
FROM ({lines}) AS l
LEFT JOIN ({accounts}) AS a ON a.account_id = l.account_id
LEFT JOIN (
  SELECT line_id, valid_from, COALESCE(recorded_at, booked_on) AS recorded_on, cancelled_on FROM ({subscriptions}) AS t
) AS s ON s.line_id = l.line_id AND s.valid_from = l.from_on
WHERE l.status = 'active' AND (l.until_on IS NULL OR l.until_on > l.from_on) AND {only}
"""

_SUMS = """
SELECT c.place, SUM(l.mrr), COUNT(*) FILTER (WHERE l.line_id IS NOT NULL AND l.mrr IS NULL)
FROM control_totals AS c
LEFT JOIN control_lines AS l
  ON l.from_on <= c.month_end AND (l.until_on IS NULL OR l.until_on > c.month_end)
  AND (c.segment = '' OR l.segment = c.segment)
GROUP BY c.place
"""


def _sums(connection: duckdb.DuckDBPyConnection, totals: list[Total], tolerance: int) -> list[Tie]:
    connection.register("control_totals", pa.table({
        "place": list(range(len(totals))),
        "month_end": [add_months(total.month, 1) - timedelta(days=1) for total in totals],
        "segment": [total.segment for total in totals],
    }))  # fmt: skip
    sums = {place: (amount, unknown) for place, amount, unknown in connection.execute(_SUMS).fetchall()}
    ties = []
    for place, total in enumerate(totals):
        amount, unknown = sums[place]
        book = int(amount or 0)
        difference = _cents(book) - _cents(total.finance)
        ties.append(Tie(total, book, unknown, difference, abs(difference) <= tolerance))
    return ties


def _cents(amount: int) -> int:
    return quantise((Decimal(amount) / 10_000).quantize(Decimal("0.01")))


def _explained(connection: duckdb.DuckDBPyConnection, ties: list[Tie], aside: int) -> Iterator[Tie]:
    before = {(tie.total.month, tie.total.segment): tie.difference for tie in ties}
    explained = 0
    for tie in ties:
        if tie.tied or explained == _MOST_EXPLAINED:
            yield tie
            continue
        explained += 1
        earlier = before.get((add_months(tie.total.month, -1), tie.total.segment))
        why = reasons(connection, tie.total.month, tie.total.segment, tie.difference, earlier, aside)
        yield replace(tie, reasons=tuple(why))


def read_totals(path: Path, shown: str, newest: date) -> list[Total]:
    """The control totals of a CSV or Parquet file; ``ProjectError`` with every fault and its line."""
    report = Report()
    source = SourceFile(path, shown)
    if not path.is_file():
        raise ProjectError(CONTROL_INVALID.at(Place(shown), "there is no such file",
                                              expected="a CSV file with the columns month, mrr"))  # fmt: skip
    if not read_header(source, None, report):
        raise ProjectError(report)
    for missing in [name for name in ("month", "mrr") if name not in source.columns]:
        report.add(CONTROL_INVALID.at(Place(shown, 1), f"the file has no column '{missing}'",
                                      expected=f"the columns {', '.join(_COLUMNS)}; the last two as you like",
                                      hint=suggest(missing, source.columns)))  # fmt: skip
    if report.errors:
        raise ProjectError(report)
    try:
        rows = source.rows().read_all().to_pylist()
    except (Broken, OSError, pa.ArrowException):
        assert source.fault is not None
        raise ProjectError(source.fault) from None
    totals: list[Total] = []
    seen: dict[tuple[date, str, str], int] = {}
    for row in rows:
        if any(row[name] for name in source.columns):
            _add_total(row, shown, newest, totals, seen, report)
    for bad in source.ragged:
        report.add(CONTROL_INVALID.at(Place(shown, bad.line), f"the row has {bad.cells} cells",
                                      expected=f"{bad.expected}, as in the header"))  # fmt: skip
    if not totals and not report.errors:
        report.add(CONTROL_INVALID.at(Place(shown), "the file has no total", expected="a row a month"))
    report.raise_errors(ProjectError)
    return totals


def _add_total(
    row: Mapping[str, Any], shown: str, newest: date, totals: list[Total], seen: dict[tuple[date, str, str], int],
    report: Report,
) -> None:  # fmt: skip
    line = row["upcross:line"]
    place = Place(shown, line)
    cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    before = len(report)
    month, amount = date.min, 0
    try:
        month = span(cells["month"]).first
    except UsageError:
        report.add(CONTROL_INVALID.at(place, f"'{cells['month']}' is no month", expected="such as 2026-04"))
    try:
        amount = quantise(cells["mrr"])
    except (ArithmeticError, ValueError):
        report.add(CONTROL_INVALID.at(place, f"'{cells['mrr']}' is no amount",
                                      expected="a plain number such as 1234.56",
                                      hint="no thousand separators, no currency sign"))  # fmt: skip
    currency = cells["currency"]
    if currency and not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        report.add(CONTROL_INVALID.at(place, f"'{currency}' is no currency", expected="such as EUR"))
    if len(report) == before and month > newest:
        report.add(CONTROL_INVALID.at(place, f"{month:%B %Y} is not over in the book",
                                      expected=f"{newest:%Y-%m} or earlier",
                                      hint="load newer data, or leave the row out"))  # fmt: skip
    if len(report) == before and months_between(month, newest) >= MONTHS_BACK:
        return  # older than what numbers are read from: there is nothing to mark
    first = seen.setdefault((month, currency, cells["segment"]), line)
    if len(report) == before and first != line:
        report.add(CONTROL_INVALID.at(place, f"line {first} gives the same total", hint="keep one of them"))
    if len(report) == before:
        totals.append(Total(month, amount, currency, cells["segment"], place))


def _keep(project: Project, control: Control) -> None:
    facts = {
        "file": control.file,
        "load_id": control.load_id,
        "currency": control.currency,
        "totals": [
            {"month": f"{tie.total.month}", "name": tie.name, "tied": tie.tied, "difference": tie.difference,
             "currency": tie.total.currency or control.currency}
            for tie in control.ties
        ],
    }  # fmt: skip
    (project.store.folder / KEPT).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def notes(project: Project, window: Window) -> tuple[str, ...]:
    """What a reader of numbers must know: which months of a window do not tie out with finance, or were never compared.

    Empty where no control totals were ever given, or where all of the window's tie out.
    """
    try:
        facts = json.loads((project.store.folder / KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        named = project.settings.control
        return (f"not tied out: {named} was not compared yet (upcross check)",) if named else ()
    told = []
    if facts["load_id"] != project.store.manifest().load_id:
        told.append(f"not tied out: {facts['file']} was compared with an earlier load (upcross check --control"
                    f" {facts['file']})")  # fmt: skip
    months = [window.start, *window.months]
    differing = [total for total in facts["totals"]
                 if not total["tied"] and date.fromisoformat(total["month"]) in months]  # fmt: skip
    for total in differing[:3]:
        amount = display(abs(total["difference"]), total["currency"], cents=True)
        sign = "more" if total["difference"] > 0 else "less"
        told.append(f"not tied out: {total['name']} differs from finance, by {amount} {sign} in the book")
    if len(differing) > 3:
        told.append(f"and {len(differing) - 3} more totals of these months differ")
    return tuple(told)


__all__ = ["Control", "Tie", "Total", "compare", "notes", "read_totals"]
