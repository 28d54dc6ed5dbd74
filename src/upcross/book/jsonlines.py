"""JSON lines: one object a line, nested objects as columns with dots, every cell as the text that stands there."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import pyarrow as pa

from upcross.book.text import SOURCE_ENCODING, Broken, RaggedRow
from upcross.errors import Place, Severity, issue_code

LINE_TOO_LONG = issue_code("line-too-long", Severity.ERROR, "A line of a JSON lines file is longer than 10 MB.")

_MAX_LINE = 10_000_000
_BATCH = 20_000
_DEEP = 20


class _Malformed(ValueError):
    """A line that is not one plain object."""


def read_columns(raw: BinaryIO, shown: str) -> tuple[str, ...]:
    """The names of all keys of all lines, in the order in which they first stand there."""
    names: dict[str, None] = {}
    for _, line in _lines(raw, shown):
        try:
            names.update(dict.fromkeys(_cells(line)))
        except ValueError:
            continue  # set aside when its rows are read
    return tuple(names)


def read_rows(raw: BinaryIO, shown: str, columns: Sequence[str], malformed: list[RaggedRow]) -> Iterator[list[Any]]:
    """Batches of columns of text and the line of each row; lines that are no object go into ``malformed``."""
    rows: list[dict[str, str | None]] = []
    numbers: list[int] = []
    for number, line in _lines(raw, shown):
        try:
            rows.append(_cells(line))
        except ValueError as error:
            malformed.append(RaggedRow(number, 0, 1, f"{error}: {line.strip()[:150]}"))
            continue
        numbers.append(number)
        if len(rows) == _BATCH:
            yield _batch(rows, numbers, columns)
            rows, numbers = [], []
    if rows:
        yield _batch(rows, numbers, columns)


def _batch(rows: list[dict[str, str | None]], numbers: list[int], columns: Sequence[str]) -> list[Any]:
    texts = [pa.array([row.get(name) for row in rows], pa.string()) for name in columns]
    return [*texts, pa.array(numbers, pa.int64())]


def _lines(raw: BinaryIO, shown: str) -> Iterator[tuple[int, str]]:
    number = 0
    while line := raw.readline(_MAX_LINE + 1):
        number += 1
        if len(line) > _MAX_LINE:
            raise Broken(
                LINE_TOO_LONG.at(Place(shown, number), "the line is longer than 10 MB", expected="one object a line",
                                 hint="write JSON lines, not one JSON document: jq -c '.[]' old.json")
            )  # fmt: skip
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise Broken(
                SOURCE_ENCODING.at(Place(shown, number), f"byte {line[error.start]:#04x} is not UTF-8",
                                   expected="UTF-8 text", hint="export the file again as UTF-8")
            ) from error  # fmt: skip
        if text.strip():
            yield number, text


def _cells(line: str) -> dict[str, str | None]:
    try:
        given = json.loads(line, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_object)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _Malformed(getattr(error, "msg", "nested too deep").lower()) from error
    if not isinstance(given, dict):
        raise _Malformed("no object")
    cells: dict[str, str | None] = {}
    _flatten(given, "", cells, 0)
    return cells


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Malformed("a key stands twice")
    return made


def _flatten(given: dict[str, Any], before: str, cells: dict[str, str | None], depth: int) -> None:
    if depth > _DEEP:
        raise _Malformed("nested too deep")
    for key, value in given.items():
        name = f"{before}{key}"
        match value:
            case dict():
                _flatten(value, f"{name}.", cells, depth + 1)
            case bool():
                cells[name] = "true" if value else "false"
            case list():
                cells[name] = json.dumps(value, ensure_ascii=False)
            case _:
                cells[name] = value
