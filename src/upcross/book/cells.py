"""Cells: SQL that turns the text of a cell into a typed value, exactly, or into NULL where it is not one.

Numbers are read digit by digit, never through a float: the decimal point is moved for the unit (cents, thousands,
percent), the digits beyond the stored places are rounded half-even, and what does not fit is NULL.
"""

from __future__ import annotations

from upcross.contract import Column, Type
from upcross.engine.compile import text_literal

_BLANK = r" \t\r\n" + "\u00a0"
_SHIFT = {"cents": -2, "percent": -2, "thousands": 3, None: 0}
_PLACES = {Type.MONEY: 4, Type.DECIMAL: 4, Type.RATE: 8, Type.INTEGER: 0}
NUMERIC = tuple(_PLACES)
_TRUE = "('true', 't', 'yes', 'y', '1')"
_FALSE = "('false', 'f', 'no', 'n', '0')"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)$"
_PLAIN = {
    Type.MONEY: r"^[+-]?\d{1,14}(\.\d{1,4})?$",
    Type.DECIMAL: r"^[+-]?\d{1,14}(\.\d{1,4})?$",
    Type.RATE: r"^[+-]?\d{1,10}(\.\d{1,8})?$",
    Type.INTEGER: r"^[+-]?\d{1,18}$",
}
_ISO_DAY = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?)?$"


def name(text: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


def trimmed(text: str) -> str:
    """A text without blanks at either end."""
    return f"trim({text}, E'{_BLANK}')"


def literal(value: object) -> str | None:
    """A plain YAML value as the text that a cell would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def typed(column: Column, text: str, unit: str | None = None, day_format: str | None = None) -> str:
    """SQL for a column's value from the SQL of its trimmed text; NULL where the text is no such value."""
    match column.type:
        case Type.TEXT if column.values:
            # Case is no difference in meaning, and exports differ in it.
            allowed = ", ".join(text_literal(value) for value in column.values)
            return f"CASE WHEN lower({text}) IN ({allowed}) THEN lower({text}) END"
        case Type.TEXT if column.name == "currency":
            return f"CASE WHEN regexp_matches({text}, '^[A-Za-z]{{3}}$') THEN upper({text}) END"
        case Type.TEXT:
            return text
        case Type.BOOLEAN:
            return f"CASE WHEN lower({text}) IN {_TRUE} THEN true WHEN lower({text}) IN {_FALSE} THEN false END"
        case Type.DATE if day_format:
            return f"CAST(try_strptime({text}, {text_literal(day_format)}) AS DATE)"
        case Type.DATE:
            return f"CASE WHEN regexp_matches({text}, '{_ISO_DAY}') THEN TRY_CAST(left({text}, 10) AS DATE) END"
        case _:
            return _number(column.type, text, _SHIFT[unit])


def _number(kind: Type, text: str, shift: int) -> str:
    places = _PLACES[kind]
    unsigned = f"ltrim({text}, '+-')"
    # 'whole' and 'rest' are the digits before and after the point, once the point has been moved by the unit.
    padding = "0" * max(-shift, 0)
    whole = f"('{padding}' || split_part({unsigned}, '.', 1))"
    rest = f"split_part({unsigned}, '.', 2)"
    if shift < 0:
        whole, rest = f"left({whole}, {shift})", f"(right({whole}, {-shift}) || {rest})"
    elif shift > 0:
        padded = f"({rest} || '{'0' * shift}')"
        whole, rest = f"({whole} || left({padded}, {shift}))", f"substr({padded}, {shift + 1})"
    if kind is Type.INTEGER:
        scaled = f"CASE WHEN rtrim({rest}, '0') = '' THEN TRY_CAST({whole} AS HUGEINT) END"
    else:
        kept = f"TRY_CAST({whole} || rpad(left({rest}, {places}), {places}, '0') AS HUGEINT)"
        beyond = f"rtrim(substr({rest}, {places + 1}), '0')"
        # Texts of digits compare like fractions: beyond '5' is more than half, '5' itself is the tie.
        scaled = f"({kept} + CASE WHEN {beyond} > '5' OR ({beyond} = '5' AND {kept} % 2 = 1) THEN 1 ELSE 0 END)"
    signed = f"CASE WHEN {text} LIKE '-%' THEN -{scaled} ELSE {scaled} END"
    if kind in (Type.DECIMAL, Type.RATE):
        step = f"CAST('{'0.' + '0' * (places - 1) + '1'}' AS DECIMAL({places}, {places}))"
        value = f"TRY_CAST(TRY_CAST({signed} AS DECIMAL(20, 0)) * {step} AS {kind.sql})"
    else:
        value = f"TRY_CAST({signed} AS {kind.sql})"
    plain = f"regexp_matches({text}, '{_PLAIN[kind]}')" if shift == 0 else "false"
    return rf"CASE WHEN {plain} THEN {_quick(kind, text)} WHEN regexp_matches({text}, '{_NUMBER}') THEN {value} END"


def _quick(kind: Type, text: str) -> str:
    """SQL for a number that needs no rounding, as nearly all numbers are."""
    if kind is Type.MONEY:
        return f"CAST(TRY_CAST({text} AS DECIMAL(23, 4)) * 10000 AS BIGINT)"
    return f"TRY_CAST({text} AS {kind.sql})"


def stored(column: Column) -> str:
    """SQL of a staged column as it is stored: the contract's default stands where it is empty."""
    if column.default is None:
        return name(column.name)
    default = text_literal(column.default) if isinstance(column.default, str) else str(column.default)
    return f"CAST(coalesce({name(column.name)}, {default}) AS {column.type.sql})"


def expected(column: Column, day_format: str | None = None) -> str:
    """What a cell of a column must hold, in words."""
    match column.type:
        case Type.TEXT if column.values:
            return f"one of: {', '.join(column.values)}"
        case Type.TEXT if column.name == "currency":
            return "a three-letter currency code such as EUR"
        case Type.TEXT:
            return "a text"
        case Type.BOOLEAN:
            return "true or false (also t/f, yes/no, y/n, 1/0)"
        case Type.DATE:
            return f"a date like {day_format}" if day_format else "a date as YYYY-MM-DD"
        case Type.INTEGER:
            return "a whole number such as 12"
        case _:
            return "a plain number such as 1234.56"


def hint(column: Column, source: str) -> str:
    """What to do about cells of a source column that cannot be read as ``column``, which is none of numbers."""
    match column.type:
        case Type.DATE:
            return f'give the format in the mapping, e.g. {column.name}: {{from: {source}, format: "%d.%m.%Y"}}'
        case Type.TEXT if column.values:
            return f"map the source's words, e.g. {column.name}: {{from: {source}, map: {{A: {column.values[0]}}}}}"
        case _:
            return "correct the cells in the source, or map them"
