"""A result as rows and columns: CSV and Markdown for people, plain records for JSON, frames for Python.

One cell holds one plain value; None is unknown and stays empty. Money is in ten-thousandths until it is written: CSV,
records and frames show currency units exactly, Markdown rounds to whole units as a terminal does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from upcross.errors import UpcrossError
from upcross.money import display, to_decimal
from upcross.opportunities.evidence import amount
from upcross.signals.model import Unit

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Value = str | int | float | Decimal | date | bool | None

FORMULA = ("=", "+", "-", "@", "\t")
"""With what a text cell begins that a spreadsheet would run as a formula."""
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\|`*[<"} | {"\n": " ", "\r": " "})
_ARROW: Mapping[Unit, pa.DataType] = {
    Unit.RATIO: pa.float64(), Unit.COUNT: pa.int64(), Unit.DAYS: pa.int64(), Unit.AMOUNT: pa.decimal128(18, 4),
    Unit.MONEY: pa.decimal128(18, 4), Unit.DATE: pa.date32(), Unit.LEVEL: pa.string(), Unit.FLAG: pa.bool_(),
    Unit.TEXT: pa.string(),
}  # fmt: skip


class Format(StrEnum):
    """How a result that has rows is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under named columns, each column of one unit."""

    columns: Mapping[str, Unit]
    rows: tuple[tuple[Value, ...], ...]

    def only(self, names: Iterable[str]) -> Sheet:
        """The same rows with some of the columns, in the order given."""
        known = list(self.columns)
        places = [known.index(name) for name in names]
        chosen = {known[place]: self.columns[known[place]] for place in places}
        return Sheet(chosen, tuple(tuple(row[place] for place in places) for row in self.rows))

    def records(self) -> list[dict[str, Any]]:
        """One mapping a row, as JSON takes it: money as exact decimal text, days as ISO text."""
        return [
            {name: _plain(value, unit) for (name, unit), value in zip(self.columns.items(), row, strict=True)}
            for row in self.rows
        ]

    def csv(self) -> str:
        """Comma-separated text with a header. Text that a spreadsheet would run as a formula gets a leading quote."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_safe(name) for name in self.columns])
        units = tuple(self.columns.values())
        writer.writerows([_safe(_plain(value, unit)) for value, unit in zip(row, units, strict=True)]
                         for row in self.rows)  # fmt: skip
        return out.getvalue()

    def markdown(self) -> str:
        """A Markdown table to paste: numbers to the right, marks of the language taken literally."""
        numbers = {Unit.RATIO, Unit.COUNT, Unit.DAYS, Unit.AMOUNT, Unit.MONEY}
        lines = [[name.replace("_", " ") for name in self.columns],
                 ["---:" if unit in numbers else "---" for unit in self.columns.values()]]  # fmt: skip
        lines += [
            [_shown(value, unit).translate(_MARKS) for value, unit in zip(row, self.columns.values(), strict=True)]
            for row in self.rows
        ]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def to_arrow(self) -> pa.Table:
        """A typed Arrow table; money as decimals in currency units."""
        arrays = []
        for place, unit in enumerate(self.columns.values()):
            values = [row[place] for row in self.rows]
            if unit is Unit.MONEY:
                values = [to_decimal(value) if isinstance(value, int) else None for value in values]
            arrays.append(pa.array(values, type=_ARROW[unit]))
        return pa.table(arrays, names=list(self.columns))

    def to_pandas(self) -> pd.DataFrame:
        """A pandas frame; needs ``pip install 'upcross[pandas]'``."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """A polars frame; needs ``pip install 'upcross[polars]'``."""
        try:
            import polars
        except ImportError as error:
            raise UpcrossError("polars is not installed: pip install 'upcross[polars]'") from error
        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame


def _plain(value: Value, unit: Unit) -> Any:
    if unit is Unit.MONEY:
        return amount(value) if isinstance(value, int) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


def _safe(value: Any) -> Any:
    """A cell that no spreadsheet runs: numbers stay as they are, text that begins like a formula is quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # a bare carriage return ends a row for some readers
    return f"'{text}" if text.startswith(FORMULA) and not _number(text) else text


def _number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit() and text.isascii()


def _shown(value: Value, unit: Unit) -> str:
    if value is None:
        return ""
    if unit is Unit.MONEY and isinstance(value, int):
        return display(value)
    if unit is Unit.RATIO and isinstance(value, float):
        return f"{value:.0%}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
