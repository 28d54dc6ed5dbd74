"""The tables behind a view as a workbook: typed cells, a frozen header, and a sheet that says where they come from."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from upcross.money import to_decimal
from upcross.sheets import FORMULA, Sheet, Value
from upcross.signals.model import Unit

_FORMATS = {
    Unit.MONEY: "#,##0.00##", Unit.AMOUNT: "#,##0.####", Unit.COUNT: "#,##0", Unit.DAYS: "#,##0", Unit.RATIO: "0.0%",
    Unit.DATE: "yyyy-mm-dd",
}  # fmt: skip
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def workbook(sheets: Mapping[str, Sheet], *, title: str, source: Mapping[str, Any], address: str) -> bytes:
    """An XLSX file of some tables. Money is in currency units; unknown is an empty cell; no text runs as a formula."""
    book = Workbook(write_only=True)
    for name, sheet in sheets.items():
        page = book.create_sheet(_FORBIDDEN.sub(" ", name)[:31])
        page.freeze_panes = "A2"
        for place, column in enumerate(sheet.columns):
            page.column_dimensions[_letter(place)].width = max(12, min(40, len(column) + 4))
        page.append([_bold(page, column.replace("_", " ")) for column in sheet.columns])
        units = tuple(sheet.columns.values())
        for row in sheet.rows:
            page.append([_cell(page, value, unit) for value, unit in zip(row, units, strict=True)])
    about = book.create_sheet("About")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 24, 80
    facts = {"What": title, "Where": address, "Data as of": source.get("as_of"), "Money": source.get("currency"),
             "For": source["viewer"]["name"], "Rows": ", ".join(f"{k}: {len(s.rows):,}" for k, s in sheets.items()),
             "Empty cells": "unknown, which is not zero"}  # fmt: skip
    for name, said in facts.items():
        about.append([_bold(about, name), _cell(about, said, Unit.TEXT)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: Any, value: Value, unit: Unit) -> Any:
    shown: Any = value
    if value is None:
        return None
    if unit is Unit.MONEY and isinstance(value, int):
        shown = to_decimal(value)
    elif isinstance(value, str):
        return _text(page, value)
    cell = WriteOnlyCell(page, value=shown)
    if unit in _FORMATS and isinstance(shown, int | float | Decimal | date) and not isinstance(shown, bool):
        cell.number_format = _FORMATS[unit]
    return cell


def _text(page: Any, value: str) -> Any:
    shown = _CONTROL.sub(" ", value)[:32_767]
    cell = WriteOnlyCell(page, value=shown)
    if shown.startswith(FORMULA):
        cell.data_type = "s"  # text, whatever it begins with
        cell.quotePrefix = True
    return cell


def _bold(page: Any, text: str) -> Any:
    cell = _text(page, text)
    cell.font = Font(bold=True)
    return cell


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(place + 1))
