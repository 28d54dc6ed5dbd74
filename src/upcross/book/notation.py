"""Notations: how people write numbers, and what to map so that a number is read as what it means, or not at all."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from upcross.book import cells
from upcross.book.mapping import ColumnMapping
from upcross.contract import Column, Table, Type
from upcross.engine.compile import text_literal

_GROUP = {".": r"\.", ",": ",", " ": "[ \u00a0\u202f]", "'": "['’]"}
"""What stands between thousands: a blank may be a narrow or a fixed one, an apostrophe a typographic one."""

_SIGN = r"(?:€|£|¥|\$|%|EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|CAD|AUD|JPY)"
_BEFORE = rf"^(?:[+-]?{_SIGN}?|{_SIGN}?\s*\(?\s*{_SIGN}?\s*[+-]?)"
_AFTER = rf"\s*{_SIGN}?\s*\)?$"
_WORDS = r"^(?:nan|[+-]?inf(?:inity)?|null|none|nil|n/?a|#n/a|unknown|-+|–|—)$"

_STYLES = {
    "plain": r"\d+(?:\.\d*)?|\.\d+",
    "exponent": r"\d+(?:\.\d*)?[eE][+-]?\d+",
    "comma or thousands": r"[1-9]\d{0,2},\d{3}",
    ",.": r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}",
    ".,": r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}",
    " ,": rf"\d{{1,3}}(?:{_GROUP[' ']}\d{{3}})+,\d+",
    " .": rf"\d{{1,3}}(?:{_GROUP[' ']}\d{{3}})+(?:\.\d+)?",
    "',": rf"\d{{1,3}}(?:{_GROUP[chr(39)]}\d{{3}})+,\d+",
    "'.": rf"\d{{1,3}}(?:{_GROUP[chr(39)]}\d{{3}})+(?:\.\d+)?",
    "comma": r"\d*,\d+",
}
"""Ways of writing a number, the first that matches wins; two signs are what stands between thousands, and the point."""


def plain(text: str, decimal: str, thousands: str) -> str:
    """SQL of a number's text with a point and without separators; NULL where it is not written in this notation.

    Thousands may be grouped or not, but never otherwise than in threes.
    """
    point = re.escape(decimal)
    whole = rf"\d+|\d{{1,3}}(?:{_GROUP[thousands]}\d{{3}})+" if thousands else r"\d+"
    pattern = rf"^[+-]?(?:(?:{whole})(?:{point}\d*)?|{point}\d+)$"
    bare = f"regexp_replace({text}, {text_literal(_GROUP[thousands])}, '', 'g')" if thousands else text
    pointed = f"replace({bare}, ',', '.')" if decimal == "," else bare
    return f"CASE WHEN regexp_matches({text}, {text_literal(pattern)}) THEN {pointed} END"


def shape(value: str) -> str:
    """SQL of what is told alike about numbers that cannot be read: 'brackets|sign or word|style', for ``advise``."""
    text = cells.trimmed(value)
    known = " ".join(
        f"WHEN regexp_matches({text}, {text_literal(f'{_BEFORE}(?:{pattern}){_AFTER}')}) THEN {text_literal(style)}"
        for style, pattern in _STYLES.items()
    )
    sign = f"regexp_extract({text}, {text_literal(_SIGN)})"
    return (
        f"CASE WHEN regexp_matches({text}, {text_literal(_WORDS)}, 'i') THEN '|' || {text} || '|word'"
        f" ELSE (SELECT CASE WHEN style = 'other' THEN '||other' ELSE"
        f" CASE WHEN {text} LIKE '%)' THEN '(' ELSE '' END || '|' || {sign} || '|' || style END"
        f" FROM (SELECT CASE {known} ELSE 'other' END AS style)) END"
    )


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that is no plain number: its column, the source column and how it is mapped, and what it holds."""

    table: Table
    column: Column
    source: str
    mapping: ColumnMapping
    value: str
    shape: str

    def advise(self) -> str:
        """What to do about the cell, so that it is read as exactly what it says."""
        brackets, sign, style = self.shape.split("|")
        shown = self.value.strip()[:40]
        if style == "other" or (sign == "%" and self.column.type not in (Type.DECIMAL, Type.RATE)):
            return "correct the cells in the source"
        if style == "word":
            if self.column.required:
                return f"'{shown}' is no number: fill the cells in the source"
            emptied = self._mapped(f"nullif(trim({self._name}), {text_literal(sign)})")
            return f"'{shown}' is no number; to leave such cells unknown: {emptied}"
        if style == "exponent":
            return f"{shown} has lost digits: export the column again as plain numbers"
        written = self._written(shown, style)
        if isinstance(written, str):
            return written
        expression = self._expression(brackets, sign)
        choices = [f"{self._mapped(expression, decimal, thousands)}{told}" for decimal, thousands, told in written]
        if sign == "%":
            return f"if every cell is a percentage: {choices[0]}"
        told = "; or ".join(choices)
        if sign and self.table.has("currency"):
            told += "; the sign is not read: map 'currency' where it is not the reporting currency"
        return told

    def _written(self, shown: str, style: str) -> str | list[tuple[str, str, str]]:
        """The notations in which the cell is a number (decimal, thousands, when), or why there is none."""
        digits = re.sub(r"[^\d.,]", "", shown)
        whole = self.column.type is Type.INTEGER
        no_whole = f"{shown} is no whole number and is not rounded: correct it, or check that '{self.source}' is meant"
        match style:
            case "plain" if whole and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
                return [(",", ".", f" if {shown} has a dot between thousands")]
            case "plain" if whole and digits.partition(".")[2].strip("0"):
                return no_whole
            case "plain" if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", shown):
                return f"{shown} is too large to be stored: check that '{self.source}' and its unit are meant"
            case "plain" if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
                return [
                    (".", "", f" if {shown} means {digits}"),
                    (",", ".", f" if it means {digits.replace('.', '')}"),
                ]
            case "plain":
                return [(".", "", "")]
            case "comma" if whole and digits.partition(",")[2].strip("0"):
                return no_whole
            case "comma":
                return [(",", "", "")]
            case "comma or thousands" if whole:
                return [(".", ",", "")]
            case "comma or thousands":
                number = digits.replace(",", "")
                return [
                    (".", ",", f" if {shown} means {number}"),
                    (",", "", f" if it means {digits.replace(',', '.')}"),
                ]
            case _:
                thousands, decimal = style[0], style[1]
                return [(decimal, thousands, "")]

    @property
    def _name(self) -> str:
        simple = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.source)
        return self.source if simple and self.source.lower() not in _RESERVED else cells.name(self.source)

    def _expression(self, brackets: str, sign: str) -> str:
        text = f"replace({self._name}, {text_literal(sign)}, '')" if sign else self._name
        # Accountants write -500 as (500).
        return f"CASE WHEN {text} LIKE '%(%' THEN '-' || trim({text}, '() ') ELSE {text} END" if brackets else text

    def _mapped(self, expression: str, decimal: str = ".", thousands: str = "") -> str:
        """The column's mapping as to be written in the project file."""
        parts = [
            f"from: {_yaml(self.source)}"
            if expression == self._name
            else f"expr: {json.dumps(expression, ensure_ascii=False)}"
        ]
        unit = self.mapping.unit or ("percent" if "'%'" in expression else None)
        parts += [f"unit: {unit}"] if unit else []
        parts += [f'decimal: "{decimal}"'] if decimal != "." else []
        parts += [f'thousands: "{thousands}"'] if thousands else []
        return f"{self.column.name}: {{{', '.join(parts)}}}"


_RESERVED = ("all", "case", "check", "default", "desc", "end", "from", "group", "limit", "order", "table", "to", "user")


def _yaml(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_][\w -]*\w|[A-Za-z_]", text) else json.dumps(text, ensure_ascii=False)


__all__ = ["Unread", "plain", "shape"]
