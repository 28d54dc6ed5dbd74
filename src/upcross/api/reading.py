"""Reading what a program sends: one JSON document of at most 1 MB, in which nothing is ambiguous."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from upcross.api.refusal import Refusal, invalid
from upcross.ledger.refusals import Fault

LARGEST = 1_000_000
"""Bytes of one body."""


class StrictParser(Parser):
    """JSON as its standard has it: no name twice, no NaN, no character that a database cannot keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The document of a body."""
        try:
            text = request.body.decode("utf-8")
            found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "malformed", f"the body is no JSON document: {_short(error)}") from None
        _only_characters(found)
        return found


def check_body(request: HttpRequest) -> None:
    """Refuse what is too large before it is read, and what does not say that it is JSON."""
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        raise Refusal(400, "malformed", "the header Content-Length is no number") from None
    if size > LARGEST or len(request.body) > LARGEST:
        raise Refusal(413, "too-large", f"the body is larger than {LARGEST:,} bytes: send less at once")
    if request.content_type != "application/json":
        raise Refusal(415, "not-json", "expected a body of the type application/json, named in the header Content-Type")


def check_query(request: HttpRequest, known: frozenset[str]) -> None:
    """Refuse parameters that nobody reads, those given twice, and characters that a database cannot keep."""
    faults = []
    for name, values in request.GET.lists():
        if name not in known:
            expected = f"expected {', '.join(sorted(known))}" if known else "none is expected here"
            faults.append(Fault(name, f"is no parameter of this route; {expected}"))
        elif len(values) > 1:
            faults.append(Fault(name, "is given more than once; give several values as one, with commas between"))
        elif "\0" in values[0]:
            faults.append(Fault(name, "holds a NUL character; leave it out"))
    if faults:
        raise Refusal(422, "invalid", "; ".join(map(str, faults)), faults=faults)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has the same name twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _only_characters(value: Any, place: str = "body") -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _only_characters(name, place)
            _only_characters(part, f"{place}.{name}" if place != "body" else name)
    elif isinstance(value, list):
        for part in value:
            _only_characters(part, place)
    elif isinstance(value, str):
        if "\0" in value:
            raise invalid(place.replace("\0", ""), "holds a NUL character; leave it out")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise invalid("body", "holds half of a surrogate pair, which is no character")


def _short(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
